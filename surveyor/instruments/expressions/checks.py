"""What can be found wrong with a questionnaire's expressions before anyone answers: names, kinds, cycles."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from surveyor.errors import N_, Problem
from surveyor.instruments.enums import ItemType
from surveyor.instruments.expressions.evaluator import unknown_function, wrong_count
from surveyor.instruments.expressions.functions import DRAWN, FUNCTIONS, compiled
from surveyor.instruments.expressions.nodes import (
    PARENT,
    Call,
    Chain,
    Column,
    ExpressionError,
    Literal,
    Node,
    Reference,
    references,
    walk,
)
from surveyor.instruments.expressions.parser import parse
from surveyor.instruments.expressions.values import number

_ARITHMETIC = frozenset({"+", "-", "*", "div", "mod"})
_ORDER = frozenset({"<", "<=", ">", ">="})


@dataclass(frozen=True)
class Known:
    """What an expression may know of an item: its type and, if it selects, its codes."""

    type: ItemType
    codes: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    """Columns of its list that a choice filter may name."""


@dataclass(frozen=True)
class Written:
    """An expression where it stands; `owner` is the item or page it belongs to."""

    source: str
    owner: str
    sheet: str
    row: int
    column: str
    orders: bool = False
    """True if the owner cannot be known before what the expression reads (relevance, calculation)."""

    filters: bool = False
    """True for a choice filter, where bare names are columns."""
    draws: bool = False
    """True for a start value: it may be drawn at random."""

    def problem(self, error: ExpressionError) -> Problem:
        """The error at this place of the workbook."""
        return error.problem(sheet=self.sheet, row=self.row, column=self.column)


def expression_problems(
    written: Sequence[Written],
    items: Mapping[str, Known],
    inside: Mapping[str, str],
    tables: frozenset[str] = frozenset(),
) -> list[Problem]:
    """Everything wrong with these expressions; `inside` maps an item or page to what encloses it."""
    problems: list[Problem] = []
    reads: dict[str, set[str]] = {name: {group} for name, group in inside.items()}
    for each in written:
        try:
            node = parse(each.source, filters=each.filters)
        except ExpressionError as error:
            problems.append(each.problem(error))
            continue
        problems += [each.problem(error) for error in _faults(node, each, items)]
        problems += [each.problem(error) for error in _table_faults(node, tables)]
        if each.orders:
            reads.setdefault(each.owner, set()).update(references(node))
    return problems + _cycle_problems(reads, written)


def _cycle_problems(reads: Mapping[str, set[str]], written: Sequence[Written]) -> list[Problem]:
    try:
        TopologicalSorter(reads).prepare()
    except CycleError as error:
        ring = list(reversed(error.args[1]))
        place = next((each for each in written if each.orders and each.owner in ring), None)
        if place is None:
            raise
        message = N_("Spørsmålene venter på hverandre i ring: %(ring)s.")
        return [Problem(message, {"ring": " → ".join(ring)}, place.sheet, place.row, place.column)]
    return []


def _faults(node: Node, written: Written, items: Mapping[str, Known]) -> Iterator[ExpressionError]:
    own = items.get(written.owner)
    for found in walk(node):
        if isinstance(found, Reference):
            yield from _reference_faults(found, items)
        elif isinstance(found, Column) and own is not None and found.name not in own.columns:
            message = N_("Svarlisten har ingen kolonne «%(name)s» (tegn %(at)s).")
            yield ExpressionError(message, found.at, name=found.name)
        elif isinstance(found, Call):
            yield from _call_faults(found, items, own)
            if found.name in DRAWN and not written.draws:
                message = N_("Funksjonen %(name)s() kan bare brukes til en startverdi (tegn %(at)s).")
                yield ExpressionError(message, found.at, name=found.name)
        elif isinstance(found, Chain):
            yield from _chain_faults(found, items, own)


def _table_faults(node: Node, tables: frozenset[str]) -> Iterator[ExpressionError]:
    for found in walk(node):
        if isinstance(found, Call) and found.name == "pulldata" and found.arguments:
            table = found.arguments[0]
            if isinstance(table, Literal) and str(table.value).removesuffix(".csv").lower() not in tables:
                message = N_("Filen «%(name)s.csv» er ikke lagt ved (tegn %(at)s).")
                yield ExpressionError(message, found.at, name=table.value)


def _reference_faults(node: Reference, items: Mapping[str, Known]) -> Iterator[ExpressionError]:
    if node.name in ("", PARENT):
        return
    if node.name not in items:
        yield ExpressionError(N_("Ukjent spørsmål ${%(name)s} (tegn %(at)s)."), node.at, name=node.name)
    elif items[node.name].type is ItemType.NOTE:
        yield ExpressionError(N_("${%(name)s} er en tekst uten svar (tegn %(at)s)."), node.at, name=node.name)


def _call_faults(node: Call, items: Mapping[str, Known], own: Known | None) -> Iterator[ExpressionError]:
    function = FUNCTIONS.get(node.name)
    if function is None:
        yield unknown_function(node)
    elif not function.least <= len(node.arguments) <= function.most:
        yield wrong_count(node)
    elif node.name == "selected":
        yield from _code_faults(node.arguments[0], node.arguments[1], items, own)
    elif node.name == "regex" and isinstance(node.arguments[1], Literal):
        yield from _pattern_faults(str(node.arguments[1].value), node.at)


def _pattern_faults(pattern: str, at: int) -> Iterator[ExpressionError]:
    try:
        compiled(pattern)
    except ExpressionError as error:
        yield ExpressionError(error.message, at, **{k: v for k, v in error.params.items() if k != "at"})


def _chain_faults(node: Chain, items: Mapping[str, Known], own: Known | None) -> Iterator[ExpressionError]:
    if node.operators[0] in ("=", "!="):
        for left, right in zip(node.operands, node.operands[1:], strict=False):
            yield from _code_faults(left, right, items, own)
            yield from _code_faults(right, left, items, own)
    elif node.operators[0] in _ARITHMETIC or node.operators[0] in _ORDER:
        for operand in node.operands:
            if not _may_be_number(operand, items, own):
                message = N_("Det kan ikke regnes med en tekst eller flere svar (tegn %(at)s).")
                yield ExpressionError(message, operand.at)


def _may_be_number(node: Node, items: Mapping[str, Known], own: Known | None) -> bool:
    if isinstance(node, Literal):
        return not math.isnan(number(node.value))
    if isinstance(node, Reference):
        known = items.get(node.name) if node.name else own
        return known is None or known.type not in (ItemType.SELECT_MULTIPLE, ItemType.RANK)
    return not (isinstance(node, Call) and node.name in FUNCTIONS and FUNCTIONS[node.name].kind == "string")


def _code_faults(
    asked: Node, code: Node, items: Mapping[str, Known], own: Known | None
) -> Iterator[ExpressionError]:
    if not (isinstance(asked, Reference) and isinstance(code, Literal)):
        return
    known = items.get(asked.name) if asked.name else own
    if known is None or not known.codes or code.value == "":
        return
    text = code.value if isinstance(code.value, str) else f"{code.value:g}"
    if text not in known.codes:
        message = N_("«%(code)s» er ikke et svar på ${%(name)s} (tegn %(at)s).")
        yield ExpressionError(message, code.at, code=text, name=asked.name or ".")
