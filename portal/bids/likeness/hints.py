"""Traces beside the text that two teams which do not know each other would not share."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from ipaddress import ip_address
from typing import Any

from portal.bids.likeness.reading import Reading
from portal.bids.likeness.rules import Hint, HintKind
from portal.core.money import WAN

PHONE = re.compile(r"(?<![\d.])(?:1[3-9]\d{9}|0\d{2,3}[- ]?[1-9]\d{6,7})(?![\d.])")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
ADDRESS = re.compile(
    r"[一-鿿]{2,6}(?:路|街|道|胡同|园)\s?[甲乙丙]?\d{1,5}\s?号"
    r"(?:\s?(?:院|[A-Za-z]?\d{1,4}\s?(?:号楼|栋|座|单元|层|室)))*"
)
BEFORE_THE_STREET = re.compile(r"^.*[省市区县镇乡于在为址是](?=.{2})")
USUAL = 5
"""What stands in more bids of a call than these is no trace of two of them."""
Traces = dict[str, list[str]]


def traces(
    terms: Mapping[str, Any], text: str, files: Iterable[tuple[str, Reading]], call: str
) -> Traces:
    """What a bid shows of where it comes from; what the call itself says is left out."""
    marks = [reading.marks for _, reading in files]
    found = {
        HintKind.PHONE: {re.sub(r"[- ]", "", phone) for phone in PHONE.findall(text)},
        HintKind.EMAIL: {email.lower() for email in EMAIL.findall(text)},
        HintKind.ADDRESS: {_street(one) for one in ADDRESS.findall(text)},
        HintKind.PERSON: {_name(row.get("name", "")) for row in terms.get("members", [])},
        HintKind.AMOUNT: _odd_amounts(terms.get("budget", [])),
        HintKind.SAVED_BY: {m[key] for m in marks for key in ("author", "saved_by") if key in m},
        HintKind.MADE: {m["made"] for m in marks if "made" in m},
    }
    plain_call = re.sub(r"[- ]", "", call)
    return {
        kind.value: sorted(one for one in values if one and one not in plain_call)
        for kind, values in found.items()
    }


def _street(address: str) -> str:
    return BEFORE_THE_STREET.sub("", re.sub(r"\s", "", address))


def _name(name: str) -> str:
    return re.sub(r"\s", "", name)


def _odd_amounts(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """In 万元; whole ones may be the same by chance."""
    amounts = [Decimal(str(row.get("amount", 0))) for row in rows]
    return {f"{amount / WAN:,.4f}" for amount in amounts if amount % WAN}


def is_telling(address: str) -> bool:
    """Whether a network address says where somebody was: not that of the server itself."""
    try:
        return not ip_address(address).is_loopback
    except ValueError:
        return False


def usual(all_traces: Iterable[Traces]) -> Traces:
    """What stands in many bids: the program's own name as author, for instance."""
    counted: dict[str, Counter[str]] = {}
    for one in all_traces:
        for kind, values in one.items():
            counted.setdefault(kind, Counter()).update(set(values))
    return {
        kind: sorted(value for value, times in counter.items() if times > USUAL)
        for kind, counter in counted.items()
    }


def shared(one: Traces, other: Traces, usual_ones: Traces) -> tuple[Hint, ...]:
    """What both show, the most telling kind first."""
    found = []
    for kind in HintKind:
        both = set(one.get(kind.value, [])) & set(other.get(kind.value, []))
        values = sorted(both - set(usual_ones.get(kind.value, [])))
        if values:
            found.append(Hint(kind, tuple(values)))
    return tuple(found)
