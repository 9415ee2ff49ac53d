"""The paper form: numbers, keys, conditions and jumps in words, and a tagged PDF in every language."""

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.paper.keys import keyed_options, stored_value, typed_value
from surveyor.instruments.paper.printing import Cover, blank_cover, paper_pdf
from surveyor.instruments.paper.sheet import Battery, Sheet, printed_items, sheet
from surveyor.instruments.paper.wording import WORDS
from surveyor.instruments.queries import catalogue
from surveyor.instruments.spec import Category, CodeList, Item, Page, Questionnaire
from surveyor.instruments.tryout import random_answers
from surveyor.instruments.xlsform import read_xlsform

CATALOGUE = {each.code: each for each in catalogue()}
YES_NO = CodeList("yn", (Category("yes", {"nb": "Ja"}), Category("no", {"nb": "Nei"})))
DISHES = CodeList("dish", tuple(Category(code, {"nb": code.title()}) for code in ("fish", "meat", "none")))


def asking(*items: Item, relevant: str = "", last: bool = True) -> Questionnaire:
    """A yes/no question and several dishes on one page; `items` on the next; a text at the end."""
    begin = (
        Item("car", ItemType.SELECT_ONE, {"nb": "Har du bil?"}, code_list="yn", page="p1"),
        Item("dish", ItemType.SELECT_MULTIPLE, {"nb": "Retter?"}, code_list="dish", page="p1"),
        Item("years", ItemType.INTEGER, {"nb": "Alder"}, page="p1"),
    )
    end = (Item("end", ItemType.TEXT, {"nb": "Noe mer?"}, page="p3", role=ItemRole.OPEN),) if last else ()
    pages = (
        Page("p1", nodes=begin),
        Page("p2", relevant=relevant, nodes=tuple(replace(item, page="p2") for item in items)),
        Page("p3", nodes=end),
    )
    return Questionnaire("prøve", {"nb": "Prøve"}, ("nb",), "nb", pages, {"yn": YES_NO, "dish": DISHES})


def text_item(name: str = "q", relevant: str = "") -> Item:
    return Item(name, ItemType.TEXT, {"nb": name}, relevant=relevant)


def condition(relevant: str) -> str:
    laid_out = sheet(asking(text_item(relevant=relevant)), "nb")
    return next(each.condition for each in laid_out.questions if each.name == "q")


@pytest.mark.parametrize(
    ("relevant", "words"),
    [
        ("${car} = 'no'", "Bare hvis du svarte «Nei» på spørsmål 1."),
        ("'no' = ${car}", "Bare hvis du svarte «Nei» på spørsmål 1."),
        ("${car} != 'no'", "Bare hvis du ikke svarte «Nei» på spørsmål 1."),
        ("not(${car} = 'no')", "Bare hvis du ikke svarte «Nei» på spørsmål 1."),
        ("selected(${car}, 'yes')", "Bare hvis du svarte «Ja» på spørsmål 1."),
        ("selected(${dish}, 'fish')", "Bare hvis du krysset av for «Fish» i spørsmål 2."),
        ("not(selected(${dish}, 'fish'))", "Bare hvis du ikke krysset av for «Fish» i spørsmål 2."),
        ("${car} = 'no' or ${car} = 'yes'", "Bare hvis du svarte «Nei» eller «Ja» på spørsmål 1."),
        (
            "${car} = 'yes' and ${years} >= 18",
            "Bare hvis du svarte «Ja» på spørsmål 1 og svaret på spørsmål 3 er 18 eller mer.",
        ),
        ("18 < ${years}", "Bare hvis svaret på spørsmål 3 er mer enn 18."),
        ("${years} < 2.5", "Bare hvis svaret på spørsmål 3 er mindre enn 2,5."),
        ("${car} != ''", "Bare hvis du svarte på spørsmål 1."),
        ("${car} = ''", "Bare hvis du ikke svarte på spørsmål 1."),
        ("true()", ""),
        (
            "${car} != 'no' or ${car} != 'yes'",  # «ikke a eller b» would say something else
            "Gjelder ikke alle. Om du skal svare her, kommer an på svaret på spørsmål 1.",
        ),
        (
            "${car} = 'yes' and (${years} > 3 or selected(${dish}, 'meat'))",
            "Gjelder ikke alle. Om du skal svare her, kommer an på svaret på spørsmål 1, 2 og 3.",
        ),
        ("today() > '2026-01-01'", "Gjelder ikke alle. Hopp over det som ikke passer for deg."),
    ],
)
def test_conditions_in_plain_words(relevant: str, words: str) -> None:
    assert condition(relevant) == words


def jumps(questionnaire: Questionnaire) -> tuple[str, ...]:
    return next(each.jumps for each in sheet(questionnaire, "nb").questions if each.name == "car")


def test_who_skips_more_than_one_question_is_told_where_to_go() -> None:
    near = (text_item("a", "${car} = 'yes'"), text_item("b", "${car} = 'yes'"))
    between = [Page("p1", nodes=(asking().pages[0].nodes[0],))]
    straight = replace(asking(*near), pages=(*between, *asking(*near).pages[1:]))
    assert jumps(straight) == ("Svarte du «Nei»? Gå til spørsmål 4.",)
    at_end = replace(asking(*near, last=False), pages=(*between, asking(*near, last=False).pages[1]))
    assert jumps(at_end) == ("Svarte du «Nei»? Da er du ferdig.",)
    by_page = asking(text_item("a"), text_item("b"), relevant="${car} = 'yes'")
    by_page = replace(by_page, pages=(*between, *by_page.pages[1:]))
    assert jumps(by_page) == ("Svarte du «Nei»? Gå til spørsmål 4.",)
    assert jumps(asking(*near)) == ()  # a question for everybody stands between


def test_the_catalogue_has_jumps_where_it_ought_to() -> None:
    laid_out = sheet(CATALOGUE["conference"], "nb")
    [asked] = [each for each in laid_out.questions if each.jumps]
    assert asked.jumps == ("Svarte du «På nett»? Gå til spørsmål 9.",)


def test_neighbours_with_equal_answers_share_a_table_and_conditions_do_not_hide_in_it() -> None:
    kinds = {code: [part.kind for part in parts(sheet(each, "nb"))] for code, each in CATALOGUE.items()}
    assert kinds["gathering"] == ["battery", "lines", "lines"]
    assert "battery" not in kinds["audit_followup"]  # every second question has a condition


def parts(laid_out: Sheet) -> list[object]:
    return [part for section in laid_out.sections for part in section.parts]


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_question_is_printed_once_and_numbered_without_a_gap(code: str) -> None:
    questionnaire = CATALOGUE[code]
    laid_out = sheet(questionnaire, "nb")
    names = [each.name for each in laid_out.questions]
    assert names == [item.name for item in printed_items(questionnaire)]
    assert [each.number for each in laid_out.questions] == [str(n) for n in range(1, len(names) + 1)]
    for part in parts(laid_out):
        if isinstance(part, Battery):
            lists = {questionnaire.item(row.name).code_list for row in part.rows}
            assert len(lists) == 1


@pytest.mark.parametrize("code", CATALOGUE)
def test_what_is_typed_is_what_was_answered(code: str) -> None:
    questionnaire = CATALOGUE[code]
    drawn = random.Random(7)
    for _ in range(30):
        answers, _stuck = random_answers(questionnaire, drawn)
        for item in printed_items(questionnaire):
            if stored := answers.get(item.name, ""):
                typed = typed_value(questionnaire, item, stored)
                same = sorted if item.type is ItemType.SELECT_MULTIPLE else list
                assert same(stored_value(questionnaire, item, typed).split()) == same(stored.split())


@given(st.sampled_from(sorted(CATALOGUE)), st.text(max_size=12), st.integers(0, 40))
@settings(max_examples=150)
def test_whatever_is_typed_is_read_or_comes_back(code: str, typed: str, place: int) -> None:
    items = printed_items(CATALOGUE[code])
    item = items[place % len(items)]
    stored = stored_value(CATALOGUE[code], item, typed)
    assert isinstance(stored, str)
    assert isinstance(typed_value(CATALOGUE[code], item, stored), str)


def test_keys_are_the_codes_where_these_are_numbers() -> None:
    keys = {
        code: [each.key for each in keyed_options(CATALOGUE[code], _first_choice(CATALOGUE[code]))]
        for code in ("citizen", "audit_followup", "risk_round")
    }
    assert keys == {
        "citizen": ["1", "2", "3", "4", "5", "6", "9"],
        "audit_followup": ["1", "2", "3", "4"],
        "risk_round": [*map(str, range(1, 11)), "A"],
    }


def _first_choice(questionnaire: Questionnaire) -> Item:
    return next(item for item in questionnaire.items if item.type is ItemType.SELECT_ONE)


@pytest.mark.parametrize(
    ("name", "typed", "stored"),
    [
        ("car", "1", "yes"), ("car", "JA", "yes"), ("car", "no", "no"), ("car", "3", "3"),
        ("dish", "13", "fish none"), ("dish", "3, 1", "fish none"), ("dish", "19", "19"),
        ("years", " 1 200 ", "1200"), ("years", "", ""),
    ],
)  # fmt: skip
def test_keys_codes_and_labels_are_understood(name: str, typed: str, stored: str) -> None:
    questionnaire = asking()
    found = stored_value(questionnaire, questionnaire.item(name), typed)
    assert found == stored


def test_a_ranking_is_typed_as_it_stands_on_the_paper() -> None:
    questionnaire = CATALOGUE["conference"]
    item = next(item for item in questionnaire.items if item.type is ItemType.RANK)
    assert stored_value(questionnaire, item, "2 1 3") == "b a c"
    assert stored_value(questionnaire, item, "213") == "b a c"
    assert typed_value(questionnaire, item, "b a c") == "2 1 3"
    assert stored_value(questionnaire, item, "1 1 2") != "a b c"


def test_dates_and_numbers_are_typed_as_people_write_them() -> None:
    questionnaire = asking(Item("day", ItemType.DATE), Item("km", ItemType.DECIMAL))
    day, km = questionnaire.item("day"), questionnaire.item("km")
    assert stored_value(questionnaire, day, "1.2.2026") == "2026-02-01"
    assert typed_value(questionnaire, day, "2026-02-01") == "01.02.2026"
    assert stored_value(questionnaire, km, "2,5") == "2.5"
    assert typed_value(questionnaire, km, "2.5") == "2,5"


def test_the_fixed_words_are_complete_in_every_language() -> None:
    assert WORDS["nb"].keys() == WORDS["nn"].keys() == WORDS["en"].keys()
    for key, words in WORDS["nb"].items():
        for language in WORDS:
            assert _places(WORDS[language][key]) == _places(words), (key, language)


def _places(words: str) -> list[str]:
    return sorted(re.findall(r"%\((\w+)\)s", words))


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_catalogue_form_is_a_tagged_pdf(language: str) -> None:
    for code, questionnaire in CATALOGUE.items():
        cover = blank_cover(questionnaire, sender="Fjordvik kommune", language=language)
        pdf = paper_pdf(questionnaire, cover=cover, language=language)
        assert pdf.startswith(b"%PDF"), code
        assert b"/StructTreeRoot" in pdf, "a screen reader finds headings and tables"
        assert pdf == paper_pdf(questionnaire, cover=cover, language=language), "equal forms are equal files"


def test_what_an_author_wrote_is_never_read_as_markup() -> None:
    evil = '#panic("x") *fet* $x$ <a> @b `c` \\ // " «»'
    made = asking(Item("q", ItemType.SELECT_ONE, {"nb": evil}, {"nb": evil}, code_list="yn"))
    lists = {**made.code_lists, "yn": CodeList("yn", (Category("yes", {"nb": evil}),))}
    questionnaire = replace(made, title={"nb": evil}, code_lists=lists)
    pdf = paper_pdf(
        questionnaire, cover=blank_cover(questionnaire, sender=evil, language="nb"), language="nb"
    )
    assert pdf.startswith(b"%PDF")


EVERYTHING = """
| survey | | | | | | | |
| | type | name | label | hint | repeat_count | appearance | parameters |
| | text | a | Tekst | Et hint | | | |
| | date | b | Dato | | | | |
| | time | c | Klokke | | | | |
| | dateTime | d | Begge | | | | |
| | decimal | e | Tall | | | | |
| | range | f | Fra til | | | | start=0 end=10 step=1 |
| | geopoint | g | Sted | | | | |
| | select_one big | h | Kommune | | | | |
| | rank few | i | Rangering | | | | |
| | begin_repeat | kids | Barn | | | | |
| | text | kid | Navn på ${a} | | | | |
| | end_repeat | | | | | | |
| | note | n | Takk | | | | |

| choices | | | |
| | list_name | name | label |
"""


def everything() -> Questionnaire:
    rows = "".join(f"| | big | k{n} | Kommune {n} |\n" for n in range(40))
    rows += "".join(f"| | few | f{n} | Valg {n} |\n" for n in range(3))
    return read_xlsform((EVERYTHING.rstrip() + "\n" + rows).encode(), filename="alt.md").questionnaire


def test_every_type_of_question_has_its_place_on_paper() -> None:
    questionnaire = everything()
    language = questionnaire.default_language
    laid_out = sheet(questionnaire, language)
    kinds = {each.name: each.kind for each in laid_out.questions}
    assert {kinds[name] for name in "abcdefghi"} == {
        "line", "date", "time", "datetime", "number", "range", "point", "rank",
    }  # fmt: skip
    assert [name for name in kinds if name.startswith("kid")] == ["kid", "kid~2", "kid~3"]
    assert next(each.label for each in laid_out.questions if each.name == "kid").endswith("1]")
    cover = blank_cover(questionnaire, sender="x", language=language)
    assert paper_pdf(questionnaire, cover=cover, language=language).startswith(b"%PDF")


@pytest.mark.parametrize("title", ["Hei 😀", "مرحبا", "漢字", "a\0b"])
def test_a_sign_no_font_has_does_not_stop_the_print(title: str) -> None:
    cover = Cover("Fjordvik kommune", title)
    assert paper_pdf(CATALOGUE["pulse"], cover=cover, language="nb").startswith(b"%PDF")
