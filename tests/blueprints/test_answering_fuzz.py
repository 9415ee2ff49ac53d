"""Whatever is sent to the pages where people answer and staff key: nothing fails, nothing is lost."""

import re
from typing import Any, NamedTuple
from urllib.parse import quote_plus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import Phase, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from blueprints.access import respondents
from surveyor.accounts.enums import Role
from surveyor.config import Settings
from surveyor.fieldwork.answering import draft_answers, enter_by_token
from surveyor.instruments.xlsform import read_xlsform
from surveyor.invitations.credentials import show_code
from surveyor.responses.models import Envelope, Keying
from surveyor.responses.receipts import new_receipt_code
from tests.e2e.every_type import FORM
from tests.factories import app_session, browser, post
from tests.paper import make_letter_wave
from tests.respondent import Respondent
from tests.waves import make_open_wave

LAST = 5
"""The page with the answer that must never be lost: nothing is sent to it."""
KEPT = "Dette skal ikke bli borte"
ASKED = read_xlsform(FORM.read_bytes(), filename=FORM.name).questionnaire
ITEMS = [item.name for item in ASKED.all_items if item.name != "comment"]
HIDDEN = [
    "to", "rev", "round", "came_from", "shown", "live", "turn", "state", "submission", "owner", "receipt",
    "envelope_rev", "csrf_token", "left", "ark", "sikker", "code",
]  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(HIDDEN),
    st.sampled_from(ITEMS).map(lambda name: f"q-{name}"),
    st.sampled_from(ITEMS).map(lambda name: f"valg-{name}"),
    st.sampled_from(
        [
            "q-",
            "q-nothing",
            "q-first~0",
            "q-first~99",
            "q-first~-1",
            "q-first~1e9",
            "q-w1\0",
            "",
            "\0",
            "q-" + "x" * 400,
        ]
    ),
)
NUMBERS = [
    "-1",
    "0",
    "1",
    "2",
    "5",
    "6",
    "99",
    "1e309",
    "-1e309",
    "NaN",
    "inf",
    "9" * 30,
    "9" * 5_000,
    "٣",
    "1,5",
    "0x1f",
]
STEPS = [
    "neste",
    "tilbake",
    "senere",
    "kontroll",
    "her",
    "visning",
    "q-hours",
    "q-first~2",
    "q-",
    "q-nothing",
    "add child",
]
TURNS = [
    "add child",
    "remove child 1",
    "remove child 99",
    "remove child -1",
    "add child 1",
    "remove  ",
    "add day",
]
WORDS = [
    "", " ", "yes", "no", "\0", "a\0b", "\ud800", "\udfff\ud800", "😀", "\r\n", "\u202e", "{}", "[]", "null",
    "${w1}",
    "'; DROP TABLE draft", "<script>", "x" * 2_001, "x" * 60_000, "AAAA", "=", "1:red 2:blue 3:green",
    "1:red 1:red", ":", "59,9;10", "2026-02-30", "25:61", "red red", " ".join(ITEMS), "hours w1 child",
    "00000000-0000-0000-0000-000000000000", new_receipt_code(),
]  # fmt: skip
VALUES = st.one_of(st.sampled_from([*NUMBERS, *STEPS, *TURNS, *WORDS]), st.text(max_size=12))
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=14)
SIDES = st.sampled_from(["1", "2", "3", "4", "0", "-1", "6", "99", "1e3", "9" * 400, "٣", "%00", "1%0a"])
PATHS = st.one_of(
    SIDES.map(lambda side: f"/side/{side}"),
    SIDES.map(lambda side: f"/side/{side}/lagring"),
    st.sampled_from(
        ["/kontroll", "/lagring", "/delt", "/egen", "/fortsatt", "", "/lagret", "/trekk", "/send", "/avslutt"]
    ),
)


class Sent(NamedTuple):
    """One request: where to, with what, and dressed up as what."""

    method: str
    path: str
    fields: list[tuple[str, str]]
    kind: str


KINDS = ["form", "form", "form", "form", "query", "json", "multipart", "bytes"]
REQUESTS = st.builds(
    Sent, st.sampled_from(["POST", "POST", "POST", "GET"]), PATHS, FIELDS, st.sampled_from(KINDS)
)


def encoded(fields: list[tuple[str, str]]) -> str:
    """As a browser would, and with what none would: half of a sign in two parts."""
    return "&".join(
        "=".join(quote_plus(each.encode("utf-8", "surrogatepass")) for each in pair) for pair in fields
    )


def send(client: FlaskClient, base: str, one: Sent) -> TestResponse:
    body, path = encoded(one.fields), f"{base}{one.path}"
    if one.kind == "query" or one.method == "GET":
        return client.open(f"{path}?{body[:4_000]}", method=one.method)
    if one.kind == "json":
        return client.open(path, method=one.method, data=f"[{{{body!r}", content_type="application/json")
    if one.kind == "multipart":
        parts = "".join(
            f'--x\r\nContent-Disposition: form-data; name="{name!a}"\r\n\r\n{value!a}\r\n'
            for name, value in one.fields
        )
        return client.open(
            path, method=one.method, data=parts, content_type="multipart/form-data; boundary=x"
        )
    if one.kind == "bytes":
        raw = b"\xff\xfe%zz&=&%00=%ed%a0%80&q-w1=" + body.encode()[::-1][:500]
        return client.open(
            path, method=one.method, data=raw, content_type="application/x-www-form-urlencoded"
        )
    return client.open(path, method=one.method, data=body, content_type="application/x-www-form-urlencoded")


@pytest.fixture
def open_app(app: Flask) -> Flask:
    """As in use: what is not caught is answered with 500. Forged requests are another test's."""
    app.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    app.testing = False
    return app


def draft_of(app: Flask, token: str) -> dict[str, str]:
    with app_session(app) as session:
        return (
            draft_answers(app.extensions["surveyor.settings"], entry=enter_by_token(session, token=token))
            or {}
        )


def has_envelope(app: Flask, person: Any) -> bool:
    with app_session(app) as session:
        return session.scalar(select(Envelope.rev).where(Envelope.participation_id == person)) is not None


def fuzz_answering(app: Flask, settings: Settings, n: int) -> set[int]:
    """Which statuses came."""
    with app_session(app) as session:
        wave = make_open_wave(session, settings, questionnaire=ASKED, invited={"B1": n + 5})
    people, seen = iter(wave.people), set[int]()

    @given(st.lists(REQUESTS, min_size=3, max_size=9))
    @limits(max_examples=n, database=None, phases=[Phase.explicit, Phase.generate])
    def answered(requests: list[Sent]) -> None:
        person = next(people)
        one = Respondent(app).enter(person.token)
        base = one.path.partition("?")[0]
        one.get(f"{base}/side/{LAST}").answer(to="her", comment=KEPT)
        for each in requests:
            found = send(one.client, base, each)
            assert found.status_code < 500, (found.status_code, each)
            seen.add(found.status_code)
        assert has_envelope(app, person.id) or draft_of(app, person.token)["comment"] == KEPT
        again = Respondent(app).enter(person.token)
        base = again.path.partition("?")[0]
        for path in (
            "",
            *(f"/side/{number}" for number in range(1, LAST + 1)),
            "/kontroll",
            f"/lagring?side={LAST}",
        ):
            assert again.get(base + path).status == 200, path

    answered()
    return seen


@pytest.mark.timeout(90)
def test_nothing_sent_to_the_answering_pages_fails_or_loses(open_app: Flask, settings: Settings) -> None:
    seen = fuzz_answering(open_app, settings, 15)
    assert {200, 303, 404} <= seen


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_much_sent_to_the_answering_pages(open_app: Flask, settings: Settings) -> None:
    assert {200, 303, 404, 409} <= fuzz_answering(open_app, settings, 400)


@pytest.fixture
def person(open_app: Flask, settings: Settings) -> tuple[Respondent, str, str]:
    with app_session(open_app) as session:
        wave = make_open_wave(session, settings, questionnaire=ASKED, invited={"B1": 6})
    one = Respondent(open_app).enter(wave.people[0].token)
    base = one.path.partition("?")[0]
    one.get(f"{base}/side/{LAST}").answer(to="her", comment=KEPT)
    return one, base, wave.people[0].token


@pytest.mark.parametrize("path", ["/side/1", "/side/1/lagring", "/kontroll", "/send"])
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]
)
def test_ten_megabytes_are_refused_and_lose_nothing(
    open_app: Flask, person: tuple[Respondent, str, str], path: str, kind: str
) -> None:
    one, base, token = person
    head = (
        '--x\r\nContent-Disposition: form-data; name="q-why_not"\r\n\r\n' if "multi" in kind else "q-why_not="
    )
    found = one.client.post(base + path, data=head + "x" * 10_000_000, content_type=kind)
    assert found.status_code == 413
    assert draft_of(open_app, token) == {"comment": KEPT}


def test_thousands_of_equal_fields_are_refused_and_lose_nothing(
    open_app: Flask, person: tuple[Respondent, str, str]
) -> None:
    one, base, token = person
    found = one.client.post(f"{base}/side/1/lagring", data={"q-towns": ["tromso"] * 5_000})
    assert found.status_code == 413
    assert draft_of(open_app, token) == {"comment": KEPT}


def test_a_view_that_trusts_would_be_caught(open_app: Flask, person: tuple[Respondent, str, str]) -> None:
    """The control: what is not caught is answered with 500 here."""
    one, _, _ = person

    @respondents
    def trusting(handle: str) -> str:
        return str(int("1e309"))

    open_app.view_functions["employee.kept"] = trusting
    assert one.client.get(f"{one.path.partition('/side/')[0]}/lagret").status_code == 500


KEYING = st.builds(
    Sent,
    st.just("POST"),
    st.sampled_from(["/ark", "/forste", "/andre", "/send"]),
    FIELDS,
    st.sampled_from(KINDS),
)
PAGE = "/papirsvar/trivsel-2026"


def fuzz_keying(app: Flask, settings: Settings, n: int) -> set[int]:
    with app_session(app) as session:
        _, codes = make_letter_wave(session, settings, n=5)
    client = browser(app, Role.SCORECARD_OFFICE, "FK")
    sheet = post(client, f"{PAGE}/ark", {"code": show_code(codes[0])})
    ticket = re.search(r'name="ark" value="([^"]+)"', sheet.text)
    assert ticket
    typed = {"ark": ticket[1], "q-w1": "3", "q-comment": KEPT, "sikker": "1"}
    assert post(client, f"{PAGE}/forste", typed).status_code == 302
    seen = set[int]()

    @given(st.lists(KEYING, min_size=2, max_size=8), st.booleans())
    @limits(max_examples=n, database=None, phases=[Phase.explicit, Phase.generate])
    def keyed(requests: list[Sent], has_ticket: bool) -> None:
        for each in requests:
            own = [("ark", ticket[1]), *each.fields] if has_ticket else each.fields
            found = send(client, PAGE, each._replace(fields=own))
            assert found.status_code < 500, (found.status_code, each)
            seen.add(found.status_code)
        with app_session(app) as session:
            assert session.scalars(select(Keying)).first() or session.scalars(select(Envelope.rev)).first()

    keyed()
    return seen


@pytest.mark.timeout(90)
def test_nothing_sent_to_the_keying_pages_fails_or_loses(open_app: Flask, settings: Settings) -> None:
    assert fuzz_keying(open_app, settings, 12) & {409, 422}


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_much_sent_to_the_keying_pages(open_app: Flask, settings: Settings) -> None:
    assert fuzz_keying(open_app, settings, 400) & {409, 422}
