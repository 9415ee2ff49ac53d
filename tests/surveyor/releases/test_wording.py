"""Figures in words: each sentence word for word in three languages, sizes only where they may be real."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from blueprints.filters import said
from surveyor.indicators.enums import Band
from surveyor.releases import quality_wording, wording
from surveyor.releases.enums import CellKind, ComparedTo, Verdict
from surveyor.releases.spec import Change, Figure
from surveyor.releases.wording import Sentence

LANGUAGES = ("nb", "nn", "en")
REST, LAST = ComparedTo.REST, ComparedTo.LAST
UP = Change(REST, True, Verdict.HIGHER, 7.25, 2.5, 12.0, 0.001, 0.004, 0.2)
DOWN = Change(REST, True, Verdict.LOWER, -7.25, -12.0, -2.5, 0.001, 0.004, -0.2)
MAYBE = Change(REST, True, Verdict.POSSIBLE, 6.4, -1.0, 13.8, 0.08, 0.2, 0.15)
MAYBE_NOT = Change(REST, True, Verdict.POSSIBLE, -6.4, -13.8, 1.0, 0.08, 0.2, -0.15)
UNSEEN = Change(REST, True, Verdict.NONE, 1.0, -5.6, 7.6, 0.6, 0.8, 0.03)
EQUAL = Change(REST, True, Verdict.NONE, 1.0, -2.9, 4.9, 0.6, 0.8, 0.03)
SLIGHT = Change(REST, True, Verdict.NONE, 4.0, 1.5, 6.5, 0.001, 0.01, 0.1)
SLIGHT_DOWN = Change(REST, True, Verdict.NONE, -4.0, -6.5, -1.5, 0.001, 0.01, -0.1)
NEAR = Change(REST, True, Verdict.LOWER, -11.68, -23.83, 0.47, 0.02, 0.0499, -0.349)
FEW = Change(REST, True, Verdict.TOO_FEW, 12.0, n=9)
UNTESTED = Change(REST, True, Verdict.TOO_FEW, 12.0, n=10)
HIDDEN = Change(REST, False)


@contextmanager
def speaking(app: Flask, language: str) -> Iterator[None]:
    with app.test_request_context(), force_locale(language):
        yield


def told(app: Flask, sentences: Callable[[], tuple[Sentence | None, ...]]) -> tuple[str, ...]:
    """The sentences in bokmål, nynorsk and English, each as one text."""
    found = []
    for language in LANGUAGES:
        with speaking(app, language):
            found.append(" ".join(said(sentence) for sentence in sentences() if sentence))
    return tuple(found)


def as_last(change: Change) -> Change:
    return Change(LAST, *(getattr(change, name) for name in CHANGE_FIELDS))


CHANGE_FIELDS = ("is_shown", "verdict", "difference", "low", "high", "p", "p_adjusted", "effect", "n")
CHANGES = {
    "UP": UP, "DOWN": DOWN, "MAYBE": MAYBE, "MAYBE_NOT": MAYBE_NOT,
    "UNSEEN": UNSEEN, "EQUAL": EQUAL, "SLIGHT": SLIGHT, "SLIGHT_DOWN": SLIGHT_DOWN, "NEAR": NEAR, "FEW": FEW,
    "UNTESTED": UNTESTED,
}  # fmt: skip
OVERALL = {
    "higher": (UNSEEN, DOWN, MAYBE), "possible": (None, SLIGHT, MAYBE), "slight": (UNSEEN, SLIGHT),
    "none": (FEW, UNSEEN), "too_few": (None, UNTESTED),
}  # fmt: skip


def figure(**figures: float) -> Figure:
    return Figure("K", CellKind.SCALE, "A", is_shown=True, index=60.0, **figures)  # type: ignore[arg-type]


def written() -> dict[str, Callable[[], tuple[Sentence | None, ...]]]:
    """What each block of sentences.txt is told from."""
    found: dict[str, Callable[[], tuple[Sentence | None, ...]]] = {
        "HIDDEN": lambda: wording.explained(HIDDEN),
        "own": lambda: wording.figure_sentences(figure(n=40, low=51.2, high=104.0, sd=20.0)),
        "pooled": lambda: wording.figure_sentences(figure(n=6, low=-3.0, high=80.0)),
        "bare": lambda: wording.figure_sentences(figure(n=6)),
        "unsure": lambda: (wording.band_sentence(Band.UNSURE, 1.0, 2.0),),
        "green": lambda: (wording.band_sentence(Band.GREEN, 1.0, 2.0),),
    }
    found |= {
        f"alpha {alpha}": lambda alpha=alpha: (quality_wording.reliability_sentence(alpha),)
        for alpha in (0.7, 0.6, 0.59)
    }
    found |= {f"icc {icc}": lambda icc=icc: (quality_wording.ranking_sentence(icc),) for icc in (0.5, 0.49)}
    found |= {
        f"driver {r}": lambda r=r: (
            quality_wording.driver_sentence(0.317, 0.214, 0.428, r, theme="Ledelse", outcome="Trivsel"),
        )
        for r in (0.4, -0.4)
    }
    found["explained"] = lambda: (
        quality_wording.explained_sentence(0.413, outcome="Trivsel"),
        Sentence(quality_wording.NO_CAUSE),
    )
    found |= {f"teams {one}": lambda one=one: (wording.teams_sentence(one),) for one in (True, False)}
    found["items only"] = lambda: (wording.items_only_sentence("Ledelse"),)
    for low, high in ((71.0, 80.0), (20.0, 49.0), (52.0, 68.0), (60.0, 75.0), (None, None)):
        found[f"norm {low} {high}"] = lambda low=low, high=high: (
            quality_wording.norm_sentence(low, high, lowest_quarter=50.0, highest_quarter=70.0),
        )
    for name, change in CHANGES.items():
        found[name] = lambda change=change: wording.explained(change)
        found[f"LAST_{name}"] = lambda change=change: wording.explained(as_last(change))
        found[f"A_{name}"] = lambda change=change: wording.explained(change, group="18–29 år")
    for name, changes in OVERALL.items():
        found[f"ALL_{name}"] = lambda changes=changes: (wording.groups_sentence(changes),)
    return found


def expected() -> dict[str, tuple[str, ...]]:
    """Blocks of sentences.txt: a name, then bokmål, nynorsk and English."""
    blocks = Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8").strip().split("\n\n")
    lines = [block.split("\n") for block in blocks]
    return {name: tuple(texts) for name, *texts in lines}


def test_every_sentence_word_for_word_in_three_languages(app: Flask) -> None:
    assert {name: told(app, sentences) for name, sentences in written().items()} == expected()


def test_no_sentence_uses_words_of_machines() -> None:
    everything = Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8").casefold()
    assert not re.search(r"signifikan|signifi|p-verdi|p-value|token|%\(|\bnan\b|effekt|effect", everything)


@pytest.mark.parametrize("against", ComparedTo)
@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_a_word_and_says_its_size_only_where_it_may_be_real(
    against: ComparedTo, verdict: Verdict
) -> None:
    change = Change(against, True, verdict, difference=-7.25, low=-12.0, high=-2.5)
    sentence = wording.verdict_sentence(change)
    assert wording.verdict_word(change) == wording.VERDICTS[verdict]
    has_size = verdict in (Verdict.HIGHER, Verdict.LOWER, Verdict.POSSIBLE)
    assert dict(sentence.params) == ({"points": 7.25} if has_size else {})


def test_a_hidden_comparison_says_only_that_it_is_not_shown() -> None:
    assert wording.verdict_word(HIDDEN) == wording.verdict_sentence(HIDDEN).message == "Vises ikke"
    assert wording.detectable(HIDDEN) is None
    assert wording.verdict_word(None) is None
    assert wording.figure_sentences(Figure("K", CellKind.SCALE, "A")) == ()


def test_no_sure_difference_says_what_could_have_been_seen() -> None:
    """Two groups of 10 with SD 20: R's power.t.test finds 26.5 points at 80 % (golden: power_mde.json)."""
    half = 2.1009 * 20 * (2 / 10) ** 0.5
    points = wording.detectable_points(Change(REST, True, Verdict.NONE, 1.0, 1.0 - half, 1.0 + half))
    assert points == pytest.approx(26.5, rel=0.02)
    assert wording.detectable_points(UP) is None


def test_equal_needs_a_whole_interval_within_five_points_and_no_sure_difference() -> None:
    assert wording.verdict_word(EQUAL) == "Omtrent likt"
    assert wording.verdict_word(UNSEEN) == "Ingen sikker forskjell"
    assert wording.verdict_word(SLIGHT) == "Liten forskjell"
    assert wording.detectable_points(SLIGHT) is None  # it has been seen
    assert not wording.is_equal(Change(REST, True, Verdict.NONE, 1.0))
    assert not wording.is_equal(Change(REST, True, Verdict.POSSIBLE, 3.0, -1.0, 4.0))


def test_pairs_are_told_only_beside_a_sure_difference_that_points_the_same_way() -> None:
    against_ranks = Change(REST, True, Verdict.HIGHER, 7.0, 2.0, 12.0, 0.001, 0.004, -0.1)
    assert wording.pairs(against_ranks) is None
    assert wording.pairs(MAYBE) is None
    found = wording.pairs(UP)
    assert found is not None
    assert found.params["pairs"] == pytest.approx(60)


def test_too_few_is_said_only_of_few_answers() -> None:
    assert wording.verdict_word(FEW) == "For få svar til å si noe"
    assert wording.verdict_word(UNTESTED) == "Kan ikke vurderes"


def test_a_light_without_an_interval_says_nothing_more() -> None:
    assert wording.band_sentence(Band.GREEN, None, None) is None
    assert wording.band_sentence(Band.NONE, 1.0, 2.0) is None


def test_a_name_with_percent_signs_is_told_as_it_is(app: Flask) -> None:
    with speaking(app, "nb"):
        assert "«100 % stilling»" in said(wording.group_sentence(UNSEEN, group="100 % stilling"))
