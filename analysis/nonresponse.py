"""How those who answered differ from those who were asked, by what the register knows of both.

Counts by cell of the register variables: invited (M,) and answered (M,), with each cell's category of every
variable (M, V). Only for large groups: the indicator is biased low for small ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from analysis.proportions import ChiSquare, chi_square
from analysis.reasons import Reason

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
LEAST_INVITED = 300
GREEN_CV, YELLOW_CV = 0.10, 0.20
LOW_RATE = 0.5
_ROUNDS = 100


class Caution(StrEnum):
    """What a page must say beside its figures."""

    LOW_RATE = "low_rate"
    UNEVEN = "uneven"
    SOMEWHAT_UNEVEN = "somewhat_uneven"


@dataclass(frozen=True)
class CategoryPart:
    """One category: invited, answered and its part in the unevenness (below 0: answers too seldom)."""

    category: int
    invited: int
    answered: int
    partial: float


@dataclass(frozen=True)
class VariablePart:
    """One register variable: does the response differ, and how much of the unevenness lies along it."""

    chi_square: ChiSquare | Reason
    partial: float
    categories: tuple[CategoryPart, ...]


@dataclass(frozen=True)
class Representativity:
    """R = 1 - 2 sd(rho), CV = sd(rho) / mean(rho) over everybody invited, with its parts and cautions."""

    n: int
    rate: float
    r: float
    cv: float
    variables: tuple[VariablePart, ...]
    cautions: tuple[Caution, ...]


def representativity(
    invited: Ints, answered: Ints, categories: Ints, least: int = LEAST_INVITED
) -> Representativity | Reason:
    """R-indicator with partial indicators; response by logit on the register variables (main effects).

    Schouten, Cobben and Bethlehem (2009). ValueError unless 0 <= answered <= invited in every cell.
    """
    if np.any(answered < 0) or np.any(answered > invited):
        raise ValueError("answered must lie in 0..invited")
    some = invited > 0
    invited, answered, categories = invited[some], answered[some], categories[some]
    n = int(invited.sum())
    if n < max(2, least):
        return Reason.TOO_FEW
    rate = int(answered.sum()) / n
    if rate in (0.0, 1.0):
        return Reason.ONE_OPTION
    rho = propensities(invited, answered, categories)
    if rho is None:
        return Reason.SEPARATED
    mean = float(invited @ rho) / n
    spread = math.sqrt(float(invited @ (rho - mean) ** 2) / (n - 1))
    parts = tuple(
        _variable(invited, answered, rho, mean, categories[:, v]) for v in range(categories.shape[1])
    )
    cv = spread / mean
    return Representativity(n, rate, 1 - 2 * spread, cv, parts, cautions(rate, cv))


def propensities(invited: Ints, answered: Ints, categories: Ints) -> Floats | None:
    """(M,) fitted chance of an answer in each cell, most likely by Newton's steps. R: ``glm(binomial)``.

    None when it does not settle (a category in which all or none answered).
    """
    design = _design(categories)
    b = np.zeros(design.shape[1])
    b[0] = math.log(answered.sum() / (invited.sum() - answered.sum()))
    for _ in range(_ROUNDS):
        rho = 1 / (1 + np.exp(-design @ b))
        information = design.T @ (design * (invited * rho * (1 - rho))[:, None])
        step, *_ = np.linalg.lstsq(information, design.T @ (answered - invited * rho), rcond=1e-12)
        b = b + step
        if np.max(np.abs(b)) > 25:
            return None
        if np.max(np.abs(step)) < 1e-12:
            return np.asarray(1 / (1 + np.exp(-design @ b)))
    return None


def _design(categories: Ints) -> Floats:
    """Intercept and a column for each category but the first of every variable."""
    columns = [np.ones(len(categories))]
    for variable in categories.T:
        columns += [(variable == value).astype(np.float64) for value in np.unique(variable)[1:]]
    return np.stack(columns, axis=1)


def _variable(invited: Ints, answered: Ints, rho: Floats, mean: float, category: Ints) -> VariablePart:
    """Unconditional partial indicators of one variable, signed for its categories."""
    n, parts = int(invited.sum()), []
    for value in np.unique(category).tolist():
        here = category == value
        size = int(invited[here].sum())
        gap = float(invited[here] @ rho[here]) / size - mean
        parts.append(CategoryPart(value, size, int(answered[here].sum()), math.sqrt(size / n) * gap))
    table = [[part.answered, part.invited - part.answered] for part in parts]
    return VariablePart(
        chi_square(table), math.sqrt(math.fsum(part.partial**2 for part in parts)), tuple(parts)
    )


def cautions(rate: float, cv: float) -> tuple[Caution, ...]:
    """Below half answered, or a response more uneven than a CV of .10 (.20)."""
    found = [Caution.LOW_RATE] if rate < LOW_RATE else []
    if cv > YELLOW_CV:
        found.append(Caution.UNEVEN)
    elif cv >= GREEN_CV:
        found.append(Caution.SOMEWHAT_UNEVEN)
    return tuple(found)


def early_and_late(early: Sequence[int], late: Sequence[int]) -> ChiSquare | Reason:
    """Do late answers differ from early ones? Counts by option; a hint of what the silent might have said."""
    return chi_square([list(early), list(late)])
