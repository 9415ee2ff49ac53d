"""What of a page is drawn: questions, notes, grids and the turns of repeated groups."""

from dataclasses import dataclass

from forms.answer_fields import AnswerField, ShownMedia
from surveyor.instruments.spec import Item


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

    label: str
    place: int
    remove: str = ""
    kind: str = "turn"
