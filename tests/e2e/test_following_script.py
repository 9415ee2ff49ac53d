"""What the script shows, offers and refuses on a page is what the server would on the next."""

from collections.abc import Iterator
from random import Random
from typing import Any

from playwright.sync_api import Browser

from surveyor.instruments.live import LiveCheck, LivePage, live_page
from surveyor.instruments.logic import offered_categories
from surveyor.instruments.routing import shown_on, state, validate_page
from surveyor.instruments.spec import Page, Questionnaire
from tests.e2e.script_page import page_with_scripts
from tests.surveyor.instruments.questionnaire_chance import chance_answers, chance_questionnaire

RUN = """async (cases) => {
  const {follow, offered, problem} = await import("/following.js");
  return cases.map(([live, answers]) => {
    const now = follow(live, new Map(Object.entries(answers)));
    const left = (groups) => [...offered(groups, now.values)].sort();
    const choices = Object.entries(live.choices).map(([name, groups]) => [name, left(groups)]);
    const isDrawn = (name) => live.drawn.includes(name) && !now.hidden.has(name);
    const checked = live.known.filter(isDrawn);
    return {
      hidden: live.conditional.filter((name) => now.hidden.has(name)).sort(),
      choices: Object.fromEntries(choices),
      wrong: checked.filter((name) => problem(live, name, now.values)).sort(),
    };
  });
}"""


def _is_whole(questionnaire: Questionnaire, name: str, check: LiveCheck) -> bool:
    """False where the server keeps a part of the check to itself."""
    return check.constraint is not None or not questionnaire.item(name).constraint


def handed(questionnaire: Questionnaire, live: LivePage, drawn: frozenset[str]) -> dict[str, Any]:
    return {
        "known": [
            n for n, c in live.checks.items() if c.required is not None and _is_whole(questionnaire, n, c)
        ],
        "drawn": sorted(drawn),
        "steps": [[step.name, step.show, step.value, step.under] for step in live.steps],
        "checks": {name: [check.required, check.constraint] for name, check in live.checks.items()},
        "choices": live.choices,
        "conditional": sorted(live.conditional),
    }


def wanted(
    questionnaire: Questionnaire, page: Page, live: LivePage, answers: dict[str, str]
) -> dict[str, Any]:
    """The server's view of the same answers, of what the script follows."""
    now = state(questionnaire, answers)
    shown = shown_on(page, now)
    known = {n for n, c in live.checks.items() if c.required is not None and _is_whole(questionnaire, n, c)}
    wrong = {problem.field for problem in validate_page(questionnaire, page, answers, "nb")}
    choices = {
        name: sorted(c.code for c in offered_categories(questionnaire, questionnaire.item(name), now.values))
        for name in live.choices
    }
    return {"hidden": sorted(live.conditional - shown), "choices": choices, "wrong": sorted(wrong & known)}


def cases(seed: int, n: int) -> Iterator[tuple[dict[str, Any], dict[str, str], dict[str, Any]]]:
    chance = Random(seed)
    for _ in range(n):
        questionnaire = chance_questionnaire(chance)
        page = questionnaire.pages[1]
        drawn = chance_answers(chance, questionnaire)
        now = state(questionnaire, drawn)
        if page.name in now.hidden:
            continue
        live = live_page(questionnaire, page, now, "nb")
        on_it = shown_on(page, now) | live.conditional
        own = {item.name for item in page.items}
        fixed = {item.name for item in page.items if item.choice_filter and item.name not in live.choices}
        for _ in range(3):
            drawn_anew = chance_answers(chance, questionnaire).items()
            changed = {name: value for name, value in drawn_anew if name in own - fixed}
            after = {**{name: value for name, value in drawn.items() if name not in own}, **changed}
            here = {name: value for name, value in changed.items() if name in on_it}
            yield handed(questionnaire, live, on_it), here, wanted(questionnaire, page, live, after)


def differences(browser: Browser, drawn: list[Any]) -> list[Any]:
    page = page_with_scripts(browser)
    got = page.evaluate(RUN, [[live, answers] for live, answers, _ in drawn])
    page.close()
    return [(case, have) for case, have in zip(drawn, got, strict=True) if case[2] != have]


def test_what_a_page_shows_offers_and_refuses_is_what_the_server_would(browser: Browser) -> None:
    drawn = list(cases(3, 400))
    assert sum(bool(live["conditional"]) for live, _, _ in drawn) > 100
    assert sum(bool(live["choices"]) for live, _, _ in drawn) > 20
    assert differences(browser, drawn)[:1] == []


def test_a_difference_would_be_noticed(browser: Browser) -> None:
    live, answers, server = next(case for case in cases(3, 50) if case[2]["hidden"])
    assert differences(browser, [(live, answers, {**server, "hidden": []})])
