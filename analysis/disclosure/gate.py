"""The gate: which unit may show which item, for means (k = 5) and for distributions and tests (k = 10).

Steps of the method, on one tree: the basis "all respondents" first, then every item inside its pattern; means
first, then everything that shows spread inside the pattern of means. Only more may be hidden at each turn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.disclosure.content import Proof, hide_proved
from analysis.disclosure.floors import K_MEAN_FLOOR, K_SPREAD_FLOOR
from analysis.disclosure.rules import (
    NO_FRAME,
    About,
    AnswerSet,
    ItemTable,
    each_option,
    ends,
    too_few_invited,
    unanimous,
)
from analysis.disclosure.tree import Counts, Flags, Tree, best_pattern, check_additive


@dataclass(frozen=True, eq=False)
class ScaleTable:
    """A scale: its items by name, respondents with at least half of them, units whose scores are all equal.

    n: (U,) int64 including all below; constant: (U,).
    """

    name: str
    items: tuple[str, ...]
    n: Counts
    constant: Flags


@dataclass(frozen=True, eq=False)
class GateInput:
    """Everything the gate decides from. All arrays hold, for each unit, the sum of everything below it.

    n: (U,) respondents; invited: (U,) or None, -1 for a unit without a sampling frame.
    """

    tree: Tree
    n: Counts
    items: tuple[ItemTable, ...]
    scales: tuple[ScaleTable, ...] = ()
    invited: Counts | None = None
    k_mean: int = K_MEAN_FLOOR
    k_spread: int = K_SPREAD_FLOOR

    def __post_init__(self) -> None:
        """Raise ValueError for thresholds below the floors, repeated names or figures that do not add up."""
        if self.k_mean < K_MEAN_FLOOR or self.k_spread < max(K_SPREAD_FLOOR, self.k_mean):
            raise ValueError("thresholds lie below the floors")
        names = [item.name for item in self.items]
        if len(set(names)) != len(names):
            raise ValueError("item names must be unique")
        if any(not scale.items or set(scale.items) - set(names) for scale in self.scales):
            raise ValueError("a scale names an item that is not there")
        check_additive(self.tree, self.n, "respondents")
        for item in self.items:
            check_additive(self.tree, item.counts, item.name)
        for scale in self.scales:
            check_additive(self.tree, scale.n, scale.name)


@dataclass(frozen=True, eq=False)
class Pattern:
    """What one measure class may show of one basis, by unit, and why not. Reasons are internal.

    shown: (U,); primary: (U,) hidden for its own sake or by an earlier pattern; secondary: (U,) hidden by the
    optimum to protect others; proofs: units hidden in step 5.
    """

    shown: Flags
    primary: Flags
    secondary: Flags
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, eq=False)
class ItemPatterns:
    """One item: pattern for n, mean and index; pattern for distribution, SD, interval and tests."""

    mean: Pattern
    spread: Pattern


@dataclass(frozen=True, eq=False)
class ScalePatterns:
    """One scale: units that may show the index (all items open), pattern for SD, interval and tests."""

    index: Flags
    spread: Pattern


@dataclass(frozen=True, eq=False)
class GateResult:
    """Patterns of all respondents (mean: n and response rate), of every item and of every scale."""

    tree: Tree
    everyone: ItemPatterns
    items: dict[str, ItemPatterns]
    scales: dict[str, ScalePatterns]

    def shown(self, about: About, *, spread: bool) -> Flags:
        """(U,) what is shown of a basis; of a scale its spread."""
        kind, name = about
        if kind == "scale":
            return self.scales[name].spread.shown
        one = self.items[name] if kind == "item" else self.everyone
        return one.spread.shown if spread else one.mean.shown


def run_gate(given: GateInput) -> GateResult:
    """Steps 0-2, 4, 5 and the index rule for both measure classes; deterministic in the unit codes."""
    everyone = _everyone(given)
    means = _item_means(given, everyone.mean)
    spreads = _item_spreads(given, everyone.spread, means)
    items = {
        item.name: ItemPatterns(mean, spread)
        for item, mean, spread in zip(given.items, means, spreads, strict=True)
    }
    return GateResult(given.tree, everyone, items, _scales(given, everyone, items))


def _everyone(given: GateInput) -> ItemPatterns:
    """The base patterns: respondents, whatever they answered."""
    barred = np.zeros((1, len(given.tree)), dtype=np.bool_)
    few = too_few_invited(given.invited, given.k_mean)
    mean = _patterns(given.tree, given.n[None], barred if few is None else few[None], given.k_mean)[0]
    few = too_few_invited(given.invited, given.k_spread)
    inside = ~mean.shown if few is None else ~mean.shown | few
    return ItemPatterns(mean, _patterns(given.tree, given.n[None], inside[None], given.k_spread)[0])


def _patterns(tree: Tree, n: Counts, barred: Flags, k: int) -> list[Pattern]:
    """Steps 1 and 2 for several bases at once: n and barred are (I, U)."""
    primary = barred | (n < k) | tree.never_cell
    shown = best_pattern(tree, n, ~primary, k)
    return [Pattern(one, first, ~one & ~first) for one, first in zip(shown, primary, strict=True)]


def _item_means(given: GateInput, base: Pattern) -> list[Pattern]:
    """Step 4 and 5 for means: inside the base pattern, with rule H; sums may not be forced to an end."""
    outer = [~base.shown] * len(given.items)
    return _item_class(given, outer, given.k_mean, [ends(item.scores) for item in given.items])


def _item_spreads(given: GateInput, base: Pattern, means: list[Pattern]) -> list[Pattern]:
    """Step 4 and 5 for option counts: inside the spread base and the item's means; no option proved."""
    outer = [~base.shown | ~mean.shown for mean in means]
    return _item_class(given, outer, given.k_spread, [each_option(item) for item in given.items])


def _item_class(
    given: GateInput, outer: list[Flags], k: int, sets: list[tuple[AnswerSet, ...]]
) -> list[Pattern]:
    """Optimum for every item inside its outer pattern, then step 5."""
    if not given.items:
        return []
    n = np.stack([item.n for item in given.items])
    barred = np.stack([hidden | unanimous(item) for hidden, item in zip(outer, given.items, strict=True)])
    found = _patterns(given.tree, n, barred, k)
    return [
        _with_content(given.tree, pattern, item, answers)
        for pattern, item, answers in zip(found, given.items, sets, strict=True)
    ]


def _with_content(tree: Tree, pattern: Pattern, item: ItemTable, sets: tuple[AnswerSet, ...]) -> Pattern:
    """Step 5 for one item."""
    shown, proofs = hide_proved(tree, pattern.shown, item.counts, sets)
    return replace(pattern, shown=shown, proofs=proofs) if proofs else pattern


def _scales(
    given: GateInput, everyone: ItemPatterns, items: dict[str, ItemPatterns]
) -> dict[str, ScalePatterns]:
    """Index rule: open only where every item is, and with k respondents; its spread is a basis of its own."""
    if not given.scales:
        return {}
    index = [
        np.all([items[name].mean.shown for name in scale.items], axis=0) & (scale.n >= given.k_mean)
        for scale in given.scales
    ]
    barred = [
        np.any([~items[name].spread.shown for name in scale.items], axis=0) | scale.constant | ~opened
        for scale, opened in zip(given.scales, index, strict=True)
    ]
    n = np.stack([scale.n for scale in given.scales])
    spreads = _patterns(given.tree, n, np.stack(barred) | ~everyone.spread.shown, given.k_spread)
    return {
        scale.name: ScalePatterns(opened, spread)
        for scale, opened, spread in zip(given.scales, index, spreads, strict=True)
    }


__all__ = [
    "NO_FRAME",
    "GateInput",
    "GateResult",
    "ItemPatterns",
    "ItemTable",
    "Pattern",
    "ScalePatterns",
    "ScaleTable",
    "run_gate",
]
