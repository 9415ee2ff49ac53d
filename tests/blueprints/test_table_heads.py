"""The rows of a table become cards on a phone: each cell bears the heading of its column."""

from flask import Flask, render_template_string
from markupsafe import Markup

from blueprints.table_heads import column_heads, headed

HEAD = Markup(
    '<thead><tr><th scope="col">Enhet</th>'
    '<th scope="col" class="num">Sykefravær<br><small>%, &lt;5</small></th>'
    '<th scope="col"><span class="ds-sr-only">Endre</span></th></tr></thead>'
)
ROW = Markup(
    '<tbody><tr><th scope="row">A</th><td class="num">4,5</td><td><a href="/x">Endre</a></td></tr></tbody>'
)


def test_headings_are_read_as_words() -> None:
    assert column_heads(HEAD + ROW) == ["Enhet", "Sykefravær, %, <5", ""]
    assert column_heads(ROW) == []


def test_each_cell_bears_its_heading_where_it_is_seen() -> None:
    written = headed(HEAD + ROW)
    assert written.startswith(HEAD)
    assert '<td class="num" data-th="Sykefravær, %, &lt;5"><div>4,5</div></td>' in written
    assert '<td><div><a href="/x">Endre</a></div></td>' in written
    assert '<th scope="row">A</th>' in written


def test_nothing_stays_nothing() -> None:
    assert "<td></td>" in headed(HEAD + Markup('<tbody><tr><th scope="row">A</th><td> </td></tr></tbody>'))


def test_a_heading_cannot_break_out_of_its_attribute() -> None:
    head = Markup('<thead><tr><th scope="col">A</th><th scope="col">&#34; onclick=&#34;x</th></tr></thead>')
    assert 'data-th="&#34; onclick=&#34;x"' in headed(head + Markup("<tr><td>1</td><td>2</td></tr>"))


def test_what_is_not_marked_up_is_escaped() -> None:
    assert "<script>" not in headed("</thead><tr><td><script></td></tr>")


def test_only_wide_tables_are_cards(app: Flask) -> None:
    call = '{%% from "_tables.html" import table %%}{%% call table("t", "T") %%}%s{%% endcall %%}'
    narrow = HEAD.replace('<th scope="col"><span class="ds-sr-only">Endre</span></th>', "")
    with app.test_request_context("/"):
        wide = render_template_string(call % (HEAD + ROW))
        assert 'class="sv-scroll sv-stacked"' in wide
        assert "&lt;td" not in wide
        assert "data-th" not in render_template_string(call % (narrow + ROW))
