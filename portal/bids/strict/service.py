"""Handing in a strict bid from its last page, going on with it, and taking what was sealed elsewhere."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import completeness, policy, queries, versions
from portal.bids import service as bids
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import BID_MOVES
from portal.bids.strict import parts, rules
from portal.bids.teams import queries as team_queries
from portal.bids.teams import standings
from portal.bids.terms import BidTerms
from portal.bids.versions import Sealed
from portal.challenges import gate
from portal.challenges.keys import queries as keys
from portal.core import files
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid, InvalidInput, Overtaken
from portal.core.files import FileStore, StoredFile, Upload
from portal.core.sealing.bid import seal_bid
from portal.core.sealing.bundle import Content
from portal.core.sealing.envelope import Fingerprint, Place, require_form
from portal.core.sealing.errors import SealingError
from portal.core.sealing.manifest import FileFacts, Manifest, commitment, new_nonce
from portal.core.words import N_

NOT_STRICT = N_("This challenge has no strict sealing.")
CHANGED = N_(
    "Somebody of your team changed the draft while you were on this page. Nothing is lost: look at the "
    "draft, then hand in again."
)
NOT_THE_LAST = N_("This is not the file of the version that was handed in last.")
NOTHING_YET = N_("Nothing was handed in yet: there is no file to go on from.")


def begun(session: Session, bid: Bid) -> Manifest:
    """The draft as the manifest of the next version, under a fresh nonce; money and people aside.

    The last page carries it, so that the same page sent again is the same submission although the
    draft is gone by then. Raises Invalid without a document.
    """
    return _manifest(session, bid, new_nonce())


def _manifest(session: Session, bid: Bid, nonce: bytes) -> Manifest:
    content = versions.content_of(bid)
    number, known = len(bid.versions) + 1, parts.named_in(session, content)
    return versions.manifest_of(bid, content, number, nonce, known)


def submit(
    actor: Actor, bid_id: UUID, draft: bytes, last: BidTerms, stamp: datetime, store: FileStore
) -> tuple[BidVersion, bytes]:
    """Seal the draft with what the last page asked for, hand it in, and wipe the draft.

    `draft` is what `begun` gave; of `last` its members and items count. Gives the version and its
    manifest, which is kept nowhere: the same again gives the same. Raises NotAllowed, DeadlinePassed,
    IllegalMove, Invalid, InvalidInput, and Overtaken when the draft has changed since.
    """
    begun_from = rules.read(draft, "draft")
    manifest = rules.completed(begun_from, last)
    with transaction() as session:
        bid = _lock(session, actor, bid_id)
        known = _known(bid, manifest)
        if known is not None:
            return known, manifest.to_bytes()
        _require_open(session, bid, stamp)
        _require_same(session, bid, begun_from)
        bids.require_complete(session, bid, BidTerms.from_json(rules.terms_in(manifest)))
        public_key = keys.public_key(session, bid.challenge_id)
        sealed = _sealed(manifest, public_key, store)
        version = bids.enter(session, actor, bid, sealed, stamp)
        _wipe(session, bid, stamp)
    return version, manifest.to_bytes()


def _lock(session: Session, actor: Actor, bid_id: UUID) -> Bid:
    gate.enter(session, queries.challenge_of(session, bid_id))
    bid = queries.lock(session, bid_id)
    policy.may_lead(actor, bid).enforce()
    return bid


def _known(bid: Bid, manifest: Manifest) -> BidVersion | None:
    """The version that this very content was handed in as: its nonce makes it this very page."""
    commit = commitment(manifest.to_bytes())
    return next((one for one in bid.versions if one.commit == commit), None)


def _require_open(session: Session, bid: Bid, stamp: datetime) -> None:
    bids.require_open(session, bid, stamp)
    if not bid.is_strict:
        raise IllegalMove(NOT_STRICT)
    BID_MOVES.after(bid.state, "submit")
    standings.hold(session, bid.challenge, queries.team_organisations(bid))


def _require_same(session: Session, bid: Bid, begun_from: Manifest) -> None:
    """Raise Overtaken unless the draft still says what the last page began from."""
    is_there = bid.draft_file is not None
    now = _manifest(session, bid, begun_from.nonce) if is_there else None
    if now is None or now.to_bytes() != begun_from.to_bytes():
        raise Overtaken(CHANGED)


def _sealed(manifest: Manifest, public_key: bytes, store: FileStore) -> Sealed:
    """The sealed bytes of the manifest alone: its files are in the store as parts."""
    digest, size = store.put_pieces(seal_bid(manifest, _no_contents, public_key))
    named = tuple(file.part for file in manifest.files if file.part)
    commit = commitment(manifest.to_bytes())
    return Sealed(Fingerprint(digest, size), commit, parts=named)


def _no_contents(file: FileFacts) -> Content:
    """Every file of a strict draft is a part."""
    raise Invalid("document", versions.UNREADABLE, name=file.name)


def _wipe(session: Session, bid: Bid, now: datetime) -> None:
    """Keep nothing of the content: whoever writes on at an old page is told to compare."""
    held = [bid.draft_file_id, *(one.file_id for one in bid.terms.attachments)]
    parts.forget(session, [file_id for file_id in held if file_id])
    bid.draft_file = None
    for row in bid.sections:
        row.content = {}
        row.revision += 1
    bid.changed_at = now


def go_on(actor: Actor, bid_id: UUID, saved: bytes, stamp: datetime, store: FileStore) -> list[str]:
    """Fill the draft from the file that the team saved of its last version, money and people aside.

    Files whose sealed bytes are still there need no new upload; gives the names of the others.
    Raises NotAllowed, DeadlinePassed, IllegalMove, Invalid.
    """
    manifest = rules.read(saved, "saved")
    with transaction() as session:
        bid = _lock(session, actor, bid_id)
        _require_open(session, bid, stamp)
        if not bid.versions:
            raise IllegalMove(NOTHING_YET)
        last = bid.versions[-1]
        _require_last(manifest, last)
        there = parts.still_there(session, store, last, manifest)
        _fill(actor, bid, manifest, there, stamp)
        facts = {"section": "all", "version": last.number}
        audit.record(session, actor, Action.BID_EDITED, bid.subject_ref, stamp, **facts)
    return [
        facts.name for key, facts in versions.files_in(dict(manifest.fields)) if key not in there
    ]


def _require_last(manifest: Manifest, last: BidVersion) -> None:
    place = Place.of_bid(str(last.bid.challenge_id), str(last.bid_id), last.number)
    try:
        manifest.require(place, last.commit)
    except SealingError:
        raise Invalid("saved", NOT_THE_LAST) from None


def _fill(
    actor: Actor, bid: Bid, manifest: Manifest, there: dict[UUID, StoredFile], now: datetime
) -> None:
    """The draft from a manifest, with the files that are there."""
    terms = BidTerms.from_json(rules.terms_in(manifest))
    bid.terms = rules.for_a_draft(terms, there.keys())
    named = versions.files_in(dict(manifest.fields))
    for key, facts in named:
        if key in there:
            files.tell(there[key], facts)
    bid.draft_file = there.get(named[0][0])
    for row in bid.sections:
        row.revision += 1
        row.changed_by, row.changed_at = actor.user_id, now
    bid.changed_at = now


def take(
    actor: Actor, bid_id: UUID, sealed: Upload, commit: str, stamp: datetime, store: FileStore
) -> BidVersion:
    """Take a bid that was sealed elsewhere, with the fingerprint of its manifest.

    Only the team and the form of the sealed bytes can be checked; what is in them shows at the opening.
    The same bytes again are the same submission. Raises NotAllowed, DeadlinePassed, IllegalMove,
    Invalid, InvalidInput.
    """
    rules.require_commitment(commit)
    own = rules.fingerprint_of(sealed.stream)
    with transaction() as session:
        bid = _lock(session, actor, bid_id)
        for version in bid.versions:
            if version.ct_sha256 == own.sha256:
                return version
        _require_open(session, bid, stamp)
        _require_team(session, bid)
        _require_form(session, bid, sealed, own.size)
        sealed.stream.seek(0)
        store.put_stream(sealed.stream)
        version = bids.enter(session, actor, bid, Sealed(own, commit), stamp)
        _wipe(session, bid, stamp)
    return version


def _require_team(session: Session, bid: Bid) -> None:
    found = completeness.partner_problems(queries.asked(bid.challenge), queries.team(bid))
    found += team_queries.consent_problems(bid)
    found += standings.submission_problems(session, bid)
    if found:
        raise InvalidInput(found)


def _require_form(session: Session, bid: Bid, sealed: Upload, size: int) -> None:
    place = Place.of_bid(str(bid.challenge_id), str(bid.id), len(bid.versions) + 1)
    public_key = keys.public_key(session, bid.challenge_id)
    sealed.stream.seek(0)
    try:
        require_form(sealed.stream, size, place, public_key)
    except SealingError as error:
        raise Invalid("sealed", error.words) from None
