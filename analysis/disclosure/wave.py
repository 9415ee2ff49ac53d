"""Everything of one wave that is decided together: tree, cuts, response rates.

What a wave does not have is left out; ``run_gate`` alone stays the gate of the tree.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.disclosure.classes import RatePattern, rate_pattern
from analysis.disclosure.cutgate import CutPatterns, Kinds, run_cuts
from analysis.disclosure.cuts import CutTable
from analysis.disclosure.gate import GateInput, GateResult, run_gate
from analysis.disclosure.tree import Counts


@dataclass(frozen=True, eq=False)
class WaveInput:
    """Everything one release is decided from; arrays (U, ...) hold each unit with all below it.

    kinds: people by leaf and all cuts at once; invited, answered: (U,) of those with a frame.
    """

    gate: GateInput
    cuts: tuple[CutTable, ...] = ()
    kinds: Kinds | None = None
    invited: Counts | None = None
    answered: Counts | None = None


@dataclass(frozen=True, eq=False)
class WaveResult:
    """Patterns of units, of the groups of every cut, and of response rates."""

    gate: GateResult
    cuts: dict[str, CutPatterns]
    rates: RatePattern | None


def run_wave(given: WaveInput) -> WaveResult:
    """Each class inside the one before; raises ValueError for figures that do not add up."""
    result = run_gate(given.gate)
    rates = None
    if given.invited is not None and given.answered is not None:
        rates = rate_pattern(given.gate.tree, given.invited, given.answered, given.gate.k_mean)
    return WaveResult(result, run_cuts(given.gate, result, given.cuts, given.kinds), rates)
