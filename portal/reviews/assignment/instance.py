"""What is to be assigned: bids, reviewers, fits, conflicts; read from and written to JSON.

The format is a contract (design, section 11): `reviewers` [{id, max_load}], `bids` [{id, reviews}],
`fit` {rows, cols, values} (bid by reviewer, 0 to 1; a pair that is not listed fits 0 and is allowed) and
`conflicts` [[bid, reviewer], ...]. Beyond it, all optional: a reviewer's `organisation` and `stratum`, a
bid's `strata` {stratum: at least so many}, and `fixed` [[bid, reviewer], ...].
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from portal.core.words import N_, Message

Ints = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Pairs = npt.NDArray[np.int64]
"""Shape (n,): bid * reviewers + reviewer, sorted, each once."""


class BadInstance(Exception):
    """What was given is not an instance; the message says where."""

    def __init__(self, text: str, **parameters: object) -> None:
        self.message = Message(text, parameters)
        super().__init__(str(self.message))


@dataclass(frozen=True)
class Instance:
    """Bids 0..B-1 and reviewers 0..R-1 by their place; `pairs` and `fits` are of one length."""

    bids: Sequence[str]
    reviewers: Sequence[str]
    reviews: Ints
    loads: Ints
    pairs: Pairs
    fits: Reals
    conflicts: Pairs
    organisations: Ints
    """Shape (R,): the organisation's number, or -1 for one that stands alone."""
    strata: Ints
    """Shape (R,): the stratum's number."""
    minima: dict[int, dict[int, int]] = field(default_factory=dict)
    """Bid: stratum: at least so many of its reviewers."""
    fixed: Pairs = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def shape(self) -> tuple[int, int]:
        """Bids, reviewers."""
        return len(self.bids), len(self.reviewers)

    def pair(self, bid: int, reviewer: int) -> int:
        """The number of a pair."""
        return bid * len(self.reviewers) + reviewer

    def split(self, pairs: Pairs) -> tuple[Ints, Ints]:
        """The bids and the reviewers of pairs."""
        bids, reviewers = np.divmod(pairs, len(self.reviewers))
        return bids, reviewers

    def fits_of(self, pairs: Pairs) -> Reals:
        """The fit of any pairs; 0 where none is listed."""
        if not len(self.pairs):
            return np.zeros(len(pairs))
        at = np.minimum(np.searchsorted(self.pairs, pairs), len(self.pairs) - 1)
        return np.where(self.pairs[at] == pairs, self.fits[at], 0.0)


def is_in(pairs: Pairs, some: Pairs) -> Bools:
    """Which of the pairs are among some (sorted)."""
    if not len(some):
        return np.zeros(len(pairs), bool)
    at = np.minimum(np.searchsorted(some, pairs), len(some) - 1)
    return np.asarray(some[at] == pairs)


def merged(*some: Pairs) -> Pairs:
    """All pairs, sorted, each once (NumPy's unique hashes: minutes for such regular numbers)."""
    every = np.sort(np.concatenate(some))
    return every[np.append(True, np.diff(every) > 0)] if len(every) else every


def from_json(given: Any) -> Instance:
    """An instance of the contract's JSON. Raises BadInstance."""
    try:
        reviewers, bids = given["reviewers"], given["bids"]
        names = [str(one["id"]) for one in reviewers], [str(one["id"]) for one in bids]
        numbers = [{name: at for at, name in enumerate(some)} for some in names]
        for what, some, known in zip(("reviewers", "bids"), names, numbers, strict=True):
            _require(len(some) == len(known), N_("%(what)s: an id stands twice"), what=what)
        width = len(reviewers)
        pairs, fits = _fits(given["fit"], len(bids), width)
        organisations = _numbered([one.get("organisation") for one in reviewers])
        kinds = [one.get("stratum") for one in reviewers]
        strata = _numbered(kinds)
        order = {kind: int(strata[at]) for at, kind in enumerate(kinds) if kind is not None}
        clashes = _pairs(given.get("conflicts", ()), numbers[1], numbers[0], "conflicts")
        keep = ~is_in(pairs, clashes)
        return Instance(
            bids=names[1],
            reviewers=names[0],
            reviews=_counts([one["reviews"] for one in bids], "reviews"),
            loads=_counts([one["max_load"] for one in reviewers], "max_load"),
            pairs=pairs[keep],
            fits=fits[keep],
            conflicts=clashes,
            organisations=organisations,
            strata=np.maximum(strata, 0) if not order else strata,
            minima=_minima(bids, order),
            fixed=_pairs(given.get("fixed", ()), numbers[1], numbers[0], "fixed"),
        )
    except KeyError as missing:
        raise BadInstance(N_("%(what)s is missing"), what=missing.args[0]) from None
    except (TypeError, ValueError, AttributeError) as wrong:
        raise BadInstance(N_("not as the format says (%(why)s)"), why=wrong) from None


def _require(holds: bool, why: str, **parameters: object) -> None:
    if not holds:
        raise BadInstance(why, **parameters)


def _counts(values: list[Any], what: str) -> Ints:
    _require(
        all(type(one) is int and one >= 0 for one in values), N_("%(what)s: not a count"), what=what
    )
    return np.array(values, np.int64)


def _fits(fit: Any, height: int, width: int) -> tuple[Pairs, Reals]:
    rows, cols = np.asarray(fit["rows"]), np.asarray(fit["cols"])
    values = np.asarray(fit["values"], np.float64)
    _require(
        rows.shape == cols.shape == values.shape, N_("fit: rows, cols, values differ in length")
    )
    if not len(values):
        return np.empty(0, np.int64), values
    whole = rows.dtype.kind in "iu" and cols.dtype.kind in "iu"
    _require(whole, N_("fit: rows and cols are places, whole numbers from 0"))
    inside = rows.min() >= 0 and rows.max() < height and cols.min() >= 0 and cols.max() < width
    _require(inside, N_("fit: a row or column that is no bid or no reviewer"))
    _require(bool(((values >= 0) & (values <= 1)).all()), N_("fit: a value outside 0 to 1"))
    pairs = rows.astype(np.int64) * width + cols
    if not (np.diff(pairs) > 0).all():
        order = np.argsort(pairs)
        pairs, values = pairs[order], values[order]
        _require(bool((np.diff(pairs) > 0).all()), N_("fit: a pair stands twice"))
    return pairs, values


def _pairs(given: Iterable[Any], bids: dict[str, int], people: dict[str, int], what: str) -> Pairs:
    """Pairs named by id, or by place where no id is meant."""

    def place(name: Any, known: dict[str, int]) -> int:
        found = known.get(str(name))
        if found is None and type(name) is int and 0 <= name < len(known):
            return name
        _require(found is not None, N_("%(what)s: unknown: %(name)s"), what=what, name=name)
        return int(found or 0)

    width = len(people)
    found = [place(bid, bids) * width + place(person, people) for bid, person in given]
    return merged(np.array(found, np.int64))


def _numbered(names: list[Any]) -> Ints:
    numbers: dict[Any, int] = {}
    return np.array(
        [-1 if name is None else numbers.setdefault(name, len(numbers)) for name in names], np.int64
    )


def _minima(bids: list[Any], strata: dict[Any, int]) -> dict[int, dict[int, int]]:
    found = {}
    for at, bid in enumerate(bids):
        wanted = bid.get("strata") or {}
        unknown = [name for name, least in wanted.items() if least and name not in strata]
        _require(
            not unknown, N_("strata: nobody is of %(names)s"), names=", ".join(map(str, unknown))
        )
        _require(
            sum(wanted.values()) <= bid["reviews"],
            N_("strata: more than the reviews of %(bid)s"),
            bid=bid["id"],
        )
        if wanted:
            found[at] = {strata[name]: least for name, least in wanted.items() if least}
    return found
