"""Waves with paper sheets: people with letter codes, and an open link."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import Audience
from surveyor.config import Settings
from surveyor.fieldwork.launch import launch_wave
from surveyor.invitations.credentials import hash_code, new_code
from surveyor.invitations.enums import Credential
from surveyor.invitations.models import Participation
from surveyor.invitations.services import import_members
from tests.planned_waves import make_planned_wave, people
from tests.waves import OpenWave, make_open_wave

ANSWERS = {"w1": "3", "w2": "4", "w3": "2", "again": "yes", "comment": "HEMMELIG-PAPIRSVAR"}


def make_letter_wave(
    session: Session, settings: Settings, *, n: int = 5, unit: str = "B1", **fields: object
) -> tuple[OpenWave, list[str]]:
    """An open wave in which everybody has a letter, with their codes."""
    wave = make_open_wave(session, settings, invited={unit: n}, **fields)  # type: ignore[arg-type]
    codes = {person.id: new_code() for person in wave.people}
    give_letters(session, settings, codes=codes)
    return wave, list(codes.values())


def give_letters(session: Session, settings: Settings, *, codes: Mapping[UUID, str]) -> None:
    """Give people a letter code in place of their link."""
    for person, code in codes.items():
        session.execute(
            update(Participation)
            .where(Participation.id == person)
            .values(
                credential=Credential.LETTER_CODE,
                credential_hash=hash_code(settings, code),
                token_sealed=None,
            )
        )


def make_open_link_wave(session: Session, settings: Settings, **fields: object) -> OpenWave:
    """An open wave that anybody may answer."""
    given = {"audience": Audience.CITIZEN, "open_link": True, **fields}
    return make_open_wave(session, settings, **given)  # type: ignore[arg-type]


def launch_with_letters(session: Session, settings: Settings) -> str:
    """A wave over the whole municipality, launched as staff do it; the letter code of one of those asked."""
    wave = make_planned_wave(session, settings)
    import_members(
        session, settings, wave=wave, file=people({"B1": 6}, n_letters=6), filename="f.csv",
        actor=COMMAND_LINE,
    )  # fmt: skip
    launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    code = new_code()
    participation = session.scalars(select(Participation)).first()
    assert participation is not None
    participation.credential_hash = hash_code(settings, code)
    return code
