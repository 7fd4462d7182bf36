"""Every use case of every feature leaves an entry in the log, or is named here with its reason."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from portal.audit.rules import Action

PORTAL = Path(__file__).resolve().parent.parent.parent / "portal"
SILENT = {
    "portal.accounts.service.forget_old_sessions": "deletes what ran out; the log keeps the sign-ins",
    "portal.accounts.mail_wishes.choose": "what one is told is of no concern to others",
    "portal.accounts.mail_wishes.choose_language": "in which language one reads is of no concern either",
    "portal.audit.checkpoints.make": "signs what is logged; no act",
    "portal.audit.checkpoints.make_due": "signs what is logged; no act",
    "portal.audit.witnesses.receive": "no act; an entry would be one more checkpoint to be signed",
    "portal.awards.chasing.remind": "tells people what waits; no act",
    "portal.bids.ceremony.service.forget_keys": "deletes what was left of an opening; no act",
    "portal.bids.checks.readings.read_bid": "no act; the decision that rests on it keeps what was found",
    "portal.bids.papers.pack": "carries out what was asked for, which has its own entry",
    "portal.challenges.exchange.exporting.run": "carries out what was asked for, which has its own entry",
    "portal.challenges.finding.service.follow": "what one follows is of no concern to others",
    "portal.challenges.finding.service.save_search": "a search is of no concern to others",
    "portal.challenges.finding.service.drop_search": "a search is of no concern to others",
    "portal.challenges.finding.service.set_quiet": "what one is told is of no concern to others",
    "portal.challenges.finding.service.settle_counts": "sums up what triggers count; no act",
    "portal.challenges.finding.service.unfollow": "what one follows is of no concern to others",
    "portal.notifications.mails.service.forget_old": "deletes what was sent; no act",
    "portal.notifications.mails.service.retry_given_up": "a technical matter, like a stuck event",
    "portal.projects.milestones.service.save_draft": "what is typed of a report; handing it in is logged",
    "portal.notifications.service.mark_all_read": "one's own inbox, of no concern to others",
}
"""Use cases without an entry."""
TELLERS = ("tell_",)
"""What only tells people of an act, which has its own entry."""


@dataclass
class Function:
    """What a function does, as far as its text says."""

    opens: bool = False
    records: bool = False
    notifies: bool = False
    calls: set[str] = field(default_factory=set)


def parsed() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PORTAL.rglob("*.py")):
        name = ".".join(path.relative_to(PORTAL.parent).with_suffix("").parts)
        if ".migrations." not in name and ".demo" not in name and ".cli." not in name:
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                found[name.asname or name.name] = f"{node.module}.{name.name}"
    return found


def called(node: ast.Call, module: str, names: dict[str, str]) -> str:
    """The full name of what is called, as far as it can be told."""
    if isinstance(node.func, ast.Name):
        return names.get(node.func.id, f"{module}.{node.func.id}")
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        home = names.get(node.func.value.id)
        return f"{home}.{node.func.attr}" if home else ""
    return ""


@lru_cache(maxsize=1)
def functions() -> dict[str, Function]:
    """Every function of the portal by its full name."""
    found = {}
    for module, tree in parsed():
        names = imported(tree)
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef):
                continue
            seen = Function()
            for part in ast.walk(node):
                if isinstance(part, ast.Call) and (name := called(part, module, names)):
                    seen.calls.add(name)
            seen.opens = "portal.core.db.transaction" in seen.calls
            found[f"{module}.{node.name}"] = seen
    return found


def reaches(name: str, target: str, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a function calls another, by however many steps."""
    if name == target:
        return True
    if name in seen or name not in functions():
        return False
    return any(reaches(call, target, seen | {name}) for call in functions()[name].calls)


RECORD, NOTIFY = "portal.audit.service.record", "portal.notifications.service.notify"


def use_cases() -> list[str]:
    return [
        name
        for name, function in functions().items()
        if function.opens
        and not name.startswith("portal.core.")
        and not name.rpartition(".")[2].startswith("_")
    ]


def only_tells(name: str) -> bool:
    return name.rpartition(".")[2].startswith(TELLERS) and reaches(name, NOTIFY)


def test_every_use_case_leaves_an_entry_or_is_named_with_its_reason() -> None:
    cases = use_cases()
    assert len(cases) > 40
    silent = {name for name in cases if not reaches(name, RECORD) and not only_tells(name)}
    assert silent == set(SILENT)


def test_transactions_are_opened_only_where_use_cases_live() -> None:
    homes = {name.rpartition(".")[0] for name, function in functions().items() if function.opens}
    strange = {home for home in homes if home.rpartition(".")[2] in ("views", "queries", "policy")}
    assert strange == set()


OWN_FILES = {
    "portal.bids.receipting.views": "the team's own receipt and manifest",
    "portal.bids.strict.views": "the public half of a key, for the team",
    "portal.challenges.exchange.views": "a template; the call itself is looked at below",
    "portal.reviews.pool.exchange.views": "a template, and a POST",
}
"""Files that their readers take away without an entry."""


def files_for_some(module: str, tree: ast.Module) -> Iterator[str]:
    """Views that answer signed-in people with data as a file, by their addresses."""
    for node in tree.body:
        marks = node.decorator_list if isinstance(node, ast.FunctionDef) else []
        words = " ".join(ast.unparse(mark) for mark in marks)
        if "signed_in" in words and re.search(r"(csv|xlsx|json|yaml|jsonl)\W", words):
            yield f"{module}.{node.name}"


def test_data_that_are_not_public_leave_an_entry_when_they_are_taken_away() -> None:
    found = [name for module, tree in parsed() for name in files_for_some(module, tree)]
    silent = {name for name in found if not reaches(name, RECORD)}
    assert len(found) > 10
    assert {name.rpartition(".")[0] for name in silent} <= set(OWN_FILES), silent
    assert "portal.challenges.exchange.views.export" not in silent


def test_every_action_is_recorded_somewhere() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PORTAL.rglob("*.py")))
    unused = [action.name for action in Action if f"Action.{action.name}" not in text]
    assert unused == []
