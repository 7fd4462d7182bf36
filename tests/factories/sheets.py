"""Challenge sheets and facts of calls for tests."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.challenges.calls.rules import CallFacts
from portal.challenges.rules import Operator
from portal.challenges.sheet import ChallengeFacts, CriterionFacts, IndicatorFacts
from portal.core.money import FundSource


def make_facts(now: datetime, **changes: Any) -> ChallengeFacts:
    """A sheet that lacks nothing, with bidding until 40 days after `now`."""
    indicator = IndicatorFacts(
        "定位误差", Operator.AT_MOST, Decimal("0.3"), None, "mm", "第三方检测", True
    )
    values: dict[str, Any] = {
        "title": "光学惯性融合动作捕捉",
        "summary": "一体化装备。",
        "background": "国产化不足。",
        "content": "融合定位与虚拟拍摄。",
        "deliverables": "样机与检测报告。",
        "scenario_site": "首钢园",
        "scenario_owner": "创新中心",
        "scenario_use": "公共技术服务平台",
        "ip_terms": "归揭榜团队所有。",
        "contact_name": "联系人",
        "contact_phone": "010-12345678",
        "closes_at": now + timedelta(days=40),
        "indicators": (indicator,),
        "funds": {source: Decimal(100) for source in FundSource},
        "criteria": (CriterionFacts("指标响应", 60), CriterionFacts("技术路线", 40)),
    }
    return ChallengeFacts(**{**values, **changes})


def make_call_facts(cluster_id: UUID, issuer_id: UUID, **changes: Any) -> CallFacts:
    """A call that lacks nothing."""
    values: dict[str, Any] = {
        "cluster_id": cluster_id,
        "issuer_id": issuer_id,
        "number": "BJ-1",
        "title": "榜单",
        "year": 2026,
    }
    return CallFacts(**{**values, **changes})
