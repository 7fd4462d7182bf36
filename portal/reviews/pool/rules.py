"""What an expert stands for."""

from portal.core.words import N_, Worded


class Stratum(Worded):
    """The part of the panel that a reviewer stands for."""

    TECHNICAL = "technical", N_("Technical")
    INDUSTRY = "industry", N_("Industry")
    FINANCE = "finance", N_("Finance")
