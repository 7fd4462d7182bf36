"""`jiebang assign`: the contract of its files and exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from portal.cli.main import main
from portal.reviews.assignment.instance import BadInstance, from_json

SMALL: dict[str, Any] = {
    "reviewers": [
        {"id": "赵", "max_load": 2},
        {"id": "钱", "max_load": 1},
        {"id": "孙", "max_load": 1},
    ],
    "bids": [{"id": "XR-01", "reviews": 2}, {"id": "XR-02", "reviews": 1}],
    "fit": {"rows": [0, 0, 1, 1], "cols": [0, 1, 0, 1], "values": [0.9, 0.8, 0.7, 0.6]},
    "conflicts": [],
}


def run(tmp_path: Path, instance: Any, *options: str) -> tuple[Result, Path]:
    """The command on this instance, and the file it wrote."""
    source, target = tmp_path / "instance.json", tmp_path / "result.json"
    source.write_text(json.dumps(instance, ensure_ascii=False), "utf-8")
    return CliRunner().invoke(main, ["assign", str(source), "-o", str(target), *options]), target


@pytest.mark.parametrize("options", [(), ("--fair",)])
def test_the_result_is_the_best_and_says_so(tmp_path: Path, options: tuple[str, ...]) -> None:
    done, target = run(tmp_path, SMALL, *options)
    assert done.exit_code == 0, done.output
    result = json.loads(target.read_text("utf-8"))
    assert {bid: set(who) for bid, who in result["assignment"].items()} == {
        "XR-01": {"赵", "钱"},
        "XR-02": {"赵"},
    }
    assert result["total_fit"] == pytest.approx(2.4)
    assert result["min_bid_fit"] == pytest.approx(0.7)
    assert result["optimal_bound"] == pytest.approx(2.4, abs=1e-4)
    assert result["seconds"] > 0


def test_it_reads_from_and_writes_to_standard_streams() -> None:
    done = CliRunner().invoke(main, ["assign", "-"], input=json.dumps(SMALL))
    assert json.loads(done.stdout)["assignment"]["XR-02"] == ["赵"]


def test_conflicts_are_named_by_id_or_by_place(tmp_path: Path) -> None:
    for clash in (["XR-02", "赵"], [1, 0]):
        _, target = run(tmp_path, SMALL | {"conflicts": [clash]})
        assert "赵" not in json.loads(target.read_text("utf-8"))["assignment"]["XR-02"]


def test_bids_that_cannot_be_served_are_named_with_what_would_help(tmp_path: Path) -> None:
    short = SMALL | {"bids": [{"id": "XR-01", "reviews": 3}, {"id": "XR-02", "reviews": 2}]}
    done, target = run(tmp_path, short, "--lang", "en")
    assert done.exit_code == 2
    assert sum(json.loads(target.read_text("utf-8"))["lacking"].values()) == 1
    assert "XR-0" in done.stderr
    assert "1 too few" in done.stderr
    assert "钱" in done.stderr
    done, _ = run(tmp_path, SMALL | {"conflicts": [["XR-02", name] for name in "赵钱孙"]})
    assert done.exit_code == 2
    assert "XR-02" in done.stderr
    assert "回避" in done.stderr


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"fit": {"rows": [0], "cols": [9], "values": [0.5]}}, "no reviewer"),
    ({"fit": {"rows": [0], "cols": [0], "values": [1.5]}}, "outside"),
    ({"fit": {"rows": [0, 0], "cols": [1, 1], "values": [0.5, 0.5]}}, "twice"),
    ({"fit": {"rows": [0], "cols": [0], "values": []}}, "length"),
    ({"fit": {"rows": [0.5], "cols": [0], "values": [0.5]}}, "whole"),
    ({"reviewers": [{"id": name, "max_load": -1} for name in "赵钱孙"]}, "max_load"),
    ({"bids": [{"id": "XR-01"}, {"id": "XR-02"}]}, "reviews"),
    ({"bids": [{"id": "XR-01", "reviews": 1}] * 2}, "twice"),
    ({"conflicts": [["XR-09", "赵"]]}, "XR-09"),
    ({"fixed": [["XR-01", "李"]]}, "李"),
]


@pytest.mark.parametrize(("change", "why"), WRONG)
def test_what_is_no_instance_is_refused_with_the_place(change: dict[str, Any], why: str) -> None:
    with pytest.raises(BadInstance, match=why):
        from_json(SMALL | change)


def test_a_file_that_is_no_instance_is_said(tmp_path: Path) -> None:
    done, _ = run(tmp_path, {"bids": []}, "--lang", "en")
    assert done.exit_code == 1
    assert "reviewers" in done.stderr


def test_fixed_pairs_stand_and_the_rest_is_best_around_them(tmp_path: Path) -> None:
    _, target = run(tmp_path, SMALL | {"fixed": [["XR-02", "钱"]]})
    result = json.loads(target.read_text("utf-8"))
    assert result["assignment"]["XR-02"] == ["钱"]
    assert set(result["assignment"]["XR-01"]) == {"赵", "孙"}
    assert result["total_fit"] == pytest.approx(1.5)
