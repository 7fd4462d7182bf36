"""The draw of the reviewers: the pool is frozen, two people give phrases, and the order stands."""

from portal.demo.walk.browser import WalkError
from portal.demo.walk.story import AUDITOR, CUSTODIANS, OFFICER, PUBLIC, World, name_of, text

PRESENT = (AUDITOR, CUSTODIANS[3])


def _at(world: World, email: str) -> None:
    world.at(email).visit(f"/challenges/{world.code}/draw")


def freezes(world: World) -> str:
    """The officer freezes the pool and names who is present."""
    _at(world, OFFICER)
    browser = world.at(OFFICER)
    labels = browser.each("#present .choice__label")
    values = browser.values("#present input", "value")
    offered = dict(zip(labels, values, strict=True))
    chosen = [
        next(value for label, value in offered.items() if name_of(email) in label)
        for email in PRESENT
    ]
    told = browser.act('form[action$="/draw/freeze"]', {"present": chosen})
    if browser.has('form[action$="/draw/freeze"]'):
        raise WalkError("a frozen pool can be frozen again")
    return told


def hands_in(world: World, number: int) -> str:
    """Somebody who is present hands in the fingerprint of a phrase."""
    _at(world, PRESENT[number])
    browser, phrase = world.at(PRESENT[number]), str(text()["phrases"][number])
    told = browser.act('form[action$="/draw/phrase"]', {"phrase": phrase})
    if phrase in browser.words("main"):
        raise WalkError("a phrase is shown before all are handed in")
    return told


def shows(world: World, number: int) -> str:
    """Somebody shows the phrase; with the last one the order is drawn."""
    _at(world, PRESENT[number])
    phrase = str(text()["phrases"][number])
    return world.at(PRESENT[number]).act('form[action$="/draw/show"]', {"phrase": phrase})


def is_public(world: World) -> str:
    """Everybody sees the phrases, the seed and the order, and finds the record to run it again."""
    _at(world, PUBLIC)
    browser = world.at(PUBLIC)
    if not all(str(phrase) in browser.words("main") for phrase in text()["phrases"]):
        raise WalkError("the phrases are not shown once it is drawn")
    browser.link(f"/challenges/{world.code}/draw.json")
    return " | ".join(browser.each("tbody tr")[:3])
