"""Expressions and answers at random, of every function a script knows."""

from random import Random

from surveyor.instruments.expressions.functions import ANY_NUMBER, FUNCTIONS
from surveyor.instruments.expressions.residual import SCRIPTED

NAMES = ("a", "b", "c", "d", "child", "child~2", "child~3")
VALUES = (
    "", "0", "1", "2", "7", "-3", "12.5", "0.1", " 4 ", "1e3", "x", "red", "red blue", "blue green red", "ja",
    "Blåbær  og\tsmør", "2024-02-29", "2023-02-29", "1969-12-31", "2026-11-21T14:30", "08:15", "true", "OK",
    "ærlig talt 👍🏽", "0047 22 33 44 55", "ola@fjordvik.no", "-0", ".5",
    "999999999999999", "0.0000152587890625",
)  # fmt: skip
TEXTS = (
    "", "red", "blue", "1", "7", " ", "a", "%d.%m.%Y", "%H:%M %%", "%e %b %y uke %W %a", "2024-02-29", "ø",
    "2026-03-29T01:30:00+01:00", "2026-07-01T12:00Z", "abc", "æøå", "OK",
)  # fmt: skip
PATTERNS = (
    r"[0-9]{4}", r"\d+", r"[^@]+@[^@]+\.[a-z]{2,}", r"(red|blue)( (red|blue))*", r".*", r"[a-zæøå ]+",
    r"\w{2,5}",    r"[A-Z]?[\w.-]+", r"(\d\d ?){2,4}",
)  # fmt: skip
OPERATORS = ("+", "-", "*", "div", "mod", "=", "!=", "<", "<=", ">", ">=", "and", "or")


def chance_values(chance: Random, names: tuple[str, ...] = NAMES) -> dict[str, str]:
    drawn = {name: chance.choice(VALUES) for name in names if chance.random() < 0.8}
    return {name: value for name, value in drawn.items() if value}


def chance_expression(chance: Random, names: tuple[str, ...] = NAMES, depth: int = 4) -> str:
    kind = chance.random()
    if depth == 0 or kind < 0.2:
        return _leaf(chance, names)
    if kind < 0.5:
        operators = [chance.choice(OPERATORS) for _ in range(chance.choice((1, 1, 1, 2)))]
        parts = [f"({chance_expression(chance, names, depth - 1)})" for _ in range(len(operators) + 1)]
        return parts[0] + "".join(f" {o} {part}" for o, part in zip(operators, parts[1:], strict=True))
    if kind < 0.55:
        return f"-({chance_expression(chance, names, depth - 1)})"
    return _call(chance, names, depth)


def _leaf(chance: Random, names: tuple[str, ...]) -> str:
    kind = chance.random()
    if kind < 0.55:
        return "${" + chance.choice(names) + "}"
    if kind < 0.75:
        return f"'{chance.choice(TEXTS)}'"
    if kind < 0.8:
        return "."
    return chance.choice(("0", "1", "2", "3.5", "0.1", "100", "17", "20000.25", "1461"))


def _call(chance: Random, names: tuple[str, ...], depth: int) -> str:
    name = chance.choice(sorted(SCRIPTED))
    function = FUNCTIONS[name]
    n = chance.randint(
        function.least,
        min(function.most, function.least + 3) if function.most == ANY_NUMBER else function.most,
    )
    arguments = [chance_expression(chance, names, depth - 1) for _ in range(n)]
    if name == "regex":
        arguments[1] = f"'{chance.choice(PATTERNS)}'"
    if name in ("format-date", "format-date-time"):
        arguments[1] = f"'{chance.choice(TEXTS[7:10])}'"
    return f"{name}({', '.join(arguments)})"
