"""Planned waves for tests of planning, inviting and launching: a tree, a questionnaire, people in a file."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import Audience
from surveyor.campaigns.models import Wave
from surveyor.campaigns.services import create_wave
from surveyor.config import Settings
from surveyor.files import make_private_folder
from surveyor.instruments.spec import Questionnaire
from surveyor.invitations.services import import_members
from surveyor.jobs.runner import run_next_job
from surveyor.mail.keys import make_key_pair
from tests.factories import make_tree, make_version
from tests.waves import employee_questionnaire

CODE = "trivsel-2026"


def make_mail_keys(settings: Settings) -> None:
    for store in (settings.key_store_a, settings.key_store_b):
        make_private_folder(store)
    make_key_pair(settings)


def make_planned_wave(
    session: Session, settings: Settings, *, questionnaire: Questionnaire | None = None, **fields: Any
) -> Wave:
    """A wave over the whole of the factories' municipality that opens today."""
    make_mail_keys(settings)
    make_tree(session)
    version = make_version(session, questionnaire or employee_questionnaire())
    today: date = clock.today()
    given = {
        "code": CODE, "instrument": version.instrument.code, "audience": Audience.EMPLOYEE, "opens": today,
        "closes": today + timedelta(days=14), "actor": COMMAND_LINE, **fields,
    }  # fmt: skip
    return create_wave(session, settings, **given)


def people(n_by_unit: Mapping[str, int], *, n_letters: int = 0, prefix: str = "p") -> bytes:
    """A file of people; the first `n_letters` of every unit have no e-mail."""
    lines = ["unit,name,email,phone,language"]
    for unit, n in n_by_unit.items():
        for i in range(n):
            email = "" if i < n_letters else f"{prefix}{i}.{unit.lower()}@fjordvik.no"
            lines.append(f"{unit},Person {i} {unit},{email},,")
    return "\n".join(lines).encode()


def invite_people(session: Session, settings: Settings, wave: Wave, **n_by_unit: int) -> None:
    import_members(session, settings, wave=wave, file=people(n_by_unit), filename="f.csv", actor=COMMAND_LINE)


def work_at(engine: Engine, settings: Settings, instant: datetime) -> None:
    """Run every job that is due at an instant."""
    with clock.fixed_at(instant):
        while run_next_job(engine, settings):
            pass
