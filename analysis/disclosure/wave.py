"""All measure classes of one wave: tree, cuts, text, moments, weights, response rates, earlier releases.

What a wave does not have is left out; ``run_gate`` alone stays the gate of the tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from analysis.disclosure.auditor import Finding, audit, audit_cells, cells_of_tree
from analysis.disclosure.classes import (
    K_TEXT,
    RatePattern,
    WeightTable,
    class_pattern,
    rate_pattern,
    text_pattern,
    weighted_pattern,
)
from analysis.disclosure.cut_auditor import audit_cut
from analysis.disclosure.cutgate import CutPatterns, Kinds, run_cuts
from analysis.disclosure.cuts import CutTable
from analysis.disclosure.earlier import Crossing, Leak, Published, cut_family, second_release
from analysis.disclosure.gate import GateInput, GateResult, run_gate
from analysis.disclosure.joint_auditor import tells_of_few
from analysis.disclosure.rules import AnswerSet
from analysis.disclosure.together import Known
from analysis.disclosure.tree import Counts, Flags

_SIDES = (AnswerSet("silent", (0,)), AnswerSet("answered", (1,)))


@dataclass(frozen=True, eq=False)
class Moment:
    """A figure that rests on several items at once: complete cases n (U,), threshold k."""

    n: Counts
    k: int


@dataclass(frozen=True, eq=False)
class EarlierRelease:
    """A frozen release of the same answers: units shown, and where everybody was counted then and now.

    spread: units whose spread was shown, None when none was. cuts: name of a cut of the new release, a family
    of the earlier one (totals or cells), and where everybody was then and is now in ``earlier.cut_family``.
    """

    mean: Published
    crossing: Crossing
    spread: Published | None = None
    cuts: tuple[tuple[str, Published, Crossing], ...] = ()


@dataclass(frozen=True, eq=False)
class WaveInput:
    """Everything one release is decided from; arrays (U, ...) hold each unit with all below it.

    kinds: people by leaf and all cuts at once. texts: item -> (U,) comments; moments: name -> Moment;
    invited, answered: (U,) of those with a frame.
    """

    gate: GateInput
    cuts: tuple[CutTable, ...] = ()
    kinds: Kinds | None = None
    texts: Mapping[str, Counts] = field(default_factory=dict)
    moments: Mapping[str, Moment] = field(default_factory=dict)
    weights: WeightTable | None = None
    invited: Counts | None = None
    answered: Counts | None = None
    earlier: tuple[EarlierRelease, ...] = ()
    k_text: int = K_TEXT


@dataclass(frozen=True, eq=False)
class WaveResult:
    """Patterns of every class; ``refused``: what earlier releases reveal with it (publish only if empty)."""

    gate: GateResult
    cuts: dict[str, CutPatterns]
    texts: dict[str, Flags]
    moments: dict[str, Flags]
    weighted: Flags | None
    rates: RatePattern | None
    refused: tuple[Leak, ...]


def run_wave(given: WaveInput) -> WaveResult:
    """Each class inside the one before; raises ValueError for figures that do not add up."""
    tree = given.gate.tree
    result = run_gate(given.gate)
    cuts = run_cuts(given.gate, result, given.cuts, given.kinds)
    spread, mean = result.everyone.spread.shown, result.everyone.mean.shown
    rates = None
    if given.invited is not None and given.answered is not None:
        rates = rate_pattern(tree, given.invited, given.answered, given.gate.k_mean)
    weighted = None
    if given.weights is not None:
        weighted = weighted_pattern(tree, given.weights, given.gate.n, mean, given.gate.k_mean)
    return WaveResult(
        gate=result,
        cuts=cuts,
        texts={name: text_pattern(tree, n, spread, given.k_text) for name, n in given.texts.items()},
        moments={
            name: class_pattern(tree, one.n, spread, max(one.k, given.gate.k_spread))
            for name, one in given.moments.items()
        },
        weighted=weighted,
        rates=rates,
        refused=tuple(_refused(given, result, cuts)),
    )


def _refused(given: WaveInput, result: GateResult, cuts: Mapping[str, CutPatterns]) -> list[Leak]:
    """Leaks between the new patterns of all respondents and every earlier release."""
    tree, k = given.gate.tree, given.gate.k_mean
    found: list[Leak | None] = []
    for earlier in given.earlier:
        now = Published(tree, result.everyone.mean.shown)
        found.append(second_release(earlier.mean, now, earlier.crossing, k))
        if earlier.spread is not None:
            now = Published(tree, result.everyone.spread.shown)
            found.append(second_release(earlier.spread, now, earlier.crossing, given.gate.k_spread))
        for name, before, crossing in earlier.cuts:
            now = cut_family(tree, cuts[name].everyone.mean.shown)
            found.append(second_release(before, now, crossing, k))
    return [leak for leak in found if leak is not None]


def audit_wave(given: WaveInput, result: WaveResult, items: frozenset[str] | None = None) -> list[Finding]:
    """All holes an independent attacker finds; ``items``: those whose cuts are examined, all by default."""
    tree = given.gate.tree
    found = audit(given.gate, result.gate)
    for patterns in result.cuts.values():
        asked = patterns.items if items is None else items & set(patterns.items)
        found += audit_cut(given.gate, result.gate, patterns, asked)
    for name, n in given.texts.items():
        found += audit_cells(cells_of_tree(tree, result.texts[name], n[:, None]), given.k_text, name)
    for name, one in given.moments.items():
        found += audit_cells(cells_of_tree(tree, result.moments[name], one.n[:, None]), one.k, name)
    found += [Finding("earlier release", "everyone", ",".join(leak.now), leak.n) for leak in result.refused]
    return found + _audit_together(given, result) + _audit_rates(given, result)


def _audit_together(given: WaveInput, result: WaveResult) -> list[Finding]:
    """Totals and all cuts as one system, for every basis that all cuts hold."""
    found, known = list[Finding](), Known()
    for about, spread in product(given.kinds.n if given.kinds and len(given.cuts) > 1 else (), (False, True)):
        assert given.kinds is not None, "there are kinds"
        totals = result.gate.shown(about, spread=spread)
        shown = {name: one.shown(about, spread=spread) for name, one in result.cuts.items()}
        cells = {name: flags for name, flags in shown.items() if flags is not None}
        k = given.gate.k_spread if spread else given.gate.k_mean
        if tells_of_few(given.gate.tree, given.kinds, about, totals, cells, k, known):
            found.append(Finding("link", " ".join((*cells, about[1])), "", 0))
    return found


def _audit_rates(given: WaveInput, result: WaveResult) -> list[Finding]:
    """Cells and groups of response rates: at least k invited, three silent, somebody who answered."""
    if result.rates is None or given.invited is None or given.answered is None:
        return []
    counts = np.stack([given.invited - given.answered, given.answered], axis=1)
    cells = cells_of_tree(given.gate.tree, result.rates.exact, counts, _SIDES)
    return audit_cells(cells, given.gate.k_mean, "response rate", _SIDES)
