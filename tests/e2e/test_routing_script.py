"""The script's evaluator is the server's: equal values for thousands of expressions drawn at random."""

from random import Random

import pytest
from playwright.sync_api import Browser

from surveyor.instruments.expressions.evaluator import evaluate
from surveyor.instruments.expressions.nodes import ExpressionError, Value
from surveyor.instruments.expressions.parser import parse
from surveyor.instruments.expressions.residual import Known, NotScripted, residual, written
from surveyor.instruments.expressions.values import string
from tests.e2e.script_page import page_with_scripts
from tests.surveyor.instruments.expression_chance import NAMES, VALUES, chance_expression, chance_values

RUN = """async (cases) => {
  const {evaluate, string, CannotWorkOut} = await import("/expressions.js");
  return cases.map(([node, values, own]) => {
    try {
      const value = evaluate(node, new Map(Object.entries(values)), own);
      return [typeof value, string(value)];
    } catch (error) {
      if (error instanceof CannotWorkOut) return ["error", ""];
      throw error;
    }
  });
}"""
KINDS = {bool: "boolean", str: "string", float: "number", int: "number"}


def told(node: object, values: dict[str, str], own: str) -> list[str]:
    try:
        value: Value = evaluate(node, values, own)  # type: ignore[arg-type]
    except ExpressionError:
        return ["error", ""]
    return [KINDS[type(value)], string(value)]


def cases(seed: int, n: int) -> list[tuple[str, object, dict[str, str], str]]:
    """Expressions with what a script gets of them, and answers to work them out for."""
    chance, found = Random(seed), []
    while len(found) < n:
        source = chance_expression(chance)
        own = chance.choice(VALUES)
        try:
            left = written(residual(parse(source), Known({*NAMES, ""})))
            found.append((source, left, chance_values(chance), own))
        except (NotScripted, ExpressionError):
            continue
    return found


def differences(browser: Browser, drawn: list[tuple[str, object, dict[str, str], str]]) -> list[object]:
    page = page_with_scripts(browser)
    posted = [[left, values, own] for _, left, values, own in drawn]
    got = page.evaluate(RUN, posted)
    page.close()
    wanted = [told(parse(source), values, own) for source, _, values, own in drawn]
    return [
        (case[0], case[2], case[3], want, have)
        for case, want, have in zip(drawn, wanted, got, strict=True)
        if want != have
    ]


def test_the_script_works_out_what_the_server_does(browser: Browser) -> None:
    assert differences(browser, cases(1, 4_000)) == []


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_the_script_works_out_what_the_server_does_a_hundred_thousand_times(browser: Browser) -> None:
    for seed in range(2, 27):
        assert differences(browser, cases(seed, 4_000)) == []


def test_a_difference_would_be_noticed(browser: Browser) -> None:
    drawn = cases(1, 50)
    wrong = [("1 + 1", written(parse("1 + 2")), values, own) for _, _, values, own in drawn[:1]]
    assert len(differences(browser, wrong)) == 1
