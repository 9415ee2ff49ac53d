"""Verdicts in words: one sentence for each, sizes only where they may be real, never a machine word."""

import re

import pytest

from surveyor.releases.enums import ComparedTo, Verdict
from surveyor.releases.spec import Change
from surveyor.releases.wording import VERDICTS, detectable, verdict_sentence, verdict_word


@pytest.mark.parametrize("against", ComparedTo)
@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_a_word_and_a_sentence(against: ComparedTo, verdict: Verdict) -> None:
    change = Change(against, True, verdict, difference=-7.25, low=-12.0, high=-2.5)
    sentence = verdict_sentence(change)
    assert verdict_word(change) == VERDICTS[verdict]
    words = sentence.message % {"points": "7"}
    assert not re.search(r"signifikan|p-verdi|token|%\(", words)
    has_size = verdict in (Verdict.HIGHER, Verdict.LOWER, Verdict.POSSIBLE)
    assert dict(sentence.params) == ({"points": 7.25} if has_size else {})


def test_a_possible_difference_says_which_way() -> None:
    words = [
        verdict_sentence(Change(against, True, Verdict.POSSIBLE, difference=difference)).message
        for against in (ComparedTo.REST, ComparedTo.LAST)
        for difference in (7.0, -7.0)
    ]
    assert [word for said in words for word in ("høyere", "lavere", "opp", "ned") if f" {word}." in said] == [
        "høyere", "lavere", "opp", "ned",
    ]  # fmt: skip


def test_a_hidden_comparison_says_only_that_it_is_not_shown() -> None:
    hidden = Change(ComparedTo.REST, False)
    assert verdict_word(hidden) == verdict_sentence(hidden).message == "Vises ikke"
    assert detectable(hidden) is None
    assert verdict_word(None) is None


def test_no_sure_difference_says_what_could_have_been_seen() -> None:
    """Two groups of 100 with SD 20: 80 % power at about 8 points."""
    half = 1.96 * 20 * (2 / 100) ** 0.5
    found = detectable(Change(ComparedTo.REST, True, Verdict.NONE, 1.0, 1.0 - half, 1.0 + half))
    assert found is not None
    assert found.params["points"] == pytest.approx(7.92, abs=0.05)
    assert detectable(Change(ComparedTo.REST, True, Verdict.HIGHER, 9.0, 5.0, 13.0)) is None
