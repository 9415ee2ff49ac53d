"""Reads tokens into a syntax tree: recursive descent, one level for each precedence."""

from functools import lru_cache

from surveyor.errors import N_
from surveyor.instruments.expressions.nodes import (
    PARENT,
    Call,
    Chain,
    Column,
    ExpressionError,
    Literal,
    Negation,
    Node,
    Reference,
)
from surveyor.instruments.expressions.tokens import Token, tokens

MAX_DEPTH = 40
_LEVELS = (
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"=", "!="}),
    frozenset({"<", "<=", ">", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "div", "mod"}),
)


@lru_cache(maxsize=16_384)
def parse(source: str, *, filters: bool = False) -> Node:
    """The syntax tree; in choice filters bare names are columns. Raises ExpressionError with the position."""
    parser = _Parser(tokens(source), filters)
    node = parser.level(0)
    if parser.ahead.kind != "end":
        raise _unexpected(parser.ahead)
    return node


def _unexpected(token: Token) -> ExpressionError:
    if token.kind == "end":
        return ExpressionError(N_("Uttrykket slutter for tidlig (tegn %(at)s)."), token.at)
    return ExpressionError(N_("«%(text)s» passer ikke ved tegn %(at)s."), token.at, text=token.text)


class _Parser:
    def __init__(self, found: list[Token], filters: bool = False) -> None:
        self._tokens, self._filters = found, filters
        self._next = 0
        self._depth = 0

    @property
    def ahead(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self.ahead
        self._next += 1
        return token

    def _expect(self, sign: str) -> None:
        if self.ahead.kind != "sign" or self.ahead.text != sign:
            raise _unexpected(self.ahead)
        self._take()

    def level(self, number: int) -> Node:
        """A chain of operands joined by the operators of this precedence."""
        if number == len(_LEVELS):
            return self._unary()
        first = self.level(number + 1)
        operands, operators = [first], []
        while self.ahead.kind == "sign" and self.ahead.text in _LEVELS[number]:
            operators.append(self._take().text)
            operands.append(self.level(number + 1))
        return Chain(tuple(operands), tuple(operators), _at(first)) if operators else first

    def _unary(self) -> Node:
        at, minuses = self.ahead.at, 0
        while self.ahead.kind == "sign" and self.ahead.text == "-":
            self._take()
            minuses += 1
        operand = self._primary()
        if not minuses:
            return operand
        once = Negation(operand, at)
        return once if minuses % 2 else Negation(once, at)

    def _primary(self) -> Node:
        token = self._take() if self.ahead.kind != "end" else self.ahead
        if token.kind == "number":
            return Literal(float(token.text), token.at)
        if token.kind == "string":
            return Literal(token.text, token.at)
        if token.kind == "reference":
            return Reference(token.text, token.at)
        if token.kind == "self":
            return Reference("", token.at)
        if token.kind == "parent":
            return Reference(PARENT, token.at)
        if token.kind == "name":
            return self._call(token)
        if token.text == "(" and token.kind == "sign":
            return self._parenthesis()
        raise _unexpected(token)

    def _parenthesis(self) -> Node:
        node = self._deeper()
        self._expect(")")
        return node

    def _call(self, name: Token) -> Node:  # a name without a parenthesis is a column, or a mistake
        if self.ahead.text != "(" or self.ahead.kind != "sign":
            if self._filters:
                return Column(name.text, name.at)
            message = N_("Skriv ${%(text)s} for et spørsmål eller '%(text)s' for en tekst (tegn %(at)s).")
            raise ExpressionError(message, name.at, text=name.text)
        self._take()
        arguments: list[Node] = []
        while not (self.ahead.kind == "sign" and self.ahead.text == ")"):
            if arguments:
                self._expect(",")
            arguments.append(self._deeper())
        self._take()
        return Call(name.text, tuple(arguments), name.at)

    def _deeper(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(
                N_("Uttrykket har for mange parenteser inni hverandre (tegn %(at)s)."), self.ahead.at
            )
        node = self.level(0)
        self._depth -= 1
        return node


def _at(node: Node) -> int:
    return node.at
