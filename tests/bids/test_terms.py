"""What a bid says survives being stored, in one piece and by section, and its sums agree."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.bids.sections.rules import PARTS, home_of, part_of, together
from portal.bids.terms import (
    Attachment,
    AttachmentKind,
    BidTerms,
    BudgetCategory,
    BudgetItem,
    Level,
    Member,
    MemberRole,
    PlannedMilestone,
    Promise,
    Risk,
    sums_by,
)
from portal.core.crypto import canonical
from portal.core.errors import Invalid
from portal.core.money import FundSource

WORDS = st.text(max_size=12)
MONEY = st.integers(0, 10**15).map(lambda cents: Decimal(cents) / 100)
LEVELS = st.none() | st.sampled_from(Level)
ITEMS = st.lists(
    st.builds(
        BudgetItem,
        st.integers(0, 5),
        st.sampled_from(BudgetCategory),
        st.sampled_from(FundSource),
        MONEY,
    ),
    max_size=6,
).map(tuple)


def some(kind: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(kind, max_size=2).map(tuple)


TERMS = st.builds(
    BidTerms,
    **dict.fromkeys(("title", "summary", "route", "background", "scenario", "other_funding"), WORDS),
    members=some(
        st.builds(
            Member, WORDS, WORDS, WORDS, st.integers(0, 100), st.sampled_from(MemberRole),
            st.integers(0, 2010),
        )
    ),
    promises=some(
        st.builds(
            Promise, st.uuids(), st.none() | st.decimals(-(10**6), 10**6, places=6), WORDS, WORDS,
            WORDS,
        )
    ),
    milestones=some(
        st.builds(
            PlannedMilestone, st.integers(0, 60), WORDS, WORDS, st.integers(0, 100),
            some(st.uuids()),
        )
    ),
    items=ITEMS,
    risks=some(st.builds(Risk, WORDS, LEVELS, LEVELS, WORDS)),
    attachments=some(
        st.builds(
            Attachment, st.sampled_from(AttachmentKind), WORDS, st.uuids(), WORDS, WORDS,
            st.integers(0, 10**9), WORDS,
        )
    ),
)  # fmt: skip


@settings(max_examples=80)
@given(terms=TERMS)
def test_terms_come_back_as_they_were_stored_and_hash_alike(terms: BidTerms) -> None:
    whole = terms.to_json()
    again = BidTerms.from_json(whole)
    assert again == terms
    assert canonical(again.to_json()) == canonical(whole)
    assert together(part_of(whole, section) for section in PARTS) == terms


@settings(max_examples=80)
@given(items=ITEMS)
def test_the_sums_by_year_category_and_source_are_all_the_money(
    items: tuple[BudgetItem, ...],
) -> None:
    terms = BidTerms(items=items)
    for key in ("year", "category", "source", "place"):
        sums = sums_by(items, lambda item, key=key: getattr(item, key))  # type: ignore[misc]
        assert sum(sums.values()) == terms.total
    assert {line.source: line.amount for line in terms.budget} == sums_by(items, lambda i: i.source)
    assert terms.public_money <= terms.total == sum(line.amount for line in terms.budget)


def test_an_empty_document_is_an_empty_bid() -> None:
    assert BidTerms.from_json({}) == together([]) == BidTerms()
    assert BidTerms().total == BidTerms().public_money == 0


def test_every_part_of_a_bid_has_one_section() -> None:
    parts = [part for parts in PARTS.values() for part in parts]
    assert sorted(parts) == sorted(BidTerms().to_json())
    for section, names in PARTS.items():
        assert {home_of(Invalid(f"{name}.0.title", "wrong")) for name in names} == {section}
    assert home_of(Invalid("partners.0.duty", "wrong")) is None


def test_what_was_handed_in_before_there_were_sections_is_still_read() -> None:
    row = {"indicator_id": str(UNKNOWN), "value": "3", "how": "检测"}
    old = {
        "title": "旧方案",
        "risks": "供货不稳",
        "members": [{"name": "王工", "organisation": "某司", "duty": "负责", "share": 60}],
        "promises": [row],
        "milestones": [{"month": 6, "title": "样机", "deliverable": "报告", "share": 100}],
        "budget": [{"source": "city", "amount": "300.00"}],
    }
    terms = BidTerms.from_json(old)
    assert terms.risks == (Risk("供货不稳", None, None, ""),)
    assert terms.items == (BudgetItem(1, BudgetCategory.OTHER, FundSource.CITY, Decimal(300)),)
    assert terms.members[0].role is MemberRole.MEMBER
    assert terms.milestones[0].indicators == ()
    assert BidTerms.from_json({"risks": ""}).risks == ()


UNKNOWN = "0f2c4f5e-6e3a-4a93-9f1c-111111111111"
