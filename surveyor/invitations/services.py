"""Writing the sampling frame: who is asked, their credentials, the mails and letters that carry them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import askable_units, lock_wave, wave_segments, wave_tree
from surveyor.campaigns.segments import segment_for
from surveyor.config import Settings
from surveyor.errors import N_, Refused
from surveyor.instruments.queries import questionnaire_of
from surveyor.invitations.credentials import (
    hash_code,
    hash_token,
    new_code,
    new_token,
    show_code,
    unguessable,
)
from surveyor.invitations.enums import Credential
from surveyor.invitations.letters import Letter, LetterBatch
from surveyor.invitations.members import Frame, read_members
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.paper import wave_form
from surveyor.invitations.queries import addresses, code_hashes, people_by_credential
from surveyor.invitations.spec import MemberReport, MemberRow
from surveyor.invitations.wording import code_address, letter_words
from surveyor.jobs.services import enqueue
from surveyor.mail.keys import open_as_worker, seal_for_worker
from surveyor.mail.models import OutboxMail
from surveyor.tabular import Source
from surveyor.wording import LANGUAGES

SEND = "invitations.send"
ASKING_KINDS = ("invitation", "reminder")
THANKS = "thanks"
MAIL_KINDS = (*ASKING_KINDS, THANKS)
_OPENING_HOUR = time(8)


def import_members(
    session: Session, settings: Settings, *, wave: Wave, file: Source, filename: str = "", actor: Actor
) -> MemberReport:
    """Add the people of a file; after launch to existing segments only. Raises InvalidInput, Refused."""
    is_launched = _require_addable(session, wave)
    tree = wave_tree(session, wave=wave)
    parents = {node.code: node.parent for node in tree}
    segments = wave_segments(session, wave_id=wave.id)
    questionnaire = questionnaire_of(wave.instrument_version)
    units = askable_units(tree, wave.scope)
    segment_of = {unit: segment_for(unit, parents, segments=segments) for unit in units}
    frame = Frame(
        units,
        {*questionnaire.languages, *LANGUAGES},
        questionnaire.default_language or "nb",
        addresses(session, wave_id=wave.id),
        [unit for unit, segment in segment_of.items() if segment is None] if is_launched else (),
    )
    rows, table = read_members(file, filename or _name(file), frame=frame)
    _insert_members(session, settings, wave, rows, segment_of if is_launched else None)
    n_letter = sum(not row.email for row in rows)
    n_phone_only = sum(not row.email and bool(row.phone) for row in rows)
    _record(session, actor, "invitations.imported", wave, n_added=len(rows), n_letters=n_letter)
    return MemberReport(len(rows), len(rows) - n_letter, n_letter, n_phone_only, table.unknown)


def clear_members(session: Session, *, wave: Wave, actor: Actor) -> None:
    """Empty the list of people before launch; raises Refused afterwards."""
    if lock_wave(session, wave=wave) is not WaveState.PLANNED:
        raise Refused(N_("Målingen er startet. Da kan ingen tas bort fra listen."))
    session.execute(delete(SampleMember).where(SampleMember.wave_id == wave.id))
    _record(session, actor, "invitations.cleared", wave)


def issue_participations(
    session: Session, settings: Settings, *, wave: Wave, segment_of: Callable[[str], str]
) -> None:
    """Give everybody on the list who has none a participation with one credential, in one transaction."""
    without = ~select(Participation.id).where(Participation.sample_member_id == SampleMember.id).exists()
    people = session.execute(
        select(SampleMember.id, SampleMember.unit_code, SampleMember.email).where(
            SampleMember.wave_id == wave.id, without
        )
    ).all()
    rows = [
        _participation(settings, wave.id, member_id, segment_of(unit), has_mail=email is not None)
        for member_id, unit, email in people
    ]
    if rows:
        session.execute(insert(Participation), rows)


def queue_sending(session: Session, *, wave: Wave, key: str) -> None:
    """Let the worker write the invitations not yet written: at once, or in the morning the wave opens."""
    morning = datetime.combine(wave.opens, _OPENING_HOUR, clock.OSLO)
    run_after = morning if wave.opens > clock.today() else clock.now()
    enqueue(session, kind=SEND, key=key, payload={"wave_id": str(wave.id)}, run_after=run_after)


def draft_letters(
    session: Session, settings: Settings, *, wave: Wave, with_forms: bool = False
) -> LetterBatch:
    """Letters with new codes to everyone without e-mail, answered or not; `issue_letters` lets them work.

    Nothing is written, so that nobody waits while the PDF is set. Raises Refused unless the wave is open and
    somebody gets a letter.
    """
    _require_open(session, wave)
    people = people_by_credential(session, wave_id=wave.id, credential=Credential.LETTER_CODE)
    if not people:
        raise Refused(N_("Alle deltakerne har e-post. Ingen skal ha brev."))
    names = {node.code: node.name for node in wave_tree(session, wave=wave)}
    letters, hashes = [], {}
    for participation, member in people:
        code = new_code()
        hashes[participation.id] = hash_code(settings, code)
        unit = names.get(member.unit_code, member.unit_code)
        letters.append(Letter(member.name, unit, show_code(code), member.language))
    words = {letter.language: letter_words(settings, wave, language=letter.language) for letter in letters}
    return LetterBatch(
        tuple(letters),
        words=words,
        forms={code: wave_form(settings, wave, language=code) for code in words} if with_forms else {},
        address=code_address(settings, wave),
        hashes=hashes,
        former=code_hashes(session, wave_id=wave.id),
    )


def issue_letters(session: Session, *, wave: Wave, batch: LetterBatch, actor: Actor) -> None:
    """Let the codes of these letters work and older ones stop; raises Refused where others were quicker."""
    _require_open(session, wave)
    if code_hashes(session, wave_id=wave.id) != batch.former:
        raise Refused(
            N_("Noen andre laget brev eller la til deltakere samtidig. Ingen brev er laget. Prøv igjen.")
        )
    rows = [{"id": key, "credential_hash": hashed} for key, hashed in batch.hashes.items()]
    session.execute(update(Participation), rows)
    _record(session, actor, "invitations.letters_made", wave, n_letters=len(rows))


def open_token(settings: Settings, *, participation: Participation) -> str | None:
    """The link's token in clear, for the worker only; None once the wave has closed."""
    if participation.token_sealed is None:
        return None
    info = _token_info(participation.wave_id, participation.id)
    return open_as_worker(settings, participation.token_sealed, info=info).decode()


def forget_links(session: Session, *, wave_id: UUID) -> None:
    """After the opening: no token, and no mail row that would tell who still was reminded or withdrawn."""
    links = update(Participation).where(Participation.wave_id == wave_id).values(token_sealed=None)
    of_wave = OutboxMail.key.contains(f":{wave_id}:", autoescape=True)
    mails = delete(OutboxMail).where(OutboxMail.kind.in_(MAIL_KINDS), of_wave)
    for statement in (links, mails):
        session.execute(statement, execution_options={"synchronize_session": False})


def mail_key(kind: str, participation: Participation, round_name: str = "") -> str:
    """The outbox key of a mail to a participation: `<kind>:<wave>:<participation>[:<round>]`."""
    return ":".join(filter(None, (kind, str(participation.wave_id), str(participation.id), round_name)))


def participation_of_key(key: str) -> UUID:
    """The participation a mail key names."""
    return UUID(key.split(":")[2])


def _require_open(session: Session, wave: Wave) -> None:
    if lock_wave(session, wave=wave) is not WaveState.OPEN:
        raise Refused(N_("Brev kan lages når målingen er startet og til den avsluttes."))


def _require_addable(session: Session, wave: Wave) -> bool:
    """Whether the wave is launched; raises Refused once nobody can be added any more."""
    state = lock_wave(session, wave=wave)
    if state in (WaveState.CLOSING, WaveState.CLOSED):
        raise Refused(N_("Målingen er avsluttet. Da kan ingen legges til."))
    if state is WaveState.OPEN and not wave_segments(session, wave_id=wave.id):
        raise Refused(N_("Målingen ble startet uten deltakere. Da kan ingen legges til senere."))
    if clock.today() >= wave.retention_on:
        raise Refused(N_("Deltakerlisten er slettet på den lovede dagen. Da kan ingen legges til."))
    return state is WaveState.OPEN


def _insert_members(
    session: Session,
    settings: Settings,
    wave: Wave,
    rows: Sequence[MemberRow],
    segment_of: dict[str, str | None] | None,
) -> None:
    session.execute(
        insert(SampleMember), [{"id": uuid4(), "wave_id": wave.id, **asdict(row)} for row in rows]
    )
    if segment_of is not None:
        issue_participations(session, settings, wave=wave, segment_of=lambda unit: segment_of[unit] or "")
        queue_sending(session, wave=wave, key=f"{SEND}:{wave.id}:{uuid4()}")


def _participation(
    settings: Settings, wave_id: UUID, member_id: UUID, segment: str, *, has_mail: bool
) -> dict[str, Any]:
    row = {"id": uuid4(), "wave_id": wave_id, "sample_member_id": member_id, "segment_code": segment}
    if not has_mail:
        letter = {
            "credential": Credential.LETTER_CODE,
            "credential_hash": unguessable(),
            "token_sealed": None,
        }
        return row | letter
    token, info = new_token(), _token_info(wave_id, row["id"])
    sealed = seal_for_worker(settings, token.encode(), info=info)
    return row | {
        "credential": Credential.MAIL_LINK, "credential_hash": hash_token(token), "token_sealed": sealed,
    }  # fmt: skip


def _token_info(wave_id: UUID, participation_id: object) -> bytes:
    return f"surveyor/invitation/v1|{wave_id}|{participation_id}".encode()


def _name(file: Source) -> str:
    return file.name if isinstance(file, Path) else ""


def _record(session: Session, actor: Actor, action: str, wave: Wave, **details: object) -> None:
    record(
        session,
        actor=actor,
        action=action,
        subject_type="wave",
        subject_id=wave.id,
        code=wave.code,
        **details,
    )
