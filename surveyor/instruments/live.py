"""What a script may follow while a page is answered: conditions, values, answer options and checks, as JSON.

Everything that is not on the page is worked out beforehand, so that no answer from elsewhere is in the page.
What cannot be said that way, or hangs on something that cannot, stays with the server and the next page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from surveyor.instruments.enums import ItemType
from surveyor.instruments.expressions.evaluator import Around
from surveyor.instruments.expressions.nodes import Call, ExpressionError, Node, references, walk
from surveyor.instruments.expressions.residual import (
    Known,
    NotScripted,
    Written,
    condition,
    residual,
    written,
)
from surveyor.instruments.logic import INSERTED, expression, filter_of, worded
from surveyor.instruments.routing import State, Step, answers_first, reads_of, steps
from surveyor.instruments.spec import MARK, Item, Page, Questionnaire

_UNREAD = (ItemType.RANK, ItemType.UPLOAD, ItemType.GEOPOINT)
_UNTOUCHED = (ItemType.REPEAT, ItemType.HIDDEN)  # they change with the next page only
_CLOCK = frozenset({"today", "now"})


@dataclass(frozen=True)
class LiveStep:
    """What to show, and the value of what is worked out; `under` is another page it stands on."""

    name: str
    show: Written = True
    value: Written = None
    under: str = ""


@dataclass(frozen=True)
class LiveCheck:
    """When an answer is demanded, and what it must meet; None: the server knows."""

    required: Written = False
    constraint: Written = None


@dataclass(frozen=True)
class LivePage:
    """All a script follows on a page; `choices` are conditions with the codes each lets through."""

    steps: tuple[LiveStep, ...] = ()
    checks: Mapping[str, LiveCheck] = field(default_factory=dict)
    choices: Mapping[str, tuple[tuple[Written, tuple[str, ...]], ...]] = field(default_factory=dict)
    inserted: frozenset[str] = frozenset()
    """Names whose value stands in a note and changes with the answers of the page."""
    conditional: frozenset[str] = frozenset()
    """Items of the page that the script shows and hides."""

    def __bool__(self) -> bool:
        return bool(self.steps or self.checks or self.choices or self.inserted)


NOTHING = LivePage()


@dataclass(frozen=True)
class _Plan:
    """What on a page hangs on its own answers, known before anybody answers."""

    sources: frozenset[str]
    unread: frozenset[str]
    steps: tuple[Step, ...]
    is_closed: bool
    """True when nothing but the page itself is read: then the script is the same for everyone."""


def live_page(questionnaire: Questionnaire, page: Page, now: State, language: str) -> LivePage:
    """What the script follows on a page, given the answers so far."""
    plan = _plan(questionnaire, page.name)
    if plan.is_closed:
        return _closed(questionnaire, page.name, language)
    return _Follower(questionnaire, page, plan, now.values, language).page()


def is_closed(questionnaire: Questionnaire, page: Page) -> bool:
    """True when what the script follows is the same whatever is answered on other pages."""
    return _plan(questionnaire, page.name).is_closed


@lru_cache(maxsize=4096)
def _closed(questionnaire: Questionnaire, page_name: str, language: str) -> LivePage:
    page, plan = questionnaire.page(page_name), _plan(questionnaire, page_name)
    return _Follower(questionnaire, page, plan, {}, language).page()


@lru_cache(maxsize=4096)
def _plan(questionnaire: Questionnaire, page_name: str) -> _Plan:
    page = questionnaire.page(page_name)
    answerable = [item for item in page.items if item.answerable and item.type not in _UNTOUCHED]
    sources = frozenset(item.name for item in answerable if item.type not in _UNREAD)
    unread = frozenset(item.name for item in answerable if item.type in _UNREAD)
    touched = set(sources | unread)
    found = []
    for step in steps(questionnaire):
        if reads_of(step, questionnaire) & touched:
            found.append(step)
            touched |= {step.name, *step.items}
    found = _needed(questionnaire, page, found)
    nodes = [
        *_own_nodes(questionnaire, page),
        *(node for step in found for node in _nodes(questionnaire, step)),
    ]
    read = frozenset[str]().union(*(references(node) for node in nodes))
    has_turns = any(item.places for item in page.items)
    tells_time = any(isinstance(part, Call) and part.name in _CLOCK for node in nodes for part in walk(node))
    is_closed = not (has_turns or tells_time) and read <= sources | {step.name for step in found}
    return _Plan(sources, unread, tuple(found), is_closed)


def _needed(questionnaire: Questionnaire, page: Page, found: list[Step]) -> list[Step]:
    """Those of the steps that the page's own questions, checks and words hang on, however far off."""
    names = {name for item in page.items for text in item.label.values() for name in INSERTED.findall(text)}
    wanted = names | {page.name} | {item.name for item in page.items}
    wanted = wanted.union(*(references(node) for node in _own_nodes(questionnaire, page)))
    kept: list[Step] = []
    for step in reversed(found):
        if step.name in wanted or wanted.intersection(step.items):
            kept.append(step)
            wanted |= reads_of(step, questionnaire)
    return kept[::-1]


def _nodes(questionnaire: Questionnaire, step: Step) -> Iterator[Node]:
    condition = _condition(questionnaire, step)
    yield from (node for node in (condition, step.calculation) if node is not None)


def _condition(questionnaire: Questionnaire, step: Step) -> Node | None:
    item = questionnaire.by_name.get(step.name)
    source = item.relevant if item else questionnaire.page(step.name).relevant
    return expression(questionnaire, item, source) if source else None


def _own_nodes(questionnaire: Questionnaire, page: Page) -> Iterator[Node]:
    """The checks and choice filters of a page's own questions."""
    for item in page.items:
        if item.answerable:
            for source in (item.required, item.constraint):
                if source:
                    yield expression(questionnaire, item, source)
            if item.choice_filter:
                yield filter_of(questionnaire, item)


class _Follower:
    """Goes through a page's plan for one set of answers; what is blocked changes, but not by the script."""

    def __init__(
        self, questionnaire: Questionnaire, page: Page, plan: _Plan, values: Mapping[str, str], language: str
    ) -> None:
        self._questionnaire, self._page, self._plan, self._values = questionnaire, page, plan, values
        self._around = Around(questionnaire)
        self._language = language
        self._undrawn = frozenset(item.name for item in page.items if not self._is_drawn(item))
        self._live = set(plan.sources - self._undrawn)
        self._blocked = set(plan.unread)
        self._found: list[LiveStep] = []

    def _is_drawn(self, item: Item) -> bool:
        """False in turns of a repeated group that are not there yet."""
        if not item.repeat:
            return True
        is_there = item.places[-1] <= int(self._values.get(item.repeat, "1"))
        return is_there and self._is_drawn(self._questionnaire.by_name[item.repeat])

    def page(self) -> LivePage:
        """All that can be followed, without steps that nothing needs."""
        for step in self._plan.steps:
            if step.name not in self._undrawn:
                self._follow(step)
        here = [item for item in self._page.items if item.name not in self._undrawn]
        asked = [item for item in here if item.answerable and item.name not in self._blocked]
        checks = {item.name: check for item in asked if (check := self._check(item))}
        choices = {item.name: each for item in asked if (each := self._choices(item))}
        inserted = self._inserted(here)
        conditional = frozenset(step.name for step in self._found) & {
            item.name for item in here if item.shown
        }
        needed = _names_in([*checks.values(), *choices.values()]) | inserted | conditional
        return LivePage(self._kept(needed), checks, choices, inserted, conditional)

    def _follow(self, step: Step) -> None:
        reads = reads_of(step, self._questionnaire)
        if not reads & (self._live | self._blocked):
            return
        item = self._questionnaire.by_name.get(step.name)
        is_elsewhere = item is not None and item.answerable and item.page != self._page.name
        is_left = reads & self._blocked or step.most or is_elsewhere
        made = None if is_left else self._made(step)
        if made is None:
            self._live.discard(step.name)
            self._blocked |= {step.name, *step.items}
            return
        self._found.append(made)
        self._live.add(step.name)
        self._blocked |= {name for name in step.items if self._questionnaire.by_name[name].answerable}

    def _made(self, step: Step) -> LiveStep | None:
        relevant, calculation = _condition(self._questionnaire, step), step.calculation
        if step.name in answers_first(self._questionnaire):
            calculation = None
        if calculation is not None and step.name.partition(MARK)[0] in worded(self._questionnaire):
            return None
        try:
            show = self._truth(relevant) if relevant is not None else True
            value = self._value(calculation) if calculation is not None else None
        except NotScripted:
            return None
        return LiveStep(step.name, show, value, step.page if step.page in self._live else "")

    def _value(self, node: Node) -> Written:
        if self._is_blocked(node):
            raise NotScripted
        return written(residual(node, Known(self._live, self._values, self._around)))

    def _truth(self, node: Node, *, own: bool = False) -> Written:
        if self._is_blocked(node):
            raise NotScripted
        live = self._live | {""} if own else self._live
        return written(condition(node, Known(live, self._values, self._around)))

    def _is_blocked(self, node: Node) -> bool:
        turns = {name.partition(MARK)[0] for name in self._blocked if MARK in name}
        return bool(references(node) & (self._blocked | turns))

    def _check(self, item: Item) -> LiveCheck | None:
        required = self._source(item, item.required) if item.required else False
        constraint = self._source(item, item.constraint, own=True) if item.constraint else None
        is_plain = not required and (constraint is None or constraint is True)
        return None if is_plain else LiveCheck(required, constraint)

    def _source(self, item: Item, source: str, *, own: bool = False) -> Written:
        try:
            return self._truth(expression(self._questionnaire, item, source), own=own)
        except (NotScripted, ExpressionError):
            return None

    def _choices(self, item: Item) -> tuple[tuple[Written, tuple[str, ...]], ...] | None:
        """Each condition with the codes it lets through; none where the page's answers have no say."""
        if not item.choice_filter or item.parameters or item.type is ItemType.RANK or self._in_grid(item):
            return None
        node = filter_of(self._questionnaire, item)
        if not references(node) & self._live or self._is_blocked(node):
            return None
        groups: dict[str, tuple[Written, list[str]]] = {}
        try:
            for category in self._questionnaire.categories(item):
                columns = {**category.columns, "name": category.code}
                known = Known(self._live, self._values, Around(self._questionnaire, "", columns))
                when = written(condition(node, known))
                groups.setdefault(repr(when), (when, []))[1].append(category.code)
        except NotScripted:
            return None
        return tuple((when, tuple(codes)) for when, codes in groups.values())

    def _in_grid(self, item: Item) -> bool:
        return not any(node is item or node == item for node in self._page.laid_out)

    def _inserted(self, here: list[Item]) -> frozenset[str]:
        texts = (
            self._questionnaire.text(item.label, self._language)
            for item in here
            if item.shown and not item.answerable and not item.places
        )
        return frozenset(name for text in texts for name in INSERTED.findall(text)) & self._live

    def _kept(self, needed: set[str] | frozenset[str]) -> tuple[LiveStep, ...]:
        kept: list[LiveStep] = []
        wanted = set(needed)
        for step in reversed(self._found):
            if step.name in wanted:
                kept.append(step)
                wanted |= _names_in([step.show, step.value]) | {step.under}
        return tuple(reversed(kept))


def _names_in(found: object) -> set[str]:
    """The names read by expressions as JSON, wherever they lie."""
    if isinstance(found, LiveCheck):
        return _names_in([found.required, found.constraint])
    if not isinstance(found, (list, tuple)):
        return set()
    if len(found) == 2 and found[0] == "$" and isinstance(found[1], str):
        return {found[1]}
    return set[str]().union(*(_names_in(each) for each in found))
