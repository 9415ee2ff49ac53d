"""What a launch refuses and warns about, each with a reason."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from surveyor import clock
from surveyor.campaigns.enums import Audience
from surveyor.campaigns.launch_checks import launch_plan
from surveyor.campaigns.models import Wave
from surveyor.campaigns.spec import LaunchPlan
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.spec import Category, CodeList, Item, Page, Questionnaire, Scale
from surveyor.units.spec import UnitNode, UnitTree
from tests.factories import TREE
from tests.waves import employee_questionnaire, select_one, words

UNITS = UnitTree.of(UnitNode(uuid4(), code, name, type_, parent) for code, name, type_, parent in TREE)
TODAY = clock.today()


def plan(questionnaire: Questionnaire | None = None, *, open_link: bool = False, **given: Any) -> LaunchPlan:
    wave = Wave(
        audience=Audience.EMPLOYEE, scope=["FK"], k_invited=5, open_link=open_link,
        opens=TODAY, closes=given.pop("closes", TODAY),
    )  # fmt: skip
    facts = {
        "is_frozen": True, "tree": UNITS, "askable": frozenset(UNITS.nodes), "n_by_unit": {"B1": 6, "B2": 6},
        "n_letters": 0, "mail_is_sent": True, "today": TODAY, **given,
    }  # fmt: skip
    return launch_plan(wave, questionnaire=questionnaire or employee_questionnaire(), **facts)


def asked(*items: Item, code_lists: dict[str, CodeList] | None = None) -> Questionnaire:
    whole = employee_questionnaire()
    page = Page("px", words("Mer"), nodes=items)
    lists = {**whole.code_lists, **(code_lists or {})}
    return replace(whole, pages=(*whole.pages, page), code_lists=lists)


def said(problems: tuple[Any, ...]) -> str:
    return " ".join(str(problem) for problem in problems)


def test_a_good_wave_may_launch_and_its_merges_are_listed() -> None:
    found = plan(n_by_unit={"B1": 9, "B2": 2, "OPP": 3, "S1": 5})
    assert found.may_launch
    assert [(m.unit_code, m.n_invited, m.into_code) for m in found.merges] == [("B2", 2, "OPP/own")]
    assert found.n_invited == 19


def test_fewer_than_five_in_all_are_refused() -> None:
    found = plan(n_by_unit={"B1": 4})
    assert not found.may_launch
    assert "kjennes igjen" in said(found.refusals)
    assert not found.segments


def test_nobody_invited_is_allowed_and_said() -> None:
    assert plan(n_by_unit={}).may_launch
    assert "innlesing" in said(plan(n_by_unit={}).warnings)
    assert "åpen lenke" in said(plan(n_by_unit={}, open_link=True).warnings)


@pytest.mark.parametrize("type_", [ItemType.INTEGER, ItemType.DECIMAL, ItemType.DATE, ItemType.TEXT])
def test_background_that_is_not_one_choice_is_refused(type_: ItemType) -> None:
    background = Item("age", type_, words("Alder"), role=ItemRole.BACKGROUND)
    assert "age" in said(plan(asked(background)).refusals)
    assert plan(asked(replace(background, role=None))).may_launch


@pytest.mark.parametrize("type_", [ItemType.UPLOAD, ItemType.GEOPOINT])
def test_files_and_places_are_refused(type_: ItemType) -> None:
    found = plan(asked(Item("telling", type_, words("Hvor er du?"))))
    assert not found.may_launch
    assert "«telling»" in said(found.refusals)


def test_bins_are_told_before_a_launch_and_never_open_the_way_for_background() -> None:
    binned = Item("age", ItemType.INTEGER, words("Alder"), bins="18 67")
    found = plan(asked(binned))
    assert found.may_launch
    assert "under 18, 18–66, 67 eller mer" in said(found.warnings)
    assert not plan(asked(replace(binned, role=ItemRole.BACKGROUND))).may_launch


@pytest.mark.parametrize(("n", "is_refused"), [(8, False), (9, True)])
def test_background_has_at_most_eight_groups(n: int, is_refused: bool) -> None:
    groups = CodeList("groups", tuple(Category(str(i), words(f"Gruppe {i}")) for i in range(n)))
    item = select_one("group", "groups", role=ItemRole.BACKGROUND)
    assert plan(asked(item, code_lists={"groups": groups})).may_launch is not is_refused


def test_a_unit_item_of_an_open_link_names_units_of_the_wave() -> None:
    places = CodeList("places", (Category("B1", words("Solbakken")), Category("X9", words("Ukjent"))))
    questionnaire = asked(select_one("place", "places", role=ItemRole.UNIT), code_lists={"places": places})
    assert "X9" in said(plan(questionnaire, open_link=True).refusals)
    assert plan(questionnaire).may_launch


def test_people_outside_the_wave_are_refused() -> None:
    found = plan(n_by_unit={"B1": 9, "S1": 1}, askable=frozenset({"OPP", "B1", "B2"}))
    assert "S1" in said(found.refusals)


def test_an_empty_questionnaire_or_tree_is_refused() -> None:
    assert not plan(replace(employee_questionnaire(), pages=())).may_launch
    assert not plan(tree=UnitTree.of([]), n_by_unit={}).may_launch


def test_what_one_should_know_is_said() -> None:
    whole = employee_questionnaire()
    untranslated = replace(whole, languages=(*whole.languages, "pl"))
    found = plan(
        untranslated, is_frozen=False, n_letters=3, mail_is_sent=False, closes=TODAY.replace(year=2020)
    )
    text = said(found.warnings)
    for word in ("utkast", "pl", "uten e-post: 3", "E-post er ikke satt opp", "passert"):
        assert word in text
    assert [problem.params for problem in plan().warnings] == [{"item": "years"}]


def options(n: int) -> CodeList:
    return CodeList("many", tuple(Category(f"c{i}", words(f"Valg {i}")) for i in range(n)))


def test_more_options_than_an_opened_answer_can_tell_apart_are_refused() -> None:
    item = select_one("country", "many")
    assert plan(asked(item, code_lists={"many": options(128)})).may_launch
    found = plan(asked(item, code_lists={"many": options(129)}))
    assert "«country» har 129 svaralternativer" in said(found.refusals)


def scale_of(n: int, *scores: str) -> Questionnaire:
    points = CodeList("points", tuple(Category(f"c{s}", words(s), score=Decimal(s)) for s in scores))
    items = tuple(select_one(f"s{i}", "points", scale="big") for i in range(n))
    whole = asked(*items, code_lists={"points": points})
    return replace(whole, scales=(Scale("big", words("Stor"), tuple(item.name for item in items)),))


def test_a_scale_that_could_not_be_counted_is_refused() -> None:
    assert plan(scale_of(36, "1", "2", "3", "4", "5")).may_launch
    for wrong in (scale_of(60, "1", "2", "3"), scale_of(30, "1", "1.000137", "1.71", "3")):
        assert "Skalaen «big»" in said(plan(wrong).refusals)
