"""Every kind of XLSForm row in one form: repeated groups, cascades, rankings, values drawn and worked out."""

import json

import pytest
from werkzeug.datastructures import MultiDict

from forms.answers import PageForm, ShownTurn, page_form_class
from surveyor.errors import InvalidInput
from surveyor.instruments.answers import normal_value, value_problem
from surveyor.instruments.enums import ItemType
from surveyor.instruments.logic import filled, offered_categories
from surveyor.instruments.routing import state, turned, validate_all, validate_page
from surveyor.instruments.spec import Grid, Questionnaire, Repeat
from surveyor.instruments.xlsform import read_xlsform
from tests.surveyor.instruments.forms import asked_items, form_with_table, imported, survey, whole

FAMILY = {"child": "2", "first": "Ola", "age": "5", "first~2": "Kari", "age~2": "9", "school~2": "Nes"}


def form_of(page: str, posted: dict[str, str] | None, stored: dict[str, str] | None = None) -> PageForm:
    """The form of a page, with what was posted."""
    made = page_form_class(whole(), page, "nb")
    if posted is None:
        return made(None, stored)
    keyed = {key if key in ("shown", "turn") else f"q-{key}": value for key, value in posted.items()}
    return made(MultiDict(keyed), stored)


def test_json_and_back_is_equal_with_repeats() -> None:
    again = Questionnaire.from_json(json.loads(json.dumps(whole().to_json())))
    assert again == whole()
    assert again.hash == whole().hash


def test_a_repeated_group_is_written_out_turn_by_turn() -> None:
    page = whole().page("page1")
    assert isinstance(page.nodes[0], Repeat)
    assert [item.name for item in page.items][:8] == [
        "first", "age", "school", "turn_no", "first~2", "age~2", "school~2", "turn_no~2",
    ]  # fmt: skip
    assert asked_items(whole(), page, {"age": "7"}) == {"first", "age", "school", "child"}
    assert "first~2" in asked_items(whole(), page, FAMILY)


def test_expressions_mean_their_own_turn_and_sums_all_of_them() -> None:
    values = state(whole(), {**FAMILY, "age~3": "30"}).values
    assert (values["total"], values["n"], values["second"], values["turn_no~2"]) == ("14", "2", "Kari", "2")
    assert "age~3" not in values
    told = whole().text(whole().item("told").label, "nb")
    assert filled(whole(), told, values, "nb") == "2 barn er 14 år i alt"
    assert filled(whole(), "${first}", values, "nb", whole().item("age~2")) == "Kari"


def test_the_constraint_of_a_turn_is_its_own() -> None:
    problems = validate_page(whole(), whole().page("page1"), {**FAMILY, "age~2": "40"}, "nb")
    assert [problem.field for problem in problems] == ["age~2"]


def test_a_turn_taken_away_moves_the_later_ones_up() -> None:
    assert turned(whole(), "child", FAMILY, 1) == {"child": "1", "first": "Kari", "age": "9", "school": "Nes"}
    assert turned(whole(), "child", FAMILY, 0)["child"] == "3"
    assert turned(whole(), "child", {"first": "Ola"}, 1) == {"first": "Ola"}, "the last one stays"


def test_turns_are_added_and_removed_by_buttons_without_a_script() -> None:
    form = form_of("page1", {"shown": "first age child", "first": "Ola", "age": "5", "turn": "add child"})
    assert not form.validate()
    assert form.answers["child"] == "2"
    assert [(n.place, n.remove) for n in form.nodes if isinstance(n, ShownTurn)] == [
        (1, "remove child 1"), (2, "remove child 2"),
    ]  # fmt: skip
    form = form_of("page1", {"shown": "first age child", "turn": "remove child 1", **FAMILY})
    assert form["first"].data == "Kari"
    assert form.n_turns("child") == 1
    form = form_of("page1", {"shown": "first age child", "turn": "add nothing", "first": "O", "age": "1"})
    assert form.validate()


def test_a_repeat_count_says_how_many() -> None:
    asked = asked_items(whole(), whole().page("page2"), {"n_cars": "3"})
    assert asked == {"plate", "plate~2", "plate~3", "car"}
    assert not asked_items(whole(), whole().page("page2"), {"n_cars": "0"})
    assert len(asked_items(whole(), whole().page("page2"), {"n_cars": "999"})) == 21


def test_nested_repeats() -> None:
    rows = (
        "begin_repeat | house | Hus |", "text | street | Gate |", "begin_repeat | room | Rom |",
        "decimal | area | Areal |", "end_repeat | | |", "calculate | own | | sum(${area})",
        "end_repeat | | |",        "calculate | every | | sum(${area})", "text | end | Slutt |",
    )  # fmt: skip
    asked = imported(survey(*rows, columns="type | name | label | calculation")).questionnaire
    answers = {"house": "2", "area": "1", "room": "2", "area~1~2": "2", "area~2~1": "10", "room~2": "1"}
    values = state(asked, answers).values
    assert (values["own"], values["own~2"], values["every"]) == ("3", "10", "13")
    assert turned(asked, "house", answers, 1)["area"] == "10"


def test_a_cascade_offers_what_fits_and_asks_again_when_the_first_answer_changes() -> None:
    town = whole().item("town")
    offered = [category.code for category in offered_categories(whole(), town, {"county": "a"})]
    assert offered == ["kr", "gr"]
    form = form_of("place", {"shown": "county town colours ranked grade", "county": "t"})
    assert not form.validate()
    assert "town" in form.appeared
    town = form["town"]
    assert [code for code, _ in town.options if code not in town.unoffered] == ["tr"]
    assert form["town"].label.text == "Kommune i Troms"
    wrong = validate_page(whole(), whole().page("place"), {"county": "t", "town": "kr"}, "nb")
    assert [problem.field for problem in wrong] == ["town"]


def test_randomised_answers_keep_their_order() -> None:
    orders = {form_of("place", None)["colours"].options for _ in range(5)}
    assert len(orders) == 1
    assert {code for code, _ in orders.pop()} == {"red", "blue", "green", "other"}


@pytest.mark.parametrize(
    ("written", "kept", "fits"),
    [
        (["2:red", "1:blue", "3:green", "4:other"], "blue red green other", True),
        (["1:red", "1:blue", "3:green", "4:other"], "1:red 1:blue 3:green 4:other", False),
        (["1:red"], "red", False),
        ([], "", True),
    ],
)
def test_rank(written: list[str], kept: str, fits: bool) -> None:
    item = whole().item("ranked")
    assert normal_value(item, written) == kept
    assert (value_problem(whole(), item, kept) is None) is fits


@pytest.mark.parametrize(
    ("name", "written", "kept", "fits"),
    [
        ("at", "8.05", "08:05", True),
        ("at", "25:00", "25:00", False),
        ("moment", "21.11.2026 14.30", "2026-11-21T14:30", True),
        ("moment", "2026-11-21T14:30", "2026-11-21T14:30", True),
        ("moment", "2026-11-21", "2026-11-21", False),
        ("where", "59,913; 10,752", "59.913 10.752", True),
        ("where", "her", "her", False),
        ("where", "95 10", "95 10", False),
        ("grade", "4,5", "4.5", True),
        ("grade", "4,2", "4.2", False),
        ("grade", "7", "7", False),
        ("agreed", "OK", "OK", True),
        ("agreed", "nei", "nei", False),
    ],
)
def test_values(name: str, written: str, kept: str, fits: bool) -> None:
    item = whole().item(name)
    assert normal_value(item, [written]) == kept
    assert (value_problem(whole(), item, kept) is None) is fits


def test_start_values_are_drawn_once_and_triggers_work_out_anew() -> None:
    first = form_of("last", {"shown": "at day note", "at": "8:00", "agreed": "OK"})
    assert len(first.answers["key"]) == 36
    assert first.answers["version"] == "7"
    assert first.answers["note"] == "Kl. 08:00"
    again = form_of("last", {"shown": "at day note", "at": "08:00", "note": "Min egen"}, first.answers)
    assert again.answers["key"] == first.answers["key"]
    assert again.answers["note"] == "Min egen"
    assert form_of("last", None)["day"].data[:2] == "20"


def test_a_ranking_is_told_in_its_order() -> None:
    form = form_of("place", None, {"county": "t", "ranked": "green red blue other"})
    assert [choice.label for choice in form["ranked"].iter_choices()] == ["Grønn", "Rød", "Blå", "Annet"]
    places = {
        code: next(p.label for p in found if p.selected) for code, _, found in form["ranked"].iter_places()
    }
    assert places == {"green": "1", "red": "2", "blue": "3", "other": "4"}


def test_label_and_list_nolabel_are_a_grid() -> None:
    grid = whole().page("last").nodes[-1]
    assert isinstance(grid, Grid)
    assert [item.name for item in grid.items] == ["l1", "l2"]


def test_an_upload_names_kept_files() -> None:
    assert whole().item("photo").type is ItemType.UPLOAD
    answers = {"county": "t", "town": "tr", "agreed": "OK", "first": "O", "age": "1"}
    assert validate_all(whole(), answers, "nb") == []
    file = "5f1f6f0e-6f0c-4a43-9f53-0d6a3a3f6f11"
    assert validate_all(whole(), {**answers, "photo": f"{file} {file}"}, "nb") == []
    wrong = validate_all(whole(), {**answers, "photo": "../etc/passwd"}, "nb")
    assert [problem.field for problem in wrong] == ["photo"]


def test_answers_from_an_attached_table() -> None:
    csv = "name,label,county,people\noslo,Oslo,o,700\nbergen,Bergen,v,290\n"
    asked = read_xlsform(form_with_table(csv), filename="form.zip").questionnaire
    offered = [category.code for category in offered_categories(asked, asked.item("t"), {"c": "v"})]
    assert offered == ["bergen"]
    assert state(asked, {"t": "oslo"}).values["size"] == "700"
    with pytest.raises(InvalidInput, match="ikke lagt ved"):
        read_xlsform(form_with_table(None), filename="form.zip")


def test_an_unknown_column_in_a_choice_filter_is_named() -> None:
    with pytest.raises(InvalidInput, match="ingen kolonne «land»"):
        imported(survey("select_one agree | a | A | land = 1", columns="type | name | label | choice_filter"))
