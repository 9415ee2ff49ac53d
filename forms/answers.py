"""Turns one page of a questionnaire into a form: it binds what was posted and lets routing judge it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from flask_babel import gettext
from wtforms import Field
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from surveyor.instruments.answers import MAX_TEXT, normal_value
from surveyor.instruments.enums import ItemType
from surveyor.instruments.routing import asked_items, validate_page
from surveyor.instruments.spec import Answers, Grid, Item, Page, Questionnaire

PREFIX = "q-"
SHOWN = "shown"
"""Hidden field: the names of the items the page showed, so that one without a value counts as left empty."""
_DECIMAL_POINT = frozenset({"en"})


class Choice(NamedTuple):
    """An answer option as the macros draw it."""

    value: str
    label: str
    selected: bool


class AnswerField(Field):  # type: ignore[misc]
    """The field of any item; its data is the answer in stored form."""

    def __init__(
        self, *, item: Item, options: tuple[tuple[str, str], ...], language: str, **bound: Any
    ) -> None:
        super().__init__(**bound)
        self.item, self.options, self.language = item, options, language
        self.flags.required = item.required == "true()"
        self.flags.multiple = item.type is ItemType.SELECT_MULTIPLE
        if item.type is ItemType.TEXT:
            self.flags.maxlength = MAX_TEXT

    def process_data(self, value: Any) -> None:
        self.data = value or ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = normal_value(self.item, (value for value in valuelist if isinstance(value, str)))

    def _value(self) -> str:
        if self.item.type is ItemType.DECIMAL and self.language not in _DECIMAL_POINT:
            return str(self.data).replace(".", ",")
        return str(self.data)

    def has_groups(self) -> bool:
        return False

    def iter_choices(self) -> Iterator[Choice]:
        """The options with what is chosen marked."""
        chosen = self.data.split() if self.flags.multiple else (self.data,)
        return (Choice(code, label, code in chosen) for code, label in self.options)


@dataclass(frozen=True)
class ShownItem:
    """An item to draw; a note has no field."""

    item: Item
    kind: str
    label: str
    field: AnswerField | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownGrid:
    """A grid to draw, with the rows now asked."""

    name: str
    label: str
    fields: tuple[AnswerField, ...]
    missing: tuple[str, ...] = ()
    kind: str = "grid"


class PageForm(BaseForm):  # type: ignore[misc]
    """One page in one language. `answers` is every answer so far with this page's put in.

    With `everything` the conditional questions are shown too, for authors who look a page over.
    """

    questionnaire: Questionnaire
    page: Page
    language: str
    unbound: Mapping[str, UnboundField]

    def __init__(
        self, formdata: Any = None, answers: Answers | None = None, *, everything: bool = False
    ) -> None:
        super().__init__(self.unbound, prefix=PREFIX, meta=_META)
        self.stored: Answers = answers or {}
        self.appeared: frozenset[str] = frozenset()
        before = asked_items(self.questionnaire, self.page, self.stored)
        marker = formdata.get(SHOWN) if formdata is not None else None
        self._shown = frozenset(marker.split()) if marker is not None else before
        self.process(formdata, data=self._start(formdata))
        self.answers = dict(self.stored) if formdata is None else self._merged()
        now = self.answers if formdata is not None else {**self._start(None), **self.stored}
        self.asked = self._names() if everything else asked_items(self.questionnaire, self.page, now)

    def _names(self) -> frozenset[str]:
        return frozenset(item.name for item in self.page.items if item.type is not ItemType.CALCULATE)

    def _start(self, formdata: Any) -> Answers:
        """Stored answers; the questionnaire's defaults on a page nobody has touched."""
        if formdata is not None or any(name in self.stored for name in self._fields):
            return self.stored
        return {**self.stored, **{name: field.item.default for name, field in self._fields.items()}}

    def _merged(self) -> dict[str, str]:
        answers = dict(self.stored)
        for name, field in self._fields.items():
            if field.data:
                answers[name] = field.data
            elif name in self._shown:
                answers.pop(name, None)
            else:
                field.data = answers.get(name, "")
        return answers

    def validate(self) -> bool:
        """True when the page is answered well and no new question has appeared; else fields have errors."""
        problems = validate_page(self.questionnaire, self.page, self.answers, self.language)
        fresh = self.asked - self._shown
        self.appeared = frozenset(
            name for name in fresh if name in self._fields and not self._fields[name].data
        )
        wrong = [problem for problem in problems if problem.field not in self.appeared]
        for problem in wrong:
            self._fields[problem.field].errors = [gettext(problem.message, **problem.params)]
        return not wrong and not self.appeared

    @property
    def shown_names(self) -> str:
        """The value of the hidden field that tells which items the page showed."""
        return " ".join(item.name for item in self.page.items if item.name in self.asked)

    @property
    def nodes(self) -> Iterator[ShownItem | ShownGrid]:
        """What to draw, in order."""
        for node in self.page.nodes:
            if isinstance(node, Grid):
                if shown := self._grid(node):
                    yield shown
            elif node.name in self.asked:
                yield self._item(node)

    def _grid(self, grid: Grid) -> ShownGrid | None:
        rows = tuple(self._fields[item.name] for item in grid.items if item.name in self.asked)
        label = self.questionnaire.text(grid.label, self.language)
        return ShownGrid(grid.name, label, rows, self._missing(grid.items[0])) if rows else None

    def _item(self, item: Item) -> ShownItem:
        label = self.questionnaire.text(item.label, self.language)
        field = self._fields.get(item.name)
        return ShownItem(item, _kind(self.questionnaire, item), label, field, self._missing(item))

    def _missing(self, item: Item) -> tuple[str, ...]:
        return tuple(each.code for each in self.questionnaire.categories(item) if each.missing)


class _Meta(DefaultMeta):  # type: ignore[misc]
    locales = False


_META = _Meta()
_TEXT_KINDS = {"email": "email", "url": "url", "numbers": "numbers"}


def _kind(questionnaire: Questionnaire, item: Item) -> str:
    """Which macro draws an item."""
    if not item.answerable:
        return "heading" if item.appearance == "heading" else "note"
    if item.type is ItemType.SELECT_ONE:
        return _select_kind(questionnaire, item)
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


@lru_cache(maxsize=512)
def page_form_class(questionnaire: Questionnaire, page_name: str, language: str) -> type[PageForm]:
    """The form class of a page in a language, made once; raises KeyError for an unknown page."""
    page = questionnaire.page(page_name)
    unbound = {item.name: _unbound(questionnaire, item, language) for item in page.items if item.answerable}
    contents = {"questionnaire": questionnaire, "page": page, "language": language, "unbound": unbound}
    return type("PageForm", (PageForm,), contents)


def _unbound(questionnaire: Questionnaire, item: Item, language: str) -> UnboundField:
    categories = questionnaire.categories(item)
    options = tuple((each.code, questionnaire.text(each.label, language)) for each in categories)
    if "minimal" in item.appearance:
        options = (("", ""), *options)
    return UnboundField(
        AnswerField,
        item=item,
        options=options,
        language=language,
        label=questionnaire.text(item.label, language) or questionnaire.text(item.hint, language),
        description=questionnaire.text(item.hint, language) if item.label else "",
    )
