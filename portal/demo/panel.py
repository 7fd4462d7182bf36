"""The demonstration's experts: a round that has begun, with some of its sheets handed in."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.audit import checkpoints
from portal.audit.rules import Occasion
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor
from portal.core.db import db
from portal.core.web import signer
from portal.demo.challenges import moment, person, titled
from portal.demo.teams import Row, bid_of
from portal.reviews.conflicts import queries as conflict_queries
from portal.reviews.conflicts import wishes
from portal.reviews.draws import giving, rules
from portal.reviews.draws.freezing import Plan, freeze
from portal.reviews.draws.models import Draw
from portal.reviews.draws.rules import SourceKind
from portal.reviews.pool import queries as pool_queries
from portal.reviews.rounds import answers
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.models import Seat
from portal.reviews.sheets import service as sheet_service
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.service import Points

TRIES = 2000
"""More than enough for two experts of nineteen."""


def start_review(row: Row, email: str) -> None:
    """Start the round, fill its seats, and have some experts score, unless it has begun."""
    challenge = titled(row["challenge"])
    if challenge.state is not ChallengeState.OPENED:
        return
    started, accepted = (moment(challenge, row[name]) for name in ("started", "accepted"))
    for wish in conflict_queries.wishes(db.session, challenge.id):
        wishes.decide(person(email), challenge.id, wish.row.id, True, row["granted"], started)
    draw_reviewers(challenge, row, person(email), started)
    made = round_service.start_round(person(email), challenge.id, started)
    round_service.invite(made.id, started)
    for seat in _seats(made.id):
        answers.accept(expert(seat), seat.id, accepted)
    round_service.begin_scoring(made.id, accepted)
    points = {_bid_id(lead, challenge): rows for lead, rows in row["points"].items()}
    for number, seat in enumerate(_seats(made.id)):
        for sheet in list(seat.sheets):
            if number < len(points[sheet.bid_id]):
                words = [_turn(said, number) for said in row["reasons"]]
                given = _given(sheet, points[sheet.bid_id][number], words)
                now, comment = moment(challenge, row["submitted"]), _turn(row["comments"], number)
                sheet_service.submit_sheet(
                    expert(seat), sheet.id, given, comment, now, in_favour=row.get("in_favour")
                )


def draw_reviewers(challenge: Challenge, row: Row, officer: Actor, now: datetime) -> None:
    """Draw with the phrases of those who are present in the demonstration's data."""
    present = [person(one["email"]) for one in row["present"]]
    plan = Plan(SourceKind.PHRASES, [one.user_id for one in present])
    draw = freeze(officer, challenge.id, plan, now)
    said = phrases(draw, [str(one["phrase"]) for one in row["present"]], row.get("drawn", []))
    checkpoints.make(signer(), Occasion.DRAW, now)
    for one, phrase in zip(present, said, strict=True):
        giving.bind(one, challenge.id, phrase, "", now)
    checkpoints.make(signer(), Occasion.DRAW, now)
    for one, phrase in zip(present, said, strict=True):
        giving.show(one, challenge.id, phrase, now)


def phrases(draw: Draw, said: list[str], wanted: list[str]) -> list[str]:
    """What those who are present say: the last one goes on until the experts are drawn whose addresses
    are `wanted`, so that a visitor finds work. Only who knows the portal's secret could do that."""
    salt, pool, last = bytes.fromhex(draw.salt), draw.pool or {}, said[-1]
    known = {one.person.email: one.id for one in pool_queries.active_pool(db.session)}
    aliases = {rules.alias(salt, known[email]) for email in wanted}
    strata = {name: [row[0] for row in rows] for name, rows in pool["strata"].items()}
    facts = (draw.challenge_id, draw.number, draw.pool_hash or "", bytes.fromhex(draw.secret))
    for number in range(2, TRIES):
        told = zip(draw.parties, said, strict=True)
        sources = [[*draw.named, one.standing.value, phrase] for one, phrase in told]
        orders = rules.orders_of(rules.seed_of(*facts, sources), strata)
        seated = {one for _, one in rules.first_seats(orders, draw.homes, draw.mix)}
        if aliases <= seated:
            break
        said = [*said[:-1], f"{last}，其{number}"]
    return said


def _seats(round_id: UUID) -> list[Seat]:
    db.session.expire_all()
    return list(round_queries.lock(db.session, round_id).seats)


def expert(seat: Seat) -> Actor:
    """The reviewer of a seat, as policies see them."""
    return accounts.actor_of(db.session.get_one(Person, seat.reviewer.person_id))


def _bid_id(lead: str, challenge: Challenge) -> UUID | None:
    bid = bid_of({"lead": lead}, challenge)
    return bid.id if bid else None


def _turn(words: list[str], number: int) -> str:
    """What the reviewer with this number says, where several things are said in turn."""
    return words[number % len(words)]


def _given(sheet: Sheet, points: list[int], reasons: list[str]) -> dict[UUID, Points]:
    rubric = zip(sheet.seat.round.challenge.criteria, points, strict=True)
    return {
        criterion.id: Points(Decimal(one), reasons[place % len(reasons)])
        for place, (criterion, one) in enumerate(rubric)
    }
