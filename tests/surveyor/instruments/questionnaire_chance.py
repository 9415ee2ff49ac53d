"""Small questionnaires drawn at random: conditions, values, checks and a cascade across three pages."""

from random import Random
from typing import Any

from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Category, CodeList, Item, Page, Questionnaire
from tests.surveyor.instruments.expression_chance import VALUES, chance_expression

CODES = ("red", "blue", "1", "7")
LIST = CodeList("list", tuple(Category(code, {"nb": code}, columns={"kind": code[0]}) for code in CODES))
FILTERS = ("kind = substr(${%s}, 0, 1)", "name != ${%s}", "selected(${%s}, name) or kind = '1'")


def chance_questionnaire(chance: Random) -> Questionnaire:
    """Pages p0, p1 and p2; everything reads what comes before it, so there is no ring."""
    known: list[str] = []
    pages = tuple(_page(chance, f"p{n}", known) for n in range(3))
    return Questionnaire(
        "chance", {"nb": "C"}, ("nb",), "nb", pages, {"list": LIST}, settings={"id": str(chance.random())}
    )


def _page(chance: Random, name: str, known: list[str]) -> Page:
    relevant = chance_expression(chance, tuple(known), 2) if known and chance.random() < 0.3 else ""
    items = []
    for n in range(chance.randint(2, 6)):
        items.append(_item(chance, f"{name}q{n}", name, tuple(known)))
        known.append(items[-1].name)
    return Page(name, {"nb": name}, relevant, tuple(items))


def _item(chance: Random, name: str, page: str, known: tuple[str, ...]) -> Item:
    kind = chance.choice(
        (ItemType.TEXT, ItemType.TEXT, ItemType.SELECT_ONE, ItemType.SELECT_MULTIPLE, ItemType.CALCULATE)
    )
    fields: dict[str, Any] = {"page": page, "label": {"nb": name}}
    if known and chance.random() < 0.5:
        fields["relevant"] = chance_expression(chance, known, 2)
    if kind is ItemType.CALCULATE:
        return Item(name, kind, calculation=chance_expression(chance, known, 3) if known else "'x'", **fields)
    if chance.random() < 0.3:
        fields["required"] = chance_expression(chance, known, 1) if known else "true()"
    if chance.random() < 0.4:
        fields["constraint"] = chance_expression(chance, known or (name,), 2) + " or . != 'x'"
    if kind is not ItemType.TEXT:
        fields["code_list"] = "list"
        if known and chance.random() < 0.5:
            fields["choice_filter"] = chance.choice(FILTERS) % chance.choice(known)
    return Item(name, kind, **fields)


def chance_answers(chance: Random, questionnaire: Questionnaire) -> dict[str, str]:
    found = {}
    for item in questionnaire.items:
        if chance.random() < 0.75:
            codes = chance.sample(CODES, 1 if item.type is ItemType.SELECT_ONE else chance.randint(1, 3))
            value = chance.choice(VALUES).strip() if item.type is ItemType.TEXT else " ".join(codes)
            if value:
                found[item.name] = value
    return found
