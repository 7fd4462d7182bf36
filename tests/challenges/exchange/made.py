"""Calls as a file may have them, for property tests; and the shortest one, for the rest."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from portal.challenges.exchange.columns import CALL, Part
from portal.challenges.exchange.content import Content, entry_of
from portal.challenges.exchange.kinds import Line, tidy
from portal.challenges.ranking_rule import OnDisagreement, ScoreRule, TieBreak
from portal.challenges.rules import IssuerType, Operator
from portal.challenges.settings import LEADING_KINDS, RANGES, PanelMethod, ReviewMethod, Settings
from portal.challenges.sheet import ChallengeFacts, CriterionFacts, IndicatorFacts
from portal.core.money import FundSource
from portal.core.workdays import DayUnit

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
NUMBER = "BJ-JB-2026-YYZ"
AWKWARD = (
    "=1+1",
    "+86 10",
    "-40至125℃",
    "@某人",
    "第一行\n第二行\n\n  缩进的第四行",
    "全角　ＡＢＣ，！",
    "表情😀👩‍👩‍👧",
    '\'单引号"双引号"',
    "null",
    "true",
    "2026-12-01",
    "001",
    "1e5",
    "key: value # no comment",
    "- item",
    "{a: b}",
    "_x000D_ _x0041_",
    "制表\t符",
    "<b>&amp;</b>",
    "%(name)s %d 100%",
    "| |- > &a *a !tag",
    "~",
)
texts = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60),
)


def prose(longest: int) -> st.SearchStrategy[str]:
    """Text as the portal keeps it, perhaps none."""
    return st.one_of(st.just(""), texts).map(lambda text: tidy(text)[:longest].strip())


def line(longest: int) -> st.SearchStrategy[str]:
    """One line of text, perhaps none."""
    return prose(longest).map(one_line)


def one_line(text: str) -> str:
    return Line().normal(text)


def named(longest: int) -> st.SearchStrategy[str]:
    """One line that is not blank."""
    return line(longest).map(lambda text: text or "名称")


def decimals(low: str, high: str, places: int = 6) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), allow_nan=False, places=places)


numbers = decimals("-99999999999999", "99999999999999")
moments = st.datetimes(datetime(2026, 1, 1), datetime(2099, 1, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)


@st.composite
def indicators(draw: st.DrawFn) -> IndicatorFacts:
    operator = draw(st.sampled_from(Operator))
    value = None if operator is Operator.QUALITATIVE else draw(numbers)
    high = None
    if operator is Operator.BETWEEN and value is not None:
        value, high = sorted((value, draw(numbers.filter(lambda n: n != value))))
    return IndicatorFacts(
        name=draw(named(200)),
        operator=operator,
        value=value,
        high=high,
        unit=draw(line(40)),
        test_method=draw(line(400)),
        mandatory=draw(st.booleans()),
        baseline=draw(line(200)),
    )


criteria = st.builds(
    CriterionFacts, name=named(200), weight=st.integers(1, 100), guidance=prose(5000)
)


def _setting(name: str, low: int, high: int) -> st.SearchStrategy[Any]:
    if isinstance(getattr(Settings(), name), Decimal):
        return decimals(str(low), str(high))
    return st.integers(low, high)


@st.composite
def settings(draw: st.DrawFn) -> Settings:
    """Settings that the rules accept."""
    some = draw(st.lists(st.sampled_from(sorted(RANGES)), max_size=3, unique=True))
    chosen: dict[str, Any] = {name: draw(_setting(name, *RANGES[name])) for name in some}
    chosen["reviewers"] = draw(st.sampled_from([9, 15]))
    chosen.setdefault("winners", 2)
    chosen["replace_days"] = max(chosen.get("late_days", 1), chosen.get("replace_days", 5))
    kinds = draw(st.sets(st.sampled_from(LEADING_KINDS), min_size=1))
    return Settings(
        **chosen,
        race=chosen["winners"] > 1 and draw(st.booleans()),
        review_method=draw(st.sampled_from(ReviewMethod)),
        panel_method=draw(st.sampled_from(PanelMethod)),
        score_rule=draw(st.sampled_from(ScoreRule)),
        on_disagreement=draw(st.sampled_from(OnDisagreement)),
        tie_third=draw(st.sampled_from([TieBreak.NONE, TieBreak.CRITERION_6])),
        notice_unit=draw(st.sampled_from(DayUnit)),
        lead_kinds=tuple(kind for kind in LEADING_KINDS if kind in kinds),
        one_team_per_challenge=draw(st.booleans()),
        foreign_share_allowed=draw(st.booleans()),
        strict_sealing=draw(st.booleans()),
        experts_published=draw(st.booleans()),
        blind_review=draw(st.booleans()),
        tranche_shares=draw(st.sampled_from([(100,), (40, 30, 20, 10), (50, 50)])),
    )


amounts = st.dictionaries(st.sampled_from(FundSource), decimals("0", "99999999999999.99", 2))


@st.composite
def sheets(draw: st.DrawFn, usual: Settings) -> ChallengeFacts:
    """A challenge sheet, with any of its optional parts left out."""
    own = draw(st.one_of(st.just(usual), settings()))
    words = draw(st.lists(texts, min_size=1, max_size=4))

    def prose(longest: int) -> st.SearchStrategy[str]:
        return st.sampled_from(["", *(tidy(word)[:longest].strip() for word in words)])

    def line(longest: int) -> st.SearchStrategy[str]:
        return prose(longest).map(one_line)

    return ChallengeFacts(
        title=draw(named(200)),
        title_en=draw(line(200)),
        summary=draw(prose(600)),
        summary_en=draw(prose(600)),
        background=draw(prose(5000)),
        content=draw(prose(5000)),
        issuer_type=draw(st.sampled_from(IssuerType)),
        scenario_site=draw(line(200)),
        scenario_owner=draw(line(200)),
        scenario_use=draw(prose(2000)),
        scenario_access=draw(prose(2000)),
        months=draw(st.integers(1, 60)),
        closes_at=draw(st.none() | moments),
        indicators=tuple(draw(st.lists(indicators(), max_size=3))),
        funds=draw(amounts),
        criteria=tuple(draw(st.lists(criteria, max_size=3))),
        settings=own.differing(usual),
        field=draw(line(200)),
        chain_stage=draw(line(200)),
        deliverables=draw(prose(5000)),
        ip_terms=draw(prose(2000)),
        confidentiality=draw(prose(2000)),
        trl_from=draw(st.none() | st.integers(1, 9)),
        trl_to=draw(st.none() | st.integers(1, 9)),
        contact_name=draw(line(200)),
        contact_phone=draw(line(40)),
        contact_email=draw(line(200)),
    )


@st.composite
def calls(draw: st.DrawFn, cluster: str = "science-fiction", issuer: str = "某委") -> Content:
    """A call with its challenges."""
    usual = draw(settings())
    facts = draw(st.lists(sheets(usual), max_size=3))
    values = {
        **vars(usual),
        "number": NUMBER,
        "title": draw(named(200)),
        "cluster": cluster,
        "issuer": issuer,
        "year": draw(st.integers(2015, 2100)),
        "introduction": draw(prose(5000)),
        "common_rules": draw(prose(5000)),
        "closes_at": draw(st.none() | moments),
    }
    assert set(values) == set(CALL.by_key)
    entries = (
        entry_of(f"{NUMBER}-{number:03d}", one, usual) for number, one in enumerate(facts, start=1)
    )
    return Content(values, tuple(entries))


def least(**changes: Any) -> dict[str, Any]:
    """The least that a file of a call says, as YAML has it."""
    call = {"number": NUMBER, "title": "科幻榜单", "cluster": "science-fiction", "year": 2026}
    rows = [
        {"name": "重建输出", "operator": "ge", "value": 30, "unit": "帧/秒", "test_method": "检测"}
    ]
    challenge = {"code": "001", "title": "动态三维重建", "city": 600, "indicators": rows}
    return {"call": call, "challenges": [challenge], **changes}


SETTING_NAMES = [column.key for column in CALL.of(Part.SETTING)]
