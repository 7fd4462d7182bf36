"""What a simulated round begins from: experts in the pool, and a call whose bids passed their check."""

from collections.abc import Iterator
from typing import Any

from stdnum.cn import uscc

from portal.challenges import queries as challenges
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.core.files import FileStore
from portal.demo.challenges import moment, person, titled
from portal.demo.clusters import load_clusters
from portal.demo.course import checked
from portal.demo.experts import load_expert
from portal.demo.panel import draw_reviewers
from portal.demo.reading import data
from portal.demo.register import LOADER, account, organisation
from portal.reviews.pool import queries as pool
from portal.reviews.pool.rules import LOAD_MOST, Stratum

Row = dict[str, Any]
SPARE = 4
MOST_BIDS = LOAD_MOST
STAFF = ("city@", "city2@", "auditor@", "admin@", "custodian@")
"""Whose accounts the round needs beside those of its teams and experts."""
DOMAIN = "simulated.example"


def experts_for(reviewers: int) -> int:
    """How many experts are enough for so many seats: every second of them scores to the end."""
    return 2 * reviewers + SPARE


def steps(bids: int, reviewers: int) -> int:
    """How many steps the preparation takes."""
    return 2 + experts_for(reviewers) + 3 * bids + 2


def prepare(bids: int, reviewers: int, store: FileStore) -> Iterator[str]:
    """Enter all of it, up to the draw of the reviewers; yields each step, the challenge's code last."""
    file = data("simulated")
    yield from _staff()
    for number in range(1, experts_for(reviewers) + 1):
        yield _expert(number)
    for number in range(1, bids + 1):
        yield _team(number)
    call = _call(reviewers)
    title = f"{file['challenge']['title']} {call['number']}"
    row = {**file["challenge"], "title": title, "title_en": call["number"]}
    teams = [_bid(title, number) for number in range(1, bids + 1)]
    yield from checked({**file, "call": call, "challenges": [row], "bids": teams}, store)
    challenge = titled(title)
    officer, drawn = person(call["officer"]), moment(challenge, file["draws"])
    draw_reviewers(challenge, file, officer, drawn)
    db.session.refresh(challenge)
    yield challenge.code


def _staff() -> Iterator[str]:
    people = [one for one in data("people")["people"] if one["email"].startswith(STAFF)]
    homes = {one["organisation"] for one in people}
    for facts in data("organisations"):
        if facts["name"] in homes:
            organisation(facts)
    for one in people:
        account(one)
    yield people[0]["name"]
    yield list(load_clusters(LOADER, data("clusters")))[-1]


def _expert(number: int) -> str:
    """An expert of an organisation of their own, who takes as many bids as one may."""
    home, email = f"模拟·第{number:02}研究所", f"expert{number:02}@{DOMAIN}"
    organisation({"name": home, "kind": "institute", "uscc": _code(number)})
    name = f"模拟专家{number:02}"
    roles = [Role.REVIEWER.value]
    account({"name": name, "email": email, "organisation": home, "roles": roles})
    if email not in pool.emails(db.session):
        known = {"stratum": Stratum.TECHNICAL.value, "title": "研究员", "max_load": LOAD_MOST}
        entered = {**known, "disciplines": ["52020"], "keywords": []}
        load_expert({"email": email, "organisation": home, "reviewer": entered})
    return name


def _team(number: int) -> str:
    home = f"模拟·第{number:02}揭榜公司"
    organisation({"name": home, "kind": "enterprise", "uscc": _code(500 + number)})
    roles = [Role.BIDDER_LEAD.value]
    name = f"模拟团队{number:02}"
    account({"name": name, "email": _email(number), "organisation": home, "roles": roles})
    return name


def _email(number: int) -> str:
    return f"team{number:02}@{DOMAIN}"


def _bid(title: str, number: int) -> Row:
    member = {"name": f"模拟负责人{number:02}", "birth_year": 1985, "role": "leader"}
    return {
        **data("simulated")["bid"],
        "challenge": title,
        "lead": _email(number),
        "title": f"模拟方案{number:02}",
        "members": [{**member, "duty": "项目负责人", "share": 60}],
    }


def _call(reviewers: int) -> Row:
    """The call of this round, with the first number that no other has."""
    number, year = 1, clock.now(db.session).year
    while challenges.call_numbered(db.session, f"MN-JB-{year}-{number:02}"):
        number += 1
    seats = {"reviewers": reviewers, "seats_industry": 0, "seats_finance": 0}
    named = {"number": f"MN-JB-{year}-{number:02}", "year": year}
    return {**data("simulated")["call"], **named, "settings": seats}


def _code(number: int) -> str:
    """A code that passes GB 32100 and GB 11714."""
    short = f"MN{number:06}"
    sums = zip(short, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    check = -sum(int(sign, 36) * weight for sign, weight in sums) % 11
    code = f"91110107{short}{'0123456789X'[check]}"
    return code + str(uscc.calc_check_digit(code))


def number_of(lead: str) -> int:
    """Which of the simulated teams has this name."""
    return int("".join(sign for sign in lead if sign.isdigit()))
