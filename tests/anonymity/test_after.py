"""ANON-5: after a wave's whole life no row names who took part, and none tells when somebody was there."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import COMMAND_LINE
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.models import METADATA
from surveyor.releases.tasks import close_wave
from tests.anonymity.crowd import respond
from tests.waves import OpenWave, make_open_wave

N = 7
WHO_IS_ASKED = {"participation"}  # as was known before anybody answered, until the list of people goes
SAID = {"w1": "3", "again": "yes"}


def at(hour: int, minute: int) -> datetime:
    return datetime.combine(clock.today(), time(hour, minute), clock.OSLO).astimezone(UTC)


@pytest.fixture
def wave(both_app: Flask, both_settings: Settings, db: Engine) -> OpenWave:
    both_app.config["WTF_CSRF_ENABLED"] = False
    with clock.fixed_at(at(8, 0)), unit_of_work(db) as session:
        return make_open_wave(session, both_settings, invited={"B1": N + 3})


def rows(engine: Engine) -> Iterator[tuple[str, dict[str, object]]]:
    """Every row of every table."""
    with unit_of_work(engine) as session:
        for metadata in METADATA:
            for table in metadata.sorted_tables:
                yield from ((table.name, dict(row._mapping)) for row in session.execute(select(table)))


def naming(engine: Engine, wave: OpenWave) -> set[str]:
    """Tables with a row that holds somebody's participation, wherever in it."""
    people = [person.id.hex for person in wave.people]
    found = ((name, str(row).replace("-", "")) for name, row in rows(engine))
    return {name for name, words in found if any(person in words for person in people)}


def telling(engine: Engine, first: datetime, last: datetime) -> set[str]:
    """Tables with an instant between two."""
    return {
        name
        for name, row in rows(engine)
        if any(isinstance(value, datetime) and first <= value <= last for value in row.values())
    }


def test_nothing_names_who_took_part_nor_tells_when(
    both_app: Flask, both_settings: Settings, db: Engine, wave: OpenWave
) -> None:
    """They answer from nine, one is sorry before the opening at noon and one, by the receipt, after it."""
    receipts = []
    for number, person in enumerate(wave.people[:N]):
        with clock.fixed_at(at(9, 5 * number)):
            receipts.append(respond(both_app, person, SAID))
    with clock.fixed_at(at(10, 0)):
        client = both_app.test_client()
        home = client.get(f"/medarbeider/s/{wave.people[0].token}").headers["Location"].split("?")[0]
        assert client.post(f"{home}/trekk").status_code == 200
    assert naming(db, wave) == WHO_IS_ASKED | {"envelope"}  # the control
    with clock.fixed_at(at(12, 0)):
        close_wave(db, both_settings, wave_code=wave.wave.code, actor=COMMAND_LINE)
    with clock.fixed_at(at(13, 0)):
        withdrawn = both_app.test_client().post("/medarbeider/kvittering", data={"code": receipts[1]})
        assert withdrawn.status_code == 200
    assert naming(db, wave) == WHO_IS_ASKED
    assert telling(db, at(9, 0), at(11, 59)) == set()
    assert telling(db, at(12, 1), at(23, 59)) == set()
    with clock.fixed_at(at(10, 0)), unit_of_work(db) as session:  # the control
        record(
            session, actor=COMMAND_LINE, action="responses.withdrawn", subject_type="wave", subject_id=wave.id
        )
    assert telling(db, at(9, 0), at(9, 0) + timedelta(hours=2)) == {"audit_entry"}
