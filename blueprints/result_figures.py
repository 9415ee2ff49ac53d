"""Released figures in the order and words of the results pages; only places in pictures are worked out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from surveyor.instruments.spec import Category, Item, Questionnaire
from surveyor.releases.enums import CellKind, ComparedTo, Verdict
from surveyor.releases.figures import Key
from surveyor.releases.spec import Figure, Share, WaveRelease

MAX_DIVERGING = 11
NEAR_ALL = 0.95


@dataclass(frozen=True)
class Subject:
    """A scale or an item by its name and what it is called on the page."""

    kind: CellKind
    name: str
    label: str


@dataclass(frozen=True)
class Bar:
    """How one item was answered: shares in the order of the options; drawn is None where hidden."""

    item: str
    label: str
    shares: tuple[Share, ...]
    drawn: tuple[float, ...] | None
    missing: Share | None
    n: int | None


@dataclass(frozen=True)
class BarGroup:
    """Items with the same answer options, lowest first; ordered options can be drawn to both sides."""

    categories: tuple[str, ...]
    is_ordered: bool
    bars: tuple[Bar, ...]

    @property
    def has_missing(self) -> bool:
        return any(bar.missing for bar in self.bars)


@dataclass(frozen=True)
class Labels:
    """What scales, items and answer options are called in the page's language."""

    questionnaire: Questionnaire
    language: str

    def scales(self) -> list[Subject]:
        asked = self.questionnaire
        return [
            Subject(CellKind.SCALE, s.name, asked.text(s.label, self.language) or s.name)
            for s in asked.scales
        ]

    def headlines(self) -> list[Subject]:
        """The scales; the scored items of a questionnaire without scales."""
        return self.scales() or [self.item(item) for item in self.questionnaire.scored_items]

    def item(self, item: Item) -> Subject:
        return Subject(
            CellKind.ITEM, item.name, self.questionnaire.text(item.label, self.language) or item.name
        )

    def open_label(self, name: str) -> str:
        """What a free-text question is called."""
        return self.item(self.questionnaire.item(name)).label

    def items_of(self, scale: str) -> list[Item]:
        """The items of a scale, in its own order; raises KeyError for an unknown scale."""
        names = {one.name: one.items for one in self.questionnaire.scales}[scale]
        return [self.questionnaire.item(name) for name in names]

    def other_items(self) -> list[Item]:
        """Items with results that belong to no scale."""
        in_scales = {name for scale in self.questionnaire.scales for name in scale.items}
        return [item for item in self.questionnaire.substance_items if item.name not in in_scales]

    def score_range(self, item: Item) -> tuple[float, float] | None:
        found = self.questionnaire.score_range(item)
        return None if found is None else (float(found[0]), float(found[1]))

    def options(self, item: Item) -> list[Category]:
        """The options of substance, the lowest score first."""
        options = self.questionnaire.list_of(item)
        if not options.scored:
            return list(options.valid)
        return sorted(options.valid, key=lambda option: option.score or 0)

    def distributions(self, items: Iterable[Item], figures: Mapping[str, Figure]) -> list[BarGroup]:
        """Items in groups that stand together and have the same options."""
        groups = []
        for _code_list, members in groupby(items, key=lambda item: self.questionnaire.list_of(item).name):
            mine = list(members)
            options = self.options(mine[0])
            names = tuple(self.questionnaire.text(o.label, self.language) or o.code for o in options)
            is_ordered = self.questionnaire.score_range(mine[0]) is not None and len(options) <= MAX_DIVERGING
            bars = tuple(self._bar(item, figures.get(item.name), options) for item in mine)
            groups.append(BarGroup(names, is_ordered, bars))
        return groups

    def _bar(self, item: Item, figure: Figure | None, options: Sequence[Category]) -> Bar:
        found = {share.code: share for share in figure.shares} if figure else {}
        shares = tuple(found.get(o.code) or Share(f"share:{o.code}", False) for o in options)
        n = next((share.n for share in shares if share.is_shown), None)
        label = self.item(item).label
        missing = figure.missing if figure else None
        return Bar(item.name, label, shares, drawn_shares(shares), missing, n)


def drawn_shares(shares: Sequence[Share]) -> tuple[float, ...] | None:
    """Widths that add up to 1: bands share what the exact ones leave; None when a share is hidden."""
    if not shares or not all(share.is_shown for share in shares):
        return None
    near_all = [share.is_band and (share.low or 0) > 0.5 for share in shares]
    left = max(0.0, 1 - sum(share.value or 0 for share in shares))
    n_narrow = sum(share.is_band for share in shares) - sum(near_all)
    narrow = (left * (1 - NEAR_ALL) if any(near_all) else left) / max(n_narrow, 1)
    wide = left * NEAR_ALL if n_narrow else left
    return tuple(
        (wide if near else narrow) if share.is_band else share.value or 0.0
        for share, near in zip(shares, near_all, strict=True)
    )


@dataclass(frozen=True)
class Line:
    """One row of a table: a subject, or a unit, and its figure."""

    name: str
    label: str
    figure: Figure


def subject_lines(subjects: Iterable[Subject], unit: str, figures: Mapping[Key, Figure]) -> list[Line]:
    """A unit's figure on every subject."""
    return [Line(s.name, s.label, _figure(figures, unit, s)) for s in subjects]


def unit_lines(
    units: Iterable[tuple[str, str]], subject: Subject, figures: Mapping[Key, Figure]
) -> list[Line]:
    """Every unit's figure on one subject; units as (code, name)."""
    return [Line(code, name, _figure(figures, code, subject)) for code, name in units]


def _figure(figures: Mapping[Key, Figure], unit: str, subject: Subject) -> Figure:
    key = (unit, subject.kind, subject.name)
    return figures.get(key) or Figure(*key)


def any_hidden(*figures: Figure | Share | None) -> bool:
    """Whether one of them bears the mark of what is not shown, itself or for a comparison."""
    return any(
        figure is not None
        and not (figure.is_shown and all(c.is_shown for c in getattr(figure, "changes", {}).values()))
        for figure in figures
    )


def outstanding(lines: Iterable[Line]) -> list[tuple[ComparedTo, Verdict, list[Line]]]:
    """What is clearly higher or lower, by what it was compared with; only what there is any of."""
    kept = list(lines)
    found = []
    for against in ComparedTo:
        for verdict in (Verdict.HIGHER, Verdict.LOWER):
            them = [
                line for line in kept
                if (change := line.figure.changes.get(against)) and change.verdict is verdict
            ]  # fmt: skip
            if them:
                found.append((against, verdict, them))
    return found


@dataclass(frozen=True)
class History:
    """A unit's figures by name in each of some waves, the oldest first."""

    waves: tuple[WaveRelease, ...]
    figures: tuple[Mapping[str, Figure], ...]

    def of(self, name: str) -> list[Figure | None]:
        """One subject in every wave; None where it was not asked."""
        return [found.get(name) for found in self.figures]

    def line(self, name: str) -> list[tuple[float | None, float | None, float | None]]:
        """Index, low and high in every wave; None where nothing is shown."""
        return [(f.index, *f.ends) if f and f.is_shown else (None, None, None) for f in self.of(name)]
