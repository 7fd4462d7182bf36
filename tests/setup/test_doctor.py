"""The doctor's findings: each thing that may be wrong is found, graded, and its mending told."""

import dataclasses
import json
import os
import resource
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.audit import numbering
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.cli import rights
from portal.cli.diagnosis import database, keys, machine, work
from portal.cli.diagnosis.findings import State
from portal.cli.diagnosis.machine import Place
from portal.cli.main import main
from portal.config import DEMO_SECRET
from portal.core import clock, signing
from portal.core.access import SYSTEM

GOOD, NOTE, BAD = State.GOOD, State.NOTE, State.BAD
GB = 1 << 30
NOT_ALLOWED = r"permission denied|must be owner"
COLUMNS = {
    "audit_log": "payload",
    "audit_leaves": "leaf",
    "audit_nodes": "hash",
    "audit_checkpoints": "note",
}


@pytest.fixture
def key(tmp_path) -> Path:
    made = tmp_path / "log.key"
    signing.make(made, "portal.example/log")
    return made


def test_a_key_file_is_its_owners_alone(key):
    assert keys.key_file(key, True).state is GOOD
    for mode in (0o640, 0o604, 0o620, 0o666):
        key.chmod(mode)
        found = keys.key_file(key, False)
        assert (found.state, f"({mode:04o})" in str(found.fact)) == (BAD, True)
        assert str(found.mend).startswith(f"chmod 600 {key}")
    key.chmod(0o600)
    key.write_text("nonsense")
    assert keys.key_file(key, False).state is BAD


def test_a_key_file_belongs_to_who_runs_the_portal(key, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 65_533)
    found = keys.key_file(key, True)
    assert (found.state, "not to 65533" in str(found.fact)) == (BAD, True)
    assert "chown 65533" in str(found.mend)


def test_a_production_has_a_key_and_it_is_no_demonstrations(tmp_path):
    away = tmp_path / "away.key"
    assert [keys.key_file(away, serious).state for serious in (False, True)] == [NOTE, BAD]
    demo = tmp_path / "demo.key"
    signing.make(demo, signing.DEMO_NAME)
    assert [keys.key_file(demo, serious).state for serious in (False, True)] == [GOOD, BAD]


@pytest.mark.parametrize(
    ("secret", "master", "told"),
    [
        (DEMO_SECRET, "m" * 32, "demonstration's value of JIEBANG_SECRET_KEY"),
        ("s" * 32, DEMO_SECRET, "demonstration's value of JIEBANG_MASTER_KEY"),
        ("s" * 31, "m" * 32, "Shorter than 32 characters: JIEBANG_SECRET_KEY"),
        ("s" * 32, "s" * 32, "are the same"),
        ("s" * 32, "m" * 32, ""),
    ],
)
def test_secrets_are_the_portals_own(settings, secret, master, told):
    for environment, wrong in (("production", BAD), ("demo", NOTE)):
        facts = {"environment": environment, "secret_key": secret, "master_key": master}
        found = keys.secrets(dataclasses.replace(settings, **facts))
        assert found.state is (wrong if told else GOOD)
        assert told in str(found.fact)
        assert secret not in str(found.fact)


def test_a_production_that_only_offers_a_second_factor_is_told(settings):
    for environment, factor, state in (
        ("production", "required", GOOD),
        ("production", "offered", BAD),
        ("demo", "offered", NOTE),
    ):
        facts = {"environment": environment, "second_factor": factor}
        assert keys.second_factor(dataclasses.replace(settings, **facts)).state is state


MOUNTS = """/dev/sda1 / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/sdb1 /run/big xfs rw 0 0
tmpfs /srv tmpfs rw 0 0
/dev/sdc1 /srv ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/run", "tmpfs"),
        ("/run/deep/er", "tmpfs"),
        ("/run/big/x", "xfs"),
        ("/runfile", "ext4"),
        ("/home", "ext4"),
        ("/srv/x", "ext4"),
    ],
)
def test_a_folder_is_on_the_file_system_that_hangs_nearest_above_it(folder, kind):
    assert machine.place_of(Path(folder), MOUNTS) == (Path(folder), kind)
    assert machine.place_of(Path(folder), "").kind == "?"


def test_temporary_files_stay_in_memory():
    memory, disk = Place(Path("/run"), "tmpfs"), Place(Path("/home"), "ext4")
    assert machine.temporary([memory], True).state is GOOD
    found = machine.temporary([memory, disk], True)
    assert (found.state, str(found.fact)) == (BAD, "Temporary files go to a disk: /home (ext4)")
    assert machine.temporary([disk], False).state is NOTE


def test_no_process_may_leave_a_core_dump():
    assert machine.core_dumps({"1": 0, "2": 0}, True).state is GOOD
    assert machine.core_dumps({"1": 0, "2": -1}, True).state is BAD
    assert machine.core_dumps({"1": 1}, False).state is NOTE


def test_limit_and_folder_are_those_of_the_portals_processes(tmp_path):
    """Of a process whose command line is that of the web server, not of the shell that asks."""
    limits = (resource.RLIMIT_CORE, (0, 0))
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True), input()", "portal.app:create_app()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: resource.setrlimit(*limits),
        env={"TMPDIR": str(tmp_path)},
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found, places = machine.core_limits(), machine.temporary_places()
        process.communicate(b"\n")
    assert found[str(process.pid)] == 0
    assert tmp_path in [one.folder for one in places]
    assert machine.temporary_places()


def test_memory_is_not_swapped_to_a_disk_in_clear(tmp_path):
    table = (
        "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n/dev/zram0 partition 1 0 5\n"
    )
    table += "/swapfile file 1 0 -3\n/dev/dm-1 partition 1 0 -4\n/dev/dm-2 partition 1 0 -5\n"
    for name, kind in (("dm-1", "CRYPT-PLAIN-swap"), ("dm-2", "LVM-x")):
        (tmp_path / name / "dm").mkdir(parents=True)
        (tmp_path / name / "dm" / "uuid").write_text(kind)
    areas = machine.swap_areas(table, tmp_path)
    assert areas == ["/dev/sda2", "/swapfile", "/dev/dm-2"]
    assert [machine.swap(areas, serious).state for serious in (False, True)] == [NOTE, BAD]
    assert machine.swap([], True).state is GOOD


def test_there_is_room_on_every_disk(tmp_path):
    states = [machine.disk(tmp_path, free).state for free in (GB - 1, GB, 5 * GB - 1, 5 * GB)]
    assert states == [BAD, NOTE, NOTE, GOOD]
    assert len(machine.disks([tmp_path, tmp_path / "not" / "there"])) == 1


def test_what_is_confirmed_is_on_the_disk(session):
    on = dict.fromkeys(database.NEEDED, "on")
    assert database.durability(on).state is GOOD
    assert database.durability({**on, "synchronous_commit": "remote_apply"}).state is GOOD
    for name in database.NEEDED:
        found = database.durability({**on, name: "off"})
        assert (found.state, name in str(found.mend)) == (BAD, True)
    assert database.durability({}).state is BAD
    assert database.needed_settings(session).keys() == set(database.NEEDED)


@pytest.fixture
def serving(session) -> str:
    """A role of the database as web and workers should have it."""
    role = "jiebang-serving"
    session.execute(text(f'CREATE ROLE "{role}"'))
    rights.give(session.connection(), role)
    yield role
    session.rollback()  # roles belong to the whole server: this one was never committed


def test_the_role_of_web_and_workers_writes_the_log_and_cannot_change_it(session, serving, now):
    assert database.may_change_log(session), "tests run as the owner"
    session.execute(text(f'SET LOCAL ROLE "{serving}"'))
    assert not database.may_change_log(session)
    audit.record(session, SYSTEM, Action.NEED_EDITED, "need:1", now)
    numbering.hold(session)
    numbering.number_all(session)
    assert numbering.size(session) == 1
    refused = [
        *(f"UPDATE {name} SET {column} = {column}" for name, column in COLUMNS.items()),
        *(f"{verb} {name}" for name in COLUMNS for verb in ("DELETE FROM", "TRUNCATE")),
        *(f"ALTER TABLE {name} DISABLE TRIGGER ALL" for name in COLUMNS),
        "UPDATE portal_clock SET ahead = ahead",
        "CREATE TABLE another (id int)",
    ]
    for statement in refused:
        with pytest.raises(ProgrammingError, match=NOT_ALLOWED), session.begin_nested():
            session.execute(text(statement))


def test_the_right_to_change_the_log_is_wrong_where_bids_are_real():
    assert database.log_rights(False, True).state is GOOD
    assert database.log_rights(True, False).state is NOTE
    found = database.log_rights(True, True)
    assert (found.state, "jiebang rights" in str(found.mend)) == (BAD, True)


def test_clocks_agree_within_two_seconds(session):
    for seconds, state in ((0, GOOD), (2, GOOD), (-2, GOOD), (2.1, BAD), (-2.1, BAD)):
        assert database.clocks(timedelta(seconds=seconds)).state is state
    assert abs(clock.skew(session)) < timedelta(seconds=1)


def test_the_skew_is_that_of_the_two_clocks(session, monkeypatch):
    there = session.scalar(text("SELECT extract(epoch FROM clock_timestamp())"))
    monkeypatch.setattr("time.time", lambda: float(there) - 600)
    assert timedelta(minutes=9) < clock.skew(session) < timedelta(minutes=11)


def test_a_moved_clock_is_wrong_in_production():
    day = timedelta(days=1)
    assert database.moved(timedelta(), True).state is GOOD
    assert [database.moved(day, serious).state for serious in (False, True)] == [GOOD, BAD]


def test_who_does_not_answer_is_named_with_what_to_start():
    found = work.answers({"database": "ready", "broker": "away", "worker": "away"})
    assert [one.state for one in found] == [GOOD, BAD, BAD]
    assert "REDIS_URL" in str(found[1].mend)
    assert [work.events(9, 0).state, work.events(9, 1).state] == [GOOD, BAD]
    assert [work.unnamed(9, 0).state, work.unnamed(9, 1).state] == [GOOD, BAD]


def test_mail_leaves_or_it_is_said_why_not(settings):
    def server(**facts: object) -> State:
        return work.mails(dataclasses.replace(settings, **facts), 0, 0)[0].state

    assert server(environment="demo") is NOTE
    assert server(environment="production") is BAD
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        assert server(mail_url=f"smtp://127.0.0.1:{port}") is BAD
    lost = work.mails(settings, 3, 2)
    assert [one.name for one in lost if one.state is BAD] == ["mails given up"]


def test_the_doctor_speaks_chinese_and_english_and_json(settings, session, monkeypatch):
    for name, value in {
        "JIEBANG_ENV": "test",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "JIEBANG_VAR": str(settings.var),
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("JIEBANG_SECRET_KEY", "JIEBANG_MASTER_KEY", "JIEBANG_LOG_KEY"):
        monkeypatch.delenv(name, raising=False)
    said = CliRunner().invoke(main, ["doctor"])
    assert (said.exit_code, "! worker           没有应答" in said.output) == (1, True), said.output
    said = CliRunner().invoke(main, ["doctor", "--lang", "en"])
    assert "! worker           does not answer" in said.output
    found = json.loads(CliRunner().invoke(main, ["doctor", "--json"]).output)
    assert {one["name"] for one in found} >= {
        *("database", "broker", "worker", "durability", "clock skew", "portal clock", "events"),
        *("mail server", "mails", "log key", "secrets", "temporary folder", "core dumps"),
        *("swap", "disk"),
    }
    assert all(one["mend"] for one in found if one["state"] != "good")
