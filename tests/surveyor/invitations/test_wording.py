"""What people are told is complete in every language and true to the wave."""

from datetime import date

import pytest

from surveyor.campaigns.enums import Audience
from surveyor.campaigns.models import Survey, Wave
from surveyor.config import Settings
from surveyor.invitations.letters import qr_svg
from surveyor.invitations.wording import WORDS, invitation, language_of, letter_words, open_address, reminder


def wave(**fields: object) -> Wave:
    given = {
        "code": "w", "audience": Audience.USER, "closes": date(2026, 12, 3), "k_mean": 6, "k_spread": 11,
        "key_grace_days": 7, "simulated": False, **fields,
    }  # fmt: skip
    survey = Survey(title={"nb": "Foreldre\nundersøkelsen", "en": "The parents' survey"})
    return Wave(survey=survey, **given)


def test_every_language_says_everything() -> None:
    assert {frozenset(words) for words in WORDS.values()} == {frozenset(WORDS["nb"])}
    assert all(text for words in WORDS.values() for text in words.values())


@pytest.mark.parametrize(
    ("language", "closes", "days"),
    [
        ("nb", "3. desember 2026", "7 dager"),
        ("nn", "3. desember 2026", "7 dagar"),
        ("en", "3 December 2026", "7 days"),
    ],
)
def test_a_mail_says_who_asks_why_how_long_and_what_protects(
    settings: Settings, language: str, closes: str, days: str
) -> None:
    for write in (invitation, reminder):
        mail = write(settings, wave(), language=language, name="Kari", token="TOKEN")
        for text in (
            "Fjordvik kommune",
            closes,
            days,
            " 6 ",
            " 11 ",
            f"{settings.base_url}/bruker/s/TOKEN",
            "Kari",
        ):
            assert text in mail.body
        assert "\n" not in mail.subject
        assert "%(" not in mail.body + mail.subject


def test_a_destroyed_key_and_a_simulation_are_told(settings: Settings) -> None:
    mail = invitation(settings, wave(key_grace_days=0, simulated=True), language="nb", name="", token="T")
    assert "med en gang" in mail.body
    assert "simulert" in mail.body


def test_percent_signs_in_names_are_only_text(settings: Settings) -> None:
    assert "100%(x)s" in invitation(settings, wave(), language="nb", name="100%(x)s", token="T").body


def test_other_languages_get_the_nearest() -> None:
    assert [language_of(code) for code in ("nn", "se", "pl", "")] == ["nn", "nb", "en", "en"]


def test_a_letter_names_the_address_without_any_personal_part(settings: Settings) -> None:
    words = letter_words(settings, wave(), language="nn")
    assert "127.0.0.1:8000/bruker/kode" in words.steps[0]
    assert open_address(settings, wave()).endswith("/bruker/aapen/w")


def test_equal_addresses_have_equal_squares() -> None:
    assert qr_svg("https://a.no/kode") == qr_svg("https://a.no/kode")
    assert b"<svg" in qr_svg("https://a.no/kode")
