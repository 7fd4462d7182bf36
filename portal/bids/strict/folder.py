"""A bid as a folder on the bidder's own machine: `bid.yaml` and the files that it names.

docs/verification.md has the form of `bid.yaml`. Money is in 万元, as on the pages.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import yaml

from portal.bids.strict.key_files import FORM
from portal.bids.terms import (
    TEXTS,
    Attachment,
    AttachmentKind,
    Avoid,
    BidTerms,
    BudgetCategory,
    BudgetItem,
    Level,
    Member,
    MemberRole,
    PlannedMilestone,
    Promise,
    Risk,
)
from portal.core.db import Json
from portal.core.errors import Invalid
from portal.core.files import CHUNK, display_name
from portal.core.kinds import PAPERS, PDF_ONLY, media_type, require_end
from portal.core.money import FundSource, yuan
from portal.core.sealing.manifest import FileFacts, Manifest, new_nonce

T = TypeVar("T")
NAME = "bid.yaml"
TABLES = ("promises", "milestones", "budget", "members", "risks", "avoid", "attachments")
KNOWN = frozenset({*TEXTS, *TABLES, "document"})


class FolderError(Exception):
    """Something in the folder, or in the key file, that cannot be sealed; the text says what."""


@dataclass(frozen=True)
class Folder:
    """A bid that is ready to be sealed: its manifest, and where each of its files lies."""

    manifest: Manifest
    paths: Mapping[FileFacts, Path]

    def contents(self, file: FileFacts) -> Iterator[bytes]:
        """The bytes of a file."""
        with self.paths[file].open("rb") as source:
            yield from iter(lambda: source.read(CHUNK), b"")


def read(folder: Path, key: Json) -> Folder:
    """The bid of a folder, for the bid and version that the key file names. Raises FolderError."""
    if key.get("form") != FORM:
        raise FolderError("The key file is none of this portal.")
    said = _read_yaml(folder / NAME)
    unknown = sorted(set(said) - KNOWN)
    if unknown:
        raise FolderError(f"{NAME}: unknown: {', '.join(unknown)}")
    document = _file(folder, str(said.get("document", "")), PDF_ONLY, "document")
    attached = [
        (_file(folder, str(row.get("file", "")), PAPERS, f"attachments.{place}"), row)
        for place, row in enumerate(_rows(said, "attachments"), start=1)
    ]
    terms = _terms(said, key, attached)
    fields = {
        "challenge_id": key["challenge"],
        "lead": key["lead"],
        "partners": key["partners"],
        "terms": terms.to_json(),
        "document": {
            "file_id": str(uuid4()),
            "sha256": document[0].sha256,
            "size": document[0].size,
            "name": document[0].name,
        },
    }
    files = [document, *(found for found, _ in attached)]
    named = tuple(facts for facts, _ in files)
    manifest = Manifest(key["challenge"], key["bid"], key["version"], new_nonce(), fields, named)
    return Folder(manifest, dict(files))


def _read_yaml(path: Path) -> Json:
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError:
        raise FolderError(f"There is no {path}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FolderError(f"{path} cannot be read: {error}") from None
    if not isinstance(said, dict):
        raise FolderError(f"{path} is no list of names and values.")
    return said


def _rows(said: Json, table: str) -> list[Json]:
    rows = said.get(table) or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FolderError(f"{NAME}: {table} has to be a list of rows.")
    return rows


def _file(folder: Path, name: str, accepted: frozenset[str], where: str) -> tuple[FileFacts, Path]:
    """What a file is. Raises FolderError for one that the portal would not take."""
    path = folder / name
    if not name or not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise FolderError(f"{NAME}: {where}: there is no file “{name}” in the folder.")
    whole = sha256()
    try:
        with path.open("rb") as source:
            kind = media_type(source, accepted, where)
            require_end(source, path.stat().st_size, kind, where)
            for piece in iter(lambda: source.read(CHUNK), b""):
                whole.update(piece)
    except Invalid as error:
        raise FolderError(f"{NAME}: {where}: {error}") from None
    return FileFacts(display_name(path.name), kind, path.stat().st_size, whole.hexdigest()), path


def _terms(
    said: Json, key: Json, attached: Sequence[tuple[tuple[FileFacts, Path], Json]]
) -> BidTerms:
    ids = {number: UUID(row["id"]) for number, row in enumerate(key["indicators"], start=1)}

    def indicator(number: object) -> UUID:
        if number not in ids:
            raise FolderError(f"{NAME}: there is no indicator {number}.")
        return ids[number]

    texts = {name: str(said.get(name) or "").strip() for name in TEXTS}
    files = [_attachment(facts, row) for (facts, _), row in attached]
    return BidTerms(
        **texts,
        promises=_table(said, "promises", lambda row: _promise(indicator, row)),
        milestones=_table(said, "milestones", lambda row: _milestone(indicator, row)),
        items=_table(said, "budget", _item),
        members=_table(said, "members", lambda row: _member(row, key["lead"]["name"])),
        risks=_table(said, "risks", _risk),
        avoid=_table(said, "avoid", _avoid),
        attachments=tuple(files),
    )


def _table(said: Json, table: str, made: Callable[[Json], T]) -> tuple[T, ...]:
    found = []
    for number, row in enumerate(_rows(said, table), start=1):
        try:
            found.append(made(row))
        except KeyError as error:
            raise FolderError(f"{NAME}: {table}, row {number}: {error} is missing.") from None
        except (ValueError, TypeError, InvalidOperation) as error:
            raise FolderError(f"{NAME}: {table}, row {number}: {error}") from None
    return tuple(found)


def _text(row: Json, name: str) -> str:
    return str(row.get(name) or "").strip()


def _promise(indicator: Callable[[object], UUID], row: Json) -> Promise:
    value = None if row.get("value") is None else Decimal(str(row["value"]))
    said = (_text(row, name) for name in ("how", "baseline", "proof"))
    return Promise(indicator(row["indicator"]), value, *said)


def _milestone(indicator: Callable[[object], UUID], row: Json) -> PlannedMilestone:
    shown = tuple(indicator(number) for number in row.get("indicators") or [])
    words = _text(row, "title"), _text(row, "deliverable")
    return PlannedMilestone(int(row["month"]), *words, int(row["share"]), shown)


def _item(row: Json) -> BudgetItem:
    kinds = BudgetCategory(row["category"]), FundSource(row["source"])
    return BudgetItem(int(row["year"]), *kinds, yuan(Decimal(str(row["amount"]))))


def _member(row: Json, lead: str) -> Member:
    return Member(
        name=_text(row, "name"),
        organisation=_text(row, "organisation") or lead,
        duty=_text(row, "duty"),
        share=int(row["share"]),
        role=MemberRole(row.get("role", MemberRole.MEMBER)),
        birth_year=int(row["birth_year"]),
    )


def _risk(row: Json) -> Risk:
    levels = Level(row["likelihood"]), Level(row["effect"])
    return Risk(_text(row, "risk"), *levels, _text(row, "answer"))


def _avoid(row: Json) -> Avoid:
    return Avoid(*(_text(row, name) for name in ("name", "organisation", "reason")))


def _attachment(facts: FileFacts, row: Json) -> Attachment:
    try:
        kind = AttachmentKind(row.get("kind", AttachmentKind.OTHER))
    except ValueError as error:
        raise FolderError(f"{NAME}: attachments: {error}") from None
    told = facts.name, facts.sha256, facts.size, facts.media_type
    return Attachment(kind, _text(row, "title") or facts.name, uuid4(), *told)
