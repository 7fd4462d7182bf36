"""The comparison of a challenge's opened bids with all others: the long task, step by step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids.documents import handed_in
from portal.bids.likeness import hints, queries
from portal.bids.likeness.engine import Said, verified
from portal.bids.likeness.join import FEWEST, join
from portal.bids.likeness.material import call_text, collect
from portal.bids.likeness.models import BidText, LikePair
from portal.bids.likeness.passages import Passage, passages
from portal.bids.likeness.plain import plain
from portal.bids.likeness.reading import Reading, read
from portal.bids.likeness.rules import Hint, HintKind, PairState
from portal.bids.likeness.sketch import METHOD, Hashes, among, known_grams, sketch
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Challenge
from portal.core.access import SYSTEM
from portal.core.db import db, transaction
from portal.core.errors import NotFound
from portal.core.files import FileStore
from portal.core.tasks import Outcome, Task
from portal.core.words import N_, Message

PASSAGES = 40
"""How many passages of a pair are kept, the longest first."""
FOUR_PLACES = Decimal("0.0001")


@dataclass
class Found:
    """What a comparison found of two bids; the first is the challenge's own."""

    score: float = 0.0
    passages: list[Passage] = field(default_factory=list)
    hints: tuple[Hint, ...] = ()

    @property
    def strength(self) -> tuple[float, int]:
        """What comes first in the list."""
        return self.score, len(self.hints)


Printed = Callable[[Challenge], str]
"""What the portal itself says on the paper of a bid: pages are above this room, the worker brings it."""
Pairs = dict[tuple[UUID, UUID], Found]


def compare(task: Task, store: FileStore, form: Printed) -> Outcome:
    """Read what was not read yet, compare, keep what was found. Raises NotFound, Stopped."""
    challenge_id = UUID(task.parameters["challenge_id"])
    rows = queries.unread(db.session, _challenge(challenge_id))
    waiting = [(row[0], row[1]) for row in rows]
    steps = len(waiting) + 2
    for number, (version_id, lead) in enumerate(waiting):
        task.step(number, steps, Message(N_("Reading the bid of %(lead)s"), {"lead": lead}))
        _keep_text(version_id, store, form, task.now)
    task.step(len(waiting), steps, Message(N_("Comparing the texts")))
    found = _alike(db.session, _challenge(challenge_id), form)
    task.step(len(waiting) + 1, steps, Message(N_("Looking for other traces")))
    _add_hints(db.session, _challenge(challenge_id), found)
    return _keep(task, challenge_id, found)


def _challenge(challenge_id: UUID) -> Challenge:
    found = challenge_queries.by_id(db.session, challenge_id)
    if found is None:
        raise NotFound
    return found


def _keep_text(version_id: UUID, store: FileStore, form: Printed, now: datetime) -> None:
    """Read one bid and keep its text, fingerprints and traces; reading it again changes nothing."""
    version = queries.version(db.session, version_id)
    files = [(one.name, _read(store, one.sha256, one.media_type)) for one in handed_in(version)]
    terms = version.fields["terms"]
    material = collect(terms, files)
    call = call_text(version.bid.challenge, form(version.bid.challenge))
    traces = hints.traces(terms, material.text, files, call)
    traces[HintKind.FILE.value] = [one.sha256[:16] for one in handed_in(version)]
    by, at = version.submitted_by, version.submitted_at
    addresses = account_queries.addresses_at(db.session, by, at)
    traces[HintKind.DEVICE.value] = [one for one in addresses if hints.is_telling(one)]
    kept = sketch(plain(material.text).codes, known_grams(call))
    facts = {
        "method": METHOD,
        "text": material.text,
        "parts": [vars(part) for part in material.parts],
        "traces": traces,
        "unread": [name for name, reading in files if not reading.readable],
        "sketch": kept.astype("<u8").tobytes(),
        "read_at": now,
    }
    with transaction() as session:
        session.merge(BidText(version_id=version_id, **facts))


def _read(store: FileStore, sha256: str, media_type: str) -> Reading:
    try:
        with store.open(sha256) as source:
            data = source.read()
    except OSError:
        return Reading(readable=False)
    return read(data, media_type)


def _alike(session: Session, challenge: Challenge, form: Printed) -> Pairs:
    """The pairs whose texts are alike."""
    own = queries.own(session, challenge)
    if not own:
        return {}
    bids = [one.version.bid_id for one in own]
    texts = [_said(one) for one in own]
    sketches = [one.hashes for one in own]
    sizes = [len(one) for one in sketches]
    for bid_id, part, size in _touching(session, challenge, np.unique(np.concatenate(sketches))):
        bids.append(bid_id)
        sketches.append(part)
        sizes.append(size)
    joined = join(sketches, np.array(sizes, np.int64), fresh=len(own))
    homes = queries.challenges_of(session, bids)

    def text_of(number: int) -> Said:
        if number < len(texts):
            return texts[number]
        return _said(queries.texts(session, [bids[number]])[bids[number]])

    @cache
    def said(challenge_id: UUID) -> Hashes:
        challenge = _challenge(challenge_id)
        return known_grams(call_text(challenge, form(challenge)))

    def known_of(first: int, second: int) -> Hashes:
        mine, theirs = said(homes[bids[first]]), said(homes[bids[second]])
        return mine if mine is theirs else np.union1d(mine, theirs)

    return {
        (bids[pair.first], bids[pair.second]): Found(pair.score, passages(one, other))
        for pair, one, other in verified(joined, text_of, known_of)
    }


def _said(read: BidText) -> Said:
    return Said(read.text, tuple(part.start for part in read.named_parts))


def _touching(
    session: Session, challenge: Challenge, mine: Hashes
) -> Iterator[tuple[UUID, Hashes, int]]:
    """Other bids that share fingerprints, with these alone, and how many they have in all."""
    for rows in queries.others(session, challenge):
        for row in rows:
            hashes = np.frombuffer(row[2], "<u8").astype(np.uint64)
            part = hashes[among(hashes, mine)]
            if len(part) >= FEWEST:
                yield row[1], part, len(hashes)


def _add_hints(session: Session, challenge: Challenge, found: Pairs) -> None:
    """Add what pairs have in common beside their text; traces alone make a pair within the call."""
    traces = queries.traces_of_call(session, challenge)
    usual = hints.usual(traces.values())
    homes = queries.challenges_of(session, list(traces))
    own = sorted(bid for bid, home in homes.items() if home == challenge.id)
    strange = {bid for pair in found for bid in pair} - set(traces)
    more = {bid: one.traces for bid, one in queries.texts(session, sorted(strange)).items()}
    leads = queries.leads_of(session, [*traces, *strange])
    for first in own:
        within = {b for b in traces if b not in own or b > first}
        for second in within | {b for a, b in found if a == first}:
            other = traces.get(second) or more[second]
            both = hints.shared(traces[first], other, usual)
            told = both or (first, second) in found
            if leads[first][0] == leads[second][0] and told:
                both = (*both, Hint(HintKind.LEAD, (leads[first][1],)))
            if both:
                found.setdefault((first, second), Found()).hints = both


def _keep(task: Task, challenge_id: UUID, found: Pairs) -> Outcome:
    """Write the pairs; what an officer has said of one stays, and so does that pair."""
    ranked = sorted(found.items(), key=lambda item: (*item[1].strength, item[0]), reverse=True)
    alike = sum(one.score > 0 for one in found.values())
    with transaction() as session:
        subject = f"challenge:{challenge_id}"
        facts = {"pairs": len(found), "alike": alike}
        audit.record(session, SYSTEM, Action.LIKENESS_FOUND, subject, task.now, **facts)
        task.hold(session)
        known = queries.of_challenge(session, challenge_id)
        for position, (bids, one) in enumerate(ranked):
            pair = known.pop(bids, None)
            if pair is None:
                pair = LikePair(challenge_id=challenge_id, bid_id=bids[0], other_id=bids[1])
                session.add(pair)
            _fill(pair, one, position, task.now)
        for position, pair in enumerate(known.values(), start=len(ranked)):
            pair.position = position
            if pair.state is PairState.OPEN:
                session.delete(pair)
    words = N_("%(alike)s pairs with like texts, %(others)s with other traces only.")
    told = Message(words, {"alike": alike, "others": len(found) - alike})
    return Outcome(told, url=f"/challenges/{task.parameters['code']}/likeness")


def _fill(pair: LikePair, found: Found, position: int, now: datetime) -> None:
    pair.position, pair.found_at = position, now
    pair.score = Decimal(str(found.score)).quantize(FOUR_PLACES)
    pair.passages = [_row(passage) for passage in found.passages[:PASSAGES]]
    pair.passages_in_all = len(found.passages)
    pair.hints = [{"kind": hint.kind.value, "values": list(hint.values)} for hint in found.hints]


def _row(passage: Passage) -> dict[str, object]:
    return {
        "length": passage.length,
        "left": [list(stretch.left) for stretch in passage.stretches],
        "right": [list(stretch.right) for stretch in passage.stretches],
    }
