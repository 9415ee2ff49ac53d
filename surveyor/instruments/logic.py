"""A questionnaire's expressions where they stand: conditions, values, answer options, words with answers in.

An expression that cannot be worked out hides nothing and refuses nothing. What is asked and what counts is
the same in every language: only words are told in the reader's own.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import TypeAlias

from surveyor.instruments.enums import ItemType
from surveyor.instruments.expressions.evaluator import NOWHERE, Around, evaluate, is_true
from surveyor.instruments.expressions.nodes import (
    PARENT,
    Call,
    Chain,
    ExpressionError,
    Literal,
    Node,
    Reference,
    references,
    walk,
)
from surveyor.instruments.expressions.parser import parse
from surveyor.instruments.expressions.turns import Place, in_turn
from surveyor.instruments.expressions.values import equal, string
from surveyor.instruments.spec import MARK, Category, Item, Questionnaire

INSERTED = re.compile(r"\$\{\s*([^\s{}]+)\s*\}")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_FRACTION = re.compile(r"-?[0-9]+\.[0-9]+", re.ASCII)
_CALL = re.compile(r"[a-z][a-z0-9:\-]*\(.*\)", re.DOTALL)
_KEPT = 32  # codes that a condition need not read as numbers again
_DECIMAL_POINT = frozenset({"en"})


def expression(questionnaire: Questionnaire, item: Item | None, source: str) -> Node:
    """An expression as it reads where it stands; raises ExpressionError."""
    if item is None or not item.places:
        return parse(source)
    return _placed(questionnaire, item.base, item.places, source)


@lru_cache(maxsize=16_384)
def _placed(questionnaire: Questionnaire, base: str, places: tuple[int, ...], source: str) -> Node:
    return in_turn(parse(source), Place(questionnaire.around[base], places, questionnaire.around))


def holds(node: Node, values: Mapping[str, str], own: str = "", around: Around = NOWHERE) -> bool:
    """True where the expression is, or cannot be worked out."""
    try:
        return is_true(node, values, own, around)
    except ExpressionError:
        return True


Test: TypeAlias = Callable[[Mapping[str, str], Around], bool]


def test_of(node: Node) -> Test:
    """A condition ready to be asked again and again; the commonest kinds without walking the tree."""
    quick = _shortcut(node)
    if quick is not None:
        return quick
    return lambda values, around: holds(node, values, "", around)


def _shortcut(node: Node) -> Test | None:
    """A test for `${x} = 'code'`, `!=` and those joined by and, or; None for anything else."""
    if not isinstance(node, Chain):
        return None
    if node.operators[0] in ("and", "or"):
        tests = [_shortcut(each) for each in node.operands]
        known = [test for test in tests if test is not None]
        if len(known) < len(tests):
            return None
        either = any if node.operators[0] == "or" else all
        return lambda values, around: either(test(values, around) for test in known)
    if len(node.operands) != 2 or node.operators[0] not in ("=", "!="):
        return None
    asked, code = node.operands
    if not (isinstance(asked, Reference) and asked.name not in ("", PARENT) and isinstance(code, Literal)):
        return None
    name, wanted, is_equal = asked.name, code.value, node.operators[0] == "="
    if isinstance(wanted, str):
        return lambda values, _around: (values.get(name, "") == wanted) is is_equal
    is_wanted = lru_cache(maxsize=_KEPT)(lambda answer: equal(answer, wanted) is is_equal)
    return lambda values, _around: is_wanted(values.get(name, ""))


def calculated(node: Node, values: Mapping[str, str], around: Around = NOWHERE) -> str:
    """The value as an answer; empty where it cannot be worked out."""
    try:
        text = string(evaluate(node, values, "", around))
    except ExpressionError:
        return ""
    return "" if text == "NaN" else text


def told(questionnaire: Questionnaire, node: Node, values: Mapping[str, str], language: str) -> str:
    """The value as words in a language; empty where it cannot be worked out."""
    if language in ("", questionnaire.default_language) or not worded(questionnaire):
        return calculated(node, values, Around(questionnaire, language))
    read = {name.partition(MARK)[0] for name in references(node)} & worded(questionnaire)
    found = {
        name: in_words(questionnaire, name, values, language)
        for name in values
        if name.partition(MARK)[0] in read
    }
    return calculated(node, values, Around(questionnaire, language, told=found))


@lru_cache(maxsize=128)
def worded(questionnaire: Questionnaire) -> frozenset[str]:
    """Plain names of the values that hold an answer option's words, and so differ between languages."""
    sources = ((item.base, item.calculation) for item in questionnaire.all_items)
    nodes = {base: parse(source) for base, source in sources if source}
    found = {base for base, node in nodes.items() if any(_names_choices(part) for part in walk(node))}
    while more := {base for base, node in nodes.items() if references(node) & found} - found:
        found |= more
    return frozenset(found)


def _names_choices(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "jr:choice-name"


def is_worked_out(default: str) -> bool:
    """True for a start value that is an expression, not the answer itself."""
    return "${" in default or _CALL.fullmatch(default.strip()) is not None


def start_value(questionnaire: Questionnaire, item: Item, values: Mapping[str, str], language: str) -> str:
    """What an item nobody has answered begins with."""
    source = item.default or (item.calculation if item.answerable else "")
    if not source or not (is_worked_out(source) or source == item.calculation):
        return source
    try:
        return told(questionnaire, expression(questionnaire, item, source), values, language)
    except ExpressionError:
        return ""


def offered_categories(
    questionnaire: Questionnaire, item: Item, values: Mapping[str, str]
) -> Sequence[Category]:
    """The answer options that the item's choice filter lets through, in the order shown."""
    found = questionnaire.categories(item)
    if item.choice_filter:
        node = filter_of(questionnaire, item)
        found = tuple(
            category
            for category in found
            if holds(node, values, "", Around(questionnaire, "", {**category.columns, "name": category.code}))
        )
    if item.parameters.get("randomize") == "true":
        return _shuffled(questionnaire, item, found, values)
    return found


def filter_of(questionnaire: Questionnaire, item: Item) -> Node:
    """The choice filter as it reads where the item stands; raises ExpressionError."""
    node = parse(item.choice_filter, filters=True)
    if not item.places:
        return node
    return in_turn(node, Place(questionnaire.around[item.base], item.places, questionnaire.around))


def _shuffled(
    questionnaire: Questionnaire, item: Item, categories: Sequence[Category], values: Mapping[str, str]
) -> Sequence[Category]:
    """Drawn by the author's seed, else by the answers on earlier pages, so that a page keeps its order."""
    seed = item.parameters.get("seed", "")
    if seed:
        seed = calculated(expression(questionnaire, item, seed), values, Around(questionnaire))
    else:
        seed = "\0".join(f"{name}={values.get(name, '')}" for name in _before(questionnaire, item.page))
    drawn = random.Random(sha256(f"{item.base}\0{seed}".encode()).digest())
    valid = [category for category in categories if not category.missing]
    drawn.shuffle(valid)
    return (*valid, *(category for category in categories if category.missing))


@lru_cache(maxsize=4_096)
def _before(questionnaire: Questionnaire, page: str) -> tuple[str, ...]:
    names: list[str] = []
    for each in questionnaire.pages:
        if each.name == page:
            break
        names += [item.name for item in each.items if item.answerable]
    return tuple(names)


def filled(
    questionnaire: Questionnaire,
    text: str,
    values: Mapping[str, str],
    language: str,
    item: Item | None = None,
) -> str:
    """A text with the answers put in for `${name}`."""
    if "${" not in text:
        return text

    def words(match: re.Match[str]) -> str:
        try:
            node = expression(questionnaire, item, "${" + match[1] + "}")
        except ExpressionError:
            return ""
        return in_words(questionnaire, node.name, values, language) if isinstance(node, Reference) else ""

    return INSERTED.sub(words, text)


def filled_name(questionnaire: Questionnaire, values: Mapping[str, str], language: str) -> str:
    """What a filled form is called, by the author's setting `instance_name`; empty without one."""
    source = questionnaire.settings.get("instance_name", "")
    try:
        return told(questionnaire, parse(source), values, language) if source else ""
    except ExpressionError:
        return ""


def in_words(questionnaire: Questionnaire, name: str, values: Mapping[str, str], language: str) -> str:
    """An answer as people write it: labels for codes, the language's dates and numbers."""
    item, value = questionnaire.by_name.get(name), values.get(name, "")
    if item is None or not value:
        return value
    if item.calculation and not item.answerable and item.base in worded(questionnaire):
        return told(questionnaire, expression(questionnaire, item, item.calculation), values, language)
    if item.type is ItemType.UPLOAD:
        return ""  # what it is called is known where it is kept
    if item.code_list:
        known = questionnaire.code_lists[item.code_list].by_code
        if value in known:
            return questionnaire.text(known[value].label, language)
        labels = (questionnaire.text(known[c].label, language) if c in known else c for c in value.split())
        return ", ".join(labels)
    if item.type is ItemType.TEXT:
        return value
    if item.type is ItemType.DATETIME and "T" in value:
        value = value.replace("T", " ")
    if language in _DECIMAL_POINT:
        return value
    if match := _ISO_DATE.fullmatch(value[:10]):
        return f"{match[3]}.{match[2]}.{match[1]}{value[10:]}"
    is_number = item.type in (ItemType.DECIMAL, ItemType.RANGE) or _FRACTION.fullmatch(value)
    return value.replace(".", ",") if is_number and item.type is not ItemType.GEOPOINT else value
