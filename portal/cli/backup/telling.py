"""What backup and restore say to people: each finding in words."""

from collections.abc import Sequence

from portal.audit.notes import VerifierKey
from portal.cli.backup import proving, restoring, taking
from portal.cli.backup.manifest import Keys, Manifest, mark_of
from portal.config import Settings
from portal.core import signing
from portal.core.words import N_, Message

MB = 1_000_000
NAMED = 5
"""So many damaged files are named; all of them with --json."""
Finding = tuple[bool, Message]
"""Whether it is as it should be, and what it is."""


def backup_words(taken: taking.Taken, settings: Settings) -> list[Finding]:
    """What was backed up, what is wrong, and what else has to be kept."""
    made = taken.manifest
    whole = Message(
        "%(rows)s rows in %(tables)s tables; %(files)s files, %(new)s of them new here; "
        "%(size)s MB in all.",
        {
            "rows": sum(made.rows.values()),
            "tables": len(made.rows),
            "files": len(made.files),
            "new": taken.new,
            "size": -(-(sum(piece.size for piece in made.files) + made.database.size) // MB),
        },
    )
    log = Message(
        "The log has %(size)s entries with the root %(root)s.",
        {"size": made.log.size, "root": made.log.root},
    )
    keys = Message(
        "Not in the backup, and needed to restore: the log's key %(log)s (%(file)s) and "
        "JIEBANG_MASTER_KEY. Keep copies of both apart from it.",
        {"log": made.keys.log, "file": settings.log_key_file},
    )
    damaged = _files(N_("Damaged in the store, not saved: %(files)s"), taken.damaged)
    missing = _files(N_("Named by the database, not in the store: %(files)s"), made.missing)
    return [
        (True, Message("Backed up: %(place)s", {"place": taken.folder})),
        (True, whole),
        (True, log),
        *([(False, damaged)] if taken.damaged else []),
        *([(False, missing)] if made.missing else []),
        (True, keys),
    ]


def _files(text: str, digests: Sequence[str]) -> Message:
    some = ", ".join(digests[:NAMED])
    more = f" (+{len(digests) - NAMED})" if len(digests) > NAMED else ""
    return Message(text, {"files": some + more})


def checked_words(manifest: Manifest, broken: Sequence[str]) -> list[Finding]:
    """What a check found."""
    whole = Message("The backup %(name)s is whole.", {"name": manifest.made_at})
    damaged = _files(N_("Damaged or missing in the backup: %(files)s"), broken)
    return [(False, damaged) if broken else (True, whole)]


def restored_words(
    manifest: Manifest, done: restoring.Restored, left_out: Sequence[str]
) -> list[Finding]:
    """How the restored portal compares with the backup, and with checkpoints from outside."""
    facts = {"name": manifest.made_at, "rows": sum(manifest.rows.values())}
    restored = Message("Restored: %(name)s, %(rows)s rows.", facts)
    if done.rows:
        restored = Message(
            "These tables have another number of rows than the backup noted: %(tables)s",
            {"tables": ", ".join(done.rows)},
        )
    said = [(not done.rows, restored)]
    lacking = sorted({*left_out, *manifest.missing})
    if lacking:
        said.append((False, _files(N_("Files that are not there any more: %(files)s"), lacking)))
    return [*said, _log_words(manifest, done), *verdict_words(done.verdict, done.log)]


def signature_words(keys: Keys, key: VerifierKey | None) -> Finding:
    """Whose backup it is, which was checked before anything else."""
    if key is None:
        text = N_(
            "The backup says that it is of %(key)s; nobody checked, as that key is not here. Give its "
            "public half by --key."
        )
        return False, Message(text, {"key": keys.log})
    name = f"{key.name}+{key.id.hex()}"
    return True, Message("The backup is signed by %(key)s and was not changed.", {"key": name})


def _log_words(manifest: Manifest, done: restoring.Restored) -> Finding:
    log, noted = done.log, manifest.log
    if log.bad is not None:
        return False, Message(
            "The log was changed: entry %(entry)s does not fit.", {"entry": log.bad}
        )
    if (log.size, log.root.hex()) != (noted.size, noted.root):
        return False, Message("The log is not the one that the backup noted: its root is another.")
    if done.forked:
        return False, Message(
            "The log contradicts its own checkpoint at %(size)s entries.", {"size": done.forked[0]}
        )
    return True, Message(
        "The log is whole: %(size)s entries, each fits, and the root is the one noted.",
        {"size": log.size},
    )


def verdict_words(verdict: proving.Verdict, log: proving.Walked) -> list[Finding]:
    """Whether the portal proves itself, as far as what was kept outside goes."""
    if verdict.contradicting:
        return [
            (
                False,
                Message(
                    "This is not the log that was: the checkpoint from outside at %(size)s entries "
                    "has another root. Do not open this portal; find out which is true.",
                    {"size": min(verdict.contradicting)},
                ),
            )
        ]
    if verdict.holding and log.bad is None:
        count, size = len(verdict.holding), max(verdict.holding)
        facts: dict[str, object] = {"count": count, "size": size, "all": log.size}
        text = Message(
            "The portal proves itself: its first %(size)s of %(all)s entries are those of %(count)s "
            "checkpoints from outside.",
            facts,
        )
        return [(True, text), *_later(verdict, log)]
    if verdict.later:
        text = Message("All checkpoints from outside are later than the backup: nothing is proven.")
        return [(False, text), *_later(verdict, log)]
    return [
        (
            True,
            Message(
                "No checkpoint from outside was given, so it is not proven that nobody changed the "
                "backup itself. Ask an auditor or a witness for one, and compare: jiebang log export, "
                "jiebang verify log."
            ),
        )
    ]


def _later(verdict: proving.Verdict, log: proving.Walked) -> list[Finding]:
    if not verdict.later:
        return []
    facts: dict[str, object] = {"lost": max(verdict.later) - log.size, "size": log.size}
    text = N_(
        "%(lost)s entries after entry %(size)s came later than this backup and are not in it."
    )
    return [(True, Message(text, facts))]


def key_words(keys: Keys, settings: Settings) -> list[Finding]:
    """Whether the keys that the portal needs are there."""
    try:
        found = str(signing.load(settings.log_key_file))
    except signing.KeyFileError:
        found = ""
    facts = {"file": settings.log_key_file, "key": keys.log}
    log = (
        Message("The log's key %(key)s is in its place.", facts)
        if found == keys.log
        else Message("Put the log's key %(key)s back to %(file)s (JIEBANG_LOG_KEY).", facts)
    )
    same = mark_of(settings.master_key) == keys.master
    master = (
        Message("JIEBANG_MASTER_KEY is the one of the backup.")
        if same
        else Message(
            "JIEBANG_MASTER_KEY is not the one of the backup: drafts and stored secrets cannot be "
            "read until it is."
        )
    )
    shares = Message("The shares are with their custodians, on paper: nothing of them is restored.")
    return [(found == keys.log, log), (same, master), (True, shares)]
