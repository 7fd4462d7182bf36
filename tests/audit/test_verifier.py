"""verify.py on logs of 10,000 entries: whatever is done to one, it says where."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal import verifier
from tests.audit.logs import KEY, PUBLIC, Log, make_log

SIZE, EVERY = 10_000, 1_000


@cache
def original() -> Log:
    return make_log(SIZE, EVERY)


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What people have at home: the key, an older checkpoint, a receipt, an older export."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "log.pub").write_text(f"{PUBLIC}\n")
    (folder / "old.note").write_text(original().notes[7_000])
    (folder / "receipt.json").write_text(json.dumps(original().receipt(5_003, 6_000)))
    original().write(folder / "old.jsonl")
    return folder


def checked(
    outside: Path, log: Log, capsys: pytest.CaptureFixture[str], *options: str
) -> dict[str, Any]:
    path = log.write(outside / "export.jsonl")
    return run(capsys, "log", str(path), "--key", str(outside / "log.pub"), *options)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code = verifier.main([*arguments, "--json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code == (0 if found["holds"] else 1)
    return found


def test_an_honest_log_holds(outside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = original().copy()
    log.erased, log.closed = set(range(0, SIZE, 7)) - {0}, {0, 9_999, 42}
    old, receipt = str(outside / "old.note"), str(outside / "receipt.json")
    found = checked(outside, log, capsys, "--checkpoint", old, "--receipt", receipt)
    erased = len(log.erased - log.closed)
    counts = {"good": SIZE, "outside": 7_000, "closed": 3, "erased": erased, "notes": 12}
    assert found == {"holds": True, "what": "log", "size": SIZE, **counts}


def payload_edited(log: Log, at: int) -> None:
    entry = log.entries[at]
    log.entries[at] = replace(entry, payload={**(entry.payload or {}), "actor": "nobody"})


def kind_edited(log: Log, at: int) -> None:
    log.entries[at] = replace(log.entries[at], kind="bid.withdrawn")


def time_edited(log: Log, at: int) -> None:
    log.entries[at] = replace(log.entries[at], at="2026-01-01T00:00:00.000000Z")


def subject_edited(log: Log, at: int) -> None:
    log.entries[at] = replace(log.entries[at], subject="bid:other")


def leaf_edited(log: Log, at: int) -> None:
    log.leaves[at] = bytes(32)


def deleted(log: Log, at: int) -> None:
    del log.entries[at], log.leaves[at]


def deleted_and_renumbered(log: Log, at: int) -> None:
    deleted(log, at)
    for seq in range(at, len(log.entries)):
        log.entries[seq] = replace(log.entries[seq], seq=seq)


def inserted(log: Log, at: int) -> None:
    extra = replace(log.entries[at], seq=at, kind="bid.withdrawn")
    log.entries.insert(at + 1, extra)
    log.leaves.insert(at + 1, extra.hash())


def exchanged(log: Log, at: int) -> None:
    other = (at + 977) % SIZE
    first, second = sorted((at, other))
    entries, leaves = log.entries, log.leaves
    entries[first], entries[second] = entries[second], entries[first]
    leaves[first], leaves[second] = leaves[second], leaves[first]


def truncated(log: Log, at: int) -> None:
    del log.entries[at:], log.leaves[at:]
    log.notes = {SIZE: log.notes[SIZE]}


def first_of_exchange(at: int) -> int:
    return min(at, (at + 977) % SIZE)


EXACT: dict[str, tuple[Callable[[Log, int], None], Callable[[int], int]]] = {
    "payload": (payload_edited, lambda at: at),
    "kind": (kind_edited, lambda at: at),
    "time": (time_edited, lambda at: at),
    "subject": (subject_edited, lambda at: at),
    "leaf": (leaf_edited, lambda at: at),
    "deleted": (deleted, lambda at: at),
    "renumbered": (deleted_and_renumbered, lambda at: at),
    "inserted": (inserted, lambda at: at + 1),
    "exchanged": (exchanged, first_of_exchange),
    "truncated": (truncated, lambda at: at),
}
FEW = settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # an entry's number needs no shrinking
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("change", EXACT)
@FEW
@given(at=st.integers(0, SIZE - 2))
def test_what_was_changed_in_the_table_is_named(
    change: str, at: int, outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    act, expected = EXACT[change]
    log = original().copy()
    act(log, at)
    found = checked(outside, log, capsys)
    assert (found["holds"], found["seq"]) == (False, expected(at)), found


def rehashed(at: int) -> Log:
    """Entry and leaf changed together; the checkpoints are as they were."""
    log = original().copy()
    log.entries[at] = replace(log.entries[at], kind="bid.withdrawn")
    log.leaves[at] = log.entries[at].hash()
    return log


@FEW
@given(at=st.integers(0, SIZE - 1))
def test_a_leaf_that_was_hashed_again_is_found_by_the_next_checkpoint(
    at: int, outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = checked(outside, rehashed(at), capsys)
    assert (found["holds"], found["what"]) == (False, "root")
    assert (found["seq"], found["last"]) == (at // EVERY * EVERY, at // EVERY * EVERY + EVERY - 1)


def resigned(log: Log) -> Log:
    """All checkpoints made anew by whoever holds the log's key."""
    log.notes.clear()
    log.sign([*range(EVERY, len(log.entries), EVERY), len(log.entries)])
    return log


@FEW
@given(at=st.integers(0, 6_999))
def test_a_log_that_was_signed_again_is_found_by_an_older_checkpoint(
    at: int, outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = resigned(rehashed(at))
    assert checked(outside, log, capsys)["holds"]  # alone it cannot be told: that is the limit
    found = checked(outside, log, capsys, "--checkpoint", str(outside / "old.note"))
    assert (found["holds"], found["what"]) == (False, "root")
    assert found["seq"] <= at <= found["last"] == 6_999


@FEW
@given(at=st.integers(0, SIZE - 1))
def test_an_older_export_names_the_entry(
    at: int, outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = resigned(rehashed(at)).write(outside / "new.jsonl")
    key = str(outside / "log.pub")
    found = run(capsys, "consistency", str(outside / "old.jsonl"), str(new), "--key", key)
    assert (found["holds"], found["what"], found["seq"]) == (False, "old", at)


def test_a_receipt_names_its_entry(outside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    receipt = str(outside / "receipt.json")
    found = checked(outside, resigned(rehashed(5_003)), capsys, "--receipt", receipt)
    assert (found["holds"], found["what"], found["seq"]) == (False, "proven", 5_003)
    found = checked(outside, resigned(rehashed(5_002)), capsys, "--receipt", receipt)
    assert (found["holds"], found["what"], found["last"]) == (False, "root", 5_999)


@pytest.mark.parametrize("size", [1, 6_999])
def test_a_log_that_was_cut_and_signed_again_is_found(
    size: int, outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = original().copy()
    del log.entries[size:], log.leaves[size:]
    resigned(log)
    assert checked(outside, log, capsys)["holds"]
    for option, name in (("--checkpoint", "old.note"), ("--receipt", "receipt.json")):
        if option == "--checkpoint" or size < 6_000:
            found = checked(outside, log, capsys, option, str(outside / name))
            assert (found["what"], found["seq"]) == ("short", size)
    new = str(outside / "export.jsonl")
    key = str(outside / "log.pub")
    found = run(capsys, "consistency", str(outside / "old.jsonl"), new, "--key", key)
    assert (found["what"], found["seq"]) == ("short", size)


def test_checkpoints_of_another_key_do_not_count(
    outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = rehashed(10)
    log.notes.clear()
    log.sign([SIZE], Ed25519PrivateKey.from_private_bytes(bytes([8]) * 32))
    assert checked(outside, log, capsys)["what"] == "note"
    log.notes.clear()
    assert checked(outside, log, capsys)["what"] == "bare"


def test_the_texts_name_the_entry_in_both_languages(
    outside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = original().copy()
    payload_edited(log, 4_711)
    path = str(log.write(outside / "export.jsonl"))
    arguments = ["log", path, "--key", str(outside / "log.pub")]
    for language, text in (("en", "entry 4711: changed"), ("zh", "第 4711 条：内容被改")):
        assert verifier.main([*arguments, "--lang", language]) == 1
        assert text in capsys.readouterr().out


def test_the_key_of_the_log_is_the_one_of_the_tests() -> None:
    assert KEY.public_key().public_bytes_raw() == PUBLIC.public_key
