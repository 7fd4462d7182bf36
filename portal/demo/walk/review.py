"""From the round to the ranking."""

from portal.demo.walk.browser import Value, WalkError
from portal.demo.walk.story import LEADS, OFFICER, World, emails_of, name_of, text

SEATS = 5
SHEET = "form:has([name=comment])"


def starts_round(world: World) -> str:
    """The officer starts the round; the worker invites in the order of the draw."""
    browser = world.at(OFFICER)
    board = f"/challenges/{world.code}/round"
    browser.visit(board)
    browser.act('form[action$="/round"]', {})
    world.until("five reviewers are invited", lambda: len(_invited(world)) == SEATS)
    return "invited: " + ", ".join(name_of(email) for email in _invited(world))


def _board(world: World) -> list[str]:
    browser = world.at(OFFICER)
    browser.visit(f"/challenges/{world.code}/round/board")
    return browser.each("tbody th")


def _invited(world: World) -> list[str]:
    """The addresses on the officer's board, in the order of the draw."""
    return emails_of(_board(world))


def one_declines(world: World) -> str:
    """One reviewer declines and is replaced by the next in order."""
    first = _invited(world)[0]
    browser = world.at(first)
    browser.visit("/reviews")
    browser.visit(browser.link("/seats/"))
    values: dict[str, Value] = {"reason": text()["decline"]}
    browser.act('form[action$="/decline"]', values)
    world.until("a replacement is invited", lambda: len(_invited(world)) == SEATS + 1)
    world.seated = [email for email in _invited(world) if email != first]
    return f"{name_of(first)} declined; {name_of(world.seated[-1])} is invited instead"


def all_accept(world: World) -> str:
    """Five declare that they have no tie, and so accept; the worker makes their sheets."""
    for email in world.seated:
        browser = world.at(email)
        browser.visit("/reviews")
        browser.visit(browser.link("/seats/"))
        browser.visit(browser.values('a[href$="/declaration"]', "href")[0])
        lines = browser.values('input[name$="-tie"][value="none"]', "name")
        browser.act("main form", dict.fromkeys(lines, "none"))
    world.until("score sheets", lambda: all(_sheets(world, email) for email in world.seated))
    return f"{len(world.seated)} accepted; the sheets are made"


def _sheets(world: World, email: str) -> list[str]:
    browser = world.at(email)
    browser.visit("/reviews")
    browser.visit(browser.link("/seats/"))
    return browser.values('a[href^="/sheets/"]', "href")


def scores(world: World, number: int) -> str:
    """A reviewer scores every bid, criterion by criterion, with reasons."""
    email, told = world.seated[number], text()
    done = 0
    for path in _sheets(world, email):
        browser = world.at(email)
        browser.visit(path)
        titles = [bid["sections"]["outline"]["title"] for bid in told["bids"]]
        team = titles.index(browser.words("h1"))
        values: dict[str, Value] = {"comment": told["comment"]}
        for line, points in enumerate(told["bids"][team]["points"][number]):
            values[f"lines-{line}-points"] = str(points)
            values[f"lines-{line}-reason"] = told["reason"]
        browser.act(SHEET, values, button="submit")
        done += 1
    if done != len(LEADS):
        raise WalkError(f"{name_of(email)} had {done} sheets")
    return f"{done} sheets submitted"


def ranks(world: World) -> str:
    """The worker ranks when the last sheet is in."""
    browser = world.at(OFFICER)

    def ranked() -> bool:
        browser.visit(f"/challenges/{world.code}/decision")
        return browser.has("[name=winners]")

    world.until("the ranking", ranked)
    return " | ".join(browser.each("#winners tbody tr"))
