"""Answering: let in by link, code or open link; keep drafts; seal, replace and withdraw a response.

On this path nothing is written about a respondent but the draft and the envelope. SQLAlchemy Core only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.campaigns.enums import Audience, WaveState
from surveyor.campaigns.models import Survey, Wave, answers_until
from surveyor.config import Settings
from surveyor.db import Connected, Prepared, connection_of
from surveyor.errors import N_, Gone, InvalidInput, NotFound, Refused
from surveyor.fieldwork.wave_tree import segments_of_units
from surveyor.instruments.answers import value_problem
from surveyor.instruments.enums import ItemType
from surveyor.instruments.routing import kept_answers as routed_answers
from surveyor.instruments.routing import validate_all
from surveyor.instruments.spec import Answers, Item, Questionnaire
from surveyor.invitations.credentials import hash_code, hash_token
from surveyor.invitations.models import Participation, SampleMember
from surveyor.responses import drafts
from surveyor.responses import services as responses
from surveyor.responses.drafts import BrowserStore, open_draft, seal_draft
from surveyor.responses.keys import draft_secret
from surveyor.responses.models import Draft, Envelope, WaveKey
from surveyor.responses.receipts import receipt_hash
from surveyor.responses.sealing import seal_response
from surveyor.responses.spec import Response, has_room, is_too_long, kept_answers, padded_length

_CHOSEN = frozenset({ItemType.SELECT_ONE, ItemType.SELECT_MULTIPLE, ItemType.UPLOAD})
_NONE: Answers = {}
_NOBODY = UUID(int=0)  # the owner of form state that lives in the respondent's own page


@dataclass(frozen=True)
class AskedWave:
    """The wave as its respondents meet it: what they are promised and what seals their answers."""

    id: UUID
    code: str
    title: Mapping[str, str]
    audience: Audience
    state: WaveState
    opens: date
    closes: date
    k_mean: int
    k_spread: int
    key_grace_days: int
    instrument_version_id: UUID
    open_link: bool
    simulated: bool
    public_key: bytes

    @property
    def answers_until(self) -> date:
        """The day the answers go."""
        return answers_until(self.closes)


@dataclass(frozen=True)
class Entry:
    """Somebody who has been let in: by an own link or code (a participation), or by the open link (none)."""

    wave: AskedWave
    secret: str
    participation_id: UUID | None = None
    segment_code: str = ""
    language: str = ""
    rev: int = 0  # of the envelope that is there; 0 when not answered
    draft_rev: int = 0
    draft: bytes | None = None

    @property
    def has_answered(self) -> bool:
        return self.rev > 0


@dataclass(frozen=True)
class Submission:
    """What travels with a submit besides the answers: made when the review page was drawn, stored nowhere."""

    id: UUID
    owner: UUID
    receipt_code: str
    rev: int  # of the envelope the respondent saw: 0 for a first answer


def asked_wave(session: Connected, *, code: str) -> AskedWave:
    """A launched wave by code; raises NotFound."""
    row = _WAVES.first(connection_of(session), code=code)
    if row is None:
        raise NotFound(N_("Undersøkelsen finnes ikke. Sjekk at du har skrevet av hele adressen."))
    return AskedWave(*row)


def enter_by_token(session: Connected, *, token: str) -> Entry:
    """Who holds this link; raises NotFound for a link that was never made."""
    entry = _enter(session, hash_token(token), token)
    if entry is None:
        raise NotFound(N_("Lenken virker ikke. Sjekk at du har fått med hele adressen fra e-posten."))
    return entry


def enter_by_code(session: Connected, settings: Settings, *, code: str) -> Entry:
    """Who holds this letter code (in its normal form); raises NotFound for a wrong one."""
    entry = _enter(session, hash_code(settings, code), code)
    if entry is None:
        raise NotFound(N_("Koden er ikke riktig. Sjekk brevet og prøv igjen."))
    return entry


def enter_open_link(session: Connected, *, wave_code: str, secret: str) -> Entry:
    """Anybody, when the wave has an open link; raises NotFound."""
    wave = asked_wave(session, code=wave_code)
    if not wave.open_link:
        raise NotFound(N_("Denne undersøkelsen har ikke åpen lenke. Bruk lenken eller koden du har fått."))
    return Entry(wave, secret)


def require_open(wave: AskedWave) -> None:
    """Raises Gone after the closing, Refused before the opening day."""
    today = clock.today()
    if wave.state is WaveState.OPEN and today < wave.opens:
        raise Refused(N_("Undersøkelsen er ikke åpnet ennå. Kom tilbake når den har begynt."))
    if wave.state is not WaveState.OPEN or today > wave.closes:
        raise Gone(N_("Undersøkelsen er avsluttet. Det er ikke lenger mulig å svare eller endre svar."))


def draft_answers(settings: Settings, *, entry: Entry) -> dict[str, str] | None:
    """The answers kept so far, readable with the respondent's own secret only; OSError without key stores."""
    if entry.draft is None or entry.participation_id is None:
        return None
    return open_draft(
        entry.draft,
        secret=_for_draft(settings, entry),
        wave_id=entry.wave.id,
        participation_id=entry.participation_id,
        rev=entry.draft_rev,
    )


def keep_answers(
    session: Connected, settings: Settings, *, entry: Entry, questionnaire: Questionnaire, answers: Answers
) -> int:
    """Keep a draft, return its revision.

    Raises Refused when overtaken, Gone when closed, OSError without key stores.
    """
    assert entry.participation_id is not None, "the open link has no draft on the server"
    rev = drafts.next_rev(entry.draft_rev)
    owner: dict[str, Any] = {"wave_id": entry.wave.id, "participation_id": entry.participation_id, "rev": rev}
    secret = _for_draft(settings, entry)
    sealed = seal_draft(answers, secret=secret, length=padded_length(questionnaire), **owner)
    _hold_open(session, entry.wave.id)  # from here on we hold the lock: sealing was done before
    responses.save_draft(session, sealed=sealed, seen=entry.draft_rev, **owner)
    return rev


def seal_state(entry: Entry, *, questionnaire: Questionnaire, answers: Answers) -> bytes:
    """The answers so far of somebody on the open link, to be carried by their own page."""
    return seal_draft(
        draftable(questionnaire, answers),
        secret=entry.secret,
        wave_id=entry.wave.id,
        participation_id=_NOBODY,
        rev=0,
        length=padded_length(questionnaire),
    )


def open_state(entry: Entry, sealed: bytes) -> dict[str, str] | None:
    """What `seal_state` sealed; None for anything else."""
    return open_draft(sealed, secret=entry.secret, wave_id=entry.wave.id, participation_id=_NOBODY, rev=0)


def storable(questionnaire: Questionnaire, answers: Answers) -> dict[str, str]:
    """The answers that fit their questions' types: what is wrong is asked for again, never kept."""
    known = ((item, answers.get(item.name, "")) for item in questionnaire.items)
    return {
        item.name: value
        for item, value in known
        if value and not is_too_long(value) and value_problem(questionnaire, item, value) is None
    }


def draftable(questionnaire: Questionnaire, answers: Answers, *, before: Answers = _NONE) -> dict[str, str]:
    """The answers a draft may hold: what is wrong too, as it was written, where it can be put right later.

    What a draft held `before` need not be looked at again.
    """
    changed = ((name, value) for name, value in answers.items() if before.get(name) != value)
    left_out = {name for name, value in changed if not _is_draftable(questionnaire, name, value)}
    return {name: value for name, value in answers.items() if name not in left_out}


def _is_draftable(questionnaire: Questionnaire, name: str, value: str) -> bool:
    if (name, value) in questionnaire.single_answers:
        return True
    item = questionnaire.by_name.get(name)
    if not value or item is None or not item.answerable or is_too_long(value):
        return False
    return value_problem(questionnaire, item, value) is None or _can_wait(questionnaire, item, value)


def browser_store(entry: Entry) -> BrowserStore:
    """Where the browser of somebody answering keeps what could not be saved yet."""
    return drafts.browser_store(secret=entry.secret, wave_id=entry.wave.id)


def submit_answers(
    session: Connected,
    settings: Settings,
    *,
    entry: Entry,
    questionnaire: Questionnaire,
    answers: Answers,
    submission: Submission,
    language: str,
) -> None:
    """Seal the answers and store the envelope.

    Raises InvalidInput when something is missing, Gone when the wave has closed, Refused when there is
    already another answer.
    """
    if submission.rev != entry.rev:
        raise Refused(N_("Det er allerede svart med denne lenken eller koden."))
    if problems := validate_all(questionnaire, answers, language):  # before what is wrong is left out
        raise InvalidInput(*problems)
    answers = storable(questionnaire, answers)
    owner = entry.participation_id or _free_owner(session, submission.owner)
    response = Response(
        entry.wave.instrument_version_id,
        _segment(session, entry, questionnaire, answers),
        kept_answers(questionnaire, routed_answers(questionnaire, answers)),
        receipt_hash(settings, submission.receipt_code),
    )
    _store(session, entry.wave, questionnaire, owner, submission, response)


def was_received(session: Connected, *, submission_id: UUID, owner: UUID) -> bool:
    """Whether this very submission lies in its envelope: a repeated submit shows the same page."""
    return _SENT.first(connection_of(session), owner=owner) == (submission_id,)


def withdraw_answers(session: Connected, *, entry: Entry) -> None:
    """Delete the envelope before the opening; raises Gone when the wave has closed."""
    _hold_open(session, entry.wave.id)
    if entry.participation_id is None or not responses.withdraw_envelope(
        session, participation_id=entry.participation_id
    ):
        raise Refused(N_("Det er ikke noe svar å trekke."))


def withdraw_by_receipt(session: Session, settings: Settings, *, code: str) -> None:
    """Delete an opened response by its receipt code; raises NotFound. Published figures stay as they are."""
    if not responses.withdraw_answer_set(session, receipt_hash=receipt_hash(settings, code)):
        raise NotFound(
            N_(
                "Vi fant ikke noe svar med denne koden. Er undersøkelsen fortsatt åpen, trekker du svaret "
                "med lenken eller koden du brukte for å svare."
            )
        )


# Tables instead of classes, and each statement built once: this path is the one that must bear a rush
_WAVE, _SURVEY, _KEY = Wave.__table__, Survey.__table__, WaveKey.__table__
_PERSON, _MEMBER = Participation.__table__, SampleMember.__table__
_ENVELOPE, _DRAFT = Envelope.__table__, Draft.__table__
_TAKEN_FROM = {"title": _SURVEY.c.title, "public_key": _KEY.c.public_key}
_WAVE_COLUMNS = [
    _TAKEN_FROM[field.name] if field.name in _TAKEN_FROM else _WAVE.c[field.name]
    for field in fields(AskedWave)
]
_WAVES = Prepared(
    select(*_WAVE_COLUMNS)
    .select_from(_WAVE.join(_SURVEY, _SURVEY.c.id == _WAVE.c.survey_id))
    .join(_KEY, _KEY.c.wave_id == _WAVE.c.id)
    .where(_WAVE.c.code == bindparam("code"))
)
_ENTRIES = Prepared(
    select(
        *_WAVE_COLUMNS,
        _PERSON.c.id,
        _PERSON.c.segment_code,
        _MEMBER.c.language,
        _ENVELOPE.c.rev,
        _DRAFT.c.rev,
        _DRAFT.c.sealed,
    )
    .select_from(_PERSON.join(_WAVE, _WAVE.c.id == _PERSON.c.wave_id))
    .join(_SURVEY, _SURVEY.c.id == _WAVE.c.survey_id)
    .join(_KEY, _KEY.c.wave_id == _WAVE.c.id)
    .join(_MEMBER, _MEMBER.c.id == _PERSON.c.sample_member_id)
    .outerjoin(_ENVELOPE, _ENVELOPE.c.participation_id == _PERSON.c.id)
    .outerjoin(_DRAFT, _DRAFT.c.participation_id == _PERSON.c.id)
    .where(_PERSON.c.credential_hash == bindparam("credential"))
)
_OPEN = Prepared(
    select(_WAVE.c.state, _WAVE.c.opens, _WAVE.c.closes)
    .where(_WAVE.c.id == bindparam("wave"))
    .with_for_update(read=True)
)


_SENT = Prepared(select(_ENVELOPE.c.submission_id).where(_ENVELOPE.c.participation_id == bindparam("owner")))


def _enter(session: Connected, credential_hash: bytes, secret: str) -> Entry | None:
    row = _ENTRIES.first(connection_of(session), credential=credential_hash)
    if row is None:
        return None
    n = len(_WAVE_COLUMNS)
    participation, segment, language, rev, draft_rev, draft = row[n:]
    wave = AskedWave(*row[:n])
    return Entry(wave, secret, participation, segment, language, rev or 0, draft_rev or 0, draft)


def _for_draft(settings: Settings, entry: Entry) -> str:
    return entry.secret + draft_secret(settings, wave_id=entry.wave.id)


def _hold_open(session: Connected, wave_id: UUID) -> None:
    """Share-lock the wave until the transaction ends, so that closing and answering never overlap."""
    found = _OPEN.first(connection_of(session), wave=wave_id)
    state, opens, closes = found or (None, date.max, date.min)
    if state is not WaveState.OPEN or not opens <= clock.today() <= closes:
        raise Gone(N_("Undersøkelsen er avsluttet. Det er ikke lenger mulig å svare eller endre svar."))


def _can_wait(questionnaire: Questionnaire, item: Item, value: str) -> bool:
    return item.type not in _CHOSEN and has_room(questionnaire, item, value)


def _free_owner(session: Connected, owner: UUID) -> UUID:
    """The envelope's id on the open link comes from the page; it may not be an invited person's."""
    taken = session.scalar(select(Participation.id).where(Participation.id == owner))
    return uuid4() if taken else owner


def _segment(session: Connected, entry: Entry, questionnaire: Questionnaire, answers: Answers) -> str:
    """The participation's own segment; on the open link the chosen unit's, else the root's."""
    if entry.participation_id is not None:
        return entry.segment_code
    segments = segments_of_units(session, wave_id=entry.wave.id)
    chosen = answers.get(questionnaire.unit_item.name, "") if questionnaire.unit_item else ""
    return segments.get(chosen) or next(iter(segments.values()))


def _store(
    session: Connected,
    wave: AskedWave,
    questionnaire: Questionnaire,
    owner: UUID,
    submission: Submission,
    response: Response,
) -> None:
    sealed = seal_response(
        response,
        public_key=wave.public_key,
        wave_id=wave.id,
        participation_id=owner,
        length=padded_length(questionnaire),
    )
    _hold_open(session, wave.id)
    responses.store_envelope(
        session,
        wave_id=wave.id,
        participation_id=owner,
        rev=submission.rev + 1,
        submission_id=submission.id,
        sealed=sealed,
        correction=submission.rev > 0,
    )
