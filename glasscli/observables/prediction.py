"""Does structure foretell motion? Correlations with errors, and a linear predictor judged on atoms it never saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Floats
from glasscli.errors import InputError

FOLDS = 5
STRENGTHS = tuple(10.0**k for k in range(-3, 5))  # of the ridge, over the number of atoms trained on
FEWEST = 50  # atoms


@dataclass(frozen=True)
class Correlation:
    """Of one measure with propensity: Pearson's r and Spearman's rho; None where one of them does not vary."""

    pearson: float | None
    spearman: float | None


@dataclass(frozen=True)
class Ridge:
    """A ridge regression of propensity on all measures, judged on slabs of the sample that it was not fitted to.

    score, error      mean R^2 over the slabs left out, its standard error over them
    pearson           of predictions with propensity, each atom by the fit that did not see it; pearson_error over slabs
    shuffled          the same R^2 with propensities dealt to the wrong atoms: what chance gives
    weights           {measure: weight} of the fit to all atoms, per deviation of the measure
    predicted         [n_atoms], each by the fit that did not see it
    """

    score: float
    error: float
    pearson: float
    pearson_error: float
    shuffled: float
    weights: dict[str, float]
    predicted: Floats


def correlation(x: Floats, y: Floats) -> Correlation:
    """Of two columns [n]."""
    from scipy.stats import rankdata

    def pearson(a: Floats, b: Floats) -> float | None:
        if len(a) < 3 or np.ptp(a) <= 1e-12 * np.abs(a).max() or np.ptp(b) <= 1e-12 * np.abs(b).max():
            return None
        return float(np.corrcoef(a, b)[0, 1])

    return Correlation(pearson(x, y), pearson(rankdata(x), rankdata(y)))


def slabs(fractions: Floats, count: int = FOLDS) -> NDArray[np.int64]:
    """[n_atoms] in which of so many slabs of equally many atoms each lies, along the first vector of the box.

    Neighbours are alike, and an atom left out by itself is foretold by them: whole regions are left out instead.
    """
    order = np.argsort(fractions[:, 0], kind="stable")
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.arange(len(order)) * count // len(order)
    return found


def ridge(measures: Mapping[str, Floats], target: Floats, region: NDArray[np.int64], seed: int = 1) -> Ridge:
    """Fit target [n] by measures {name: [n]}; region: [n], which are left out together.

    The strength is chosen for each fit by leaving out regions of those that are left. Raises InputError for too few
    atoms or measures that do not vary.
    """
    columns = {name: np.asarray(x, float) for name, x in measures.items() if np.ptp(x) > 0}
    if len(target) < FEWEST or not columns:
        raise InputError(
            f"{len(target)} atoms and {len(columns)} measures that vary are too few for a predictor"
        )
    table = np.stack(list(columns.values()), axis=1)
    predicted, scores, single = _left_out(table, target, region)
    dealt = np.random.default_rng(seed).permutation(target)
    by_chance = _left_out(table, dealt, region)[1]
    weights = _fit(table, target, _best(table, target, region))[2]
    root = np.sqrt(len(scores))
    return Ridge(
        float(scores.mean()), float(scores.std(ddof=1) / root), float(np.corrcoef(predicted, target)[0, 1]),
        float(single.std(ddof=1) / root), float(by_chance.mean()), dict(zip(columns, map(float, weights), strict=True)),
        predicted,
    )  # fmt: skip


def _left_out(table: Floats, target: Floats, region: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Predictions [n], and R^2 and Pearson's r of each region by fits that did not see it."""
    predicted, scores, single = np.empty(len(target)), [], []
    for k in np.unique(region):
        seen = region != k
        best = _best(table[seen], target[seen], region[seen])
        middle, width, weights, level = _fit_all(table[seen], target[seen], best)
        predicted[~seen] = (table[~seen] - middle) / width @ weights + level
        rest = target[~seen] - predicted[~seen]
        # Against what one knows without structure: the mean of the atoms seen.
        scores.append(1 - (rest**2).sum() / ((target[~seen] - level) ** 2).sum())
        varies = np.ptp(predicted[~seen]) > 0
        single.append(np.corrcoef(predicted[~seen], target[~seen])[0, 1] if varies else 0.0)
    return predicted, np.array(scores), np.array(single)


def _best(table: Floats, target: Floats, region: NDArray[np.int64]) -> float:
    """The strength that foretells regions left out best."""
    errors = np.zeros(len(STRENGTHS))
    for k in np.unique(region):
        seen = region != k
        for n, strength in enumerate(STRENGTHS):
            middle, width, weights, level = _fit_all(table[seen], target[seen], strength)
            errors[n] += ((target[~seen] - (table[~seen] - middle) / width @ weights - level) ** 2).sum()
    return STRENGTHS[int(np.argmin(errors))]


def _fit_all(table: Floats, target: Floats, strength: float) -> tuple[Floats, Floats, Floats, float]:
    middle, width, weights = _fit(table, target, strength)
    return middle, width, weights, float(target.mean())


def _fit(table: Floats, target: Floats, strength: float) -> tuple[Floats, Floats, Floats]:
    """(means, deviations, weights) [m] of standardised columns."""
    middle, width = table.mean(axis=0), table.std(axis=0)
    width = np.where(width > 0, width, 1.0)
    x = (table - middle) / width
    matrix = x.T @ x + strength * len(x) * 1e-2 * np.eye(x.shape[1])
    return middle, width, np.asarray(np.linalg.solve(matrix, x.T @ (target - target.mean())))
