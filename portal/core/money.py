"""Money in yuan, exact; people read and type it in 万元 (ten thousand yuan)."""

from decimal import ROUND_HALF_UP, Decimal

from portal.core.words import N_, Worded

WAN = Decimal(10000)
CENT = Decimal("0.01")
MAXIMUM = Decimal("99999999999999.99")


class FundSource(Worded):
    """The four sources (资金来源) that a cluster joins."""

    CITY = "city", N_("City funds")
    DISTRICT = "district", N_("District funds")
    ENTERPRISE = "enterprise", N_("Enterprise's own funds")
    SOCIAL = "social", N_("Social capital")


PUBLIC_SOURCES = frozenset({FundSource.CITY, FundSource.DISTRICT})


def yuan(wan: Decimal) -> Decimal:
    """An amount in 万元 as yuan, rounded to the cent."""
    return (wan * WAN).quantize(CENT, ROUND_HALF_UP)


def wan(amount: Decimal) -> Decimal:
    """An amount in yuan as 万元 with two decimals."""
    return (amount / WAN).quantize(CENT, ROUND_HALF_UP)


def split(total: Decimal, shares: list[Decimal]) -> list[Decimal]:
    """Split `total` yuan by percentages that sum to 100; the last part takes the rounding."""
    parts = [(total * share / 100).quantize(CENT, ROUND_HALF_UP) for share in shares[:-1]]
    return [*parts, total - sum(parts, Decimal(0))]
