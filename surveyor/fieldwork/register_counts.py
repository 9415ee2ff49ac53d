"""Who answered, by groups of the register: counted in the opening's transaction, while envelopes still tell.

Only large waves are counted, and only groups are kept: they are gone once their rates are frozen.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from surveyor.campaigns.models import Wave, WaveUnit
from surveyor.campaigns.spec import OWN
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.services import mail_key
from surveyor.invitations.spec import MAX_GROUPS, REGISTER_VARIABLES
from surveyor.mail.enums import MailState
from surveyor.mail.models import OutboxMail
from surveyor.responses.models import Envelope, RegisterCount

LEAST_INVITED = 300
UNIT = "unit"
UNDELIVERED = "undelivered"

Groups = tuple[tuple[str, str], ...]


def count_register(session: Session, *, wave: Wave) -> None:
    """Count invited and answered by unit below the root and by what the register tells; large waves only."""
    people = session.execute(_people(wave.id)).all()
    if len(people) < LEAST_INVITED:
        return
    tops, dead = _tops(session, wave.id), _undelivered(session, wave.id)
    invited: Counter[Groups] = Counter()
    answered: Counter[Groups] = Counter()
    kept = _usable([row.register or {} for row in people])
    for row in people:
        register = row.register or {}
        groups = (
            (UNIT, tops[row.segment_code.removesuffix(OWN)]),
            *((name, register.get(name, "")) for name in kept),
        )
        returned = mail_key("invite", row.Participation) in dead
        for key in (groups, *([((UNDELIVERED, ""),)] if returned else [])):
            invited[key] += 1
            answered[key] += row.owner is not None
    rows = [
        {
            "wave_id": wave.id, "position": position, "groups": dict(groups), "n_invited": invited[groups],
            "n_answered": answered[groups],
        }
        for position, groups in enumerate(sorted(invited))
    ]  # fmt: skip
    session.execute(insert(RegisterCount), rows)


def _people(wave_id: UUID) -> Any:
    return (
        select(Participation, SampleMember.register, Envelope.participation_id.label("owner"))
        .add_columns(Participation.segment_code)
        .join(SampleMember, SampleMember.id == Participation.sample_member_id)
        .outerjoin(Envelope, Envelope.participation_id == Participation.id)
        .where(Participation.wave_id == wave_id)
    )


def _usable(registers: list[dict[str, str]]) -> list[str]:
    """Variables that divide the people into some groups: two or more, and no more than may be."""
    counts = {name: len({register.get(name, "") for register in registers}) for name in REGISTER_VARIABLES}
    return [name for name, n in counts.items() if 2 <= n <= MAX_GROUPS + 1]


def _tops(session: Session, wave_id: UUID) -> Mapping[str, str]:
    """By unit, the unit right below the root it lies in; the root under itself."""
    rows = session.execute(select(WaveUnit.code, WaveUnit.parent_code).where(WaveUnit.wave_id == wave_id))
    parents: dict[str, str | None] = {row[0]: row[1] for row in rows}
    return {code: _top(code, parents) for code in parents}


def _top(unit: str, parents: Mapping[str, str | None]) -> str:
    above = parents[unit]
    while above is not None and parents[above] is not None:
        unit, above = above, parents[above]
    return unit


def _undelivered(session: Session, wave_id: UUID) -> frozenset[str]:
    """Keys of invitations that were given up."""
    of_wave = OutboxMail.key.startswith(f"invite:{wave_id}:", autoescape=True)
    return frozenset(
        session.scalars(select(OutboxMail.key).where(of_wave, OutboxMail.state == MailState.DEAD))
    )
