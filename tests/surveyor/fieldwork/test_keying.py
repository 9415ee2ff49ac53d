"""Paper answers: keyed twice, compared, sealed; no trace of the paper, the person or what was keyed first."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import Actor
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.errors import Gone, NotFound, Refused
from surveyor.fieldwork import keying
from surveyor.fieldwork.answering import Submission, enter_by_code, submit_answers
from surveyor.fieldwork.closing import open_wave
from surveyor.invitations.credentials import new_code
from surveyor.responses.keys import load_wave_key
from surveyor.responses.models import Draft, Envelope, Keying
from surveyor.responses.receipts import new_receipt_code
from surveyor.responses.sealing import open_response
from surveyor.responses.spec import Response
from tests.paper import ANSWERS, make_letter_wave, make_open_link_wave
from tests.waves import OpenWave


@pytest.fixture
def asked(session: Session, settings: Settings) -> tuple[OpenWave, list[str]]:
    return make_letter_wave(session, settings)


def sheet(session: Session, settings: Settings, wave: OpenWave, code: str) -> keying.PaperSheet:
    return keying.open_sheet(session, settings, wave_code=wave.wave.code, code=code)


def key_twice(
    session: Session, settings: Settings, wave: OpenWave, code: str, answers: Mapping[str, str] = ANSWERS
) -> None:
    keying.keep_first(session, sheet=sheet(session, settings, wave, code), answers=answers)
    again = sheet(session, settings, wave, code)
    assert keying.differences(again, answers) == ()
    keying.send_sheet(session, settings, sheet=again, answers=answers)


def opened(session: Session, settings: Settings, wave: OpenWave) -> list[Response]:
    key = load_wave_key(session, settings, wave_id=wave.id)
    return [
        open_response(each.sealed, key, wave_id=wave.id, participation_id=each.participation_id)
        for each in session.scalars(select(Envelope))
    ]


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_sheet_keyed_twice_is_an_answer_like_any_other(
    session: Session, settings: Settings, asked: tuple[OpenWave, list[str]]
) -> None:
    wave, codes = asked
    key_twice(session, settings, wave, codes[0])
    [response] = opened(session, settings, wave)
    assert response.answers == ANSWERS
    assert response.segment_code == "B1"
    assert response.receipt_hash is not None, "an answer without a receipt would tell that it came on paper"
    assert (count(session, Keying), count(session, Draft)) == (0, 0)


def test_once_is_not_enough(session: Session, settings: Settings, asked: tuple[OpenWave, list[str]]) -> None:
    wave, codes = asked
    with pytest.raises(Refused, match="to ganger"):
        keying.send_sheet(session, settings, sheet=sheet(session, settings, wave, codes[0]), answers=ANSWERS)
    assert count(session, Envelope) == 0


def test_differences_are_told_by_question(
    session: Session, settings: Settings, asked: tuple[OpenWave, list[str]]
) -> None:
    wave, codes = asked
    keying.keep_first(session, sheet=sheet(session, settings, wave, codes[0]), answers=ANSWERS)
    again = sheet(session, settings, wave, codes[0])
    second = {**ANSWERS, "w2": "5", "goods": "b"}
    del second["w3"]
    found = [(each.item.name, each.first, each.second) for each in keying.differences(again, second)]
    assert found == [("w2", "4", "5"), ("w3", "2", ""), ("goods", "", "b")]


def test_what_was_keyed_first_is_nowhere_in_clear(
    session: Session, settings: Settings, engine: Engine, asked: tuple[OpenWave, list[str]]
) -> None:
    wave, codes = asked
    for code, said in zip(codes, ("kort", "x" * 900, "", "æ" * 500, "4"), strict=True):
        answers = {**ANSWERS, "comment": said + "HEMMELIG"}
        keying.keep_first(session, sheet=sheet(session, settings, wave, code), answers=answers)
    session.flush()
    stored = list(session.scalars(select(Keying.sealed)))
    assert len({len(sealed) for sealed in stored}) == 1, "a length of its own would tell sheets apart"
    assert not any(b"HEMMELIG" in sealed for sealed in stored)
    assert sheet(session, settings, wave, codes[0]).first is not None  # negative control: the code opens it


def test_another_code_does_not_open_a_first_keying(
    session: Session, settings: Settings, asked: tuple[OpenWave, list[str]]
) -> None:
    wave, codes = asked
    keying.keep_first(session, sheet=sheet(session, settings, wave, codes[0]), answers=ANSWERS)
    session.execute(text("UPDATE keying SET sheet_id = :other"), {"other": _raw(session, wave.people[1].id)})
    assert sheet(session, settings, wave, codes[1]).first is None


def _raw(session: Session, value: object) -> object:
    return str(value) if session.get_bind().dialect.name == "postgresql" else value.hex  # type: ignore[attr-defined]


def test_new_letters_let_a_sheet_be_keyed_from_the_start(
    session: Session, settings: Settings, asked: tuple[OpenWave, list[str]]
) -> None:
    wave, codes = asked
    keying.keep_first(session, sheet=sheet(session, settings, wave, codes[0]), answers=ANSWERS)
    session.execute(text("UPDATE keying SET sealed = :rubbish"), {"rubbish": b"under an older code"})
    key_twice(session, settings, wave, codes[0])
    assert count(session, Envelope) == 1


def test_two_who_key_the_same_sheet_first_do_not_overwrite_each_other(
    session: Session, settings: Settings, asked: tuple[OpenWave, list[str]]
) -> None:
    wave, codes = asked
    mine, theirs = (sheet(session, settings, wave, codes[0]) for _ in range(2))
    keying.keep_first(session, sheet=mine, answers=ANSWERS)
    with pytest.raises(Refused, match="noen andre"):
        keying.keep_first(session, sheet=theirs, answers={**ANSWERS, "w1": "1"})
    kept = sheet(session, settings, wave, codes[0]).first
    assert kept is not None
    assert kept["w1"] == "3"


def test_a_first_keying_can_be_thrown_away(
    session: Session, settings: Settings, asked: tuple[OpenWave, list[str]]
) -> None:
    wave, codes = asked
    keying.keep_first(session, sheet=sheet(session, settings, wave, codes[0]), answers=ANSWERS)
    keying.drop_first(session, sheet=sheet(session, settings, wave, codes[0]))
    assert not sheet(session, settings, wave, codes[0]).is_keyed_once


def test_a_code_answers_once_on_paper_or_on_the_web(
    session: Session, settings: Settings, asked: tuple[OpenWave, list[str]]
) -> None:
    wave, codes = asked
    key_twice(session, settings, wave, codes[0])
    with pytest.raises(Refused, match="allerede svart"):
        sheet(session, settings, wave, codes[0])
    keying.keep_first(session, sheet=sheet(session, settings, wave, codes[1]), answers=ANSWERS)
    again = sheet(session, settings, wave, codes[1])
    entry = enter_by_code(session, settings, code=codes[1])
    assert entry.participation_id is not None
    submit_answers(
        session, settings, entry=entry, questionnaire=wave.questionnaire, answers={**ANSWERS, "w1": "1"},
        submission=Submission(wave.id, entry.participation_id, new_receipt_code(), 0), language="nb",
    )  # fmt: skip
    with pytest.raises(Refused, match="allerede svart"):
        keying.send_sheet(session, settings, sheet=again, answers=ANSWERS)
    assert count(session, Envelope) == 2


def test_wrong_codes_and_other_waves_are_told(
    session: Session, settings: Settings, asked: tuple[OpenWave, list[str]]
) -> None:
    wave, codes = asked
    with pytest.raises(NotFound, match="ikke riktig"):
        sheet(session, settings, wave, new_code())
    with pytest.raises(NotFound):
        keying.open_sheet(session, settings, wave_code="finnes-ikke", code=codes[0])


def test_paper_is_taken_after_the_last_day_until_the_closing(session: Session, settings: Settings) -> None:
    days = [clock.today() - timedelta(days=n) for n in (10, 1)]
    wave, codes = make_letter_wave(session, settings, opens=days[0], closes=days[1])
    key_twice(session, settings, wave, codes[0])
    keying.keep_first(session, sheet=sheet(session, settings, wave, codes[1]), answers=ANSWERS)
    late = sheet(session, settings, wave, codes[1])
    session.get_one(Wave, wave.id).state = WaveState.CLOSING
    session.flush()
    with pytest.raises(Gone):
        sheet(session, settings, wave, codes[2])
    with pytest.raises(Gone):
        keying.send_sheet(session, settings, sheet=late, answers=ANSWERS)


def test_an_incomplete_sheet_is_taken_with_a_word_of_doubt(
    session: Session, settings: Settings, asked: tuple[OpenWave, list[str]]
) -> None:
    wave, codes = asked
    partly = {"w1": "3", "why": "hopp"}  # `why` is asked only of those who say no
    found = keying.doubts(wave.questionnaire, partly, "nb")
    assert found
    assert [item.name for item in found.left_out] == ["why"]
    assert "w2" in [item.name for item in found.empty]
    assert "why" not in [item.name for item in found.empty]
    whole = {**ANSWERS, "goods": "a", "years": "3"}
    assert not keying.doubts(wave.questionnaire, whole, "nb")
    key_twice(session, settings, wave, codes[0], partly)
    assert opened(session, settings, wave)[0].answers == {"w1": "3"}


def test_on_the_open_link_any_code_is_a_sheet_and_counts_once(session: Session, settings: Settings) -> None:
    wave, code = make_open_link_wave(session, settings), new_code()
    key_twice(session, settings, wave, code)
    [response] = opened(session, settings, wave)
    assert response.segment_code == "FK/own"
    with pytest.raises(Refused, match="allerede svart"):
        sheet(session, settings, wave, code)
    assert sheet(session, settings, wave, new_code()).id != sheet(session, settings, wave, new_code()).id


def test_the_log_says_who_keyed_once_a_day_and_nothing_of_sheets(
    session: Session, settings: Settings, asked: tuple[OpenWave, list[str]]
) -> None:
    wave, codes = asked
    for code in codes[:3]:
        keying.note_keying(session, wave=wave.wave, actor=Actor("taster@fjordvik.no"))
        key_twice(session, settings, wave, code)
    keying.note_keying(session, wave=wave.wave, actor=Actor("andre@fjordvik.no"))
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.actor)).all()
    assert [(each.actor, each.action) for each in entries] == [
        ("andre@fjordvik.no", "responses.keyed"),
        ("taster@fjordvik.no", "responses.keyed"),
    ]
    assert all(each.details == {"code": wave.wave.code} for each in entries)


def test_waiting_sheets_are_told_in_steps_of_five(session: Session, settings: Settings) -> None:
    wave, codes = make_letter_wave(session, settings, n=11)
    told = []
    for code in codes:
        keying.keep_first(session, sheet=sheet(session, settings, wave, code), answers=ANSWERS)
        told.append(keying.n_waiting_at_least(session, wave_id=wave.id))
    assert told == [0] * 4 + [5] * 5 + [10] * 2


def test_keyings_left_over_are_gone_after_the_closing(engine: Engine, settings: Settings) -> None:
    with unit_of_work(engine) as session:
        wave, codes = make_letter_wave(session, settings)
        keying.keep_first(session, sheet=sheet(session, settings, wave, codes[0]), answers=ANSWERS)
    assert open_wave(engine, settings, wave_id=wave.id).is_too_few
    with unit_of_work(engine) as session:
        assert count(session, Keying) == 0
