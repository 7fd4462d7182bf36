"""The one table of what a file of a call holds: a sheet a part, a column a field.

The key is the name of the field in the portal and in YAML; the heads are those of the workbook. A new
field of a call, a challenge, an indicator or a criterion is one line here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Literal

from portal.accounts.rules import OrganisationKind
from portal.challenges.calls.rules import FIRST_YEAR, LAST_YEAR
from portal.challenges.exchange.choices import Choice, Reference, Several, Shares
from portal.challenges.exchange.kinds import Kind, Line, Moment, Number, Prose, Wan, Whole
from portal.challenges.ranking_rule import OnDisagreement, ScoreRule, TieBreak
from portal.challenges.rules import IssuerType, Operator
from portal.challenges.settings import RANGES, PanelMethod, ReviewMethod
from portal.core.money import FundSource
from portal.core.workdays import DayUnit

Language = Literal["zh", "en"]


class Part(Enum):
    """Where a column's value goes."""

    OWN = "a field of the row itself"
    SETTING = "one of the call's settings"
    FUND = "the amount of a fund source"


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a sheet, or one line of a sheet that has a single record."""

    key: str
    zh: str
    en: str
    kind: Kind
    is_needed: bool = False
    note: tuple[str, str] = ("", "")
    """What stands in the note on the head, in Chinese and in English."""
    part: Part = Part.OWN
    width: int = 16

    def head(self, language: str) -> str:
        """The head in a language."""
        return self.zh if language == "zh" else self.en

    def told(self, language: str) -> str:
        """The note in a language."""
        return self.note[0 if language == "zh" else 1]


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet; `is_single` has one record that is written downwards."""

    key: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    is_single: bool = False
    most: int = 1
    """How many records a file may have of it."""
    by_key: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.by_key.update((column.key, column) for column in self.columns)

    def name(self, language: str) -> str:
        """The sheet's name in a language."""
        return self.zh if language == "zh" else self.en

    def of(self, part: Part) -> Iterator[Column]:
        """The columns whose values go to one place."""
        return (column for column in self.columns if column.part is part)


OPERATORS = Choice(
    {
        Operator.AT_LEAST: ("≥", "≥", ">=", "不低于", "不少于", "at least"),
        Operator.AT_MOST: ("≤", "≤", "<=", "不高于", "不超过", "at most"),
        Operator.EQUAL: ("=", "=", "等于", "equal"),
        Operator.BETWEEN: ("区间", "between", "范围", "介于"),
        Operator.QUALITATIVE: ("定性", "as described", "定性描述"),
    }
)
ISSUER_TYPES = Choice(
    {
        IssuerType.GOVERNMENT: ("政府出题出资", "Government posts and pays"),
        IssuerType.ENTERPRISE: ("企业出题出资、财政补助", "Enterprise posts and pays"),
        IssuerType.JOINT: ("联合出题出资", "Posted and paid together"),
    }
)
DAY_UNITS = Choice(
    {
        DayUnit.CALENDAR: ("自然日", "calendar days"),
        DayUnit.WORKING: ("工作日", "working days"),
    }
)
MUST_OR_WISH = Choice(
    {
        True: ("约束性", "must", "是", "yes", "必达"),
        False: ("预期性", "wish", "否", "no", "期望"),
    },
    empty=True,
)

_CODE = ("榜题编号，须与“榜题”表一致。", "The challenge's code, as on the sheet of challenges.")

YES_NO = Choice({True: ("是", "yes", "允许"), False: ("否", "no", "不允许")})
REVIEW_METHODS = Choice(
    {
        ReviewMethod.ONLINE: ("网评", "Online review"),
        ReviewMethod.ONLINE_AND_PANEL: ("网评加会评", "Online review, then a panel"),
    }
)
PANEL_METHODS = Choice(
    {
        PanelMethod.SCORES: ("评分", "Scores"),
        PanelMethod.BALLOT: ("无记名投票", "Secret ballot"),
    }
)
SCORE_RULES = Choice(
    {
        ScoreRule.MEAN: ("平均分", "mean"),
        ScoreRule.TRIMMED: ("去掉最高最低后的平均分", "trimmed mean"),
    }
)
TIE_BREAKS = Choice(
    {
        TieBreak.NONE: ("不再比较", "nothing more"),
        TieBreak.CRITERION_1: ("第1项得分", "criterion 1"),
        TieBreak.CRITERION_2: ("第2项得分", "criterion 2"),
        TieBreak.CRITERION_3: ("第3项得分", "criterion 3"),
        TieBreak.CRITERION_4: ("第4项得分", "criterion 4"),
        TieBreak.CRITERION_5: ("第5项得分", "criterion 5"),
        TieBreak.CRITERION_6: ("第6项得分", "criterion 6"),
        TieBreak.VOTES: ("同意票数", "votes"),
        TieBreak.ALL: ("全部评分的平均分", "mean of all"),
    }
)
ON_DISAGREEMENT = Choice(
    {
        OnDisagreement.NOTE: ("提示", "note"),
        OnDisagreement.REASONS: ("说明理由", "reasons"),
        OnDisagreement.DISCUSSION: ("匿名合议", "discussion"),
        OnDisagreement.THIRD: ("增补专家", "further reviewer"),
    }
)
KINDS_THAT_LEAD = Choice(
    {
        OrganisationKind.ENTERPRISE: ("企业", "Enterprise"),
        OrganisationKind.UNIVERSITY: ("高等院校", "University", "高校"),
        OrganisationKind.INSTITUTE: ("科研院所", "Research institute", "科研机构"),
        OrganisationKind.HOSPITAL: ("医疗机构", "Hospital", "医院"),
        OrganisationKind.PARK: ("园区或场地运营单位", "Park or site operator", "园区"),
        OrganisationKind.OTHER: ("其他单位", "Other organisation", "其他"),
    }
)
_SETTING = Part.SETTING
_FUND = Part.FUND


def _setting(key: str, zh: str, en: str, kind: Kind | None = None, *note: str) -> Column:
    """A setting; a number has the bounds of the rules."""
    told = (note[0], note[1]) if note else ("", "")
    kind = kind or Whole(*RANGES[key])
    return Column(key, zh, en, kind, False, told, _SETTING, 14)


def _ratio(key: str) -> Number:
    low, high = RANGES[key]
    return Number(Decimal(low), Decimal(high))


SETTINGS = (
    _setting("winners", "每题揭榜单位数", "Winners per challenge"),
    _setting("race", "赛马制", "Race", YES_NO,
             "是：几家并行，节点淘汰。", "Yes: several go on side by side and are thinned out."),
    _setting("reviewers", "评审专家数", "Reviewers", None, "须为单数。", "An odd number."),
    _setting("seats_industry", "其中产业专家数", "Of them for industry"),
    _setting("seats_finance", "其中财务专家数", "Of them for finance", None,
             "其余为技术专家。", "The others are technical experts."),
    _setting("experts_published", "公示后公开专家姓名", "Reviewers public after the notice", YES_NO),
    _setting("blind_review", "匿名评审", "Blind review", YES_NO,
             "是：评审时专家不知道揭榜单位。", "Yes: reviewers do not learn who the teams are."),
    _setting("trim_from", "几份评分起去掉最高最低", "Drop highest and lowest from", None,
             "达到该份数时，各去掉一个最高分和一个最低分。",
             "From this many sheets the highest and the lowest are dropped."),
    _setting("score_rule", "计分规则", "Score of a bid", SCORE_RULES),
    _setting("pass_mark", "合格线", "Pass mark", _ratio("pass_mark")),
    _setting("expert_vote", "须三分之二专家同意", "Vote of two thirds", YES_NO),
    _setting("tie_first", "同分比较之一", "Ties, first by", TIE_BREAKS),
    _setting("tie_second", "同分比较之二", "Ties, then by", TIE_BREAKS),
    _setting("tie_third", "同分比较之三", "Ties, last by", TIE_BREAKS),
    _setting("spread_max", "最高与最低总分差上限", "Spread of totals at most", None,
             "0为不检查。", "0 is not looked at."),
    _setting("distance_max", "与中位数差上限", "Distance from the median at most", None,
             "0为不检查。", "0 is not looked at."),
    _setting("criterion_spread_max", "单项分差上限（占该项分值的百分比）",
             "Spread within a criterion at most, percent", None,
             "0为不检查。", "0 is not looked at."),
    _setting("on_disagreement", "分歧处理", "Where scores are further apart", ON_DISAGREEMENT),
    _setting("disagreement_days", "分歧处理期限（天）", "Days to settle a disagreement"),
    _setting("review_method", "评审方式", "How bids are reviewed", REVIEW_METHODS),
    _setting("panel_first", "会评入围家数", "Heard by the panel: the first", None,
             "0为不限家数；网评未达合格线的不入围。",
             "0 for no limit; who did not reach the pass mark is not heard."),
    _setting("panel_from", "会评入围最低分", "Heard by the panel: from this score",
             _ratio("panel_from"), "0为不限。", "0 for no limit."),
    _setting("panel_method", "会评决定方式", "How the panel decides", PANEL_METHODS),
    _setting("panel_weight", "会评权重（%）", "Weight of the panel in percent", None,
             "其余为网评权重。", "The rest is the weight of the online review."),
    _setting("invite_days", "专家应邀期限（天）", "Days to accept"),
    _setting("review_days", "评审期限（天）", "Days to review"),
    _setting("answer_remind_days", "应邀截止前提醒（天）", "Reminder before the answer (days)"),
    _setting("review_remind_days", "评审截止前提醒（天）", "Reminder before sheets (days)"),
    _setting("late_days", "逾期报告发榜方（天）", "Officers told when late by (days)"),
    _setting("replace_days", "逾期递补专家（天）", "Replaced when late by (days)"),
    _setting("notice_days", "公示期限", "Days of notice"),
    _setting("notice_unit", "公示期限单位", "Notice counted in", DAY_UNITS),
    _setting("lead_kinds", "可牵头的单位类型", "Who may lead", Several(KINDS_THAT_LEAD),
             "可填多项，用顿号分开，如 企业、科研院所。", "Several, with commas."),
    _setting("partners_max", "联合单位上限", "Partners at most"),
    _setting("leads_max", "同批牵头上限", "May lead at most"),
    _setting("joins_max", "同批参与上限", "May join at most"),
    _setting("one_team_per_challenge", "一题只入一队", "One team per challenge", YES_NO),
    _setting("foreign_share_allowed", "允许含外资单位", "Foreign share allowed", YES_NO),
    _setting("own_ratio_min", "自筹与财政资金最低比例", "Own to public money at least",
             _ratio("own_ratio_min"), "如 1.5 表示自筹不低于财政资金的1.5倍；0为不限。",
             "1.5 asks for one and a half times the public money; 0 for nothing."),
    _setting("public_ahead", "自筹到位前可拨财政资金比例", "Public money before own money", None,
             "百分数；0为自筹先行、按到位比例拨付，100为不限。",
             "In percent; 0: public money follows the own in proportion; 100: no such rule."),
    _setting("tranche_shares", "拨款比例", "Shares of the tranches", Shares(),
             "百分数，用逗号分开，合计100，如 40, 30, 20, 10。",
             "Percentages with commas that sum to 100, like 40, 30, 20, 10."),
    _setting("bids_min", "最少揭榜方案数", "Bids at least", None,
             "少于此数可延期、重新发布或流标。", "With fewer it is extended, published again or closed."),
    _setting("bidding_days_min", "揭榜期最少工作日", "Working days for bidding at least"),
    _setting("question_days", "截止前几天停止提问", "Questions end days before"),
    _setting("amendment_days", "变更后至少留几天", "Days left after an amendment"),
    _setting("strict_sealing", "严格密封", "Strict sealing", YES_NO,
             "是：经费与核心人员仅在最后一页填写，提交后平台不留可读内容。",
             "Yes: money and key people are asked on the last page only, and the portal keeps nothing "
             "that it can read."),
)  # fmt: skip

CALL = Sheet(
    "call",
    "榜单",
    "Call",
    (
        Column("number", "榜单编号", "Number", Line(60), True,
               ("全网唯一，如 BJ-JB-2026-YYZ。编号已存在时，榜题导入该榜单。",
                "Unique. When the call exists, the challenges are added to it.")),
        Column("title", "榜单名称", "Title", Line(200), True),
        Column("cluster", "重点项目群", "Cluster", Reference(), True,
               ("填写重点项目群名称或网址代号。", "The cluster's name, or its short name in addresses.")),
        Column("issuer", "发榜单位", "Issuing body", Reference(), False,
               ("须为本人所在单位；留空即本单位。", "Your own body; blank means that.")),
        Column("year", "年度", "Year", Whole(FIRST_YEAR, LAST_YEAR), True),
        Column("introduction", "榜单说明", "Introduction", Prose()),
        Column("common_rules", "通用要求", "Common rules", Prose()),
        Column("closes_at", "统一揭榜截止时间", "Deadline for all", Moment(), False,
               ("在编辑页新建榜题时的默认值，北京时间。",
                "What a challenge begun in the editor starts with, Beijing time.")),
        *SETTINGS,
    ),
    is_single=True,
)  # fmt: skip

CHALLENGES = Sheet(
    "challenges",
    "榜题",
    "Challenges",
    (
        Column("code", "榜题编号", "Code", Line(40), False,
               ("如 001，系统自动加上榜单编号；已有榜题填写完整编号；留空则自动编号。",
                "Like 001; the call's number is put before it. A known challenge by its whole code. "
                "Blank: numbered by the portal."),
               width=20),
        Column("title", "榜题名称", "Title", Line(), True, width=32),
        Column("title_en", "英文名称", "Title in English", Line(), width=32),
        Column("field", "技术领域", "Field", Line(), width=18),
        Column("chain_stage", "产业链环节", "Stage of the chain", Line(), width=18),
        Column("summary", "摘要", "In short", Prose(600), width=40),
        Column("summary_en", "英文摘要", "In short, in English", Prose(600), width=40),
        Column("background", "产业痛点", "What the industry lacks", Prose(), width=48),
        Column("content", "攻关内容", "What has to be done", Prose(), width=48),
        Column("deliverables", "成果形式", "What is delivered", Prose(2000), width=40),
        Column("issuer_type", "出题方式", "Who posts and pays", ISSUER_TYPES, width=22),
        Column("scenario_site", "应用场景地点", "Site", Line(), width=24),
        Column("scenario_owner", "场景方", "Owner of the scenario", Line(), width=24),
        Column("scenario_use", "场景用途", "What will run there", Prose(2000), width=40),
        Column("scenario_access", "开放条件", "Access that is given", Prose(2000), width=40),
        Column(FundSource.CITY.value, "市级财政（万元）", "City funds (10,000 yuan)", Wan(),
               part=_FUND),
        Column(FundSource.DISTRICT.value, "区级财政（万元）", "District funds (10,000 yuan)",
               Wan(), part=_FUND),
        Column(FundSource.ENTERPRISE.value, "企业自筹（万元）",
               "Enterprise's own funds (10,000 yuan)", Wan(), part=_FUND),
        Column(FundSource.SOCIAL.value, "社会资本（万元）", "Social capital (10,000 yuan)", Wan(),
               part=_FUND),
        Column("months", "实施期限（月）", "Duration in months", Whole(1, 60)),
        Column("closes_at", "揭榜截止时间", "Deadline for bids", Moment(), False,
               ("北京时间。只写日期即当日17:00；写 +40d 17:00 即导入之日起第40天。发布前必填。",
                "Beijing time. A day alone means 17:00; +40d 17:00 counts from the day of the import. "
                "Needed before publishing."), width=20),
        Column("trl_from", "起始技术就绪度", "Readiness at the start", Whole(1, 9)),
        Column("trl_to", "目标技术就绪度", "Readiness at the end", Whole(1, 9)),
        Column("ip_terms", "知识产权归属", "Intellectual property", Prose(2000), width=40),
        Column("confidentiality", "保密要求", "Confidentiality", Prose(2000), width=32),
        Column("contact_name", "联系人", "Contact", Line(), width=14),
        Column("contact_phone", "联系电话", "Telephone", Line(40), width=16),
        Column("contact_email", "电子邮箱", "E-mail of the contact", Line(254), width=24),
    ),
    most=500,
)  # fmt: skip

INDICATORS = Sheet(
    "indicators",
    "考核指标",
    "Indicators",
    (
        Column("name", "指标名称", "Indicator", Line(200), True, width=32),
        Column("operator", "比较", "Comparison", OPERATORS, True,
               ("≥、≤、=、区间或定性。", "≥, ≤, =, between, or as described."), width=12),
        Column("value", "指标值", "Value", Number(), False,
               ("定性指标不填；区间填下限。", "Blank when as described; of a range the lower end.")),
        Column("high", "区间上限", "Upper end", Number(), False,
               ("仅区间填写。", "Of a range only.")),
        Column("unit", "单位", "Unit", Line(40), width=12),
        Column("test_method", "考核方式", "How it is tested", Line(400), width=40),
        Column("baseline", "现有水平", "Today's level", Line(), width=18),
        Column("mandatory", "指标性质", "Must or wish", MUST_OR_WISH, False,
               ("约束性或预期性；留空为约束性。", "Must or wish; blank means must.")),
    ),
    most=10_000,
)  # fmt: skip

CRITERIA = Sheet(
    "criteria",
    "评分标准",
    "Rubric",
    (
        Column("name", "评分项", "Criterion", Line(200), True, width=32),
        Column("weight", "权重", "Weight", Whole(1, 100), True,
               ("每道榜题合计100。", "They sum to 100 for each challenge."), width=10),
        Column("guidance", "评分要点", "Guidance", Prose(), width=48),
    ),
    most=5_000,
)  # fmt: skip

RULES = Sheet(
    "settings",
    "榜题规则",
    "Rules of a challenge",
    SETTINGS,
    most=CHALLENGES.most,
)
"""What a challenge sets otherwise than its call; a blank cell is as in the call."""

OF_CHALLENGE = Column("challenge", "榜题编号", "Challenge", Line(40), True, _CODE, width=18)
"""The first column of a sheet whose rows belong to a challenge; YAML nests them instead."""
PARTS = (INDICATORS, CRITERIA, RULES)
SHEETS = (CALL, CHALLENGES, *PARTS)
FOR_ALL = CRITERIA
"""Rows of it that name no challenge hold for every challenge without rows of its own."""
PART_MOST = {INDICATORS.key: 40, CRITERIA.key: 40, RULES.key: 1}
"""How many rows one challenge may have, as in the editor."""
HELP_SHEETS = {"zh": ("填写说明", "选项"), "en": ("Help", "Choices")}
"""Sheets that explain, and are not read."""
REMARKS = ("备注", "Remarks")
"""A column of the officers' own, which is not read."""
FIRST_HEADS = ("项目", "Field")
SECOND_HEADS = ("内容", "Content")
"""The heads of a sheet that is written downwards."""
