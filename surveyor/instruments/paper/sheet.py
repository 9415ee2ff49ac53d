"""A questionnaire laid out for paper: numbered questions with keyed boxes, conditions and jumps in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from surveyor.instruments.answers import range_of
from surveyor.instruments.enums import ItemType
from surveyor.instruments.logic import INSERTED
from surveyor.instruments.paper.conditions import Described
from surveyor.instruments.paper.keys import is_written, keyed_options
from surveyor.instruments.paper.wording import words_in
from surveyor.instruments.spec import Grid, Item, Laid, Page, Questionnaire, Turn

PRINTED_TURNS = 3  # of a repeated group
_ROW_OF_BOXES = 7  # numbered answers stand side by side from so many on
_WIDEST_ROW = 12
_KINDS = {
    ItemType.RANK: "rank", ItemType.ACKNOWLEDGE: "tick", ItemType.INTEGER: "number",
    ItemType.DECIMAL: "number", ItemType.RANGE: "range", ItemType.DATE: "date", ItemType.TIME: "time",
    ItemType.DATETIME: "datetime", ItemType.GEOPOINT: "point", ItemType.SELECT_MULTIPLE: "many",
}  # fmt: skip


@dataclass(frozen=True)
class Box:
    """An answer to tick, and what is typed for it."""

    key: str
    label: str
    missing: bool = False


@dataclass(frozen=True)
class Question:
    """A question, or (without a number) words between questions."""

    name: str
    kind: str
    label: str
    number: str = ""
    hint: str = ""
    how: str = ""
    boxes: tuple[Box, ...] = ()
    condition: str = ""
    jumps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Battery:
    """Questions with common answers, one a line."""

    label: str
    how: str
    boxes: tuple[Box, ...]
    rows: tuple[Question, ...]
    kind: str = "battery"


Part = Question | Battery


@dataclass(frozen=True)
class Section:
    """What stands under one heading."""

    label: str
    condition: str
    parts: tuple[Part, ...]

    @property
    def is_asked(self) -> bool:
        """False where there is only something to read."""
        return any(isinstance(part, Battery) or part.number for part in self.parts)


@dataclass(frozen=True)
class Sheet:
    """A whole questionnaire as printed in one language."""

    title: str
    language: str
    sections: tuple[Section, ...]

    @property
    def questions(self) -> Iterator[Question]:
        """Every numbered question in order."""
        for section in self.sections:
            for part in section.parts:
                yield from (part.rows if isinstance(part, Battery) else (part,) if part.number else ())


def printed_items(questionnaire: Questionnaire) -> tuple[Item, ...]:
    """The items that are answered on paper, in order."""
    return tuple(item for item in questionnaire.items if _is_printed(item))


@lru_cache(maxsize=64)
def sheet(questionnaire: Questionnaire, language: str) -> Sheet:
    """The questionnaire as it is printed in a language."""
    numbers = {item.name: str(number) for number, item in enumerate(printed_items(questionnaire), 1)}
    return _Layout(Described(questionnaire, language, numbers)).sheet()


def _is_printed(item: Item) -> bool:
    is_asked = item.answerable and item.type not in (ItemType.HIDDEN, ItemType.REPEAT)
    return is_asked and all(place <= PRINTED_TURNS for place in item.places)


class _Layout:
    """Lays a questionnaire out, part by part."""

    def __init__(self, described: Described) -> None:
        self._described = described
        self._questionnaire, self._language = described.questionnaire, described.language
        self._words = words_in(described.language)
        self._numbers: Mapping[str, str] = described.numbers
        items = printed_items(self._questionnaire)
        self._following = {item.name: items[place:] for place, item in enumerate(items, 1)}

    def sheet(self) -> Sheet:
        sections = (self._section(page) for page in self._questionnaire.pages)
        title = self._text(self._questionnaire.title)
        return Sheet(title, self._language, tuple(each for each in sections if each.parts))

    def _section(self, page: Page) -> Section:
        parts = tuple(part for nodes in _together(page.laid_out) for part in self._parts(nodes))
        label = self._text(page.label)
        if len(parts) == 1 and isinstance(parts[0], Battery) and parts[0].label == label:
            label = ""  # the battery's own heading says it
        return Section(label, self._described.condition(None, page.relevant), parts)

    def _parts(self, nodes: Sequence[Laid]) -> Iterator[Part]:
        first = nodes[0]
        if isinstance(first, Grid):
            yield from self._battery(self._text(first.label), first.items)
        elif isinstance(first, Turn):
            if first.place <= PRINTED_TURNS:
                yield Question("", "turn", f"{self._text(first.label)} {first.place}".strip())
            elif first.place == PRINTED_TURNS + 1:
                yield Question("", "note", self._words["turns"] % {"n": PRINTED_TURNS})
        elif len(nodes) > 1:
            yield from self._battery("", [node for node in nodes if isinstance(node, Item)])
        elif isinstance(first, Item) and (_is_printed(first) or _is_told(first)):
            yield self._question(first)

    def _battery(self, label: str, items: Sequence[Item]) -> Iterator[Battery]:
        rows = [item for item in items if _is_printed(item)]
        if rows:
            boxes = self._boxes(rows[0])
            questions = tuple(self._question(item, in_battery=True) for item in rows)
            yield Battery(label, self._words["one_box_a_row"], boxes, questions)

    def _question(self, item: Item, *, in_battery: bool = False) -> Question:
        condition = self._described.condition(item, item.relevant)
        label, hint = self._filled(item, item.label), self._filled(item, item.hint)
        if not _is_printed(item):
            kind = "heading" if item.appearance == "heading" else "note"
            return Question(item.name, kind, label or hint, hint=hint if label else "", condition=condition)
        kind = self._kind(item)
        return Question(
            item.name,
            kind,
            label or hint,
            self._numbers[item.name],
            hint if label else "",
            "" if in_battery else self._how(item, kind),
            () if in_battery else self._boxes(item),
            condition,
            self._described.jumps(item, self._following[item.name]),
        )

    def _kind(self, item: Item) -> str:
        if is_written(self._questionnaire, item):
            return "line"
        if item.type is ItemType.SELECT_ONE:
            valid = self._questionnaire.code_lists[item.code_list].valid
            numbered = all(category.code.isdigit() for category in valid)
            return "scale" if numbered and _ROW_OF_BOXES <= len(valid) <= _WIDEST_ROW else "one"
        if item.type is ItemType.TEXT:
            return "lines" if "multiline" in item.appearance or item.role == "open" else "line"
        return _KINDS.get(item.type, "line")

    def _how(self, item: Item, kind: str) -> str:
        if item.type is ItemType.RANGE:
            low, high, _ = range_of(item)
            return self._words["range"] % {"low": low, "high": high}
        if kind == "line" and item.selects:
            return self._words["from_list"]
        said = {"one": "one_box", "scale": "one_box", "many": "many_boxes", "rank": "places"}.get(kind, kind)
        return self._words.get(said, "")

    def _boxes(self, item: Item) -> tuple[Box, ...]:
        if item.type is ItemType.ACKNOWLEDGE:
            return (Box("1", ""),)
        if is_written(self._questionnaire, item):
            return ()
        found = keyed_options(self._questionnaire, item)
        return tuple(
            Box(each.key, _without_key(self._text(each.category.label), each.key), each.category.missing)
            for each in found
        )

    def _text(self, text: Mapping[str, str]) -> str:
        return self._questionnaire.text(text, self._language)

    def _filled(self, item: Item, text: Mapping[str, str]) -> str:
        """A text in which answers would be put in says on paper whose answer that is."""

        def said(match: re.Match[str]) -> str:
            number = self._numbers.get(match[1]) or self._numbers.get(f"{match[1]}~{item.places}")
            return self._words["inserted"] % {"number": number} if number else "…"

        return INSERTED.sub(said, self._text(text))


def _is_told(item: Item) -> bool:
    is_text = item.type is ItemType.NOTE or (item.read_only and item.shown)
    return is_text and all(place <= PRINTED_TURNS for place in item.places)


def _together(nodes: Sequence[Laid]) -> Iterator[Sequence[Laid]]:
    """Nodes one by one, but neighbours with the same answers and no condition together."""
    for key, group in groupby(nodes, key=_common_list):
        found = list(group)
        yield from ([found] if key and len(found) > 1 else ([node] for node in found))


def _common_list(node: Laid) -> str:
    """The code list of a question that may stand in a battery with its neighbours."""
    if not isinstance(node, Item) or node.type is not ItemType.SELECT_ONE or not _is_printed(node):
        return ""
    return "" if node.relevant or node.choice_filter or node.role == "unit" else node.code_list


def _without_key(label: str, key: str) -> str:
    """«1 – very poor» is «very poor» beside a box with 1 in it; a label that only is the key is nothing."""
    return re.sub(rf"^{re.escape(key)}(\s*[–:.-]\s+|$)", "", label)
