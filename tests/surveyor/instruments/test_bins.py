"""Bins of numbers and dates: read from the author's cell, named in words, kept in place of the answer."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.answers import page_form_class
from surveyor.errors import InvalidInput
from surveyor.instruments.answers import value_problem
from surveyor.instruments.bins import bin_code, bin_list, read_bins
from surveyor.instruments.checklist import checklist
from surveyor.instruments.enums import ItemType
from surveyor.instruments.export import export_file
from surveyor.instruments.spec import Questionnaire
from surveyor.instruments.xlsform import read_xlsform
from surveyor.responses.spec import kept_answers
from tests.surveyor.instruments.forms import imported, survey

ROWS = ("integer | age | Alder | 30 18 67", "date | since | Ansatt siden | 2010-01-01 2020-01-01")
GOOD = (
    "integer | age | Alder | 18 30 67",
    ROWS[1],
    "decimal | hours | Timer | 7,5; 20",
    "integer | bare | Tall |",
)


def asked(*rows: str) -> Questionnaire:
    return imported(survey(*rows, columns="type | name | label | bins")).questionnaire


def labels(type_: ItemType, written: str, language: str = "nb") -> list[str]:
    bins = read_bins(type_, written)
    assert bins
    return [category.label[language] for category in bin_list("x", type_, bins).categories]


def test_bins_are_named_as_people_say_them() -> None:
    assert labels(ItemType.INTEGER, "18 19 67") == ["Under 18", "18", "19–66", "67 eller mer"]
    assert labels(ItemType.DECIMAL, "7,5 20", "nn") == ["Under 7,5", "7,5 til under 20", "20 eller meir"]
    assert labels(ItemType.DATE, "2010-01-01 2020-01-01") == [
        "Før 1.1.2010", "1.1.2010 til 31.12.2019", "1.1.2020 eller senere",
    ]  # fmt: skip
    assert labels(ItemType.DATE, "2010-01-01", "en") == ["Before 2010-01-01", "2010-01-01 or later"]


@pytest.mark.parametrize("written", ["30 18", "18 18", "x", "1 2 3 4 5 6 7 8", "nan", "1e9", "7.5", ""])
def test_what_is_no_rising_row_is_not_taken(written: str) -> None:
    assert read_bins(ItemType.INTEGER, written) is None


def test_a_wrong_cell_is_named_with_its_row() -> None:
    with pytest.raises(InvalidInput) as refused:
        asked(ROWS[0], "text | why | Hvorfor | 1 2", ROWS[1])
    assert [(p.row, p.column) for p in refused.value.problems] == [(3, "bins"), (4, "bins")]


@given(
    st.lists(st.decimals(-10_000, 10_000, places=2), min_size=1, max_size=7, unique=True).map(sorted),
    st.lists(st.decimals(-20_000, 20_000, places=2), min_size=2, max_size=20).map(sorted),
)
def test_every_number_has_one_bin_and_larger_ones_never_a_lower(
    cuts: list[Decimal], numbers: list[Decimal]
) -> None:
    bins = read_bins(ItemType.DECIMAL, " ".join(map(str, cuts)))
    assert bins
    order = [category.code for category in bin_list("x", ItemType.DECIMAL, bins).categories]
    assert len(order) == len(cuts) + 1
    places = [order.index(bin_code(ItemType.DECIMAL, bins, str(number))) for number in numbers]
    assert all(low <= high for low, high in pairwise(places))
    for number, place in zip(numbers, places, strict=True):
        assert place == sum(cut <= number for cut in cuts)


@given(st.integers(-(10**6), 10**6), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_an_envelope_never_holds_the_number_or_the_day(age: int, day: date) -> None:
    questionnaire = asked(*GOOD)
    given_ = {"age": str(age), "since": day.isoformat(), "hours": "12.25", "bare": "41"}
    kept = kept_answers(questionnaire, given_)
    assert set(kept) == {"age", "since", "hours"}, "a number without bins is not kept"
    for name, code in kept.items():
        assert code in {category.code for category in questionnaire.categories(questionnaire.item(name))}
    assert kept["hours"] == "7.5..20"


def test_binned_items_are_counted_as_nominal_ones_and_answered_as_numbers() -> None:
    questionnaire = asked(*GOOD)
    assert [item.name for item in questionnaire.substance_items] == ["age", "since", "hours"]
    assert questionnaire.scored_items == ()
    assert value_problem(questionnaire, questionnaire.item("age"), "41") is None
    form = page_form_class(questionnaire, "page1", "nb")(None, {"age": "41"})
    assert form["age"].options == ()


def test_the_author_is_told_what_is_kept() -> None:
    told = {p.params["item"]: p.params.get("bins") for p in checklist(asked(*GOOD)) if "item" in p.params}
    assert told["age"] == "under 18, 18–29, 30–66, 67 eller mer"
    assert told["bare"] is None


@pytest.mark.parametrize("kind", ["md", "xlsx"])
def test_export_and_import_is_the_same(kind: str) -> None:
    questionnaire = asked(*GOOD)
    name, content = export_file(questionnaire, kind=kind)
    assert read_xlsform(content, filename=name).questionnaire == questionnaire
    assert Questionnaire.from_json(questionnaire.to_json()) == questionnaire
