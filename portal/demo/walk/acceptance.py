"""From the last milestone to the accepted project."""

from portal.core.workdays import PLACE
from portal.demo.walk.browser import Value, WalkError
from portal.demo.walk.story import LEADS, OFFICER, World, attachment, emails_of, text

EXPERTS = 3


def records_application(world: World) -> str:
    """The lead records where it is in use, and what that has changed."""
    lead, told = world.at(LEADS[0]), text()["application"]
    lead.visit(f"{world.project}/application")
    values: dict[str, Value] = {name: told[name] for name in ("site", "used_by", "orders")}
    values["since"] = _today(world)
    for number, row in enumerate(told["effects"]):
        values |= {f"effects-{number}-{name}": str(value) for name, value in row.items()}
    return lead.act("form:has([name=used_by])", values)


def requests(world: World) -> str:
    """The lead requests the acceptance, with its own evaluation, documents and money."""
    lead, told = world.at(LEADS[0]), text()["request"]
    lead.visit(f"{world.project}/acceptance/request")
    values: dict[str, Value] = {"summary": told["summary"], "tester": text()["tester"]}
    for number, measured in enumerate(text()["measured"]):
        claim = {"verdict": "met"} if measured is None else {"value": str(measured)}
        values |= {f"claims-{number}-{name}": value for name, value in claim.items()}
    for kind in ("technical", "test", "user", "finance", "deliverables"):
        values[kind] = attachment("evidence.pdf")
    values |= {f"spent_{source}": str(sum_) for source, sum_ in told["spent"].items()}
    return lead.act("form:has([name=summary])", values)


def names_experts(world: World) -> str:
    """The officer finds everything there, and names three experts without a conflict."""
    officer, page = world.at(OFFICER), f"{world.project}/acceptance"
    officer.visit(page)
    officer.act('form[action$="/complete"]', {})
    officer.visit(page)
    offered = dict(
        zip(
            officer.each("#name .choice__label"),
            officer.values("#name [name=experts]", "value"),
            strict=True,
        )
    )
    found = {emails_of([words.split(" · ")[0]])[0]: key for words, key in offered.items()}
    chosen = [email for email in world.seated if email in found][:EXPERTS]
    keys = [found[email] for email in chosen]
    world.examining = chosen
    return officer.act('form[action$="/experts"]', {"experts": keys, "chair": keys[0]})


def _today(world: World) -> str:
    return world.clock.present().astimezone(PLACE).date().isoformat()


def measures(world: World) -> str:
    """The officer measures each indicator against its target."""
    officer, path = world.at(OFFICER), f"{world.project}/indicators"
    officer.visit(path)
    links = officer.values('.tabs a[href*="indicator="]', "href")
    for number, link in enumerate(links):
        officer.visit(link.split("#")[0])
        told = text()["measured"][number]
        values: dict[str, Value] = {"how": text()["measured_how"], "tester": text()["tester"]}
        values["tested_on"] = _today(world)
        values |= {"value": str(told)} if told is not None else {"met": "met"}
        values["evidence"] = attachment("evidence.pdf")
        officer.act("form:has([name=how])", values)
    return f"{len(links)} indicators measured"


def judges(world: World, number: int) -> str:
    """An expert says what they think; the first of them, in the end, what all agree on."""
    expert = world.at(world.examining[number])
    expert.visit(_seat(world, number))
    told = text()["opinion"]
    values: dict[str, Value] = {"opinion": "pass", "words": told["words"]}
    return expert.act('form[action$="/opinion"]', values)


def _seat(world: World, number: int) -> str:
    """Among what an expert has to examine, this project."""
    expert, links = world.at(world.examining[number]), 'main a[href^="/acceptances/"]'
    title = text()["bids"][0]["sections"]["outline"]["title"]
    expert.visit("/desk")
    found = zip(expert.each(links), expert.values(links, "href"), strict=True)
    own = [address for words, address in found if title in words]
    if not own:
        raise WalkError(f"{expert.path()} does not ask to examine {title}")
    return own[0]


def agrees(world: World) -> str:
    """The chair writes the joint opinion."""
    chair = world.at(world.examining[0])
    chair.visit(_seat(world, 0))
    values: dict[str, Value] = {"joint": "pass", "joint_words": text()["opinion"]["joint"]}
    return chair.act('form[action$="/joint"]', values)


def accepts(world: World) -> str:
    """The officer concludes that the project has passed."""
    officer = world.at(OFFICER)
    officer.visit(f"{world.project}/acceptance")
    values: dict[str, Value] = {"verdict": "pass", **text()["acceptance"]}
    return officer.act("form:has([name=conclusion])", values)
