"""Works out an expression for a set of answers, in a bounded number of steps."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from surveyor.errors import N_
from surveyor.instruments.expressions.functions import FUNCTIONS, NODE_SETS
from surveyor.instruments.expressions.nodes import (
    Call,
    Chain,
    Column,
    ExpressionError,
    Literal,
    Negation,
    Node,
    Reference,
    Value,
    quoted_name,
)
from surveyor.instruments.expressions.parser import parse
from surveyor.instruments.expressions.values import boolean, equal, number, string
from surveyor.instruments.spec import MARK, Questionnaire, instance_name

MAX_STRING = 100_000
MAX_STEPS = 10_000

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True)
class Around:
    """What an expression may look up besides the answers.

    With a `language` the value is told in it, `told` holding other values told so; what decides is worked
    out in the questionnaire's default language whoever answers.
    """

    questionnaire: Questionnaire | None = None
    language: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)


NOWHERE = Around()

_TELLING = frozenset(
    ["coalesce", "concat", "join", "normalize-space", "once", "string", "substr", "substring-after",
     "substring-before", "translate"]
)  # fmt: skip
"""Functions whose value is words made of their arguments' words; what every other one reads, decides."""


def evaluate(
    expression: str | Node, answers: Mapping[str, str], own: str = "", around: Around = NOWHERE
) -> Value:
    """The value for these answers, `own` for `.`; unanswered is the empty string. Raises ExpressionError."""
    node = parse(expression) if isinstance(expression, str) else expression
    return _Run(answers, own, around).value(node)


def is_true(
    expression: str | Node, answers: Mapping[str, str], own: str = "", around: Around = NOWHERE
) -> bool:
    """The value as a truth; raises ExpressionError."""
    return boolean(evaluate(expression, answers, own, around))


class _Run:
    def __init__(self, answers: Mapping[str, str], own: str, around: Around) -> None:
        self._counted, self._own, self._around = answers, own, around
        self._language = around.language
        self._answers = {**answers, **around.told} if around.told else answers
        self._steps = 0

    def value(self, node: Node) -> Value:
        self._spend(1, node)
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, Reference):
            return self._answers.get(node.name, "") if node.name else self._own
        if isinstance(node, Column):
            return self._around.columns.get(node.name, "")
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Negation):
            return -number(self._deciding(node.operand))
        return self._chain(node)

    def _deciding(self, node: Node) -> Value:
        """A value that something hangs on: the same in whatever language the rest is told."""
        if not self._language:
            return self.value(node)
        telling = self._answers, self._language
        self._answers, self._language = self._counted, ""
        try:
            return self.value(node)
        finally:
            self._answers, self._language = telling

    def _spend(self, steps: int, node: Node) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise ExpressionError(N_("Uttrykket er for tungt å regne ut."), node.at)

    def _call(self, node: Call) -> Value:
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise unknown_function(node)
        if not function.least <= len(node.arguments) <= function.most:
            raise wrong_count(node)
        if node.name == "if":
            return self.value(node.arguments[1 if boolean(self._deciding(node.arguments[0])) else 2])
        if node.name in _LOOKING_UP:
            return _LOOKING_UP[node.name](self, node)
        values = self._arguments(node)
        self._spend(sum(len(each) // 50 for each in values if isinstance(each, str)), node)
        value = function.call(*values)
        if isinstance(value, str) and len(value) > MAX_STRING:
            raise ExpressionError(N_("Teksten som uttrykket lager, er for lang."), node.at)
        return value

    def _arguments(self, node: Call) -> list[Value]:
        """The arguments' values; all answers where the function takes them and the question is repeated."""
        found: list[Value] = []
        read = self.value if node.name in _TELLING else self._deciding
        for argument in node.arguments:
            repeated = self._repeated(argument) if node.name in NODE_SETS else []
            found += repeated or [read(argument)]
        return found

    def _repeated(self, node: Node) -> list[str]:
        """The answers to a question in a repeated group, in order; none for anything else."""
        if not isinstance(node, Reference) or not node.name:
            return []
        self._spend(len(self._answers) // 20, node)
        start = node.name + MARK
        first = re.sub(rf"(?:{MARK}1)+$", "", node.name)
        places = [name for name in self._answers if name.startswith(start) and name[len(start)].isdigit()]
        if not places:
            return []
        self._spend(len(places), node)
        if first in self._answers:
            places.append(first)
        return [self._answers[name] for name in sorted(places, key=_place)]

    def _count(self, node: Call) -> Value:
        name = node.arguments[0].name if isinstance(node.arguments[0], Reference) else ""
        asked = self._around.questionnaire
        if asked is not None and name in asked.repeat_names:
            return number(self._answers.get(name, "0"))
        return FUNCTIONS["count"].call(*self._arguments(node))

    def _indexed(self, node: Call) -> Value:
        """The answer in one particular turn: indexed-repeat(${question}, ${group}, number, …)."""
        asked = node.arguments[0]
        places = [number(self._deciding(each)) for each in node.arguments[2::2]]
        if not isinstance(asked, Reference) or any(not 1 <= place <= 1_000 for place in places):
            return ""
        return self._answers.get(instance_name(asked.name, [int(place) for place in places]), "")

    def _choice_name(self, node: Call) -> Value:
        codes, asked = string(self._deciding(node.arguments[0])), self._around.questionnaire
        item = asked.by_name.get(quoted_name(node.arguments[1])) if asked is not None else None
        if asked is None or item is None or not item.code_list:
            return codes
        known = asked.code_lists[item.code_list].by_code
        words = (asked.text(known[code].label, self._language) for code in codes.split() if code in known)
        return ", ".join(words)

    def _pulled(self, node: Call) -> Value:
        table, column, key_column, key = (string(self._deciding(each)) for each in node.arguments)
        asked = self._around.questionnaire
        found = asked.code_lists.get(table.removesuffix(".csv").lower()) if asked is not None else None
        if found is None:
            return ""
        self._spend(1 + len(found.categories) // 100, node)
        return next((row.cell(column) for row in found.categories if row.cell(key_column) == key), "")

    def _chain(self, node: Chain) -> Value:
        if node.operators[0] in ("and", "or"):
            stop = node.operators[0] == "or"
            return stop if any(boolean(self._deciding(each)) is stop for each in node.operands) else not stop
        value = self._deciding(node.operands[0])
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            value = _apply(operator, value, self._deciding(operand))
        return value


_LOOKING_UP: Mapping[str, Callable[[_Run, Call], Value]] = {
    "count": _Run._count,
    "indexed-repeat": _Run._indexed,
    "jr:choice-name": _Run._choice_name,
    "pulldata": _Run._pulled,
}


def _place(name: str) -> list[int]:
    return [int(part) for part in name.split(MARK)[1:] if part.isdigit()] or [1]


def _apply(operator: str, left: Value, right: Value) -> Value:
    if operator in ("=", "!="):
        return equal(left, right) is (operator == "=")
    a, b = number(left), number(right)
    if operator in _COMPARE:
        return _COMPARE[operator](a, b)
    return _arithmetic(operator, a, b)


def _arithmetic(operator: str, a: float, b: float) -> float:
    if operator == "+":
        return a + b
    if operator == "-":
        return a - b
    if operator == "*":
        return a * b
    if operator == "div":
        return _divide(a, b)
    return math.nan if b == 0 or not math.isfinite(a) or math.isnan(b) else math.fmod(a, b)


def _divide(a: float, b: float) -> float:
    if b:
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def unknown_function(node: Call) -> ExpressionError:
    """The error for a function that is not there."""
    return ExpressionError(
        N_("Funksjonen %(name)s() finnes ikke her (tegn %(at)s)."), node.at, name=node.name
    )


def wrong_count(node: Call) -> ExpressionError:
    """The error for too few or too many arguments."""
    message = N_("Funksjonen %(name)s() kan ikke ha %(count)s verdier i parentesen (tegn %(at)s).")
    return ExpressionError(message, node.at, name=node.name, count=len(node.arguments))
