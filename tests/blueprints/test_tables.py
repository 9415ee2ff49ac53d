"""Tables: a heading is written once, and stands on each cell below it where rows become cards on a phone."""

import pytest
from flask import Flask, render_template_string
from lxml import html

TABLE = """{% from "_tables.html" import table %}
{%- call(td) table("t", "T", columns, **options) %}<tbody>
{%- for row in rows %}<tr>{% for cell in row %}
{%- if loop.index0 == head %}<th scope="row">{{ cell }}</th>{% else %}<td{{ td() }}>{{ cell }}</td>
{%- endif %}{% endfor %}</tr>{% endfor %}</tbody>{% endcall %}"""
UNSAFE = '" onclick="x<b>'


def written(
    app: Flask, columns: list[object], *, head: int | None = 0, **options: object
) -> html.HtmlElement:
    rows = [[f"{row}{column}" for column in range(len(columns))] for row in "ab"]
    with app.test_request_context("/"):
        page = render_template_string(TABLE, columns=columns, rows=rows, head=head, options=options)
    return html.fromstring(page)


def test_each_cell_bears_class_and_heading_of_its_column(app: Flask) -> None:
    found = written(app, ["Enhet", ("Svar <5", "num"), ("Endre", "unseen"), UNSAFE])
    assert [th.get("class") for th in found.findall(".//thead//th")] == [None, "num", None, None]
    for row in found.findall(".//tbody/tr"):
        assert [dict(td.attrib) for td in row.findall("td")] == [
            {"class": "num", "data-th": "Svar <5"}, {}, {"data-th": '" onclick="x'},
        ]  # fmt: skip
    assert found.get("class") == "sv-scroll sv-stacked"


@pytest.mark.parametrize(("head", "headings"), [(2, ["A", "B"]), (None, ["A", "B", "C"])])
def test_the_head_of_a_row_may_stand_elsewhere_or_nowhere(
    app: Flask, head: int | None, headings: list[str]
) -> None:
    found = written(app, ["A", "B", "C"], head=head, row_head=head)
    for row in found.findall(".//tbody/tr"):
        assert [td.get("data-th") for td in row.findall("td")] == headings


def test_two_columns_stay_a_table(app: Flask) -> None:
    found = written(app, ["A", ("B", "num")])
    assert [td.get("data-th") for td in found.iter("td")] == [None, None]
    assert "sv-stacked" not in found.get("class", "")
    assert [td.get("class") for td in found.iter("td")] == ["num", "num"]
