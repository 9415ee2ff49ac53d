"""Opening a wave: once, whole or not at all, with nothing left that leads back."""

from collections import Counter
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, select, update

from surveyor.accounts.enums import Role
from surveyor.audit.spec import WORKER
from surveyor.campaigns.approvals import approve_opening
from surveyor.campaigns.enums import WaveOutcome, WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.errors import Refused
from surveyor.fieldwork import closing
from surveyor.fieldwork.closing import open_wave
from surveyor.invitations.models import Participation
from surveyor.jobs.models import Job
from surveyor.responses import opening
from surveyor.responses.models import AnswerSet, Draft, Envelope, FreeText, Opening, SegmentCount, WaveKey
from surveyor.responses.sealing import seal_response
from surveyor.responses.services import save_draft, store_envelope
from surveyor.responses.spec import Response, padded_length
from tests.factories import make_account
from tests.waves import OpenWave, make_open_wave

ANSWERS = {"w1": "4", "w2": "9", "again": "no", "why": "Fordi", "goods": "a c", "comment": "Takk"}


def answer(
    engine: Engine, wave: OpenWave, owner: UUID, segment: str, answers: dict[str, str] = ANSWERS
) -> None:
    with unit_of_work(engine) as session:
        key = session.scalars(select(WaveKey.public_key).where(WaveKey.wave_id == wave.id)).one()
        sealed = seal_response(
            Response(wave.wave.instrument_version_id, segment, answers), public_key=key, wave_id=wave.id,
            participation_id=owner, length=padded_length(wave.questionnaire),
        )  # fmt: skip
        store_envelope(
            session, wave_id=wave.id, participation_id=owner, rev=1, submission_id=uuid4(), sealed=sealed
        )


@pytest.fixture
def wave(engine: Engine, settings: Settings) -> OpenWave:
    """Eight of ten invited in B1 and S1 have answered, and two rows were imported."""
    with unit_of_work(engine) as session:
        wave = make_open_wave(session, settings, invited={"B1": 5, "S1": 5})
    for person in wave.people[:8]:
        answer(engine, wave, person.id, person.segment)
    for _ in range(2):
        answer(engine, wave, uuid4(), "HEL/own")
    return wave


def counts(engine: Engine) -> dict[str, int]:
    tables = (Envelope, Draft, AnswerSet, FreeText, Opening)
    with unit_of_work(engine) as session:
        return {t.__tablename__: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


def keys(settings: Settings) -> list[str]:
    return [p.name for store in (settings.key_store_a, settings.key_store_b) for p in store.glob("*.key")]


OPENED = {"envelope": 0, "draft": 0, "answer_set": 10, "free_text": 20, "opening": 1}


def test_everything_is_opened_counted_and_forgotten(
    engine: Engine, settings: Settings, wave: OpenWave
) -> None:
    with unit_of_work(engine) as session:
        save_draft(session, wave_id=wave.id, participation_id=wave.people[9].id, rev=1, sealed=b"draft")
    report = open_wave(engine, settings, wave_id=wave.id)
    assert (report.n_answers, report.is_too_few) == (10, False)
    assert counts(engine) == OPENED
    assert keys(settings) == []
    with unit_of_work(engine) as session:
        rows = session.scalars(select(AnswerSet)).all()
        assert Counter(row.segment_code for row in rows) == {"B1": 5, "S1": 3, "HEL/own": 2}
        assert {row.codes for row in rows} == {bytes([3, 5, 255, 1])}
        assert rows[0].body == {"w1": "4", "w2": "9", "again": "no", "goods": ["a", "c"]}
        assert Counter(session.scalars(select(FreeText.item))) == {"why": 10, "comment": 10}
        invited = {c.segment_code: (c.n_invited, c.n_answered) for c in session.scalars(select(SegmentCount))}
        assert invited == {"B1": (5, 5), "S1": (5, 3)}
        assert not session.scalars(
            select(Participation.token_sealed).where(Participation.token_sealed.is_not(None))
        ).all()
        assert session.scalars(select(Wave.state)).one() is WaveState.CLOSING


def test_nothing_is_opened_before_two_have_agreed(engine: Engine, settings: Settings) -> None:
    with unit_of_work(engine) as session:
        wave = make_open_wave(session, settings, invited={"B1": 5}, two_approvers=True)
        accounts = [make_account(session, Role.SURVEY_ADMIN, "FK") for _ in range(2)]
    for person in wave.people:
        answer(engine, wave, person.id, person.segment)
    for account in accounts:
        with pytest.raises(Refused, match="To personer"):
            open_wave(engine, settings, wave_id=wave.id)
        assert counts(engine)["envelope"] == 5
        with unit_of_work(engine) as session:
            approve_opening(session, wave=wave.wave, account_id=account.id, actor=WORKER)
    assert open_wave(engine, settings, wave_id=wave.id).n_answers == 5


def test_too_few_are_never_opened(engine: Engine, settings: Settings) -> None:
    with unit_of_work(engine) as session:
        wave = make_open_wave(session, settings, invited={"B1": 5})
    for person in wave.people[:4]:
        answer(engine, wave, person.id, person.segment)
    for _ in range(2):
        report = open_wave(engine, settings, wave_id=wave.id)
        assert (report.n_answers, report.is_too_few) == (0, True)
    assert counts(engine) == {"envelope": 0, "draft": 0, "answer_set": 0, "free_text": 0, "opening": 1}
    assert keys(settings) == []
    with unit_of_work(engine) as session:
        assert session.scalars(select(Wave.outcome)).one() is WaveOutcome.TOO_FEW
        assert not session.scalars(select(SegmentCount)).all()


def test_one_envelope_that_does_not_open_stops_everything(
    engine: Engine, settings: Settings, wave: OpenWave
) -> None:
    moved, other = wave.people[0].id, wave.people[1].id
    with unit_of_work(engine) as session:
        sealed = session.scalars(select(Envelope.sealed).where(Envelope.participation_id == other)).one()
        session.execute(update(Envelope).where(Envelope.participation_id == moved).values(sealed=sealed))
    before = counts(engine)
    with pytest.raises(Refused):
        open_wave(engine, settings, wave_id=wave.id)
    assert counts(engine) == before
    assert len(keys(settings)) == 2


def test_days_of_grace_leave_the_key_to_a_job(engine: Engine, settings: Settings) -> None:
    with unit_of_work(engine) as session:
        wave = make_open_wave(session, settings, key_grace_days=7)
    for _ in range(6):
        answer(engine, wave, uuid4(), "B1")
    for _ in range(2):
        open_wave(engine, settings, wave_id=wave.id)
    assert len(keys(settings)) == 2
    with unit_of_work(engine) as session:
        job = session.scalars(select(Job)).one()
        assert (job.kind, job.payload) == ("keys.destroy", {"wave_id": str(wave.id)})
        assert 6 <= (job.run_after - job.created_at).days <= 7
    closing.destroy_keys(engine, settings, job.payload, lambda _done, _total: None)
    assert keys(settings) == []


class Killed(BaseException):
    """What a kill -9 looks like from inside: nothing below gets to run."""


PLACES = (
    (closing, "_stop_answers"), (closing, "_read"), (closing, "_count_segments"), (closing, "forget_links"),
    (opening, "_drop_sealed"), (opening, "store_answer_sets"),
    (closing, "_check_count"), (closing, "clean_up"), (closing, "destroy_keys"),
)  # fmt: skip


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(("module", "step"), PLACES, ids=[name for _, name in PLACES])
def test_killed_anywhere_and_run_again_ends_the_same(
    engine: Engine, settings: Settings, wave: OpenWave, module: object, step: str, moment: str
) -> None:
    work = getattr(module, step)

    def die(*args: object, **options: object) -> None:
        if moment == "after":
            work(*args, **options)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, step, die)
        with pytest.raises(Killed):
            open_wave(engine, settings, wave_id=wave.id)
    report = open_wave(engine, settings, wave_id=wave.id)
    assert (report.n_answers, counts(engine), keys(settings)) == (10, OPENED, [])


def test_two_openers_at_once_end_as_one(engine: Engine, settings: Settings, wave: OpenWave) -> None:
    start, reports = Barrier(2), []

    def run() -> None:
        start.wait()
        reports.append(open_wave(engine, settings, wave_id=wave.id).n_answers)

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reports == [10, 10]
    assert (counts(engine), keys(settings)) == (OPENED, [])
