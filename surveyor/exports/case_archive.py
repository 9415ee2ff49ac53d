"""One form as an archive: its answers in words as CSV, and the files that belong to it."""

import csv
import io
import zipfile
from collections.abc import Sequence

from sqlalchemy.orm import Session

from surveyor.cases.evidence import evidence_path
from surveyor.cases.models import Case, Evidence
from surveyor.cases.queries import case_evidence
from surveyor.config import Settings
from surveyor.exports.tidy import guarded
from surveyor.instruments.enums import ItemType
from surveyor.instruments.logic import filled, in_words
from surveyor.instruments.queries import questionnaire
from surveyor.instruments.routing import state
from surveyor.instruments.spec import Answers, Item, Questionnaire

ANSWERS, FOLDER = "svar.csv", "filer"
_HEADER = ("name", "question", "answer")
_EARLY_DATE = (1980, 1, 1, 0, 0, 0)


def case_archive(
    session: Session, settings: Settings, *, case: Case, answers: Answers, language: str
) -> bytes:
    """A zip of these answers of a case and of its files; one that the disk has lost is only named."""
    form = questionnaire(session, version_id=case.round.instrument_version_id)
    kept = case_evidence(session, case=case)
    names = {str(file.id): f"{number:02d}-{file.file_name}" for number, file in enumerate(kept, 1)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        written = _answers(form, answers, names, language)
        archive.writestr(zipfile.ZipInfo(ANSWERS, _EARLY_DATE), written)
        _add_files(archive, settings, kept, names)
    return buffer.getvalue()


def _add_files(
    archive: zipfile.ZipFile, settings: Settings, kept: Sequence[Evidence], names: dict[str, str]
) -> None:
    for file in kept:
        path = evidence_path(settings, stored_name=file.stored_name)
        if path.is_file():
            member = zipfile.ZipInfo(f"{FOLDER}/{names[str(file.id)]}", _EARLY_DATE)
            archive.writestr(member, path.read_bytes())


def _answers(form: Questionnaire, answers: Answers, names: dict[str, str], language: str) -> bytes:
    now = state(form, answers)
    asked = [
        item for item in form.items if now.asks(item) and item.shown and item.type is not ItemType.REPEAT
    ]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    for item in asked:
        label = filled(form, form.text(item.label, language), now.values, language, item)
        value = _value(form, item, now.values.get(item.name, ""), names, language)
        writer.writerow([guarded(cell) for cell in (item.name, label, value)])
    return out.getvalue().encode("utf-8-sig")


def _value(form: Questionnaire, item: Item, value: str, names: dict[str, str], language: str) -> str:
    if item.type is ItemType.UPLOAD:
        return ", ".join(names[file] for file in value.split() if file in names)
    return in_words(form, item.name, {item.name: value}, language)
