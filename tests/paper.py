"""Waves with paper sheets: people with letter codes, and an open link."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from surveyor.campaigns.enums import Audience
from surveyor.config import Settings
from surveyor.invitations.credentials import hash_code, new_code
from surveyor.invitations.enums import Credential
from surveyor.invitations.models import Participation
from tests.waves import OpenWave, make_open_wave

ANSWERS = {"w1": "3", "w2": "4", "w3": "2", "again": "yes", "comment": "HEMMELIG-PAPIRSVAR"}


def make_letter_wave(
    session: Session, settings: Settings, *, n: int = 5, unit: str = "B1", **fields: object
) -> tuple[OpenWave, list[str]]:
    """An open wave in which everybody has a letter, with their codes."""
    wave = make_open_wave(session, settings, invited={unit: n}, **fields)  # type: ignore[arg-type]
    codes = [new_code() for _ in wave.people]
    for person, code in zip(wave.people, codes, strict=True):
        session.execute(
            update(Participation)
            .where(Participation.id == person.id)
            .values(
                credential=Credential.LETTER_CODE,
                credential_hash=hash_code(settings, code),
                token_sealed=None,
            )
        )
    return wave, codes


def make_open_link_wave(session: Session, settings: Settings, **fields: object) -> OpenWave:
    """An open wave that anybody may answer."""
    given = {"audience": Audience.CITIZEN, "open_link": True, **fields}
    return make_open_wave(session, settings, **given)  # type: ignore[arg-type]
