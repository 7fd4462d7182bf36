"""The usual clauses of a contract, in the words of official papers; a contract's own may differ."""

from portal.projects.contracts.terms import Clause

USUAL: dict[Clause, str] = {
    Clause.DELIVERABLES: "按各里程碑所列交付成果提交，并附研究报告、技术资料与第三方检测报告。",
    Clause.PLEDGE: (
        "牵头单位及各联合单位郑重立下军令状：按期完成本任务书所列全部考核指标与里程碑，"
        "如实报告进展，成果在应用场景中真实可用；不以任何理由降低指标。"
    ),
    Clause.CONSEQUENCES: (
        "非因不可抗力未兑现承诺的，发榜单位有权停止拨款、终止任务、追回资金，并按规定记录信用；"
        "已勤勉尽责、如实报告而技术路线未能走通的，依规定予以容错免责。"
    ),
    Clause.ACCEPTANCE: (
        "由发榜单位组织专家逐项核验考核指标，每项指标以第三方检测报告或场景方出具的应用证明为据；"
        "同时进行财务验收。结论为通过、限期整改一次或不通过。"
    ),
    Clause.OWN_MONEY: (
        "企业自筹与社会资本按资金表同步到位，不晚于对应财政资金拨付；未到位的，财政资金相应缓拨。"
    ),
    Clause.ACCOUNTS: (
        "财政资金单独核算、专款专用，接受审计；原始记录、凭证与技术档案自验收之日起保存不少于十年。"
    ),
    Clause.BACKGROUND: "各方投入的背景知识产权仍归原权利人所有。",
    Clause.FOREGROUND: "任务产生的知识产权按各方约定归属；场景方在本应用场景内享有免费使用权。",
    Clause.CONFIDENTIALITY: (
        "各方对在本任务中知悉的技术秘密、商业秘密与未公开资料负保密义务，任务结束后继续有效。"
    ),
    Clause.CHANGES: (
        "完成期限、人员、单位、预算或指标需要变更的，牵头单位应在到期前三个月提出书面申请，"
        "经批准后形成新版任务书；延期以一次为限，最长一年。出现重大风险的，可暂停或终止任务。"
    ),
    Clause.CLAW_BACK: (
        "撤销立项的，退回全部财政资金及孳息；终止任务的，退回未使用及违规使用的财政资金。"
        "应退款项自通知之日起三十日内缴回。"
    ),
    Clause.DISPUTES: "因本任务书发生的争议由各方协商解决；协商不成的，向发榜单位所在地人民法院起诉。",
}
