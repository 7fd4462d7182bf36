"""Every upload passes here once its kind is known."""

import zipfile
from typing import BinaryIO

from portal.core.errors import Invalid
from portal.core.screening import office, pdf
from portal.core.screening.scanner import Scanner, ScannerAway
from portal.core.words import N_

PDF = "application/pdf"
PDF_MARK, PDF_WITHIN = b"%PDF-", 1024
"""Readers of PDF look so far into a file for its beginning."""
TAR_MARK, TAR_AT = b"ustar", 257
TWO_KINDS = N_("The file is of two kinds at once. Save it anew, and upload that.")
INFECTED = N_("The virus scanner found something in the file: %(name)s")
AWAY = N_("No file can be taken now: the virus scanner does not answer. Try again in some minutes.")


def require_harmless(source: BinaryIO, kind: str, is_archive: bool, field: str) -> None:
    """Raise Invalid, for the field, unless the file is what its media type says and nothing more."""
    why = _two_kinds(source, is_archive)
    if why is None:
        why = office.danger(source) if is_archive else pdf.danger(source) if kind == PDF else None
    source.seek(0)
    if why:
        raise Invalid(field, why)


def _two_kinds(source: BinaryIO, is_archive: bool) -> str | None:
    source.seek(0)
    start = source.read(PDF_WITHIN + len(PDF_MARK))
    source.seek(0)
    if start[TAR_AT:].startswith(TAR_MARK):
        return TWO_KINDS
    mixed = PDF_MARK in start if is_archive else zipfile.is_zipfile(source)
    return TWO_KINDS if mixed else None


def require_clean(scanner: Scanner | None, source: BinaryIO, field: str) -> None:
    """Ask the virus scanner, if there is one. Raises Invalid, also when it does not answer."""
    if scanner is None:
        return
    source.seek(0)
    try:
        name = scanner.found_in(source)
    except ScannerAway:
        raise Invalid(field, AWAY) from None
    finally:
        source.seek(0)
    if name:
        raise Invalid(field, INFECTED, name=name)
