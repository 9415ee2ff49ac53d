"""Writing indicators: definitions, and values from releases, forms, files and hands."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.errors import N_, InvalidInput, Problem, Refused
from surveyor.indicators.bands import limits_in_order
from surveyor.indicators.models import Indicator
from surveyor.indicators.publishing import publish_wave, refresh_form_values
from surveyor.indicators.queries import indicator_by_code, indicators, n_values, source_problem, unit_types
from surveyor.indicators.recording import import_values, record_manual_value
from surveyor.indicators.rows import read_definitions
from surveyor.indicators.spec import Definition, ImportReport, is_code
from surveyor.tabular import Row, Source, Table

__all__ = [
    "delete_indicator",
    "import_indicators",
    "import_values",
    "publish_wave",
    "record_manual_value",
    "refresh_form_values",
    "save_indicator",
]


def import_indicators(session: Session, *, file: Source, filename: str, actor: Actor) -> ImportReport:
    """Take definitions from a file, new ones and known ones by code; raises InvalidInput, nothing stored."""
    table, rows = read_definitions(file, filename)
    if problems := _file_problems(session, table, rows):
        raise InvalidInput(*problems)
    report = _store(session, [definition for _row, definition in rows])
    record(
        session, actor=actor, action="indicators.imported", subject_type="indicator", subject_id=filename,
        n_new=report.n_new, n_changed=report.n_changed,
    )  # fmt: skip
    return report


def save_indicator(
    session: Session, *, definition: Definition, code: str | None = None, actor: Actor
) -> Indicator:
    """Make an indicator, or change the one of a code; raises InvalidInput by field, NotFound."""
    existing = indicator_by_code(session, code=code) if code else None
    problems = [Problem(p.message, p.params, field=name) for name, p in _faults(session, definition)]
    if not is_code(definition.code):
        message = N_(
            "Koden kan ha høyst 60 tegn, uten mellomrom, skråstrek, spørsmålstegn, # og prosenttegn."
        )
        problems.append(Problem(message, field="code"))
    if definition.code != code and _is_taken(session, definition.code):
        message = N_("Koden %(code)s er i bruk av en annen indikator.")
        problems.append(Problem(message, {"code": definition.code}, field="code"))
    if problems:
        raise InvalidInput(*problems)
    indicator, changed = _written(session, definition, existing)
    action = "indicator.edited" if existing else "indicator.created"
    details = {"fields": changed} if existing else {}
    record(
        session, actor=actor, action=action, subject_type="indicator", subject_id=definition.code, **details
    )
    return indicator


def delete_indicator(session: Session, *, code: str, is_on_card: bool, actor: Actor) -> None:
    """Delete an indicator without values that stands on no card; raises NotFound, Refused when it is used."""
    indicator = indicator_by_code(session, code=code)
    if is_on_card or n_values(session, indicator_id=indicator.id):
        raise Refused(
            N_(
                "%(name)s er i bruk og kan ikke slettes. "
                "Skal den ikke lenger vises, kan du endre enhetstypene."
            ),
            name=indicator.name,
        )
    session.delete(indicator)
    record(session, actor=actor, action="indicator.deleted", subject_type="indicator", subject_id=code)


def _is_taken(session: Session, code: str) -> bool:
    return session.scalar(select(Indicator.id).where(Indicator.code == code)) is not None


def _file_problems(session: Session, table: Table, rows: Iterable[tuple[Row, Definition]]) -> list[Problem]:
    return [
        table.problem(row, column, problem.message, **problem.params)
        for row, definition in rows
        for column, problem in _faults(session, definition)
    ]


def _faults(session: Session, definition: Definition) -> list[tuple[str, Problem]]:
    """What is wrong with a definition, by column."""
    found: list[tuple[str, Problem]] = []
    if problem := source_problem(session, text=definition.source):
        found.append(("source", problem))
    found += [("unit_types", problem) for problem in _type_problems(session, definition.unit_types)]
    green_from = definition.target if definition.green_from is None else definition.green_from
    if definition.yellow_from is not None and green_from is None:
        message = N_("Gult fra trenger også grønt fra eller et måltall.")
        found.append(("green_from", Problem(message)))
    elif not limits_in_order(definition.direction, green_from, definition.yellow_from):
        found.append(("yellow_from", Problem(N_("Gult fra må ligge på den dårlige siden av grønt fra."))))
    return found


def _type_problems(session: Session, wanted: Collection[str]) -> list[Problem]:
    known = unit_types(session) if wanted else []
    message = N_("Ingen enhet har typen «%(type)s». Skriv en av disse: %(known)s.")
    return [
        Problem(message, {"type": type_, "known": ", ".join(known) or "–"})
        for type_ in wanted
        if type_ not in known
    ]


def _store(session: Session, definitions: Sequence[Definition]) -> ImportReport:
    existing = {indicator.code: indicator for indicator in indicators(session)}
    n_new = n_changed = 0
    for definition in definitions:
        old = existing.get(definition.code)
        _indicator, changed = _written(session, definition, old)
        n_new, n_changed = n_new + (old is None), n_changed + bool(old and changed)
    return ImportReport(n_new, n_changed, len(definitions) - n_new - n_changed)


def _written(
    session: Session, definition: Definition, existing: Indicator | None
) -> tuple[Indicator, list[str]]:
    """The indicator as defined, and the names of the columns that became different."""
    if existing is None:
        position = (session.scalar(select(func.max(Indicator.position))) or 0) + 1
        indicator = Indicator(**definition.columns, position=position)
        session.add(indicator)
        session.flush()  # the next one's position comes after
        return indicator, []
    changed = [name for name, value in definition.columns.items() if getattr(existing, name) != value]
    for name in changed:
        setattr(existing, name, definition.columns[name])
    return existing, changed
