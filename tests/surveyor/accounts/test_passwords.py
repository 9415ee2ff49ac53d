"""Which passwords are taken, and that unknown accounts cost the same work."""

from statistics import median
from time import process_time

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from surveyor.accounts import passwords, services
from surveyor.accounts.passwords import hash_password, is_outdated, is_right, problems_of
from surveyor.errors import InvalidInput
from tests.factories import make_account

CONTEXT = ("Kari Nordmann", "kari.nordmann@fjordvik.test", "Fjordvik kommune")
GOOD = "blåbær tog lampe sky"


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "Passord12345", "P@ssw0rd2026!!", "Velkommen2026!", "qwertyuiop12", "1q2w3e4r5t6y",
        "123456789012", "aaaaaaaaaaaa", "SommerIFjordvik26", "Fjordvik kommune 2026", "kari.nordmann1",
        "Administrator1", "iloveyou1234", "Sommer2026Vinter2027", "kort", "",
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_refused(password: str) -> None:
    assert problems_of(password, context=CONTEXT)


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "gX7#kd92!mQzp",
        "correct horse battery",
        "x7" + "fjellrevunge" * 6,
        "håndball i Skogbygda",
        "日本語のとても長い合言葉です",
    ],
)
def test_long_and_unusual_ones_are_taken_without_rules_of_composition(password: str) -> None:
    assert problems_of(password, context=CONTEXT) == []


def test_up_to_256_characters() -> None:
    long = "abenkldfirmo" * 30
    assert problems_of(long[:256]) == []
    assert problems_of(long[:257])


def test_the_hash_is_argon2id_of_the_agreed_strength() -> None:
    parameters = extract_parameters(hash_password(GOOD))
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2


def test_the_whole_password_counts_however_its_letters_are_composed() -> None:
    stored = hash_password("blåbær" + "x" * 100 + "1")
    assert is_right(stored, "bla\u030abær" + "x" * 100 + "1")
    assert not is_right(stored, "blåbær" + "x" * 100 + "2")
    assert not is_right(None, "")


@given(st.text(max_size=300))
def test_any_text_is_judged_without_failing(password: str) -> None:
    problems_of(password, context=CONTEXT)


def test_a_weaker_hash_is_replaced_at_the_next_sign_in(session: Session) -> None:
    weak = PasswordHasher(memory_cost=8192, time_cost=1, parallelism=1).hash(GOOD)
    account = make_account(session, email="old@fjordvik.test", password_hash=weak)
    services.sign_in(session, email="old@fjordvik.test", password=GOOD)
    assert account.password_hash is not None
    assert account.password_hash != weak
    assert not is_outdated(account.password_hash)


def cpu_seconds(session: Session, email: str) -> float:
    began = process_time()
    with pytest.raises(InvalidInput):
        services.sign_in(session, email=email, password="feil passord her")
    return process_time() - began


def test_an_unknown_account_takes_as_long_as_a_known(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Medians of interleaved samples; the control, without the stand-in hash, is several times faster."""
    make_account(session, email="known@fjordvik.test", password_hash=hash_password(GOOD))
    pairs = [
        (cpu_seconds(session, "known@fjordvik.test"), cpu_seconds(session, "nobody@fjordvik.test"))
        for _ in range(9)
    ]
    ratio = median(unknown / known for known, unknown in pairs)
    assert 0.8 < ratio < 1.25
    monkeypatch.setattr(passwords, "_stand_in", lambda: "no hash")
    without = median(cpu_seconds(session, "nobody@fjordvik.test") for _ in range(5))
    assert without < 0.5 * median(known for known, _ in pairs)
