"""A folder with a bid that is complete for the challenges of the factories."""

from pathlib import Path
from typing import Any

import yaml

from tests.factories.bids import PDF

SAID: dict[str, Any] = {
    "title": "线下密封的方案",
    "summary": "摘要",
    "route": "路线",
    "background": "已有",
    "foreground": "新增",
    "ownership": "共有",
    "scenario": "部署",
    "data_security": "不出场地",
    "other_funding": "无",
    "promises": [
        {"indicator": 1, "value": 35, "how": "自研"},
        {"indicator": 2, "value": 16, "how": "稀疏", "proof": "检测"},
    ],
    "milestones": [
        {"month": 12, "title": "样机", "deliverable": "报告", "share": 60, "indicators": [1]},
        {"month": 24, "title": "示范", "deliverable": "报告", "share": 40},
    ],
    "budget": [
        {"year": 1, "category": "equipment", "source": "city", "amount": 300},
        {"year": 2, "category": "labour", "source": "enterprise", "amount": "420.5"},
    ],
    "members": [
        {"name": "王工", "role": "leader", "duty": "负责", "share": 60, "birth_year": 1980}
    ],
    "risks": [{"risk": "断供", "likelihood": "low", "effect": "high", "answer": "备件"}],
    "document": "方案.pdf",
    "attachments": [{"file": "检测.pdf", "kind": "test", "title": "检测报告"}],
}


def made(folder: Path, **changes: Any) -> Path:
    """Write the folder; `changes` by the names of bid.yaml."""
    folder.mkdir(exist_ok=True)
    (folder / "方案.pdf").write_bytes(PDF)
    (folder / "检测.pdf").write_bytes(PDF + b"%2")
    said = yaml.safe_dump({**SAID, **changes}, allow_unicode=True)
    (folder / "bid.yaml").write_text(said, encoding="utf-8")
    return folder
