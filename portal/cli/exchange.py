"""`jiebang import call` and `jiebang export call`: a call in and out as a file.

Exit codes: 0 done, 1 something is wrong with the file (listed), 2 the command itself is wrong.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, BinaryIO, cast

import click
from flask_babel import force_locale, gettext

from portal.accounts.queries import actor_by_email
from portal.challenges import queries as challenges
from portal.challenges.exchange import queries, service, workbook_out, yaml_out
from portal.challenges.exchange.columns import Language
from portal.challenges.exchange.reading import read
from portal.challenges.exchange.report import Report
from portal.challenges.exchange.screens import Told, told
from portal.cli.context import opened
from portal.cli.main import with_servers
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import NotAllowed
from portal.core.web import translated
from portal.core.words import N_

LANGUAGES = click.Choice(["zh", "en"])
SUFFIXES = {".xlsx": "xlsx", ".yaml": "yaml", ".yml": "yaml"}


@click.group("import")
def import_group() -> None:
    """Bring files in."""


@click.group("export")
def export_group() -> None:
    """Write files out."""


@import_group.command("call")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--officer",
    required=True,
    envvar="JIEBANG_OFFICER",
    help="E-mail address of the officer whose drafts they will be.",
)
@click.option(
    "--check", is_flag=True, help="Say what is wrong and what would be done; write nothing."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--lang", default="zh", type=LANGUAGES, show_default=True)
def import_call(file: str, officer: str, check: bool, as_json: bool, lang: Language) -> None:
    """Import a call with its challenges from FILE (.xlsx or YAML; - for standard input).

    All of it or nothing: with one thing wrong, nothing is imported and every problem is listed by
    sheet, row and column. Exit codes: 0 done, 1 problems, 2 wrong use.
    """
    with click.open_file(file, "rb") as source:
        data = cast(BinaryIO, source).read()
    with opened(with_servers()), force_locale(lang):
        actor = actor_by_email(db.session, officer)
        if actor is None:
            raise click.UsageError(f"Nobody has the address {officer}.")
        report = _imported(actor, data, check)
        click.echo(_json(report, lang) if as_json else _words(report, lang, check))
    sys.exit(1 if report.problems else 0)


def _imported(actor: Actor, data: bytes, check: bool) -> Report:
    try:
        now = clock.now(db.session)
        digest = hashlib.sha256(data).hexdigest()
        return service.import_call(actor, read(data), now, check, digest)
    except NotAllowed as error:
        raise click.UsageError(translated(error.message)) from None


def _json(report: Report, language: Language) -> str:
    facts = {
        "number": report.number,
        "title": report.title,
        "is_new_call": report.is_new_call,
        "is_written": report.is_written,
        "challenges": [
            {"fate": one.fate.value, "code": one.code, "title": one.title}
            for one in report.outcomes
        ],
        "problems": [one._asdict() for one in told(report.problems, language)],
        "warnings": [one._asdict() for one in told(report.warnings, language)],
    }
    return json.dumps(facts, ensure_ascii=False, indent=2)


def _words(report: Report, language: Language, check: bool) -> str:
    problems = [_line(one) for one in told(report.problems, language)]
    warnings = [_line(one) for one in told(report.warnings, language)]
    lines = [*problems, *(f"({text})" for text in warnings)]
    if not problems:
        lines += [
            f"{one.code or '—'} {one.title}: {gettext(one.fate.label)}" for one in report.outcomes
        ]
    if problems:
        lines.append(gettext("Nothing was imported. Correct the file and check it again."))
    elif check:
        lines.append(gettext("Nothing is wrong; nothing was written."))
    else:
        lines.append(gettext("Imported: %(made)s new, %(changed)s changed.") % report.counts)
    return "\n".join(lines)


def _line(one: Told) -> str:
    """A line of the report: where, and what."""
    where = " · ".join(part for part in (one.sheet, one.row, one.column) if part)
    return f"{where}: {one.text}" if where else one.text


@export_group.command("call")
@click.argument("number")
@click.option(
    "-o", "--output", required=True, help="The file to write: .xlsx or .yaml; - for YAML."
)
@click.option("--lang", default="zh", type=LANGUAGES, show_default=True)
def export_call(number: str, output: str, lang: Language) -> None:
    """Write the call NUMBER with its challenges to a file that can be imported again.

    Exit codes: 0 done, 1 there is no such call, 2 wrong use.
    """
    kind = "yaml" if output == "-" else SUFFIXES.get(Path(output).suffix.lower())
    if kind is None:
        raise click.UsageError(N_("The file's name ends in .xlsx, .yaml or .yml."))
    with opened(with_servers()), force_locale(lang):
        call = challenges.call_numbered(db.session, number)
        if call is None:
            raise click.ClickException(f"There is no call {number}.")
        content = queries.stored(db.session, call)
        clusters = queries.cluster_names(db.session, lang)
        made = (
            yaml_out.write(content)
            if kind == "yaml"
            else workbook_out.write(content, lang, clusters)
        )
    with click.open_file(output, "wb") as target:
        cast(Any, target).write(made)
