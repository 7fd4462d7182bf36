"""The editor of one section, between its form and the service."""

from typing import Any
from uuid import UUID

from flask import render_template, request

from portal.bids import policy as bid_policy
from portal.bids import queries as bid_queries
from portal.bids import screens as bid_screens
from portal.bids.models import Bid
from portal.bids.sections import compare, policy, queries, rules, screens, service
from portal.bids.sections.forms import FORMS, SectionForm
from portal.bids.sections.models import BidSection
from portal.bids.sections.rules import Section
from portal.core.db import db
from portal.core.errors import DeadlinePassed, IllegalMove, Invalid, NoRoom, NotFound, Overtaken
from portal.core.web import actor, now, stamp, translated

CHOICE = "choice:"
"""How the fields are called by which one says whose text shall stand."""


def form_of(section: Section) -> type[SectionForm]:
    """The form of a section. Raises NotFound for the one that has several."""
    if section not in FORMS:
        raise NotFound
    return FORMS[section]


def filled(bid: Bid, row: BidSection) -> SectionForm:
    """The form with what was saved."""
    kind = form_of(row.section)
    data = {**kind.stored(bid.terms, bid), "seen": str(row.revision)}
    form = kind(formdata=None, data=data)
    form.fit(bid)
    return form


def sent(bid: Bid, row: BidSection) -> SectionForm:
    """The form with what was typed."""
    form = form_of(row.section)()
    form.fit(bid)
    return form


def saved(form: SectionForm, bid: Bid, row: BidSection) -> bool:
    """Whether the service took what was typed; if not, the form says why."""
    content = _chosen(form.content(bid), row, form)
    try:
        service.save(actor(), bid.id, row.section, content, form.revision(), stamp())
    except Overtaken as error:
        _compare(form, bid, row, error)
        return False
    except (DeadlinePassed, IllegalMove, NoRoom) as error:
        form.form_errors = [translated(error.message)]
        form.refused = True
        return False
    return True


def _chosen(content: dict[str, Any], row: BidSection, form: SectionForm) -> dict[str, Any]:
    """What was typed, with what was chosen of the other text, if that has not changed again."""
    taken = [
        name.removeprefix(CHOICE)
        for name, value in request.form.items()
        if name.startswith(CHOICE) and value == "theirs"
    ]
    if not taken or form.revision() != row.revision:
        return content
    return compare.merged(content, row.content, taken)


def _compare(form: SectionForm, bid: Bid, row: BidSection, error: Overtaken) -> None:
    db.session.expire(row)
    form.differs = compare.differences(form.content(bid), row.content)
    form.form_errors = [translated(error.message)]
    form.refused = True
    form.seen.data = str(row.revision)


def autosaved(form: SectionForm, bid: Bid, row: BidSection) -> tuple[dict[str, Any], int]:
    """The answer to a page that saves by itself: 200, 409 when it must be compared, 422."""
    if not form.validate():
        return {}, 422
    content, seen = form.content(bid), form.revision()
    try:
        kept = service.save(actor(), bid.id, row.section, content, seen, stamp(), by_itself=True)
    except (Overtaken, DeadlinePassed, IllegalMove, NoRoom) as error:
        return {"why": translated(error.message)}, 409
    return {"revision": kept.revision, "at": screens.clock_time(kept.changed_at)}, 200


def page(form: SectionForm, bid: Bid, row: BidSection) -> tuple[str, int]:
    """The editor with whatever is in the form."""
    is_last = queries.is_asked_last(bid, row.section)
    html = render_template(
        f"bids/sections/{'last' if is_last else row.section.value}.html",
        form=form,
        differs=screens.told(form.differs, bid),
        **frame(bid, row),
    )
    return html, 409 if form.refused else 422 if form.errors else 200


def frame(bid: Bid, row: BidSection) -> dict[str, Any]:
    """What every section's page shows around its form."""
    problems = queries.missing(bid)
    here = [one for one in problems if rules.home_of(one) is row.section]
    return {
        "bid": bid,
        "row": row,
        "challenge": bid.challenge,
        "asked": bid_queries.asked(bid.challenge),
        "standings": queries.standings(bid, problems),
        "holds": _held(bid),
        "names": queries.names(db.session, bid),
        "following": screens.following(row.section),
        "screens": screens,
        "problems": screens.links(bid.id, here) if rules_apply(row) else [],
        **bid_screens.line_of(bid.challenge, now()),
    }


def _held(bid: Bid) -> set[Section]:
    """What may be written now: all that one holds, or what a correction is asked of."""
    return {row.section for row in bid.sections if policy.may_write(actor(), bid, row, now())}


def rules_apply(row: BidSection) -> bool:
    """Whether it is time to say what is missing: not on a page on which nothing is written."""
    return request.method == "GET" and not rules.is_empty(row.content)


def overview(bid: Bid, errors: list[Invalid] | None = None) -> tuple[str, int]:
    """All sections: how far each has come, whose it is, and what is still missing."""
    problems = queries.missing(bid)
    extra = [one for one in errors or [] if one.field not in {p.field for p in problems}]
    html = render_template(
        "bids/sections/overview.html",
        bid=bid,
        challenge=bid.challenge,
        standings=queries.standings(bid, problems),
        problems=screens.links(bid.id, [*problems, *extra]),
        refused=errors is not None,
        holds=_held(bid),
        leads=bool(bid_policy.may_lead(actor(), bid)),
        names=queries.names(db.session, bid),
        owners=queries.possible_owners(db.session, bid),
        earlier=queries.earlier_bids(db.session, bid),
        **bid_screens.line_of(bid.challenge, now()),
    )
    return html, 422 if errors is not None else 200


def section_named(bid: Bid, name: str) -> BidSection:
    """The section of an address. Raises NotFound."""
    try:
        return queries.section_of(bid, Section(name))
    except ValueError:
        raise NotFound from None


def person_named(text: str) -> UUID | None:
    """The person chosen in a list; None when nobody is."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid("owner", "Only a person of the team can own a section.") from None


def onward(section: Section) -> str:
    """Where saving leads: to the next section if asked for, or back to the same."""
    after = screens.following(section)
    goes_on = after is not None and "go_on" in request.form
    return str((after if goes_on else section) or section)
