"""`jiebang rank`: from a table of scores to an order, and how certain it is; needs no portal."""

import json
import sys
from dataclasses import asdict
from typing import Literal, TextIO

import click
from rich.console import Console
from rich.table import Table

from portal.cli.speaking import LANGUAGE, Say, speaker
from portal.core.words import N_, Message
from portal.reviews.advice.table import BadScores, RankRule, Report, ranked, read

RULES = click.Choice([rule.value for rule in RankRule])


@click.command("rank")
@click.argument("scores", type=click.File("r", encoding="utf-8-sig"))
@click.option("--rule", default="trimmed", type=RULES, show_default=True, help="What decides.")
@click.option("--first", default=1, type=click.IntRange(1), show_default=True, help="How many win.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@LANGUAGE
def rank_command(
    scores: TextIO, rule: str, first: int, as_json: bool, lang: Literal["zh", "en"]
) -> None:
    """Rank bids: SCORES is a CSV with the columns bid,reviewer,criterion,score (- for standard input).

    Beside the rule's score stand, as advice, the score corrected for lenient and harsh reviewers,
    its standard error, and how often the bid would be among the first. Exit codes: 0 done,
    1 the table is wrong.
    """
    say = speaker(lang)
    try:
        report = ranked(read(scores), RankRule(rule), first)
    except (BadScores, UnicodeDecodeError) as wrong:
        why = say(wrong.message) if isinstance(wrong, BadScores) else wrong
        click.echo(say(Message(N_("These scores cannot be read: %(why)s"), {"why": why})), err=True)
        sys.exit(1)
    if as_json:
        said = asdict(report)
        said["bids"] = [one | {"score": float(one["score"])} for one in said["bids"]]
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        Console().print(_table(report, say))


def _table(report: Report, say: Say) -> Table:
    table = Table()
    texts = (
        N_("Place"),
        N_("Bid"),
        N_("Score"),
        N_("Corrected"),
        N_("Standard error"),
        N_("Among the first"),
    )
    for text in texts:
        table.add_column(say(Message(text)), justify="right")
    for one in report.bids:
        advice = (one.calibrated, one.standard_error)
        table.add_row(
            f"{one.place}{'=' if one.tied else ''}",
            one.bid,
            f"{one.score}",
            *("–" if value is None else f"{value:.2f}" for value in advice),
            "–" if one.among_first is None else f"{one.among_first:.0%}",
        )
    return table
