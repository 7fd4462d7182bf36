"""`jiebang assign`: who reads which bid, from a file to a file; needs no portal and no database."""

import json
import sys
from typing import Any, Literal, TextIO

import click

from portal.cli.speaking import LANGUAGE, speaker
from portal.core.words import N_, Message
from portal.reviews.assignment.fair import fair_assignment
from portal.reviews.assignment.instance import BadInstance, from_json
from portal.reviews.assignment.optimum import Infeasible, best_assignment


@click.command()
@click.argument("instance", type=click.File("r", encoding="utf-8"))
@click.option(
    "-o",
    "--output",
    default="-",
    type=click.File("w", encoding="utf-8", lazy=True),
    help="Where the result goes; standard output by default.",
)
@click.option("--fair", is_flag=True, help="Serve the worst-served bid best, then the total.")
@LANGUAGE
def assign(instance: TextIO, output: TextIO, fair: bool, lang: Literal["zh", "en"]) -> None:
    """Assign reviewers to bids: INSTANCE is JSON (- for standard input).

    Exit codes: 0 done, 1 the file is no instance, 2 not every bid can be served (they are named).
    """
    say = speaker(lang)
    try:
        given = from_json(json.load(instance))
        found = fair_assignment(given) if fair else best_assignment(given)
    except (BadInstance, json.JSONDecodeError, UnicodeDecodeError) as wrong:
        why = say(wrong.message) if isinstance(wrong, BadInstance) else wrong
        click.echo(say(Message(N_("This is no instance: %(why)s"), {"why": why})), err=True)
        sys.exit(1)
    except Infeasible as short:
        json.dump({"lacking": short.lacking, "full": short.full}, output, ensure_ascii=False)
        for line in told(short.lacking, short.full):
            click.echo(say(line), err=True)
        sys.exit(2)
    json.dump(found.to_json(), output, ensure_ascii=False)
    output.write("\n")
    click.echo(say(_summary(found.to_json())), err=True)


def told(lacking: dict[str, int], full: list[str]) -> list[Message]:
    """Which bids lack whom, and what would help."""
    lines = [Message(N_("These bids cannot have all the reviewers they need:"))]
    lines += [
        Message(N_("  %(bid)s: %(count)s too few"), {"bid": bid, "count": count})
        for bid, count in lacking.items()
    ]
    if full:
        names = ", ".join(full[:20]) + (" …" if len(full) > 20 else "")
        help_ = N_("It would help if one of these took more bids: %(names)s")
        return [*lines, Message(help_, {"names": names})]
    help_ = N_("Nobody's load stands in the way: conflicts, organisations or strata do.")
    return [*lines, Message(help_)]


def _summary(found: dict[str, Any]) -> Message:
    text = N_(
        "Total fit %(total_fit)s of at most %(optimal_bound)s; the worst-served bid has"
        " %(min_bid_fit)s; %(seconds)s s."
    )
    return Message(text, found)
