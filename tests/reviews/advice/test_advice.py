"""The advice beside a ranking: what it corrects, how sure it is, and where it says nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.cli.main import main
from portal.reviews.advice.agreement import alpha
from portal.reviews.advice.model import Sheets, calibrate
from portal.reviews.advice.table import BadScores, RankRule, ranked, read
from tests.bench import rank as bench


def sheets(rows: list[tuple[int, int, float]]) -> Sheets:
    """Of (bid, reviewer, total)."""
    bids, people, totals = zip(*rows, strict=True)
    return Sheets(np.array(bids), np.array(people), np.array(totals, float))


KRIPPENDORFF = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
"""The worked example of Krippendorff (2011): four observers, twelve units; interval alpha 0.849."""


def test_agreement_is_that_of_the_worked_example() -> None:
    rows = [
        (unit, observer, float(value))
        for observer, line in enumerate(KRIPPENDORFF)
        for unit, value in enumerate(line.split())
        if value != "."
    ]
    assert alpha(sheets(rows)) == pytest.approx(0.849, abs=5e-4)


def test_agreement_says_nothing_where_nothing_can_be_compared() -> None:
    assert alpha(sheets([(0, 0, 80), (1, 1, 70)])) is None
    assert alpha(sheets([(0, 0, 80), (0, 1, 80)])) is None
    assert alpha(sheets([(0, 0, 80), (0, 1, 80), (1, 0, 60), (1, 1, 60)])) == 1


def test_corrected_scores_come_nearer_to_the_truth_where_reviewers_are_lenient_or_harsh() -> None:
    draws = np.random.default_rng(5)
    found = np.array([bench.taus(bench.simulated(draws, 10.0, 0.0)) for _ in range(8)]).mean(axis=0)
    assert found[2] - found[0] > 0.6 * (found[1] - found[0])
    found = np.array([bench.taus(bench.simulated(draws, 10.0, 0.1)) for _ in range(8)]).mean(axis=0)
    assert found[2] > found[1] > found[0]
    found = np.array([bench.taus(bench.simulated(draws, 0.0, 0.0)) for _ in range(8)]).mean(axis=0)
    assert found[2] > found[0] - 0.01


def test_what_it_says_of_leniency_and_of_erratic_reviewers_is_true() -> None:
    truth = bench.simulated(np.random.default_rng(2), 10.0, 0.0)
    found = calibrate(truth.sheets)
    off = found.leniency - (truth.leniency - truth.leniency.mean())
    assert np.abs(off / found.leniency_error).mean() < 1.3
    assert found.erratic.max() < 0.5
    totals = truth.sheets.totals.copy()
    wild = truth.sheets.reviewers == 7
    totals[wild] = np.where(np.arange(wild.sum()) % 2, 20.0, 98.0)
    found = calibrate(Sheets(truth.sheets.bids, truth.sheets.reviewers, totals))
    assert found.erratic[7] > 0.95
    assert np.delete(found.erratic, 7).max() < 0.5


def test_its_errors_cover_the_truth_about_as_often_as_they_say() -> None:
    draws, inside = np.random.default_rng(11), []
    for _ in range(15):
        truth = bench.simulated(draws, 10.0, 0.0)
        found = calibrate(truth.sheets)
        off = found.quality - (truth.quality - truth.quality.mean())
        inside.append(np.mean(np.abs(off) < 1.645 * found.quality_error))
    assert 0.84 < np.mean(inside) < 0.96


def test_one_sheet_that_stands_out_is_named() -> None:
    truth = bench.simulated(np.random.default_rng(3), 5.0, 0.0)
    totals = truth.sheets.totals.copy()
    totals[17] -= 60
    found = calibrate(Sheets(truth.sheets.bids, truth.sheets.reviewers, totals))
    assert np.argmax(np.abs(found.surprise)) == 17


def test_chances_to_be_among_the_first_add_up_and_places_hold_them() -> None:
    truth = bench.simulated(np.random.default_rng(4), 5.0, 0.0)
    found = calibrate(truth.sheets)
    chances = found.among_first(3)
    assert chances.sum() == pytest.approx(3)
    best = int(np.argmax(found.scores))
    assert chances[best] == chances.max()
    low, high = found.places()[best]
    assert 1 <= low <= high <= bench.BIDS
    assert (found.among_first(3) == chances).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 100)), min_size=2))
def test_any_sheets_give_finite_numbers(rows: list[tuple[int, int, int]]) -> None:
    bids = {bid: at for at, bid in enumerate(dict.fromkeys(row[0] for row in rows))}
    people = {who: at for at, who in enumerate(dict.fromkeys(row[1] for row in rows))}
    some = sheets([(bids[bid], people[who], total) for bid, who, total in rows])
    if min(some.shape) < 2:
        with pytest.raises(ValueError, match="two"):
            calibrate(some)
        return
    found = calibrate(some)
    for values in (
        found.scores,
        found.quality_error,
        found.leniency,
        found.surprise,
        found.erratic,
    ):
        assert np.isfinite(values).all()


TABLE = """bid,reviewer,criterion,score
甲,R1,指标,40
甲,R1,团队,45
甲,R2,指标,42
甲,R2,团队,48
乙,R1,指标,30
乙,R1,团队,45
乙,R2,指标,35
乙,R2,团队,44
"""


def test_the_command_ranks_by_the_rule_with_the_advice_beside_it(tmp_path: Path) -> None:
    source = tmp_path / "scores.csv"
    source.write_text(TABLE, "utf-8-sig")
    done = CliRunner().invoke(main, ["rank", str(source), "--rule", "mean", "--json"])
    assert done.exit_code == 0, done.output
    first, second = json.loads(done.stdout)["bids"]
    assert (first["bid"], first["place"], first["score"]) == ("甲", 1, 87.5)
    assert (second["bid"], second["place"], second["score"]) == ("乙", 2, 77.0)
    assert first["among_first"] > 0.5 > second["among_first"]
    assert first["standard_error"] > 0
    done = CliRunner().invoke(main, ["rank", str(source), "--rule", "calibrated", "--lang", "en"])
    assert "Corrected" in done.stdout
    assert "甲" in done.stdout


WRONG = [
    ("bid,reviewer,score\n", "criterion"),
    ("bid,reviewer,criterion,score\n", "no scores"),
    (TABLE + "乙,R2,团队,44\n", "line 10.*twice"),
    (TABLE + "丙,R2,团队,好\n", "line 10.*好"),
    (TABLE + "丙,R2,团队,nan\n", "line 10.*nan"),
    (TABLE + "丙,R2,团队,44\n", "指标"),
    (TABLE + ",R2,团队,44\n", "line 10"),
]


@pytest.mark.parametrize(("text", "why"), WRONG)
def test_a_table_that_is_wrong_is_refused_with_the_line(text: str, why: str) -> None:
    with pytest.raises(BadScores, match=why):
        read(text.splitlines())


def test_the_trimmed_rule_leaves_out_one_highest_and_one_lowest_of_five() -> None:
    lines = ["bid,reviewer,criterion,score"]
    lines += [f"甲,R{at},总分,{score}" for at, score in enumerate((88, 92, 75, 90, 61))]
    found = ranked(read(lines), RankRule.TRIMMED, 1)
    assert str(found.bids[0].score) == "84.33"
    assert found.bids[0].calibrated is None
