"""A respondent's visit: the credential in its cookie, the answers so far, and where to go next."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import NoReturn
from uuid import UUID

from flask import abort, after_this_request, g, render_template, request, url_for
from flask_babel import gettext
from itsdangerous import BadSignature, Signer
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from blueprints import languages, request_scope, shared_devices, visit_choices
from blueprints.languages import LANGUAGES
from blueprints.request_scope import connection, engine, reading, settings
from blueprints.security import cookie_name, is_https
from blueprints.told import Told, heading_in_words, questions_told
from forms.answering import StepForm, pack
from forms.answers import PageForm, page_form_class
from surveyor.db import Connected, open_reader
from surveyor.errors import N_, NotFound
from surveyor.fieldwork import answering
from surveyor.fieldwork.answering import AskedWave, Entry, Submission
from surveyor.instruments.enums import ItemType
from surveyor.instruments.pace import page_label, paged, told_first, whole_page
from surveyor.instruments.queries import known_questionnaire, questionnaire
from surveyor.instruments.routing import (
    State,
    all_problems,
    page_left_at,
    page_problems,
    pages_shown,
    state,
)  # fmt: skip
from surveyor.instruments.spec import Page, Questionnaire, text_in

LINK, CODE, OPEN = "l", "k", "o"  # how somebody got in: the first letter of the cookie
_ANSWERED_SECONDS = 90 * 86400


@dataclass(frozen=True)
class Visit:
    """Everything a page of one respondent needs."""

    handle: str
    entry: Entry
    questions: Questionnaire
    answers: Mapping[str, str]
    has_draft: bool = False
    is_shared: bool = False
    """On a machine others use too: nothing is kept in the browser, and the visit ends when left alone."""
    whole: Questionnaire | None = None
    """The questionnaire in whole pages, when this visit goes through it one question at a time."""
    minutes_alone = shared_devices.MINUTES
    minutes_warned = shared_devices.WARNED_MINUTES

    @property
    def wave(self) -> AskedWave:
        return self.entry.wave

    @property
    def is_open_link(self) -> bool:
        return self.entry.participation_id is None

    @property
    def is_single(self) -> bool:
        """True when this visit goes through one question at a time."""
        return self.whole is not None

    @cached_property
    def language(self) -> str:
        """The questionnaire's language that is wanted, or the nearest to the page's."""
        return visit_choices.language(self.questions)

    @cached_property
    def now(self) -> State:
        """What is asked and what counts, given the answers so far: worked out once a request."""
        return state(self.questions, self.answers)

    @property
    def direction(self) -> str:
        return visit_choices.direction(self.language)

    @property
    def languages(self) -> list[tuple[str, str]]:
        return [(code, visit_choices.own_name(code)) for code in self.questions.languages]

    @property
    def title(self) -> str:
        return text_in(self.wave.title, self.language, self.questions.default_language)

    @property
    def minutes(self) -> int:
        """How long it takes, told carefully: 8 seconds a choice, 40 a text, a minute for the rest."""
        asked = [item for item in self.questions.items if item.name == item.base]  # one turn of each group
        texts = sum(item.type is ItemType.TEXT for item in asked)
        return max(2, -(-(60 + 8 * (len(asked) - texts) + 40 * texts) // 60))

    @property
    def language_links(self) -> list[tuple[str, str, str]]:
        """This page in the questionnaire's languages."""
        here = f".{(request.endpoint or '').rpartition('.')[2]}"
        return [(code, name, url_for(here, handle=self.handle, lang=code)) for code, name in self.languages]

    @property
    def rev(self) -> str:
        """The revision of the draft that this page builds on."""
        return str(self.entry.draft_rev)

    @property
    def state(self) -> str:
        """The answers so far, sealed, for pages on the open link to carry along."""
        if not self.is_open_link:
            return ""
        return pack(answering.seal_state(self.entry, questionnaire=self.questions, answers=self.answers))

    def number(self, page: Page) -> int:
        return self.questions.page_places[page.name] + 1

    def page(self, number: int) -> Page:
        """The page of this number; raises NotFound."""
        if not 1 <= number <= len(self.questions.pages):
            raise NotFound(N_("Undersøkelsen har ikke denne siden."))
        return self.questions.pages[number - 1]

    @property
    def told_first(self) -> list[str]:
        """What the questionnaire says before its questions, in lines."""
        notes = told_first(_frozen(self.wave.instrument_version_id))
        texts = (self.questions.text(note.label, self.language) for note in notes)
        return [line for text in texts for line in text.splitlines() if line.strip()]

    @property
    def pages_told(self) -> Questionnaire:
        """The questionnaire in whole pages, as overviews tell of it."""
        return self.whole or self.questions

    def landing(self, number: int) -> Page:
        """Where to land in a whole page: at what is not answered well, else its start; raises NotFound."""
        whole = self.pages_told
        if not 1 <= number <= len(whole.pages):
            raise NotFound(N_("Undersøkelsen har ikke denne siden."))
        page = whole.pages[number - 1]
        if not self.is_single:
            return page
        wrong = page_problems(whole, page, self.now, self.language)
        first = self.questions.item(wrong[0].field or "").page if wrong else ""
        asked = (each for each in pages_shown(self.questions, self.now) if whole_page(each.name) == page.name)
        return self.questions.page(first) if first else next(asked, self.questions.page(page.name))

    def page_with(self, name: str) -> Page:
        """The page a question stands on; raises NotFound."""
        if name not in self.questions.by_name:
            raise NotFound(N_("Undersøkelsen har ikke dette spørsmålet."))
        return self.questions.page(self.questions.item(name).page)

    def form(self, page: Page) -> type[PageForm]:
        return page_form_class(self.questions, page.name, self.language)

    def unfinished_page(self) -> Page | None:
        """The first page that is asked and not answered well; None when all are."""
        problems = all_problems(self.questions, self.now, self.language)
        item = self.questions.item(problems[0].field or "") if problems else None
        return self.questions.page(item.page) if item else None

    def page_to_go_on_from(self) -> Page | None:
        """Where a respondent who comes back left, or an earlier page not answered well; None: all done."""
        found = (page_left_at(self.questions, self.now), self.unfinished_page())
        return min((page for page in found if page), key=self.number, default=None)

    def told(self, page: Page) -> list[Told]:
        """The questions of a page in words, each with what was answered in words."""
        return questions_told(self.questions, page, self.answers, self.now, self.language)

    def name_of(self, page: Page) -> str:
        """What a page is called, or the repeated group on it; else its number."""
        return self.heading(page) or gettext("Side %(number)s", number=self.number(page))

    def heading(self, page: Page) -> str:
        """The words over a page, or of the repeated group on it; empty when there are none."""
        return heading_in_words(self.questions, page_label(page), self.now, self.language)

    def section(self, page: Page) -> str:
        """The words of the group around several pages."""
        return heading_in_words(self.questions, page.section, self.now, self.language)


def visit(handle: str) -> Visit:
    """The visit under a handle; raises NotFound without its cookie, Gone or Refused out of season."""
    credential = request.cookies.get(_cookie(handle), "")
    with open_reader(engine()) as reader:  # nobody waits while answers are checked and sealed
        entry = _enter(reader, credential[:1], credential[2:])
        require_audience(entry.wave)
        answering.require_open(entry.wave)
    frozen = _frozen(entry.wave.instrument_version_id)
    questions, whole = _paged(frozen, single=visit_choices.is_single(frozen))
    if entry.participation_id is None:
        sealed = StepForm.read(request.form).sealed_state
        kept = answering.open_state(entry, sealed) if sealed else None
    else:
        kept = answering.draft_answers(settings(), entry=entry)
    shared = shared_devices.is_chosen(handle)
    here = Visit(handle, entry, questions, kept or {}, has_draft=bool(kept), is_shared=shared, whole=whole)
    languages.answer_in(here.language)
    return _still_there(here) if shared else here


def _frozen(version_id: UUID) -> Questionnaire:
    if known := known_questionnaire(version_id):
        return known
    with reading() as reader:
        return questionnaire(reader, version_id=version_id)


def _paged(frozen: Questionnaire, *, single: bool) -> tuple[Questionnaire, Questionnaire | None]:
    """The questionnaire as it is gone through, and in whole pages when that differs."""
    return (paged(frozen, single=True), paged(frozen)) if single else (paged(frozen), None)


def in_other_pace(here: Visit, page: Page) -> tuple[Visit, Page]:
    """The same visit at the other pace, on the page with the same first question."""
    frozen = _frozen(here.wave.instrument_version_id)
    questions, whole = _paged(frozen, single=not here.is_single)
    there = replace(here, questions=questions, whole=whole)
    first = next((item for item in page.items if item.answerable), page.items[-1])
    return there, there.questions.page(there.questions.item(first.name).page)


def enter_by_link(token: str) -> Entry:
    """Who holds this link; raises NotFound for one that was never made, or is another audience's."""
    with open_reader(engine()) as reader:
        entry = answering.enter_by_token(reader, token=token)
    require_audience(entry.wave)
    return entry


def language_for(entry: Entry) -> str:
    """The register's language for somebody; the browser's, where that is one only the questionnaire has."""
    frozen = _frozen(entry.wave.instrument_version_id)
    others = tuple(code for code in frozen.languages if code not in LANGUAGES)
    if entry.language not in LANGUAGES or not others:
        return entry.language
    wanted = languages.listed((*LANGUAGES, *others))
    return wanted if wanted in others else entry.language


def was_received(submission: Submission) -> bool:
    """Whether this very submission is stored already."""
    with open_reader(engine()) as reader:
        return answering.was_received(reader, submission_id=submission.id, owner=submission.owner)


def require_audience(wave: AskedWave) -> None:
    """A link belongs under its own audience's address; raises NotFound elsewhere."""
    if wave.audience != g.audience.audience:
        raise NotFound(N_("Lenken virker ikke. Sjekk at du har fått med hele adressen."))


def let_in(kind: str, secret: str, *, language: str = "") -> Response:
    """On to the clean address; the credential goes along in a cookie only this server reads."""
    credential = f"{kind}.{_typed_codes().sign(secret).decode() if kind == CODE else secret}"
    handle = next((h for h, kept in _handles() if kept == credential), secrets.token_hex(4))
    is_chosen = any(name.endswith("language") for name in request.cookies)
    chosen = request.args.get("lang") or ("" if is_chosen else language)
    response = redirect(url_for(".welcome", handle=handle, lang=chosen or None), 303)
    _set_cookie(response, _cookie(handle), credential)
    return response


def let_out(response: Response, handle: str, wave: AskedWave | None) -> Response:
    """Forget the respondent; after the open link remember in this browser that it has answered."""
    response.delete_cookie(_cookie(handle), secure=_is_secure(), httponly=True, samesite="Lax")
    visit_choices.forget(response)
    if shared_devices.is_chosen(handle):
        languages.forget(response)
        return shared_devices.leave_no_trace(response, handle)
    if wave is not None and wave.open_link:
        _set_cookie(response, _answered_cookie(wave.code), "1", max_age=_ANSWERED_SECONDS)
    return response


def has_answered_here(wave_code: str) -> bool:
    """Whether this browser has sent an answer by the open link before."""
    return _answered_cookie(wave_code) in request.cookies


def new_secret() -> str:
    """What the pages of somebody on the open link are sealed under."""
    return secrets.token_urlsafe(24)


def with_answers(here: Visit, answers: Mapping[str, str], now: State | None = None) -> Visit:
    """The visit with these answers, and with what is asked then, where that is known already."""
    there = replace(here, answers=answers)
    if now is not None:
        vars(there)["now"] = now  # where the cached property keeps it
    return there


def keep(here: Visit, answers: Mapping[str, str], now: State | None = None) -> Visit:
    """Keep the answers: as a draft under the respondent's own key, or in the page itself on the open link.

    `now` is what is asked with these answers, where that is known.
    """
    if answers == here.answers:
        return with_answers(here, answers, now)
    kept = answering.draftable(here.questions, answers, before=here.answers)
    if kept != here.answers and not here.is_open_link:
        rev = answering.keep_answers(
            connection(), settings(), entry=here.entry, questionnaire=here.questions, answers=kept
        )
        request_scope.commit()  # nobody waits to write while the answer to this request is made
        here = replace(here, entry=replace(here.entry, draft_rev=rev))
    return with_answers(here, kept, now if kept == answers else None)


def _still_there(here: Visit) -> Visit:
    """The visit on a shared machine, which goes on from now; it ends here when nobody has been there."""
    goes_on = not shared_devices.is_left(here.handle) or (here.is_open_link and request.method == "POST")
    if not goes_on:
        _end(here)
    after_this_request(lambda response: shared_devices.stay(response, here.handle))
    return here


def _end(here: Visit) -> NoReturn:
    number = (request.view_args or {}).get("number")
    if request.method == "POST" and number is not None:
        _keep_last_page(here, int(number))
    page = Response(render_template("answering/ended.html", was_left=True), mimetype="text/html")
    abort(let_out(page, here.handle, None))


def _keep_last_page(here: Visit, number: int) -> None:
    """What was sent after the end is not lost; what another window has saved since is left alone."""
    form = here.form(here.page(number))(request.form, here.answers)
    is_stale = StepForm.read(request.form).draft_rev != here.entry.draft_rev
    keep(here, {**form.answers, **here.answers} if is_stale else form.answers)


def _enter(reader: Connected, kind: str, secret: str) -> Entry:
    if kind == LINK:
        return answering.enter_by_token(reader, token=secret)
    if kind == CODE:
        return answering.enter_by_code(reader, settings(), code=_typed_code(secret))
    wave_code, _, own = secret.partition("|")
    if kind == OPEN and own:
        return answering.enter_open_link(reader, wave_code=wave_code, secret=own)
    raise NotFound(
        N_("Vi vet ikke hvem som svarer. Åpne lenken fra e-posten, eller skriv inn koden, på nytt.")
    )


def _typed_codes() -> Signer:
    """Only the page where codes are typed, which counts wrong ones, makes such a cookie."""
    return Signer([*settings().secret_key_fallbacks, settings().secret_key], salt="surveyor/typed-code/v1")


def _typed_code(signed: str) -> str:
    try:
        return _typed_codes().unsign(signed).decode()
    except BadSignature as error:
        raise NotFound(N_("Koden er ikke riktig. Sjekk brevet og prøv igjen.")) from error


def _is_secure() -> bool:
    return is_https(request_scope.settings())


def _cookie(handle: str) -> str:
    return cookie_name(f"svar-{handle}")


def _answered_cookie(wave_code: str) -> str:
    return cookie_name(f"besvart-{sha256(wave_code.encode()).hexdigest()[:12]}")


def _handles() -> list[tuple[str, str]]:
    start = _cookie("")
    return [
        (name.removeprefix(start), kept) for name, kept in request.cookies.items() if name.startswith(start)
    ]


def _set_cookie(response: Response, name: str, value: str, max_age: int | None = None) -> None:
    response.set_cookie(name, value, max_age=max_age, secure=_is_secure(), httponly=True, samesite="Lax")
