"""The demonstration's notices: one withdrawn after an objection, one in its window."""

from collections.abc import Iterator

from portal.awards import queries, revising, rules, service
from portal.awards.models import Notice
from portal.awards.objections import service as objections
from portal.awards.objections.rules import ANSWER_DAYS, Effect
from portal.awards.objections.service import Verdict
from portal.awards.rules import Wording
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor
from portal.core.db import db
from portal.core.files import FileStore, Upload
from portal.demo.challenges import moment, person, titled
from portal.demo.reading import DATA
from portal.demo.teams import Row, bid_of
from portal.reviews.results import queries as results
from portal.reviews.results import service as checking
from portal.reviews.results.rules import MARK


def load_notices(file: Row, store: FileStore) -> Iterator[str]:
    """Decide, publish, object and answer, unless it was done; yields each step."""
    challenge = titled(file["challenge"])
    is_new = queries.next_number(db.session, challenge.id) == 1
    for row in file["notices"]:
        if is_new and challenge.state is ChallengeState.RANKED:
            _run(challenge, row, file, store)
        yield row["meeting"]
    if is_new:
        _check(challenge, file["checked"], person(file["officer"]))


def _check(challenge: Challenge, row: Row, officer: Actor) -> None:
    """What the reviewers wrote, as teams read it: a name left out, and one bid left to be checked."""
    bids = [bid for lead in row["leads"] if (bid := bid_of({"lead": lead}, challenge))]
    said = results.said_of(db.session, [bid.id for bid in bids])
    for bid in bids:
        words = {one.key: one.original.replace(row["hides"], MARK) for one in said[bid.id]}
        checking.release(officer, bid.id, words, moment(challenge, row))


def _run(challenge: Challenge, row: Row, file: Row, store: FileStore) -> None:
    officer = person(file["officer"])
    wording = Wording(row["meeting"], "", file["business_contact"], file["supervision_contact"])
    ranked = queries.case(db.session, challenge).ranked
    winners = rules.proposed(ranked, challenge.rules.winners)
    decided, published = (moment(challenge, row[name]) for name in ("decided", "published"))
    notice = service.decide(officer, challenge.id, winners, wording, decided)
    service.publish_notice(officer, notice.id, notice.revision, published)
    service.tell_of_notice(notice.id, published)
    for told in row["objections"]:
        _object(challenge, notice, told, file, store)
    if "withdrawn" in row:
        at = moment(challenge, row["withdrawn"])
        revising.withdraw_notice(officer, notice.id, row["withdrawn"]["reason"], at)


def _object(challenge: Challenge, notice: Notice, row: Row, file: Row, store: FileStore) -> None:
    raised, accepted = (moment(challenge, row[name]) for name in ("raised", "accepted"))
    examiner, files = person(row["examiner"]), []
    if "file" in row:
        files = [Upload((DATA / row["file"]).open("rb"), row["file"])]
    by = person(row["by"])
    made = objections.raise_objection(by, notice.id, row["text"], files, store, raised)
    for upload in files:
        upload.stream.close()
    office = person(file["officer"])
    objections.accept(office, made.id, examiner.user_id, ANSWER_DAYS, accepted)
    if "answered" in row:
        effect = Effect(row["effect"]) if "effect" in row else None
        verdict = Verdict(effect is not None, row["answer"], row["summary"], effect)
        objections.answer(examiner, made.id, verdict, moment(challenge, row["answered"]))
