"""From the award to the contract in force: negotiated, frozen, confirmed by each party, checked."""

from portal.demo.walk.browser import WalkError
from portal.demo.walk.story import LEADS, OFFICER, PARTNERS, PUBLIC, World, text

OWNER = "wenlv@jiebang.example"
"""Acts for the owner of the scenario, which signs as a party of its own."""
PARTIES = {
    OFFICER: "issuing body",
    LEADS[0]: "lead",
    PARTNERS[0]: "partner",
    OWNER: "owner of the scenario",
}
CHANGE, CONFIRM = "form:has([name=signing_share])", 'form[action$="/confirm"]'


def _page(world: World) -> str:
    return f"{world.project}/contract"


def negotiates(world: World) -> str:
    """The lead proposes another clause; the difference is shown beside the reason."""
    lead, told = world.at(LEADS[0]), text()["contract"]
    lead.visit(f"{_page(world)}/change")
    said = lead.act(CHANGE, {"disputes": told["disputes"], "reason": told["reason"]})
    lead.visit(f"{_page(world)}/versions/2")
    if not lead.has("ins.change"):
        raise WalkError("the second version does not show what it changed")
    return said


def freezes(world: World) -> str:
    """The officer freezes the text; nobody could confirm it before."""
    officer = world.at(OFFICER)
    officer.visit(_page(world))
    if officer.has(CONFIRM):
        raise WalkError("a contract could be confirmed before its text was frozen")
    return officer.act('form[action$="/freeze"]', {})


def confirms(world: World, email: str) -> str:
    """A party confirms exactly what it reads, in an account of its own."""
    browser = world.at(email)
    browser.visit(_page(world))
    return browser.act(CONFIRM, {})


def is_known(world: World) -> str:
    """Anybody who scans the paper's code is told which contract it is."""
    lead, browser = world.at(LEADS[0]), world.at(PUBLIC)
    lead.visit(_page(world))
    fingerprint = lead.words(".contract__text .fingerprint")
    browser.visit(f"/verify?paper={fingerprint}")
    code = world.project.rsplit("/", 1)[-1]
    said = browser.words("#paper")
    if code not in said:
        raise WalkError(f"/verify does not know the contract of {code}: {said}")
    return said
