"""Envelopes and drafts: one length, one owner, one key."""

from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from surveyor.errors import InvalidInput, Refused
from surveyor.instruments.answers import MAX_TEXT
from surveyor.responses.drafts import open_draft, seal_draft
from surveyor.responses.receipts import new_receipt_code, read_receipt_code
from surveyor.responses.sealing import OVERHEAD, open_response, seal_response
from surveyor.responses.spec import Response, is_too_long, kept_answers, pad, padded_length, unpad
from tests.waves import employee_questionnaire

QUESTIONNAIRE = employee_questionnaire()
LENGTH = padded_length(QUESTIONNAIRE)
KEY = X25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()

texts = st.text(st.characters(codec="utf-8"), max_size=60)
answers = st.fixed_dictionaries(
    {},
    optional={
        "w1": st.sampled_from(["1", "2", "3", "4", "5", "9"]),
        "again": st.sampled_from(["yes", "no"]),
        "why": texts,
        "goods": st.sampled_from(["a", "a b", "a b c"]),
        "comment": texts,
    },
)


def sealed_by(response: Response, wave: object, owner: object, public: bytes = PUBLIC) -> bytes:
    return seal_response(response, public_key=public, wave_id=wave, participation_id=owner, length=LENGTH)  # type: ignore[arg-type]


@settings(max_examples=150)
@given(answers)
def test_every_answer_comes_back_from_an_envelope_of_one_length(given_answers: dict[str, str]) -> None:
    wave, owner, version = uuid4(), uuid4(), uuid4()
    kept = kept_answers(QUESTIONNAIRE, given_answers)
    response = Response(version, "B1", kept, b"r" * 32)
    sealed = sealed_by(response, wave, owner)
    assert len(sealed) == LENGTH + OVERHEAD
    assert open_response(sealed, KEY, wave_id=wave, participation_id=owner) == response
    assert not any("\0" in value for value in kept.values())


def test_what_an_envelope_holds_is_written_in_one_way() -> None:
    """Envelopes sealed by an earlier version must open: what is read and written here may not change."""
    response = Response(UUID(int=1), "B1", {"why": "Æ «x»\n", "again": "no"}, b"r" * 2)
    plain = (
        '{"answers":{"again":"no","why":"Æ «x»\\n"},"form":"00000000-0000-0000-0000-000000000001",'
        '"receipt":"7272","segment":"B1","v":1}'
    ).encode()
    assert response.to_bytes() == plain
    assert Response.from_bytes(plain) == response


@pytest.mark.parametrize("wrong", ["wave", "owner", "key", "bytes"])
def test_an_envelope_opens_only_as_itself(wrong: str) -> None:
    wave, owner = uuid4(), uuid4()
    sealed = sealed_by(Response(uuid4(), "B1", {"w1": "5"}), wave, owner)
    if wrong == "bytes":
        sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    key = X25519PrivateKey.generate() if wrong == "key" else KEY
    with pytest.raises(Refused):
        open_response(
            sealed, key, wave_id=uuid4() if wrong == "wave" else wave,
            participation_id=uuid4() if wrong == "owner" else owner,
        )  # fmt: skip


@pytest.mark.parametrize("letter", ["x", "å", '"', "\\", "\n"])
def test_the_longest_answers_fit_the_one_length(letter: str) -> None:
    long = "a" + letter * (MAX_TEXT - 2) + "b"
    assert not is_too_long(long)
    full = {"w1": "5", "w2": "5", "w3": "9", "again": "yes", "why": long, "goods": "a b c", "comment": long}
    kept = kept_answers(QUESTIONNAIRE, full)
    response = Response(uuid4(), "ENHET-MED-LANG-KODE" * 10 + "/own", kept, b"r" * 32)
    assert len(sealed_by(response, uuid4(), uuid4())) == LENGTH + OVERHEAD
    number_and_all = {**full, "years": "9" * 15}
    sealed = seal_draft(
        number_and_all, secret="s", wave_id=uuid4(), participation_id=uuid4(), rev=1, length=LENGTH
    )
    assert len(sealed) == LENGTH + 28


def test_what_does_not_fit_is_refused_not_cut() -> None:
    assert is_too_long("x" * (MAX_TEXT + 1))
    assert is_too_long("😀" * (MAX_TEXT // 2))
    with pytest.raises(InvalidInput):
        pad(b"x" * 253, 256)
    assert unpad(pad(b"x" * 252, 256)) == b"x" * 252


def test_numbers_dates_and_the_unit_are_not_kept() -> None:
    assert kept_answers(QUESTIONNAIRE, {"years": "12", "w1": "3", "unknown": "x"}) == {"w1": "3"}


def test_a_draft_opens_only_with_its_link_owner_and_revision() -> None:
    wave, owner = uuid4(), uuid4()
    where = {"wave_id": wave, "participation_id": owner, "rev": 3}
    sealed = seal_draft({"w1": "4"}, secret="token", length=LENGTH, **where)
    assert open_draft(sealed, secret="token", **where) == {"w1": "4"}
    assert open_draft(sealed, secret="other", **where) is None
    for wrong in ({"rev": 4}, {"participation_id": uuid4()}, {"wave_id": uuid4()}):
        assert open_draft(sealed, secret="token", **(where | wrong)) is None
    assert seal_draft({"w1": "4"}, secret="token", length=LENGTH, **where) != sealed


def test_receipt_codes_are_read_as_people_type_them() -> None:
    code = new_receipt_code()
    assert len(code) == 19
    assert read_receipt_code(code.lower().replace("-", " ")) == code
    assert read_receipt_code("OIL0-0000-0000-0000") == "0110-0000-0000-0000"
    assert read_receipt_code("for kort") is None
    assert read_receipt_code("U000-0000-0000-0000") is None
