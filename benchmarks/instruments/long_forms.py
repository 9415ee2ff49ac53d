"""Questionnaires of any length with conditions, and what one answered page of them costs."""

import random
import statistics
import time
from collections.abc import Callable

from werkzeug.datastructures import MultiDict

from forms.answers import PageForm, page_form_class
from surveyor.instruments.export import export_file
from surveyor.instruments.routing import next_page, progress
from surveyor.instruments.spec import Questionnaire
from surveyor.instruments.tryout import random_answers
from surveyor.instruments.xlsform import read_xlsform

PER_PAGE = 20
_HEAD = "| survey |\n| | type | name | label | relevant | constraint |\n"
_CHOICES = "| choices |\n| | list_name | name | label |\n" + "".join(
    f"| | agree | {n} | Svar {n} |\n" for n in range(1, 6)
)


def long_form(n_items: int) -> Questionnaire:
    """Pages of twenty; every tenth question hangs on the one before it, every page on the page before it."""
    rows = []
    for page in range(n_items // PER_PAGE):
        condition = f"${{i{page * PER_PAGE - 1}}} != 5" if page else ""
        rows.append(f"| | begin_group | p{page} | Side {page} | {condition} | |")
        for number in range(page * PER_PAGE, (page + 1) * PER_PAGE):
            relevant = f"${{i{number - 1}}} = 3" if number % 10 == 5 else ""
            rows.append(f"| | select_one agree | i{number} | Påstand nummer {number} | {relevant} | |")
        rows.append("| | end_group | | | | |")
    text = _HEAD + "\n".join(rows) + "\n\n" + _CHOICES
    return read_xlsform(text.encode(), filename="long.md").questionnaire


def import_seconds(n_items: int) -> float:
    """What reading an .xlsx of so many items takes."""
    _, content = export_file(long_form(n_items), kind="xlsx")
    return _seconds(lambda: read_xlsform(content, filename="long.xlsx"))


def page_seconds(questionnaire: Questionnaire, draw: Callable[[PageForm], object], n: int = 60) -> float:
    """The median time of binding, judging, drawing and leaving one page, with every answer there."""
    answers, _ = random_answers(questionnaire, random.Random(1))
    page = questionnaire.pages[0]
    posted = MultiDict({f"q-{item.name}": answers.get(item.name, "") for item in page.items})
    posted["shown"] = " ".join(item.name for item in page.items)
    made = page_form_class(questionnaire, page.name, "nb")

    def answer() -> None:
        form = made(posted, answers)
        form.validate()
        draw(form)
        next_page(questionnaire, page.name, form.answers)
        progress(questionnaire, page.name, form.answers)

    answer()
    return statistics.median(_seconds(answer) for _ in range(n))


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
