"""Which released waves and which of their units the signed-in account may see, on the tree of the wave."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import cast

from flask import abort, g

from blueprints.access import granted_units
from blueprints.request_scope import session
from surveyor.accounts.enums import Role
from surveyor.releases.queries import release_tree, released_waves, restated_for
from surveyor.releases.spec import WaveRelease
from surveyor.units.queries import tree_in_force
from surveyor.units.spec import UnitNode, UnitTree

READERS = (Role.HR, Role.SURVEY_ADMIN, Role.DIRECTOR, Role.LEADER)
TAKERS = (Role.HR, Role.SURVEY_ADMIN, Role.DIRECTOR)


@dataclass(frozen=True)
class Sight:
    """A released wave as far as one may see it: codes of its units to read, and to take away as files."""

    wave: WaveRelease
    tree: UnitTree
    readable: frozenset[str]
    takeable: frozenset[str]

    @cached_property
    def tops(self) -> tuple[UnitNode, ...]:
        """The highest units one may see."""
        return tuple(n for n in self.tree if n.code in self.readable and n.parent not in self.readable)

    def path(self, code: str) -> list[UnitNode]:
        """From the highest unit one may see down to a unit."""
        return [node for node in self.tree.path(code) if node.code in self.readable]


@dataclass(frozen=True)
class Place:
    """One unit of a wave one may see."""

    sight: Sight
    unit: UnitNode

    @property
    def wave(self) -> WaveRelease:
        return self.sight.wave

    @property
    def children(self) -> tuple[UnitNode, ...]:
        return self.sight.tree.children[self.unit.code]

    @property
    def may_take(self) -> bool:
        return self.unit.code in self.sight.takeable


def visible_waves() -> list[Sight]:
    """Released waves with a unit the account may see, the newest first."""
    return [sight for wave in released_waves(session()) if (sight := sight_of(wave)).readable]


def sight_of(wave: WaveRelease) -> Sight:
    """What the account may see of a wave: a role reaches what lay below its unit when the wave opened."""
    tree, then = release_tree(session(), wave_id=wave.wave_id), tree_on(wave.opens)
    readable, takeable = (granted_units(*them, tree=then) & set(tree.nodes) for them in (READERS, TAKERS))
    return Sight(wave, tree, readable, takeable)


def require_wave(code: str) -> Sight:
    """The wave; 404 unless it is released and has a unit one may see."""
    found = (wave for wave in released_waves(session()) if wave.wave_code == code)
    sight = next(map(sight_of, found), None)
    return sight if sight and sight.readable else abort(404)


def require_place(wave_code: str, code: str, *, to_take: bool = False) -> Place:
    """The unit of a wave; 404 for one that one may not see, or not take away."""
    sight = require_wave(wave_code)
    if code not in (sight.takeable if to_take else sight.readable):
        abort(404)
    return Place(sight, sight.tree.nodes[code])


def waves_of_unit(place: Place) -> list[WaveRelease]:
    """Every released wave of the same survey in which one may see the unit, the oldest first.

    A wave before a reorganisation stands with its restated figures, where there are any for the unit.
    """
    restated = restated_for(session(), wave_id=place.wave.wave_id, unit=place.unit.code)
    found = []
    for wave in reversed(released_waves(session(), survey_id=place.wave.survey_id)):
        if other := restated.get(wave.wave_id):
            found.append(replace(wave, release_id=other.id, method=other.method))
        elif place.unit.code in sight_of(wave).readable:
            found.append(wave)
    return found


def tree_on(day: date) -> UnitTree:
    """The tree of a day, read once a request."""
    trees = g.setdefault("result_trees", {})
    if day not in trees:
        trees[day] = tree_in_force(session(), day)
    return cast(UnitTree, trees[day])
