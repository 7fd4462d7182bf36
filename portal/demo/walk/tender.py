"""From the cluster to the opened bids."""

from datetime import datetime, time, timedelta
from typing import Any

from portal.core.workdays import PLACE
from portal.demo.walk.browser import OK, Browser, Value, WalkError
from portal.demo.walk.story import (
    AUDITOR,
    LEADS,
    OFFICER,
    PARTNERS,
    PUBLIC,
    SECOND,
    World,
    attachment,
    name_of,
    password,
    text,
)

BIDDING_DAYS = 45
LATE = (403, 409)
LATE_TITLE = "迟到的修改"
EDITOR = "form:has([name=title])"
SECTION = "form:has([name=seen])"
REFUSED = 422
SHARES = "form#shares"
INVITING = "form:has([name=who])"


def reads_cluster(world: World) -> str:
    """The officer reads the cluster, with its sources."""
    browser = world.at(OFFICER)
    browser.visit(f"/clusters/{text()['cluster']}")
    return browser.words("h1")


def writes_challenge(world: World) -> str:
    """The officer writes the challenge, section by section."""
    browser, told = world.at(OFFICER), text()["challenge"]
    browser.visit("/desk/challenges/new")
    call = next(v for v in browser.each("select[name=call] option") if v.startswith(told["call"]))
    browser.act(EDITOR, {"call": call, "title": told["sections"]["basics"]["title"]})
    world.draft = browser.path().rsplit("/", 1)[0]
    day = (world.clock.present().astimezone(PLACE) + timedelta(days=BIDDING_DAYS)).date()
    world.closes_at = datetime.combine(day, time(17), PLACE)
    said = [_writes_section(world, key) for key in told["sections"]]
    browser.visit(world.draft)
    world.code = browser.words(".page-header__kicker").split(" ")[0]
    return f"{world.code} {len(said)} × {said[-1]}"


def _writes_section(world: World, key: str) -> str:
    browser, told = world.at(OFFICER), text()["challenge"]
    browser.visit(f"{world.draft}/{key}")
    values: dict[str, Value] = {k: str(v) for k, v in told["sections"][key].items()}
    if key == "dates":
        values["closes_at"] = world.closes_at.strftime("%Y-%m-%dT%H:%M")
    if key == "indicators":
        browser.grow(SECTION, key, len(told[key]))
        for number, row in enumerate(told[key]):
            values |= {f"{key}-{number}-{name}": str(value) for name, value in row.items()}
    return browser.act(SECTION, values)


def proposes(world: World) -> str:
    """The officer proposes it; nobody publishes what they have proposed themselves."""
    browser = world.at(OFFICER)
    browser.visit(world.draft)
    said = browser.act('form[action$="/propose"]', {})
    world.proposal = browser.path()
    if browser.has('form[action$="/approve"]'):
        raise WalkError("an officer could publish what they have proposed themselves")
    return said


def returns(world: World) -> str:
    """A second officer returns it with remarks, and the first proposes it again."""
    browser = world.at(SECOND)
    browser.visit(world.proposal)
    said = browser.act('form[action$="/return"]', {"remarks": text()["remarks"]})
    proposes(world)
    return said


def publishes(world: World) -> str:
    """A second officer reads it and publishes it."""
    browser = world.at(SECOND)
    browser.visit(world.proposal)
    return browser.act('form[action$="/approve"]', {})


def finds_challenge(world: World) -> str:
    """Anybody finds it in the list and reads it."""
    browser = world.at(PUBLIC)
    browser.visit(f"/challenges?words={text()['challenge']['sections']['basics']['title'][:8]}")
    browser.visit(browser.link(f"/challenges/{world.code}"))
    return browser.words("h1")


def writes_bid(world: World, team: int) -> str:
    """A lead begins a bid and writes it, section by section."""
    browser, told = world.at(LEADS[team]), text()["bids"][team]
    browser.visit(f"/challenges/{world.code}")
    browser.act('form[action$="/bids"]', {})
    world.bids[LEADS[team]] = browser.path().removesuffix("/edit")
    for section, content in told["sections"].items():
        browser.visit(f"{world.bids[LEADS[team]]}/edit/{section}")
        said = browser.act(SECTION, _typed(browser, content))
    browser.visit(f"{world.bids[LEADS[team]]}/edit/attachments")
    browser.act("form:has([name=document])", {"document": attachment("bid.pdf")})
    return said


def _typed(browser: Browser, content: dict[str, Any]) -> dict[str, Value]:
    """What is typed into the fields and rows of a section; the tables grow to hold it."""
    values: dict[str, Value] = {}
    for name, value in content.items():
        if not isinstance(value, list):
            values[name] = str(value)
            continue
        browser.grow(SECTION, name, len(value))
        for number, row in enumerate(value):
            values |= {f"{name}-{number}-{key}": str(cell) for key, cell in row.items()}
    return values


def invites(world: World, team: int) -> str:
    """The lead asks its partner for what it is to do and to bring."""
    browser = world.at(LEADS[team])
    said = ""
    for row in text()["bids"][team]["partners"]:
        browser.visit(f"{world.bids[LEADS[team]]}/team")
        said = browser.act(INVITING, {name: str(value) for name, value in row.items()})
    return said


def joins(world: World, team: int) -> str:
    """The partner agrees to its part."""
    browser = world.at(PARTNERS[team])
    browser.visit(f"{world.bids[LEADS[team]]}/team")
    return browser.act('form[action$="/answer"]:has([name=answer][value=yes])', {})


def submits(world: World, team: int) -> str:
    """The lead submits the bid."""
    browser = world.at(LEADS[team])
    browser.visit(world.bids[LEADS[team]])
    said = browser.act('form[action$="/submit"]', {})
    world.receipts[LEADS[team]] = browser.link("/verify?")
    return f"{said} {browser.words('.document__number')}"


def checks_receipt(world: World) -> str:
    """Whoever holds the paper scans it, and reads what the log says."""
    browser = world.at(PUBLIC)
    browser.visit(world.receipts[LEADS[0]])
    if not browser.has(".callout--done"):
        raise WalkError("the log does not have what the receipt says")
    return browser.words(".callout--done strong")


def amends(world: World) -> str:
    """The officer changes what was published and proposes it; nobody approves their own."""
    browser, told = world.at(OFFICER), text()["amendment"]
    browser.visit(f"/challenges/{world.code}")
    browser.act('form[action$="/amendments"]', {})
    world.amendment = browser.path()
    browser.visit(f"{world.amendment}/edit/scenario")
    browser.act("form:has([name=scenario_access])", told["fields"])
    browser.visit(world.amendment)
    said = browser.act('form[action$="/propose"]', {"reason": told["reason"]})
    if browser.has('form[action$="/approve"]'):
        raise WalkError("an officer could approve their own amendment")
    return said


def approves_amendment(world: World) -> str:
    """A second officer puts it into force, and anybody reads the notice."""
    browser = world.at(SECOND)
    browser.visit(world.amendment)
    browser.act('form[action$="/approve"]', {})
    browser = world.at(PUBLIC)
    browser.visit(f"/challenges/{world.code}")
    browser.visit(browser.link(f"/challenges/{world.code}/amendments/"))
    return browser.words("h1")


def confirms_bid(world: World) -> str:
    """A team that has submitted looks at the amendment and leaves its bid as it is."""
    browser = world.at(LEADS[0])
    browser.visit(world.bids[LEADS[0]])
    return browser.act('form[action$="/acknowledge"]', {})


def nobody_reads(world: World) -> str:
    """Before the opening nobody but the team reads a bid."""
    readers = (OFFICER, AUDITOR, LEADS[1], PUBLIC)
    for email in readers:
        browser = world.at(email)
        status = browser.open(world.bids[LEADS[0]])
        if status == OK and not browser.path().startswith("/sign-in"):
            raise WalkError(f"{name_of(email)} reads a bid before the opening")
    return f"{len(readers)} others were refused"


def deadline_passes(world: World) -> str:
    """A lead has the editor open when the deadline passes: what is sent after it is refused."""
    closes = world.closes_at
    world.forward(closes - world.clock.present() - timedelta(minutes=5))
    browser, bid = world.at(LEADS[1]), world.bids[LEADS[1]]
    browser.visit(f"{bid}/edit/outline")
    world.clock.move(timedelta(minutes=6))
    saved = browser.send(SECTION, {"title": LATE_TITLE})
    if saved not in LATE:
        raise WalkError(f"a bid could be changed after the deadline ({saved})")
    told = browser.words(".error-summary")
    if LATE_TITLE not in browser.values("[name=title]", "value"):
        raise WalkError("what was typed is lost")
    browser.visit(bid)
    if LATE_TITLE in browser.words("main"):
        raise WalkError("a change after the deadline was kept")
    if browser.has('form[action$="/withdraw"]') or browser.has('form[action$="/submit"]'):
        raise WalkError("a bid could be submitted or withdrawn after the deadline")
    world.forward(timedelta(hours=12))
    return f"answered {saved}: {told}"


def opens(world: World) -> str:
    """The officer and the independent custodian type their shares, and the bids are opened."""
    browser, page = world.at(OFFICER), f"/challenges/{world.code}/opening"
    browser.visit(page)
    if browser.send(SHARES, {"issuer": world.shares[1]}) != REFUSED:
        raise WalkError("one share alone opens bids")
    two = {"issuer": world.shares[1], "escrow": world.shares[3].lower()}
    if browser.send(SHARES, {**two, "issuer_password": password()}) != REFUSED:
        raise WalkError("bids are opened without the password of each custodian")
    both = dict.fromkeys(("issuer_password", "escrow_password"), password())
    browser.act(SHARES, {**two, **both})

    def is_over() -> bool:
        browser.visit(page)
        return browser.has("#report")

    world.until("the bids are opened", is_over)
    browser.visit(page)  # its list may be of the moment before the last bid was open
    said = browser.words("#report .callout")
    found = [path for path in world.bids.values() if browser.has(f'a[href="{path}"]')]
    if len(found) != len(world.bids):
        raise WalkError(f"{len(world.bids)} bids were submitted, {len(found)} are opened")
    return f"{len(found)} bids · {said}"


def checks(world: World, team: int) -> str:
    """The officer answers what the portal cannot tell of a bid, and lets it pass."""
    browser = world.at(OFFICER)
    page = f"{world.bids[LEADS[team]]}/check"
    browser.visit(page)
    told = browser.each("article h3")
    for item in ("agreement", "credit", "substance"):
        browser.visit(page)
        form = f'form[action$="/check/items/{item}"]'
        browser.act(form, {"verdict": "holds", "remark": text()["checked"]})
    said = browser.act('form[action$="/check/pass"]', {})
    return f"{len(told)} items · {said}"
