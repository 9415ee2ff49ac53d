"""Tokens and codes: long enough, read back as people type them, mistakes caught."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from surveyor.config import Settings
from surveyor.invitations.credentials import (
    _ALPHABET,
    hash_code,
    hash_token,
    new_code,
    new_token,
    normal_code,
    show_code,
)

CODES = st.builds(new_code)


def test_tokens_have_160_bits_and_differ() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(token) == 27 for token in tokens)
    assert len(hash_token(tokens.pop())) == 32


@given(CODES)
def test_a_code_reads_back_however_it_is_typed(code: str) -> None:
    assert normal_code(show_code(code)) == code
    assert normal_code(show_code(code).lower().replace("-", " ")) == code
    assert normal_code(code.replace("0", "O").replace("1", "l")) == code
    assert len(code) == 13
    assert show_code(code).count("-") == 3


@given(CODES, st.integers(0, 12), st.sampled_from(_ALPHABET))
def test_one_wrong_sign_is_always_caught(code: str, place: int, sign: str) -> None:
    wrong = code[:place] + sign + code[place + 1 :]
    assert (normal_code(wrong) is None) == (wrong != code)


def test_swapped_neighbours_are_nearly_always_caught() -> None:
    n_swaps = n_caught = 0
    for code in (new_code() for _ in range(300)):
        for (i, a), (_, b) in pairwise(enumerate(code)):
            if a != b:
                n_swaps += 1
                n_caught += normal_code(code[:i] + b + a + code[i + 2 :]) is None
    assert n_caught > 0.98 * n_swaps


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert normal_code(text) is None or len(text) >= 13


def test_a_code_hash_needs_the_pepper(settings: Settings, tmp_path: object) -> None:
    other = Settings(settings.instance, settings.database_url, code_pepper="another")
    code = new_code()
    assert hash_code(settings, code) == hash_code(settings, code)
    assert hash_code(settings, code) != hash_code(other, code)
