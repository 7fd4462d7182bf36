"""Every fact of the published report has its place on a page, with its source."""

import html
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.demo.clusters import load_clusters
from portal.demo.reading import data
from portal.demo.register import LOADER

HERE = Path(__file__).resolve().parent
REPORT = HERE / "report-2023-04-19.yaml"
SHARED = HERE.parent.parent.parent / "shared" / "data" / "beijing-clusters-2023.yaml"
WAN = 10_000


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every single fact with the keys that lead to it; a word that is a key counts as a fact."""
    if isinstance(value, dict):
        for key, part in value.items():
            if "principles" in path:
                yield path, key
            yield from leaves(part, (*path, str(key)))
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, path)
    else:
        yield path, value


def shown(path: tuple[str, ...], value: Any) -> str:
    """A fact as a reader finds it."""
    key = path[-1]
    if key == "amount_usd_per_year":
        return f"{value:,} 美元"
    if key in ("amount", "amount_over"):
        return f"{Decimal(value) / WAN:,.2f}"
    if key == "level":
        return {"city": "市级部门", "district": "区级部门"}[value]
    if key in ("about", "companies_about"):
        return "约"
    return str(value)


def stands(fact: str, page: str) -> bool:
    """Whether a page says it; a number is not a part of a longer one."""
    return re.search(rf"(?<![\d.,]){re.escape(fact)}(?![\d])", page) is not None


def words_of(page: str) -> str:
    """What a page says, without its markup."""
    body = re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", page)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))


def report_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture
def pages(client: FlaskClient, session: Session) -> dict[str, str]:
    """The words of each cluster's page with those of its past projects, by the cluster's name."""
    list(load_clusters(LOADER, data("clusters")))
    found = {}
    for row in data("clusters")["clusters"]:
        text = words_of(client.get(f"/clusters/{row['slug']}").text)
        for past in row.get("past_projects", ()):
            text += words_of(client.get(f"/registry/{past['slug']}").text)
        found[row["name"]] = text
    return found


def missing(report: dict[str, Any], pages: dict[str, str]) -> list[str]:
    """The facts of a report that no page shows where a reader would look for them."""
    absent = []
    for row in report["clusters"]:
        page = pages[row["name"]]
        facts = {key: part for key, part in row.items() if key != "name_en"}
        absent += [str(at) + str(v) for at, v in leaves(facts) if not stands(shown(at, v), page)]
    everywhere = " ".join(pages.values())
    for key in ("issuers", "next_directions", "next_method"):
        facts = leaves(report[key], (key,))
        absent += [str(at) + str(v) for at, v in facts if not stands(shown(at, v), everywhere)]
    years = report["support_years"]
    for row in report["clusters"]:
        if f"{years['min']}–{years['max']} 年" not in pages[row["name"]]:
            absent.append(f"years of {row['name']}")
    return absent


def test_every_fact_of_the_report_is_shown_with_its_source(
    client: FlaskClient, pages: dict[str, str]
) -> None:
    report = report_of(REPORT)
    assert len(list(leaves(report))) > 120
    assert missing(report, pages) == []
    source = report["source"]
    assert source["date"] == date(2023, 4, 19)
    for row in report["clusters"]:
        for fact in (source["title"], source["publisher"], str(source["date"])):
            assert fact in pages[row["name"]]
    registry = words_of(client.get("/registry").text)
    for past in report["clusters"][0]["awarded_projects"]:
        assert past["title"] in registry
        assert past["lead"] in registry
    english = words_of(client.get("/clusters?lang=en").text)
    assert all(row["name_en"] in english for row in report["clusters"])


def test_a_fact_that_is_not_there_is_missed(pages: dict[str, str]) -> None:
    report = report_of(REPORT)
    report["clusters"][0]["platforms"].append(
        {"name": "并不存在的平台", "registered_companies": 4711}
    )
    assert len(missing(report, pages)) == 2


def test_a_cluster_of_the_demonstration_claims_no_source(
    client: FlaskClient, pages: dict[str, str]
) -> None:
    page = pages["氢能重点项目群（演示）"]
    assert "北京科技报" not in page
    assert "演示" in page


def test_the_report_is_the_one_that_was_handed_over() -> None:
    if not SHARED.exists():
        pytest.skip("the report as handed over is not beside this checkout")
    given, kept = report_of(SHARED), report_of(REPORT)
    # As handed over, the title has a comma outside quotes, so that YAML reads it as two entries.
    assert given.pop("source")["publisher"] == kept.pop("source")["publisher"]
    assert given == kept
