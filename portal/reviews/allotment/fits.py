"""How well an expert fits a bid, 0 to 1: shared disciplines, keywords, and likeness of texts.

Pure: numbers and words in, numbers and words out. Texts are compared by runs of two characters
weighted by how rare they are (TF-IDF, cosine), which needs no dictionary of Chinese words.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array, diags_array

from portal.reviews.assignment.instance import Ints, Pairs, Reals

DISCIPLINES, KEYWORDS, TEXT = 0.5, 0.3, 0.2
"""What each part counts for at most."""
SAME_FIELD = 0.6
"""What a discipline of the first level in common is worth beside one of the second."""
TEXT_FULL = 0.4
"""A likeness of texts that counts in full: a bid and a person's few lines are never the same."""
LISTED = 200
"""The experts that are listed for a bid, the best."""
LEAST = 0.02
FIELD = 3
SLOTS = 1 << 18
AT_ONCE = 256
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Subject:
    """What a bid is about: codes of disciplines, and its text."""

    disciplines: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Knowledge:
    """What an expert knows: codes, keywords, and all that is said of them."""

    disciplines: tuple[str, ...]
    keywords: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Why:
    """What speaks for a pair: shared codes of either level, keywords met, likeness of the texts."""

    disciplines: tuple[str, ...]
    fields: tuple[str, ...]
    keywords: tuple[str, ...]
    text: float

    def kept(self) -> dict[str, Any]:
        """As a pair keeps it."""
        return asdict(self)


def plain(words: str) -> str:
    """Letters and digits only, in one case and one width."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", words).casefold())


class Fits:
    """The fits of all pairs of these bids and experts."""

    def __init__(self, bids: Sequence[Subject], experts: Sequence[Knowledge]) -> None:
        self._bids, self._experts = bids, experts
        self._texts = [plain(one.text) for one in bids]

    def listed(self, report: Report = lambda done, total: None) -> tuple[Pairs, Reals]:
        """The best pairs of each bid, as an instance has them: sorted, with their fits."""
        pairs, fits = [np.empty(0, np.int64)], [np.empty(0)]
        height, width = len(self._bids), len(self._experts)
        for start in range(0, height, AT_ONCE):
            report(start, height)
            block = self._block(slice(start, min(start + AT_ONCE, height)))
            for row, fit in enumerate(block):
                best = _best(fit)
                pairs.append((start + row) * width + best)
                fits.append(fit[best])
        return np.concatenate(pairs), np.concatenate(fits)

    def _block(self, some: slice) -> Reals:
        exact, field = self._codes[some], self._fields[some]
        shared = np.where(exact > 0, 1.0, np.where(field > 0, SAME_FIELD, 0.0))
        met = 1 - 0.5 ** self._keywords[some].toarray()
        near = np.minimum(self._likeness(some) / TEXT_FULL, 1)
        return np.asarray(DISCIPLINES * shared + KEYWORDS * met + TEXT * near)

    def why(self, bid: int, expert: int) -> Why:
        """What speaks for one pair."""
        asked, known = self._bids[bid], self._experts[expert]
        same = set(asked.disciplines) & set(known.disciplines)
        near = {one[:FIELD] for one in asked.disciplines} & {
            one[:FIELD] for one in known.disciplines
        }
        text = self._texts[bid]
        met = tuple(one for one in known.keywords if plain(one) and plain(one) in text)
        left = near - {one[:FIELD] for one in same}
        left_text = self._weights[0][[bid]] @ self._weights[1][[expert]].T
        likeness = round(float(left_text.sum()), 4)
        return Why(tuple(sorted(same)), tuple(sorted(left)), met, likeness)

    def fit(self, bid: int, expert: int) -> float:
        """The fit of one pair."""
        return float(self._block(slice(bid, bid + 1))[0, expert])

    @cached_property
    def _codes(self) -> "_Shared":
        return _Shared(
            [one.disciplines for one in self._bids], [one.disciplines for one in self._experts]
        )

    @cached_property
    def _fields(self) -> "_Shared":
        def levels(some: Sequence[Subject] | Sequence[Knowledge]) -> list[list[str]]:
            return [sorted({code[:FIELD] for code in one.disciplines}) for one in some]

        return _Shared(levels(self._bids), levels(self._experts))

    @cached_property
    def _keywords(self) -> csr_array:
        """Shape (bids, experts): how many keywords of an expert stand in the bid's text."""
        postings = _postings(self._texts)
        owners = defaultdict(list)
        for expert, one in enumerate(self._experts):
            for word in {plain(word) for word in one.keywords} - {""}:
                owners[word].append(expert)
        rows, columns = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for word, people in owners.items():
            bids = self._holding(word, postings)
            rows.append(np.repeat(bids, len(people)))
            columns.append(np.tile(np.array(people, np.int64), len(bids)))
        at = np.concatenate(rows), np.concatenate(columns)
        shape = len(self._bids), len(self._experts)
        return csr_array((np.ones(len(at[0])), at), shape=shape)

    def _holding(self, word: str, postings: dict[int, Ints]) -> Ints:
        """The bids whose text holds a word: those with all its pairs of characters, looked at."""
        nobody = np.empty(0, np.int64)
        found = np.arange(len(self._texts))
        for gram in set(_grams(word).tolist()):
            found = np.intersect1d(found, postings.get(gram, nobody), assume_unique=True)
        return np.array([bid for bid in found.tolist() if word in self._texts[bid]], np.int64)

    @cached_property
    def _weights(self) -> tuple[csr_array, csr_array]:
        """The texts of bids and experts by rare pairs of characters, each of length one."""
        own = [plain(one.text) for one in self._experts]
        counts = _counts([*self._texts, *own])
        spread = np.bincount(counts.indices, minlength=SLOTS)
        rarity = np.log((1 + counts.shape[0]) / (1 + spread)) + 1
        counts.data = (1 + np.log(counts.data)) * rarity[counts.indices]
        lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
        scaled = (diags_array(1 / np.where(lengths > 0, lengths, 1)) @ counts).tocsr()
        return scaled[: len(self._bids)], scaled[len(self._bids) :]

    def _likeness(self, some: slice) -> Reals:
        bids, experts = self._weights
        return np.asarray((bids[some] @ experts.T).toarray())


class _Shared:
    """How many codes bids and experts have in common, some bids at a time."""

    def __init__(self, bids: Sequence[Sequence[str]], experts: Sequence[Sequence[str]]) -> None:
        numbers: dict[str, int] = {}
        for codes in (*bids, *experts):
            for code in codes:
                numbers.setdefault(code, len(numbers))
        self._sides = [_marked(side, numbers) for side in (bids, experts)]

    def __getitem__(self, some: slice) -> Reals:
        bids, experts = self._sides
        return np.asarray((bids[some] @ experts.T).toarray())


def _marked(side: Sequence[Sequence[str]], numbers: dict[str, int]) -> csr_array:
    rows = np.repeat(np.arange(len(side)), [len(codes) for codes in side])
    columns = np.array([numbers[code] for codes in side for code in codes], np.int64)
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(side), len(numbers) or 1))


def _grams(text: str) -> Ints:
    """The pairs of neighbouring characters; of one character alone, nothing."""
    codes = np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.int64)
    return codes[:-1] * (1 << 21) + codes[1:]


def _postings(texts: Sequence[str]) -> dict[int, Ints]:
    found: dict[int, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        for gram in np.unique(_grams(text)).tolist():
            found[gram].append(number)
    return {gram: np.array(some, np.int64) for gram, some in found.items()}


def _counts(texts: Sequence[str]) -> csr_array:
    """Shape (texts, slots): how often each pair of characters stands in a text, by a hash."""
    rows, columns, values = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]
    for number, text in enumerate(texts):
        slots = (_grams(text) * 0x9E37_79B1 >> 7) % SLOTS
        here, times = np.unique(slots, return_counts=True)
        rows.append(np.full(len(here), number))
        columns.append(here)
        values.append(times.astype(float))
    at = np.concatenate(rows), np.concatenate(columns)
    return csr_array((np.concatenate(values), at), shape=(len(texts), SLOTS))


def _best(fits: Reals) -> Ints:
    """The experts that are listed, by their place."""
    some = np.flatnonzero(fits > LEAST)
    if len(some) <= LISTED:
        return some
    order = np.argpartition(-fits[some], LISTED)[:LISTED]
    return np.sort(some[order])
