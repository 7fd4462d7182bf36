"""The opening key: custodians are chosen, and each prints and proves a share."""

from portal.demo.walk.browser import WalkError
from portal.demo.walk.story import CUSTODIANS, OFFICER, World, name_of, password

NAMING = "form:has([name=escrow])"
FIELDS = {1: "issuer", 2: "audit", 3: "escrow"}
TAKING = 'form[action$="/take"]'
GROUPS, REFUSED = 13, 422


def chooses(world: World) -> str:
    """The officer chooses a custodian of each of the three bodies."""
    browser = world.at(OFFICER)
    browser.visit(f"{world.draft.removesuffix('/edit')}/opening-key")
    people = {}
    for holder, field in FIELDS.items():
        name = name_of(CUSTODIANS[holder])
        offered = browser.each(f"[name={field}] option")
        people[field] = next(one for one in offered if one.endswith(f" · {name}"))
    return browser.act(NAMING, people)


def proves(world: World, holder: int) -> str:
    """A custodian prints the share, which is shown once, and types it from the paper."""
    browser = world.at(CUSTODIANS[holder])
    browser.visit("/desk/shares")
    rows = (row for row in browser.page().select("tr") if world.code in row.get_text())
    page = next(str(link["href"]) for row in rows for link in row.select("a[href]"))
    browser.visit(page)
    if browser.send(TAKING, {"password": password()[::-1]}) != REFUSED:
        raise WalkError("a share is shown without its custodian's password")
    browser.act(TAKING, {"password": password()})
    groups = browser.each(".share-groups code")
    if len(groups) != GROUPS:
        raise WalkError(f"a share has {GROUPS} groups, the sheet shows {len(groups)}")
    world.shares[holder] = "-".join(groups)
    browser.visit(page)
    if groups[0] in browser.words("main"):
        raise WalkError("a share is shown a second time")
    return browser.act('form[action$="/prove"]', {"share": world.shares[holder]})
