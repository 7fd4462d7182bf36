"""What kinds of facts a key project cluster (重点项目群) has."""

from portal.core.words import N_, Worded


class TermKind(Worded):
    """The lists of words by which a cluster is described."""

    STRAND = "strand", N_("Strands of work")
    PATH = "path", N_("Path")
    PRINCIPLE = "principle", N_("Principles")
    PAIN_POINT = "pain_point", N_("What the industry lacks")
    FACTOR = "factor", N_("Five factors")
    CHAIN = "chain", N_("Industry chain")
    SERVICE_CHAIN = "service_chain", N_("Service chain")
    FUND_SOURCE = "fund_source", N_("Sources of funds")
    COMMON_TECHNOLOGY = "common_technology", N_("Common technologies")
    FIELD = "field", N_("Fields")
    COMPANY = "company", N_("Companies")
    EVENT = "event", N_("Events")
    ALLIANCE = "alliance", N_("Alliance")
    DIRECTION = "direction", N_("Next directions")
    METHOD = "method", N_("Next method")


CHAIN_KINDS = (TermKind.CHAIN, TermKind.SERVICE_CHAIN)
