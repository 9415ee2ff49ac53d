"""What stands on a page, as plain frozen objects: items, grids, repeated groups and their turns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.lists import Text

MARK = "~"
"""Between an item's name and its turn in a repeated group: `age~2`; the first turn has the plain name."""


def instance_name(name: str, places: Sequence[int]) -> str:
    """The name of an item in a turn of the repeated groups around it, counted from 1."""
    return name if all(place == 1 for place in places) else MARK.join((name, *map(str, places)))


@dataclass(frozen=True)
class Item:
    """One question, note or calculation."""

    name: str
    type: ItemType
    label: Text = field(default_factory=dict)
    hint: Text = field(default_factory=dict)
    guidance: Text = field(default_factory=dict)
    required: str = ""
    required_message: Text = field(default_factory=dict)
    relevant: str = ""
    constraint: str = ""
    constraint_message: Text = field(default_factory=dict)
    calculation: str = ""
    default: str = ""
    read_only: bool = False
    code_list: str = ""
    scale: str = ""
    reverse: bool = False
    role: ItemRole | None = None
    bins: str = ""
    """For a number or a date: where the bins begin that anonymous waves keep instead of the answer."""
    appearance: str = ""
    page: str = ""
    choice_filter: str = ""
    trigger: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    media: Mapping[str, Text] = field(default_factory=dict)
    """File names by kind (image, big-image, audio, video); under `alt` the words for it."""
    repeat: str = ""
    """The repeated group's own item, when the item stands in one (set when laid out)."""
    places: tuple[int, ...] = ()

    @property
    def answerable(self) -> bool:
        """True for what is filled in: by a respondent, or drawn once for them."""
        if self.type is ItemType.REPEAT:
            return not self.calculation
        return self.type not in (ItemType.NOTE, ItemType.CALCULATE) and not self.read_only

    @property
    def shown(self) -> bool:
        """True for what a page draws."""
        return self.type not in (ItemType.CALCULATE, ItemType.HIDDEN)

    @property
    def base(self) -> str:
        """The name without the turn."""
        return self.name.partition(MARK)[0]

    @property
    def selects(self) -> bool:
        return self.type in (ItemType.SELECT_ONE, ItemType.SELECT_MULTIPLE, ItemType.RANK)


@dataclass(frozen=True)
class Grid:
    """Items asked side by side with one common code list."""

    name: str
    label: Text = field(default_factory=dict)
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Repeat:
    """A group asked again and again; `count` says how often, else the respondent does, up to `most`."""

    name: str
    label: Text = field(default_factory=dict)
    nodes: tuple["Node", ...] = ()
    count: str = ""
    relevant: str = ""
    most: int = 20


@dataclass(frozen=True)
class Turn:
    """Where one turn of a repeated group begins on a page; `repeat` names the group's own item."""

    repeat: str
    place: int
    label: Text = field(default_factory=dict)


Node: TypeAlias = Item | Grid | Repeat
Laid: TypeAlias = Item | Grid | Turn


@dataclass(frozen=True)
class Page:
    """What is shown at once; `section` is the label of the group around several pages, if any."""

    name: str
    label: Text = field(default_factory=dict)
    relevant: str = ""
    nodes: tuple[Node, ...] = ()
    section: Text = field(default_factory=dict)

    @cached_property
    def laid_out(self) -> tuple[Laid, ...]:
        """The nodes with every turn of repeated groups written out, a group's own item after its turns."""
        return tuple(laid for node in self.nodes for laid in _laid_out(node, self.name, "", ()))

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every item of the page in order, notes and calculations too."""
        return tuple(
            item
            for node in self.laid_out
            if not isinstance(node, Turn)
            for item in (node.items if isinstance(node, Grid) else (node,))
        )

    @cached_property
    def questions(self) -> tuple[Item, ...]:
        """The items of the page that take an answer."""
        return tuple(item for item in self.items if item.answerable)

    @cached_property
    def question_names(self) -> frozenset[str]:
        """The questions a respondent sees as such: without the counters of repeated groups."""
        return frozenset(item.name for item in self.questions if item.type is not ItemType.REPEAT)

    @cached_property
    def shown_names(self) -> frozenset[str]:
        """Names of what the page may draw."""
        return frozenset(item.name for item in self.items if item.shown)


def _laid_out(node: Node, page: str, repeat: str, places: tuple[int, ...]) -> Iterator[Laid]:
    if isinstance(node, Item):
        yield _in_turn(node, repeat, places)
    elif isinstance(node, Grid):
        items = tuple(_in_turn(item, repeat, places) for item in node.items)
        yield replace(node, name=instance_name(node.name, places), items=items) if places else node
    else:
        own = instance_name(node.name, places)
        for place in range(1, node.most + 1):
            yield Turn(own, place, node.label)
            for child in node.nodes:
                yield from _laid_out(child, page, own, (*places, place))
        counter = Item(node.name, ItemType.REPEAT, node.label, relevant=node.relevant, calculation=node.count)
        yield _in_turn(replace(counter, page=page), repeat, places)


def _in_turn(item: Item, repeat: str, places: tuple[int, ...]) -> Item:
    if not places:
        return item
    return replace(item, name=instance_name(item.name, places), repeat=repeat, places=places)
