"""What a document means, with everything that is wrong in it; nothing here knows a database."""

import re
from dataclasses import dataclass
from datetime import datetime

from portal.challenges.completeness import missing
from portal.challenges.exchange.columns import (
    CALL,
    CHALLENGES,
    CRITERIA,
    INDICATORS,
    PART_MOST,
    PARTS,
    RULES,
    Sheet,
)
from portal.challenges.exchange.content import Entry, Values, facts_of, settings_of
from portal.challenges.exchange.document import (
    Document,
    Place,
    Record,
    Trouble,
    full_code,
)
from portal.challenges.exchange.kinds import Wrong
from portal.challenges.rules import Problem, draft_problems
from portal.challenges.settings import Settings, settings_problems
from portal.challenges.sheet import ChallengeFacts
from portal.core.words import N_

CODE = re.compile(r"[\w〔〕（）()\-.]{1,40}")
"""What a code may be made of: it stands in addresses."""


@dataclass
class ReadChallenge:
    """A challenge as a file has it."""

    record: Record
    code: str
    entry: Entry
    facts: ChallengeFacts


@dataclass
class ReadCall:
    """A call as a file has it, with its challenges."""

    record: Record
    values: dict[str, object]
    settings: Settings
    challenges: list[ReadChallenge]


def understand(document: Document, now: datetime) -> ReadCall | None:
    """What the file means; complains in the document, and is None when there is no call."""
    record = document.call
    if record is None or not record.cells:
        if not document.is_wrong:
            document.complain(Place(CALL), N_("The file says nothing of the call."))
        return None
    values = values_of(document, CALL, record, now)
    settings = settings_of(values, Settings())
    _complain(document, record, CALL, settings_problems(settings))
    read = ReadCall(record, values, settings, [])
    for one in document.challenges:
        read.challenges.append(_challenge(document, read, one, now))
    _codes(document, read)
    return read


def values_of(document: Document, sheet: Sheet, record: Record, now: datetime) -> dict[str, object]:
    """What the cells of a record mean, what is blank as the column says."""
    values: dict[str, object] = {}
    for column in sheet.columns:
        cell = record.cells.get(column.key)
        values[column.key] = column.kind.empty
        if cell is None:
            if column.is_needed and column not in document.absent:
                place = Place(sheet, record.place.row, "", column)
                document.complain(place, N_("Please fill this in."))
            continue
        try:
            values[column.key] = column.kind.read(cell.raw, now)
        except Wrong as wrong:
            document.complain(cell.place, wrong.text, **wrong.parameters)
    return values


def _challenge(document: Document, call: ReadCall, record: Record, now: datetime) -> ReadChallenge:
    before = len(document.troubles)
    values = values_of(document, CHALLENGES, record, now)
    parts = {sheet.key: _part(document, sheet, record, now) for sheet in PARTS}
    entry = Entry(values, parts)
    code = full_code(str(call.values["number"]), str(values["code"]))
    facts = facts_of(Entry(values, {**parts, INDICATORS.key: _compared(parts)}), call.settings)
    _complain_of_rows(document, record, facts)
    chosen = settings_of(next(iter(parts[RULES.key]), {}), call.settings)
    if chosen != call.settings:
        home = next(iter(record.parts.get(RULES.key, ())), record)
        known = settings_problems(call.settings)
        found = [problem for problem in settings_problems(chosen) if problem not in known]
        _complain(document, home, RULES, found)
    if len(document.troubles) == before:
        _warn(document, call, record, missing(facts, chosen, now))
    return ReadChallenge(record, code, entry, facts)


def _compared(parts: dict[str, tuple[Values, ...]]) -> tuple[Values, ...]:
    """The indicators whose comparison could be read; the others are complained of already."""
    return tuple(row for row in parts[INDICATORS.key] if row["operator"] is not None)


def _part(document: Document, sheet: Sheet, record: Record, now: datetime) -> tuple[Values, ...]:
    """The rows of one kind that belong to a challenge."""
    rows = record.parts.get(sheet.key, [])
    if not rows and sheet is CRITERIA:
        rows = document.for_all
    if len(rows) > PART_MOST[sheet.key]:
        text = N_("A challenge has at most %(most)s rows here.")
        place = rows[PART_MOST[sheet.key]].place
        document.complain(place, text, most=PART_MOST[sheet.key])
    return tuple(_row(document, sheet, row, now) for row in rows)


def _row(document: Document, sheet: Sheet, record: Record, now: datetime) -> Values:
    values = values_of(document, sheet, record, now)
    if sheet is RULES:
        return {key: value for key, value in values.items() if value not in (None, ())}
    return values


def _complain_of_rows(document: Document, record: Record, facts: ChallengeFacts) -> None:
    """What contradicts itself among the indicators, at their cells."""
    rows = [row for row in record.parts.get(INDICATORS.key, ()) if "operator" in row.cells]
    if len(rows) != len(facts.indicators):
        return
    for problem in draft_problems(facts.indicators):
        _, number, key = problem.at.split(".")
        _complain(document, rows[int(number)], INDICATORS, [_at(problem, key)])


def _at(problem: Problem, key: str) -> Problem:
    return Problem(key, problem.text, problem.parameters)


def _complain(document: Document, record: Record, sheet: Sheet, problems: list[Problem]) -> None:
    for problem in problems:
        place = _place(record, sheet, problem.at)
        document.complain(place, problem.text, **problem.parameters)


def _warn(document: Document, call: ReadCall, record: Record, problems: list[Problem]) -> None:
    """What is still missing before publishing."""
    for problem in problems:
        home, sheet = _home_of(problem.at, call, record)
        place = _place(home, sheet, problem.at)
        document.troubles.append(Trouble(place, problem.text, problem.parameters, is_warning=True))


def _home_of(key: str, call: ReadCall, record: Record) -> tuple[Record, Sheet]:
    """Where a field of a challenge stands: its row, its own rules, or the call's."""
    own = next(iter(record.parts.get(RULES.key, ())), None)
    if own is not None and key in own.cells:
        return own, RULES
    if key in RULES.by_key and key in call.record.cells:
        return call.record, CALL
    return record, CHALLENGES


def _place(record: Record, sheet: Sheet, key: str) -> Place:
    cell = record.cells.get(key)
    if cell is not None:
        return cell.place
    return Place(sheet, record.place.row, "", sheet.by_key.get(key))


def _codes(document: Document, call: ReadCall) -> None:
    """Each code can stand in an address, and stands in the file once."""
    seen: set[str] = set()
    for one in call.challenges:
        place = _place(one.record, CHALLENGES, "code")
        if one.code and not CODE.fullmatch(one.code):
            text = N_("At most 40 letters, digits, hyphens, dots or brackets, without spaces.")
            document.complain(place, text)
        elif one.code.casefold() in seen:
            document.complain(place, N_("This code is in the file twice."))
        if one.code:
            seen.add(one.code.casefold())
