"""A wave's paper form: what it promises, in which language, and codes for an open link."""

import re
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from surveyor.config import Settings
from surveyor.errors import NotFound, Refused
from surveyor.invitations.credentials import normal_code
from surveyor.invitations.paper import MOST_COPIES, sheet_codes, wave_form, wave_paper
from surveyor.invitations.wording import WORDS, paper_cover
from tests.paper import make_letter_wave, make_open_link_wave


def test_the_cover_tells_this_waves_thresholds_and_where_to_send_it(
    session: Session, settings: Settings
) -> None:
    wave = make_letter_wave(session, settings, k_mean=7, k_spread=12, key_grace_days=3)[0].wave
    said = " ".join(paper_cover(settings, wave, language="nb").protection)
    assert "færre enn 7 svar" in said
    assert "minst 12 svar" in said
    assert "etter 3 dager" in said
    handed_in = paper_cover(settings, wave, language="nb")
    posted = paper_cover(replace(settings, paper_address="Postboks 12, 5800 Fjordvik"), wave, language="nb")
    assert "Postboks 12, 5800 Fjordvik" in posted.send
    assert "der du fikk skjemaet" in handed_in.send[0]
    assert "/medarbeider/kode" in posted.purpose[-1]


@pytest.mark.parametrize("language", ["nb", "nn", "en", "pl", "da"])
def test_no_place_in_the_words_is_left_empty(session: Session, settings: Settings, language: str) -> None:
    wave = make_letter_wave(session, settings)[0].wave
    cover = paper_cover(settings, wave, language=language)
    words = " ".join((*cover.purpose, *cover.protection, *cover.send))
    assert not re.search(r"%\(|\{|None", words)


def test_words_are_complete_in_every_language() -> None:
    assert WORDS["nb"].keys() == WORDS["nn"].keys() == WORDS["en"].keys()


def test_a_form_is_in_the_questionnaires_nearest_language(session: Session, settings: Settings) -> None:
    wave = make_letter_wave(session, settings)[0].wave
    assert wave_form(settings, wave, language="pl")["sheet"]["language"] == "nb"  # type: ignore[index]
    assert wave_form(settings, wave, language="en")["sheet"]["language"] == "en"  # type: ignore[index]
    with pytest.raises(NotFound):
        wave_paper(settings, wave=wave, language="pl")


def test_an_open_link_has_forms_with_a_code_each(session: Session, settings: Settings) -> None:
    codes = sheet_codes(50)
    assert None not in {normal_code(code) for code in codes}
    assert len(set(codes)) == 50
    wave = make_open_link_wave(session, settings).wave
    one, three = (wave_paper(settings, wave=wave, language="nb", n=n) for n in (1, 3))
    assert len(three) > len(one)
    for n in (-1, MOST_COPIES + 1):
        with pytest.raises(Refused):
            wave_paper(settings, wave=wave, language="nb", n=n)


def test_people_with_letters_get_no_other_codes(session: Session, settings: Settings) -> None:
    wave = make_letter_wave(session, settings)[0].wave
    with pytest.raises(Refused, match="egne koder"):
        wave_paper(settings, wave=wave, language="nb", n=3)
    assert wave_paper(settings, wave=wave, language="nb").startswith(b"%PDF")
