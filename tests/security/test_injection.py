"""SEC-2, SEC-3: what people write is text on every page that shows it: no markup, no template, no formula.

Every field that can be written holds the same poison; then each role follows every link it is shown.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from io import BytesIO

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from surveyor.accounts.enums import Role
from surveyor.audit.spec import Actor
from surveyor.cases.evidence import attach_evidence
from surveyor.config import Settings
from surveyor.instruments.spec import CodeList, Page, Questionnaire, Scale
from tests.card_data import make_indicator
from tests.case_rounds import BAD, LEADER, file_case, make_round
from tests.factories import TREE, app_session, make_account, post, sign_in
from tests.planned_waves import CODE, make_mail_keys
from tests.waves import employee_questionnaire, make_open_wave, select_one

POISON = "\"'><img src=x onerror=alert(1)>{{7*7}}${7*7}"
RAW = "<img src=x"
MOST_PAGES = 80
ROLES = [role for role in Role if role is not Role.READER]


def words(name: str) -> dict[str, str]:
    return dict.fromkeys(("nb", "nn", "en"), f"{name} {POISON}")


def poisoned_questionnaire() -> Questionnaire:
    whole = employee_questionnaire()
    lists = {
        name: CodeList(name, tuple(replace(c, label=words(c.code)) for c in codes.categories))
        for name, codes in whole.code_lists.items()
    }
    extra = replace(select_one("extra", "yes_no"), label=words("spørsmål"))
    page = Page("p9", words("side"), nodes=(extra,))
    return replace(
        whole, title=words("tittel"), code_lists=lists, pages=(*whole.pages, page),
        scales=(Scale("work", words("skala"), ("w1", "w2", "w3")),),
    )  # fmt: skip


def poison(session: Session, settings: Settings) -> None:
    make_mail_keys(settings)
    tree = tuple((code, f"{name} {POISON}", f"{type_}{POISON}", above) for code, name, type_, above in TREE)
    wave = make_open_wave(
        session, settings, questionnaire=poisoned_questionnaire(), tree=tree, invited={"B1": 6}, code=CODE
    )
    assert wave.wave.code
    _round, cases = make_round(session, settings, title=f"Runde {POISON}")
    attach_evidence(
        session, settings, case_id=cases["B1"].id, filename=f"{POISON.replace('/', '')}.pdf",
        content=b"%PDF-1.7", actor=LEADER,
    )  # fmt: skip
    file_case(session, cases["B1"], {**BAD, "routines_gap": POISON}, Actor(f"leder{POISON}"))
    make_indicator(session, "fravaer", name=f"Indikator {POISON}", measured_in=POISON[:40])


@pytest.fixture
def app(app: Flask, settings: Settings) -> Flask:
    with app_session(app) as session:
        poison(session, settings)
    return app


def browser(app: Flask, role: Role) -> FlaskClient:
    client = app.test_client()
    with app_session(app) as session:
        account = make_account(session, role, "FK", name=f"Navn {POISON}")
    sign_in(client, account)
    return client


def pages(client: FlaskClient) -> Iterator[tuple[str, str]]:
    """Every page one finds by following links from the front page."""
    waiting, seen = deque(["/"]), {"/"}
    while waiting and len(seen) < MOST_PAGES:
        url = waiting.popleft()
        response = client.get(url, follow_redirects=True)
        assert response.status_code < 500, url
        if response.mimetype != "text/html":
            continue
        text = response.get_data(as_text=True)
        yield url, text
        for found in re.findall(r'href="(/[^"#]*)', text):
            link = found.replace("&amp;", "&")
            if link not in seen and not link.startswith(("/static", "/logg-ut")) and "lang=" not in link:
                seen.add(link)
                waiting.append(link)


def in_text(text: str) -> int:
    """How often the poison stands there as text, braces and all."""
    return sum(text.count(mark + "{{7*7}}${7*7}") for mark in (
        "&lt;img src=x onerror=alert(1)&gt;", "\\u003cimg src=x onerror=alert(1)\\u003e",
    ))  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_no_page_takes_what_is_written_for_markup(app: Flask, role: Role) -> None:
    n_shown = 0
    for url, text in pages(browser(app, role)):
        assert RAW not in text, url
        assert "49$" not in text, url
        n_shown += in_text(text) > 0
    assert n_shown >= 1, "the poison must have been met somewhere, or nothing was tried"


def test_respondents_pages_take_it_for_text_too(app: Flask, settings: Settings) -> None:
    for path in (f"/medarbeider/beskyttelse/{CODE}", "/medarbeider/kode"):
        assert RAW not in app.test_client().get(path).text
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    typed = client.post("/medarbeider/kode", data={"code": POISON})
    assert RAW not in typed.text


UPLOADS = {
    f"/undersokelser/{CODE}/deltakere": f"unit,name,email,{POISON}\n<{POISON},a,{POISON}\n",
    "/enheter/les-inn": f"code,name,type,parent,{POISON}\nA,A,x,\nB,{POISON},x,{POISON}\n",
    "/indikatorer/les-inn": f"code,name,source,{POISON}\n{POISON},x,{POISON},{POISON}\n",
    "/skjema/les-inn": f"| survey | | |\n| | type | name | label |\n| | {POISON} | {POISON} | {POISON} |\n",
}


def upload_routes(app: Flask) -> list[str]:
    """Every address that takes a file by POST, found in the templates' own forms."""
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and "les" in rule.rule
    ]


@pytest.mark.parametrize(
    "name", ["folk.csv", f"{POISON.replace('/', '')}.csv", "a.md", f"{POISON.replace('/', '')}.exe"]
)
def test_import_errors_and_file_names_are_text(app: Flask, name: str) -> None:
    n_refused = 0
    for content in UPLOADS.values():
        for rule in {*upload_routes(app), f"/undersokelser/{CODE}/deltakere"}:
            url = re.sub(r"<[^>]+>", CODE, rule)
            for role in (Role.ADMIN, Role.SURVEY_ADMIN, Role.SCORECARD_OFFICE):
                data = {"file": (BytesIO(content.encode()), name), "on": "2026-01-01", "code": POISON}
                answer = post(browser(app, role), url, data, content_type="multipart/form-data")
                assert answer.status_code < 500, (url, name)
                assert RAW not in answer.text, (url, name)
                n_refused += answer.status_code == 422 and escape(RAW) in answer.text
    assert n_refused >= 1 or name.endswith(("md", "exe"))


def test_the_control_a_page_that_trusts_is_caught(app: Flask) -> None:
    with app.test_request_context():
        careless = render_template_string("{{ name|safe }} " + POISON, name=POISON)
    assert RAW in careless
    assert "49$" in careless


def test_a_lazy_text_is_text_with_what_somebody_wrote_in_it(app: Flask) -> None:
    with app.test_request_context():
        lazy = lazy_gettext("Typene som finnes: %(types)s.", types=POISON)
        assert RAW not in render_template_string("{{ text }} {{ 'a' ~ text }} {{ [text]|join }}", text=lazy)
        assert RAW in render_template_string("{{ text }}", text=Markup(str(lazy)))  # the control
