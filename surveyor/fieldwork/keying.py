"""Answers on paper: keyed twice by staff, compared, then sealed like any other answer.

The first keying lies encrypted under the code on the sheet, which the house keeps as a hash only. Nothing
tells afterwards that an answer came on paper, and the log says who keyed on a day, never which sheet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.queries import AuditFilter, audit_page
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import lock_wave
from surveyor.config import Settings
from surveyor.errors import N_, Gone, NotFound, Problem, Refused
from surveyor.fieldwork.answering import AskedWave, asked_wave, enter_by_code, storable
from surveyor.fieldwork.wave_tree import segments_of_units
from surveyor.instruments.paper.sheet import printed_items
from surveyor.instruments.queries import questionnaire
from surveyor.instruments.routing import kept_answers as routed_answers
from surveyor.instruments.routing import state, validate_all
from surveyor.instruments.spec import Answers, Item, Questionnaire
from surveyor.responses import services as responses
from surveyor.responses.keyings import open_keying, seal_keying, sheet_id_of
from surveyor.responses.queries import count_keyings, has_envelope, keying_of
from surveyor.responses.receipts import new_receipt_code, receipt_hash
from surveyor.responses.sealing import seal_response
from surveyor.responses.spec import Response, kept_answers, padded_length

KEYED = "responses.keyed"
_STEP = 5


@dataclass(frozen=True)
class PaperSheet:
    """One sheet of paper: its wave and code, whose envelope it becomes, and its first keying, if any."""

    wave: AskedWave
    questions: Questionnaire
    code: str
    id: UUID
    segment_code: str
    sealed: bytes
    first: Mapping[str, str] | None

    @property
    def is_keyed_once(self) -> bool:
        return self.first is not None


@dataclass(frozen=True)
class Difference:
    """A question that was keyed in two ways."""

    item: Item
    first: str
    second: str


@dataclass(frozen=True)
class Doubts:
    """What somebody ought to look at on the paper once more; a sheet may be sent as it is all the same."""

    empty: Sequence[Item]
    problems: Sequence[Problem]
    left_out: Sequence[Item]
    """Answered, though other answers say that these are not asked: they will not count."""

    def __bool__(self) -> bool:
        return bool(self.empty or self.problems or self.left_out)


def open_sheet(session: Session, settings: Settings, *, wave_code: str, code: str) -> PaperSheet:
    """The sheet with this code (in its normal form), ready to be keyed.

    Raises NotFound for a wrong code, Refused for another wave's or a used one, Gone after the closing.
    """
    wave = asked_wave(session, code=wave_code)
    _require_taking(wave.state)
    owner, segment, has_answered = _owner(session, settings, wave, code)
    if has_answered:
        raise Refused(
            N_("Det er allerede svart med denne koden, på nett eller på papir. Arket skal ikke tastes inn.")
        )
    sealed = keying_of(session, sheet_id=owner)
    first = open_keying(sealed, code=code, wave_id=wave.id, sheet_id=owner) if sealed else None
    questions = questionnaire(session, version_id=wave.instrument_version_id)
    return PaperSheet(wave, questions, code, owner, segment, sealed, first)


def keep_first(session: Session, *, sheet: PaperSheet, answers: Answers) -> None:
    """Keep the first keying, readable with the sheet's own code only; raises Refused when overtaken."""
    _hold(session, sheet)
    sealed = seal_keying(
        storable(sheet.questions, answers),
        code=sheet.code,
        wave_id=sheet.wave.id,
        sheet_id=sheet.id,
        length=padded_length(sheet.questions),
    )
    responses.keep_keying(session, wave_id=sheet.wave.id, sheet_id=sheet.id, sealed=sealed, seen=sheet.sealed)


def drop_first(session: Session, *, sheet: PaperSheet) -> None:
    """Forget the first keying, so that the sheet is keyed from the start again."""
    _hold(session, sheet)
    responses.drop_keying(session, sheet_id=sheet.id)


def differences(sheet: PaperSheet, second: Answers) -> tuple[Difference, ...]:
    """The questions that were keyed in two ways, in order."""
    first = sheet.first or {}
    pairs = (
        (item, first.get(item.name, ""), second.get(item.name, "")) for item in printed_items(sheet.questions)
    )
    return tuple(Difference(item, one, other) for item, one, other in pairs if one != other)


def doubts(questions: Questionnaire, answers: Answers, language: str) -> Doubts:
    """What is missing, breaks a rule or does not count; on paper none of it stops an answer."""
    now, items = state(questions, answers), printed_items(questions)
    empty = [item for item in items if now.asks(item) and not answers.get(item.name)]
    names = {item.name for item in empty}
    problems = [each for each in validate_all(questions, answers, language) if each.field not in names]
    return Doubts(empty, problems, [item for item in items if answers.get(item.name) and not now.asks(item)])


def send_sheet(session: Session, settings: Settings, *, sheet: PaperSheet, answers: Answers) -> None:
    """Seal what both keyings agree on, and use up the code.

    Raises Refused before a sheet has been keyed once or when its code has been used, Gone after closing.
    """
    if not sheet.is_keyed_once:
        raise Refused(N_("Arket må tastes to ganger før det kan sendes inn."))
    answers = storable(sheet.questions, answers)
    response = Response(
        sheet.wave.instrument_version_id,
        sheet.segment_code or _segment(session, sheet, answers),
        kept_answers(sheet.questions, routed_answers(sheet.questions, answers)),
        # nobody gets this code: but an answer without one would tell that it came on paper
        receipt_hash(settings, new_receipt_code()),
    )
    sealed = seal_response(
        response,
        public_key=sheet.wave.public_key,
        wave_id=sheet.wave.id,
        participation_id=sheet.id,
        length=padded_length(sheet.questions),
    )
    _hold(session, sheet)
    responses.store_envelope(
        session, wave_id=sheet.wave.id, participation_id=sheet.id, rev=1, submission_id=uuid4(), sealed=sealed
    )
    responses.drop_keying(session, sheet_id=sheet.id)


def note_keying(session: Session, *, wave: Wave, actor: Actor) -> None:
    """Say in the log that somebody keys for a wave: once a day, so that no sheet has an entry of its own."""
    wanted = AuditFilter(actor.name, KEYED, str(wave.id), from_on=clock.today())
    if not audit_page(session, wanted=wanted).n_entries:
        record(session, actor=actor, action=KEYED, subject_type="wave", subject_id=wave.id, code=wave.code)


def n_waiting_at_least(session: Session, *, wave_id: UUID) -> int:
    """How many sheets wait for their second keying, down to the nearest five: 0 says fewer than five."""
    return count_keyings(session, wave_id=wave_id) // _STEP * _STEP


def _owner(session: Session, settings: Settings, wave: AskedWave, code: str) -> tuple[UUID, str, bool]:
    """Whose envelope a code fills, their segment, and whether there is one already."""
    try:
        entry = enter_by_code(session, settings, code=code)
    except NotFound:
        if not wave.open_link:
            raise NotFound(N_("Koden er ikke riktig. Sjekk arket og prøv igjen.")) from None
        owner = sheet_id_of(settings, wave_id=wave.id, code=code)
        return owner, "", has_envelope(session, participation_id=owner)
    if entry.wave.id != wave.id:
        raise Refused(N_("Koden hører til målingen %(code)s. Åpne arket der."), code=entry.wave.code)
    assert entry.participation_id is not None, "a letter code is somebody's"
    return entry.participation_id, entry.segment_code, entry.has_answered


def _segment(session: Session, sheet: PaperSheet, answers: Answers) -> str:
    """On the open link the chosen unit's segment, else the root's."""
    segments = segments_of_units(session, wave_id=sheet.wave.id)
    unit_item = sheet.questions.unit_item
    chosen = answers.get(unit_item.name, "") if unit_item else ""
    return segments.get(chosen) or next(iter(segments.values()))


def _hold(session: Session, sheet: PaperSheet) -> None:
    """Share-lock the wave until the transaction ends, so that closing and keying never overlap."""
    wave = session.get_one(Wave, sheet.wave.id)
    _require_taking(lock_wave(session, wave=wave, shared=True))


def _require_taking(state: WaveState) -> None:
    """The last day to answer binds the web page only: paper may come in the mail until the wave is closed."""
    if state is not WaveState.OPEN:
        raise Gone(N_("Målingen er avsluttet og tar ikke imot flere svar."))
