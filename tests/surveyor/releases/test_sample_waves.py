"""A sample from its files to its figures: drawn in strata, launched, answered, closed, released once."""

from uuid import uuid4

from sqlalchemy import Engine, select

from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import Audience, SampleKind
from surveyor.campaigns.queries import wave_by_code
from surveyor.campaigns.samples import declare_sample, import_margins
from surveyor.config import Settings
from surveyor.db import AnonymousBase, unit_of_work
from surveyor.fieldwork.launch import launch_wave
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.services import import_members
from surveyor.releases.enums import CellKind, CellState
from surveyor.releases.queries import wave_release
from surveyor.releases.sample_queries import bounds, responses, weighted_unit
from surveyor.releases.tasks import close_wave
from surveyor.responses.models import WaveKey
from surveyor.responses.sealing import seal_response
from surveyor.responses.services import store_envelope
from surveyor.responses.spec import Response, padded_length
from tests.planned_waves import CODE, make_planned_wave
from tests.samples_data import citizen_questionnaire

FORM = citizen_questionnaire()
N = {"B1": 90, "B2": 80, "S1": 160}
SIZES = b"enhet;antall\nOPP;4000\nHEL;6000\n"
MARGINS = b"variabel;kategori;andel\ngender;1;50\ngender;2;50\n"


def drawn() -> bytes:
    """330 people; every third a man, and men answer half as often."""
    lines = ["enhet,navn,e-post,kj\u00f8nn,aldersgruppe"]
    for unit, n in N.items():
        for i in range(n):
            gender = "mann" if i % 3 else "kvinne"
            lines.append(f"{unit},P{i},p{i}.{unit.lower()}@x.no,{gender},{i % 4}0-tallet")
    return "\n".join(lines).encode()


def launched(engine: Engine, settings: Settings) -> None:
    with unit_of_work(engine) as session:
        wave = make_planned_wave(session, settings, questionnaire=FORM, audience=Audience.CITIZEN)
        import_members(session, settings, wave=wave, file=drawn(), filename="f.csv", actor=COMMAND_LINE)
        declare_sample(session, wave=wave, kind=SampleKind.STRATIFIED, file=SIZES, actor=COMMAND_LINE)
        import_margins(session, wave=wave, file=MARGINS, actor=COMMAND_LINE)
        launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)


def answered(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        wave = wave_by_code(session, code=CODE)
        key = session.scalars(select(WaveKey.public_key).where(WaveKey.wave_id == wave.id)).one()
        people = select(Participation, SampleMember).join(SampleMember).order_by(SampleMember.email)
        for number, (person, member) in enumerate(session.execute(people)):
            is_man = (member.register or {})["gender"] == "mann"
            if is_man and number % 2:
                continue
            given = {f"q{k}": str(1 + (number + is_man) % 5) for k in (1, 2, 3)}
            given |= {"bus": "yes" if number % 3 else "no", "gender": "2" if is_man else "1", "age": "3"}
            sealed = seal_response(
                Response(wave.instrument_version_id, person.segment_code, given), public_key=key,
                wave_id=wave.id, participation_id=person.id, length=padded_length(FORM),
            )  # fmt: skip
            store_envelope(
                session, wave_id=wave.id, participation_id=person.id, rev=1, submission_id=uuid4(),
                sealed=sealed,
            )  # fmt: skip


def test_a_sample_from_its_files_to_its_figures(engine: Engine, settings: Settings) -> None:
    launched(engine, settings)
    answered(engine)
    close_wave(engine, settings, wave_code=CODE, actor=COMMAND_LINE)
    with unit_of_work(engine) as session:
        release = wave_release(session, wave_code=CODE)
        report = release.method["weights"]
        assert report["problems"] == []
        assert [m["weighted"] for m in report["margins"]] == [0.5, 0.5]
        for unit in ("FK", "OPP", "HEL"):
            found = weighted_unit(session, release_id=release.release_id, unit=unit)
            assert found.rows[CellKind.SCALE, "place"]["index"].state is CellState.SHOWN
        assert weighted_unit(session, release_id=release.release_id, unit="B1").rows == {}
        who = responses(session, release_id=release.release_id)
        assert who is not None
        assert who.figures["invited"] == 330
        gender = next(one for one in who.variables if one.name == "gender")
        assert not any(group.is_shown for group in gender.groups), "all women answered: the rest are men"
        ages = next(one for one in who.variables if one.name == "age_band")
        assert all(group.is_shown for group in ages.groups)
        least = bounds(session, release_id=release.release_id, unit="FK", n_invited=330)
        assert all(0 <= one.low <= one.share <= one.high + 1e-12 <= 1 + 1e-9 for one in least)
        actions = set(session.scalars(select(AuditEntry.action)))
        assert {"wave.sample_declared", "wave.margins_imported", "release.frozen"} <= actions


def test_the_register_leaves_no_trace_among_the_answers(engine: Engine, settings: Settings) -> None:
    launched(engine, settings)
    answered(engine)
    close_wave(engine, settings, wave_code=CODE, actor=COMMAND_LINE)
    with unit_of_work(engine) as session:
        kept = str([session.execute(table.select()).all() for table in AnonymousBase.metadata.sorted_tables])
        named = str(session.scalars(select(SampleMember.register)).all())
    assert "kvinne" not in kept
    assert "tallet" not in kept
    assert "kvinne" in named  # negative control: it was there, beside the people
