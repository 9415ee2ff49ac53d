"""A second release: refused while it would tell about a few, else it replaces the first (attack case C4)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from analysis.disclosure.auditor import Finding
from surveyor import clock
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveOutcome, WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import wave_tree
from surveyor.config import Settings
from surveyor.cubes.queries import cube_of
from surveyor.cubes.services import build_cube
from surveyor.errors import InvalidInput, Refused
from surveyor.fieldwork.late import withdraw_answer
from surveyor.releases import freezing
from surveyor.releases.models import MomentCell, Release
from surveyor.releases.pending import pending
from surveyor.releases.queries import cells_of, release_of, released_waves
from surveyor.releases.services import freeze_again, freeze_release
from surveyor.responses.models import AnswerSet, LateAnswer
from surveyor.responses.receipts import new_receipt_code, receipt_hash
from tests.released_groups import ASKED, NAMES, add_late, answers, counted, find
from tests.releases_data import add_answers


@pytest.fixture
def wave(session: Session, settings: Settings) -> Wave:
    """A released wave."""
    wave = counted(session)
    freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
    wave.state, wave.outcome = WaveState.CLOSED, WaveOutcome.RELEASED
    session.flush()
    return wave


def wave_units(session: Session, wave: Wave) -> list[str]:
    return [node.code for node in wave_tree(session, wave=wave) if len(node.code) > 1]


def test_whose_answer_is_withdrawn_does_not_show_in_what_is_refused(
    session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One answer less in one unit or in another: the same words, of different findings (the control)."""
    told: list[str] = []
    found: list[list[Finding]] = []
    crossing = freezing.crossing_holes

    def overheard(*given: Any) -> Iterator[Finding]:
        found.append(list(crossing(*given)))
        return iter(found[-1])

    monkeypatch.setattr(freezing, "crossing_holes", overheard)
    for number, unit in enumerate(("A1", "C")):
        wave = counted(session, code=f"W{number + 6}")
        freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
        session.flush()
        somebody = session.scalar(
            select(AnswerSet.id).where(AnswerSet.wave_id == wave.id, AnswerSet.segment_code == unit).limit(1)
        )
        session.execute(delete(AnswerSet).where(AnswerSet.id == somebody))
        with pytest.raises(Refused) as refused:
            again(session, settings, wave)
        told.append(str(refused.value))
    assert told[0] == told[1]
    assert [one.figure for one in found[0]] != [one.figure for one in found[1]]


def again(session: Session, settings: Settings, wave: Wave) -> Release:
    return freeze_again(session, settings, wave=wave, actor=COMMAND_LINE)


def test_two_late_answers_are_refused_and_nothing_changes(
    session: Session, settings: Settings, wave: Wave
) -> None:
    first = release_of(session, wave.id)
    add_late(session, wave, "A1", 2)
    with pytest.raises(Refused, match="færre enn 10") as told:
        again(session, settings, wave)
    assert not [unit for unit in wave_units(session, wave) if unit in str(told.value)], "where they are"
    assert release_of(session, wave.id) is first
    assert session.scalar(select(func.count()).select_from(LateAnswer)) == 2
    assert pending(session, wave=wave).n_late == 2


def test_enough_late_answers_give_a_second_release_that_stands_for_the_wave(
    session: Session, settings: Settings, wave: Wave
) -> None:
    first = release_of(session, wave.id)
    assert first is not None
    for unit in ("A1", "A2", "B11", "B12", "B2", "C"):
        add_late(session, wave, unit, 60)
    second = again(session, settings, wave)
    assert (second.number, second.method["replaces"]) == (2, first.manifest_sha256)
    assert release_of(session, wave.id) is second
    assert [one.release_id for one in released_waves(session)] == [second.id]
    rows = tuple(cells_of(session, release_id=second.id, cut=None))
    assert find(rows, "R", "", "q3", "mean").n == len(answers()[1]) + 360
    old = find(tuple(cells_of(session, release_id=first.id)), "R", "", "q3", "mean")
    assert old.n == len(answers()[1])  # the first is still there, and frozen
    cube = cube_of(session, wave.id)
    assert cube is not None
    assert cube.n.sum() == old.n + 360
    assert session.scalar(select(LateAnswer.wave_id)) is None
    add_late(session, wave, "A1", 60)
    with pytest.raises(Refused, match="to ganger"):
        again(session, settings, wave)


def test_nothing_new_is_no_reason_for_a_second_release(
    session: Session, settings: Settings, wave: Wave
) -> None:
    with pytest.raises(Refused, match="Ingen svar"):
        again(session, settings, wave)


def test_late_answers_of_one_mind_are_refused(session: Session, settings: Settings, wave: Wave) -> None:
    """Sixty late answers are no small group, but the difference of the two releases tells what all chose."""
    for unit in ("A1", "A2", "B11", "B12", "B2", "C"):
        add_late(session, wave, unit, 60, **({"q3": 5} if unit == "A1" else {}))
    with pytest.raises(Refused, match="hver enkelt"):
        again(session, settings, wave)


def test_an_item_few_of_the_late_answered_is_held_back_too(
    session: Session, settings: Settings, wave: Wave
) -> None:
    """Everybody's basis is safe with sixty more; of the item only two came."""
    for unit in ("A1", "A2", "B11", "B12", "B2", "C"):
        add_late(session, wave, unit, 60)
    late = select(LateAnswer.answer_set_id)
    rows = session.scalars(
        select(AnswerSet).where(AnswerSet.id.in_(late), AnswerSet.segment_code == "A1")
    ).all()
    place = [item.name for item in ASKED.coded_items].index("q3")
    for row in rows[2:]:  # answer sets cannot be changed, only taken out and put in
        codes = bytearray(row.codes)
        codes[place] = 255
        session.execute(delete(AnswerSet).where(AnswerSet.id == row.id))
        session.execute(
            insert(AnswerSet).values(
                id=row.id, wave_id=wave.id, segment_code="A1", codes=bytes(codes), body={}, receipt_hash=None,
                instrument_version_id=row.instrument_version_id,
            )
        )  # fmt: skip
    with pytest.raises(Refused, match="færre enn 10"):
        again(session, settings, wave)


@pytest.mark.parametrize(("apart", "cuts"), [(1, ["sex"]), (30, ["sex", "age"])])
def test_groups_of_two_questions_are_held_against_the_first_release_together(
    session: Session, settings: Settings, wave: Wave, apart: int, cuts: list[str]
) -> None:
    """The women and the young among the late are the same but for a few: what two groups grew by tells."""
    for unit in ("A1", "A2", "B11", "B12", "B2", "C"):
        for sex, age, n in ((0, 0, 40), (1, 1, 41), (0, 2, 30), (0, 1, apart), (1, 0, apart)):
            add_late(session, wave, unit, n, sex=sex, age=age)
    assert again(session, settings, wave).method["cuts"] == cuts


def test_the_gate_without_the_first_release_would_let_it_through(
    session: Session, settings: Settings, wave: Wave, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: two late answers pass every rule that looks at one release alone."""
    add_late(session, wave, "A1", 2)
    monkeypatch.setattr(freezing, "crossing_holes", lambda *_: iter(()))
    assert again(session, settings, wave).number == 2


def test_a_withdrawn_answer_goes_at_once_and_its_figures_at_the_second_release(
    session: Session, settings: Settings
) -> None:
    wave = counted(session, code="W5")
    codes = [new_receipt_code() for _ in range(40)]
    frame = answers(seed=5)[1].sample(40, random_state=1).reset_index(drop=True)
    add_answers(session, wave, ASKED, ["A1"] * 40, frame, names=NAMES)
    session.flush()
    held = session.scalars(select(AnswerSet).where(AnswerSet.segment_code == "A1")).all()[-40:]
    for row, code in zip(held, codes, strict=True):  # as if they had come through envelopes
        values = {name: getattr(row, name) for name in ("id", "wave_id", "segment_code", "codes", "body")}
        session.execute(delete(AnswerSet).where(AnswerSet.id == row.id))
        values |= {
            "instrument_version_id": row.instrument_version_id,
            "receipt_hash": receipt_hash(settings, code),
        }
        session.execute(insert(AnswerSet).values(**values))
    build_cube(session, wave=wave)
    freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
    session.flush()
    with pytest.raises(InvalidInput, match="ikke en kvitteringskode"):
        withdraw_answer(session, settings, wave=wave, code="feil", actor=COMMAND_LINE)
    with pytest.raises(InvalidInput, match="Fant ikke"):
        withdraw_answer(session, settings, wave=wave, code=new_receipt_code(), actor=COMMAND_LINE)
    withdraw_answer(session, settings, wave=wave, code=codes[0].lower(), actor=COMMAND_LINE)
    assert (pending(session, wave=wave).n_withdrawn, pending(session, wave=wave).n_late) == (1, 0)
    with pytest.raises(Refused, match="færre enn 10"):
        again(session, settings, wave)
    for code in codes[1:]:
        withdraw_answer(session, settings, wave=wave, code=code, actor=COMMAND_LINE)
    second = again(session, settings, wave)
    rows = tuple(cells_of(session, release_id=second.id))
    assert find(rows, "R", "", "q3", "mean").n == len(answers()[1])
    assert set(second.method["cuts"]) < {"sex", "age"}  # of forty, too few did not give their sex


def test_answers_neither_counted_nor_late_are_an_error(
    session: Session, settings: Settings, wave: Wave
) -> None:
    add_late(session, wave, "A1", 20)
    session.execute(delete(LateAnswer))
    with pytest.raises(ValueError, match="contradict"):
        again(session, settings, wave)


def test_figures_on_several_answers_are_of_the_first_release_only(
    session: Session, settings: Settings, wave: Wave
) -> None:
    """Two correlations of nearly the same people could be subtracted; no gate holds them together."""
    first = release_of(session, wave.id)
    for unit in ("A1", "A2", "B11", "B12", "B2", "C"):
        add_late(session, wave, unit, 60)
    second = again(session, settings, wave)
    counts = {
        one.number: session.scalar(
            select(func.count()).select_from(MomentCell).where(MomentCell.release_id == one.id)
        )
        for one in (first, second)
        if one is not None
    }
    assert second.method["items_only"] == first.method["items_only"]  # type: ignore[union-attr]
    assert counts[1]  # negative control: there was something to subtract from
    assert counts[2] == 0


def test_a_wave_closed_early_keeps_its_day(session: Session, settings: Settings) -> None:
    """Released again after the planned last day: it still ended when it was closed, at Norway's midnight."""
    with clock.fixed_at(datetime(2026, 5, 3, 22, 30, tzinfo=UTC)):  # past midnight in Oslo
        wave = counted(session)
        wave.closes = date(2026, 5, 31)
        freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
        wave.state, wave.outcome, wave.closed_at = WaveState.CLOSED, WaveOutcome.RELEASED, clock.now()
    (before,) = released_waves(session)
    add_late(session, wave, "C", 12)
    with clock.fixed_at(datetime(2026, 6, 20, 10, tzinfo=UTC)):
        again(session, settings, wave)
    (after,) = released_waves(session)
    assert (before.ended_on, after.ended_on) == (date(2026, 5, 4), date(2026, 5, 4))
    assert after.frozen_on == date(2026, 6, 20)  # negative control: the release itself is later


def test_a_wave_closed_late_ended_on_its_last_day(session: Session, settings: Settings) -> None:
    wave = counted(session)
    wave.closes = date(2026, 5, 31)
    with clock.fixed_at(datetime(2026, 6, 9, 10, tzinfo=UTC)):
        freeze_release(session, settings, wave=wave, actor=COMMAND_LINE)
        wave.state, wave.outcome, wave.closed_at = WaveState.CLOSED, WaveOutcome.RELEASED, clock.now()
    assert [one.ended_on for one in released_waves(session)] == [date(2026, 5, 31)]
