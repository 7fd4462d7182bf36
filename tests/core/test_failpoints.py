"""Failpoints break off where they are told to, as often as told, and nowhere else."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from errno import ENOSPC
from pathlib import Path

import psutil
import pytest

from portal.config import ROOT
from portal.core import failpoints
from portal.core.failpoints import PLACES, BrokenOff, reach
from tests.waiting import until

PROGRAM = """
import sys
from portal.core import failpoints
failpoints.arm(sys.argv[1])
failpoints.reach("gate")
"""


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def test_nothing_happens_where_nothing_is_armed() -> None:
    for place in PLACES:
        reach(place)
    failpoints.arm("gate:error")
    for place in set(PLACES) - {"gate"}:
        reach(place)
    with pytest.raises(BrokenOff):
        reach("gate")


def test_it_breaks_off_from_the_time_on_that_was_told() -> None:
    failpoints.arm("gate:3:error, stamp:full")
    for _ in range(2):
        reach("gate")
    for _ in range(2):
        with pytest.raises(BrokenOff, match="gate"):
            reach("gate")
    with pytest.raises(OSError, match="stamp") as full:
        reach("stamp")
    assert full.value.errno == ENOSPC


@pytest.mark.parametrize("setting", ["nowhere", "gate:0", "gate:explode", "gate:1:kill:2", ","])
def test_a_setting_that_says_nothing_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        failpoints.arm(setting)


def test_a_file_breaks_off_one_of_many_once(tmp_path: Path) -> None:
    failpoints.arm(f"@{tmp_path}")
    reach("gate")
    (tmp_path / "gate").write_text("error")

    def breaks(_: int) -> bool:
        try:
            reach("gate")
        except BrokenOff:
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(breaks, range(200))) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["gate.reached"]


def test_a_killed_process_ends_at_the_place_and_a_waiting_one_stands_there() -> None:
    command = [sys.executable, "-c", PROGRAM]
    killed = subprocess.run([*command, "gate"], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    with subprocess.Popen([*command, "gate:wait"], cwd=ROOT) as waiting:
        found = psutil.Process(waiting.pid)
        until(lambda: found.status() == psutil.STATUS_STOPPED, "it stands still")
        waiting.send_signal(signal.SIGCONT)
        assert waiting.wait() == 0
