"""A running portal with the demonstration's data, for pictures and measurements of its pages."""

import shutil
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from portal import embedded
from portal.cli.database import migrate
from portal.config import ROOT
from portal.demo.load import load
from tests.conftest import settings_for
from tests.journeys.running import running_portal


@contextmanager
def shown(name: str) -> Iterator[str]:
    """Start it on servers of its own under var/`name`, which are gone at the end; yields the address."""
    var = ROOT / "var" / name
    _clear(name)
    var.mkdir(parents=True)
    servers = embedded.start(var)
    try:
        migrate(servers.database_url)
        settings = settings_for(servers.database_url, servers.redis_url, var)
        with running_portal(settings, var, _fill) as (address, _):
            yield address
    finally:
        _clear(name)


def _fill(_: Flask) -> None:
    deque(load(), maxlen=0)


def _clear(name: str) -> None:
    """Take away what is there, after an interrupted run too."""
    var = ROOT / "var" / name
    embedded.stop(var)
    shutil.rmtree(embedded.home(var), ignore_errors=True)
    shutil.rmtree(var, ignore_errors=True)
