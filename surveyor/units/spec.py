"""The unit tree of one day as plain frozen objects."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID


@dataclass(frozen=True)
class UnitNode:
    """One unit as it was on the day."""

    id: UUID
    code: str
    name: str
    type: str
    parent: str | None

    @property
    def place(self) -> tuple[str, str, str | None]:
        """What a new version records."""
        return self.name, self.type, self.parent


@dataclass(frozen=True)
class UnitName:
    """A unit as it is named now, or was when it ended."""

    code: str
    name: str
    type: str


@dataclass(frozen=True)
class UnitRow:
    """One row of a unit file; from_codes are the units it was merged or split from."""

    code: str
    name: str
    type: str
    parent: str | None
    from_codes: tuple[str, ...] = ()
    number: int | None = None

    @property
    def place(self) -> tuple[str, str, str | None]:
        return self.name, self.type, self.parent


@dataclass(frozen=True)
class ImportReport:
    """What a new tree changed from its day on, by unit code; moved units are among the changed."""

    on: date
    n_units: int
    started: tuple[str, ...]
    ended: tuple[str, ...]
    moved: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        return {
            "n_units": self.n_units,
            "n_started": len(self.started),
            "n_ended": len(self.ended),
            "n_moved": len(self.moved),
            "n_changed": len(self.changed),
        }


@dataclass(frozen=True)
class UnitTree:
    """Units in topological order (root first, siblings by code), keyed by code."""

    nodes: Mapping[str, UnitNode]

    @classmethod
    def of(cls, nodes: Iterable[UnitNode]) -> "UnitTree":
        """Order nodes root first; a node whose parent is not among them counts as a root."""
        by_code = {node.code: node for node in nodes}
        below: dict[str | None, list[UnitNode]] = {}
        for node in by_code.values():
            below.setdefault(node.parent if node.parent in by_code else None, []).append(node)
        ordered: dict[str, UnitNode] = {}
        stack = sorted(below.get(None, []), key=lambda n: n.code, reverse=True)
        while stack:
            node = stack.pop()
            ordered[node.code] = node
            stack += sorted(below.get(node.code, []), key=lambda n: n.code, reverse=True)
        return cls(ordered)

    def __contains__(self, code: object) -> bool:
        return code in self.nodes

    def __iter__(self) -> Iterator[UnitNode]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def by_id(self) -> Mapping[UUID, UnitNode]:
        return {node.id: node for node in self.nodes.values()}

    @cached_property
    def children(self) -> Mapping[str, tuple[UnitNode, ...]]:
        """Children of every unit, by code; leaves have an empty tuple."""
        found: dict[str, list[UnitNode]] = {code: [] for code in self.nodes}
        for node in self.nodes.values():
            if node.parent in found:
                found[node.parent].append(node)
        return {code: tuple(kids) for code, kids in found.items()}

    @property
    def root(self) -> UnitNode | None:
        return next(iter(self.nodes.values()), None)

    def subtree_codes(self, code: str) -> tuple[str, ...]:
        """The unit and everything below it, topological order; empty for an unknown code."""
        if code not in self.nodes:
            return ()
        found, stack = [], [code]
        while stack:
            here = stack.pop()
            found.append(here)
            stack += [kid.code for kid in reversed(self.children[here])]
        return tuple(found)

    def path(self, code: str) -> tuple[UnitNode, ...]:
        """From the root down to the unit."""
        steps: list[UnitNode] = []
        node = self.nodes.get(code)
        while node:
            steps.append(node)
            node = self.nodes.get(node.parent) if node.parent else None
        return tuple(reversed(steps))
