"""The demonstration's data: entered through the services, and a second time without effect."""

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts import service
from portal.challenges.exchange.reading import read
from portal.core.access import Role
from portal.demo.calls import files
from portal.demo.load import data, load
from portal.models import metadata


def sizes(session: Session) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in metadata.sorted_tables
    }


def test_the_demonstration_is_loaded_once_however_often_it_is_asked_for(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(service, "hasher", quick)  # the real settings take a tenth of a second each
    steps = list(load())
    numbers = [number for number, _, _ in steps]
    total = steps[0][1]
    assert numbers == list(range(1, total + 1))
    assert {total_of for _, total_of, _ in steps} == {total}
    first = sizes(session)
    people = data("people")["people"]
    assert first["people"] == len(people)
    imported = sum(len(read(path.read_bytes()).challenges) for path in files())
    assert first["challenges"] == len(data("challenges")["challenges"]) + imported >= 12
    assert sum("演示" in one["name"] for one in data("organisations")) >= 30
    assert first["clusters"] == len(data("clusters")["clusters"])
    assert first["reviewers"] == sum("reviewer" in one for one in people) >= 5
    assert {Role(role) for one in people for role in one["roles"]} == set(Role)
    assert len(list(load())) == total
    assert sizes(session) == first
    for challenge in data("challenges")["challenges"]:
        assert challenge["title"] in client.get("/challenges").text
    password = data("people")["password"]
    typed = {"email": people[0]["email"], "password": password}
    assert client.post("/sign-in", data=typed).status_code == 303
