"""What was scored and said of a bid, without who did."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Row, func, null, select, union_all
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.bids.models import Bid
from portal.challenges.models import Call, Challenge, Criterion
from portal.challenges.rules import ChallengeState
from portal.reviews.panels.rules import TurnState
from portal.reviews.rankings import queries as rankings
from portal.reviews.rankings.models import Ranking
from portal.reviews.results.models import Redaction
from portal.reviews.results.rules import CHECKED_IN, mean, shuffled
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SEATED
from portal.reviews.sheets.models import Score, Sheet
from portal.reviews.sheets.rules import SheetState

Place = tuple[UUID, UUID | None]
"""Where a text stands: the sheet, and the criterion; None is the general comment."""


@dataclass(frozen=True)
class Said:
    """A text of a reviewer, and what an officer made of it if they have checked it as it is now."""

    place: Place
    criterion: str
    original: str
    checked: Redaction | None

    @property
    def key(self) -> str:
        """How a form calls it."""
        return "/".join(str(part or "") for part in self.place)


def counted(session: Session, bid_ids: Sequence[UUID]) -> Sequence[Sheet]:
    """The submitted sheets of the seats that count, with their scores."""
    return session.scalars(
        select(Sheet)
        .join(Sheet.seat)
        .where(
            Sheet.bid_id.in_(bid_ids),
            Sheet.state == SheetState.SUBMITTED,
            Seat.state.in_(list(SEATED)),
        )
        .options(selectinload(Sheet.scores).joinedload(Score.criterion), joinedload(Sheet.seat))
        .order_by(Sheet.bid_id, Sheet.id)
    ).all()


def said_of(session: Session, bid_ids: Sequence[UUID]) -> dict[UUID, list[Said]]:
    """All texts about bids, by bid: criterion by criterion, in an order that tells no reviewer."""
    sheets = counted(session, bid_ids)
    rows = session.scalars(
        select(Redaction).where(Redaction.sheet_id.in_([one.id for one in sheets]))
    )
    known = {(row.sheet_id, row.criterion_id): row for row in rows}
    found: dict[UUID, list[tuple[int, str, Said]]] = defaultdict(list)
    for sheet in sheets:
        for position, said in _texts(sheet, known):
            found[sheet.bid_id].append((position, said.original, said))
    return {bid: [said for *_, said in sorted(rows, key=_order)] for bid, rows in found.items()}


def _order(row: tuple[int, str, Said]) -> tuple[int, str, str]:
    return row[0], row[1], row[2].key


def _texts(sheet: Sheet, known: dict[Place, Redaction]) -> Iterator[tuple[int, Said]]:
    for score in sheet.scores:
        if score.reason.strip():
            place: Place = (sheet.id, score.criterion_id)
            name, checked = score.criterion.name, _standing(known, place, score.reason)
            yield score.criterion.position, Said(place, name, score.reason, checked)
    if sheet.comment.strip():
        place = (sheet.id, None)
        last = max((score.criterion.position for score in sheet.scores), default=0) + 1
        yield last, Said(place, "", sheet.comment, _standing(known, place, sheet.comment))


def _standing(known: dict[Place, Redaction], place: Place, text: str) -> Redaction | None:
    row = known.get(place)
    return row if row is not None and row.original == text else None


def unchecked(session: Session, bodies: Collection[UUID]) -> Sequence[Row[Challenge, int]]:
    """The ranked challenges of these bodies, not over, with texts to be checked, and how many."""
    sheets = select(Sheet.id.label("sheet"), null().label("criterion"), Sheet.comment.label("text"))
    scores = select(Score.sheet_id, Score.criterion_id, Score.reason)
    texts = union_all(sheets, scores).subquery()
    as_it_is = (
        select(Redaction.id)
        .where(
            Redaction.sheet_id == texts.c.sheet,
            Redaction.criterion_id.is_not_distinct_from(texts.c.criterion),
            Redaction.original == texts.c.text,
        )
        .exists()
    )
    return session.execute(
        select(Challenge, func.count())
        .select_from(texts)
        .join(Sheet, Sheet.id == texts.c.sheet)
        .join(Seat, Seat.id == Sheet.seat_id)
        .join(Bid, Bid.id == Sheet.bid_id)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .join(Call, Call.id == Challenge.call_id)
        .where(
            Call.issuer_id.in_(bodies),
            Challenge.state.in_(CHECKED_IN - {ChallengeState.COMPLETED}),
            Sheet.state == SheetState.SUBMITTED,
            Seat.state.in_(list(SEATED)),
            texts.c.text.regexp_match(r"\S"),
            ~as_it_is,
        )
        .group_by(Challenge.id)
        .order_by(Challenge.closes_at, Challenge.id)
        .limit(100)
    ).all()


@dataclass(frozen=True)
class Part:
    """One criterion of a result: the mean of the points, and what the team may read."""

    criterion: Criterion
    mean: Decimal
    remarks: list[str]


@dataclass(frozen=True)
class Heard:
    """What a panel made of a bid: its online score; what the panel's scores weigh, of a hundred; or of
    how many who were entitled how many voted for it (`entitled` is None where there was no ballot)."""

    online: str
    is_heard: bool
    weight: int
    yes: int = 0
    entitled: int | None = None


@dataclass(frozen=True)
class Result:
    """What a team learns: its place and score by the published rule, and both by criterion."""

    place: int
    of: int
    tied: bool
    score: Decimal
    passed: bool
    sheets: int
    parts: list[Part]
    remarks: list[str]
    is_checked: bool
    """Whether every text about the bid has been looked at."""
    panel: Heard | None = None


def result_of(session: Session, bid: Bid) -> Result | None:
    """The result of one bid; None when no ranking holds it."""
    ranking = rankings.latest_ranking(session, bid.challenge_id)
    places = list(ranking.places) if ranking else []
    own = next((one for one in places if one.bid_id == bid.id), None)
    if own is None:
        return None
    sheets = counted(session, [bid.id])
    texts = said_of(session, [bid.id]).get(bid.id, [])
    return Result(
        place=own.place,
        of=len(places),
        tied=own.tied,
        score=own.mean,
        passed=own.passed,
        sheets=len(sheets),
        parts=_parts(bid, sheets, texts),
        remarks=_released(texts, None),
        is_checked=all(said.checked for said in texts),
        panel=_heard(ranking, bid.id) if ranking else None,
    )


def _heard(ranking: Ranking, bid_id: UUID) -> Heard | None:
    """What a panel's ranking says of one bid; None for that of an online review."""
    if "panel" not in ranking.inputs:
        return None
    told = ranking.inputs["panel"].get(str(bid_id), {})
    return Heard(
        online=ranking.inputs["online"]["means"][str(bid_id)],
        is_heard=told.get("state") == TurnState.HEARD,
        weight=ranking.rule["panel"],
        yes=told.get("yes", 0),
        entitled=told.get("entitled"),
    )


def _parts(bid: Bid, sheets: Sequence[Sheet], texts: Sequence[Said]) -> list[Part]:
    points: dict[UUID, list[Decimal]] = defaultdict(list)
    for sheet in sheets:
        for score in sheet.scores:
            points[score.criterion_id].append(score.points or Decimal(0))
    return [
        Part(one, mean(points[one.id]), _released(texts, one.id))
        for one in bid.challenge.criteria
        if points[one.id]
    ]


def _released(texts: Sequence[Said], criterion_id: UUID | None) -> list[str]:
    here = (said.checked for said in texts if said.place[1] == criterion_id)
    return shuffled(remark.words for remark in here if remark is not None and remark.words)
