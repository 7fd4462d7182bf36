"""Where each endpoint's own thing of a side is: the values of its address."""

from flask import current_app

from portal.accounts.claims import service as claims
from portal.bids.teams.links import token_of
from portal.core import links
from portal.reviews.rankings.queries import latest_ranking
from tests.factories.awards import bids_of
from tests.site.matrix import acceptances, changed, running
from tests.site.matrix.allotments import allotment
from tests.site.matrix.sides import Side

Values = dict[str, object]


def of_side(side: Side) -> dict[str, Values]:
    """The address of every endpoint that is about one thing, by its name."""
    return {
        **_challenges(side),
        **_bids(side),
        **_sealed(side),
        **_rooms(side),
        **allotment(side),
        **_panels(side),
        **_later(side),
        **changed.addresses(side),
        **_own(side),
    }


def _challenges(side: Side) -> dict[str, Values]:
    call, draft, opened = ({"call_id": side.call.id}, {"challenge_id": side.draft.id}, side.open)
    proposal, section = {"proposal_id": side.proposal.id}, {"key": "basics"}
    amendment, proposed = {"amendment_id": side.amendment.id}, {"amendment_id": side.proposed.id}
    need, own, code = (
        {"need_id": side.need.id},
        {"need_id": side.own_need.id},
        {"code": opened.code},
    )
    question, number = {"question_id": side.question.id}, {"code": side.amended.code, "number": 1}
    brought = side.paper_of(side.amendment)
    return {
        "site.cluster": {"slug": side.call.cluster.slug},
        "calls.page": {"number": side.call.number},
        "calls.edit": call,
        "exchange.export": {**call, "kind": "yaml"},
        "exchange.checked": {"file_id": side.file.id},
        "challenges.page": code,
        "challenges.paper": {**code, "paper_id": side.open_paper.id},
        "challenges.preview": draft,
        "challenges.cancel": {"challenge_id": opened.id},
        "editor.overview": draft,
        "editor.section": {**draft, **section},
        "editor.autosave": {**draft, **section},
        "editor.papers": draft,
        "editor.remove": {**draft, "paper_id": side.paper.id},
        "editor.propose": draft,
        "editor.copy": draft,
        "approvals.page": {"challenge_id": side.proposal.challenge_id},
        "approvals.approve": proposal,
        "approvals.send_back": proposal,
        "approvals.take_back": proposal,
        "keys.of_challenge": {"challenge_id": side.unkeyed.id},
        "keys.name": draft,
        "keys.share": {"share_id": side.share.id},
        "keys.take": {"share_id": side.share.id},
        "keys.prove": {"share_id": side.taken.id},
        "amendments.start": {"challenge_id": opened.id},
        "amendments.extend": {"challenge_id": side.past.challenge.id},
        "amendments.desk": amendment,
        "amendments.propose": amendment,
        "amendments.drop": amendment,
        "amendments.approve": proposed,
        "amendments.give_back": proposed,
        "amendments.notice": number,
        "amendments.paper": {**number, "paper_id": side.public_paper.id},
        "amending.section": {**amendment, **section},
        "amending.autosave": {**amendment, **section},
        "amending.autosave_reason": amendment,
        "amending.attachments": amendment,
        "amending.paper": {**amendment, "paper_id": brought.id},
        "amending.remove": {**amendment, "sha256": brought.file.sha256},
        "questions.listed": code,
        "questions.ask": code,
        "questions.desk": code,
        "questions.answer": question,
        "questions.same": question,
        "questions.withdraw": question,
        "questions.link": {"question_id": side.answered.id},
        "finding.follow": code,
        "finding.unfollow": {"challenge_id": opened.id},
        "needs.shown": need,
        "needs.attachment": need,
        "needs.close": need,
        "needs.reopen": {"need_id": side.closed_need.id},
        "needs.draft": {"need_id": side.taken_need.id},
        "needs.sort": need,
        "needs.take_back": need,
        "needs.experts": need,
        "needs.speak": {"need_id": side.asked_need.id},
        "needs.refuse": {"need_id": side.asked_need.id},
        "needs.edit": own,
        "needs.hand_in": own,
    }


def _bids(side: Side) -> dict[str, Values]:
    bid, asked = {"bid_id": side.bid.id}, side.asked
    sealed, version = {"bid_id": side.sealed.id}, {"bid_id": side.sealed.id, "number": 1}
    read, named = {"bid_id": side.unread.id}, {"name": "route"}
    past, opened = {"code": side.past.challenge.code}, {"code": side.opened.code}
    file, partner = {"file_id": side.attached.file_id}, {"partner_id": side.bid.partners[0].id}
    token = {"token": token_of(side.invitation.id)}
    return {
        "bids.start": {"code": side.amended.code},
        "bids.shown": bid,
        "bids.edit": bid,
        "bids.document": bid,
        "bids.submit": bid,
        "bids.withdraw": sealed,
        "bids.version_document": {**read, "number": 1},
        "bids.opening": past,
        "bids.fail": {"code": side.empty.code},
        "bids.take_papers": opened,
        "bids_amended.acknowledge": {"bid_id": asked.id, "number": 1},
        "counting.sealed": past,
        "counting.sealed_file": past,
        "sections.write": {**bid, **named},
        "sections.autosave": {**bid, **named},
        "sections.owner": {**bid, **named},
        "sections.attachments": bid,
        "sections.attachment": {**bid, **file},
        "sections.detach": {**bid, **file},
        "sections.copy": bid,
        "sections.changes": {**read, "number": 1},
        "sections.on_paper": bid,
        "sections.version_on_paper": {**read, "number": 1},
        "receipts.shown": version,
        "receipts.as_file": version,
        "receipts.manifest": {**read, "number": 1},
        "teams.team": bid,
        "teams.invite": bid,
        "teams.change": {**bid, **partner},
        "teams.take_off": {**bid, **partner},
        "teams.answer": {"partner_id": asked.partners[0].id},
        "teams.name_person": bid,
        "teams.release_person": {**bid, "person_id": side.named.id},
        "teams.withdraw_invitation": {**bid, "invitation_id": side.invitation.id},
        "joining.join": token,
        "joining.take_up": token,
        "joining.register": token,
        "checks.shown": read,
        "checks.take": read,
        "checks.answer": {**read, "key": "credit"},
        "checks.pass_check": read,
        "checks.refuse": read,
        "checks.ask_correction": read,
        "checks.decide_reply": {"bid_id": side.contested.id},
        "checks.result": {"bid_id": side.correcting.id},
        "checks.correct": {"bid_id": side.correcting.id},
        "checks.reply": {"bid_id": side.refused.id},
        "likeness.listed": opened,
        "likeness.compare": opened,
        "likeness.pair": {"pair_id": side.pair.id},
    }


def _sealed(side: Side) -> dict[str, Values]:
    after, elsewhere = side.after, {"code": side.after.gathered.code}
    begun, lost = {"code": side.past.challenge.code}, {"code": side.after.lost.code}
    again, strict = {"bid_id": side.after.again.id}, {"bid_id": side.after.strict.id}
    return {
        "counting.opening_record": begun,
        "gathering.begin": begun,
        "gathering.cancel": elsewhere,
        "gathering.present": elsewhere,
        "gathering.share": elsewhere,
        "gathering.come": elsewhere,
        "losses.shown": lost,
        "losses.declare": begun,
        "losses.confirm": lost,
        "losses.dismiss": lost,
        "losses.take_back": lost,
        "returning.shown": again,
        "returning.bring_manifest": again,
        "returning.bring_draft": again,
        "returning.bring_files": again,
        "returning.hand_in": again,
        "strict.last_page": strict,
        "strict.go_on": strict,
        "strict.sealed_elsewhere": strict,
        "strict.key_file": strict,
        "unopened.shown": {"bid_id": after.aside.id},
        "unopened.set_aside": {"bid_id": after.faulty.id},
        "unopened.object_to": {"bid_id": after.aside.id},
        "unopened.answer": {"bid_id": after.contested.id},
    }


def _rooms(side: Side) -> dict[str, Values]:
    rooms, ready = side.rooms, {"code": side.ready.code}
    expert, resting = {"reviewer_id": side.expert.id}, {"reviewer_id": rooms.resting.id}
    drawn, frozen = {"code": rooms.drawn.code}, {"code": rooms.frozen.code}
    secret = str(current_app.secret_key)
    return {
        "pool.expert": expert,
        "pool.edit": expert,
        "pool.approve": {"reviewer_id": rooms.proposed.id},
        "pool.rest": expert,
        "pool.come_back": resting,
        "pool.remove": expert,
        "experts.checked": {"file_id": rooms.list.id},
        "experts.approve": {"file_id": rooms.list.id},
        "experts.template": {"kind": "csv"},
        "experts.export": {"kind": "csv"},
        "claims.claim": {"token": links.token_of(secret, claims.PURPOSE, rooms.newcomer.id)},
        "conflicts.listed": ready,
        "conflicts.look": ready,
        "conflicts.enter": ready,
        "conflicts.decide": {**ready, "wish_id": rooms.wish.id},
        "conflicts.declare": {"seat_id": side.seat.id},
        "conflicts.declare_later": {"seat_id": side.sheet.seat_id},
        "conflicts.cooperation": expert,
        "conflicts.take_back": {"coworking_id": rooms.coworking.id},
        "draws.page": drawn,
        "draws.record": drawn,
        "draws.aliases": drawn,
        "draws.further": drawn,
        "draws.freeze": ready,
        "draws.abandon": frozen,
        "draws.bind": frozen,
        "draws.show": frozen,
        "draws.numbers": frozen,
    }


def _ranking(side: Side) -> dict[str, Values]:
    code = {"code": side.ranked.code}
    ranking = latest_ranking(side.session, side.ranked.id)
    one = {**code, "ranking_id": ranking.id if ranking else side.ranked.id}
    found = {"disagreement_id": side.disagreement.id}
    acts = ("page", "answer", "say", "settle", "lead")
    return {
        "rankings.latest": code,
        **{f"rankings.{name}": one for name in ("page", "scores", "workbook")},
        "disagreements.listed": code,
        **{f"disagreements.{name}": found for name in acts},
    }


def _panels(side: Side) -> dict[str, Values]:
    panels, coming, sitting = side.panels, side.panels.coming, side.panels.sitting
    closed, on = {"code": panels.closed.round.challenge.code}, {"turn_id": sitting.turns[0].id}
    bid, seat = {"bid_id": coming.turns[0].bid_id}, {"seat_id": coming.round.seats[0].id}
    judge, screen = (
        {"seat_id": sitting.round.seats[0].id},
        {"code": sitting.round.challenge.code},
    )
    return {
        "panels.page": closed,
        "panels.paper": {**closed, "document": "minutes"},
        "panels.facts": closed,
        "panels.checked": {"fingerprint": panels.closed.minutes_sha256},
        "panels.plan": {"code": panels.ranked.code},
        "panels.change": {"panel_id": coming.id},
        "panels.call_off": {"panel_id": coming.id},
        "panels.take": {"panel_id": coming.id, "action": "begin"},
        "panels.sign_in": {"panel_id": coming.id, **seat},
        "panels.move": {"turn_id": coming.turns[0].id},
        "panels.step": {**on, "action": "finish"},
        "panels.note": on,
        "panels.recuse": {**on, **judge},
        "hearings.turn": bid,
        "hearings.answer": bid,
        "hearings.turn_calendar": bid,
        "hearings.seat": seat,
        "hearings.seat_calendar": seat,
        "hearings.sign_in": seat,
        "hearings.vote": {**judge, **on},
        "hearings.leave": {**seat, "turn_id": coming.turns[0].id},
        "hearings.screen": screen,
        "hearings.screen_part": screen,
    }


def _later(side: Side) -> dict[str, Values]:
    ready, scoring = {"code": side.ready.code}, side.sheet.seat.round.challenge
    seat, sheet = {"seat_id": side.seat.id}, {"sheet_id": side.sheet.id}
    published, reported = side.published, side.reported
    sat = {"code": scoring.code, "seat_id": side.sheet.seat_id}
    return {
        "reviews.board": {"code": scoring.code},
        **{f"board.{name}": {"code": scoring.code} for name in ("times", "extend_round", "close")},
        **{f"board.{name}": sat for name in ("seat", "remind", "extend", "replace", "excuse")},
        "reviews.board_part": {"code": scoring.code},
        "reviews.start": ready,
        "reviews.seat": seat,
        "reviews.decline": seat,
        **_ranking(side),
        "sheets.page": sheet,
        "sheets.document": sheet,
        "sheets.autosave": sheet,
        "sheets.paper": sheet,
        "sheets.picture": {**sheet, "number": 1},
        "sheets.attachment": {**sheet, "file_id": side.beside.id},
        "sheets.give_back": sheet,
        "sheets.answer_return": {**sheet, "answer": "refuse"},
        "sheets.listed": {"code": scoring.code},
        "results.listed": {"code": side.ranked.code},
        "results.check": {"bid_id": bids_of(side.ranked)[0].id},
        "results.shown": {"bid_id": side.begun.bid_id},
        "awards.decision": {"code": side.ranked.code},
        "awards.close": {"code": side.hopeless.code},
        "awards.publish": {"notice_id": side.decided.id},
        "awards.notice": {"code": published.challenge.code},
        "awards.printed": {"code": published.challenge.code, "number": published.number},
        "awards.correct": {"notice_id": published.id},
        "awards.renounce": {"notice_id": side.published.id, "bid_id": side.winner.id},
        "objections.object_to": {"notice_id": published.id},
        "objections.accept": {"objection_id": side.objection.id},
        "objections.refuse": {"objection_id": side.objection.id},
        "objections.shown": {"objection_id": side.examined.id},
        "objections.evidence": {"file_id": side.examined.evidence[0].file_id},
        "objections.hand_over": {"objection_id": side.examined.id},
        "objections.answer": {"objection_id": side.examined.id},
        "awards.withdraw": {"notice_id": side.upheld.id},
        "awards.confirm": {"notice_id": side.over.id},
        "projects.shown": {"code": reported.code},
        **running.addresses(side),
        **acceptances.addresses(side),
        "registry.entry": {"number": side.entry.number},
        "guide.page": {"slug": "bidder"},
        "registry.past": {"slug": side.past_project.slug},
    }


def _own(side: Side) -> dict[str, Values]:
    job, mail = {"job_id": side.job.id}, {"mail_id": side.mail.id}
    return {
        "factor.confirm_reset": {"reset_id": side.reset.id},
        "factor.dismiss_reset": {"reset_id": side.reset.id},
        "accounts.end_session": {"session_id": side.sign_in.id},
        "finding.drop": {"search_id": side.search.id},
        "jobs.shown": job,
        "jobs.part": job,
        "jobs.cancel": job,
        "jobs.result_file": {"job_id": side.done_job.id},
        "mails.letter": mail,
        "mails.as_html": mail,
        "log.checkpoint_of": {"size": side.checkpoint},
    }


def further_pages(side: Side) -> list[tuple[str, Values]]:
    """Pages with forms that the addresses above do not show, as each shows another thing."""
    challenges = (
        side.hopeless,
        side.published.challenge,
        side.decided.challenge,
        side.over.challenge,
    )
    needs = side.taken_need, side.asked_need, side.closed_need, side.own_need
    return [
        *(("awards.decision", {"code": one.code}) for one in challenges),
        *(("needs.shown", {"need_id": one.id}) for one in needs),
        *(("projects.shown", {"code": one.code}) for one in (side.begun, side.finished)),
        ("contracts.shown", {"code": side.frozen.project.code}),
        ("milestones.report", {"milestone_id": side.reported.milestones[0].id}),
        ("approvals.page", {"challenge_id": side.proposal.challenge_id}),
        ("checks.shown", {"bid_id": side.contested.id}),
        ("checks.result", {"bid_id": side.refused.id}),
        ("bids.opening", {"code": side.empty.code}),
        ("bids.opening", {"code": side.opened.code}),
        ("bids.shown", {"bid_id": side.sealed.id}),
        ("bids.shown", {"bid_id": side.asked.id}),
        ("teams.team", {"bid_id": side.asked.id}),
        ("keys.of_challenge", {"challenge_id": side.draft.id}),
        ("bids.opening", {"code": side.after.gathered.code}),
        ("losses.shown", {"code": side.past.challenge.code}),
        ("unopened.shown", {"bid_id": side.after.faulty.id}),
        ("unopened.shown", {"bid_id": side.after.contested.id}),
        ("keys.share", {"share_id": side.taken.id}),
        ("amendments.desk", {"amendment_id": side.proposed.id}),
        ("reviews.board", {"code": side.ready.code}),
        ("draws.page", {"code": side.ready.code}),
        ("panels.page", {"code": side.panels.ranked.code}),
        ("panels.page", {"code": side.panels.coming.round.challenge.code}),
        ("panels.page", {"code": side.panels.sitting.round.challenge.code}),
        ("hearings.seat", {"seat_id": side.panels.sitting.round.seats[0].id}),
        ("draws.page", {"code": side.rooms.frozen.code}),
        ("pool.expert", {"reviewer_id": side.rooms.proposed.id}),
        ("pool.expert", {"reviewer_id": side.rooms.resting.id}),
        ("challenges.page", {"code": side.amended.code}),
        ("questions.answer", {"question_id": side.answered.id}),
    ]
