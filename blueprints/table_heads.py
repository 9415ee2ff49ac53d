"""Tables on phones: each cell bears the heading of its column, so that a row can be read as a card."""

import re

from markupsafe import Markup, escape

CARDS_FROM = 3  # columns; fewer find room beside one another on any screen
HEAD = re.compile(r'<th scope="col"[^>]*>(.*?)</th>', re.DOTALL)
UNSEEN = re.compile(r'\s*<span class="ds-sr-only">[^<]*</span>\s*')
BREAK = re.compile(r"<br>\s*")
ROW = re.compile(r"<tr[^>]*>.*?</tr>", re.DOTALL)
CELL = re.compile(r"<(t[hd])\b([^>]*)>(.*?)</\1>", re.DOTALL)


def column_heads(table: str) -> list[str]:
    """The headings of a table written out, in words; empty where only a screen reader is told."""
    head = str(escape(table)).partition("</thead>")[0]
    return ["" if UNSEEN.fullmatch(one) else _words(one) for one in HEAD.findall(head)]


def headed(table: str) -> Markup:
    """The same table, each cell of its body with the heading of its column as data-th."""
    heads = column_heads(table)
    head, end, body = str(escape(table)).partition("</thead>")
    return Markup(head + end + ROW.sub(lambda row: _row(row[0], heads), body))


def _row(row: str, heads: list[str]) -> str:
    left = iter(heads)
    return CELL.sub(lambda cell: _cell(cell, next(left, "")), row)


def _cell(cell: re.Match[str], head: str) -> str:
    kind, attributes, inside = cell[1], cell[2], cell[3].strip()
    if kind == "th" or not inside:
        return f"<{kind}{attributes}>{inside}</{kind}>"
    words = f' data-th="{escape(head)}"' if head else ""
    return f"<td{attributes}{words}><div>{inside}</div></td>"


def _words(head: str) -> str:
    return Markup(BREAK.sub(", ", head)).striptags()
