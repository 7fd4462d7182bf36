"""What the tests of the bid pages share: a filled-in editor, and a count of what was written."""

from html import unescape
from typing import Any

from bs4 import BeautifulSoup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.bids.models import Bid, BidPartner, BidVersion, FormalCheckItem
from portal.core.files import StoredFile
from portal.core.outbox import Event
from portal.notifications.models import InboxItem

WRITTEN = (Bid, BidPartner, BidVersion, FormalCheckItem, StoredFile, Entry, Event, InboxItem)


def counts(session: Session) -> list[int]:
    """How many rows there are that an act on a bid could add to."""
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in WRITTEN]


def typed(bid: Bid, **changes: Any) -> dict[str, Any]:
    """The editor filled in with a bid that can be handed in; `changes` by the fields' names."""
    data: dict[str, Any] = {
        "seen": bid.changed_at.isoformat(),
        "title": "稀疏视点动态重建方案",
        "summary": "自研引擎。",
        "route": "先算法后样机。",
        "risks": "备有替代器件。",
        "members-0-name": "王工",
        "members-0-organisation": bid.lead.name,
        "members-0-duty": "技术负责人",
        "members-0-share": "60",
        "promises-0-value": "35",
        "promises-0-how": "第三方检测",
        "promises-1-value": "16",
        "promises-1-how": "现场核验",
        "milestones-0-month": "12",
        "milestones-0-title": "样机",
        "milestones-0-deliverable": "测试报告",
        "milestones-0-share": "60",
        "milestones-1-month": "24",
        "milestones-1-title": "示范",
        "milestones-1-deliverable": "示范报告",
        "milestones-1-share": "40",
        "budget_city": "300",
        "budget_district": "100",
        "budget_enterprise": "400",
        "budget_social": "0",
    }
    return {**data, **changes}


def text_of(page: Any) -> str:
    """What the page says, with its entities as characters."""
    return unescape(page.text)


def values_of(page: Any, name: str) -> list[str]:
    """What the page's fields of this name hold."""
    return [str(tag["value"]) for tag in BeautifulSoup(page.text, "lxml").select(f"[name={name}]")]
