"""Who answered, by groups of the register: whole groups and large waves only."""

from uuid import uuid4

import pytest
from sqlalchemy import Engine, select, update

from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.errors import InvalidInput
from surveyor.fieldwork.closing import open_wave
from surveyor.fieldwork.register_counts import count_register
from surveyor.invitations.members import Frame, read_members
from surveyor.invitations.models import Participation, SampleMember
from surveyor.mail.enums import MailState
from surveyor.mail.models import OutboxMail
from surveyor.responses.models import RegisterCount, WaveKey
from surveyor.responses.sealing import seal_response
from surveyor.responses.services import store_envelope
from surveyor.responses.spec import Response, padded_length
from tests.waves import OpenWave, make_open_wave

FRAME = Frame({"B1"}, {"nb"}, "nb")


def test_groups_are_read_and_many_values_refused() -> None:
    people = b"unit,name,Kj\xc3\xb8nn,aldersgruppe\nB1,Kari,kvinne,18-34\nB1,Ola,,35-49\n"
    (kari, ola), _ = read_members(people, "f.csv", frame=FRAME)
    assert kari.register == {"gender": "kvinne", "age_band": "18-34"}
    assert ola.register == {"age_band": "35-49"}
    years = "unit,name,aldersgruppe\n" + "".join(f"B1,P{n},{1950 + n}\n" for n in range(9))
    with pytest.raises(InvalidInput) as refused:
        read_members(years.encode(), "f.csv", frame=FRAME)
    assert [(p.row, p.column) for p in refused.value.problems] == [(None, "aldersgruppe")]


def large_wave(engine: Engine, settings: Settings, n: int) -> OpenWave:
    """n invited in B1 and as many in S1; every third has answered, every other is a woman."""
    with unit_of_work(engine) as session:
        wave = make_open_wave(session, settings, invited={"B1": n, "S1": n})
        key = session.scalars(select(WaveKey.public_key).where(WaveKey.wave_id == wave.id)).one()
        for number, person in enumerate(wave.people):
            member = select(Participation.sample_member_id).where(Participation.id == person.id)
            groups = {"gender": "k" if number % 2 else "m"}
            session.execute(
                update(SampleMember)
                .where(SampleMember.id == member.scalar_subquery())
                .values(register=groups)
            )
            if number % 3 == 0:
                response = Response(
                    wave.wave.instrument_version_id, person.segment, {"w1": "3", "again": "yes"}
                )
                sealed = seal_response(
                    response, public_key=key, wave_id=wave.id, participation_id=person.id,
                    length=padded_length(wave.questionnaire),
                )  # fmt: skip
                store_envelope(
                    session, wave_id=wave.id, participation_id=person.id, rev=1, submission_id=uuid4(),
                    sealed=sealed,
                )  # fmt: skip
    return wave


def counts(engine: Engine) -> list[tuple[dict[str, str], int, int]]:
    with unit_of_work(engine) as session:
        rows = session.scalars(select(RegisterCount).order_by(RegisterCount.position)).all()
        return [(row.groups, row.n_invited, row.n_answered) for row in rows]


def test_groups_are_counted_at_the_opening(engine: Engine, settings: Settings) -> None:
    wave = large_wave(engine, settings, 156)
    with unit_of_work(engine) as session:
        session.add(OutboxMail(
            key=f"invite:{wave.id}:{wave.people[0].id}", kind="invitation", content=None,
            state=MailState.DEAD, send_after=wave.wave.launched_at, lease_until=None, last_error=None,
        ))  # fmt: skip
    open_wave(engine, settings, wave_id=wave.id)
    found = counts(engine)
    assert ({"undelivered": ""}, 1, 1) in found
    by_group = {(g["unit"], g["gender"]): (n, m) for g, n, m in found if "unit" in g}
    assert by_group == {(u, g): (78, 26) for u in ("OPP", "HEL") for g in ("k", "m")}


def test_small_waves_are_not_counted(engine: Engine, settings: Settings) -> None:
    wave = large_wave(engine, settings, 20)
    with unit_of_work(engine) as session:
        count_register(session, wave=wave.wave)
    assert counts(engine) == []
