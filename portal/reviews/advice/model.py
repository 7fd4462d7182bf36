"""Scores without the reviewers' leniency: an additive mixed model with shrinkage.

    total of a sheet = overall mean + quality of the bid + leniency of the reviewer + error

Quality, leniency and error are normal about 0; their variances are estimated by expectation and
maximisation (Dempster, Laird and Rubin 1977), quality and leniency as best linear unbiased predictions
(Henderson 1975), so that few sheets move little. A reviewer whose scores follow nothing that the others
see has errors of a second, larger variance; the chance of it is estimated for each (a mixture of two),
and such sheets weigh less. All of it is advice: the published rule decides.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

Ints = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

STEPS, ENOUGH = 60, 1e-4
ERRATIC = 0.03
"""How common reviewers are whose scores follow nothing, before any sheet is seen."""
WIDER = 4.0
"""Their errors have at least this many times the variance of the others'."""
LEAST = 1e-6


@dataclass(frozen=True)
class Sheets:
    """The sheets of a round: `bids`, `reviewers` (n,) from 0; `totals` (n,) in points of 100."""

    bids: Ints
    reviewers: Ints
    totals: Reals

    @property
    def shape(self) -> tuple[int, int]:
        """How many bids and reviewers."""
        return int(self.bids.max()) + 1, int(self.reviewers.max()) + 1


@dataclass(frozen=True)
class Spread:
    """Standard deviations in points: of quality, leniency, error, and of an erratic reviewer's error."""

    quality: float
    leniency: float
    error: float
    erratic: float


@dataclass(frozen=True)
class Calibration:
    """What the model says; everything in points. Arrays by bid (B,), reviewer (R,) or sheet (n,)."""

    mean: float
    quality: Reals
    quality_error: Reals
    leniency: Reals
    leniency_error: Reals
    erratic: Reals
    """The chance from 0 to 1 that a reviewer's scores follow nothing."""
    surprise: Reals
    """How many standard errors a sheet is from what the model expects of it."""
    spread: Spread
    _draws: "_Solved"

    @property
    def scores(self) -> Reals:
        """Shape (B,): the corrected score of each bid."""
        return self.mean + self.quality

    def among_first(self, count: int, rounds: int = 4000, seed: int = 0) -> Reals:
        """Shape (B,): how often each bid would be among the first `count`, by simulation."""
        ranks = self._ranks(rounds, seed)
        return np.asarray((ranks < count).mean(axis=0))

    def places(self, share: float = 0.9, rounds: int = 4000, seed: int = 0) -> Ints:
        """Shape (B, 2): between which places (from 1) each bid lies with this probability."""
        ranks = self._ranks(rounds, seed)
        edges = np.quantile(ranks, [(1 - share) / 2, (1 + share) / 2], axis=0, method="nearest")
        return (edges.T + 1).astype(np.int64)

    def _ranks(self, rounds: int, seed: int) -> Ints:
        drawn = self._draws.drawn(np.random.default_rng(seed), rounds)
        ranks: Ints = np.argsort(np.argsort(-drawn, axis=1, kind="stable"), axis=1)
        return ranks


@dataclass(frozen=True)
class _Solved:
    """One solution of the mixed-model equations, bids absorbed: effects are leniencies and the mean."""

    effects: Reals
    covariance: Reals
    quality: Reals
    pull: Reals
    """Shape (B, R + 1): how a bid's quality moves with the effects."""
    own: Reals
    """Shape (B,): the variance of a bid's quality were the effects known."""

    @property
    def quality_variance(self) -> Reals:
        return np.asarray(self.own + ((self.pull @ self.covariance) * self.pull).sum(axis=1))

    def fitted_variance(self, sheets: Sheets) -> Reals:
        """Shape (n,): the variance of mean + quality + leniency of each sheet."""
        bids, people = sheets.bids, sheets.reviewers
        last = len(self.effects) - 1
        moved = self.pull @ self.covariance
        mixed = self.covariance
        both = mixed[people, people] + mixed[last, last] + 2 * mixed[people, last]
        across = moved[bids, people] + moved[bids, last]
        return np.asarray(self.quality_variance[bids] + both - 2 * across)

    def drawn(self, draws: np.random.Generator, rounds: int) -> Reals:
        """Shape (rounds, B): qualities as they might be."""
        lower = np.linalg.cholesky(self.covariance + LEAST * np.eye(len(self.covariance)))
        moves = draws.standard_normal((rounds, len(lower))) @ lower.T
        noise = draws.standard_normal((rounds, len(self.quality)))
        return np.asarray(self.quality - moves @ self.pull.T + noise * np.sqrt(self.own))


@dataclass
class _Variances:
    """The variances while they are estimated, and each reviewer's chance of being erratic."""

    quality: float
    leniency: float
    error: float
    wide: float
    erratic: Reals

    @classmethod
    def first_guess(cls, sheets: Sheets) -> "_Variances":
        third = max(float(sheets.totals.var()) / 3, LEAST)
        return cls(third, third, third, WIDER * third, np.zeros(sheets.shape[1]))

    @property
    def precision(self) -> Reals:
        """Shape (R,): how much a sheet of each reviewer says."""
        return (1 - self.erratic) / self.error + self.erratic / self.wide

    def improved(self, sheets: Sheets, solved: _Solved) -> "_Variances":
        """One step of expectation and maximisation."""
        people = sheets.reviewers
        squares = residuals(sheets, solved) ** 2 + solved.fitted_variance(sheets)
        sums = np.bincount(people, squares, len(self.erratic))
        counts = np.bincount(people, minlength=len(self.erratic))
        odds = counts / 2 * np.log(self.error / self.wide)
        odds += sums / 2 * (1 / self.error - 1 / self.wide) + np.log(ERRATIC / (1 - ERRATIC))
        erratic = 1 / (1 + np.exp(-np.clip(odds, -50, 50)))
        steady = (1 - erratic)[people]
        error = max(float((steady * squares).sum() / max(steady.sum(), 1.0)), LEAST)
        wild = float((erratic[people] * squares).sum() / max(erratic[people].sum(), LEAST))
        leniency = solved.effects[:-1] ** 2 + np.diag(solved.covariance)[:-1]
        return _Variances(
            max(float((solved.quality**2 + solved.quality_variance).mean()), LEAST),
            max(float(leniency.mean()), LEAST),
            error,
            max(wild if erratic.sum() > 0.5 else 0.0, WIDER * error),
            erratic,
        )

    def is_near(self, other: "_Variances") -> bool:
        """Whether nothing moves any more."""
        mine = np.array([self.quality, self.leniency, self.error])
        theirs = np.array([other.quality, other.leniency, other.error])
        return bool((np.abs(mine - theirs) <= ENOUGH * (theirs + ENOUGH)).all())


def calibrate(sheets: Sheets) -> Calibration:
    """The model of these sheets. Raises ValueError for fewer than two bids or two reviewers."""
    if min(sheets.shape) < 2:
        raise ValueError("two bids and two reviewers at least")
    variances = _Variances.first_guess(sheets)
    for _ in range(STEPS):
        solved = _solve(sheets, variances)
        better = variances.improved(sheets, solved)
        if better.is_near(variances):
            break
        variances = better
    solved = _solve(sheets, variances)
    scatter = 1 / variances.precision[sheets.reviewers] - solved.fitted_variance(sheets)
    surprise = residuals(sheets, solved) / np.sqrt(np.maximum(scatter, LEAST))
    spread = Spread(
        *np.sqrt([variances.quality, variances.leniency, variances.error, variances.wide]).tolist()
    )
    return Calibration(
        mean=float(solved.effects[-1]),
        quality=solved.quality,
        quality_error=np.sqrt(solved.quality_variance),
        leniency=solved.effects[:-1],
        leniency_error=np.sqrt(np.diag(solved.covariance)[:-1]),
        erratic=variances.erratic,
        surprise=surprise,
        spread=spread,
        _draws=solved,
    )


def residuals(sheets: Sheets, solved: _Solved) -> Reals:
    """Shape (n,): what the model does not explain, in points."""
    fitted = solved.effects[-1] + solved.effects[sheets.reviewers] + solved.quality[sheets.bids]
    return np.asarray(sheets.totals - fitted)


def _solve(sheets: Sheets, variances: _Variances) -> _Solved:
    """Henderson's equations with the bids eliminated: what is left has one row a reviewer."""
    height, width = sheets.shape
    bids, people, totals = sheets.bids, sheets.reviewers, sheets.totals
    weights = variances.precision[people]
    cross = np.zeros((height, width + 1))
    np.add.at(cross, (bids, people), weights)
    cross[:, width] = np.bincount(bids, weights, height)
    own = cross[:, width] + 1 / variances.quality
    sums = np.bincount(people, weights, width)
    inner = np.diag(np.append(sums + 1 / variances.leniency, weights.sum()))
    inner[width, :width] = inner[:width, width] = sums
    pull = cross / own[:, None]
    by_bid = np.bincount(bids, weights * totals, height)
    right = np.append(np.bincount(people, weights * totals, width), (weights * totals).sum())
    factor = cho_factor(inner - cross.T @ pull)
    effects = cho_solve(factor, right - pull.T @ by_bid)
    covariance = cho_solve(factor, np.eye(width + 1))
    quality = by_bid / own - pull @ effects
    return _Solved(effects, covariance, quality, pull, 1 / own)
