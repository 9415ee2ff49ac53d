"""What is left of an expression when everything but one page's answers is known, and how a script reads it.

A residual holds no answer from anywhere else: only whether such an answer met a condition. Where that is not
enough, or a function is not the script's, the expression stays with the server.
"""

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from surveyor.instruments.expressions.evaluator import NOWHERE, Around, evaluate
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
    references,
    walk,
)
from surveyor.instruments.expressions.patterns import script_pattern
from surveyor.instruments.expressions.values import boolean, string
from surveyor.instruments.spec import MARK

Written: TypeAlias = Any
"""An expression as JSON: a constant as itself, everything else a list that begins with its kind."""

SCRIPTED = frozenset(
    [
        "true",
        "false",
        "not",
        "boolean",
        "boolean-from-string",
        "number",
        "string",
        "int",
        "round",
        "floor",
        "ceiling",
        "abs",
        "pow",
        "min",
        "max",
        "sum",
        "coalesce",
        "selected",
        "selected-at",
        "count-selected",
        "count-non-empty",
        "count",
        "string-length",
        "normalize-space",
        "concat",
        "join",
        "substr",
        "contains",
        "starts-with",
        "ends-with",
        "regex",
        "date",
        "date-time",
        "decimal-date-time",
        "decimal-time",
        "format-date",
        "format-date-time",
        "substring-before",
        "substring-after",
        "translate",
        "checklist",
        "weighted-checklist",
        "pi",
        "sqrt",
        "once",
        "if",
    ]
)
"""Functions that surveyor/static/answering/expressions.js knows."""


class NotScripted(Exception):
    """The expression must be left to the server."""


@dataclass(frozen=True)
class _Told(Literal):
    """A constant that tells an answer from another page."""


@dataclass(frozen=True)
class Known:
    """What is known when a page is drawn, and which answers are not: those a script follows."""

    live: Set[str]
    values: Mapping[str, str] = field(default_factory=dict)
    around: Around = NOWHERE

    def reads(self, node: Node) -> bool:
        """True if the expression reads an answer that a script follows."""
        return any(isinstance(found, Reference) and self._is_live(found.name) for found in walk(node))

    def _is_live(self, name: str) -> bool:
        return name in self.live or name in self._repeated

    @cached_property
    def _repeated(self) -> Set[str]:
        """Names that stand for all turns of a live answer."""
        marked = (name.split(MARK) for name in self.live if MARK in name)
        return {MARK.join(parts[:n]) for parts in marked for n in range(1, len(parts))}


def residual(node: Node, known: Known) -> Node:
    """The expression with everything known worked out; raises NotScripted."""
    return _untold(_left(node, known))


def condition(node: Node, known: Known) -> Node:
    """The same where only truth counts, which a constant tells without telling an answer."""
    left = _left(node, known)
    return Literal(boolean(left.value), left.at) if isinstance(left, Literal) else _untold(left)


def _untold(left: Node) -> Node:
    if any(isinstance(found, _Told) for found in walk(left)):
        raise NotScripted
    return left


def _left(node: Node, known: Known) -> Node:
    if not known.reads(node):
        return _constant(node, known)
    if isinstance(node, Reference):
        return node
    if isinstance(node, Negation):
        return Negation(_left(node.operand, known), node.at)
    if isinstance(node, Call):
        return _call(node, known)
    assert isinstance(node, Chain)
    if node.operators[0] in ("and", "or"):
        return _joined(node, known)
    return Chain(tuple(_left(each, known) for each in node.operands), node.operators, node.at)


def _constant(node: Node, known: Known) -> Literal:
    try:
        value = evaluate(node, known.values, "", known.around)
    except ExpressionError as error:
        raise NotScripted from error
    tells = any(isinstance(found, Reference) for found in walk(node)) or bool(references(node))
    return _Told(value, node.at) if tells and not isinstance(value, bool) else Literal(value, node.at)


def _joined(node: Chain, known: Known) -> Node:
    """A chain of and, or: constants either decide it or fall out."""
    stop = node.operators[0] == "or"
    left = [_left(each, known) for each in node.operands]
    constants = [each for each in left if isinstance(each, Literal)]
    if any(boolean(each.value) is stop for each in constants):
        return Literal(stop, node.at)
    open_ones = tuple(each for each in left if not isinstance(each, Literal))
    if not open_ones:
        return Literal(not stop, node.at)
    if len(open_ones) == 1:
        return Call("boolean", open_ones, node.at)
    return Chain(open_ones, node.operators[: len(open_ones) - 1], node.at)


def _call(node: Call, known: Known) -> Node:
    function = FUNCTIONS.get(node.name)
    n = len(node.arguments)
    if function is None or node.name not in SCRIPTED or not function.least <= n <= function.most:
        raise NotScripted
    if node.name == "if":
        return _choice(node, known)
    arguments = tuple(_left(each, known) for each in node.arguments)
    if node.name in NODE_SETS:
        arguments = tuple(map(_one_value, node.arguments, arguments))
    if node.name == "regex":
        text, pattern = arguments
        if not isinstance(pattern, Literal):
            raise NotScripted
        arguments = (text, Literal(_script_pattern(string(pattern.value)), pattern.at))
    if node.name in NODE_SETS and any(isinstance(each, _Told) for each in arguments):
        raise NotScripted
    return Call(node.name, arguments, node.at)


def _one_value(before: Node, left: Node) -> Node:
    """What became a bare question by working out would suddenly mean all its answers in a repeated group."""
    is_bare = isinstance(left, Reference) and not isinstance(before, Reference)
    return Call("once", (left,), left.at) if is_bare else left


def _script_pattern(pattern: str) -> str:
    written = script_pattern(pattern)
    if written is None:
        raise NotScripted
    return written


def _choice(node: Call, known: Known) -> Node:
    test, yes, no = node.arguments
    left = _left(test, known)
    if isinstance(left, Literal):
        return _left(yes if boolean(left.value) else no, known)
    return Call("if", (left, _left(yes, known), _left(no, known)), node.at)


def written(node: Node) -> Written:
    """The expression as JSON for the script; raises NotScripted."""
    if isinstance(node, Literal):
        return _plain(node.value)
    if isinstance(node, Reference):
        return ["$", node.name]
    if isinstance(node, Negation):
        return ["-", written(node.operand)]
    if isinstance(node, Call):
        return ["f", node.name, *(written(each) for each in node.arguments)]
    if isinstance(node, Column):
        raise NotScripted
    if len(set(node.operators)) == 1:
        return ["o", node.operators[0], *(written(each) for each in node.operands)]
    return ["o", list(node.operators), *(written(each) for each in node.operands)]


def _plain(value: Value) -> Written:
    if isinstance(value, (str, bool)):
        return value
    if not math.isfinite(value):
        raise NotScripted
    if value == 0 and math.copysign(1.0, value) < 0:
        return ["-", 0]
    return int(value) if value == int(value) and abs(value) < 2**53 else value
