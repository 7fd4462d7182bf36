"""Reading YAML: plain mappings, lists and scalars only, each with the line on which it stands."""

from dataclasses import dataclass

import yaml

from portal.challenges.exchange.columns import (
    CALL,
    CHALLENGES,
    FOR_ALL,
    PARTS,
    RULES,
    Sheet,
)
from portal.challenges.exchange.document import (
    YAML_LARGEST,
    Cell,
    Document,
    Place,
    Record,
    Unreadable,
)
from portal.challenges.exchange.kinds import tidy
from portal.core.words import N_

DEPTH_MOST = 6
EVENTS_MOST = 400_000
NOTHING = ("", "~", "null", "Null", "NULL")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Node:
    """A scalar, a list or a mapping, and its line."""

    line: int
    text: str | None = None
    items: list["Node"] | None = None
    fields: list[tuple[str, "Node"]] | None = None


def read(data: bytes) -> Document:
    """What a YAML file says. Raises Unreadable for one that is refused as a whole."""
    if len(data) > YAML_LARGEST:
        raise Unreadable(N_("The file is larger than %(limit)s MB."), limit=YAML_LARGEST >> 20)
    try:
        text = data.decode("utf-8-sig")
        root = _Tree(yaml.parse(text, Loader=_LOADER)).root()
    except UnicodeDecodeError:
        raise Unreadable(N_("The file is neither a workbook nor YAML in UTF-8.")) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise Unreadable(N_("This is not YAML: see line %(line)d."), line=line) from None
    return _document(root)


class _Tree:
    """Builds nodes out of events, and refuses what plain data do not need."""

    def __init__(self, events: object) -> None:
        self.events = iter(events)  # type: ignore[call-overload]
        self.count = 0

    def root(self) -> Node | None:
        """The one document."""
        root = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise Unreadable(N_("The file has more than one YAML document."))
            if isinstance(event, yaml.DocumentStartEvent):
                root = self.node(self.next(), 0)
        return root

    def next(self) -> yaml.Event:
        """The next event."""
        self.count += 1
        if self.count > EVENTS_MOST:
            raise Unreadable(N_("The file has too many entries."))
        event: yaml.Event = next(self.events)
        return event

    def node(self, event: yaml.Event, depth: int) -> Node:
        """The node that begins with an event."""
        _guard(event, depth)
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(line, items=list(self.children(yaml.SequenceEndEvent, depth)))
        if isinstance(event, yaml.MappingStartEvent):
            flat = list(self.children(yaml.MappingEndEvent, depth))
            pairs = zip(flat[::2], flat[1::2], strict=True)
            return Node(line, fields=[(key.text or "", value) for key, value in pairs])
        if not isinstance(event, yaml.ScalarEvent):
            raise Unreadable(N_("This is not YAML: see line %(line)d."), line=line)
        is_nothing = event.implicit[0] and event.value in NOTHING
        return Node(line, text=None if is_nothing else event.value)

    def children(self, end: type[yaml.Event], depth: int) -> list[Node]:
        """The nodes until the end of a list or a mapping."""
        found = []
        while not isinstance(event := self.next(), end):
            found.append(self.node(event, depth + 1))
        return found


def _guard(event: yaml.Event, depth: int) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise Unreadable(N_("Anchors and aliases (& and *) are not taken."))
    if getattr(event, "tag", None) not in (None, "!"):
        raise Unreadable(N_("Tags (!) are not taken."))
    if depth > DEPTH_MOST:
        raise Unreadable(N_("The file is nested too deeply."))


def _document(root: Node | None) -> Document:
    document = Document()
    if root is None or root.fields is None:
        raise Unreadable(N_("The file must have “call” and “challenges”."))
    for key, node in root.fields:
        if key == CALL.key:
            document.call = _record(document, CALL, node)
        elif key == CHALLENGES.key:
            document.challenges = _records(document, CHALLENGES, node)
        elif key == FOR_ALL.key:
            document.for_all = _records(document, FOR_ALL, node)
        else:
            _unknown(document, Place(row=node.line), key)
    return document


def _unknown(document: Document, place: Place, key: str) -> None:
    document.complain(place, N_("“%(key)s” is no field of this part."), key=key[:60])


def _records(document: Document, sheet: Sheet, node: Node) -> list[Record]:
    if node.items is None:
        if node.text is not None or node.fields is not None:
            document.complain(Place(sheet, node.line), N_("A list is needed here."))
        return []
    if len(node.items) > sheet.most:
        text = N_("More than %(most)s rows; the rest was not read.")
        document.complain(Place(sheet, node.items[sheet.most].line), text, most=sheet.most)
    return [_record(document, sheet, item) for item in node.items[: sheet.most]]


def _record(document: Document, sheet: Sheet, node: Node) -> Record:
    record = Record(Place(sheet, node.line))
    if node.fields is None:
        document.complain(record.place, N_("Fields with their values are needed here."))
        return record
    seen = set()
    for key, value in node.fields:
        if key in seen:
            document.complain(
                Place(sheet, value.line), N_("“%(key)s” is there twice."), key=key[:60]
            )
        seen.add(key)
        _take(document, record, sheet, key, value)
    return record


def _take(document: Document, record: Record, sheet: Sheet, key: str, node: Node) -> None:
    part = next((one for one in PARTS if one.key == key), None) if sheet is CHALLENGES else None
    column = sheet.by_key.get(key)
    if part is RULES:
        record.parts[key] = [_record(document, part, node)]
    elif part is not None:
        record.parts[key] = _records(document, part, node)
    elif column is None:
        _unknown(document, Place(sheet, node.line), key)
    else:
        place = Place(sheet, node.line, "", column)
        text = _scalar(document, place, node)
        if text:
            record.cells[key] = Cell(text, place)


def _scalar(document: Document, place: Place, node: Node) -> str:
    """A field's text; a list of scalars is taken as one with commas."""
    if node.items is not None and all(item.text is not None for item in node.items):
        return ", ".join(tidy(item.text or "") for item in node.items)
    if node.items is not None or node.fields is not None:
        document.complain(place, N_("A single value is needed here."))
        return ""
    return tidy(node.text or "")
