"""From the decision to the accepted project, and what the log and the inboxes say of it."""

from datetime import timedelta

from portal.audit.rules import Action
from portal.demo.walk.browser import OK, Value, WalkError
from portal.demo.walk.story import (
    AUDITOR,
    DISTRICT,
    LEADS,
    OFFICER,
    PARTNERS,
    PUBLIC,
    SECOND,
    World,
    attachment,
    name_of,
    text,
)

WINDOW_DAYS = 8
MONTH = timedelta(days=31)
UNUSED = {
    action.value
    for action in (
        Action.SIGN_IN_FAILED,
        Action.SIGNED_OUT,
        Action.SESSION_ENDED,
        Action.PASSWORD_CHANGED,
        Action.FACTOR_ASKED,
        Action.FACTOR_REFUSED,
        Action.FACTOR_PROPOSED,
        Action.FACTOR_SET_UP,
        Action.FACTOR_REMOVED,
        Action.RECOVERY_CODES_MADE,
        Action.FACTOR_RESET_ASKED,
        Action.FACTOR_RESET,
        Action.FACTOR_RESET_DISMISSED,
        Action.MASTER_KEY_CHANGED,
        Action.ROLE_GIVEN,
        Action.ACCESS_DENIED,
        Action.CALL_EDITED,
        Action.CALL_FILE_TAKEN,
        Action.CALL_EXPORTED,
        Action.CALL_IMPORTED,
        Action.CHALLENGE_EDITED,
        Action.CHALLENGE_COPIED,
        Action.CHALLENGE_PAPER_ATTACHED,
        Action.CHALLENGE_PAPER_REMOVED,
        Action.CHALLENGE_TAKEN_BACK,
        Action.CHALLENGE_CANCELLED,
        Action.AMENDMENT_RETURNED,
        Action.AMENDMENT_DROPPED,
        Action.CHALLENGE_FAILED,
        Action.BID_NOT_OPENED,
        Action.BID_RETURN_BEGUN,
        Action.BID_FILE_RETURNED,
        Action.BID_RETURNED,
        Action.BID_SET_ASIDE,
        Action.SETTING_ASIDE_CONTESTED,
        Action.SETTING_ASIDE_ANSWERED,
        Action.ENTRY_ERASED,
        Action.LOG_EXPORTED,
        Action.FILE_TAKEN,
        Action.DATABASE_MIGRATED,
        Action.PORTAL_CONFIGURED,
        Action.PARTNER_DECLINED,
        Action.PARTNER_REMOVED,
        Action.CHECK_TAKEN,
        Action.CORRECTION_ASKED,
        Action.CORRECTION_HANDED_IN,
        Action.CORRECTION_LAPSED,
        Action.REFUSAL_CONTESTED,
        Action.REPLY_DECIDED,
        Action.TEAM_PERSON_NAMED,
        Action.TEAM_PERSON_RELEASED,
        Action.BID_COPIED,
        Action.BID_WITHDRAWN,
        Action.SECTION_ASSIGNED,
        Action.BIDS_PACKED,
        Action.LIKENESS_ASKED,
        Action.LIKENESS_JUDGED,
        Action.RESULT_FETCHED,
        Action.FORMAL_CHECK_FAILED,
        Action.SEAT_REMINDED,
        Action.SEAT_REPLACED,
        Action.SEAT_WARNED,
        Action.SEAT_ESCALATED,
        Action.SEAT_EXTENDED,
        Action.SEAT_EXCUSED,
        Action.ROUND_EXTENDED,
        Action.ROUND_CLOSED,
        Action.SHEET_SAVED,
        Action.SHEET_RETURN_ASKED,
        Action.SHEET_RETURN_REFUSED,
        Action.SHEET_REOPENED,
        Action.REMARKS_CHECKED,
        Action.NOTICE_CLOSED,
        Action.NOTICE_CORRECTED,
        Action.NOTICE_WITHDRAWN,
        Action.CONTRACT_CONSENTED,
        Action.CONTRACT_LAPSED,
        Action.CONTRACT_AMENDED,
        Action.CONTRACT_REFUSED,
        Action.CONTRACT_EXTENDED,
        Action.AWARD_REOPENED,
        Action.REVERSAL_PROPOSED,
        Action.PAYMENT_REVERSED,
        Action.REVERSAL_DROPPED,
        Action.AWARD_RENOUNCED,
        Action.BID_RECHECKED,
        Action.OBJECTION_REFUSED,
        Action.OBJECTION_HANDED_OVER,
        Action.MILESTONE_RETURNED,
        Action.TRANCHE_CANCELLED,
        Action.SITE_VISITED,
        Action.MILESTONE_REMINDED,
        Action.TRANCHE_REMINDED,
        Action.ACCEPTANCE_RETURNED,
        Action.ACCEPTANCE_LEFT,
        Action.ACCEPTANCE_REWORK,
        Action.ACCEPTANCE_REMINDED,
        Action.PROJECT_FAILED,
        Action.FAILURE_SETTLED,
        Action.SURPLUS_RETURNED,
        Action.PHOTO_REMOVED,
        Action.FOLLOW_UP_REPORTED,
        Action.FOLLOW_UP_REMINDED,
        Action.MILESTONE_FAILED,
        Action.MILESTONE_PASSED_OVER,
        Action.TRANCHE_BLOCKED,
        Action.OWN_MONEY_REFUSED,
        Action.ACCOUNT_CLAIMED,
        Action.REVIEWER_RETURNED,
        Action.DRAW_ABANDONED,
        Action.DRAW_OPENED,
        Action.ROUND_REOPENED,
        Action.SEAT_CONFLICTED,
        Action.SHEET_VOIDED,
        Action.AVOIDANCE_DECIDED,
    )
}
"""Acts that this way does not need."""
BESIDE = (
    "opinion.",
    "need.",
    "question.",
    "loss.",
    "witness.",
    "opening.",
    "conflict",
    "coworking.",
    "panel.",
    "pool.",
    "allotment.",
    "disagreement.",
    "score.",
    "vote.",
    "change.",
    "ending.",
    "race.",
    "integrity.",
)
"""How the acts of other ways begin."""


def decides(world: World) -> str:
    """The officer decides and publishes the notice."""
    browser = world.at(OFFICER)
    path = f"/challenges/{world.code}/decision"
    browser.visit(path)
    browser.act("form:has([name=winners])", {"meeting": text()["meeting"]})
    said = browser.act('form[action$="/publish"]', {})
    if browser.has('form[action$="/confirm"]'):
        raise WalkError("the award could be confirmed while objections are still open")
    return said


def objects(world: World) -> str:
    """The other team objects."""
    browser = world.at(LEADS[1])
    browser.visit(f"/notices/{world.code}")
    return browser.act('form[action$="/objections"]', {"text": text()["objection"]})


def receives(world: World) -> str:
    """The officer accepts the objection for examination by a colleague who is not involved."""
    officer = world.at(OFFICER)
    officer.visit(f"/challenges/{world.code}/decision")
    world.objection = officer.link("/objections/")
    officer.visit(world.objection)
    names = officer.each("#examiner option")
    ids = officer.values("#examiner option", "value")
    examiner = dict(zip(names, ids, strict=True))[name_of(SECOND)]
    if name_of(OFFICER) in names:
        raise WalkError("whoever decided could examine the objection")
    return officer.act('form[action$="/accept"]', {"examiner": examiner, "days": "5"})


def answers(world: World) -> str:
    """The colleague, who alone learns the name, answers the objection."""
    examiner = world.at(SECOND)
    examiner.visit(world.objection)
    told = {"answer": text()["objection_answer"], "summary": text()["objection_summary"]}
    return examiner.act("form:has([name=verdict])", {"verdict": "dismissed", **told})


def confirms(world: World) -> str:
    """The window passes; the officer confirms; the worker makes the project."""
    world.forward(timedelta(days=WINDOW_DAYS))
    browser = world.at(OFFICER)
    browser.visit(f"/challenges/{world.code}/decision")
    browser.act('form[action$="/confirm"]', {})

    def made() -> bool:
        lead = world.at(LEADS[0])
        lead.visit("/projects")
        return lead.has('main a[href^="/projects/"]')

    world.until("the project", made)
    world.project = world.at(LEADS[0]).link("/projects/")
    return f"project {world.project.rsplit('/', 1)[-1]}"


def reports(world: World, number: int) -> str:
    """Months later the lead reports a milestone, with evidence."""
    plan = text()["bids"][0]["sections"]["milestones"]["milestones"]
    before = plan[number - 1]["month"] if number else 0
    world.forward(MONTH * (plan[number]["month"] - before) - timedelta(days=20))
    lead = world.at(LEADS[0])
    lead.visit(world.project)
    world.report = lead.link("/milestones/")
    lead.visit(world.report)
    evidence = attachment("evidence.pdf")
    values: dict[str, Value] = {"report": text()["report"], "evidence": evidence}
    for name in lead.values('input[name^="values-"]', "name"):
        if name.endswith("-value"):
            values[name] = "30"
        elif name.endswith("-file"):
            values[name] = evidence
        elif name.endswith("-how"):
            values[name] = text()["measured_how"]
    return lead.act("form:has([name=report])", values)


def examines(world: World) -> str:
    """The officer accepts the milestone."""
    officer = world.at(OFFICER)
    officer.visit(world.report)
    return officer.act('form[action$="/accept"]', {"answer": text()["milestone_answer"]})


def pays(world: World, number: int) -> str:
    """The officer pays every tranche that is due; the worker has set them due."""
    officer = world.at(OFFICER)
    due = 'form[action^="/tranches/"]'

    def any_due() -> bool:
        officer.visit(f"{world.project}/money")
        return officer.has(due)

    world.until("tranches fall due", any_due)
    paid: list[str] = []
    while any_due():
        voucher = f"{text()['voucher']}-{number + 1}{len(paid) + 1}"
        values: dict[str, Value] = {"voucher": voucher, "file": attachment("evidence.pdf")}
        said = officer.act(due, values)
        paid.append(f"{voucher} {said}")
    return " ".join(paid)


def own_money(world: World) -> str:
    """The lead records the team's own money, and the officer confirms it."""
    lead, budget = world.at(LEADS[0]), text()["bids"][0]["sections"]["budget"]["budget"]
    page, officer, said = f"{world.project}/money", world.at(OFFICER), ""
    for source in ("enterprise", "social"):
        lead.visit(page)
        amount = sum(row["amount"] for row in budget if row["source"] == source)
        values: dict[str, Value] = {"source": source, "amount": str(amount)}
        values |= {"document": f"{text()['voucher']}-{source}", "file": attachment("evidence.pdf")}
        lead.act('form[action$="/own-money"]', values)
        officer.visit(page)
        said = officer.act('form[action$="/confirm"]', {})
    return said


def on_board(world: World) -> str:
    """The district's officer finds the project on the board of its cluster."""
    browser, title = world.at(DISTRICT), text()["bids"][0]["sections"]["outline"]["title"]
    browser.visit("/boards")
    browser.visit(browser.link(f"/boards/{text()['cluster']}"))
    if title not in browser.words("main"):
        raise WalkError(f"{browser.path()} does not show {title}")
    return browser.words("h1")


def in_registry(world: World) -> str:
    """Anybody reads the project in the public registry, beside those of the report."""
    browser = world.at(PUBLIC)
    title = text()["bids"][0]["sections"]["outline"]["title"]

    def entered() -> bool:
        browser.visit("/registry")
        return title in browser.each('main a[href^="/registry/"]')

    world.until("the registry's entry", entered)
    shown = browser.each('main a[href^="/registry/"]')
    world.registry = browser.values('main a[href^="/registry/"]', "href")[shown.index(title)]
    browser.visit(world.registry)
    return f"{world.registry} {browser.words('h1')}"


def audited(world: World) -> str:
    """The auditor reads the log; every act of the way has left its entry."""
    browser, path = world.at(AUDITOR), "/log/entries"
    found: list[str] = []
    while path:
        browser.visit(path)
        found += browser.values("tbody tr", "data-kind")
        older = browser.values('main a[href*="before="]', "href")
        path = older[-1] if older else ""
    acts = {action.value for action in Action if not action.value.startswith(BESIDE)}
    missing = acts - UNUSED - set(found)
    if missing:
        raise WalkError(f"the log has no entry of {', '.join(sorted(missing))}")
    return f"{len(found)} entries of {len(set(found))} kinds"


def told(world: World) -> str:
    """Everybody whom it concerned has news in the inbox."""
    people = (OFFICER, *LEADS, *PARTNERS, *world.seated)
    for email in people:
        browser = world.at(email)
        if browser.open("/inbox") != OK or not browser.has("main .news__one"):
            raise WalkError(f"{email} was told nothing")
    return f"{len(people)} people have news"
