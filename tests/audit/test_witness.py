"""The witness: over HTTP, as an auditor runs it on a machine of their own."""

import json
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from portal import witness
from portal.audit.notes import Checkpoint, Note, VerifierKey, sign_checkpoint
from portal.audit.tree import consistency_needs
from tests.audit.logs import KEY, ORIGIN, PUBLIC, Log, make_log
from tests.audit.test_tree import stored

LOG = make_log(300, 100)
NAME = "audit.example/witness"


class Portal:
    """Answers as the portal does, from a log that the test may change."""

    def __init__(self) -> None:
        self.log, self.size = LOG, 100
        self.status, self.refusal = 200, ""
        self.taken: list[str] = []

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        if request.path.endswith("/log/cosignatures"):
            self.taken.append(request.get_data(as_text=True))
            return Response(self.refusal, status=422 if self.refusal else 200)(environ, start)
        if request.path.endswith("/log/checkpoint"):
            content = self.log.notes[self.size]
        else:
            needs = consistency_needs(int(request.args["old"]), int(request.args["new"]))
            hashes = needs.hashes(stored(self.log.leaves))
            content = json.dumps([one.hex() for one in hashes])
        return Response(content, status=self.status)(environ, start)


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def address(portal: Portal) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, portal)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "log.pub").write_text(f"{PUBLIC}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def look(
    capsys: pytest.CaptureFixture[str], address: str, *more: str
) -> tuple[int, dict[str, Any]]:
    arguments = [address, "--key", "log.pub", "--name", NAME, "--json", *more]
    code = witness.main(arguments)
    return code, json.loads(capsys.readouterr().out)


def kept(path: Path) -> list[Note]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Note.parse(json.loads(line)["checkpoint"]) for line in lines]


def test_it_keeps_and_signs_each_checkpoint_that_continues_the_last(
    portal: Portal, address: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = []
    for size in (100, 100, 200, 300):
        portal.size = size
        code, told = look(capsys, address + "/")
        assert (code, told["holds"]) == (0, True)
        words.append(told["what"])
    assert words == ["first", "same", "grown", "grown"]
    notes = kept(home / "witness.jsonl")
    own = VerifierKey.parse((home / "witness.key.pub").read_text())
    assert [len(note.verify([PUBLIC, own])) for note in notes] == [2, 2, 2]
    assert own.name == NAME
    assert stat.S_IMODE((home / "witness.key").stat().st_mode) == 0o600
    assert not (home / "witness.jsonl.bad").exists()


def rewritten() -> Log:
    other = LOG.copy()
    other.leaves[5] = bytes(32)
    other.sign([100, 200, 300])
    return other


def shrunk(portal: Portal) -> None:
    portal.size = 100


def forked(portal: Portal) -> None:
    portal.log = rewritten()


def rewritten_and_grown(portal: Portal) -> None:
    portal.log, portal.size = rewritten(), 300


def signed_by_another(portal: Portal) -> None:
    portal.log = LOG.copy()
    portal.log.notes = {**LOG.notes, 200: LOG.notes[200].replace(ORIGIN, "other.example/log")}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (shrunk, "shrunk"),
        (forked, "fork"),
        (rewritten_and_grown, "growth"),
        (signed_by_another, "note"),
    ],
)
def test_a_log_that_was_rewritten_is_told_and_the_proof_of_it_kept(
    change: Any,
    word: str,
    portal: Portal,
    address: str,
    home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    portal.size = 200
    look(capsys, address)
    before = (home / "witness.jsonl").read_bytes()
    change(portal)
    for times in (1, 2):
        code, told = look(capsys, address)
        assert (code, told["what"]) == (1, word)
        assert (home / "witness.jsonl").read_bytes() == before
        assert len(kept(home / "witness.jsonl.bad")) == times


def test_a_portal_that_does_not_answer_is_no_alarm(
    portal: Portal, address: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    portal.status = 503
    for url in (address, "http://127.0.0.1:1", "nowhere", "https://127.0.0.1:x"):
        code, told = look(capsys, url)
        assert (code, told["what"]) == (3, "away")
    assert kept(home / "witness.jsonl") == kept(home / "witness.jsonl.bad") == []


def test_what_is_not_the_witness_s_own_is_refused(
    address: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "witness.jsonl").write_text("x\n")
    assert look(capsys, address)[1]["what"] == "note"
    strange = str(sign_checkpoint(Checkpoint("other.example/log", 1, bytes(32)), KEY))
    (home / "witness.jsonl").write_text(json.dumps({"checkpoint": strange}) + "\n")
    assert look(capsys, address)[1]["what"] == "note"
    for arguments in ([address], [address, "--key", "log.pub", "--sign-with", "new"]):
        with pytest.raises(SystemExit) as caught:
            witness.main(arguments)
        assert caught.value.code == 2
    (home / "witness.key").write_text("PRIVATE+KEY+a+00000000+AAAA")
    with pytest.raises(SystemExit):
        look(capsys, address)
    capsys.readouterr()


def test_it_speaks_both_languages(
    address: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = [address, "--key", "log.pub", "--name", NAME]
    assert witness.main(common) == 0
    assert capsys.readouterr().out == "首次见证：100 条\n"
    assert witness.main([*common, "--lang", "en"]) == 0
    assert capsys.readouterr().out == "holds: nothing new since 100 entries\n"


def test_it_hands_in_what_it_signed_until_it_is_taken(
    portal: Portal, address: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    portal.refusal = '{"error": "unknown"}'
    code, told = look(capsys, address, "--post")
    assert (code, told["what"], told["why"]) == (3, "away", "HTTP 422: unknown")
    portal.refusal = ""
    code, told = look(capsys, address, "--post")
    assert (code, told["what"]) == (0, "same")
    assert portal.taken == [str(kept(home / "witness.jsonl")[0])] * 2
