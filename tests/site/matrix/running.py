"""Addresses of milestones and money."""

from tests.site.matrix.sides import Side

Values = dict[str, object]


def addresses(side: Side) -> dict[str, Values]:
    """Where each endpoint of the two rooms is, for the things of a side."""
    reported: Values = {"milestone_id": side.reported.milestones[0].id}
    money: Values = {"code": side.finished.code}
    receipt: Values = {"receipt_id": side.receipt.id}
    return {
        "milestones.report": {"milestone_id": side.begun.milestones[0].id},
        "milestones.accept": reported,
        "milestones.rework": reported,
        "milestones.fail": reported,
        "milestones.pass_over": {"milestone_id": side.failed.milestones[0].id},
        "milestones.evidence": {"file_id": side.reported.milestones[0].evidence[0].file.id},
        "funds.own_money": {"project_id": side.begun.id},
        "funds.money": money,
        "funds.as_csv": money,
        "funds.as_workbook": money,
        "funds.confirm": receipt,
        "funds.refuse": receipt,
        "funds.document": {"file_id": side.receipt.file_id},
        "funds.pay": {"tranche_id": side.finished.tranches[0].id},
    }
