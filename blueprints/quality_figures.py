"""Released figures about a questionnaire in the order and words of the quality page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from blueprints.result_figures import Labels, Subject
from surveyor.norms.enums import NormKind
from surveyor.norms.spec import Benchmark, Usual
from surveyor.releases import quality_wording as wording
from surveyor.releases.enums import CellKind, MomentMeasure
from surveyor.releases.figures import Key
from surveyor.releases.moment_rows import MomentRow
from surveyor.releases.spec import Figure
from surveyor.releases.wording import Sentence

M = MomentMeasure
Rows = Mapping[tuple[MomentMeasure, str, str], MomentRow]
Pairs = Mapping[tuple[str, str], MomentRow]


@dataclass(frozen=True)
class ItemLine:
    """One item within its scale."""

    label: str
    rest: MomentRow | None
    without: MomentRow | None


@dataclass(frozen=True)
class Matrix:
    """Correlations of scales or items with one another; None on the diagonal."""

    title: str
    labels: tuple[str, ...]
    rows: tuple[tuple[MomentRow | None, ...], ...]


@dataclass(frozen=True)
class ScaleLine:
    """One scale: how its items belong together, and how units differ on it."""

    label: str
    alpha: MomentRow
    sentence: Sentence | None
    items: tuple[ItemLine, ...]
    pairs: Matrix | None
    is_polychoric: bool
    icc1: MomentRow | None
    icc2: MomentRow | None
    ranking: Sentence | None


@dataclass(frozen=True)
class DriverLine:
    """What one scale stands for in the outcome."""

    label: str
    share: MomentRow
    sentence: Sentence | None


@dataclass(frozen=True)
class Drivers:
    """The outcome and what hangs together with it, the most first."""

    outcome: str
    explained: MomentRow
    sentence: Sentence | None
    lines: tuple[DriverLine, ...]


@dataclass(frozen=True)
class NormLine:
    """The wave's index beside what is usual."""

    label: str
    figure: Figure
    usual: Usual
    sentence: Sentence
    is_theme: bool


def keyed(rows: Iterable[MomentRow]) -> Rows:
    """Rows of one unit by what they are about."""
    return {(row.measure, row.subject, row.other): row for row in rows}


def scale_lines(labels: Labels, rows: Rows) -> list[ScaleLine]:
    """Every scale whose items have scores."""
    found = []
    for scale in labels.scales():
        if alpha := rows.get((M.ALPHA, scale.name, "")):
            icc1, icc2 = rows.get((M.ICC1, scale.name, "")), rows.get((M.ICC2, scale.name, ""))
            told = None if alpha.value is None else wording.reliability_sentence(alpha.value)
            ranking = None if icc2 is None or icc2.value is None else wording.ranking_sentence(icc2.value)
            items = tuple(_items(labels, scale.name, rows))
            pairs, is_polychoric = _item_matrix(labels, scale, rows)
            found.append(
                ScaleLine(scale.label, alpha, told, items, pairs, is_polychoric, icc1, icc2, ranking)
            )
    return found


def _items(labels: Labels, scale: str, rows: Rows) -> Iterable[ItemLine]:
    for item in labels.items_of(scale):
        rest, without = (rows.get((m, scale, item.name)) for m in (M.ITEM_REST, M.ALPHA_WITHOUT))
        if rest or without:
            yield ItemLine(labels.item(item).label, rest, without)


def scale_matrix(labels: Labels, rows: Rows, title: str) -> Matrix | None:
    """Every two scales; None where there are not two."""
    names = {scale.name: scale.label for scale in labels.scales()}
    pairs = {k[1:]: row for k, row in rows.items() if k[0] is M.SPEARMAN and {*k[1:]} <= names.keys()}
    return _matrix(title, names, pairs)


def _item_matrix(labels: Labels, scale: Subject, rows: Rows) -> tuple[Matrix | None, bool]:
    """Every two items of a scale: polychoric where any is shown, else ranks, which need fewer answers."""
    names = {item.name: labels.item(item).label for item in labels.items_of(scale.name)}
    mine = {k: row for k, row in rows.items() if k[1] in names and k[2] in names}
    is_polychoric = any(row.is_shown for k, row in mine.items() if k[0] is M.POLYCHORIC)
    wanted = M.POLYCHORIC if is_polychoric else M.SPEARMAN
    pairs = {k[1:]: row for k, row in mine.items() if k[0] is wanted}
    return _matrix(scale.label, names, pairs), is_polychoric


def _matrix(
    title: str, names: Mapping[str, str], pairs: Mapping[tuple[str, str], MomentRow]
) -> Matrix | None:
    used = [name for name in names if any(name in pair for pair in pairs)]
    rows = tuple(tuple(pairs.get((a, b)) or pairs.get((b, a)) for b in used) for a in used)
    return Matrix(title, tuple(names[name] for name in used), rows) if len(used) > 1 else None


def drivers_of(labels: Labels, rows: Rows, outcome: str) -> Drivers | None:
    """What hangs together with the outcome; None without one."""
    explained = rows.get((M.EXPLAINED, outcome, ""))
    if explained is None:
        return None
    name = _label(labels, outcome)
    told = None if explained.value is None else wording.explained_sentence(explained.value, outcome=name)
    others = {scale.name: scale.label for scale in labels.scales()}
    shares = [
        (others[k[2]], row, rows.get((M.DRIVER_R, *k[1:]))) for k, row in rows.items() if k[0] is M.DRIVER
    ]
    lines = [DriverLine(label, share, _driver(share, r, label, name)) for label, share, r in shares]
    lines.sort(key=lambda line: -(line.share.value or 0))
    return Drivers(name, explained, told, tuple(lines))


def _driver(share: MomentRow, r: MomentRow | None, theme: str, outcome: str) -> Sentence | None:
    if share.value is None or share.low is None or share.high is None or r is None or r.value is None:
        return None
    return wording.driver_sentence(share.value, share.low, share.high, r.value, theme=theme, outcome=outcome)


def _label(labels: Labels, name: str) -> str:
    scales = {scale.name: scale.label for scale in labels.scales()}
    return scales.get(name) or labels.item(labels.questionnaire.item(name)).label


def norm_lines(
    labels: Labels, benchmark: Benchmark, unit: str, figures: Mapping[Key, Figure]
) -> list[NormLine]:
    """The unit's shown indexes beside what is usual: scales, then items."""
    scales = [(NormKind.SCALE, CellKind.SCALE, one.name, one.label) for one in labels.scales()]
    items = [
        (NormKind.ITEM, CellKind.ITEM, item.name, labels.item(item).label)
        for item in labels.questionnaire.scored_items
    ]
    found = []
    for norm_kind, kind, name, label in (*scales, *items):
        figure, usual = figures.get((unit, kind, name)), benchmark.figures.get((norm_kind, name))
        if figure and usual:
            ends = (figure.low, figure.high) if figure.is_shown else (None, None)
            told = wording.norm_sentence(*ends, lowest_quarter=usual.low, highest_quarter=usual.high)
            found.append(NormLine(label, figure, usual, told, kind is CellKind.SCALE))
    return found


def alphas_over_time(labels: Labels, waves: Sequence[Rows]) -> list[tuple[str, list[MomentRow | None]]]:
    """Each scale's reliability in every wave."""
    return [
        (scale.label, [rows.get((M.ALPHA, scale.name, "")) for rows in waves]) for scale in labels.scales()
    ]
