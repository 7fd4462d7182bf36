"""The drill: back up a real portal, destroy it, restore it, and see that it proves itself."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from portal.audit import checkpoints, keeping, numbering
from portal.audit import service as audit
from portal.audit.rules import Action, Occasion
from portal.bids.models import BidVersion
from portal.challenges.keys.service import opened
from portal.cli.backup import manifest as manifests
from portal.cli.backup import proving
from portal.cli.backup import signing as signatures
from portal.cli.main import main
from portal.core import signing
from portal.core.access import SYSTEM
from portal.core.files import FileStore, StoredFile
from portal.core.sealing.bid import open_bid
from portal.core.sealing.envelope import Place
from tests.factories.bids import PDF, make_bid, make_document, make_sealed
from tests.factories.keys import SHARES

WAITING = 2
"""Entries without a number."""
CONTENT = PDF + b"% kept by its hash"


def call(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, [str(one) for one in arguments])
    return done.exit_code, done.output


@pytest.fixture(autouse=True)
def environment(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's servers, as the commands find them in the environment."""
    for name in ("JIEBANG_SECRET_KEY", "JIEBANG_MASTER_KEY", "JIEBANG_LOG_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JIEBANG_ENV", "test")
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("REDIS_URL", settings.redis_url)
    monkeypatch.setenv("JIEBANG_VAR", str(settings.var))
    monkeypatch.setenv("JIEBANG_STORAGE_URL", settings.storage_url)


class Elsewhere(NamedTuple):
    """Another machine: an empty database, an empty folder."""

    url: str
    var: Path

    def ask(self, query: str) -> list[tuple]:
        """Rows of its database."""
        address = make_url(self.url).set(drivername="postgresql")
        with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
            return connection.execute(query).fetchall()

    @property
    def store(self) -> FileStore:
        """Its files."""
        return FileStore(f"file://{self.var}/files", 1 << 20)


@pytest.fixture
def elsewhere(settings, monkeypatch, tmp_path, worker_id) -> Callable[[], Elsewhere]:
    """Go to another machine, on which the log's key is in its place already."""

    def go() -> Elsewhere:
        name = f"restored_{worker_id}"
        engine = create_engine(settings.database_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as server:
            server.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            server.execute(text(f"CREATE DATABASE {name}"))
        url = engine.url.set(database=name).render_as_string(hide_password=False)
        engine.dispose()
        var = tmp_path / "elsewhere"
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setenv("JIEBANG_VAR", str(var))
        monkeypatch.setenv("JIEBANG_STORAGE_URL", f"file://{var}/files")
        (var / "keys").mkdir(parents=True)
        shutil.copy(settings.log_key_file, var / "keys" / "log.key")
        return Elsewhere(url, var)

    return go


class Portal(NamedTuple):
    """What a test knows of it: a file, a bid that is sealed, and how many entries have a number."""

    document: StoredFile
    sealed: BidVersion
    entries: int


@pytest.fixture
def portal(session, store, settings, signer, now) -> Portal:
    """A portal with challenges, bids, a file, a log and checkpoints outside its database."""
    for digest, _ in [*store.listed()]:
        store.delete(digest)
    settings.checkpoints_file.unlink(missing_ok=True)
    version = make_sealed().versions[-1]
    person = version.submitted_by
    document = make_document(uploaded_by=person, sha256=store.put(CONTENT), size=len(CONTENT))
    make_bid(draft_file=document)
    log(session, now, 5)
    checkpoints.make(signer, Occasion.REGULAR, now)
    log(session, now, 3)
    checkpoints.make(signer, Occasion.REGULAR, now)
    entries = numbering.size(session)
    log(session, now, WAITING)
    keeping.keep(session, settings.checkpoints_file)
    session.commit()
    return Portal(document, version, entries)


def log(session, now, times) -> None:
    """Write some entries."""
    for number in range(times):
        audit.record(session, SYSTEM, Action.SIGNED_IN, f"person:{number}", now, address="::1")
    session.commit()


def notes(settings) -> list[str]:
    """The checkpoints that are kept outside, oldest first."""
    lines = settings.checkpoints_file.read_text().splitlines()
    return [json.loads(line)["checkpoint"] for line in lines]


def counts(rows: Callable[[str], list[tuple]]) -> dict[str, int]:
    """Rows of some tables that a portal lives of."""
    names = "challenges", "bids", "bid_versions", "stored_files", "opening_keys", "audit_log"
    return {name: rows(f"SELECT count(*) FROM {name}")[0][0] for name in names}


def test_a_portal_that_was_destroyed_is_restored_and_proves_itself(
    session, settings, portal, elsewhere, tmp_path
):
    def here(query: str) -> list[tuple]:
        return [tuple(row) for row in session.execute(text(query))]

    before = counts(here)
    entries = here("SELECT id, at, kind, digest, salt, payload::text FROM audit_log ORDER BY id")
    code, said = call("backup", tmp_path / "b", "--lang", "en")
    assert code == 0, said
    assert f"The log has {portal.entries} entries" in said
    assert f"the log's key {signing.load(settings.log_key_file)}" in said
    outside = tmp_path / "kept.jsonl"
    shutil.copy(settings.checkpoints_file, outside)
    there = elsewhere()
    code, said = call("restore", tmp_path / "b", "--checkpoint", outside, "--lang", "en")
    assert code == 0, said
    told = f"first {portal.entries} of {portal.entries} entries are those of 2 checkpoints"
    assert told in said
    assert counts(there.ask) == before
    assert before["bids"] == 2
    query = "SELECT id, at, kind, digest, salt, payload::text FROM audit_log ORDER BY id"
    assert there.ask(query) == [(*row[:3], *map(bytes, row[3:5]), row[5]) for row in entries]
    assert there.ask("SELECT count(*) FROM audit_queue") == [(WAITING,)], "what waited waits there"
    with there.store.open(portal.document.sha256) as file:
        assert file.read() == CONTENT
    with pytest.raises(psycopg.errors.RaiseException):
        there.ask("DELETE FROM audit_log RETURNING id")
    code, said = call("restore", tmp_path / "b")
    assert (code, "not empty; --force" in said) == (1, True)
    code, said = call("restore", tmp_path / "b", "--force", "--checkpoint", outside)
    assert (code, "门户能自证" in said) == (0, True), said


def test_two_shares_open_in_a_restored_portal_what_was_sealed_before(portal, elsewhere, tmp_path):
    version = portal.sealed
    challenge, number, digest = version.bid.challenge_id, version.number, version.ct_sha256
    place, commit = Place.of_bid(str(challenge), str(version.bid_id), number), version.commit
    assert call("backup", tmp_path / "b")[0] == 0
    there = elsewhere()
    assert call("restore", tmp_path / "b")[0] == 0
    engine = create_engine(there.url)
    with Session(engine) as restored, there.store.open(digest) as source:
        for two in ((1, 2), (1, 3), (2, 3)):
            source.seek(0)
            shares = {holder: SHARES[holder] for holder in two}
            with opened(restored, challenge, shares) as key:
                bundle = open_bid(source, place, key, None, commit)
                assert sum(len(part) for _, content in bundle.files() for part in content) > 0
    engine.dispose()


def test_a_second_backup_copies_new_files_alone_and_the_last_one_is_restored(
    store, portal, elsewhere, tmp_path
):
    def backup() -> dict:
        code, said = call("backup", tmp_path / "b", "--json")
        assert code == 0, said
        return json.loads(said)

    first = backup()
    assert first["new_files"] == len(dict(store.listed()))
    (tmp_path / "b" / Path(first["place"]).name).rename(tmp_path / "b" / "20000101T000000Z")
    more = store.put(b"more")
    assert backup()["new_files"] == 1
    there = elsewhere()
    code, said = call("restore", tmp_path / "b", "--of", "20000101T000000Z", "--lang", "en")
    assert (code, "it is not proven that nobody changed" in said) == (0, True), said
    assert more not in dict(there.store.listed())
    assert call("restore", tmp_path / "b", "--force")[0] == 0
    assert more in dict(there.store.listed())


def test_keys_are_not_in_the_backup_and_asked_for(
    settings, portal, elsewhere, monkeypatch, tmp_path
):
    monkeypatch.setenv("JIEBANG_MASTER_KEY", "master-key-of-this-portal")
    call("backup", tmp_path / "b")
    secret = settings.log_key_file.read_text().strip().split("+")[-1].encode()
    for path in (one for one in (tmp_path / "b").rglob("*") if one.is_file()):
        held = path.read_bytes()
        assert secret not in held
        assert b"master-key-of-this-portal" not in held
        assert path.stat().st_mode & 0o077 == 0, path
    there = elsewhere()
    (there.var / "keys" / "log.key").unlink()
    monkeypatch.setenv("JIEBANG_MASTER_KEY", "another")
    code, said = call("restore", tmp_path / "b", "--lang", "en")
    assert code == 1
    assert "! Put the log's key demo.jiebang/log+" in said
    assert "! JIEBANG_MASTER_KEY is not the one of the backup" in said
    assert not (there.var / "keys" / "log.key").exists(), "no key is made in its place"


def test_a_damaged_backup_is_found_before_anything_is_touched(portal, elsewhere, tmp_path):
    call("backup", tmp_path / "b")
    place, manifest = manifests.newest(tmp_path / "b")
    there = elsewhere()
    damaged = manifests.place_of(tmp_path / "b", portal.document.sha256)
    damaged.write_bytes(CONTENT[:-1] + b"?")
    code, said = call("restore", tmp_path / "b", "--check")
    assert (code, f"! 备份中损坏或缺少的文件：{portal.document.sha256}\n" in said) == (1, True)
    code, said = call("restore", tmp_path / "b")
    assert (code, portal.document.sha256 in said) == (1, True)
    assert there.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    code, said = call("restore", tmp_path / "b", "--incomplete", "--lang", "en")
    assert (code, "not there any more: " + portal.document.sha256 in said) == (1, True)
    assert dict(there.store.listed()).keys() == {p.sha256 for p in manifest.files} - {
        portal.document.sha256
    }
    with (place / manifests.DUMP).open("r+b") as dump:
        dump.seek(-1, 2)
        dump.write(b"?")
    code, said = call("restore", tmp_path / "b", "--force")
    assert (code, "is damaged: nothing was restored" in said) == (1, True)


def test_a_changed_or_exchanged_backup_is_found_by_its_signature(
    session, portal, elsewhere, tmp_path
):
    assert call("backup", tmp_path / "b")[0] == 0
    place, made = manifests.newest(tmp_path / "b")
    there = elsewhere()
    code, said = call("restore", tmp_path / "b", "--check", "--lang", "en")
    assert (code, f"The backup is signed by {made.keys.log}" in said) == (0, True)
    whole = (place / manifests.MANIFEST).read_bytes()
    changed = replace(made, rows={**made.rows, "bids": 0}).to_json()
    (place / manifests.MANIFEST).write_bytes(changed)
    code, said = call("restore", tmp_path / "b", "--lang", "en")
    assert (code, f"not signed by {made.keys.log}" in said) == (1, True), said
    signing.make(tmp_path / "their.key", "demo.jiebang/log")
    signatures.sign(place, changed, signing.load(tmp_path / "their.key"))
    assert "not signed by" in call("restore", tmp_path / "b", "--lang", "en")[1]
    (place / manifests.MANIFEST).write_bytes(whole)
    (place / signatures.SIGNATURE).unlink()
    assert "not signed by" in call("restore", tmp_path / "b", "--lang", "en")[1]
    assert there.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_a_file_damaged_or_lost_in_the_store_is_named_by_the_backup(
    settings, store, portal, tmp_path
):
    root = Path(settings.storage_url.removeprefix("file://"))
    (root / portal.document.sha256[:2] / portal.document.sha256).write_bytes(b"rotten")
    code, said = call("backup", tmp_path / "b", "--lang", "en")
    assert code == 1
    assert f"! Damaged in the store, not saved: {portal.document.sha256}" in said
    store.delete(portal.document.sha256)
    code, said = call("backup", tmp_path / "c", "--json")
    assert (code, json.loads(said)["missing"]) == (1, [portal.document.sha256])


def test_a_forged_log_is_found_by_a_checkpoint_from_outside(
    session, settings, signer, now, portal, elsewhere, tmp_path
):
    """The forger has database and key: all is signed anew, and only what was kept outside tells."""
    kept = tmp_path / "kept.note"
    kept.write_text(notes(settings)[0])
    session.execute(text("SET session_replication_role = replica"))
    for table in ("audit_log", "audit_queue", "audit_leaves", "audit_nodes", "audit_checkpoints"):
        session.execute(text(f"DELETE FROM {table}"))
    session.execute(text("UPDATE bid_versions SET entry_id = NULL"))
    session.execute(text("SET session_replication_role = origin"))
    log(session, now, 9)
    checkpoints.make(signer, Occasion.REGULAR, now)
    assert call("backup", tmp_path / "b")[0] == 0
    elsewhere()
    code, said = call("restore", tmp_path / "b", "--checkpoint", kept, "--lang", "en")
    assert code == 1
    assert "The log is whole: 9 entries" in said
    assert "! This is not the log that was" in said


def test_an_entry_that_was_changed_is_named(session, portal, elsewhere, tmp_path):
    session.execute(text("SET session_replication_role = replica"))
    change = 'UPDATE audit_log SET payload = \'{"address": "::2"}\' WHERE id = :id'
    session.execute(text(change), {"id": session.scalar(text("SELECT min(id) + 4 FROM audit_log"))})
    session.execute(text("SET session_replication_role = origin"))
    session.commit()
    assert call("backup", tmp_path / "b")[0] == 0
    elsewhere()
    code, said = call("restore", tmp_path / "b", "--lang", "en")
    assert (code, "! The log was changed: entry 4 does not fit." in said) == (1, True), said


def test_a_backup_older_than_every_checkpoint_proves_nothing(
    session, settings, signer, now, portal, elsewhere, tmp_path
):
    call("backup", tmp_path / "b")
    log(session, now, 4)
    checkpoints.make(signer, Occasion.REGULAR, now)
    keeping.keep(session, settings.checkpoints_file)
    later, everything = tmp_path / "later.note", tmp_path / "all.jsonl"
    later.write_text(notes(settings)[-1])
    shutil.copy(settings.checkpoints_file, everything)
    there = elsewhere()
    code, said = call("restore", tmp_path / "b", "--checkpoint", later, "--lang", "en")
    assert (code, "nothing is proven" in said) == (1, True), said
    call_all = ("restore", tmp_path / "b", "--force", "--checkpoint", everything, "--lang", "en")
    code, said = call(*call_all)
    assert (code, "The portal proves itself" in said) == (0, True), said
    assert f"{4 + WAITING} entries after entry {portal.entries} came later" in said
    (there.var / "x").write_text("nonsense")
    code, said = call("restore", tmp_path / "b", "--force", "--checkpoint", there.var / "x")
    assert (code, "is no checkpoint of this log" in said) == (1, True)


def test_what_cannot_be_restored_is_told_in_one_sentence(
    settings, portal, elsewhere, tmp_path, monkeypatch
):
    call("backup", tmp_path / "b")
    place, made = manifests.newest(tmp_path / "b")
    text_before = (place / manifests.MANIFEST).read_text()
    there = elsewhere()
    assert "no whole backup" in call("restore", tmp_path / "nowhere")[1]
    for before, after, told in (
        ('"form": "jiebang-backup-v1"', '"form": "jiebang-backup-v9"', "not a backup"),
        ('"rows"', '"row"', "manifest cannot be read"),
        (f'"revision": "{made.revision}"', '"revision": "9999"', "of a newer portal"),
    ):
        changed = text_before.replace(before, after)
        (place / manifests.MANIFEST).write_text(changed)
        signatures.sign(place, changed.encode(), signing.load(settings.log_key_file))
        code, said = call("restore", tmp_path / "b")
        assert (code, told in said, said.count("\n")) == (1, True, 1), said
    assert there.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    monkeypatch.setattr("portal.embedded.programs", lambda name: [])
    (place / manifests.MANIFEST).write_text(text_before)
    signatures.sign(place, text_before.encode(), signing.load(settings.log_key_file))
    code, said = call("restore", tmp_path / "b")
    assert (code, "install PostgreSQL's client programs" in said) == (1, True)


def test_checkpoints_are_compared_by_their_size_and_root():
    roots = {3: b"a" * 32, 5: b"b" * 32}
    found = proving.Walked(5, b"b" * 32, roots, None)
    told = [
        proving.Checkpoint("x", 3, b"a" * 32),
        proving.Checkpoint("x", 5, b"c" * 32),
        proving.Checkpoint("x", 6, b"d" * 32),
    ]
    verdict = proving.compare(found, told)
    assert (verdict.holding, verdict.contradicting, verdict.later) == ([3], [5], [6])
