"""Compiled templates, kept as Python keeps its own: compiling them takes seconds in each process."""

import os
import stat
from importlib.metadata import version
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache

OTHERS = stat.S_IWGRP | stat.S_IWOTH


def keep_compiled(app: Flask, folder: Path) -> None:
    """Keep them in a folder that nobody else can write; without such a folder nothing is kept.

    A template that has changed since is compiled again: what is kept tells the source's digest.
    """
    place = folder / f"templates-{version('jinja2')}"
    if _is_own(place):
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(place))


def _is_own(place: Path) -> bool:
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = place.lstat()
    except OSError:
        return False
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return mine and not found.st_mode & OTHERS and os.access(place, os.W_OK)
