"""Who is told of a loss of shares, in the transaction of what happened."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from portal.accounts.queries import people_with_role
from portal.bids import queries as bid_queries
from portal.bids.losses.models import ShareLoss
from portal.bids.models import Bid
from portal.challenges import queries as challenge_queries
from portal.core.access import Role
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.core.workdays import PLACE
from portal.notifications.service import notify

KEPT = N_(
    "You need the manifest, the file that you saved with the receipt, and the files of the bid. What "
    "the portal still has of them need not be sent."
)


def _page(loss: ShareLoss) -> str:
    return f"/challenges/{loss.challenge.code}/share-loss"


def declared(session: Session, loss: ShareLoss) -> None:
    """Those who may decide as the second person are asked to."""
    text = N_("The shares of “%(title)s” are said to be lost: confirm it, or say why not.")
    people = {
        *challenge_queries.managers(session, loss.challenge),
        *people_with_role(session, [Role.AUDITOR]),
    } - {loss.declared_by}
    message = Message(text, {"title": both(loss.challenge)})
    notify(session, people, f"loss:{loss.id}:declared", message, _page(loss))


def confirmed(session: Session, loss: ShareLoss, bids: Iterable[Bid]) -> None:
    """Each team is asked to hand its bid in again; the officer learns that it is confirmed."""
    if loss.until is None:
        return
    until = loss.until.astimezone(PLACE).strftime("%Y-%m-%d %H:%M")
    facts: dict[str, object] = {"title": both(loss.challenge), "until": until}
    text = N_(
        "The shares that open the bids on “%(title)s” are lost: hand your bid in again before "
        "%(until)s, unchanged."
    )
    for bid in bids:
        people, key = bid_queries.team_people(session, bid), f"loss:{loss.id}:{bid.id}"
        notify(session, people, key, Message(text, facts), f"/bids/{bid.id}/again", KEPT)
    told = N_(
        "The loss of the shares of “%(title)s” is confirmed; bids come again until %(until)s."
    )
    notify(
        session, [loss.declared_by], f"loss:{loss.id}:confirmed", Message(told, facts), _page(loss)
    )


def not_confirmed(session: Session, loss: ShareLoss) -> None:
    """Whoever declared it learns why it is not confirmed."""
    text = N_("The loss of the shares of “%(title)s” is not confirmed; the reason is on its page.")
    message = Message(text, {"title": both(loss.challenge)})
    notify(session, [loss.declared_by], f"loss:{loss.id}:dismissed", message, _page(loss))


def concluded(session: Session, loss: ShareLoss, opened: int, kept_out: int) -> None:
    """The officers learn how many bids came again."""
    text = N_(
        "Handing in again on “%(title)s” is over: %(opened)s bids are open, %(kept_out)s did not come."
    )
    facts: dict[str, object] = {
        "title": both(loss.challenge),
        "opened": opened,
        "kept_out": kept_out,
    }
    people = challenge_queries.managers(session, loss.challenge)
    notify(session, people, f"loss:{loss.id}:concluded", Message(text, facts), _page(loss))
