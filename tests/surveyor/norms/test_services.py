"""Benchmarks from a file: every problem told, no organisation to be picked out, reverse items turned."""

import csv
import io
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.audit.models import AuditEntry
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.models import Wave
from surveyor.errors import InvalidInput
from surveyor.instruments.queries import questionnaire
from surveyor.instruments.spec import Questionnaire, Scale
from surveyor.norms.enums import NormKind
from surveyor.norms.models import NormFigure
from surveyor.norms.queries import benchmark_of
from surveyor.norms.rows import read_counts
from surveyor.norms.services import import_norm
from tests.releases_data import choice, code_list, make_wave, one_page

ORGANISATIONS = ("Askvik", "Bjørnli", "Dalen", "Elvestad", "Furunes")
Line = tuple[str, str, str, object]


@pytest.fixture
def wave(session: Session) -> Wave:
    items = [choice("qa", "c5", scale="S"), choice("qb", "c5", scale="S", reverse=True), choice("qc", "c5")]
    scales = [Scale("S", {"nb": "S"}, ("qa", "qb"))]
    asked = one_page("n", [code_list("c5", 1, 5, missing=True)], items, scales)
    return make_wave(session, asked, {"K": None})


def lines(item: str, means: tuple[int, ...], each: int = 20) -> list[Line]:
    """Everybody in an organisation gave the same answer."""
    return [(name, item, str(code), each) for name, code in zip(ORGANISATIONS, means, strict=False)]


def written(rows: list[Line]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["Kommune", "Spørsmål", "Svarkode", "Antall"])
    writer.writerows(rows)
    return out.getvalue().encode()


def asked_of(session: Session, wave: Wave) -> Questionnaire:
    return questionnaire(session, version_id=wave.instrument_version_id)


def read_in(session: Session, wave: Wave, rows: list[Line], title: str = "KS-nettverket") -> UUID:
    import_norm(
        session, survey_id=wave.survey_id, questionnaire=asked_of(session, wave), title=title,
        file=written(rows), filename="norm.csv", actor=COMMAND_LINE,
    )  # fmt: skip
    session.flush()
    return wave.survey_id


def test_items_and_scales_with_the_middle_half(session: Session, wave: Wave) -> None:
    survey = read_in(session, wave, lines("qa", (1, 2, 3, 4, 5)) + lines("qb", (1, 1, 3, 5, 5)))
    found = benchmark_of(session, survey_id=survey)
    assert found is not None
    item = found.figures[NormKind.ITEM, "qa"]
    assert (item.n, item.n_organisations, item.value, item.low, item.high) == (100, 5, 50.0, 25.0, 75.0)
    turned = found.figures[NormKind.ITEM, "qb"]
    assert (turned.value, turned.low, turned.high) == (50.0, 0.0, 100.0)
    scale = found.figures[NormKind.SCALE, "S"]
    assert (scale.n, scale.n_organisations, scale.value) == (100, 5, 50.0)
    assert (scale.low, scale.high) == (50.0, 50.0)
    assert (NormKind.ITEM, "qc") not in found.figures


def test_ones_own_answers_are_none_of_the_others(session: Session, wave: Wave) -> None:
    rows = [*lines("qa", (1, 2, 3, 4, 5)), ("Fjordvik", "qa", "5", 20), ("Fjordvik", "qa", "4", 20)]
    with pytest.raises(InvalidInput) as refused:
        read_counts(written(rows), "norm.csv", asked_of(session, wave), own="FJORDVIK kommune")
    assert [problem.params["name"] for problem in refused.value.problems] == ["Fjordvik"]
    assert "Fjordvik" in read_counts(written(rows), "norm.csv", asked_of(session, wave), own="Fjord")["qa"]


def test_dont_know_is_no_score(session: Session, wave: Wave) -> None:
    rows = lines("qc", (2, 2, 2, 2, 2)) + [(name, "qc", "99", 500) for name in ORGANISATIONS[:2]]
    found = benchmark_of(session, survey_id=read_in(session, wave, rows))
    assert found is not None
    assert found.figures[NormKind.ITEM, "qc"].n == 100


@pytest.mark.parametrize(
    "rows",
    [
        lines("qa", (1, 2, 3, 4)),
        [*lines("qa", (1, 2, 3, 4, 5)), ("Gigant", "qa", "3", 1000)],
        [(name, "qa", "3", 0) for name in ORGANISATIONS],
    ],
    ids=["four organisations", "one is most of it", "nobody answered"],
)
def test_no_organisation_may_be_picked_out(session: Session, wave: Wave, rows: list[Line]) -> None:
    with pytest.raises(InvalidInput, match="minst 5 organisasjoner"):
        read_in(session, wave, rows)
    assert benchmark_of(session, survey_id=wave.survey_id) is None


def test_every_problem_is_told_with_its_place(session: Session, wave: Wave) -> None:
    rows: list[Line] = [
        *lines("qa", (1, 2, 3, 4, 5)),
        ("Askvik", "qa", "1", 3),
        ("", "qx", "1", 3),
        ("Dalen", "qa", "7", 3),
        ("Dalen", "qb", "2", "1,5"),
    ]
    with pytest.raises(InvalidInput) as refused:
        read_in(session, wave, rows)
    told = [(one.row, one.column) for one in refused.value.problems]
    assert sorted(told) == [
        (2, "Svarkode"), (7, "Svarkode"), (8, "Kommune"), (8, "Spørsmål"), (9, "Svarkode"), (10, "Antall"),
    ]  # fmt: skip
    with pytest.raises(InvalidInput, match="hvem tallene er fra"):
        read_in(session, wave, lines("qa", (1, 2, 3, 4, 5)), title=" ")
    with pytest.raises(InvalidInput, match="ingen sammenligningstall"):
        read_in(session, wave, [])


def test_a_new_file_takes_the_place_of_the_former_and_is_logged(session: Session, wave: Wave) -> None:
    read_in(session, wave, lines("qa", (1, 2, 3, 4, 5)))
    found = benchmark_of(session, survey_id=read_in(session, wave, lines("qc", (1, 2, 3, 4, 5)), "Nytt"))
    assert found is not None
    assert (found.title, set(found.figures)) == ("Nytt", {(NormKind.ITEM, "qc")})
    assert len(session.scalars(select(NormFigure)).all()) == 1
    logged = session.scalars(select(AuditEntry).where(AuditEntry.action == "norm.imported")).all()
    assert [entry.details for entry in logged] == [{"file": "norm.csv", "n_cells": 1}] * 2
