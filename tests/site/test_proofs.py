"""The log as everybody gets it: page, key, checkpoints, proofs, exports, one file to check all."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.audit import checkpoints, exporting, queries
from portal.audit import service as audit
from portal.audit.models import Entry
from portal.audit.notes import VerifierKey, open_checkpoint
from portal.audit.proofs import proof_of
from portal.audit.rules import Action, Occasion
from portal.audit.tree import extends, includes
from portal.core.access import SYSTEM, Role
from portal.core.signing import Signer
from tests.factories.accounts import make_person

SignIn = Callable[[FlaskClient, Person], None]
PATHS = "/log/checkpoint", "/log/checkpoint/1", "/log/checkpoints", "/log/inclusion?index=0"
PATHS = (*PATHS, "/log/consistency?old=0", "/log/export.jsonl")


def write(session: Session, now: datetime, times: int = 1, act: Action = Action.SIGNED_IN) -> int:
    for number in range(times):
        entry_id = audit.record(session, SYSTEM, act, f"thing:{number}", now, note="登录 😀")
    session.commit()
    return entry_id


@pytest.fixture
def log(session: Session, signer: Signer, now: datetime) -> list[int]:
    """Some entries under three checkpoints, and some beyond; the sizes of the public ones."""
    sizes = []
    for times, act in ((3, Action.SIGNED_IN), (4, Action.BIDS_OPENED), (6, Action.BID_SUBMITTED)):
        write(session, now, times, act)
        made = checkpoints.make(signer, Occasion.REGULAR, now)
        assert made is not None
        sizes.append(made.size)
    last = write(session, now, 84)  # a number that no clock and no calendar shows
    proof_of(session, last, signer, now)
    session.commit()
    return sizes


def test_an_empty_log_has_its_page_and_nothing_to_prove(client: FlaskClient) -> None:
    assert "还没有检查点" in client.get("/log").text
    for path in PATHS:
        assert client.get(path).status_code == 404
    assert client.get("/metrics").text.count("jiebang_log_entries 0\n") == 1


def test_everybody_reads_what_the_log_is_and_its_checkpoints(
    client: FlaskClient, log: list[int], sign_in: SignIn
) -> None:
    page = client.get("/log").text
    for size in log:
        assert f'href="/log/checkpoint/{size}"' in page
    assert "/log/entries" not in page
    assert client.get("/log?before=7&lang=en").text.count('href="/log/checkpoint/') == 1
    sign_in(client, make_person(Role.AUDITOR))
    assert 'href="/log/entries"' in client.get("/log").text


def test_checkpoints_and_proofs_hold(client: FlaskClient, session: Session, log: list[int]) -> None:
    key = VerifierKey.parse(client.get("/log/key").text)
    point = open_checkpoint(client.get("/log/checkpoint").text, key)
    assert point.size == log[-1]
    listed = client.get("/log/checkpoints").json
    assert [one["size"] for one in listed] == log[::-1]
    assert [one["size"] for one in client.get(f"/log/checkpoints?before={log[1]}").json] == log[:1]
    for size in log:
        old = open_checkpoint(client.get(f"/log/checkpoint/{size}").text, key)
        told = client.get(f"/log/consistency?old={size}").json
        assert extends(old.root, size, point.root, point.size, [bytes.fromhex(p) for p in told])
        found = client.get(f"/log/inclusion?index={size - 1}&size={size}").json
        proof = [bytes.fromhex(p) for p in found["proof"]]
        assert includes(old.root, size, size - 1, bytes.fromhex(found["leaf"]), proof)


def test_nobody_sees_beyond_the_last_public_checkpoint(
    client: FlaskClient, session: Session, log: list[int]
) -> None:
    """Not even that there was a receipt: its checkpoint is that of a size which nobody is told."""
    last = queries.last_checkpoint(session)
    assert last is not None
    assert last.size > log[-1]
    for path in (
        f"/log/checkpoint/{last.size}",
        f"/log/inclusion?index=0&size={last.size}",
        f"/log/inclusion?index={log[-1]}",
        f"/log/consistency?old=1&new={last.size}",
        "/log/consistency?old=3&new=2",
        "/log/inclusion?index=-1",
        f"/log/checkpoint/{10**30}",
    ):
        assert client.get(path).status_code == 404, path
    for path in ("/log", "/log/checkpoints", "/log/export.jsonl", "/metrics"):
        assert str(last.size) not in client.get(path).text.replace(":", " ").split(), path
    for nonsense in ("x", "-1", str(10**30)):
        assert client.get(f"/log?before={nonsense}").status_code == 200
        assert client.get(f"/log/checkpoints?before={nonsense}").status_code == 200


def verified(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-I", "verify.py", *arguments, "--key", "log.pub", "--lang", "en"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_stranger_downloads_all_and_checks_it(
    client: FlaskClient,
    session: Session,
    log: list[int],
    sign_in: SignIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exporting, "BATCH", 2)
    audit.erase(SYSTEM, 1, "asked for", queries.moment(session)[0])
    session.commit()
    names = {"verify.py": "verify.py", "key": "log.pub", "export.jsonl": "log.jsonl"}
    for path, name in names.items():
        (tmp_path / name).write_bytes(client.get(f"/log/{path}").data)
    (tmp_path / "old").write_text(client.get(f"/log/checkpoint/{log[0]}").text)
    told = verified(tmp_path, "log", "log.jsonl", "--checkpoint", "old")
    assert told == "holds: 13 entries, 13 under 4 checkpoints; 9 closed, 4 withheld or erased\n"
    sign_in(client, make_person(Role.AUDITOR))
    (tmp_path / "whole.jsonl").write_bytes(client.get("/log/whole.jsonl").data)
    told = verified(tmp_path, "log", "whole.jsonl")
    assert told == "holds: 13 entries, 13 under 3 checkpoints; 0 closed, 1 withheld or erased\n"
    assert "not the fields" not in verified(tmp_path, "consistency", "log.jsonl", "whole.jsonl")


def test_the_public_export_tells_no_bid_from_a_sign_in(client: FlaskClient, log: list[int]) -> None:
    lines = [json.loads(line) for line in client.get("/log/export.jsonl").data.splitlines()[1:]]
    entries = [line for line in lines if "seq" in line]
    assert {line.get("kind") for line in entries} == {None, Action.BIDS_OPENED.value}
    assert all(line.keys() == {"seq", "leaf"} for line in entries if "kind" not in line)
    assert not any("payload" in line or "salt" in line for line in entries)


def test_the_whole_log_is_for_auditors_and_taking_it_is_logged(
    client: FlaskClient, session: Session, log: list[int], sign_in: SignIn
) -> None:
    assert client.get("/log/whole.jsonl").status_code == 302
    reader = make_person(Role.AUDITOR)
    for person, code in ((make_person(Role.CITY_OFFICER), 403), (reader, 200)):
        other = client.application.test_client()
        sign_in(other, person)
        answer = other.get("/log/whole.jsonl")
        assert answer.status_code == code
        assert (b'"payload"' in answer.data) == (code == 200)
    taken = session.scalars(select(Entry).where(Entry.kind == Action.LOG_EXPORTED.value)).one()
    assert taken.actor_ref == str(reader.id)


def test_the_page_for_strangers_can_be_had_from_the_portal(client: FlaskClient) -> None:
    page = client.get("/log/verification.md")
    assert page.content_type == "text/plain; charset=utf-8"
    assert page.text.startswith("# Verification")
    assert {"receipt", "export", "tree"} <= set(client.get("/log/verification-vectors.json").json)
    for address in ("verification.md", "verification-vectors.json"):
        assert f"/log/{address}" in page.text, "it names itself"
    assert "/log/verification.md" in client.get("/log").text
