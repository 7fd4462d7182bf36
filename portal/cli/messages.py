"""The catalogues: one .po a feature, checked against the code, compiled into one .mo a language."""

import importlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent.parent
TRANSLATIONS = ROOT / "translations"
SOURCES = [
    ("portal/**.py", "python"),
    ("workers/**.py", "python"),
    ("templates/**.html", "jinja2"),
]
FIRST, SECOND = (1,), (2,)
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("_", "N_", "gettext", "lazy_gettext", "deny", "done", "Message")),
    **dict.fromkeys(("NotAllowed", "TooEarly", "DeadlinePassed", "IllegalMove", "Overtaken")),
    **dict.fromkeys(("DomainError",)),
    **dict.fromkeys(("Invalid", "allow_if"), SECOND),
    **dict.fromkeys(
        ("line", "prose", "email", "secret", "whole", "number", "money", "moment", "day"), FIRST
    ),
    **dict.fromkeys(("choice", "several", "shares", "flag", "upload", "rows"), FIRST),
    "ngettext": (1, 2),
}


def used() -> dict[str, str]:
    """Every message in code and templates, with the place where it was first found."""
    found: dict[str, str] = {}
    options = {"templates/**.html": {"extensions": "jinja2.ext.do", "newstyle_gettext": "true"}}
    for folder in ("portal", "workers", "templates"):
        method_map = [
            (pattern.split("/", 1)[1], method)
            for pattern, method in SOURCES
            if pattern.startswith(folder)
        ]
        local = {key.split("/", 1)[1]: value for key, value in options.items()}
        for name, number, message, _, _ in extract_from_dir(
            str(ROOT / folder), method_map, local, KEYWORDS
        ):
            texts = message if isinstance(message, tuple) else (message,)
            for text in texts:
                if text:
                    found.setdefault(text, f"{folder}/{name}:{number}")
    return found


def helps() -> dict[str, str]:
    """What the help of every command says."""
    main = importlib.import_module("portal.cli.main").main  # it loads this very file
    told = importlib.import_module("portal.cli.helping").words_of(main)
    return dict.fromkeys(told, "the help of a command")


def catalogues(language: str) -> Iterator[tuple[Path, Catalog]]:
    """The catalogues of a language, by file."""
    for path in sorted((TRANSLATIONS / language).glob("*.po")):
        with path.open("rb") as source:
            yield path, read_po(source, locale=language)


HAN = re.compile("[\u4e00-\u9fff]")
BARE_PERCENT = re.compile(r"%(?!%|\(\w+\)[sd])(?<!%%)")
"""Templates format every message, so that a percent sign that stands for itself breaks the page."""


def compile_messages(language: str = "zh") -> int:
    """Merge a language's catalogues into its .mo when one is newer; returns how many messages."""
    target = TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo"
    sources = sorted((TRANSLATIONS / language).glob("*.po"))
    if target.exists() and all(p.stat().st_mtime <= target.stat().st_mtime for p in sources):
        return 0
    merged = Catalog(locale=language)
    for _, catalogue in catalogues(language):
        for message in catalogue:
            if message.id and message.string:
                merged.add(message.id, message.string)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(f".{os.getpid()}")  # several processes may find it stale at once
    with fresh.open("wb") as output:
        write_mo(output, merged)
    fresh.replace(target)
    return len(merged)


def problems(language: str = "zh") -> list[str]:
    """What is wrong with a language's catalogues: missing, unused, twice, or other parameters."""
    wanted = {**used(), **helps()}
    known: dict[str, str] = {}
    found = []
    for path, catalogue in catalogues(language):
        for message in catalogue:
            if not message.id:
                continue
            forms = [
                str(f) for f in (message.id if isinstance(message.id, tuple) else [message.id])
            ]
            text = forms[0]
            if text in known:
                found.append(f"twice: {text!r} in {known[text]} and {path.name}")
            known.update(dict.fromkeys(forms, path.name))
            if text not in wanted:
                found.append(f"unused: {text!r} in {path.name}")
            if BARE_PERCENT.search(str(message.string)):
                found.append(f"bare percent sign: {text!r} in {path.name}")
            if not message.string:
                found.append(f"empty: {text!r} in {path.name}")
    found += [f"missing: {text!r} ({where})" for text, where in wanted.items() if text not in known]
    found += [
        f"not English: {text!r} ({where})" for text, where in wanted.items() if HAN.search(text)
    ]
    return found


@click.group()
def messages() -> None:
    """The catalogues of words."""


@messages.command("compile")
def compile_command() -> None:
    """Compile the catalogues that changed."""
    compile_messages()


@messages.command("check")
def check_command() -> None:
    """List what is missing or unused; exit 1 when something is."""
    found = problems()
    for problem in found:
        click.echo(problem)
    raise SystemExit(1 if found else 0)
