"""A small form for each section of the XLSForm reference: taken and answered, or refused in words."""

import pytest

from surveyor.errors import InvalidInput
from surveyor.instruments.export import export_file
from surveyor.instruments.tryout import try_out
from surveyor.instruments.xlsform import read_xlsform

CHOICES = """
| choices | | | |
| | list_name | name | label | county |
| | yn | yes | Ja | |
| | yn | no | Nei | |
| | county | a | Agder | |
| | county | t | Troms | |
| | town | kr | Kristiansand | a |
| | town | tr | Tromsø | t |
"""
TAKEN = {
    "gps": "type | name | label | body::accuracyThreshold\ngeopoint | gps | Hvor? | 1.5",
    "one of many": "type | name | label\nselect_one yn | a | Liker du pizza?",
    "many of many": "type | name | label\nselect_multiple yn | a | Hva liker du?",
    "specify other": "type | name | label\nselect_multiple yn or_other | a | Hva liker du?",
    "rank": "type | name | label\nrank county | a | Hvor helst?",
    "range": "type | name | label | parameters\nrange | a | Hvor mye? | start=0 end=17 step=1",
    "rating": "type | name | label | appearance | parameters\nrange | a | Stjerner | rating | start=1 end=5",
    "image": "type | name | label | parameters\nimage | a | Bilde | max-pixels=1000",
    "audio quality": "type | name | label | parameters\naudio | a | Lyd | quality=voice-only",
    "file": "type | name | label | body::accept\nfile | a | Fil | application/pdf, .doc",
    "randomised": "type | name | label | parameters\nselect_one county | a | Hvor? | randomize=true, seed=42",
    "metadata": "type | name | label\nstart | start |\nend | end |\ntoday | today |\ndeviceid | d |\n"
    "username | u |\nphonenumber | p |\naudit | audit |\ntext | a | Hva?",
    "hints": "type | name | label | hint | guidance_hint\ntext | a | Hva? | Kort | Mer om dette",
    "formulas": "type | name | label | calculation\ninteger | a | Pris |\ncalculate | tip | | ${a} * 0.18\n"
    "note | n | Det blir ${tip} |",
    "constraint": "type | name | label | constraint | constraint_message\n"
    "integer | age | Alder? | . <= 150 and . > 0 | Høyst 150",
    "relevant": "type | name | label | relevant\nselect_one yn | a | Spiser du pizza?\n"
    "text | b | Hvilken? | ${a} = 'yes'\nselect_multiple yn | c | Mer | selected(${a}, 'no')",
    "required": "type | name | label | required | required_message\ntext | a | Hva? | yes | Skriv noe",
    "group": "type | name | label\nbegin group | g | Gruppe\ntext | a | A\nend group | |\ntext | b | B",
    "group in group": "type | name | label\nbegin group | g | G\ntext | a | A\nbegin group | h | H\n"
    "integer | b | B\nend group | |\nend group | |",
    "group with a condition": "type | name | label | relevant\ninteger | age | Alder |\n"
    "begin group | child | Barn | ${age} < 5\nselect_one yn | muac | Målt? |\nend group | | |",
    "repeat": "type | name | label\nbegin repeat | child | Barn\ntext | name | Navn\nend repeat | |",
    "repeat a fixed number of times": "type | name | label | repeat_count\nbegin repeat | c | Barn | 3\n"
    "text | name | Navn |\nend repeat | | |",
    "repeat as often as answered": "type | name | label | repeat_count\ninteger | n | Hvor mange? |\n"
    "begin repeat | c | Barn | ${n}\ntext | name | Navn |\nend repeat | | |",
    "languages": "type | name | label::Norsk (nb) | label::English (en) | hint::English (en)\n"
    "integer | age | Alder? | Age? | In years",
    "media": "type | name | label | media::image | media::video\ntext | a | Hva? | a.jpg | b.mp4",
    "cascade": "type | name | label | choice_filter\nselect_one county | c | Fylke |\n"
    "select_one town | t | By | county = ${c}",
    "default": "type | name | label | default\ndate | d | Dag | 2010-06-15\ntext | t | Tekst | hei",
    "dynamic default": "type | name | label | default\ndate | d | Dag | today()\ntext | t | Id | uuid()",
    "read only": "type | name | label | read_only | default\ninteger | a | Tall | yes | 10\ntext | b | B | |",
    "trigger": "type | name | label | calculation | trigger\ninteger | a | Tall | |\n"
    "dateTime | when | Når | now() | ${a}",
    "appearances": "type | name | label | appearance\ntext | a | A | multiline\n"
    "select_one yn | b | B | minimal\n"
    "select_one yn | c | C | quick\ndate | d | D | month-year\ntext | e | E | numbers",
    "grid theme": "type | name | label | appearance\nbegin group | g | G | w4\n"
    "text | a | A | w2\nend group | | |",
    "one screen": "type | name | label | appearance\nbegin group | g | G | field-list\ntext | a | A |\n"
    "integer | b | B |\nend group | | |",
    "disabled rows": "type | name | label | disabled\ntext | a | A | yes\ntext | b | B |",
    "lines and shapes": "type | name | label\ngeotrace | a | Vei\ngeoshape | b | Flate\ntext | c | C",
    "barcode and acknowledge": "type | name | label\nbarcode | a | Kode\nacknowledge | b | Lest",
    "external xml": "type | name | label\nxml-external | fruits |\ntext | a | A",
    "hidden": "type | name | label | default\nhidden | v | | 1\ntext | a | A |",
    "once and random": "type | name | label | calculation\ncalculate | r | | once(random())\ntext | a | A |",
}
REFUSED = {
    "answers from a file that is not there": "type | name | label\nselect_one_from_file towns.csv | a | By",
    "a list from a repeat": "type | name | label\nselect_one ${child} | a | Hvilket barn?",
    "old cascades": "type | name | label\ncascading_select town | a | By",
    "a table that is not there": "type | name | label | calculation\n"
    "calculate | c | | pulldata('fruits', 'name', 'key', 'mango')\ntext | a | A |",
    "a path": "type | name | label | relevant\ntext | a | A |\ntext | b | B | /data/a = 'x'",
}


def form(rows: str) -> bytes:
    """A markdown form of a heading and rows."""
    lines = "".join(f"| | {row} |\n" for row in rows.splitlines())
    return f"| survey |\n{lines}{CHOICES}".encode()


@pytest.mark.parametrize("section", TAKEN)
def test_is_taken_and_answered_to_the_end(section: str) -> None:
    found = read_xlsform(form(TAKEN[section]), filename="form.md", code="form")
    tried = try_out(found.questionnaire, times=30)
    assert (tried.dead_ends, tried.n_finished) == ({}, 30)
    assert all(str(notice) for notice in found.notices)
    for kind in ("md", "xlsx"):
        name, content = export_file(found.questionnaire, kind=kind)
        assert read_xlsform(content, filename=name).questionnaire.hash == found.questionnaire.hash


@pytest.mark.parametrize("section", REFUSED)
def test_is_refused_with_its_row(section: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_xlsform(form(REFUSED[section]), filename="form.md", code="form")
    assert any(problem.sheet == "survey" and problem.row for problem in refused.value.problems)
