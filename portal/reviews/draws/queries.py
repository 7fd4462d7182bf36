"""Reads of draws."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import LargeBinary, Select, Text, cast, func, literal, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.models import Organisation, Person, PersonRole
from portal.audit.queries import is_covered
from portal.audit.rules import Action
from portal.bids import queries as bids
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Role
from portal.core.errors import IllegalMove, NotFound
from portal.core.words import N_
from portal.reviews.draws import rules
from portal.reviews.draws.models import Draw, DrawAsk, DrawParty
from portal.reviews.draws.rules import DrawState, Present, Standing
from portal.reviews.pool.models import Reviewer

NOT_DRAWN = N_("The reviewers are not drawn yet. The round begins once they are.")
NOTHING = N_("There is no draw of this challenge yet.")


def _newest(challenge_id: UUID) -> Select[Draw]:
    return (
        select(Draw)
        .where(Draw.challenge_id == challenge_id)
        .options(selectinload(Draw.parties).joinedload(DrawParty.person))
        .order_by(Draw.number.desc())
        .limit(1)
    )


def current(session: Session, challenge_id: UUID) -> Draw | None:
    """The newest draw of a challenge."""
    return session.scalars(_newest(challenge_id)).first()


def lock(session: Session, challenge_id: UUID) -> Draw:
    """The newest draw of a challenge that is locked. Raises IllegalMove when there is none."""
    found = session.scalars(_newest(challenge_id).execution_options(populate_existing=True)).first()
    if found is None:
        raise IllegalMove(NOTHING)
    return found


def of_challenge(session: Session, challenge_id: UUID) -> Sequence[Draw]:
    """All draws of a challenge, the abandoned ones too, by number."""
    return session.scalars(
        select(Draw).where(Draw.challenge_id == challenge_id).order_by(Draw.number)
    ).all()


def drawn(session: Session, challenge_id: UUID) -> list[Draw]:
    """The draws of a challenge by which reviewers are asked, by number."""
    found = of_challenge(session, challenge_id)
    return [one for one in found if one.state is DrawState.DRAWN]


def numbered(session: Session, challenge_id: UUID, number: int) -> Draw:
    """One draw. Raises NotFound."""
    found = session.scalars(
        select(Draw).where(Draw.challenge_id == challenge_id, Draw.number == number)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def require_drawn(session: Session, challenge_id: UUID) -> None:
    """Raise IllegalMove while no draw says who is asked: no round begins without."""
    if not drawn(session, challenge_id):
        raise IllegalMove(NOT_DRAWN)


def to_commit(session: Session) -> Sequence[UUID]:
    """Published challenges for which the portal has not committed to a secret."""
    return session.scalars(
        select(Challenge.id)
        .outerjoin(Draw, Draw.challenge_id == Challenge.id)
        .where(Challenge.state == ChallengeState.PUBLISHED, Draw.id.is_(None))
        .order_by(Challenge.published_at)
        .limit(100)
    ).all()


def asks(session: Session, challenge_id: UUID) -> Sequence[DrawAsk]:
    """Who was asked, in turn, with their names."""
    return session.scalars(
        select(DrawAsk)
        .where(DrawAsk.challenge_id == challenge_id)
        .options(
            joinedload(DrawAsk.reviewer).joinedload(Reviewer.person),
            joinedload(DrawAsk.reviewer).joinedload(Reviewer.organisation),
        )
        .order_by(DrawAsk.position)
    ).all()


def asked(session: Session, challenge_id: UUID) -> Sequence[str]:
    """The aliases of those who were asked or passed over, in turn."""
    query = select(DrawAsk.alias).where(DrawAsk.challenge_id == challenge_id)
    return session.scalars(query.order_by(DrawAsk.position)).all()


def of_alias(session: Session, draw: Draw, alias: str) -> UUID:
    """Whom an alias stands for in the draws of a challenge, among all who are or were in the pool.

    The database computes the aliases, so that a pool of ten thousand is not fetched for one of them.
    """
    if draw.is_old:
        return UUID(alias)
    inner, outer, head, tail = rules.alias_keys(bytes.fromhex(draw.salt))
    name = func.convert_to(head + cast(Reviewer.id, Text) + tail, "UTF8")
    inside = func.sha256(literal(inner, LargeBinary).op("||")(name))
    whole = func.sha256(literal(outer, LargeBinary).op("||")(inside))
    known = func.substring(whole, 1, rules.ALIAS) == bytes.fromhex(alias)
    return session.scalars(select(Reviewer.id).where(known)).one()


def everybody(session: Session) -> Sequence[Reviewer]:
    """All who are or were in the pool, with their names."""
    query = select(Reviewer)
    return session.scalars(
        query.options(joinedload(Reviewer.person), joinedload(Reviewer.organisation))
    ).all()


def possible_present(session: Session, challenge: Challenge) -> list[Present]:
    """Who can be asked to give outside values: auditors, custodians, and those who lead a team, but
    nobody of the issuing body, and no expert."""
    leads = {bid.lead_id for bid in bids.of_challenge(session, challenge.id)}
    found: dict[UUID, Present] = {}
    for standing, role in (
        (Standing.AUDITOR, Role.AUDITOR),
        (Standing.CUSTODIAN, Role.CUSTODIAN),
        (Standing.BIDDER, Role.BIDDER_LEAD),
    ):
        query = _holders(challenge.call.issuer_id, role)
        if role is Role.BIDDER_LEAD:
            query = query.where(PersonRole.organisation_id.in_(leads))
        for person_id, name, home_id, home in session.execute(query):
            found.setdefault(person_id, Present(person_id, name, home_id, home, standing))
    return list(found.values())


def _holders(issuer_id: UUID, role: Role) -> Select[UUID, str, UUID, str]:
    experts = select(Reviewer.person_id)
    return (
        select(Person.id, Person.name, Organisation.id, Organisation.name)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .join(Organisation, Organisation.id == PersonRole.organisation_id)
        .where(PersonRole.role == role, Person.active, Organisation.id != issuer_id)
        .where(Person.id.not_in(experts))
        .order_by(Organisation.name, Person.name, Person.id)
        .limit(200)
    )


def waiting_for(session: Session, person_id: UUID) -> Sequence[Draw]:
    """The draws for which somebody who is present has still to give something."""
    not_bound = (Draw.state == DrawState.FROZEN) & DrawParty.bound_at.is_(None)
    not_shown = (Draw.state == DrawState.BOUND) & DrawParty.shown_at.is_(None)
    return session.scalars(
        select(Draw)
        .join(DrawParty, DrawParty.draw_id == Draw.id)
        .where(DrawParty.person_id == person_id, not_bound | not_shown)
        .options(joinedload(Draw.challenge))
        .order_by(Draw.frozen_at)
    ).all()


def party_of(draw: Draw, person_id: UUID) -> DrawParty | None:
    """Somebody's own part in a draw, if they are among those present."""
    return next((one for one in draw.parties if one.person_id == person_id), None)


def is_public(session: Session, draw: Draw, action: Action) -> bool:
    """Whether the last entry of this kind about the draw's challenge is under a checkpoint that
    everybody may see."""
    return is_covered(session, action, draw.challenge.subject_ref)
