"""A ranking as files: scores as `jiebang rank` reads them, and a workbook that computes it anew."""

import csv
import io
from typing import Any

from flask_babel import gettext
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from portal.challenges.models import Challenge
from portal.challenges.ranking_rule import TieBreak
from portal.reviews.rankings import snapshot
from portal.reviews.rankings.screens import Shown

COLUMNS = ("bid", "reviewer", "criterion", "score")
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a table program might take for a formula."""
HEAD = 3
"""Rows above the scores: what is read, the published weights, those computed with."""
BOLD = Font(bold=True)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(RISKY) else text


def scores_csv(challenge: Challenge, shown: Shown) -> bytes:
    """Bid, reviewer, criterion, score: one line a score, for `jiebang rank`."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in shown.lines:
        for criterion, points in zip(challenge.criteria, row["points"], strict=True):
            names = (shown.teams[row["bid"]], shown.expert(row["seat"]), criterion.name)
            table.writerow([*map(_safe, names), points])
    return text.getvalue().encode()


def workbook(challenge: Challenge, shown: Shown) -> bytes:
    """Three sheets whose formulas compute the order from points and weights; weights may be changed.

    Every formula is of a kind that table programs have had for twenty years.
    """
    book: Any = Workbook()
    ranks, scores, rule = (book.active, book.create_sheet(), book.create_sheet())
    ranks.title, scores.title, rule.title = (
        gettext("Ranking of the bids"),
        gettext("Scores"),
        gettext("Rule"),
    )
    _rule(rule, challenge, shown)
    last = _scores(scores, challenge, shown, f"'{rule.title}'")
    _ranks(ranks, challenge, shown, f"'{scores.title}'", f"'{rule.title}'", last)
    for sheet in book.worksheets:
        for column in range(1, sheet.max_column + 1):
            sheet.column_dimensions[get_column_letter(column)].width = 28 if column == 1 else 16
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _heads(sheet: Any, row: int, *heads: str) -> None:
    for column, head in enumerate(heads, 1):
        cell = sheet.cell(row, column, _safe(head))
        cell.font = BOLD


def _rule(sheet: Any, challenge: Challenge, shown: Shown) -> None:
    """The rubric with its weights, then the pass mark and when sheets are dropped."""
    _heads(sheet, 1, gettext("Criterion"), gettext("Published weight"), gettext("Weight to try"))
    for number, criterion in enumerate(challenge.criteria, 2):
        sheet.cell(number, 1, _safe(criterion.name))
        sheet.cell(number, 2, criterion.weight)
        sheet.cell(number, 3, f"=B{number}")
    frozen = snapshot.thawed(shown.ranking.rule)
    sheet["E1"], sheet["F1"] = gettext("Pass mark"), float(frozen.pass_mark)
    sheet["E2"] = gettext("Drop highest and lowest from so many sheets (0: never)")
    sheet["F2"] = frozen.trim_from or 0
    sheet["E3"] = gettext("Fingerprint of the inputs")
    sheet["F3"] = shown.ranking.inputs_sha256


def _scores(sheet: Any, challenge: Challenge, shown: Shown, rule: str) -> int:
    """A row for each score sheet, its total computed with the weights to try; the last row."""
    width = len(challenge.criteria)
    names = [criterion.name for criterion in challenge.criteria]
    _heads(sheet, 1, gettext("Team"), gettext("Expert"), *names, gettext("Total"), gettext("Vote"))
    sheet["A2"], sheet["A3"] = gettext("Published weight"), gettext("Weight to try")
    first, end = get_column_letter(3), get_column_letter(2 + width)
    for column in range(3, 3 + width):
        sheet.cell(2, column, f"={rule}!B{column - 1}")
        sheet.cell(3, column, f"={rule}!C{column - 1}")
    for number, row in enumerate(shown.lines, HEAD + 1):
        sheet.cell(number, 1, _safe(shown.teams[row["bid"]]))
        sheet.cell(number, 2, shown.expert(row["seat"]))
        for column, points in enumerate(row["points"], 3):
            sheet.cell(number, column, float(points))
        share = f"{first}{number}:{end}{number}/{first}$2:{end}$2*{first}$3:{end}$3"
        sheet.cell(number, 3 + width, f"=ROUND(SUMPRODUCT({share}),2)")
        if row["vote"] is not None:
            sheet.cell(number, 4 + width, int(row["vote"]))
    sheet.freeze_panes = "C4"
    return HEAD + len(shown.lines)


def _ranks(
    sheet: Any, challenge: Challenge, shown: Shown, scores: str, rule: str, last: int
) -> None:
    """A row for each bid: its score, what tells equals apart, and its place by formulas."""
    frozen = snapshot.thawed(shown.ranking.rule)
    ties = [_tie_head(tie, challenge) for tie in frozen.ties]
    _heads(
        sheet,
        1,
        gettext("Team"),
        gettext("Official place"),
        gettext("Official score"),
        gettext("Sheets"),
        gettext("Score, computed here"),
        *ties,
        gettext("Place, computed here"),
        gettext("Pass mark reached"),
    )
    total = get_column_letter(3 + len(challenge.criteria))
    vote = get_column_letter(4 + len(challenge.criteria))
    end = 1 + len(shown.places)
    for number, place in enumerate(shown.places, 2):
        sheet.cell(number, 1, _safe(shown.team(place)))
        sheet.cell(number, 2, place.place)
        sheet.cell(number, 3, float(place.mean))
        team = f"{scores}!$A${HEAD + 1}:$A${last}"
        sheet.cell(number, 4, f"=COUNTIF({team},$A{number})")
        mean = _mean(scores, last, total, number)
        sheet.cell(number, 5, f"={_trimmed(scores, rule, last, total, number)}")
        for at, tie in enumerate(frozen.ties, 6):
            sheet.cell(number, at, f"={_tie(tie, scores, rule, last, vote, number, mean)}")
        keys = [get_column_letter(5 + at) for at in range(1 + len(ties))]
        sheet.cell(number, 6 + len(ties), f"=1+{_better(keys, number, end)}")
        votes = (
            f"SUMIF({team},$A{number},{scores}!${vote}${HEAD + 1}:${vote}${last})*3>=D{number}*2"
        )
        reached = f"E{number}>={rule}!$F$1"
        passed = f"AND({reached},{votes})" if frozen.vote else reached
        sheet.cell(number, 7 + len(ties), f'=IF({passed},"{gettext("yes")}","{gettext("no")}")')
    sheet.freeze_panes = "B2"


def _tie_head(tie: TieBreak, challenge: Challenge) -> str:
    if tie.criterion is not None and tie.criterion < len(challenge.criteria):
        return str(challenge.criteria[tie.criterion].name)
    return str(gettext(tie.label))


def _mean(scores: str, last: int, column: str, row: int) -> str:
    team, values = _ranges(scores, last, column)
    return f"ROUND(SUMIF({team},$A{row},{values})/$D{row},2)"


def _trimmed(scores: str, rule: str, last: int, column: str, row: int) -> str:
    """The mean of a column over a bid's sheets, without one highest and lowest where there are enough."""
    team, values = _ranges(scores, last, column)
    own = f"({team}=$A{row})"
    top = f"SUMPRODUCT(MAX({own}*{values}))"
    least = f"(1000-SUMPRODUCT(MAX({own}*(1000-{values}))))"
    fewer = f"ROUND((SUMIF({team},$A{row},{values})-{top}-{least})/($D{row}-2),2)"
    enough = f"AND({rule}!$F$2>0,$D{row}>=MAX({rule}!$F$2,3))"
    return f"IF({enough},{fewer},{_mean(scores, last, column, row)})"


def _ranges(scores: str, last: int, column: str) -> tuple[str, str]:
    first = HEAD + 1
    return f"{scores}!$A${first}:$A${last}", f"{scores}!${column}${first}:${column}${last}"


def _tie(tie: TieBreak, scores: str, rule: str, last: int, vote: str, row: int, mean: str) -> str:
    if tie is TieBreak.VOTES:
        team, values = _ranges(scores, last, vote)
        return f"SUMIF({team},$A{row},{values})"
    if tie.criterion is None:
        return mean
    return _trimmed(scores, rule, last, get_column_letter(3 + tie.criterion), row)


def _better(keys: list[str], row: int, end: int) -> str:
    """How many bids are before this one: by the first key, or the next where they are equal."""
    parts, equal = [], ""
    for key in keys:
        column = f"${key}$2:${key}${end}"
        parts.append(f"SUMPRODUCT({equal}({column}>{key}{row})*1)")
        equal += f"({column}={key}{row})*"
    return "+".join(parts)
