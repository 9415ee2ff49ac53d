"""The pages everybody who answers sees: welcome, questions, review, receipt; by frame where one fits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID

from flask import render_template, request, url_for
from markupsafe import escape
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from blueprints import shared_devices, visit_choices
from blueprints.frames import draw, slot
from blueprints.languages import current_language
from blueprints.parts import Part, parts_of
from blueprints.remaining import what_remains
from blueprints.told import Told
from blueprints.visits import Visit, in_other_pace
from forms.answering import LATER, REVIEW, SubmissionForm
from forms.answers import PageForm
from surveyor.instruments.pace import page_label
from surveyor.instruments.routing import pages_shown, progress_in, shown_on
from surveyor.instruments.spec import Item, Page, Questionnaire

_NOBODY = UUID(int=0)


@dataclass(frozen=True)
class BlankVisit(Visit):
    """A visit by nobody: slots where a respondent's own things would stand. What frames are drawn from."""

    @property
    def rev(self) -> str:
        return slot("rev")

    @property
    def state(self) -> str:
        return slot("state")

    def name_of(self, page: Page) -> str:
        name = super().name_of(page)
        return slot(f"n{self.number(page)}") if _inserts(self, page) else name

    def told(self, page: Page) -> list[Told]:
        number = self.number(page)
        told = Visit(self.handle, self.entry, self.questions, self.answers).told(page)
        return [
            Told(
                slot(f"q{number}x{n}") if each.inserts else each.question,
                slot(f"t{number}x{n}"),
                language=slot(f"s{number}x{n}"),
                turn=each.turn,
            )
            for n, each in enumerate(told)
        ]


def show_welcome(here: Visit) -> str:
    """Who asks, what for, how the answers are protected, and where to begin or go on."""
    start = here.page_to_go_on_from() if here.has_draft else here.page(1)
    key = ("welcome", *_common(here), here.entry.has_answered, here.has_draft, start and start.name)
    return draw(
        "answering/welcome.html",
        key,
        lambda: {"visit": _blank(here), "start": start, "told_first": here.told_first},
        {"handle": here.handle},
    )


def show_page(
    here: Visit, page: Page, form: PageForm | None = None, *, came_from: str = "", conflict: bool = False
) -> str:
    """One page of questions."""
    form = form or (_judged(here, page) if came_from == REVIEW else None)
    steps = progress_in(here.questions, page.name, here.now)
    parts = parts_of(here, page)
    context = {"page": page, "progress": steps, "conflict": conflict}
    if form is not None or not _fits_a_frame(here, page):
        form = form or here.form(page)(answers=here.answers)
        drawn = {"visit": here, "form": form, "came_from": came_from, "parts": parts}
        return render_template("answering/page.html", **drawn, **context)
    asked = shown_on(page, here.now)
    listed = tuple([(part.number, part.n_questions) for part in parts])
    return draw(
        "answering/page.html",
        ("page", *_common(here), page.name, asked, steps, listed, here.form(page).live_key(here.now)),
        lambda: {
            "visit": _blank(here),
            "form": _untouched(here, page),
            "came_from": slot("from"),
            "parts": [_blank_part(part) for part in parts],
            **context,
        },
        {
            **_carried(here),
            "from": came_from,
            **_chosen(here, page),
            **{f"p{part.number}": part.answered for part in parts},
            **{f"l{part.number}": part.label for part in parts if part.inserts},
        },
        marked=lambda html: _with_choices(html, here, page),
    )


def show_review(here: Visit, form: SubmissionForm | None = None) -> str:
    """Everything answered, ready to be sent, with the marks that make a repeated submit harmless."""
    form = form or SubmissionForm.fresh(owner=here.entry.participation_id, envelope_rev=here.entry.rev)
    problems = what_remains(here)
    here = replace(here, questions=here.pages_told) if here.is_single else here
    told = [(page, here.told(page)) for page in pages_shown(here.questions, here.now)]
    pages = [page for page, answered in told if answered]
    asked = tuple(shown_on(page, here.now) for page in pages)
    if problems:  # in their words may be answers, and no frame holds those
        context = {"visit": here, "form": form, "pages": pages, "problems": problems}
        return render_template("answering/review.html", **context)
    each_told = [each for _, answered in told for each in answered]
    marks = ("submission", "owner", "receipt", "envelope_rev")
    blank = SubmissionForm(**{name: slot(name.replace("_", "")) for name in marks})
    filled = {f"n{here.number(page)}": here.name_of(page) for page in pages if _inserts(here, page)}
    for page, answered in told:
        for n, each in enumerate(answered):
            filled[f"t{here.number(page)}x{n}"] = each.answer
            filled[f"s{here.number(page)}x{n}"] = each.language
            if each.inserts:
                filled[f"q{here.number(page)}x{n}"] = each.question
    return draw(
        "answering/review.html",
        ("review", *_common(here), asked),
        lambda: {
            "visit": replace(_blank(here), answers=here.answers),  # for which questions are asked, no more
            "form": blank,
            "pages": pages,
            "problems": [],
            "n_answered": slot("nanswered"),
            "n_questions": len(each_told),
        },
        {
            **_carried(here),
            **filled,
            "nanswered": str(sum(each.is_answered for each in each_told)),
            **{name.replace("_", ""): getattr(form, name) for name in marks},
        },
    )


def show_receipt(code: str) -> str:
    """The receipt; call it only after COMMIT."""
    is_shared = shared_devices.is_chosen((request.view_args or {})["handle"])
    key = ("receipt", request.blueprint, current_language(), is_shared)
    blank = {"code": slot("code"), "is_shared": is_shared}
    return draw("answering/receipt.html", key, lambda: blank, {"code": code})


def go(here: Visit, to: str, *, came_from: str = "", at: str = "") -> Response | str:
    """Show the next thing, at a place on it; by redirect, or at once on the open link, which has no draft."""
    if here.is_open_link:
        return show_review(here) if to == REVIEW else show_page(here, here.page(int(to)), came_from=came_from)
    endpoint = {REVIEW: ".review", LATER: ".kept"}.get(to)
    if endpoint:
        return redirect(url_for(endpoint, handle=here.handle), 303)
    address = url_for(".page", handle=here.handle, number=int(to), fra=came_from or None, _anchor=at or None)
    return redirect(address, 303)


def go_on_at_other_pace(here: Visit, page: Page, *, came_from: str = "") -> Response | str:
    """One question at a time instead of whole pages, or the other way, from where the respondent is."""
    there, landing = in_other_pace(here, page)
    answer = go(there, str(there.number(landing)), came_from=came_from)
    response = answer if isinstance(answer, Response) else Response(answer, mimetype="text/html")
    visit_choices.keep_pace(response, single=there.is_single)
    return response


def _blank_part(part: Part) -> Part:
    label = slot(f"l{part.number}") if part.inserts else part.label
    return part._replace(answered=slot(f"p{part.number}"), label=label)


def _inserts(here: Visit, page: Page) -> bool:
    """True where the words over a page hold an answer."""
    return "${" in here.questions.text(page_label(page), here.language)


def _judged(here: Visit, page: Page) -> PageForm | None:
    """The page's form with what stops the sending; None when nothing on it does."""
    form = here.form(page)(answers=here.answers)
    form.validate()
    return form if form.errors else None


def _common(here: Visit) -> tuple[object, ...]:
    """What sets the pages of one wave apart, whoever looks at them."""
    wave, pace = here.wave, here.is_single
    return wave.id, wave.closes, current_language(), here.language, here.is_open_link, here.is_shared, pace


def _blank(here: Visit) -> BlankVisit:
    nobody = None if here.is_open_link else _NOBODY
    entry = replace(here.entry, secret="", participation_id=nobody, segment_code="", draft=None, draft_rev=0)
    return BlankVisit(slot("handle"), entry, here.questions, {}, here.has_draft, here.is_shared, here.whole)


def _carried(here: Visit) -> dict[str, str]:
    return {"handle": here.handle, "rev": here.rev, "state": here.state}


def _fits_a_frame(here: Visit, page: Page) -> bool:
    """Choices have slots; a page with written text, start values or answers in its words is drawn in full."""
    slots = _slots(here.questions, page.name)
    return not here.form(page).changes and not any(
        item.default or (item.name not in slots and here.answers.get(item.name)) for item in page.items
    )


def _has_slots(item: Item) -> bool:
    return item.selects and "minimal" not in item.appearance


def _untouched(here: Visit, page: Page) -> PageForm:
    """The page's form with the questions now asked and nothing filled in."""
    form = here.form(page)(answers=here.answers)
    for field in form:
        field.data = ""
    return form


def _with_choices(html: str, here: Visit, page: Page) -> str:
    """A slot after every option, for the word that says it is chosen."""
    for question, options in _slots(here.questions, page.name).items():
        for code, name in options.items():
            at = f'name="q-{escape(question)}" value="{escape(code)}"'
            html = html.replace(at, at + slot(name))
    return html


def _chosen(here: Visit, page: Page) -> dict[str, str]:
    return {
        options[code]: " checked"
        for question, options in _slots(here.questions, page.name).items()
        for code in here.answers.get(question, "").split()
        if code in options
    }


@lru_cache(maxsize=4_096)
def _slots(questions: Questionnaire, page_name: str) -> Mapping[str, Mapping[str, str]]:
    """The slots of a page's options, by question and code."""
    return {
        item.name: {category.code: f"c{place}x{n}" for n, category in enumerate(questions.categories(item))}
        for place, item in enumerate(questions.page(page_name).items)
        if _has_slots(item)
    }
