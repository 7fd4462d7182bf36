"""Addresses of contracts, milestones, money and boards."""

from portal.projects.contracts.terms import Part
from tests.site.matrix.sides import Side

Values = dict[str, object]


def addresses(side: Side) -> dict[str, Values]:
    """Where each endpoint of these rooms is, for the things of a side."""
    reported: Values = {"milestone_id": side.reported.milestones[0].id}
    money: Values = {"code": side.finished.code}
    opinion: Values = {"opinion_id": side.opinion.id}
    receipt: Values = {"receipt_id": side.receipt.id}
    cluster: Values = {"slug": side.call.cluster.slug}
    return {
        **_contract(side),
        "boards.board": cluster,
        "boards.part": {**cluster, "part": "projects"},
        "boards.part_file": {**cluster, "part": "projects"},
        "milestones.report": {"milestone_id": side.begun.milestones[0].id},
        "milestones.draft": {"milestone_id": side.begun.milestones[0].id},
        "milestones.visit": reported,
        "milestones.ask": reported,
        "milestones.opinion": opinion,
        "milestones.decline": opinion,
        "milestones.withdraw": opinion,
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
        "reversals.propose": {"payment_id": side.reversal.payment_id},
        "reversals.confirm": {"reversal_id": side.reversal.id},
        "reversals.drop": {"reversal_id": side.reversal.id},
        "funds.pay": {"tranche_id": side.finished.tranches[0].id},
    }


def _contract(side: Side) -> dict[str, Values]:
    own: Values = {"code": side.negotiated.project.code}
    contract: Values = {"contract_id": side.negotiated.id}
    lead = next(one for one in side.frozen.parties if one.part is Part.LEAD)
    return {
        "contracts.shown": own,
        "contracts.version": {**own, "number": 1},
        "contracts.on_paper": own,
        "contracts.change": own,
        "contracts.freeze": contract,
        "contracts.consent": {**contract, "level": "city"},
        "contracts.confirm": {"party_id": lead.id},
        "signing.extend": contract,
        "signing.go_to_next": contract,
        "signing.refuse": {"party_id": lead.id},
    }
