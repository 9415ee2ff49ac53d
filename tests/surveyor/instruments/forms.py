"""Small XLSForm files for tests, written as markdown tables."""

import io
import zipfile
from functools import cache
from pathlib import Path

from surveyor.instruments.routing import shown_on, state
from surveyor.instruments.spec import Answers, Page, Questionnaire
from surveyor.instruments.xlsform import Imported, read_xlsform

CHOICES = """
| choices |
| | list_name | name | label::Norsk bokmål (nb) | label::English (en) | missing | score |
| | agree | 1 | Uenig | Disagree | | |
| | agree | 2 | Verken eller | Neither | | |
| | agree | 3 | Enig | Agree | | |
| | agree | 9 | Vet ikke | Don't know | yes | |
| | status | yes | Ja | Yes | | 2 |
| | status | no | Nei | No | | 0 |
| | colour | red | Rød | Red | | |
| | colour | blue | Blå | Blue | | |
"""
WHOLE = Path(__file__).with_name("whole.md").read_text("utf-8")
TRIAL = Path(__file__).with_name("trial.md").read_text("utf-8")


def imported(markdown: str, code: str | None = "trial") -> Imported:
    """A markdown form read in."""
    return read_xlsform(markdown.encode(), filename="trial.md", code=code)


def trial() -> Questionnaire:
    """Five pages with a grid, conditions, a calculation and every type of answer."""
    return imported(TRIAL).questionnaire


def survey(*rows: str, columns: str = "type | name | label") -> str:
    """A survey sheet of rows written as cells, with the choices above."""
    head = f"| survey |\n| | {columns} |\n"
    return head + "".join(f"| | {row} |\n" for row in rows) + CHOICES


def asked_items(questionnaire: Questionnaire, page: Page, answers: Answers) -> frozenset[str]:
    """Names of the items shown on a page given these answers, notes too."""
    return shown_on(page, state(questionnaire, answers))


@cache
def whole() -> Questionnaire:
    """Every kind of row: repeated groups, a cascade, a ranking, values drawn and worked out."""
    return imported(WHOLE, code=None).questionnaire


def form_with_table(csv: str | None) -> bytes:
    """A form that takes its answers from a table, with the table."""
    rows = (
        "select_one_from_file Towns.csv | t | By | ${c} = '' or county = ${c} |", "text | c | Fylke | |",
        "calculate | size | | | pulldata('towns', 'people', 'name', ${t})",
    )  # fmt: skip
    text = survey(*rows, columns="type | name | label | choice_filter | calculation")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("form.md", text)
        if csv is not None:
            archive.writestr("Towns.csv", csv)
    return buffer.getvalue()
