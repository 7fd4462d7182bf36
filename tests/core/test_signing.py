"""The log's key file: made once, whole, for its owner alone; production has one of its own."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from portal.app import signer_of
from portal.audit.notes import verifier_key
from portal.config import ConfigurationError, Settings
from portal.core import signing
from portal.core.signing import DEMO_NAME, KeyFileError, Signer

NAME = "portal.example/log"


def test_a_key_is_written_and_read_and_no_other_is_put_over_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log.key"
    signing.make(path, NAME)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["log.key"]
    read = signing.load(path)
    assert (read.name, read.written()) == (NAME, path.read_text())
    public = verifier_key(NAME, read.key)
    assert str(read) == f"{NAME}+{public.id.hex()}"
    with pytest.raises(FileExistsError):
        signing.make(path, NAME)
    assert signing.load_or_make(path, "other").written() == read.written()


def test_processes_that_start_together_have_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = pool.map(lambda _: signing.load_or_make(tmp_path / "log.key", NAME), range(8))
    assert len({one.written() for one in made}) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    signing.make(tmp_path / "log.key", NAME)
    (tmp_path / "log.key").chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        signing.load(tmp_path / "log.key")


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    with pytest.raises(KeyFileError, match="cannot be read"):
        signing.load(path)
    signing.make(path, NAME)
    good = path.read_text()
    for bad in ("", "x", good[:-6], good.replace("portal", "other"), good.removeprefix("PRIVATE+")):
        with pytest.raises(KeyFileError, match="does not hold a key"):
            Signer.parse(bad)
    with pytest.raises(KeyFileError, match="cannot be written"):
        signing.load_or_make(Path("/proc/nowhere/log.key"), NAME)


def test_production_makes_no_key_and_refuses_a_demonstration_s(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "log.key"
    production = replace(settings, environment="production", log_key=path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        signer_of(production)
    assert signer_of(replace(settings, log_key=path)).name == DEMO_NAME
    with pytest.raises(ConfigurationError, match="demonstration"):
        signer_of(production)
    path.unlink()
    signing.make(path, NAME)
    assert signer_of(production).name == NAME
