"""Which pages and questions are asked given the answers so far, and what is wrong with the answers of a page.

Answers to questions that are not asked any more are kept while somebody answers and dropped at submit.
An expression that cannot be worked out hides nothing and refuses nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from graphlib import TopologicalSorter

from surveyor.errors import N_, Problem
from surveyor.instruments.answers import short_label, value_problem
from surveyor.instruments.enums import ItemType
from surveyor.instruments.expressions.evaluator import Around
from surveyor.instruments.expressions.nodes import Node, Reference, references
from surveyor.instruments.expressions.values import number
from surveyor.instruments.logic import (
    Test,
    calculated,
    expression,
    filled,
    holds,
    offered_categories,
    test_of,
    told,
)
from surveyor.instruments.spec import MARK, Answers, Item, Page, Questionnaire, Turn, instance_name


@dataclass(frozen=True)
class Progress:
    """Where a page stands among the pages now asked; `number` counts from 1."""

    number: int
    total: int

    @property
    def share(self) -> float:
        """How much lies behind, from 0 to 1."""
        return (self.number - 1) / self.total if self.total else 0.0


@dataclass(frozen=True)
class State:
    """The questionnaire for a set of answers: `values` holds what counts (asked and calculated), by name."""

    values: Mapping[str, str]
    hidden: frozenset[str]
    """Names of the pages and items that are not asked."""

    def asks(self, item: Item) -> bool:
        return item.name not in self.hidden and item.page not in self.hidden


@dataclass(frozen=True)
class Step:
    """An item or page whose relevance or value must be worked out."""

    name: str
    page: str
    relevant: Test | None
    calculation: Node | None
    items: tuple[str, ...] = ()
    repeat: str = ""
    turn: int = 0
    most: int = 0
    """More than nothing for a repeated group's own item: how many turns there may be."""
    reads: frozenset[str] = frozenset()


@lru_cache(maxsize=128)
def steps(questionnaire: Questionnaire) -> tuple[Step, ...]:
    """What must be worked out, each after what it reads."""
    found = {}
    most = _most_turns(questionnaire)
    for page in questionnaire.pages:
        names = tuple(item.name for item in page.items)
        if page.relevant:
            node = expression(questionnaire, None, page.relevant)
            found[page.name] = Step(page.name, "", test_of(node), None, names, reads=references(node))
        for item in page.items:
            if item.relevant or item.calculation or item.repeat or item.name in most:
                found[item.name] = _item_step(questionnaire, page, item, most.get(item.name, 0))
    order = TopologicalSorter(
        {name: reads_of(step, questionnaire) for name, step in found.items()}
    ).static_order()
    return tuple(found[name] for name in order if name in found)


@lru_cache(maxsize=128)
def _most_turns(questionnaire: Questionnaire) -> Mapping[str, int]:
    turns = (node for page in questionnaire.pages for node in page.laid_out if isinstance(node, Turn))
    return {turn.repeat: turn.place for turn in turns}


def _item_step(questionnaire: Questionnaire, page: Page, item: Item, most: int) -> Step:
    relevant, calculation = (
        expression(questionnaire, item, source) if source else None
        for source in (item.relevant, item.calculation)
    )
    turn = item.places[-1] if item.places else 0
    reads = frozenset[str]().union(*(references(node) for node in (relevant, calculation) if node))
    test = test_of(relevant) if relevant else None
    return Step(item.name, page.name, test, calculation, (), item.repeat, turn, most, reads)


def reads_of(step: Step, questionnaire: Questionnaire) -> set[str]:
    """Names that must be known first: what is read, in every turn of it, and the pages those stand on."""
    names = set[str]()
    for name in step.reads:
        base = name.partition(MARK)[0]
        names |= {name, *_turns_of(questionnaire).get(base, ())} if base in questionnaire.around else {name}
    pages = {questionnaire.by_name[name].page for name in names if name in questionnaire.by_name}
    return (names | pages | {step.page, step.repeat}) - {"", step.name}


@lru_cache(maxsize=128)
def _turns_of(questionnaire: Questionnaire) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for item in questionnaire.all_items:
        if item.places:
            found.setdefault(item.base, []).append(item.name)
    return {base: tuple(names) for base, names in found.items()}


def state(questionnaire: Questionnaire, answers: Answers) -> State:
    """What is asked and what counts, given these answers: the same in every language."""
    values = _known_values(questionnaire, answers)
    hidden: set[str] = set()
    overruled = answers_first(questionnaire)
    around = Around(questionnaire)
    for step in steps(questionnaire):
        if step.page in hidden:
            continue
        is_asked = not step.repeat or _is_turn_asked(step, values, hidden)
        if not is_asked or (step.relevant is not None and not step.relevant(values, around)):
            hidden.add(step.name)
            for name in (step.name, *step.items):
                values.pop(name, None)
        elif step.most:
            values[step.name] = _n_turns(step, values, around)
        elif step.calculation is not None and step.name not in overruled:
            values.pop(step.name, None)
            if worked_out := calculated(step.calculation, values, around):
                values[step.name] = worked_out
    return State(values, frozenset(hidden))


def _known_values(questionnaire: Questionnaire, answers: Answers) -> dict[str, str]:
    known = questionnaire.by_name
    if answers.keys() <= known.keys() and all(answers.values()):
        return dict(answers)
    return {name: value for name, value in answers.items() if value and name in known}


def _is_turn_asked(step: Step, values: Mapping[str, str], hidden: set[str]) -> bool:
    return step.repeat not in hidden and step.turn <= int(values.get(step.repeat, "1"))


def _n_turns(step: Step, values: Mapping[str, str], around: Around) -> str:
    """How many turns a repeated group has: as worked out, else as chosen, else one."""
    if step.calculation is not None:
        written = calculated(step.calculation, values, around)
        n = number(written) if written else 0.0
        return str(int(max(0.0, min(n, step.most)))) if n == n else "0"
    written = values.get(step.name, "")
    is_number = written.isascii() and written.isdigit() and len(written) < 9
    return str(max(1, min(int(written), step.most))) if is_number else "1"


@lru_cache(maxsize=128)
def answers_first(questionnaire: Questionnaire) -> frozenset[str]:
    """Items with a calculation that the respondent may overrule: it is only what they begin with."""
    return frozenset(item.name for item in questionnaire.items if item.calculation)


def shown_on(page: Page, now: State) -> frozenset[str]:
    """Names of the items a page shows in this state, notes too."""
    if page.name in now.hidden:
        return frozenset()
    return page.shown_names - now.hidden


def asked_pages(questionnaire: Questionnaire, answers: Answers) -> tuple[Page, ...]:
    """The pages now asked, in order: those with something to show."""
    return pages_shown(questionnaire, state(questionnaire, answers))


def pages_shown(questionnaire: Questionnaire, now: State) -> tuple[Page, ...]:
    """The pages asked in this state, in order."""
    return tuple([page for page in questionnaire.pages if _shows(page, now)])


def _shows(page: Page, now: State) -> bool:
    return page.name not in now.hidden and not page.shown_names <= now.hidden


def next_page(questionnaire: Questionnaire, name: str, answers: Answers) -> Page | None:
    """The page now asked after this one; None after the last."""
    return page_after(questionnaire, name, state(questionnaire, answers))


def page_after(questionnaire: Questionnaire, name: str, now: State) -> Page | None:
    """The page asked after this one in this state; None after the last."""
    here = questionnaire.page_places.get(name, -1)
    return next((page for page in questionnaire.pages[here + 1 :] if _shows(page, now)), None)


def previous_page(questionnaire: Questionnaire, name: str, answers: Answers) -> Page | None:
    """The page now asked before this one; None before the first."""
    return page_before(questionnaire, name, state(questionnaire, answers))


def page_before(questionnaire: Questionnaire, name: str, now: State) -> Page | None:
    """The page asked before this one in this state; None before the first."""
    here = questionnaire.page_places.get(name, 0)
    return next((page for page in reversed(questionnaire.pages[:here]) if _shows(page, now)), None)


def page_left_at(questionnaire: Questionnaire, now: State) -> Page | None:
    """Where somebody who comes back goes on: the last page begun, or the one after; None after the last."""
    pages = pages_shown(questionnaire, now)
    begun = [page for page in pages if any(_answered(page, now))]
    if not begun:
        return pages[0] if pages else None
    if all(_answered(begun[-1], now)):
        return next(iter(pages[pages.index(begun[-1]) + 1 :]), None)
    return begun[-1]


def _answered(page: Page, now: State) -> list[bool]:
    """For each question asked on a page whether it is answered; how often a group is repeated is none."""
    asked = (item for item in questions_asked(page, now) if item.type is not ItemType.REPEAT)
    return [bool(now.values.get(item.name)) for item in asked]


def questions_asked(page: Page, now: State) -> list[Item]:
    """The questions of a page that are asked in this state."""
    return [item for item in page.questions if now.asks(item)]


def progress(questionnaire: Questionnaire, name: str, answers: Answers) -> Progress:
    """How far a page is among the pages now asked."""
    return progress_in(questionnaire, name, state(questionnaire, answers))


def progress_in(questionnaire: Questionnaire, name: str, now: State) -> Progress:
    """How far a page is among the pages asked in this state."""
    shown = [_shows(page, now) for page in questionnaire.pages]
    before, total = sum(shown[: questionnaire.page_places.get(name, 0)]), sum(shown)
    return Progress(min(before + 1, total), total)


def kept_answers(questionnaire: Questionnaire, answers: Answers) -> dict[str, str]:
    """What is submitted: answers to questions that are asked, in instrument order, calculations included."""
    values = state(questionnaire, answers).values
    return {item.name: values[item.name] for item in questionnaire.all_items if item.name in values}


def validate_page(questionnaire: Questionnaire, page: Page, answers: Answers, language: str) -> list[Problem]:
    """What is wrong with the answers of one page; each problem's `field` is the item's name."""
    return page_problems(questionnaire, page, state(questionnaire, answers), language)


def validate_all(questionnaire: Questionnaire, answers: Answers, language: str) -> list[Problem]:
    """What is wrong on any page now asked, in order."""
    return all_problems(questionnaire, state(questionnaire, answers), language)


def all_problems(questionnaire: Questionnaire, now: State, language: str) -> list[Problem]:
    """What is wrong on any page asked in this state, in order."""
    pages = pages_shown(questionnaire, now)
    return [problem for page in pages for problem in page_problems(questionnaire, page, now, language)]


def page_problems(questionnaire: Questionnaire, page: Page, now: State, language: str) -> list[Problem]:
    """What is wrong with the answers of one page in this state."""
    found = (_item_problem(questionnaire, item, now.values, language) for item in questions_asked(page, now))
    return [problem for problem in found if problem]


def _item_problem(
    questionnaire: Questionnaire, item: Item, values: Mapping[str, str], language: str
) -> Problem | None:
    value = values.get(item.name, "")
    if not value:
        return _required_problem(questionnaire, item, values, language)
    if problem := value_problem(questionnaire, item, value):
        return problem
    if item.choice_filter and (problem := _unoffered(questionnaire, item, values, value)):
        return problem
    if item.type is ItemType.SELECT_MULTIPLE and (
        problem := _not_alone(questionnaire, item, value, language)
    ):
        return problem
    if item.constraint and not holds(
        expression(questionnaire, item, item.constraint), values, value, Around(questionnaire)
    ):
        own = filled(questionnaire, questionnaire.text(item.constraint_message, language), values, language)
        message = own or N_("Svaret er ikke gyldig. Se over det en gang til.")
        return Problem(message, field=item.name, is_quoted=bool(own))
    return None


def _required_problem(
    questionnaire: Questionnaire, item: Item, values: Mapping[str, str], language: str
) -> Problem | None:
    if not item.required or not is_required(questionnaire, item, values):
        return None
    if own := questionnaire.text(item.required_message, language):
        return Problem(filled(questionnaire, own, values, language), field=item.name, is_quoted=True)
    if item.type is ItemType.UPLOAD:
        return Problem(N_("Du må legge ved en fil her."), field=item.name)
    if label := short_label(questionnaire, item, language):
        return Problem(N_("Svar på «%(question)s»."), {"question": label}, field=item.name)
    return Problem(N_("Du må svare på dette spørsmålet."), field=item.name)


def is_required(questionnaire: Questionnaire, item: Item, values: Mapping[str, str]) -> bool:
    """True if an asked item must be answered, given the other values."""
    if not item.required or item.type in (ItemType.HIDDEN, ItemType.REPEAT):
        return False
    return holds(expression(questionnaire, item, item.required), values, around=Around(questionnaire))


def _unoffered(
    questionnaire: Questionnaire, item: Item, values: Mapping[str, str], value: str
) -> Problem | None:
    offered = {category.code for category in offered_categories(questionnaire, item, values)}
    unknown = next((code for code in value.split() if code not in offered), None)
    if unknown is None:
        return None
    return Problem(N_("Svaret passer ikke lenger med det du har svart før. Velg på nytt."), field=item.name)


def _not_alone(questionnaire: Questionnaire, item: Item, value: str, language: str) -> Problem | None:
    """Whoever does not know has no other answer: the script keeps the two apart, and here it is asked."""
    codes = value.split()
    if len(codes) < 2:
        return None
    apart = next(
        (each for each in questionnaire.categories(item) if each.missing and each.code in codes), None
    )
    if apart is None:
        return None
    message = N_("Du har valgt «%(choice)s» sammen med andre svar. Behold enten det eller de andre.")
    return Problem(message, {"choice": questionnaire.text(apart.label, language)}, field=item.name)


def triggered_values(
    questionnaire: Questionnaire, before: Answers, after: Answers, language: str
) -> dict[str, str]:
    """New values of the items that are worked out anew when a triggering answer changes."""
    found: dict[str, str] = {}
    for item in _triggered_items(questionnaire):
        named = [expression(questionnaire, item, f"${{{name}}}") for name in item.trigger.split()]
        names = [node.name for node in named if isinstance(node, Reference)]
        if any(before.get(name, "") != after.get(name, "") for name in names):
            now = state(questionnaire, {**after, **found}).values
            node = expression(questionnaire, item, item.calculation)
            found[item.name] = told(questionnaire, node, now, language if item.shown else "")
    return found


@lru_cache(maxsize=128)
def _triggered_items(questionnaire: Questionnaire) -> tuple[Item, ...]:
    return tuple(item for item in questionnaire.items if item.trigger and item.calculation)


def turned(questionnaire: Questionnaire, repeat: str, answers: Answers, removed: int) -> dict[str, str]:
    """The answers with one more turn of a repeated group, or without the turn `removed` (the last stays)."""
    own = questionnaire.item(repeat)
    n = int(state(questionnaire, answers).values.get(repeat, "1"))
    changed = dict(answers)
    if not removed:
        return {**changed, repeat: str(min(n + 1, _most_turns(questionnaire)[repeat]))}
    if not 1 <= removed <= n or n == 1:
        return changed
    depth = len(own.places)
    inner = [i for i in questionnaire.all_items if own.base in questionnaire.around.get(i.base, ())]
    inside = [item for item in inner if item.places[:depth] == own.places]
    for item in inside:
        if item.places[depth] >= removed:
            changed.pop(item.name, None)
    for item in inside:
        if item.places[depth] > removed and item.name in answers:
            places = (*item.places[:depth], item.places[depth] - 1, *item.places[depth + 1 :])
            changed[instance_name(item.base, places)] = answers[item.name]
    return {**changed, repeat: str(n - 1)}
