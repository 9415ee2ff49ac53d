"""What a page's script follows is planned from what the page hangs on, and nothing is lost by that."""

from random import Random

import pytest

from surveyor.instruments import live
from surveyor.instruments.live import LivePage, live_page
from surveyor.instruments.routing import state
from tests.surveyor.instruments.questionnaire_chance import chance_answers, chance_questionnaire

SEEDS = range(150)


def followed(seed: int) -> list[LivePage]:
    chance = Random(seed)
    asked = chance_questionnaire(chance)
    now = state(asked, chance_answers(chance, asked))
    live._plan.cache_clear()
    live._closed.cache_clear()
    return [live_page(asked, page, now, "nb") for page in asked.pages]


def test_a_plan_without_what_other_pages_alone_need_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    short = [followed(seed) for seed in SEEDS]
    monkeypatch.setattr(live, "_needed", lambda _asked, _page, found: found)
    assert [followed(seed) for seed in SEEDS] == short
    assert sum(bool(page) for pages in short for page in pages) > 100


def test_the_comparison_would_notice_a_step_too_few(monkeypatch: pytest.MonkeyPatch) -> None:
    short = [followed(seed) for seed in SEEDS]
    monkeypatch.setattr(live, "_needed", lambda _asked, _page, found: found[1:])
    assert [followed(seed) for seed in SEEDS] != short
