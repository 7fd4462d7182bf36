"""What the tests of the bid pages share: a filled-in sheet, and a count of what was written."""

from html import unescape
from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.audit.models import Entry
from portal.bids.models import Bid, BidPartner, BidVersion
from portal.core.files import StoredFile
from portal.core.outbox import Event
from portal.notifications.models import InboxItem

WRITTEN = (Bid, BidPartner, BidVersion, StoredFile, Entry, Event, InboxItem)


def counts(session: Session) -> list[int]:
    """How many rows there are that an act on a bid could add to."""
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in WRITTEN]


SHEET: dict[str, dict[str, str]] = {
    "outline": {"title": "稀疏视点动态重建方案", "summary": "自研引擎。"},
    "route": {"route": "先算法后样机。"},
    "indicators": {
        "promises-0-baseline": "20",
        "promises-0-value": "35",
        "promises-0-how": "自研引擎",
        "promises-0-proof": "第三方检测",
        "promises-1-value": "16",
        "promises-1-how": "稀疏采集",
    },
    "milestones": {
        "milestones-0-month": "12",
        "milestones-0-title": "样机",
        "milestones-0-deliverable": "测试报告",
        "milestones-0-indicators": "1，2",
        "milestones-0-share": "60",
        "milestones-1-month": "24",
        "milestones-1-title": "示范",
        "milestones-1-deliverable": "示范报告",
        "milestones-1-share": "40",
    },
    "budget": {
        "budget-0-year": "1",
        "budget-0-category": "equipment",
        "budget-0-source": "city",
        "budget-0-amount": "300",
        "budget-1-year": "1",
        "budget-1-category": "labour",
        "budget-1-source": "district",
        "budget-1-amount": "100",
        "budget-2-year": "2",
        "budget-2-category": "testing",
        "budget-2-source": "enterprise",
        "budget-2-amount": "400",
    },
    "people": {
        "members-0-name": "王工",
        "members-0-birth_year": "1980",
        "members-0-role": "leader",
        "members-0-organisation": "某司",
        "members-0-duty": "技术负责人",
        "members-0-share": "60",
    },
    "risks": {
        "risks-0-risk": "器件断供",
        "risks-0-likelihood": "low",
        "risks-0-effect": "high",
        "risks-0-answer": "备有替代器件",
    },
    "property": {"background": "自有引擎。", "foreground": "专利二项。", "ownership": "共有。"},
    "scenario": {"scenario": "分两步部署。"},
    "declarations": {"data_security": "不出场地。", "other_funding": "无"},
}
"""Every section of a bid that can be handed in, as it is typed; the file aside."""


def home_of(name: str) -> str:
    """The section in which a field of the sheet stands."""
    table = {"members": "people", "promises": "indicators"}
    start = name.removeprefix("add_").split("-")[0]
    known = (section for section, data in SHEET.items() if start in data)
    return table.get(start) or next(known, start)


def typed(bid: Bid, section: str, **changes: Any) -> dict[str, Any]:
    """A section filled in, from the revision that is stored; `changes` by the fields' names."""
    seen = next(str(row.revision) for row in bid.sections if row.section.value == section)
    return {"seen": seen, **SHEET[section], **changes}


def write(client: FlaskClient, bid: Bid, section: str, **changes: Any) -> TestResponse:
    """Send a section."""
    return client.post(f"/bids/{bid.id}/edit/{section}", data=typed(bid, section, **changes))


def text_of(page: Any) -> str:
    """What the page says, with its entities as characters."""
    return unescape(page.text)


def values_of(page: Any, name: str) -> list[str]:
    """What the page's fields of this name hold."""
    return [str(tag["value"]) for tag in BeautifulSoup(page.text, "lxml").select(f"[name={name}]")]
