"""Turns one page of a questionnaire into a form: it binds what was posted and lets routing judge it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from zlib import crc32

from wtforms.fields.core import Label
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from forms.answer_fields import AnswerField as AnswerField
from forms.answer_fields import AttachedFile as AttachedFile
from forms.answer_fields import Choice as Choice
from forms.answer_fields import ShownMedia, media_of
from forms.answer_words import in_words_of
from forms.live import block_of
from forms.shown_nodes import PREFIX as PREFIX
from forms.shown_nodes import ShownGrid as ShownGrid
from forms.shown_nodes import ShownItem as ShownItem
from forms.shown_nodes import ShownTurn as ShownTurn
from forms.shown_nodes import kind_of, place_to_show, turn_id
from surveyor.instruments.answers import is_place
from surveyor.instruments.enums import ItemType
from surveyor.instruments.live import NOTHING, is_closed, live_page
from surveyor.instruments.logic import INSERTED, filled, in_words, offered_categories, start_value
from surveyor.instruments.routing import State, page_problems, shown_on, state, triggered_values, turned
from surveyor.instruments.spec import Answers, Category, Grid, Item, Page, Questionnaire, Turn

SHOWN = "shown"
"""Hidden field: the names of the items the page showed, so that one without a value counts as left empty."""
FOLLOWED = "live"
"""Hidden field: items and a mark of the answer options shown; the script leaves the mark out and keeps up."""
TURN = "turn"
"""What the buttons post that add a turn to a repeated group («add name») or take one away."""


class PageForm(BaseForm):  # type: ignore[misc]  # WTForms has no types
    """One page in one language. `answers` is every answer so far with this page's put in.

    With `everything` the conditional questions are shown too, for authors who look a page over.
    """

    questionnaire: Questionnaire
    page: Page
    language: str
    empty_fields: Mapping[str, AnswerField]
    changes: bool
    """True when texts or answer options on the page hang on answers."""
    _values: Mapping[str, str]

    def __init__(
        self, formdata: Any = None, answers: Answers | None = None, *, everything: bool = False
    ) -> None:
        super().__init__((), prefix=PREFIX, meta=_META)
        self._fields = {name: field.for_one_form() for name, field in self.empty_fields.items()}
        self.stored: Answers = answers or {}
        self.appeared: frozenset[str] = frozenset()
        marker = formdata.get(SHOWN) if formdata is not None else None
        before = marker.split() if marker is not None else self._asked_before()
        self._shown = frozenset(before)
        self._bind(formdata, self._start(formdata))
        self.answers = dict(self.stored) if formdata is None else self._merged()
        self.is_posted = formdata is not None
        self.turned_at = self._turn(formdata[TURN]) if self.is_posted and TURN in formdata else ""
        now = self.answers if self.is_posted else {**self._start(None), **self.stored}
        self.reached = state(self.questionnaire, now)
        self.asked = self._names() if everything else shown_on(self.page, self.reached)
        self.turned_at = self.turned_at and place_to_show(self.page, self.asked - self._shown, self.turned_at)
        self.live = (
            NOTHING if everything else live_page(self.questionnaire, self.page, self.reached, self.language)
        )
        self._followed = frozenset(
            formdata[FOLLOWED].split() if self.is_posted and FOLLOWED in formdata else ()
        )
        if self.changes:
            self._put_in_words(self.reached.values)

    def _bind(self, formdata: Any, start: Answers) -> None:
        """What `process` would do, without all that only other forms need."""
        for name, field in self._fields.items():
            field.process_data(start.get(name))
            if formdata is not None:
                field.process_formdata(formdata.getlist(field.name))

    def _asked_before(self) -> frozenset[str]:
        return shown_on(self.page, state(self.questionnaire, self.stored))

    def _names(self) -> frozenset[str]:
        return frozenset(item.name for item in self.page.items if item.shown)

    def _start(self, formdata: Any) -> Answers:
        """Stored answers; the questionnaire's start values on a page nobody has touched."""
        if formdata is not None or any(name in self.stored for name in self._fields):
            return self.stored
        return {**self.stored, **self._start_values()}

    def _start_values(self) -> Mapping[str, str]:
        with_start = (
            field.item for field in self._fields.values() if field.item.default or field.item.calculation
        )
        found: dict[str, str] = {}
        for item in with_start:
            values = {**self.stored, **found}
            seen_in = self.language if item.shown else ""
            found[item.name] = start_value(self.questionnaire, item, values, seen_in)
        return found

    def _merged(self) -> dict[str, str]:
        answers = dict(self.stored)
        for name, field in self._fields.items():
            if field.item.type is ItemType.HIDDEN:
                field.data = answers.get(name) or self._start_values().get(name, "")
            if field.data:
                answers[name] = field.data
            elif name in self._shown:
                answers.pop(name, None)
            else:
                field.data = answers.get(name, "")
        triggered = triggered_values(self.questionnaire, self.stored, answers, self.language)
        for name in triggered.keys() & self._fields.keys():
            self._fields[name].data = triggered[name]
        return {**answers, **triggered}

    def _turn(self, asked: str) -> str:
        """Add a turn to a repeated group, or take one away: the id of the turn to show, if anybody asked."""
        what, _, rest = asked.partition(" ")
        repeat, _, place = rest.partition(" ")
        if repeat not in self.questionnaire.repeat_names or repeat not in self._fields:
            return ""
        changed = turned(self.questionnaire, repeat, self.answers, int(place) if is_place(place) else 0)
        if what not in ("add", "remove") or (what == "remove") != bool(place):
            return ""
        self.answers = changed
        for name, field in self._fields.items():
            field.data = changed.get(name, "")
        n = _n_turns(state(self.questionnaire, changed), repeat)
        return turn_id(repeat, min(int(place), n) if is_place(place) else n)

    def _put_in_words(self, values: Mapping[str, str]) -> None:
        """Answers into the texts, and the answer options that the answers so far leave."""
        self._values = values
        for field in self._fields.values():
            item = field.item
            field.label = Label(field.id, self._filled(field.label.text, item))
            field.description = self._filled(field.description, item)
            if item.choice_filter or "randomize" in item.parameters:
                offered = offered_categories(self.questionnaire, item, self._values)
                if item.name in self.live.choices:  # all are drawn, and a script shows and hides
                    field.unoffered = {code for code, _ in field.options if code} - {c.code for c in offered}
                else:
                    field.options = _options(self.questionnaire, item, offered, self.language)

    def _filled(self, text: str, item: Item | None = None) -> str:
        return filled(self.questionnaire, text, self._values, self.language, item) if self.changes else text

    def _new_options(self) -> frozenset[str]:
        """Unanswered questions whose answer options are others than those the page showed."""
        filtered = [field for field in self._filtered() if not field.data]
        if not filtered:
            return frozenset()
        before = state(self.questionnaire, self.stored).values
        return frozenset(field.item.name for field in filtered if self._has_new_options(field, before))

    def _filtered(self) -> list[AnswerField]:
        fields = self._fields.values()
        return [field for field in fields if field.item.choice_filter and field.item.name in self.asked]

    def _has_new_options(self, field: AnswerField, before: Mapping[str, str]) -> bool:
        name = field.item.name
        if name in self._followed or self._mark(field, self._values) in self._followed:
            return False
        is_marked = any(each.startswith(f"{name}:") for each in self._followed)
        return is_marked or self._mark(field, before) != self._mark(field, self._values)

    def _mark(self, field: AnswerField, values: Mapping[str, str]) -> str:
        """An item with a mark of the answer options these values leave."""
        codes = "\0".join(c.code for c in offered_categories(self.questionnaire, field.item, values))
        return f"{field.item.name}:{crc32(codes.encode()):08x}"

    @property
    def followed(self) -> str:
        """The value of the hidden field that tells which answer options the page showed."""
        return " ".join(self._mark(field, self._values) for field in self._filtered())

    def validate(self) -> bool:
        """True when the page is answered well and no new question has appeared; else fields have errors."""
        now = self.reached if self.is_posted else state(self.questionnaire, self.answers)
        problems = page_problems(self.questionnaire, self.page, now, self.language)
        fresh = self.asked - self._shown
        self.appeared = frozenset(
            name for name in fresh if name in self._fields and not self._fields[name].data
        )
        self.appeared |= self._new_options()
        wrong = [problem for problem in problems if problem.field not in self.appeared]
        for problem in wrong:
            field = self._fields[problem.field or ""]
            field.errors, field.is_quoting = [in_words_of(problem, self.language)], problem.is_quoted
        return not (wrong or self.appeared or self.turned_at)

    @property
    def shown_names(self) -> str:
        """The value of the hidden field that tells which items the page showed."""
        return " ".join(item.name for item in self.page.items if item.name in self.asked)

    @property
    def nodes(self) -> Iterator[ShownItem | ShownGrid | ShownTurn]:
        """What is asked, in order."""
        return self._nodes(self.asked)

    @property
    def drawn_nodes(self) -> Iterator[ShownItem | ShownGrid | ShownTurn]:
        """What to draw, in order: what is asked, and what a script may show."""
        return self._nodes(self.asked | self.live.conditional)

    @property
    def live_block(self) -> str:
        """What the page's script is handed."""
        return block_of(self.questionnaire, self.page, self.live, self.language)

    @classmethod
    def live_key(cls, now: State) -> str:
        """What sets the scripts of one page apart: nothing where it is the same for everyone."""
        if is_closed(cls.questionnaire, cls.page):
            return ""
        live = live_page(cls.questionnaire, cls.page, now, cls.language)
        return block_of(cls.questionnaire, cls.page, live, cls.language)

    def _nodes(self, names: frozenset[str]) -> Iterator[ShownItem | ShownGrid | ShownTurn]:
        for node in self.page.laid_out:
            if isinstance(node, Grid):
                if shown := self._grid(node, names):
                    yield shown
            elif isinstance(node, Turn):
                if node.repeat in self.asked and node.place <= self.n_turns(node.repeat):
                    yield self._shown_turn(node)
            elif node.name in names and (node.type is not ItemType.REPEAT or node.answerable):
                yield self._item(node)

    def _shown_turn(self, turn: Turn) -> ShownTurn:
        label = self._filled(self.questionnaire.text(turn.label, self.language))
        can_remove = turn.repeat in self._fields and self.n_turns(turn.repeat) > 1
        remove = f"remove {turn.repeat} {turn.place}" if can_remove else ""
        return ShownTurn(turn_id(turn.repeat, turn.place), label, turn.place, remove)

    def _grid(self, grid: Grid, names: frozenset[str]) -> ShownGrid | None:
        rows = tuple(self._fields[item.name] for item in grid.items if item.name in names)
        for field in rows:
            field.is_hidden = field.item.name not in self.asked
        label = self._filled(self.questionnaire.text(grid.label, self.language))
        return ShownGrid(grid.name, label, rows, self._missing(grid.items[0])) if rows else None

    def _item(self, item: Item) -> ShownItem:
        label = self._filled(self.questionnaire.text(item.label, self.language), item)
        field = self._fields.get(item.name)
        guidance = self._filled(self.questionnaire.text(item.guidance, self.language), item)
        kind = kind_of(self.questionnaire, item)
        media = () if field else media_of(self.questionnaire, item.media, self.language)
        is_conditional = item.name in self.live.conditional
        is_hidden = item.name not in self.asked
        lines = self._lines(item) if field is None else ()
        return ShownItem(
            item, kind, label, field, self._missing(item), guidance, media, is_conditional, is_hidden, lines
        )

    def _lines(self, item: Item) -> tuple[tuple[tuple[str, str], ...], ...]:
        """A note line by line, each of texts and of answers by name that the page's script puts in anew."""
        if item.places or not self.live.inserted:
            return ()
        found: list[list[tuple[str, str]]] = [[]]
        for place, part in enumerate(INSERTED.split(self.questionnaire.text(item.label, self.language))):
            if place % 2:
                words = in_words(self.questionnaire, part, self._values, self.language)
                found[-1].append((part if part in self.live.inserted else "", words))
                continue
            first, *others = part.split("\n")
            found[-1].append(("", first))
            found += [[("", line)] for line in others]
        return tuple(tuple(line) for line in found if any(name or words.strip() for name, words in line))

    @property
    def goes_on_by_itself(self) -> bool:
        """True when the page is one question whose author wants a choice to lead on: appearance «quick»."""
        shown = self.asked | self.live.conditional
        asked = [item for item in self.page.items if item.answerable and item.name in shown]
        looks = asked[0].appearance.split() if len(asked) == 1 else ()
        is_quick = "quick" in looks or "quickcompact" in looks
        return is_quick and asked[0].type is ItemType.SELECT_ONE and "minimal" not in looks

    @property
    def has_turns(self) -> bool:
        """True when the page has buttons that add turns or take them away."""
        return any(isinstance(node, Turn) and node.repeat in self._fields for node in self.page.laid_out)

    def can_add(self, repeat: str) -> bool:
        """True while a repeated group may have one more turn."""
        turns = (node for node in self.page.laid_out if isinstance(node, Turn) and node.repeat == repeat)
        return self.n_turns(repeat) < sum(1 for _ in turns)

    def n_turns(self, repeat: str) -> int:
        """How many turns a repeated group now has."""
        return _n_turns(self.reached, repeat)

    def _missing(self, item: Item) -> tuple[str, ...]:
        return tuple(each.code for each in self.questionnaire.categories(item) if each.missing)


def _n_turns(now: State, repeat: str) -> int:
    counted = now.values.get(repeat, "1")
    return int(counted) if counted.isdigit() else 1


class _Meta(DefaultMeta):  # type: ignore[misc]  # WTForms has no types
    locales = False


_META = _Meta()


@lru_cache(maxsize=512)
def page_form_class(questionnaire: Questionnaire, page_name: str, language: str) -> type[PageForm]:
    """The form class of a page in a language, made once; raises KeyError for an unknown page."""
    page = questionnaire.page(page_name)
    fields = {item.name: _field(questionnaire, item, language) for item in page.items if item.answerable}
    contents = {
        "questionnaire": questionnaire,
        "page": page,
        "language": language,
        "empty_fields": fields,
        "changes": _changes(page),
        "_values": {},
    }
    return type("PageForm", (PageForm,), contents)


def _changes(page: Page) -> bool:
    texts = [text for item in page.items for text in (item.label, item.hint)]
    texts += [page.label, page.section]
    texts += [node.label for node in page.laid_out if not isinstance(node, Item)]
    inserted = any("${" in words for text in texts for words in text.values())
    return inserted or any(item.choice_filter or "randomize" in item.parameters for item in page.items)


def _options(
    questionnaire: Questionnaire, item: Item, categories: Sequence[Category], language: str
) -> tuple[tuple[str, str], ...]:
    options = tuple((each.code, questionnaire.text(each.label, language)) for each in categories)
    return (
        (("", ""), *options) if "minimal" in item.appearance and item.type is ItemType.SELECT_ONE else options
    )


def _field(questionnaire: Questionnaire, item: Item, language: str) -> AnswerField:
    options = questionnaire.categories(item) if item.selects else ()
    return AnswerField(
        name=item.name,
        _prefix=PREFIX,
        _form=None,
        _meta=_META,
        item=item,
        options=_options(questionnaire, item, options, language),
        language=language,
        label=questionnaire.text(item.label, language) or questionnaire.text(item.hint, language),
        description=questionnaire.text(item.hint, language) if item.label else "",
        media=media_of(questionnaire, item.media, language),
        pictures=_pictures(questionnaire, item, language),
    )


def _pictures(
    questionnaire: Questionnaire, item: Item, language: str
) -> Mapping[str, tuple[ShownMedia, ...]]:
    """What the answer options show, by code."""
    shown = (each for each in questionnaire.categories(item) if each.media)
    return {each.code: media_of(questionnaire, each.media, language) for each in shown}
