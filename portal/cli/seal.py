"""`jiebang seal`: the envelope of a strict bid, made on the bidder's own machine, without a server."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from portal.bids.strict.folder import FolderError, read
from portal.core.sealing.bid import seal_bid
from portal.core.sealing.errors import SealingError
from portal.core.sealing.manifest import commitment
from portal.core.words import N_


@click.command()
@click.option("--key", "key_path", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--bid", "folder", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("-o", "target", type=click.Path(path_type=Path, dir_okay=False), required=True)
def seal_command(key_path: Path, folder: Path, target: Path) -> None:
    """Seal the bid of a folder for the challenge's opening key.

    KEY is the small file from the bid's page; the folder has bid.yaml and the files that it names.
    Beside the sealed file its manifest is written, which nobody but you has: keep it.
    """
    try:
        key = json.loads(key_path.read_bytes())
        bid = read(folder, key)
        sealed = _write(
            target, seal_bid(bid.manifest, bid.contents, bytes.fromhex(key["public_key"]))
        )
    except (FolderError, SealingError) as error:
        raise click.ClickException(str(error)) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise click.ClickException(N_("The key file cannot be read.")) from None
    kept = bid.manifest.to_bytes()
    beside = target.with_name(f"{target.name}.manifest.json")
    beside.write_bytes(kept)
    click.echo(f"sealed:      {target}  SHA-256 {sealed}")
    click.echo(f"manifest:    {beside}  (keep it, and keep it secret until the opening)")
    click.echo(f"fingerprint: {commitment(kept)}")


def _write(target: Path, pieces: Any) -> str:
    """Write the sealed bytes; their SHA-256."""
    whole = sha256()
    with target.open("wb") as file:
        for piece in pieces:
            whole.update(piece)
            file.write(piece)
    return whole.hexdigest()
