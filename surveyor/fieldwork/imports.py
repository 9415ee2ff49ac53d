"""Importing answers from a file: checked row by row, sealed at once, stored all or not at all."""

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TextIO
from uuid import UUID, uuid4

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.db import open_session, unit_of_work
from surveyor.errors import N_, InvalidInput, NotFound, Problem, Refused
from surveyor.fieldwork.wave_tree import segments_of_units
from surveyor.instruments.answers import normal_value, value_problem
from surveyor.instruments.enums import ItemType
from surveyor.instruments.queries import questionnaire
from surveyor.instruments.spec import Item, Questionnaire
from surveyor.jobs.registry import Progress, no_progress
from surveyor.responses.enums import Mode
from surveyor.responses.queries import wave_key
from surveyor.responses.sealing import OVERHEAD, seal_response
from surveyor.responses.services import store_new_envelopes
from surveyor.responses.spec import Response, is_too_long, kept_answers, padded_length
from surveyor.tabular import OLD_EXCEL, csv_problem, find_delimiter

UNIT_COLUMN = "unit"
MAX_PROBLEMS = 500  # a file wrong all the way down is refused before it is read to the end
_BATCH = 200  # envelopes with free text are some kilobytes each
_CHUNK = 1 << 20
_ID_BYTES = 16


@dataclass(frozen=True)
class ImportReport:
    """What an import of answers did."""

    wave_code: str
    n_answers: int


@dataclass(frozen=True)
class Target:
    """Everything about the wave that a row is checked against and sealed for."""

    wave_id: UUID
    version_id: UUID
    public_key: bytes
    questionnaire: Questionnaire
    segments: Mapping[str, str]

    @cached_property
    def length(self) -> int:
        return padded_length(self.questionnaire)


@dataclass(frozen=True)
class _Columns:
    """Where in a row the unit and each item stand."""

    unit: int
    items: Sequence[tuple[int, Item]]


def import_responses(
    engine: Engine,
    settings: Settings,
    *,
    wave_code: str,
    file: Path,
    mode: Mode | str = Mode.PAPER,
    progress: Progress = no_progress,
    actor: Actor,
) -> ImportReport:
    """Seal every row of a CSV file `unit,<item names>` into a wave.

    Raises InvalidInput with every problem and stores nothing; raises Refused unless the wave is open.
    """
    target = _target(engine, wave_code)
    with TemporaryFile(dir=settings.instance) as sealed:  # ciphertext only, all of one length
        n_answers = _seal_file(file, target, sealed, progress)
        sealed.seek(0)
        with unit_of_work(engine) as session:
            _require_open(session, target.wave_id)
            for rows in _stored_rows(sealed, target):
                store_new_envelopes(session, rows)
            details = {"mode": str(Mode(mode)), "n_answers": n_answers}
            record(
                session,
                actor=actor,
                action="responses.imported",
                subject_type="wave",
                subject_id=target.wave_id,
                **details,
            )
    return ImportReport(wave_code, n_answers)


def _target(engine: Engine, wave_code: str) -> Target:
    with open_session(engine, read_only=True) as session:
        wave = session.scalar(select(Wave).where(Wave.code == wave_code))
        if wave is None:
            raise NotFound(N_("Det finnes ingen måling med koden «%(code)s»."), code=wave_code)
        _refuse_unless_open(wave.state)
        key = wave_key(session, wave_id=wave.id)
        if key is None:
            raise Refused(N_("Målingen har ingen nøkkel å forsegle svar med."))
        questions = questionnaire(session, version_id=wave.instrument_version_id)
        segments = segments_of_units(session, wave_id=wave.id)
    return Target(wave.id, wave.instrument_version_id, key.public_key, questions, segments)


def _require_open(session: Session, wave_id: UUID) -> None:
    """Share-lock the wave's state, so that closing waits for us or we for it."""
    state = session.scalar(select(Wave.state).where(Wave.id == wave_id).with_for_update(read=True))
    _refuse_unless_open(state)


def _refuse_unless_open(state: WaveState | None) -> None:
    if state is WaveState.PLANNED:
        raise Refused(N_("Målingen er ikke startet ennå. Start den før du leser inn svar."))
    if state is not WaveState.OPEN:
        raise Refused(N_("Målingen er avsluttet og tar ikke imot flere svar."))


def _seal_file(file: Path, target: Target, out: IO[bytes], progress: Progress) -> int:
    n_answers = 0
    for response in read_responses(file, target, progress):
        owner = uuid4()
        out.write(owner.bytes + _sealed(response, owner, target))
        n_answers += 1
    return n_answers


def read_responses(file: Path, target: Target, progress: Progress = no_progress) -> Iterator[Response]:
    """The file's answers one by one; raises InvalidInput at its end with every problem."""
    problems: list[Problem] = []
    n_bytes = file.stat().st_size
    with _open_text(file) as text:
        lines = _lines(text)
        columns = _columns(next(lines, (1, [])), target)
        for number, cells in lines:
            response = _read_row(number, cells, columns, target, problems)
            if len(problems) >= MAX_PROBLEMS:
                break
            if response and not problems:
                yield response
            if number % 1_000 == 0:
                progress(min(text.buffer.tell(), n_bytes), n_bytes)
    if problems:
        raise InvalidInput(*problems)
    progress(n_bytes, n_bytes)


def _sealed(response: Response, owner: UUID, target: Target) -> bytes:
    return seal_response(
        response,
        public_key=target.public_key,
        wave_id=target.wave_id,
        participation_id=owner,
        length=target.length,
    )


def _stored_rows(sealed: IO[bytes], target: Target) -> Iterator[list[dict[str, object]]]:
    size = _ID_BYTES + target.length + OVERHEAD
    pieces = iter(lambda: sealed.read(size), b"")
    while batch := list(islice(pieces, _BATCH)):
        yield [
            {
                "participation_id": UUID(bytes=piece[:_ID_BYTES]),
                "wave_id": target.wave_id,
                "rev": 1,
                "submission_id": uuid4(),
                "sealed": piece[_ID_BYTES:],
            }
            for piece in batch
        ]


def _open_text(file: Path) -> TextIO:
    """Raises InvalidInput for what is no text, and says so before its bytes are taken for headings."""
    with file.open("rb") as stream:
        start = stream.read(_CHUNK)
    if not start.strip():
        raise InvalidInput(N_("Filen er tom."))
    if start.startswith((b"PK\x03\x04", OLD_EXCEL)):
        raise InvalidInput(N_("Dette er en Excel-fil. Lagre arket som CSV, og prøv igjen."))
    if b"\0" in start and not start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InvalidInput(N_("Filen er ikke en CSV-fil."))
    return file.open(encoding=_encoding(file), newline="", errors="replace")


def _encoding(file: Path) -> str:
    """UTF-8 if the whole file is, UTF-16 by its mark, else Windows' western letters."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open("rb") as stream:
        for chunk in iter(lambda: stream.read(_CHUNK), b""):
            if stream.tell() == len(chunk) and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return "utf-16"
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return "cp1252"
    return "utf-8-sig"


def _lines(text: TextIO) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, with their numbers as a spreadsheet shows them."""
    delimiter = find_delimiter(text.readline())
    text.seek(0)
    number = 0
    try:
        for number, cells in enumerate(csv.reader(text, delimiter=delimiter, strict=True), 1):
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise InvalidInput(csv_problem(error, row=number + 1)) from error


def _columns(head: tuple[int, list[str]], target: Target) -> _Columns:
    """Find the columns; raises InvalidInput for every heading that is unknown, twice there or missing."""
    row, headings = head[0], [cell.strip() for cell in head[1]]
    known = {item.name: item for item in target.questionnaire.items}
    problems = [
        Problem(
            N_("Skjemaet har ikke noe spørsmål med navnet «%(name)s»."), {"name": name}, row=row, column=name
        )
        for name in headings
        if name != UNIT_COLUMN and name not in known
    ]
    problems += [
        Problem(N_("Kolonnen «%(name)s» står to ganger."), {"name": name}, row=row, column=name)
        for name in dict.fromkeys(headings)
        if headings.count(name) > 1
    ]
    if UNIT_COLUMN not in headings:
        problems.append(Problem(N_("Kolonnen «%(name)s» mangler."), {"name": UNIT_COLUMN}, row=row))
    if problems:
        raise InvalidInput(*problems)
    items = [(place, known[name]) for place, name in enumerate(headings) if name != UNIT_COLUMN]
    return _Columns(headings.index(UNIT_COLUMN), items)


def _read_row(
    number: int, cells: Sequence[str], columns: _Columns, target: Target, problems: list[Problem]
) -> Response | None:
    unit = cells[columns.unit].strip() if columns.unit < len(cells) else ""
    segment = target.segments.get(unit)
    if segment is None:
        message = N_("Enheten «%(unit)s» er ikke med i målingen.")
        problems.append(Problem(message, {"unit": unit[:40]}, row=number, column=UNIT_COLUMN))
    if any(cells[1 + len(columns.items) :]):
        problems.append(Problem(N_("Raden har flere celler enn overskriften."), row=number))
    answers = {}
    for place, item in columns.items:
        written = cells[place].strip() if place < len(cells) else ""
        if written:
            answers[item.name] = value = normal_value(item, [written])
            if problem := _value_problem(target.questionnaire, item, value):
                problems.append(Problem(problem.message, problem.params, row=number, column=item.name))
    if segment is None:
        return None
    return Response(target.version_id, segment, kept_answers(target.questionnaire, answers))


def _value_problem(questionnaire: Questionnaire, item: Item, value: str) -> Problem | None:
    if item.type is ItemType.TEXT and is_too_long(value):
        return Problem(N_("Teksten er for lang."))
    return value_problem(questionnaire, item, value)
