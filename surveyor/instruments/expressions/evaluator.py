"""Works out an expression for a set of answers.

Each node is worked out at most once and a source is at most tokens.MAX_SOURCE long, so the steps are bounded.
"""

import math
from collections.abc import Callable, Mapping

from surveyor.errors import N_
from surveyor.instruments.expressions.functions import FUNCTIONS
from surveyor.instruments.expressions.nodes import (
    Call,
    Chain,
    ExpressionError,
    Literal,
    Negation,
    Node,
    Reference,
    Value,
)
from surveyor.instruments.expressions.parser import parse
from surveyor.instruments.expressions.values import boolean, equal, number

MAX_STRING = 100_000

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def evaluate(expression: str | Node, answers: Mapping[str, str], own: str = "") -> Value:
    """The value for these answers, `own` for `.`; unanswered is the empty string. Raises ExpressionError."""
    node = parse(expression) if isinstance(expression, str) else expression
    return _Run(answers, own).value(node)


def is_true(expression: str | Node, answers: Mapping[str, str], own: str = "") -> bool:
    """The value as a truth; raises ExpressionError."""
    return boolean(evaluate(expression, answers, own))


class _Run:
    def __init__(self, answers: Mapping[str, str], own: str) -> None:
        self._answers, self._own = answers, own

    def value(self, node: Node) -> Value:
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, Reference):
            return self._answers.get(node.name, "") if node.name else self._own
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Negation):
            return -number(self.value(node.operand))
        return self._chain(node)

    def _call(self, node: Call) -> Value:
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise unknown_function(node)
        if not function.least <= len(node.arguments) <= function.most:
            raise wrong_count(node)
        if node.name == "if":
            return self.value(node.arguments[1 if boolean(self.value(node.arguments[0])) else 2])
        value = function.call(*(self.value(argument) for argument in node.arguments))
        if isinstance(value, str) and len(value) > MAX_STRING:
            raise ExpressionError(N_("Teksten som uttrykket lager, er for lang."), node.at)
        return value

    def _chain(self, node: Chain) -> Value:
        if node.operators[0] in ("and", "or"):
            stop = node.operators[0] == "or"
            return stop if any(boolean(self.value(each)) is stop for each in node.operands) else not stop
        value = self.value(node.operands[0])
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            value = _apply(operator, value, self.value(operand))
        return value


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
