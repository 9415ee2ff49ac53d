"""A unit against the rest of the wave and against its own last wave; adjusted within the unit's families."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from analysis.intervals import welch
from analysis.significance import adjust_bh, mann_whitney, small_sample_factor
from analysis.tables import Scored
from analysis.verdicts import Verdict, verdict
from surveyor.releases.enums import CellKind, CellState, ComparedTo
from surveyor.releases.spec import Row
from surveyor.releases.subjects import Flagged, Side, Subject


@dataclass(frozen=True)
class Comparison:
    """One subject of one unit against another group; hidden when either side is."""

    subject: Subject
    against: ComparedTo
    shown: bool = False
    n: int = 0
    n_other: int = 0
    differences: Mapping[str, float] = field(default_factory=dict)
    halves: Mapping[str, float] = field(default_factory=dict)
    p: float | None = None
    p_adjusted: float | None = None
    effect: float | None = None
    g: float | None = None
    tested: bool = False

    @property
    def verdict(self) -> Verdict:
        """The word for the difference; without a test there are too few answers to say."""
        if not self.tested:
            return Verdict.TOO_FEW
        difference = self.differences.get("index")
        return verdict(self.n, self.n_other, difference, self.g, self.p_adjusted, self.effect)

    def rows(self, unit: str) -> list[Row]:
        """One row for each measure of the subject."""
        return [self._row(unit, measure) for measure in self.subject.factors]

    def _row(self, unit: str, measure: str) -> Row:
        kind, name = self.subject.kind, self.subject.name
        if not self.shown:
            return Row(unit, kind, name, measure, CellState.HIDDEN, compared_to=self.against)
        difference, half = self.differences[measure], self.halves.get(measure)
        return Row(
            unit,
            kind,
            name,
            measure,
            CellState.SHOWN,
            n=self.n,
            low=None if half is None else difference - half,
            high=None if half is None else difference + half,
            compared_to=self.against,
            difference=difference,
            p=self.p,
            p_adjusted=self.p_adjusted,
            effect=self.effect,
            verdict=self.verdict,
        )


def compare(
    subject: Subject, against: ComparedTo, unit: Side, other: Side, *, means: bool, spreads: bool
) -> Comparison:
    """The comparison as far as both sides may be shown: nothing, a difference, or one with a test."""
    differences = {
        measure: centre - reference
        for measure in subject.factors
        if (centre := unit.centres[measure]) is not None and (reference := other.centres[measure]) is not None
    }
    if not means or len(differences) < len(subject.factors):
        return Comparison(subject, against)
    found = Comparison(subject, against, True, unit.table.n, other.table.n, differences)
    return _tested(found, unit, other) if spreads else found


def _tested(found: Comparison, unit: Side, other: Side) -> Comparison:
    """With rank test, effect and Welch's interval."""
    ranks, means = mann_whitney(unit.table, other.table), welch(unit.table, other.table)
    if ranks is None:
        return found
    half = None if means is None else (means.high - means.low) / 2
    return replace(
        found,
        tested=True,
        p=ranks.p,
        effect=ranks.cliffs_delta,
        g=_published_g(found.differences["index"] / found.subject.factors["index"], unit.table, other.table),
        halves={}
        if half is None
        else {measure: half * factor for measure, factor in found.subject.factors.items()},
    )


def _published_g(difference: float, a: Scored, b: Scored) -> float | None:
    """Hedges' g of the published difference: the release alone must be enough to work it out again."""
    if a.variance is None or b.variance is None:
        return None
    df = a.n + b.n - 2
    pooled = ((a.n - 1) * a.variance + (b.n - 1) * b.variance) / df
    return difference / math.sqrt(pooled) * small_sample_factor(df) if pooled > 0 else None


def adjusted(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Benjamini-Hochberg over each family: items against rest, scales against rest, all against last."""
    families: dict[tuple[ComparedTo, CellKind | None], list[int]] = {}
    for place, one in enumerate(comparisons):
        kind = one.subject.kind if one.against is ComparedTo.REST else None
        families.setdefault((one.against, kind), []).append(place)
    done = list(comparisons)
    for places in families.values():
        for place, p in zip(places, adjust_bh([done[place].p for place in places]), strict=True):
            done[place] = replace(done[place], p_adjusted=p)
    return done


def against_rest(subject: Subject, flags: Flagged, roots: Sequence[int], node: int) -> Comparison:
    """A unit against everyone else in the wave; hidden unless the unit and the whole wave are shown."""
    means = bool(flags.mean[node] and all(flags.mean[root] for root in roots))
    if not means:
        return Comparison(subject, ComparedTo.REST)
    spreads = bool(flags.spread[node] and all(flags.spread[root] for root in roots))
    return compare(
        subject, ComparedTo.REST, subject.of(node), subject.rest(node), means=means, spreads=spreads
    )
