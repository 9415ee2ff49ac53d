"""Opening a wave: decrypt everything, shuffle, store what leads back to nobody, delete the envelopes."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Engine, Text, UpdateBase, bindparam, delete, insert, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.config import Settings
from surveyor.db import Json, Prepared, open_session, unit_of_work, wipe_deleted
from surveyor.errors import N_, Refused
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Answers, Questionnaire
from surveyor.jobs.registry import Progress
from surveyor.responses.keys import load_wave_key
from surveyor.responses.models import AnswerSet, Draft, Envelope, FreeText, Keying, Opening
from surveyor.responses.queries import count_envelopes
from surveyor.responses.sealing import open_response
from surveyor.responses.services import schedule_wiping
from surveyor.responses.spec import Response, canonical

_BATCH = 1_000
NO_ANSWER = -1


@dataclass(frozen=True)
class Batch:
    """Everything a wave's envelopes held, in the order of fresh random ids, ready to be stored."""

    n_envelopes: int
    answer_sets: Sequence[dict[str, Any]]
    free_texts: Sequence[dict[str, Any]]
    manifest_sha256: str


def read_batch(
    engine: Engine, settings: Settings, *, wave_id: UUID, questionnaire: Questionnaire, progress: Progress
) -> Batch:
    """Decrypt every envelope of a wave outside any write; raises Refused if a single one does not open."""
    answer_sets: list[dict[str, Any]] = []
    free_texts: list[dict[str, Any]] = []
    open_items = [item.name for item in questionnaire.open_items]
    coding = Coding(questionnaire)
    with open_session(engine, read_only=True) as session:
        key = load_wave_key(session, settings, wave_id=wave_id)
        n_total = count_envelopes(session, wave_id=wave_id)
        for n_done, (owner, sealed) in enumerate(_envelopes(session, wave_id), 1):
            response = open_response(sealed, key, wave_id=wave_id, participation_id=owner)
            answer_sets.append(_answer_set(wave_id, coding, response))
            for name in open_items:
                if body := response.answers.get(name):
                    free_texts.append(_free_text(wave_id, response.segment_code, name, body))
            if n_done % _BATCH == 0 or n_done == n_total:
                progress(n_done, n_total)
    for rows in (answer_sets, free_texts):
        rows.sort(key=_random_place)
    return Batch(len(answer_sets), answer_sets, free_texts, _manifest(answer_sets))


def store_batch(session: Session, *, wave_id: UUID, batch: Batch) -> None:
    """Swap the envelopes for their shuffled contents; raises Refused when their number has changed."""
    if count_envelopes(session, wave_id=wave_id) != batch.n_envelopes:
        raise Refused(N_("Antallet konvolutter har endret seg under åpningen. Ingenting er endret."))
    _drop_sealed(session, wave_id)  # first: what is stored then takes the room it leaves
    store_answer_sets(session, batch.answer_sets)
    _ADD_FREE_TEXT.each(session.connection(), batch.free_texts)
    _note_opening(session, wave_id, n=len(batch.answer_sets), manifest=batch.manifest_sha256)


def store_answer_sets(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store opened responses in the order they are given in, which must say nothing of who came when."""
    _ADD_ANSWER_SET.each(session.connection(), rows)


def discard_batch(session: Session, *, wave_id: UUID) -> None:
    """Delete the envelopes of a wave with too few answers, unopened."""
    _drop_sealed(session, wave_id)
    _note_opening(session, wave_id, n=0, manifest=sha256(b"").hexdigest())


def answer_sets(
    wave_id: UUID, questionnaire: Questionnaire, responses: Iterable[Response]
) -> list[dict[str, Any]]:
    """Responses that came without an envelope as rows to store."""
    coding = Coding(questionnaire)
    return [_answer_set(wave_id, coding, response) for response in responses]


def clean_up(engine: Engine) -> None:
    """Wipe what deleted envelopes leave in the files: now, or by a job where others are busy."""
    if not wipe_deleted(engine, Envelope, Draft, Keying):
        with unit_of_work(engine) as session:
            schedule_wiping(session)


class Coding:
    """How a questionnaire's answers become the body and the index blob of an answer set."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        kept = [item for item in questionnaire.items if item.selects or item.bins]
        self._kept = {item.name for item in kept}
        self._several = [item.name for item in kept if item.type is ItemType.SELECT_MULTIPLE]
        self._names = [item.name for item in questionnaire.coded_items]
        self._places: list[dict[str | None, int]] = [
            {category.code: n for n, category in enumerate(questionnaire.categories(item))}
            for item in questionnaire.coded_items
        ]

    def codes(self, answers: Answers) -> bytes:
        """One int8 per coded item in instrument order: the option's place in its list, -1 for no answer."""
        given = map(answers.get, self._names)
        found = [places.get(answer, NO_ANSWER) for places, answer in zip(self._places, given, strict=True)]
        return array("b", found).tobytes()

    def body(self, answers: Answers) -> dict[str, Any]:
        """Codes and bins only: free text is stored apart, and bare numbers and dates never get here."""
        body: dict[str, Any] = {name: answer for name, answer in answers.items() if name in self._kept}
        for name in self._several:
            if name in body:
                body[name] = body[name].split()
        return body


def _envelopes(session: Session, wave_id: UUID) -> Iterator[tuple[UUID, bytes]]:
    rows = session.execute(
        select(Envelope.participation_id, Envelope.sealed).where(Envelope.wave_id == wave_id),
        execution_options={"yield_per": _BATCH},
    )
    return ((owner, sealed) for owner, sealed in rows)


def _answer_set(wave_id: UUID, coding: Coding, response: Response) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "wave_id": wave_id,
        "segment_code": response.segment_code,
        "instrument_version_id": response.instrument_version_id,
        "written": canonical(coding.body(response.answers)).decode(),
        "codes": coding.codes(response.answers),
        "receipt_hash": response.receipt_hash,
    }


def _free_text(wave_id: UUID, segment: str, item: str, body: str) -> dict[str, Any]:
    return {"id": uuid4(), "wave_id": wave_id, "segment_code": segment, "item": item, "body": body}


def _random_place(row: dict[str, Any]) -> int:
    """Ids come from the system's random source, so that rows in their order are shuffled."""
    fresh: UUID = row["id"]
    return fresh.int


def _manifest(answer_sets: Sequence[dict[str, Any]]) -> str:
    """A hash of the opened set in the order of its ids: id, segment and body, a line each."""
    found = sha256()
    for row in answer_sets:
        found.update(f"{row['id']}\n{row['segment_code']}\n{row['written']}\n".encode())
    return found.hexdigest()


def _drop_sealed(session: Session, wave_id: UUID) -> None:
    for table in (Envelope, Draft, Keying):
        session.execute(delete(table).where(table.wave_id == wave_id))


def _note_opening(session: Session, wave_id: UUID, *, n: int, manifest: str) -> None:
    opened = {"wave_id": wave_id, "batch_no": 1, "opened_on": clock.today()}
    session.execute(insert(Opening).values(**opened, n=n, manifest_sha256=manifest))


def _answer_set_insert(dialect: str) -> UpdateBase:
    """Bodies come as JSON that is written already, once for the manifest and the database."""
    body: ColumnElement[Any] = bindparam("written", type_=Text)
    return insert(AnswerSet).values(body=sql_cast(body, Json) if dialect == "postgresql" else body)


_ADD_ANSWER_SET = Prepared(_answer_set_insert)
_ADD_FREE_TEXT = Prepared(insert(FreeText))
