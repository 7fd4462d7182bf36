"""What the rules find on each item of the formal check before the officer looks."""

from dataclasses import dataclass

from portal.accounts.rules import check_uscc
from portal.bids import completeness
from portal.bids.completeness import Asked, Team
from portal.bids.rules import CheckItem
from portal.bids.terms import BidTerms
from portal.core.errors import Invalid
from portal.core.words import N_, Message


@dataclass(frozen=True)
class Finding:
    """The officer's answer to one item."""

    holds: bool
    remark: str = ""


@dataclass(frozen=True)
class PreFinding:
    """What the rules say on one item; `notes` name what is wrong."""

    holds: bool
    notes: tuple[Message, ...] = ()


def findings(
    asked: Asked, team: Team, terms: BidTerms, code_is_valid: bool, document_is_intact: bool
) -> dict[CheckItem, PreFinding]:
    """The rules' answer to every item."""
    damaged = Message(N_("The stored file is missing or is not the one that was handed in."))
    code = Message(N_("The lead has no valid unified social credit code."))
    lead = _of(completeness.lead_problems(team))
    return {
        CheckItem.LEAD: lead if code_is_valid else PreFinding(False, (*lead.notes, code)),
        CheckItem.TEAM: _of(completeness.partner_problems(asked, team)),
        CheckItem.INDICATORS: _of(completeness.promise_problems(asked, terms)),
        CheckItem.BUDGET: _of(completeness.budget_problems(asked, terms)),
        CheckItem.DOCUMENT: PreFinding(True)
        if document_is_intact
        else PreFinding(False, (damaged,)),
    }


def _of(problems: list[Invalid]) -> PreFinding:
    return PreFinding(not problems, tuple(problem.message for problem in problems))


def problems(
    given: dict[CheckItem, Finding], computed: dict[CheckItem, PreFinding]
) -> list[Invalid]:
    """What the officer still has to write: answers, and why where they fail or depart."""
    found = []
    for item in CheckItem:
        finding = given.get(item)
        if finding is None:
            found.append(Invalid(f"{item.value}_holds", N_("Please say whether this holds.")))
        elif not finding.holds and not finding.remark.strip():
            why = N_("Please write what is wrong; the team reads it.")
            found.append(Invalid(f"{item.value}_remark", why))
        elif finding.holds and not computed[item].holds and not finding.remark.strip():
            why = N_("The rules found a problem: please write why it holds nevertheless.")
            found.append(Invalid(f"{item.value}_remark", why))
    return found


def passes(given: dict[CheckItem, Finding]) -> bool:
    """Whether every item holds."""
    return all(given[item].holds for item in CheckItem)


def code_holds(code: str, overridden: bool) -> bool:
    """Whether an organisation's unified social credit code is valid."""
    try:
        check_uscc(code, overridden)
    except Invalid:
        return False
    return True
