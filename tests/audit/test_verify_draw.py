"""`verify draw`: a record that holds, and every way of meddling with one that is found."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal import drawn
from tests.audit.draws import LOTTERY, expert, make_aliases, make_draw_record
from tests.audit.logs import PUBLIC

Record = dict[str, Any]


def verify(folder: Path, record: object, *more: str) -> int:
    (folder / "draw.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "log.pub").write_text(str(PUBLIC), encoding="utf-8")
    files = [str(folder / "draw.json"), "--key", str(folder / "log.pub")]
    return drawn.main([*files, "--lang", "en", *more])


@pytest.mark.parametrize("sources", [None, LOTTERY])
def test_a_draw_as_it_was_made_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sources: list[list[str]] | None
) -> None:
    record = make_draw_record(sources)
    assert verify(tmp_path, record) == 0
    told = capsys.readouterr().out
    first = told.split("first in order: ")[1].split(";")[0].split()
    asked = [turn["entry"]["payload"]["alias"] for turn in record["turns"]]
    assert first == asked[:5]
    assert "10 experts in the pool and 1 excluded" in told
    assert "5 asked, 1 passed over; earlier draws: 1" in told


def other_secret(record: Record) -> None:
    record["secret"] = "11" * 32


def somebody_more(record: Record) -> None:
    record["pool"]["strata"]["finance"].append(["0" * 32, "1" * 32])


def somebody_back(record: Record) -> None:
    record["pool"]["strata"]["technical"].append([expert(99), "1" * 32])


def another_phrase(record: Record) -> None:
    record["sources"][1][2] += "!"


def a_phrase_left_out(record: Record) -> None:
    record["sources"].pop()


def phrases_exchanged(record: Record) -> None:
    record["sources"].reverse()


def another_seed(record: Record) -> None:
    record["seed"] = "22" * 32


def two_places_exchanged(record: Record) -> None:
    order = record["orders"]["technical"]
    order[3], order[4] = order[4], order[3]


def a_stratum_left_out(record: Record) -> None:
    record["orders"].pop("finance")


def an_abandoned_draw_hidden(record: Record) -> None:
    record["before"] = []


def another_number(record: Record) -> None:
    record["number"] = record["pool"]["number"] = 1


def a_turn_hidden(record: Record) -> None:
    record["turns"].pop(1)


def turns_exchanged(record: Record) -> None:
    record["turns"][0], record["turns"][1] = record["turns"][1], record["turns"][0]


def a_turn_made_up(record: Record) -> None:
    record["turns"][-1]["entry"]["payload"]["alias"] = record["orders"]["finance"][1]


def frozen_of_another_challenge(record: Record) -> None:
    record["challenge"] = record["pool"]["challenge"] = "C-2"


def bound_before_frozen(record: Record) -> None:
    record["bound"] = record["frozen"]


def no_checkpoint(record: Record) -> None:
    record["checkpoint"] = record["checkpoint"].replace("—", "-")


MEDDLING = [
    (other_secret, "committed to another secret"),
    (somebody_more, "another pool was frozen"),
    (somebody_back, "another pool was frozen"),
    (another_phrase, "other outside values"),
    (a_phrase_left_out, "other outside values"),
    (phrases_exchanged, "other outside values"),
    (another_seed, "another seed"),
    (two_places_exchanged, "technical: the seed gives another order"),
    (a_stratum_left_out, "another order"),
    (an_abandoned_draw_hidden, "draw 1: how it ended"),
    (another_number, "not one of draw.committed"),
    (a_turn_hidden, "it was the turn of"),
    (turns_exchanged, "it was the turn of"),
    (a_turn_made_up, "not one of draw.turn"),
    (frozen_of_another_challenge, "not one of draw.committed"),
    (bound_before_frozen, "not one of draw.bound"),
    (no_checkpoint, "not a checkpoint"),
]


@pytest.mark.parametrize(("meddle", "told"), MEDDLING, ids=lambda one: getattr(one, "__name__", ""))
def test_whoever_meddles_with_a_draw_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], meddle: Callable[[Record], None], told: str
) -> None:
    record = make_draw_record()
    meddle(record)
    assert verify(tmp_path, record) == 1
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("day", ["2026-03-01", "2026-02-28"])
def test_a_lottery_that_was_known_when_it_was_named_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], day: str
) -> None:
    name, lottery, _, numbers = LOTTERY[0]
    assert verify(tmp_path, make_draw_record([[name, lottery, day, numbers]])) == 1
    assert f"the lottery's numbers of {day} were known" in capsys.readouterr().out


def test_one_phrase_alone_is_no_draw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(tmp_path, make_draw_record([["phrase", "auditor", "一个人说了不算的口令"]])) == 1
    assert "other outside values" in capsys.readouterr().out


def test_an_auditor_proves_who_the_aliases_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record, facts, path = make_draw_record(), make_aliases(), tmp_path / "aliases.json"
    path.write_text(json.dumps(facts), encoding="utf-8")
    assert verify(tmp_path, record, "--aliases", str(path)) == 0
    assert "all 11 aliases" in capsys.readouterr().out
    one, other = facts["experts"][:2]
    one["alias"], other["alias"] = other["alias"], one["alias"]
    path.write_text(json.dumps(facts), encoding="utf-8")
    assert verify(tmp_path, record, "--aliases", str(path)) == 1
    assert "is somebody else" in capsys.readouterr().out


@pytest.mark.parametrize("record", [{}, [], {"form": "jiebang-draw-v1"}, {"form": "other"}])
def test_what_is_no_record_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], record: object
) -> None:
    assert verify(tmp_path, record) == 1
    assert "not the record of a draw" in capsys.readouterr().out
