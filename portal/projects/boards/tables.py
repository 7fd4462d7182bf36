"""What a board's figures are made of, as tables of the database: one row for each thing counted.

Both the figures and the lists behind them are asked of these, so that they cannot differ. Each has
`key`, by which it is ordered and paged, `cluster_id`, and for a list `issuer_id`, the body whose
officers may open the project. Words are plain text, whatever their enum.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    case,
    cast,
    func,
    literal,
    select,
    type_coerce,
    union_all,
)

from portal.accounts.models import Organisation
from portal.bids.models import BidPartner
from portal.bids.rules import PartnerState
from portal.challenges.models import Call, Challenge
from portal.clusters.models import ClusterPlatform, ClusterResult, ClusterSite, ClusterTerm
from portal.clusters.rules import TermKind
from portal.core.workdays import PLACE
from portal.projects.boards.rules import NOT_CONTRACTED, SETTLED, Due, Kind, Listed, Reading, Role
from portal.projects.funds.models import Payment, ProjectFund, Receipt
from portal.projects.funds.rules import ReceiptState
from portal.projects.milestones.models import Milestone
from portal.projects.models import ContractIndicator, Project
from portal.projects.rules import ProjectState

Column = ColumnElement[str]
AT = func.coalesce(Milestone.rework_until, Milestone.due_at)
"""When a milestone has to be reported (Milestone.wanted_by)."""


def _word(column: Any) -> Column:
    return type_coerce(column, String)


def _key(*parts: Any) -> Column:
    text = [cast(part, String) for part in parts]
    joined: Column = func.concat_ws("|", *text)
    return joined.label("key")


def _of_project() -> list[Any]:
    """What every row of a project says of it."""
    return [
        Call.cluster_id.label("cluster_id"),
        Call.issuer_id.label("issuer_id"),
        Project.id.label("project_id"),
        Project.code.label("project"),
        Project.title.label("title"),
        Challenge.code.label("challenge"),
        Challenge.title.label("challenge_title"),
        Challenge.chain_stage.label("stage"),
    ]


def _joined(*columns: Any, contracted: bool = True) -> Select[Any]:
    """Columns of projects and their parts; `contracted` leaves out whom no contract binds."""
    left_out = NOT_CONTRACTED if contracted else {ProjectState.LAPSED}
    return (
        select(*columns)
        .select_from(Project)
        .join(Challenge, Challenge.id == Project.challenge_id)
        .join(Call, Call.id == Challenge.call_id)
        .where(Project.state.not_in(left_out))
    )


def _day_of(moment: Any) -> ColumnElement[Any]:
    return func.date(func.timezone(PLACE.key, moment))


def _entry(row: Any, day: ColumnElement[Any], document: Any) -> list[Any]:
    """The columns of one sum of money."""
    quarter = func.to_char(day, 'YYYY"Q"Q').label("quarter")
    source = _word(row.source).label("source")
    rest = [source, row.amount.label("amount"), day.label("day"), quarter]
    key = _key(day, row.id)
    return [key, *_of_project(), *rest, cast(document, String).label("document")]


def money(kind: Kind) -> Subquery:
    """Sums by source and day: what contracts bind to, or what was paid and confirmed as received.

    What a counter-entry took back was never paid.
    """
    if kind is Kind.CONTRACTED:
        start = _day_of(Project.started_at)
        contracted = _joined(*_entry(ProjectFund, start, literal("")))
        return contracted.join(ProjectFund, ProjectFund.project_id == Project.id).subquery()
    public = _joined(*_entry(Payment, _plain(Payment.paid_on), Payment.voucher))
    own = _joined(*_entry(Receipt, _plain(Receipt.received_on), Receipt.document))
    return union_all(
        public.join(Payment, Payment.project_id == Project.id).where(Payment.reversed_at.is_(None)),
        own.join(Receipt, Receipt.project_id == Project.id).where(
            Receipt.state == ReceiptState.CONFIRMED
        ),
    ).subquery()


def _plain(day: Any) -> ColumnElement[Any]:
    return func.date(day)


def projects() -> Subquery:
    """Projects but those that lapsed; `state` is theirs."""
    state, end = _word(Project.state).label("state"), _day_of(Project.ends_at).label("day")
    money = select(func.coalesce(func.sum(ProjectFund.amount), 0)).where(
        ProjectFund.project_id == Project.id
    )
    bound = case(
        (Project.state.in_(NOT_CONTRACTED), literal(0)), else_=money.scalar_subquery()
    ).label("amount")
    lead = Organisation.name.label("organisation")
    columns = [_key(Project.ends_at, Project.id), *_of_project(), lead, state, end, bound]
    query = _joined(*columns, contracted=False)
    return query.join(Organisation, Organisation.id == Project.lead_id).subquery()


def milestones(now: datetime) -> Subquery:
    """Milestones of contracted projects; `due` is where each stands at `now`."""
    due = case(
        *((Milestone.state == state, literal(due.value)) for state, due in SETTLED.items()),
        (now >= AT, literal(Due.LATE.value)),
        else_=literal(Due.OPEN.value),
    ).label("due")
    columns = [_key(AT, Milestone.id), *_of_project(), Milestone.title.label("milestone")]
    query = _joined(*columns, due, _day_of(AT).label("day"))
    return query.join(Milestone, Milestone.project_id == Project.id).subquery()


def indicators() -> Subquery:
    """Contract indicators of contracted projects; `reading` is where each stands."""
    row = ContractIndicator
    found = case(
        (row.met.is_(True), literal(Reading.MET.value)),
        (row.met.is_(False), literal(Reading.MISSED.value)),
        else_=literal(Reading.UNMEASURED.value),
    ).label("reading")
    names = [row.name.label("indicator"), row.unit, row.promised_value, row.measured_value]
    key = _key(Project.code, func.lpad(cast(row.position, String), 4, "0"))
    query = _joined(key, *_of_project(), *names, found)
    return query.join(row, row.project_id == Project.id).subquery()


def places() -> Subquery:
    """Who works on what, as lead or confirmed partner, at which stage of the chain."""
    body = [Organisation.id.label("organisation_id"), Organisation.name.label("organisation")]
    key = _key(Organisation.name, Project.code)
    lead = _joined(key, *_of_project(), *body, literal(Role.LEAD.value).label("role"))
    partner = _joined(key, *_of_project(), *body, literal(Role.PARTNER.value).label("role"))
    return union_all(
        lead.join(Organisation, Organisation.id == Project.lead_id),
        partner.join(BidPartner, BidPartner.bid_id == Project.bid_id)
        .join(Organisation, Organisation.id == BidPartner.organisation_id)
        .where(
            BidPartner.state == PartnerState.CONFIRMED,
            BidPartner.organisation_id != Project.lead_id,
        ),
    ).subquery()


def published() -> Subquery:
    """What a cluster's source names: companies, platforms, events, results, sites."""
    kinds = {TermKind.COMPANY: Listed.COMPANY, TermKind.EVENT: Listed.EVENT}
    parts = [
        _fact(kind, ClusterTerm, ClusterTerm.position, ClusterTerm.text, literal("")).where(
            ClusterTerm.kind == term
        )
        for term, kind in kinds.items()
    ]
    platform, result, site = ClusterPlatform, ClusterResult, ClusterSite
    said = func.concat(result.value, result.unit)
    return union_all(
        *parts,
        _fact(Listed.PLATFORM, platform, platform.position, platform.name, platform.operator),
        _fact(Listed.RESULT, result, result.position, result.what, said),
        _fact(Listed.SITE, site, literal(0), site.name, literal("")),
    ).subquery()


def _fact(kind: Listed, table: Any, position: Any, name: Any, note: Any) -> Select[Any]:
    at = func.lpad(cast(position, String), 6, "0")
    return select(
        _key(literal(kind.value), at, table.id),
        table.cluster_id.label("cluster_id"),
        literal(kind.value).label("listed"),
        cast(name, String).label("name"),
        cast(note, String).label("note"),
    )
