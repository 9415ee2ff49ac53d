"""What of a page is drawn: questions, notes, grids and the turns of repeated groups."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from forms.answer_fields import AnswerField, ShownMedia
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Item, Page, Questionnaire

PREFIX = "q-"


@dataclass(frozen=True)
class ShownItem:
    """An item to draw; a note has no field. A conditional one has a script that shows and hides it."""

    item: Item
    kind: str
    label: str
    field: AnswerField | None = None
    missing: tuple[str, ...] = ()
    guidance: str = ""
    media: tuple[ShownMedia, ...] = ()
    is_conditional: bool = False
    is_hidden: bool = False
    lines: tuple[tuple[tuple[str, str], ...], ...] = ()
    """A note whose answers the script keeps up to date: lines of texts and named answers."""


@dataclass(frozen=True)
class ShownGrid:
    """A grid to draw, with the rows now asked and those that a script may show."""

    name: str
    label: str
    fields: tuple[AnswerField, ...]
    missing: tuple[str, ...] = ()
    kind: str = "grid"

    @property
    def is_hidden(self) -> bool:
        return all(field.is_hidden for field in self.fields)


@dataclass(frozen=True)
class ShownTurn:
    """Where a turn of a repeated group begins; `remove` is what the button that takes it away posts."""

    id: str
    label: str
    place: int
    remove: str = ""
    kind: str = "turn"


def place_to_show(page: Page, fresh: AbstractSet[str], turned_at: str) -> str:
    """Where to look after a turn was added or taken away: at a new question before it, else at the turn."""
    first = next((item for item in page.items if item.name in fresh and item.answerable), None)
    if first is None or (first.repeat and turn_id(first.repeat, first.places[-1]) == turned_at):
        return turned_at
    return f"{PREFIX}{first.name}"


def turn_id(repeat: str, place: int) -> str:
    """Where on the page a turn of a repeated group begins."""
    return f"turn-{repeat}-{place}"


_TEXT_KINDS = {"email": "email", "url": "url", "numbers": "numbers"}


def kind_of(questionnaire: Questionnaire, item: Item) -> str:
    """Which macro draws an item."""
    if item.type is ItemType.UPLOAD:
        return "upload"
    if not item.answerable:
        return "heading" if item.appearance == "heading" else "note"
    if item.type is ItemType.SELECT_ONE:
        return _select_kind(questionnaire, item)
    if item.type is ItemType.SELECT_MULTIPLE:
        return _multiple_kind(item)
    if item.type is ItemType.TEXT:
        long = "multiline" in item.appearance or item.role == "open"
        return "textarea" if long else _TEXT_KINDS.get(item.appearance, "text")
    return item.type.value


def _select_kind(questionnaire: Questionnaire, item: Item) -> str:
    steps = questionnaire.code_lists[item.code_list].valid
    if "minimal" in item.appearance:
        return "select"
    numbered = all(category.code.isdigit() for category in steps)
    return "scale" if "likert" in item.appearance and numbered and len(steps) <= 11 else "select_one"


def _multiple_kind(item: Item) -> str:
    return "folded" if "minimal" in item.appearance.split() else "select_multiple"
