"""Expressions: worked out as XPath does, bounded, and never raising anything but ExpressionError."""

import math
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from surveyor import clock
from surveyor.instruments.expressions.evaluator import evaluate, is_true
from surveyor.instruments.expressions.nodes import ExpressionError, references
from surveyor.instruments.expressions.parser import parse
from tests.surveyor.instruments.xpath import ANSWERS, EXPRESSIONS, SIGNS, WORDS, check_equals_xpath


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("10 div 4", 2.5),
        ("-5 mod 2", -1.0),
        ("5 mod -2", 1.0),
        ("--3", 3.0),
        ("2 - 1 - 1", 0.0),
        ("1 div 0", math.inf),
        ("${a} = 1", True),
        ("${a} = '1'", True),
        ("${a} = '1.0'", False),
        ("${c} = ''", True),
        ("${c} > 0 or ${c} <= 0", False),
        ("${c} != 5", True),
        ("not(${c})", True),
        ("1 < 2 and 2 < 3", True),
        ("1 = 2 or 'a' = 'a'", True),
        ("if(${a} = 1, 'ja', 'nei')", "ja"),
        ("coalesce(${c}, ${word})", "abc"),
        ("selected(${many}, 'y')", True),
        ("selected(${many}, 'w')", False),
        ("selected-at(${many}, 2)", "z"),
        ("count-selected(${many})", 3.0),
        ("string-length(${word})", 3.0),
        ("concat(${word}, 1 + 1, true())", "abc2true"),
        ("join('-', 'a', 'b')", "a-b"),
        ("contains(${word}, 'b')", True),
        ("starts-with(${word}, 'b')", False),
        ("regex(${word}, '[a-z]{3}')", True),
        ("regex(${word}, 'ab')", False),
        ("round(2.5)", 3.0),
        ("round(-2.5)", -2.0),
        ("round(3.456, 2)", 3.46),
        ("int(-3.7)", -3.0),
        ("number('x') = number('x')", False),
        ("min(3, 1, 2)", 1.0),
        ("max(${a}, ${b})", 2.5),
        ("sum(1, 2, ${b})", 5.5),
        ("pow(2, 10)", 1024.0),
        ("abs(-2)", 2.0),
        ("date('2026-02-28') + 1 = date('2026-03-01')", True),
        ("${day} < date('2026-03-01')", True),
        ("date(${day} + 1)", "2026-03-01"),
        ("substr('abcdef', 1, 3)", "bc"),
        ("string(1 div 3)", "0.333333333333333"),
        ("string(5.0)", "5"),
        ("“abc” = ‘abc’", True),
    ],
)
def test_value(source: str, expected: object) -> None:
    found = evaluate(source, ANSWERS)
    assert found == expected
    assert type(found) is type(expected)


def test_own_answer_is_a_point() -> None:
    assert is_true(". >= 0 and . <= 120", {}, "17")
    assert not is_true(".>=0 and .<=120", {}, "121")


def test_today_is_norways_calendar_day() -> None:
    with clock.fixed_at(datetime(2026, 11, 20, 23, 30, tzinfo=UTC)):
        assert evaluate("today()", {}) == "2026-11-21"
        assert is_true("today() - 1 = date('2026-11-20')", {})
        assert str(evaluate("now()", {})).startswith("2026-11-21T00:30")


def test_references_leave_out_the_point() -> None:
    assert references(parse("${a} + . > ${b}")) == {"a", "b"}


@pytest.mark.parametrize(
    ("source", "at"),
    [
        ("", 1),
        ("1 +", 4),
        ("(1", 3),
        ("1)", 2),
        ("1 2", 3),
        ("${a", 1),
        ("'open", 1),
        ("a + 1", 1),
        ("foo(1)", 1),
        ("not(1, 2)", 1),
        ("1 + if(1)", 5),
        ("/data/a", 1),
        ("../a", 1),
        ("${a}[1]", 5),
        ("1 # 2", 3),
        ("and", 1),
        ("a(1,)", 5),
    ],
)
def test_error_names_the_position(source: str, at: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(source, ANSWERS)
    assert caught.value.at == at


@pytest.mark.parametrize(
    "source",
    [
        "(" * 10_000,
        "not(" * 200 + "1" + ")" * 200,
        "1" * 20_000,
        "concat(" + ", ".join(["string('" + "x" * 40 + "')"] * 250) + ")",
        "regex('a', '(')",
        "regex('a', '" + "a{1000}" * 400 + "')",
        "regex('a', '(?=a)')",
    ],
)
def test_too_much_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(source, ANSWERS)


def test_long_chains_and_huge_numbers_are_worked_out() -> None:
    assert evaluate("1" + "+1" * 4_900, {}) == 4_901
    assert evaluate("-" * 9_000 + "1", {}) == 1
    assert evaluate("pow(9, pow(9, 9))", {}) == math.inf
    assert evaluate("round(1 div 0, 999999)", {}) == math.inf


def test_authors_patterns_take_linear_time() -> None:
    assert evaluate(f"regex('{'a' * 5_000}b', '(a+)+c')", {}) is False


@settings(max_examples=600)
@given(
    st.one_of(st.text(SIGNS, max_size=60), st.lists(WORDS, max_size=30).map("".join), st.text(max_size=40))
)
def test_nothing_but_an_expression_error_comes_out(source: str) -> None:
    with suppress(ExpressionError):
        evaluate(source, ANSWERS, "7")


@settings(max_examples=500)
@given(EXPRESSIONS)
def test_equals_xpath(source: str) -> None:
    check_equals_xpath(source)


def test_the_oracle_would_notice_a_difference() -> None:
    document = etree.Element("d")
    assert document.xpath("1 + 1") != evaluate("1 + 2", {})
