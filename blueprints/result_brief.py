"""A unit's figures in short: what is good, what to work on, and one example of how sure they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from blueprints.result_figures import Line, outstanding
from surveyor.releases.enums import ComparedTo, Verdict
from surveyor.releases.spec import Figure

MOST_NAMED = 3  # of what is clearly higher or lower; the table has them all
ENDS = 2  # highest and lowest themes named where nothing is clear
LEAST_LINES = 2 * ENDS


@dataclass(frozen=True)
class Told:
    """Lines of one side, by what they were compared with; None: only the highest or lowest here."""

    against: ComparedTo | None
    lines: tuple[Line, ...]
    n_more: int = 0


@dataclass(frozen=True)
class Brief:
    """Both sides, the line to look at first, and one whose interval shows how sure the figures are."""

    good: tuple[Told, ...]
    weak: tuple[Told, ...]
    first: Line | None
    example: Line | None


def brief(lines: Sequence[Line]) -> Brief:
    """The short of a unit's lines; what is clear goes before what is only highest or lowest."""
    good, weak = _side(lines, Verdict.HIGHER), _side(lines, Verdict.LOWER)
    named = [line for told in (*weak, *good) for line in told.lines]
    first = next((line for told in weak for line in told.lines), None)
    return Brief(good, weak, first, next((line for line in named if line.figure.low is not None), None))


def rest_of(figure: Figure) -> float | None:
    """The index of the rest, where the release has the difference to it."""
    change = figure.rest
    if figure.index is None or change is None or not change.is_shown or change.difference is None:
        return None
    return min(max(figure.index - change.difference, 0.0), 100.0)


def _side(lines: Sequence[Line], side: Verdict) -> tuple[Told, ...]:
    clear = [(against, them) for against, verdict, them in outstanding(lines) if verdict is side]
    if not clear:
        return _ends(lines, side)
    sized = [(against, sorted(them, key=lambda line: -_size(line, against))) for against, them in clear]
    return tuple(
        Told(against, tuple(them[:MOST_NAMED]), max(len(them) - MOST_NAMED, 0)) for against, them in sized
    )


def _ends(lines: Sequence[Line], side: Verdict) -> tuple[Told, ...]:
    """The highest or lowest indexes, but none that is clearly on the other side."""
    other = Verdict.LOWER if side is Verdict.HIGHER else Verdict.HIGHER
    opposed = {
        line.name for _against, verdict, them in outstanding(lines) if verdict is other for line in them
    }
    shown = [line for line in lines if line.figure.is_shown]
    if len(shown) < LEAST_LINES:
        return ()
    ranked = sorted(shown, key=lambda line: line.figure.index or 0.0, reverse=side is Verdict.HIGHER)
    ends = tuple(line for line in ranked[:ENDS] if line.name not in opposed)
    return (Told(None, ends),) if ends else ()


def _size(line: Line, against: ComparedTo) -> float:
    return abs(line.figure.changes[against].difference or 0.0)
