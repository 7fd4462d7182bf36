"""The keys: who can read their file, and whether they are keys at all."""

import os
import pwd
from pathlib import Path

from portal.cli.diagnosis.findings import Finding, bad, bad_if, good
from portal.config import DEMO_SECRET, Settings
from portal.core import signing
from portal.core.words import Message

SHORTEST = 32
"""Characters of a secret that nobody guesses: 16 random bytes in hexadecimal."""


def key_file(path: Path, is_production: bool) -> Finding:
    """The file of the log's key: its owner's alone, and the owner is who runs the portal."""
    facts: dict[str, object] = {"file": path}
    if not path.exists():
        return bad_if(
            is_production,
            "log key",
            Message("The log's key is not there: %(file)s", facts),
            Message(
                "Put back the copy that is kept apart, or make one for a new log: jiebang log key"
            ),
        )
    status = path.stat()
    if status.st_mode & signing.OTHERS:
        facts["mode"] = f"{status.st_mode & 0o777:04o}"
        return bad(
            "log key",
            Message("Others can read or change the log's key: %(file)s (%(mode)s)", facts),
            Message("chmod 600 %(file)s; if others had access, tell the auditors.", facts),
        )
    if status.st_uid != os.geteuid():
        facts |= {"owner": _name(status.st_uid), "user": _name(os.geteuid())}
        return bad(
            "log key",
            Message("The log's key belongs to %(owner)s, not to %(user)s: %(file)s", facts),
            Message("chown %(user)s %(file)s, or run this as the portal's user.", facts),
        )
    return _content(path, is_production)


def _content(path: Path, is_production: bool) -> Finding:
    facts: dict[str, object] = {"file": path}
    try:
        signer = signing.load(path)
    except signing.KeyFileError as error:
        return bad(
            "log key",
            Message("The log's key cannot serve: %(why)s", {"why": error}),
            Message("Put back the copy that is kept apart: %(file)s", facts),
        )
    if is_production and signer.name == signing.DEMO_NAME:
        return bad(
            "log key",
            Message("The log's key is a demonstration's: %(file)s", facts),
            Message("Make one for this portal: jiebang log key NAME FILE"),
        )
    return good("log key", Message("The log's key %(key)s is its owner's alone.", {"key": signer}))


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def secrets(settings: Settings) -> Finding:
    """JIEBANG_SECRET_KEY and JIEBANG_MASTER_KEY: not the demonstration's, not short, not the same."""
    both = {
        "JIEBANG_SECRET_KEY": settings.secret_key,
        "JIEBANG_MASTER_KEY": settings.master_key,
    }
    mend = Message(
        'Give each a value of its own: python -c "import secrets; print(secrets.token_hex(32))"'
    )
    public = [name for name, value in both.items() if value == DEMO_SECRET]
    short = [name for name, value in both.items() if len(value) < SHORTEST]
    if public:
        fact = Message(
            "Everybody knows the demonstration's value of %(names)s.", {"names": ", ".join(public)}
        )
    elif short:
        fact = Message(
            "Shorter than %(least)s characters: %(names)s.",
            {"least": SHORTEST, "names": ", ".join(short)},
        )
    elif settings.secret_key == settings.master_key:
        fact = Message("JIEBANG_SECRET_KEY and JIEBANG_MASTER_KEY are the same.")
    else:
        return good("secrets", Message("Both secrets are this portal's own."))
    return bad_if(settings.is_production, "secrets", fact, mend)


def second_factor(settings: Settings) -> Finding:
    """Whether those who decide, review, audit or bid need more than a password."""
    if settings.requires_second_factor:
        return good("second factor", Message("Roles that decide or bid need a second factor."))
    fact = Message("A second factor is only offered: a stolen password opens an account.")
    mend = Message("Set JIEBANG_SECOND_FACTOR=required.")
    return bad_if(settings.is_production, "second factor", fact, mend)
