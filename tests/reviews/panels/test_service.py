"""A panel from its planning to its minutes, as officers, members and teams hold it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.awards import service as awards
from portal.awards.rules import Wording
from portal.bids.queries import eligible
from portal.challenges.rules import ChallengeState
from portal.challenges.settings import PanelMethod
from portal.core import clock
from portal.core.crypto import canonical, sha256
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed, TooEarly
from portal.notifications.models import InboxItem
from portal.reviews.conflicts import late
from portal.reviews.conflicts.rules import ConflictKind
from portal.reviews.draws.rules import permutation
from portal.reviews.panels import closing, inviting, planning, queries, sitting
from portal.reviews.panels.rules import Answer, PanelState, TurnState, Vote
from portal.reviews.rankings import queries as ranking_queries
from portal.reviews.rankings import service as rankings
from portal.reviews.results import queries as results
from portal.reviews.results.queries import Heard
from portal.reviews.rounds import answers
from portal.reviews.rounds import queries as rounds
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets.rules import SheetState
from tests.factories.awards import lead_of, officer_of
from tests.factories.panels import (
    accepted,
    hear_all,
    judge,
    make_panel,
    make_panel_challenge,
    over,
    read,
    read_turn,
    run_by,
    sheet_of,
    take,
    tomorrow,
)
from tests.factories.reviews import give_back, reviewer_of, submit_all


def told(session: Session, person_id: object) -> list[str]:
    query = select(InboxItem.subject).where(InboxItem.person_id == person_id)
    return list(session.scalars(query))


def logged(session: Session, action: Action) -> list[Entry]:
    return list(session.scalars(select(Entry).where(Entry.kind == action.value)))


def test_a_panel_hears_the_first_in_the_order_of_the_lot_before_the_same_experts(
    session: Session,
) -> None:
    challenge = make_panel_challenge(bids=3, panel_first=0)
    now = clock.now(session)
    lead = lead_of(eligible(session, challenge.id)[0])
    with pytest.raises(NotAllowed):
        planning.plan(lead, challenge.id, tomorrow(), now)
    before = rounds.round_of(session, challenge.id)
    experts = [seat.reviewer_id for seat in before.seats]
    panel = planning.plan(officer_of(challenge), challenge.id, tomorrow(), now)
    seed = bytes.fromhex(panel.lot["seed"])
    order = permutation(seed, "panel", [str(turn.bid_id) for turn in panel.turns])
    assert [str(turn.bid_id) for turn in panel.turns] == order
    minutes = [(turn.begins_at - panel.begins_at) / timedelta(minutes=1) for turn in panel.turns]
    assert minutes == [0, 40, 80]
    assert [seat.reviewer_id for seat in panel.round.seats] == experts
    assert challenge.state is ChallengeState.REVIEWING
    assert panel.state is PanelState.PLANNED
    teams = [lead_of(turn.bid).user_id for turn in panel.turns]
    assert not any("panel" in text for team in teams for text in told(session, team))
    with pytest.raises(NotAllowed):
        planning.plan(officer_of(challenge), challenge.id, tomorrow(), now)
    assert rounds.round_of(session, challenge.id).id == before.id


def test_a_challenge_whose_rules_have_no_panel_gets_none_and_one_with_none_is_not_decided(
    session: Session,
) -> None:
    challenge = make_panel_challenge()
    now, officer = clock.now(session), officer_of(challenge)
    session.commit()
    place = ranking_queries.latest_ranking(session, challenge.id).places[0]
    with pytest.raises(IllegalMove, match="panel"):
        awards.decide(
            officer, challenge.id, [place.bid_id], Wording("第 3 次会议", "", "010-1", "010-2"), now
        )
    challenge.settings = {**challenge.settings, "review_method": "online"}
    session.commit()
    with pytest.raises(NotAllowed, match="no panel"):
        planning.plan(officer, challenge.id, tomorrow(), now)
    awards.decide(
        officer, challenge.id, [place.bid_id], Wording("第 3 次会议", "", "010-1", "010-2"), now
    )


def test_a_day_that_is_over_too_long_or_nowhere_is_refused(session: Session) -> None:
    challenge = make_panel_challenge()
    now = clock.now(session)
    wrong = tomorrow(begins_at=now, talk=700, place="")
    with pytest.raises(InvalidInput) as refused:
        planning.plan(officer_of(challenge), challenge.id, wrong, now)
    assert {one.field for one in refused.value.problems} == {"begins_at", "talk", "venue"}
    assert challenge.state is ChallengeState.RANKED


def test_teams_are_told_confirm_and_are_asked_again_when_their_time_moves(
    session: Session,
) -> None:
    panel = make_panel()
    now, officer = clock.now(session), run_by(panel)
    first, second = panel.turns
    lead = lead_of(first.bid)
    with pytest.raises(IllegalMove):
        inviting.answer(lead, first.bid_id, Answer.COMING, "", now)
    inviting.invite(officer, panel.id, now)
    assert any("please confirm" in text for text in told(session, lead.user_id))
    with pytest.raises(NotAllowed):
        inviting.answer(lead_of(second.bid), first.bid_id, Answer.COMING, "", now)
    with pytest.raises(Invalid):
        inviting.answer(lead, first.bid_id, Answer.NOT_COMING, "", now)
    inviting.answer(lead, first.bid_id, Answer.COMING, "张工、李工到场", now)
    assert read_turn(first).answer is Answer.COMING
    with pytest.raises(Invalid):
        planning.move_turn(officer, second.id, 0, "短", now)
    planning.move_turn(officer, second.id, 0, "该团队上午须出席验收会议", now)
    panel = read(panel)
    assert [turn.id for turn in panel.turns] == [second.id, first.id]
    assert [turn.begins_at for turn in panel.turns] == list(panel.timetable.slots(2))
    assert panel.turns[1].answer is Answer.OPEN
    assert panel.turns[0].moved == "该团队上午须出席验收会议"
    late_day = panel.begins_at + timedelta(minutes=1)
    with pytest.raises(NotAllowed):
        inviting.answer(lead, first.bid_id, Answer.COMING, "", late_day)


def test_everybody_is_reminded_once_a_day_before(session: Session) -> None:
    panel = make_panel(invited=True)
    eve = panel.begins_at - timedelta(days=1)
    assert queries.to_remind(session, eve - timedelta(seconds=1)) == []
    assert queries.to_remind(session, eve) == [panel.id]
    for _ in range(2):
        inviting.remind(panel.id, eve)
    assert queries.to_remind(session, eve) == []
    member = panel.round.seats[0].reviewer.person_id
    assert sum("begins" in text for text in told(session, member)) == 1
    assert len(logged(session, Action.PANEL_REMINDED)) == 1


def test_one_that_is_called_off_frees_the_ranking_and_is_planned_again_in_the_same_order(
    session: Session,
) -> None:
    panel = make_panel(invited=True, bids=3)
    challenge, now = panel.round.challenge, clock.now(session)
    inviting.call_off(officer_of(challenge), panel.id, "会场停电，改期召开", now)
    assert challenge.state is ChallengeState.RANKED
    assert panel.round.state is RoundState.CALLED_OFF
    again = planning.plan(officer_of(challenge), challenge.id, tomorrow(), now)
    assert again.lot == panel.lot
    assert again.round.number == panel.round.number + 1


def test_a_member_who_declines_is_replaced_by_the_next_in_the_order_of_the_draw(
    session: Session,
) -> None:
    panel = make_panel(invited=True)
    seat, now = panel.round.seats[0], clock.now(session)
    known = {one.reviewer_id for one in panel.round.seats}
    answers.decline(reviewer_of(seat), seat.id, "当日出差在外地", now)
    round_service.refill(panel.round_id, now)
    seats = read(panel).round.seats
    assert [one.state for one in seats].count(SeatState.INVITED) == 3
    assert seats[-1].reviewer_id not in known


def test_it_opens_on_its_day_with_two_thirds_of_those_who_accepted(session: Session) -> None:
    panel = make_panel(invited=True)
    officer, now = run_by(panel), clock.now(session)
    first, second, third = panel.round.seats
    with pytest.raises(NotAllowed, match="accepted"):
        sitting.sign_in(reviewer_of(first), panel.id, first.id, panel.begins_at)
    for seat in (first, second):
        answers.accept(reviewer_of(seat), seat.id, now)
    with pytest.raises(NotAllowed, match="two hours"):
        sitting.sign_in(reviewer_of(first), panel.id, first.id, now)
    with pytest.raises(NotAllowed, match="another reviewer"):
        sitting.sign_in(reviewer_of(second), panel.id, first.id, panel.begins_at)
    for _ in range(2):
        sitting.sign_in(reviewer_of(first), panel.id, first.id, panel.begins_at)
    with pytest.raises(TooEarly):
        sitting.begin(officer, panel.id, now)
    with pytest.raises(IllegalMove, match="2 members"):
        sitting.begin(officer, panel.id, panel.begins_at)
    sitting.sign_in(officer, panel.id, second.id, panel.begins_at)
    sitting.begin(officer, panel.id, panel.begins_at)
    assert read(panel).state is PanelState.SITTING
    assert third.id not in panel.present


def test_one_team_is_on_at_a_time_and_in_order(session: Session) -> None:
    panel = make_panel(sitting=True)
    first, second = panel.turns
    with pytest.raises(IllegalMove, match="first"):
        take(second, "call")
    take(first, "call")
    for action in ("call", "miss"):
        with pytest.raises(IllegalMove, match="Another team is on"):
            take(second, action)
    with pytest.raises(IllegalMove, match="2 members"):
        take(first, "ask", "judge", "finish")
    judge(first)
    assert take(first, "finish").state is TurnState.HEARD
    assert take(second, "miss").state is TurnState.ABSENT


def test_scores_are_weighed_into_the_next_ranking_and_the_minutes_are_fixed(
    session: Session,
) -> None:
    panel = make_panel(closed=True, bids=3, panel_first=0, panel_weight=60)
    challenge = panel.round.challenge
    ranking = ranking_queries.latest_ranking(session, challenge.id)
    assert ranking.round_id == panel.round_id
    # Online each bid has 80.00; the panel gave 70, 80 and 90 in its order.
    found = {place.bid_id: (place.place, place.mean) for place in ranking.places}
    means = [Decimal("74.00"), Decimal("80.00"), Decimal("86.00")]
    assert [found[turn.bid_id] for turn in panel.turns] == list(zip([3, 2, 1], means, strict=True))
    told = results.result_of(session, panel.turns[0].bid)
    assert (told.score, told.panel) == (means[0], Heard("80.00", is_heard=True, weight=60))
    assert challenge.state is ChallengeState.RANKED
    assert panel.minutes_sha256 == sha256(canonical(panel.minutes))
    entry = logged(session, Action.PANEL_CLOSED)[0]
    assert entry.payload["minutes"] == panel.minutes_sha256
    assert queries.by_fingerprint(session, panel.minutes_sha256) is panel
    winner = ranking.places[0].bid_id
    awards.decide(
        officer_of(challenge),
        challenge.id,
        [winner],
        Wording("第 3 次会议", "", "010-1", "010-2"),
        over(panel),
    )


def test_a_sheet_that_is_not_handed_in_does_not_count_nor_one_of_who_came_late(
    session: Session,
) -> None:
    panel = make_panel(invited=True)
    now, officer = clock.now(session), run_by(panel)
    for seat in panel.round.seats:
        answers.accept(reviewer_of(seat), seat.id, now)
    first, second, third = accepted(panel)
    for seat in (first, second):
        sitting.sign_in(officer, panel.id, seat.id, panel.begins_at)
    sitting.begin(officer, panel.id, panel.begins_at)
    turn = take(panel.turns[0], "call", "ask")
    sitting.sign_in(officer, panel.id, third.id, panel.begins_at + timedelta(minutes=5))
    assert not third.sheets
    assert turn.entitled == 2
    take(turn, "judge")
    judge(turn)
    take(turn, "finish")
    following = take(read(panel).turns[1], "call", "ask", "judge")
    assert following.entitled == 3
    slow = accepted(panel)[2]
    for seat in accepted(panel)[:2]:
        assert sheet_of(following, seat).state is SheetState.DRAFT
    sitting.recuse(
        reviewer_of(slow), following.id, slow.id, "曾为该团队提供过咨询", panel.begins_at
    )
    assert sheet_of(following, accepted(panel)[2]).state is SheetState.VOID
    assert read_turn(following).entitled == 2
    judge(following)
    take(following, "finish")
    closing.close(officer, panel.id, over(panel))
    assert [one["sheets"] for one in read(panel).minutes["turns"]] == [2, 2]


def test_a_ballot_is_secret_cast_once_and_needs_two_thirds(session: Session) -> None:
    panel = make_panel(sitting=True, method=PanelMethod.BALLOT)
    turn, later = panel.turns
    seats = accepted(panel)
    with pytest.raises(NotAllowed, match="no vote"):
        sitting.vote(reviewer_of(seats[0]), turn.id, Vote.YES, panel.begins_at)
    take(turn, "call", "ask", "judge")
    assert not any(seat.sheets for seat in seats)
    for seat, said in zip(seats, (Vote.YES, Vote.NO, Vote.ABSTAIN), strict=True):
        sitting.vote(reviewer_of(seat), turn.id, said, panel.begins_at)
        with pytest.raises(NotAllowed, match="have voted"):
            sitting.vote(reviewer_of(seat), turn.id, said, panel.begins_at)
    for entry in logged(session, Action.BALLOT_CAST):
        assert set(entry.payload) == {"turn"}
    columns = {column.name for column in read_turn(turn).ballots[0].__table__.columns}
    assert columns == {"turn_id", "seat_id"}
    take(turn, "finish")
    take(later, "call", "ask", "judge")
    judge(later)
    take(later, "finish")
    closing.close(run_by(panel), panel.id, over(panel))
    ranking = ranking_queries.latest_ranking(session, panel.round.challenge_id)
    passed = {place.bid_id: place.passed for place in ranking.places}
    assert passed == {turn.bid_id: False, later.bid_id: True}
    assert ranking.places[0].bid_id == later.bid_id
    told = results.result_of(session, read_turn(turn).bid).panel
    assert (told.is_heard, told.yes, told.entitled) == (True, 1, 3)


def test_a_conflict_found_afterwards_counts_the_result_again_and_leaves_the_minutes(
    session: Session,
) -> None:
    panel = make_panel(closed=True, whole=True)
    challenge, now = panel.round.challenge, over(panel)
    gone, minutes = panel.round.seats[0], panel.minutes_sha256
    bid_id = panel.turns[0].bid_id
    reason = "三年内曾共同承担同一项目"
    kind = ConflictKind.ADVICE
    late.enter(officer_of(challenge), challenge.id, gone.reviewer_id, bid_id, kind, reason, now)
    assert challenge.state is ChallengeState.REVIEWING
    assert queries.to_recount(session) == []  # the online review has a seat to fill first
    online = rounds.round_of(session, challenge.id)
    round_service.refill(online.id, now)
    round_service.refill(panel.round_id, now)
    for seat in online.seats:
        if seat.state is SeatState.INVITED:
            answers.accept(reviewer_of(seat), seat.id, now)
    round_service.begin_scoring(online.id, now)
    submit_all(online)
    rankings.rank_round(online.id, now)
    assert challenge.state is ChallengeState.REVIEWING
    assert queries.to_recount(session) == [panel.id]
    for _ in range(2):
        closing.recount(panel.id, now)
    ranking = ranking_queries.latest_ranking(session, challenge.id)
    assert (ranking.round_id, ranking.number) == (panel.round_id, 2)
    assert all(len(one["sheets"]) == 2 for one in ranking.inputs["panel"].values())
    assert challenge.state is ChallengeState.RANKED
    assert read(panel).minutes_sha256 == minutes
    assert queries.to_recount(session) == []


def test_a_sheet_that_was_given_back_is_waited_for(session: Session) -> None:
    panel = make_panel(sitting=True)
    hear_all(panel)
    officer, turn = run_by(panel), read(panel).turns[0]
    sheet = sheet_of(turn, accepted(panel)[0])
    give_back(sheet, "该项得分与所写理由不一致，请核对后重新提交。")
    with pytest.raises(IllegalMove, match="given back"):
        closing.close(officer, panel.id, over(panel))
    judge(turn)
    closing.close(officer, panel.id, over(panel))
    assert [one["sheets"] for one in read(panel).minutes["turns"]] == [3, 3]


def test_who_waits_cannot_be_left_out_and_who_runs_it_is_an_officer(session: Session) -> None:
    panel = make_panel(sitting=True)
    member = accepted(panel)[0]
    with pytest.raises(NotAllowed):
        sitting.take(reviewer_of(member), panel.turns[0].id, "call", panel.begins_at)
    with pytest.raises(IllegalMove, match="still waits"):
        closing.close(run_by(panel), panel.id, over(panel))
    hear_all(panel)
    with pytest.raises(NotAllowed):
        closing.close(reviewer_of(accepted(panel)[0]), panel.id, over(panel))
