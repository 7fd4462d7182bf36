"""`jiebang backup` and `jiebang restore`: the commands, and in words what they found."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click

from portal.audit.notes import NoteError, VerifierKey, verifier_key
from portal.cli.backup import proving, restoring, taking
from portal.cli.backup.manifest import BackupError, newest
from portal.cli.backup.signing import require_signed
from portal.cli.backup.telling import (
    Finding,
    backup_words,
    checked_words,
    key_words,
    restored_words,
    signature_words,
)
from portal.cli.main import with_servers
from portal.cli.speaking import LANGUAGE, Say, speaker
from portal.config import Settings
from portal.core import signing

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@LANGUAGE
def backup_command(folder: Path, as_json: bool, lang: Literal["zh", "en"]) -> None:
    """Back up the database and the files into FOLDER; a file that is there already is not copied again.

    The portal may run meanwhile. Keys are never in a backup: it says which ones a restored portal
    needs. Exit code 1 when files of the store are damaged or missing; they are named.
    """
    settings = with_servers()
    try:
        taken = taking.take(settings, folder)
    except (BackupError, signing.KeyFileError) as error:
        raise click.ClickException(str(error)) from None
    wrong = {"damaged": taken.damaged, "missing": list(taken.manifest.missing)}
    if as_json:
        click.echo(json.dumps({"place": str(taken.folder), "new_files": taken.new, **wrong}))
    else:
        _tell(backup_words(taken, settings), speaker(lang))
    raise SystemExit(1 if any(wrong.values()) else 0)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--of", "name", help="Which backup of the folder; the last one unless told.")
@click.option(
    "--checkpoint",
    "files",
    type=FILE,
    multiple=True,
    help="A checkpoint that was kept outside (a signed note, or the portal's checkpoints.jsonl).",
)
@click.option("--key", "key_file", type=FILE, help="The log's public key; else that of the portal.")
@click.option("--check", is_flag=True, help="Check sizes and hashes, and restore nothing.")
@click.option("--force", is_flag=True, help="Replace what is in the database.")
@click.option("--incomplete", is_flag=True, help="Restore without the files that are damaged.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@LANGUAGE
def restore_command(
    folder: Path,
    name: str | None,
    files: tuple[Path, ...],
    key_file: Path | None,
    check: bool,
    force: bool,
    incomplete: bool,
    as_json: bool,
    lang: Literal["zh", "en"],
) -> None:
    """Restore a backup from FOLDER into an empty database and an empty store, and compare.

    Rows are counted, the log is computed again entry by entry and compared with checkpoints from
    outside. Exit code 0: all is as it was; 1: something is not, and it is named.
    """
    settings = with_servers()
    try:
        place, manifest = newest(folder, name)
        key = _log_key(settings, key_file, needed=bool(files))
        if key:
            require_signed(place, key)
        restoring.require_dump(place, manifest)
        broken = restoring.broken_files(folder, manifest)
        if check:
            said = checked_words(manifest, broken)
        elif broken and not incomplete:
            raise BackupError(
                f"{len(broken)} files of the backup are damaged or missing, such as {broken[0]}; "
                "--incomplete restores the rest."
            )
        else:
            outside = [one for file in files if key for one in proving.read_checkpoints(file, key)]
            done = restoring.restore(settings, place, manifest, broken, outside, force)
            said = [*restored_words(manifest, done, broken), *key_words(manifest.keys, settings)]
        said = [signature_words(manifest.keys, key), *said]
    except BackupError as error:
        raise click.ClickException(str(error)) from None
    say = speaker(lang)
    if as_json:
        click.echo(json.dumps([{"holds": holds, "text": say(text)} for holds, text in said]))
    else:
        _tell(said, say)
    raise SystemExit(0 if all(holds for holds, _ in said) else 1)


def _log_key(settings: Settings, file: Path | None, needed: bool) -> VerifierKey | None:
    """By whose key the backup and outside checkpoints are signed; None when there is none at hand and
    none is needed. Raises BackupError."""
    if not needed and not file and not settings.log_key_file.exists():
        return None
    try:
        if file:
            return VerifierKey.parse(file.read_text(encoding="utf-8"))
        signer = signing.load(settings.log_key_file)
        return verifier_key(signer.name, signer.key)
    except (NoteError, signing.KeyFileError, ValueError) as error:
        raise BackupError(
            f"Checkpoints cannot be read without the log's public key, by --key ({error})."
        ) from None


def _tell(said: Sequence[Finding], say: Say) -> None:
    for holds, text in said:
        click.echo(("  " if holds else "! ") + say(text))
