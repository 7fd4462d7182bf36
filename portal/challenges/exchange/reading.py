"""Reading a file of either format, told apart by its content."""

from portal.challenges.exchange import workbook_in, yaml_in
from portal.challenges.exchange.document import Document, Unreadable

PACKED = b"PK\x03\x04"
"""How a workbook begins, whatever its name says."""
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
YAML = "application/yaml"


def media_type(data: bytes) -> str:
    """What the content shows the file to be."""
    is_workbook = data.startswith((PACKED, workbook_in.OLD_OR_LOCKED))
    return WORKBOOK if is_workbook else YAML


def read(data: bytes) -> Document:
    """What a file says; one that is refused as a whole says only why."""
    try:
        return workbook_in.read(data) if media_type(data) == WORKBOOK else yaml_in.read(data)
    except Unreadable as refusal:
        return Document(troubles=[refusal.trouble])
