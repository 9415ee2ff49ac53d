"""Whether a difference of a unit made of teams holds when teams, not people, carry the evidence. Loads scipy.

Answers within a team resemble one another. Worked out of what the release shows of the lowest units alone, so
it tells nothing that is not shown.
"""

from collections.abc import Iterable, Sequence

from analysis.clustered import clustered_of_figures
from analysis.disclosure.tree import Tree
from analysis.reasons import Reason
from analysis.verdicts import EVIDENCE_P, Verdict
from surveyor.releases.enums import CellKind, CellState, ComparedTo
from surveyor.releases.spec import Row, team_key

LEAST_TEAMS = 3
Figure = tuple[int, float]
Figures = dict[tuple[CellKind, str], dict[str, Figure]]


def between_teams(rows: Sequence[Row], tree: Tree) -> dict[str, dict[str, bool]]:
    """By unit: what is clearly higher or lower than the rest, and whether that holds between teams.

    Only for units with at least three lowest units shown within, and three outside.
    """
    above = {code: _path(tree, place) for place, code in enumerate(tree.codes)}
    lowest = {code for place, code in enumerate(tree.codes) if not tree.children[place]}
    teams = _figures(row for row in rows if row.unit in lowest)
    found: dict[str, dict[str, bool]] = {}
    for row in rows:
        if not _is_sure(row) or row.unit in lowest:
            continue
        mine = teams.get((row.kind, row.item), {})
        inside = [figure for team, figure in mine.items() if row.unit in above[team]]
        outside = [figure for team, figure in mine.items() if row.unit not in above[team]]
        if min(len(inside), len(outside)) >= LEAST_TEAMS:
            holds = _holds(inside, outside, row.difference or 0.0)
            found.setdefault(row.unit, {})[team_key(row.kind, row.item)] = holds
    return found


def _holds(inside: Sequence[Figure], outside: Sequence[Figure], difference: float) -> bool:
    """Whether the teams shown differ the same way, and hardly by chance."""
    told = clustered_of_figures(inside, outside)
    if isinstance(told, Reason):
        return told is Reason.NO_SPREAD  # all teams of a side are alike: nothing speaks against it
    return told.p <= EVIDENCE_P and told.difference * difference > 0


def _is_sure(row: Row) -> bool:
    is_total = row.measure == "index" and row.compared_to == ComparedTo.REST and not row.cut
    return is_total and row.verdict in (Verdict.HIGHER, Verdict.LOWER)


def _path(tree: Tree, place: int) -> frozenset[str]:
    """The codes of a unit and of everything above it."""
    codes = []
    while place >= 0:
        codes.append(tree.codes[place])
        place = int(tree.parent[place])
    return frozenset(codes)


def _figures(rows: Iterable[Row]) -> Figures:
    """n and index of every team, where they are shown."""
    found: Figures = {}
    for row in rows:
        is_bare = row.measure == "index" and not row.compared_to and not row.cut
        if is_bare and row.state is CellState.SHOWN and row.n is not None and row.value is not None:
            found.setdefault((row.kind, row.item), {})[row.unit] = (row.n, row.value)
    return found
