"""The syntax tree of an expression, and the one error that anything in this package raises."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from surveyor.errors import Problem

PARENT = ".."
_QUOTED = re.compile(r"\s*\$\{\s*([^\s{}]+)\s*\}\s*")

Value: TypeAlias = str | float | bool


class ExpressionError(Exception):
    """The expression cannot be read or worked out; `at` is the position in the source, from 1."""

    def __init__(self, message: str, at: int = 1, **params: object) -> None:
        self.message, self.at, self.params = message, at, {**params, "at": at}
        super().__init__(message % self.params)

    def problem(
        self, *, sheet: str | None = None, row: int | None = None, column: str | None = None
    ) -> Problem:
        """The same as a problem at a place in a workbook."""
        return Problem(self.message, self.params, sheet=sheet, row=row, column=column)


@dataclass(frozen=True)
class Literal:
    value: str | float
    at: int


@dataclass(frozen=True)
class Reference:
    """`${name}`; an empty name is `.`, the answer being checked; `..` is the repeated group around."""

    name: str
    at: int


@dataclass(frozen=True)
class Column:
    """A bare name in a choice filter: what the answer option has in that column."""

    name: str
    at: int


@dataclass(frozen=True)
class Call:
    name: str
    arguments: tuple["Node", ...]
    at: int


@dataclass(frozen=True)
class Negation:
    operand: "Node"
    at: int


@dataclass(frozen=True)
class Chain:
    """Operands with operators of one precedence between, worked out from the left."""

    operands: tuple["Node", ...]
    operators: tuple[str, ...]
    at: int


Node: TypeAlias = Literal | Reference | Column | Call | Negation | Chain


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    if isinstance(node, Call):
        return node.arguments
    if isinstance(node, Chain):
        return node.operands
    return (node.operand,) if isinstance(node, Negation) else ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def references(node: Node) -> frozenset[str]:
    """Names of the items an expression reads, `.` left out."""
    named = {found.name for found in walk(node) if isinstance(found, Reference)}
    return frozenset(named - {"", PARENT}) | {
        name for found in walk(node) if isinstance(found, Call) for name in _quoted(found)
    }


def quoted_name(node: Node) -> str:
    """The question in `${q}` or `'${q}'`, as jr:choice-name takes it; empty for anything else."""
    if isinstance(node, Reference):
        return node.name
    match = (
        _QUOTED.fullmatch(node.value) if isinstance(node, Literal) and isinstance(node.value, str) else None
    )
    return match[1] if match else ""


def _quoted(node: Call) -> Iterator[str]:
    if (
        node.name == "jr:choice-name"
        and len(node.arguments) == 2
        and (name := quoted_name(node.arguments[1]))
    ):
        yield name
