"""An expression as it reads in one turn of a repeated group: `${age}` becomes that turn's age."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from surveyor.instruments.expressions.functions import NODE_SETS
from surveyor.instruments.expressions.nodes import PARENT, Call, Chain, Literal, Negation, Node, Reference
from surveyor.instruments.spec import MARK, instance_name


@dataclass(frozen=True)
class Place:
    """Where an expression stands: the repeated groups around it, its turn in each, and others' groups."""

    groups: tuple[str, ...]
    turns: tuple[int, ...]
    around: Mapping[str, tuple[str, ...]]

    def reference(self, node: Reference, *, every: bool = False) -> Node:
        """The item meant from here; with `every` a mark of all its turns that are within this one."""
        theirs = self.around.get(node.name, ())
        n_common = sum(1 for ours, other in zip(self.groups, theirs, strict=False) if ours == other)
        turns = self.turns[:n_common]
        if every and n_common < len(theirs):
            return replace(node, name=MARK.join((node.name, *map(str, turns))))
        if every:
            turns = turns[:-1]
            return replace(node, name=MARK.join((node.name, *map(str, turns)))) if turns else node
        return replace(node, name=instance_name(node.name, (*turns, *[1] * (len(theirs) - n_common))))


def in_turn(node: Node, place: Place) -> Node:
    """The expression as it reads at a place."""
    if isinstance(node, Reference):
        return place.reference(node) if node.name not in ("", PARENT) else node
    if isinstance(node, Call):
        return _call(node, place)
    if isinstance(node, Chain):
        return replace(node, operands=tuple(in_turn(each, place) for each in node.operands))
    return replace(node, operand=in_turn(node.operand, place)) if isinstance(node, Negation) else node


def _call(node: Call, place: Place) -> Node:
    if node.name == "position" and place.turns:
        return Literal(float(place.turns[-1]), node.at)
    if node.name == "indexed-repeat":
        numbers = tuple(
            in_turn(each, place) if number > 1 and number % 2 == 0 else each
            for number, each in enumerate(node.arguments)
        )
        return replace(node, arguments=numbers)
    every = node.name in NODE_SETS
    return replace(node, arguments=tuple(_argument(each, place, every) for each in node.arguments))


def _argument(node: Node, place: Place, every: bool) -> Node:
    if every and isinstance(node, Reference) and node.name in place.around:
        return place.reference(node, every=True)
    return in_turn(node, place)
