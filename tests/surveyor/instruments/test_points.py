"""A place on the map: typed in one field or two, with a comma or a point, and told what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyor.instruments.answers import normal_value, point_of, value_problem
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Item, Questionnaire

ITEM = Item("place", ItemType.GEOPOINT, {"nb": "Hvor?"})
ASKED = Questionnaire("q", {"nb": "Q"}, ("nb",), "nb")


def words(*written: str) -> str:
    problem = value_problem(ASKED, ITEM, normal_value(ITEM, written))
    return problem.message if problem else ""


@pytest.mark.parametrize(
    "written",
    [
        ("59,913", "10,752"),
        ("59.913", "10.752"),
        ("59,913° N", "10,752° Ø"),
        ("59.913 10.752", ""),
        ("59.913, 10.752",),
        (" 59.913 ", "10.752 "),
    ],
)
def test_however_it_is_typed_it_is_kept_in_one_way(written: tuple[str, ...]) -> None:
    assert normal_value(ITEM, written) == "59.913 10.752"
    assert words(*written) == ""


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (("59,9", ""), "Skriv lengdegraden også"),
        (("", "10,7"), "Skriv breddegraden også"),
        (("nord", "øst"), "Skriv tallene slik"),
        (("91", "10"), "Breddegraden må være et tall fra −90 til 90."),
        (("59", "-180,1"), "Lengdegraden må være et tall fra −180 til 180."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_stays(written: tuple[str, str], told: str) -> None:
    assert words(*written).startswith(told)
    shown = point_of(normal_value(ITEM, written))
    assert tuple(each.replace(".", ",") for each in shown) == written


def test_nothing_written_is_no_answer() -> None:
    assert normal_value(ITEM, ("", " ".strip())) == ""


@given(st.lists(st.text(max_size=30), min_size=1, max_size=3))
def test_anything_at_all_is_a_place_or_a_message(written: list[str]) -> None:
    value = normal_value(ITEM, written)
    again = normal_value(ITEM, [value])
    assert value_problem(ASKED, ITEM, value) is not None or again == value
