"""verify.py as a stranger has it: one file, without the portal; receipts and two checkpoints."""

import ast
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from portal import verifier
from portal.audit.leaves import first_line
from portal.audit.notes import Checkpoint, Note, cosign, sign, sign_checkpoint, verifier_key
from portal.audit.tree import EMPTY, consistency_needs
from portal.bids.receipts import written
from portal.cli.main import main as jiebang
from portal.core.sealing.manifest import commitment
from portal.site import alone
from tests.audit.logs import KEY, ORIGIN, PUBLIC, Log, make_log, signed_again
from tests.audit.test_tree import stored

LOG = make_log(300, 100)
RECEIPT: dict[str, Any] = LOG.receipt(123, 200)


OTHER_VALUES: list[object] = [None, "x", [], 7]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "log.pub").write_text(f"{PUBLIC}\n")
    (tmp_path / "receipt.json").write_bytes(written(RECEIPT))
    for size, note in LOG.notes.items():
        (tmp_path / f"{size}.note").write_text(note)
    proof = consistency_needs(100, 300).hashes(stored(LOG.leaves))
    (tmp_path / "proof.json").write_text(json.dumps([one.hex() for one in proof]))
    LOG.write(tmp_path / "log.jsonl")
    return tmp_path


def test_it_runs_without_the_portal(home: Path) -> None:
    (home / "verify.py").write_text(alone.source())
    for arguments, code, text in (
        (["receipt", "receipt.json"], 0, "成立：揭榜方案 B-123 第 1 版"),
        (["log", "log.jsonl", "--lang", "en"], 0, "holds: 300 entries"),
        (["log", "100.note", "--lang", "en"], 1, "entry 0: the line is not canonical JSON"),
        (["opening", "receipt.json", "--lang", "en"], 1, "not the record of an opening"),
        (["witnesses", "100.note", "--witness", "log.pub", "--lang", "en"], 1, "not a key"),
    ):
        command = [sys.executable, "-I", "verify.py", *arguments, "--key", "log.pub"]
        environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1"}
        done = subprocess.run(
            command, cwd=home, env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (code, "")
        assert text in done.stdout


def test_a_console_without_chinese_does_not_change_the_verdict(home: Path) -> None:
    (home / "verify.py").write_text(alone.source())
    command = [sys.executable, "verify.py", "receipt", "receipt.json"]
    done = subprocess.run(
        [*command, "--key", "log.pub"],
        cwd=home,
        env={"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "B-123" in done.stdout


def test_it_imports_nothing_of_the_portal_and_its_parts_do_not_hide_each_other() -> None:
    source = alone.source()
    assert not re.search(r"^\s*(from|import) (portal|tests)", source, re.MULTILINE)
    names = Counter(
        name
        for node in ast.parse(source).body
        for name in (
            [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef)
            else [ast.unparse(one) for one in node.targets] if isinstance(node, ast.Assign)
            else [ast.unparse(node.target)] if isinstance(node, ast.AnnAssign)
            else []
        )
    )  # fmt: skip
    assert {name for name, times in names.items() if times > 1} == set()
    assert {"opened_main", "witness_main", "cosigned_main", "verifier_main"} <= set(names)


def run(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str) -> dict[str, Any]:
    given = [str(home / one) if (home / one).exists() else one for one in arguments]
    code = verifier.main([*given, "--key", str(home / "log.pub"), "--json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code == (0 if found["holds"] else 1)
    return found


def test_a_receipt_holds_and_each_changed_field_is_found(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, home, "receipt", "receipt.json")["what"] == "received"
    for name in RECEIPT:
        for value in OTHER_VALUES:
            (home / "bad.json").write_bytes(written({**RECEIPT, name: value}))
            assert run(capsys, home, "receipt", "bad.json")["what"] in ("receipt", "signature")
        without = {key: value for key, value in RECEIPT.items() if key != name}
        (home / "bad.json").write_bytes(written(without))
        assert not run(capsys, home, "receipt", "bad.json")["holds"]


ENTRY: dict[str, Any] = dict(RECEIPT["entry"])
MADE_UP: list[tuple[dict[str, Any], str]] = [
    ({"ct_sha256": "0" * 64}, "says"),
    ({"commit": "0" * 64}, "says"),
    ({"parts": []}, "says"),
    ({"version": 2}, "says"),
    ({"bid": "B-1"}, "says"),
    ({"challenge": "C-2"}, "says"),
    ({"at": "2026-03-01T08:00:12.000000Z"}, "says"),
    ({"index": 124}, "says"),
    ({"entry": {**ENTRY, "v": 1}}, "says"),
    ({"entry": {**ENTRY, "kind": "bid.withdrawn"}}, "says"),
    ({"entry": {**ENTRY, "seq": 124}, "index": 124}, "proof"),
    ({"entry": {**ENTRY, "seq": -1}, "index": -1}, "proof"),
    ({"entry": {**ENTRY, "salt": "00"}}, "proof"),
    ({"proof": []}, "proof"),
    ({"proof": [*RECEIPT["proof"], "00" * 32]}, "proof"),
    ({"proof": RECEIPT["proof"][:-1]}, "proof"),
    ({"checkpoint": LOG.notes[300]}, "proof"),
    ({"checkpoint": "x"}, "note"),
    ({"form": "jiebang-receipt-v2"}, "receipt"),
]


@pytest.mark.parametrize(("change", "what"), MADE_UP, ids=str)
def test_a_receipt_that_was_made_up_with_the_key_is_found(
    change: dict[str, Any], what: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "bad.json").write_bytes(written(signed_again(RECEIPT, **change)))
    assert run(capsys, home, "receipt", "bad.json")["what"] == what


def test_a_checkpoint_whose_size_is_not_that_of_its_tree_proves_nothing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, size, root, *_ = LOG.notes[200].split("\n")
    note = sign(f"{ORIGIN}\n{int(size) * 2}\n{root}\n", ORIGIN, KEY)
    bad = signed_again(RECEIPT, checkpoint=str(note))
    (home / "bad.json").write_bytes(written(bad))
    assert run(capsys, home, "receipt", "bad.json")["what"] == "proof"


@pytest.mark.parametrize("change", ["short", "long", "none"])
def test_a_proof_of_growth_has_its_length(
    change: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = json.loads((home / "proof.json").read_text())
    other = {"short": proof[:-1], "long": [*proof, proof[0]], "none": []}[change]
    (home / "proof.json").write_text(json.dumps(other))
    options = ["100.note", "300.note", "--proof", "proof.json"]
    assert run(capsys, home, "consistency", *options)["what"] == "growth"


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"form":1.5}', "\udcff"])
def test_what_is_no_receipt_is_told(
    text: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "bad.json").write_bytes(text.encode(errors="surrogateescape"))
    assert run(capsys, home, "receipt", "bad.json")["what"] == "receipt"


def test_a_kept_manifest_is_compared(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "manifest.json").write_bytes(b"{}")
    found = run(capsys, home, "receipt", "receipt.json", "--manifest", "manifest.json")
    assert found["what"] == "commit"
    assert commitment(b"{}") != RECEIPT["commit"]


FORKED = LOG.copy()
FORKED.leaves[5] = bytes(32)
FORKED.sign([100, 200, 300])


@pytest.mark.parametrize(
    ("old", "new", "options", "what"),
    [
        ("100.note", "300.note", ["--proof", "proof.json"], "grown"),
        ("100.note", "300.note", [], "ask"),
        ("200.note", "300.note", ["--proof", "proof.json"], "growth"),
        ("300.note", "100.note", [], "growth"),
        ("300.note", "300.note", [], "grown"),
        ("300.note", "forked.note", [], "fork"),
        ("100.note", "forked.note", ["--proof", "proof.json"], "growth"),
        ("0.note", "300.note", ["--proof", "none.json"], "grown"),
        ("100.note", "log.jsonl", [], "grown"),
        ("forked.note", "log.jsonl", [], "root"),
        ("log.jsonl", "log.jsonl", [], "grown"),
        ("log.jsonl", "300.note", [], "grown"),
        ("log.jsonl", "forked.note", [], "fork"),
        ("witnessed.note", "300.note", ["--proof", "proof.json"], "grown"),
        ("stranger.note", "300.note", [], "note"),
        ("borrowed.note", "300.note", [], "note"),
        ("log.pub", "300.note", [], "note"),
    ],
)
def test_two_of_a_log_are_compared(
    old: str,
    new: str,
    options: list[str],
    what: str,
    home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (home / "forked.note").write_text(FORKED.notes[300])
    (home / "0.note").write_text(str(sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY), KEY)))
    (home / "none.json").write_text("[]")
    (home / "stranger.note").write_text(LOG.notes[100].replace(ORIGIN, "other.example/log"))
    borrowed = sign(
        "other.example/log" + LOG.notes[300].partition("\n\n")[0][19:] + "\n", ORIGIN, KEY
    )
    (home / "borrowed.note").write_text(str(borrowed))
    witnessed = cosign(Note.parse(LOG.notes[100]), "audit.example/w", KEY, 1_800_000_000)
    (home / "witnessed.note").write_text(str(witnessed))
    found = run(capsys, home, "consistency", old, new, *options)
    assert (found["what"], found["holds"]) == (what, what == "grown")


def lines(log: Log = LOG) -> list[bytes]:
    return list(log.lines())


BAD = {
    "another form": ([b'{"form":"x"}\n'], "form", None),
    "another log": ([first_line("other.example/log")], "form", None),
    "nothing": ([], "json", 0),
    "no JSON": ([*lines()[:10], b"x\n"], "json", 9),
    "spaces": ([*lines()[:10], b" " + lines()[10]], "json", 9),
    "no newline": ([*lines()[:10], lines()[10][:-1]], "json", 9),
    "a key twice": ([*lines()[:10], b'{"seq":1,' + lines()[10][1:]], "json", 9),
    "a list": ([*lines()[:10], b"[]\n"], "json", 9),
    "not UTF-8": ([*lines()[:10], b"\xff\n"], "json", 9),
    "a point": ([*lines()[:10], b'{"leaf":"","seq":9.0}\n'], "json", 9),
    "no number": ([*lines()[:10], b"{}\n"], "order", 9),
    "fewer fields": ([*lines()[:10], b'{"seq":9}\n'], "shape", 9),
    "more fields": ([*lines()[:10], b'{"leaf":"","more":1,"seq":9}\n'], "shape", 9),
    "no hash": ([*lines()[:10], b'{"leaf":"xy","seq":9}\n'], "shape", 9),
    "a strange leaf": ([*lines()[:10], b'{"leaf":7,"seq":9}\n'], "shape", 9),
    "another version": ([*lines()[:10], lines()[10].replace(b'"v":2', b'"v":3')], "leaf", 9),
    "no checkpoint": (lines()[:10], "bare", None),
    "an early checkpoint": ([*lines()[:10], lines()[101]], "short", 9),
    "a late checkpoint": ([*lines()[:110], lines()[101]], "root", 100),
    "a strange checkpoint": ([*lines()[:10], b'{"checkpoint":7}\n'], "note", None),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_export_is_told(
    name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, what, seq = BAD[name]
    (home / "bad.jsonl").write_bytes(b"".join(content))
    found = run(capsys, home, "log", "bad.jsonl")
    assert (found["what"], found.get("seq")) == (what, seq)


def test_an_empty_log_holds(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = make_log(0, 100)
    (home / "bad.jsonl").write_bytes(b"".join(empty.lines()))
    found = run(capsys, home, "log", "bad.jsonl")
    assert (found["holds"], found["size"], found["notes"]) == (True, 0, 1)


@pytest.mark.parametrize(
    "key", ["", "x", "a+b+c", str(PUBLIC)[:-4], str(PUBLIC).replace("j", "k", 1)]
)
def test_a_wrong_key_is_told(key: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "log.pub").write_text(key)
    assert run(capsys, home, "receipt", "receipt.json")["what"] == "key"
    (home / "log.pub").write_text(str(verifier_key(ORIGIN, KEY, 4)))
    assert run(capsys, home, "receipt", "receipt.json")["what"] == "key"


@pytest.mark.parametrize(
    "arguments",
    [[], ["log"], ["log", "x"], ["log", "x", "y"], ["consistency", "x"], ["receipt", "/nowhere"]],
)
def test_wrong_use_is_2(arguments: list[str], home: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        verifier.main([*arguments, "--key", str(home / "log.pub")])
    assert caught.value.code == 2


def test_it_is_a_command_of_the_portal(home: Path) -> None:
    key = ["--key", str(home / "log.pub"), "--lang", "en"]
    done = CliRunner().invoke(jiebang, ["verify", "receipt", str(home / "receipt.json"), *key])
    assert (done.exit_code, done.output[:18]) == (0, "holds: bid B-123, ")
    done = CliRunner().invoke(jiebang, ["verify", "log", str(home / "100.note"), *key])
    assert done.exit_code == 1
