"""Cuts an expression into tokens, with XPath's rule for when a name or a star is an operator."""

import re
from dataclasses import dataclass

from surveyor.errors import N_
from surveyor.instruments.expressions.nodes import ExpressionError

MAX_SOURCE = 10_000
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " "})
_PATTERN = re.compile(
    r"""(?P<space>\s+)
    |\$\{\s*(?P<reference>[^\s{}]+)\s*\}
    |(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    |"(?P<double>[^"]*)"|'(?P<single>[^']*)'
    |(?P<sign>!=|<=|>=|[=<>+\-*(),])
    |(?P<parent>\.\.(?!\s*/))
    |(?P<path>\.\.|//?|[\[\]@|])
    |(?P<self>\.)
    |(?P<name>[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)?)""",
    re.VERBOSE,
)
_WORDS = frozenset({"and", "or", "div", "mod"})


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    at: int


def tokens(source: str) -> list[Token]:
    """The tokens of an expression, an end mark last; raises ExpressionError."""
    if len(source) > MAX_SOURCE:
        raise ExpressionError(N_("Uttrykket er lengre enn %(limit)s tegn."), limit=MAX_SOURCE)
    source = source.translate(_QUOTES)
    found: list[Token] = []
    position = 0
    while position < len(source):
        token = _match(source, position, found[-1] if found else None)
        if token.kind != "space":
            found.append(token)
        position = token_end(source, position)
    return [*found, Token("end", "", len(source) + 1)]


def token_end(source: str, position: int) -> int:
    """Where the token at this position ends."""
    match = _PATTERN.match(source, position)
    return match.end() if match else len(source)


def _match(source: str, position: int, previous: Token | None) -> Token:
    match = _PATTERN.match(source, position)
    at = position + 1
    if match is None:
        raise _unreadable(source[position], at)
    kind = match.lastgroup or ""
    text = match.group(kind)
    if kind == "path":
        raise ExpressionError(
            N_("Stier som «%(text)s» kan ikke brukes (tegn %(at)s). Skriv ${navn}."), at, text=text
        )
    if kind == "name" and text in _WORDS and _is_operand(previous):
        kind = "sign"
    return Token("string" if kind in ("double", "single") else kind, text, at)


def _unreadable(character: str, at: int) -> ExpressionError:
    if character in "\"'":
        return ExpressionError(
            N_("Teksten som begynner ved tegn %(at)s, mangler anførselstegn til slutt."), at
        )
    return ExpressionError(N_("Uventet tegn «%(text)s» ved tegn %(at)s."), at, text=character)


def _is_operand(previous: Token | None) -> bool:
    if previous is None:
        return False
    return (
        previous.kind in ("reference", "number", "string", "self", "parent", "name") or previous.text == ")"
    )
