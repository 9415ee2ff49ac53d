"""What a page hands its script: worth what the whole expression is, and silent about other pages' answers."""

import json
import re
from random import Random

import pytest
import re2

from surveyor.instruments.expressions.evaluator import evaluate
from surveyor.instruments.expressions.nodes import Call, ExpressionError, Literal, Node, Reference, walk
from surveyor.instruments.expressions.parser import parse
from surveyor.instruments.expressions.patterns import script_pattern
from surveyor.instruments.expressions.residual import Known, NotScripted, condition, residual, written
from surveyor.instruments.expressions.values import string
from tests.surveyor.instruments.expression_chance import VALUES, chance_expression, chance_values

HERE, ELSEWHERE = ("a", "b"), ("c", "d")


def outcome(node: Node, values: dict[str, str]) -> str:
    try:
        return string(evaluate(node, values))
    except ExpressionError as error:
        return f"error {error.message}"


def has_pattern(node: Node) -> bool:
    return any(isinstance(found, Call) and found.name == "regex" for found in walk(node))


def test_a_residual_is_worth_what_the_whole_expression_is() -> None:
    chance, n_left = Random(5), 0
    for _ in range(4_000):
        source = chance_expression(chance, HERE + ELSEWHERE)
        values = chance_values(chance, HERE + ELSEWHERE)
        try:
            left = residual(parse(source), Known(set(HERE), values))
            as_json = written(left)
        except (NotScripted, ExpressionError):
            continue
        n_left += 1
        assert not {found.name for found in walk(left) if isinstance(found, Reference)} & set(ELSEWHERE)
        if not has_pattern(left):  # those are written for a browser
            here = {name: value for name, value in values.items() if name in HERE}
            assert outcome(left, here) == outcome(parse(source), values), source
        json.dumps(as_json, allow_nan=False)
    assert n_left > 800


def test_no_answer_from_elsewhere_is_told() -> None:
    chance, n_left = Random(6), 0
    for _ in range(3_000):
        source = chance_expression(chance, HERE + ELSEWHERE)
        secret = {"c": "91828", "d": "73645 hemmelig"}
        work_out = chance.choice((residual, condition))
        try:
            left = written(work_out(parse(source), Known(set(HERE), secret)))
        except (NotScripted, ExpressionError):
            continue
        n_left += 1
        told = json.dumps(left)
        assert "91828" not in told, source
        assert "73645" not in told, source
        assert "hemmelig" not in told, source
    assert n_left > 500


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("${c} = 'x' and ${a} = '1'", ["f", "boolean", ["o", "=", ["$", "a"], "1"]]),
        ("${c} = 'y' and ${a} = '1'", False),
        ("${c} = 'x' or ${a} = '1'", True),
        ("if(${c} = 'x', ${a}, ${b})", ["$", "a"]),
        ("${a} + 1 - 2 * 3", ["o", ["+", "-"], ["$", "a"], 1, 6]),
        ("regex(${a}, '\\d{4}')", ["f", "regex", ["$", "a"], "[0-9]{4}"]),
    ],
)
def test_what_is_known_is_worked_out(source: str, left: object) -> None:
    assert written(residual(parse(source), Known({"a", "b"}, {"c": "x"}))) == left


@pytest.mark.parametrize(
    "source",
    [
        "${a} > ${c}",
        "concat(${a}, ${c})",
        "${a} = count-selected(${c})",
        "digest(${a}, 'MD5')",
        "regex(${a}, '(a+)+')",
        "regex(${a}, ${b})",
        "sum(${c}, ${a})",
        "jr:choice-name(${a}, '${a}')",
    ],
)
def test_what_would_tell_or_is_not_the_scripts_stays_with_the_server(source: str) -> None:
    with pytest.raises(NotScripted):
        residual(parse(source), Known({"a", "b"}, {"c": "3"}))


def test_an_untold_constant_may_stay() -> None:
    assert isinstance(residual(parse("today()"), Known({"a"})), Literal)
    left = written(residual(parse("${a} <= today()"), Known({"a"})))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", left[3])


PATTERNS = (
    r"[0-9]{4}", r"\d+", r"[^@\s]+@[^@\s]+\.[a-z]{2,}", r"(red|blue)( (red|blue))*", r"[A-Z]?[\w.-]+", r"a.b",
    r"^\+?[0-9 ]{8,15}$", r"[a-zæøå-]+", r"(\d\d ?){2,4}", r"\S+", r"a\-b\/c", r"[\]\\]", r"x{0,3}y*?",
)  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_means_the_same_when_written_for_a_browser(pattern: str) -> None:
    made = script_pattern(pattern)
    assert made is not None
    chance = Random(1)
    signs = "0a b@.\n+-/\\]xyéåA_9 red blue"
    texts = [
        *VALUES,
        "a-b/c",
        "]",
        "\\",
        "1234",
        "xxy",
        *("".join(chance.choices(signs, k=4)) for _ in range(300)),
    ]
    as_python = re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: re.escape(chr(int(m[1], 16))), made)
    for text in texts:
        assert bool(re.fullmatch(as_python, text)) == bool(re2.fullmatch(pattern, text)), (text, made)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+",
        r"(a*)*b",
        r"(?i)x",
        r"\p{L}",
        r"[[:alpha:]]",
        r"a**",
        r"(",
        r"x{2",
        r"\bx",
        r"[\d-x]",
        r".*.*.*.*",
    ],
)
def test_other_patterns_are_the_servers(pattern: str) -> None:
    assert script_pattern(pattern) is None
