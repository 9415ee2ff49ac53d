"""Opening a wave: decrypt everything, shuffle, store what leads back to nobody, delete the envelopes."""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import SystemRandom
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Engine, Table, delete, insert, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.config import Settings
from surveyor.db import open_session, wipe_deleted
from surveyor.errors import N_, Refused
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Answers, Questionnaire
from surveyor.jobs.registry import Progress
from surveyor.responses.keys import load_wave_key
from surveyor.responses.models import AnswerSet, Draft, Envelope, FreeText, Keying, Opening
from surveyor.responses.queries import count_envelopes
from surveyor.responses.sealing import open_response
from surveyor.responses.spec import Response

_BATCH = 1_000
NO_ANSWER = -1


@dataclass(frozen=True)
class Batch:
    """Everything a wave's envelopes held, in random order, ready to be stored."""

    n_envelopes: int
    answer_sets: Sequence[dict[str, Any]]
    free_texts: Sequence[dict[str, Any]]
    manifest_sha256: str


def read_batch(
    engine: Engine, settings: Settings, *, wave_id: UUID, questionnaire: Questionnaire, progress: Progress
) -> Batch:
    """Decrypt every envelope of a wave outside any write; raises Refused if a single one does not open."""
    answer_sets: list[dict[str, Any]] = []
    free_texts: dict[str, list[dict[str, Any]]] = {item.name: [] for item in questionnaire.open_items}
    coding = Coding(questionnaire)
    with open_session(engine, read_only=True) as session:
        key = load_wave_key(session, settings, wave_id=wave_id)
        n_total = count_envelopes(session, wave_id=wave_id)
        for n_done, (owner, sealed) in enumerate(_envelopes(session, wave_id), 1):
            response = open_response(sealed, key, wave_id=wave_id, participation_id=owner)
            answer_sets.append(_answer_set(wave_id, coding, response))
            for name, texts in free_texts.items():
                if body := response.answers.get(name):
                    texts.append(_free_text(wave_id, response.segment_code, name, body))
            if n_done % _BATCH == 0 or n_done == n_total:
                progress(n_done, n_total)
    return _shuffled(answer_sets, free_texts)


def store_batch(session: Session, *, wave_id: UUID, batch: Batch) -> None:
    """Swap the envelopes for their shuffled contents; raises Refused when their number has changed."""
    if count_envelopes(session, wave_id=wave_id) != batch.n_envelopes:
        raise Refused(N_("Antallet konvolutter har endret seg under åpningen. Ingenting er endret."))
    for rows, table in ((batch.answer_sets, AnswerSet), (batch.free_texts, FreeText)):
        for start in range(0, len(rows), _BATCH):
            session.execute(insert(cast(Table, table.__table__)), rows[start : start + _BATCH])
    _drop_sealed(session, wave_id)
    _note_opening(session, wave_id, n=len(batch.answer_sets), manifest=batch.manifest_sha256)


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
    """Wipe what deleted envelopes leave in the files; a busy database keeps ciphertext without a key."""
    wipe_deleted(engine, Envelope, Draft, Keying)


class Coding:
    """How a questionnaire's answers become the body and the index blob of an answer set."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._several = {
            item.name: item.type is ItemType.SELECT_MULTIPLE
            for item in questionnaire.items
            if item.selects or item.bins
        }
        self._places = tuple(
            (item.name, {category.code: n for n, category in enumerate(questionnaire.categories(item))})
            for item in questionnaire.coded_items
        )

    def codes(self, answers: Answers) -> bytes:
        """One int8 per coded item in instrument order: the option's place in its list, -1 for no answer."""
        given = answers.get
        return array("b", [places.get(given(name, ""), NO_ANSWER) for name, places in self._places]).tobytes()

    def body(self, answers: Answers) -> dict[str, Any]:
        """Codes and bins only: free text is stored apart, and bare numbers and dates never get here."""
        return {
            name: answer.split() if self._several[name] else answer
            for name, answer in answers.items()
            if name in self._several
        }


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
        "body": coding.body(response.answers),
        "codes": coding.codes(response.answers),
        "receipt_hash": response.receipt_hash,
    }


def _free_text(wave_id: UUID, segment: str, item: str, body: str) -> dict[str, Any]:
    return {"id": uuid4(), "wave_id": wave_id, "segment_code": segment, "item": item, "body": body}


def _shuffled(answer_sets: list[dict[str, Any]], free_texts: dict[str, list[dict[str, Any]]]) -> Batch:
    chance = SystemRandom()
    chance.shuffle(answer_sets)
    for texts in free_texts.values():
        chance.shuffle(texts)
    unbundled = [text_row for texts in free_texts.values() for text_row in texts]
    return Batch(len(answer_sets), answer_sets, unbundled, _manifest(answer_sets))


def _manifest(answer_sets: Sequence[dict[str, Any]]) -> str:
    """A hash of the opened set that does not depend on its order."""
    rows = (json.dumps([str(a["id"]), a["segment_code"], a["body"]], sort_keys=True) for a in answer_sets)
    return sha256("\n".join(sorted(rows)).encode()).hexdigest()


def _drop_sealed(session: Session, wave_id: UUID) -> None:
    for table in (Envelope, Draft, Keying):
        session.execute(delete(table).where(table.wave_id == wave_id))


def _note_opening(session: Session, wave_id: UUID, *, n: int, manifest: str) -> None:
    opened = {"wave_id": wave_id, "batch_no": 1, "opened_on": clock.today()}
    session.execute(insert(Opening).values(**opened, n=n, manifest_sha256=manifest))
