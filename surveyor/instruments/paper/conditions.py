"""Conditions in plain words, for somebody with a pen: when a question is asked, and where to go next."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from surveyor.instruments.enums import ItemType
from surveyor.instruments.expressions.evaluator import Around
from surveyor.instruments.expressions.nodes import (
    PARENT,
    Call,
    Chain,
    ExpressionError,
    Literal,
    Node,
    Reference,
    references,
)
from surveyor.instruments.expressions.values import string
from surveyor.instruments.logic import expression, holds
from surveyor.instruments.paper.wording import listed, words_in
from surveyor.instruments.spec import Item, Questionnaire

_COMPARED = {">=": "at_least", "<=": "at_most", ">": "more", "<": "less"}
_TURNED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "=": "=", "!=": "!="}
_OPPOSITE = {"chose": "not_chose", "ticked": "not_ticked", "answered": "not_answered"}
_OPPOSITES = _OPPOSITE | {no: yes for yes, no in _OPPOSITE.items()}
Fact = tuple[str, str, str]
"""Which phrase, about which question, with which answer."""


@dataclass(frozen=True)
class Described:
    """A questionnaire whose printed questions have numbers, in one language."""

    questionnaire: Questionnaire
    language: str
    numbers: Mapping[str, str]

    def condition(self, item: Item | None, source: str) -> str:
        """When something is asked, as a sentence; empty when it always is."""
        if not source or source.strip() == "true()":
            return ""
        words = words_in(self.language)
        try:
            node = expression(self.questionnaire, item, source)
        except ExpressionError:
            return words["depends_on_nothing"]
        if said := self._words(node):
            return words["only_if"] % {"condition": said}
        asked = sorted({self.numbers[name] for name in references(node) if name in self.numbers}, key=int)
        if not asked:
            return words["depends_on_nothing"]
        return words["depends"] % {"numbers": listed(asked, words["and"])}

    def answer(self, item: Item, code: str) -> str:
        """An answer in quotation marks."""
        known = {each.code: each.label for each in self.questionnaire.categories(item)}
        label = self.questionnaire.text(known[code], self.language) if code in known else code
        return words_in(self.language)["quoted"] % {"answer": label}

    def jumps(self, item: Item, following: Sequence[Item]) -> tuple[str, ...]:
        """Where somebody goes after each answer that leaves out the next two questions or more."""
        if item.type is not ItemType.SELECT_ONE:
            return ()
        depending = list(self._depending(item, following))
        targets: dict[int, list[str]] = {}
        for category in self.questionnaire.categories(item):
            n_left_out = 0
            while n_left_out < len(depending) and not depending[n_left_out](category.code):
                n_left_out += 1
            if n_left_out > 1:
                targets.setdefault(n_left_out, []).append(self.answer(item, category.code))
        return tuple(self._jump(answers, following[n:]) for n, answers in sorted(targets.items()))

    def _jump(self, answers: list[str], rest: Sequence[Item]) -> str:
        words = words_in(self.language)
        said = listed(answers, words["or"])
        if not rest:
            return words["jump_to_end"] % {"answers": said}
        return words["jump"] % {"answers": said, "number": self.numbers[rest[0].name]}

    def _depending(self, item: Item, following: Sequence[Item]) -> Iterator[Callable[[str], bool]]:
        """Whether each question right after this one is asked, given the answer, while only that decides."""
        for each in following:
            sources = [(None, self.questionnaire.page(each.page).relevant), (each, each.relevant)]
            try:
                nodes = [expression(self.questionnaire, owner, source) for owner, source in sources if source]
            except ExpressionError:
                return
            if not nodes or any(references(node) != {item.name} for node in nodes):
                return
            yield self._test(item.name, nodes)

    def _test(self, name: str, nodes: Sequence[Node]) -> Callable[[str], bool]:
        around = Around(self.questionnaire)
        return lambda code: all(holds(node, {name: code}, "", around) for node in nodes)

    def _words(self, node: Node) -> str | None:
        """A condition in words; None where it is not simple enough for that."""
        if fact := self._fact(node):
            return self._say([fact])
        if not isinstance(node, Chain) or node.operators[0] not in ("and", "or"):
            return None
        facts = [self._fact(each) for each in node.operands]
        joint = words_in(self.language)[node.operators[0]]
        if node.operators[0] == "or" and all(facts):
            groups = groupby((fact for fact in facts if fact), key=lambda fact: fact[:2])
            return self._any_of([list(group) for _, group in groups])
        parts = [self._words(each) for each in node.operands]
        if any(isinstance(each, Chain) and each.operators[0] in ("and", "or") for each in node.operands):
            return None  # «a and (b or c)» cannot be told from «(a and b) or c» in a sentence
        return f" {joint} ".join(part for part in parts if part) if all(parts) else None

    def _any_of(self, groups: Sequence[Sequence[Fact]]) -> str | None:
        """«Ja» or «Delvis» to one question in one breath; «not a or not b» has no such breath."""
        if any(len(group) > 1 and group[0][0] not in ("chose", "ticked") for group in groups):
            return None
        return f" {words_in(self.language)['or']} ".join(self._say(group) for group in groups)

    def _say(self, facts: Sequence[Fact]) -> str:
        words = words_in(self.language)
        phrase, name, _ = facts[0]
        item, number = self.questionnaire.by_name[name], self.numbers[name]
        answers = listed([self.answer(item, value) for _, _, value in facts], words["or"])
        value = facts[0][2] if self.language == "en" else facts[0][2].replace(".", ",")
        return words[phrase] % {"number": number, "answers": answers, "value": value}

    def _fact(self, node: Node) -> Fact | None:
        if isinstance(node, Call):
            return self._called(node)
        if not isinstance(node, Chain) or len(node.operands) != 2:
            return None
        (left, right), operator = node.operands, node.operators[0]
        if isinstance(left, Literal):
            left, right, operator = right, left, _TURNED.get(operator, "")
        if not isinstance(left, Reference) or not isinstance(right, Literal) or not self._is_printed(left):
            return None
        value = string(right.value)
        if operator in _COMPARED:
            return (_COMPARED[operator], left.name, value)
        if operator not in ("=", "!="):
            return None
        phrase = self._equality(left.name, value)
        if operator == "!=":
            phrase = _OPPOSITES.get(phrase, "")
        return (phrase, left.name, value) if phrase else None

    def _equality(self, name: str, value: str) -> str:
        item = self.questionnaire.by_name[name]
        if not value:
            return "not_answered"
        if item.type is ItemType.ACKNOWLEDGE:
            return "answered"
        return "chose" if item.selects or item.type is ItemType.TEXT else "equals"

    def _called(self, node: Call) -> Fact | None:
        if node.name == "selected" and len(node.arguments) == 2:
            asked, value = node.arguments
            if isinstance(asked, Reference) and isinstance(value, Literal) and self._is_printed(asked):
                is_one = self.questionnaire.by_name[asked.name].type is ItemType.SELECT_ONE
                return ("chose" if is_one else "ticked", asked.name, string(value.value))
        if node.name == "not" and len(node.arguments) == 1:
            fact = self._fact(node.arguments[0])
            if fact and fact[0] in _OPPOSITES:
                return (_OPPOSITES[fact[0]], fact[1], fact[2])
        return None

    def _is_printed(self, node: Reference) -> bool:
        return node.name not in ("", PARENT) and node.name in self.numbers
