"""From the decision to the accepted project, and what the log and the inboxes say of it."""

from datetime import timedelta

from portal.demo.walk.browser import OK, Value, WalkError
from portal.demo.walk.story import (
    AUDITOR,
    LEADS,
    OFFICER,
    PARTNERS,
    PUBLIC,
    World,
    attachment,
    text,
)

WINDOW_DAYS = 8
MONTH = timedelta(days=31)


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
    """The other team objects; the officer answers."""
    browser = world.at(LEADS[1])
    browser.visit(f"/notices/{world.code}")
    said = browser.act('form[action$="/objections"]', {"text": text()["objection"]})
    officer = world.at(OFFICER)
    officer.visit(f"/challenges/{world.code}/decision")
    values: dict[str, Value] = {"verdict": "dismissed", "answer": text()["objection_answer"]}
    return f"{said} {officer.act('form:has([name=verdict])', values)}"


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


def milestone(world: World, number: int) -> str:
    """A milestone: reported with evidence, accepted, its tranches paid by source."""
    plan = text()["bids"][0]["milestones"]
    before = plan[number - 1]["month"] if number else 0
    world.forward(MONTH * (plan[number]["month"] - before) - timedelta(days=20))
    lead, officer = world.at(LEADS[0]), world.at(OFFICER)
    lead.visit(world.project)
    report = lead.link("/milestones/")
    lead.visit(report)
    evidence = attachment("evidence.pdf")
    lead.act("form:has([name=report])", {"report": text()["report"], "evidence": evidence})
    officer.visit(report)
    officer.act('form[action$="/accept"]', {"answer": text()["milestone_answer"]})
    return f"accepted; tranches paid: {_pay(world, number)}"


def _pay(world: World, number: int) -> int:
    """Pay every tranche that is due; the worker has set them due."""
    officer = world.at(OFFICER)
    due = 'form[action^="/tranches/"]'

    def any_due() -> bool:
        officer.visit(world.project)
        return officer.has(due)

    world.until("tranches fall due", any_due)
    paid = 0
    while any_due():
        paid += 1
        officer.act(due, {"voucher": f"{text()['voucher']}-{number + 1}{paid}"})
    return paid


def own_money(world: World) -> str:
    """The lead records the team's own money."""
    lead, budget = world.at(LEADS[0]), text()["bids"][0]["fields"]
    said = ""
    for source in ("enterprise", "social"):
        lead.visit(world.project)
        values: dict[str, Value] = {"source": source, "amount": str(budget[f"budget_{source}"])}
        said = lead.act('form[action$="/own-money"]', values)
    return said


def measures(world: World) -> str:
    """The officer measures each indicator against its target."""
    officer, path = world.at(OFFICER), f"{world.project}/indicators"
    officer.visit(path)
    links = officer.values('.tabs a[href*="indicator="]', "href")
    for number, link in enumerate(links):
        officer.visit(link.split("#")[0])
        told = text()["measured"][number]
        values: dict[str, Value] = {"how": text()["measured_how"]}
        values |= {"value": str(told)} if told is not None else {"met": "yes"}
        values["evidence"] = attachment("evidence.pdf")
        officer.act("form:has([name=how])", values)
    return f"{len(links)} indicators measured"


def accepts(world: World) -> str:
    """The officer accepts the project."""
    officer = world.at(OFFICER)
    officer.visit(f"{world.project}/acceptance")
    told = text()["acceptance"]
    return officer.act("form:has([name=conclusion])", dict(told))


def in_registry(world: World) -> str:
    """Anybody reads the project in the public registry, beside those of the report."""
    browser = world.at(PUBLIC)
    title = text()["bids"][0]["fields"]["title"]

    def entered() -> bool:
        browser.visit("/registry")
        return title in browser.each('main a[href^="/registry/"]')

    world.until("the registry's entry", entered)
    shown = browser.each('main a[href^="/registry/"]')
    world.registry = browser.values('main a[href^="/registry/"]', "href")[shown.index(title)]
    browser.visit(world.registry)
    return f"{world.registry} {browser.words('h1')}"


def audited(world: World) -> str:
    """The auditor reads the log; every part of the way has left its entry."""
    browser, path, entries = world.at(AUDITOR), "/log", 0
    while path:
        browser.visit(path)
        entries += len(browser.each("tbody tr"))
        older = browser.values('main a[href*="before="]', "href")
        path = older[-1] if older else ""
    if not entries:
        raise WalkError("the log is empty")
    return f"{entries} entries in the log"


def told(world: World) -> str:
    """Everybody whom it concerned has news in the inbox."""
    people = (OFFICER, *LEADS, *PARTNERS, *world.seated)
    for email in people:
        browser = world.at(email)
        if browser.open("/inbox") != OK or not browser.has("main li.panel"):
            raise WalkError(f"{email} was told nothing")
    return f"{len(people)} people have news"
