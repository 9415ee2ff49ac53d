"""Headers, cookies, hosts, sizes, cross-site requests, redirects, logs: guards with negative controls."""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from blueprints import access, security
from blueprints.redirects import safe_next
from surveyor import create_app
from surveyor.accounts.enums import Role
from surveyor.config import Settings
from surveyor.logs import JsonLines, redact
from tests.factories import app_session, browser, make_account, make_tree, post, sign_in, sign_in_as

EVERYWHERE = {
    "Content-Security-Policy": security.CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "Surveyor",
}


@pytest.fixture
def app(app: Flask) -> Flask:
    app.testing = False  # errors become pages, as for users

    def fail() -> str:
        raise RuntimeError("secret detail, kari@fjordvik.test")

    def locked() -> str:
        raise OperationalError("select", {}, Exception("database is locked"))

    for name, view in {"fail": fail, "locked": locked, "ip": lambda: str(request.remote_addr)}.items():
        app.add_url_rule(f"/t/{name}", f"t_{name}", access.public(view))
    app.add_url_rule("/t/echo", "t_echo", access.public(lambda: str(len(request.form))), methods=["POST"])
    app.add_url_rule("/t/m/<token>", "t_token", access.respondents(lambda token: "answer"))
    with app_session(app) as session:
        make_tree(session)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def https_app(settings: Settings) -> Iterator[Flask]:
    app = create_app(
        replace(settings, base_url="https://surveyor.fjordvik.no", trusted_hosts=("surveyor.fjordvik.no",))
    )
    yield app
    app.extensions["surveyor.engine"].dispose()


# Headers (SEC-1, SEC-4, SEC-5, SEC-31, SEC-32)


@pytest.mark.parametrize(
    "url", ["/", "/logg-inn", "/nowhere", "/t/fail", "/t/locked", "/brukere/", "/static/surveyor.css"]
)
def test_every_response_has_the_headers_errors_and_files_too(client: FlaskClient, url: str) -> None:
    response = client.get(url)
    assert {name: response.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    for feature in ("camera", "microphone", "geolocation", "usb"):
        assert f"{feature}=()" in response.headers["Permissions-Policy"]


def test_pages_are_never_stored_and_vary_by_cookie(client: FlaskClient) -> None:
    for url in ("/", "/logg-inn", "/nowhere", "/t/fail"):
        response = client.get(url)
        assert response.headers["Cache-Control"] == "no-store"
        assert "Cookie" in response.vary


def test_static_files_are_cached_by_fingerprint_and_without_a_session(client: FlaskClient) -> None:
    address = re.search(r'href="(/static/surveyor\.css\?v=[0-9a-f]{12})"', client.get("/").text)
    assert address is not None
    response = client.get(address[1])
    assert "immutable" in response.headers["Cache-Control"]
    assert "Set-Cookie" not in response.headers
    assert "Cookie" not in response.vary
    assert "immutable" not in client.get("/static/surveyor.css").headers["Cache-Control"]


def test_no_folder_is_listed_and_no_console_answers(client: FlaskClient) -> None:
    for url in (
        "/static/",
        "/static/vendor/",
        "/static/../wsgi.py",
        "/console",
        "/static/..%2f..%2fpyproject.toml",
    ):
        assert client.get(url).status_code in {400, 404}


def test_hsts_only_over_https(client: FlaskClient, https_app: Flask) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers
    safe = https_app.test_client().get("/", base_url="https://surveyor.fjordvik.no")
    age, scope = safe.headers["Strict-Transport-Security"].split("; ")
    assert int(age.removeprefix("max-age=")) >= 365 * 86400
    assert scope == "includeSubDomains"


def test_a_failure_shows_a_code_and_no_detail(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    response = client.get("/t/fail")
    assert response.status_code == 500
    assert "secret detail" not in response.text
    assert "Traceback" not in response.text
    assert re.search(r"<strong>[0-9a-f]{12}</strong>", response.text)


def test_a_database_that_is_away_is_503_and_worth_a_retry(client: FlaskClient) -> None:
    response = client.get("/t/locked")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")


def test_a_commit_that_fails_is_503_and_not_a_promise(app: Flask) -> None:
    client = app.test_client()
    with app_session(app) as session:
        account = make_account(session, Role.LEADER, "B1")
    sign_in(client, account)

    def full() -> str:
        db = access.request_scope.session()
        make_account(db)
        db.commit = lambda: (_ for _ in ()).throw(OperationalError("insert", {}, Exception("disk is full")))  # type: ignore[method-assign]
        return "Svaret er lagret"

    app.add_url_rule("/t/full", "t_full", access.public(full), methods=["POST"])
    response = post(client, "/t/full")
    assert response.status_code == 503
    assert "Svaret er lagret" not in response.text


# Cookies (SEC-6)


def test_cookies_on_this_machine_are_http_only_and_lax(client: FlaskClient) -> None:
    cookies = client.get("/logg-inn?lang=nn").headers.getlist("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"session", "language"}
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Domain" not in cookie


def test_cookies_over_https_are_secure_and_bound_to_the_host(https_app: Flask) -> None:
    response = https_app.test_client().get("/logg-inn?lang=nn", base_url="https://surveyor.fjordvik.no")
    cookies = response.headers.getlist("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"__Host-session", "__Host-language"}
    for cookie in cookies:
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


def test_an_older_secret_still_opens_sessions_and_a_foreign_one_does_not(
    app: Flask, settings: Settings
) -> None:
    client = browser(app, Role.LEADER, "B1")
    cookie = client.get_cookie("session")
    assert cookie is not None
    new = "another-test-secret-key-of-more-than-32-bytes"
    for fallbacks, expected in [((settings.secret_key,), 200), ((), 302)]:
        other = create_app(replace(settings, secret_key=new, secret_key_fallbacks=fallbacks))
        later = other.test_client()
        later.set_cookie("session", cookie.value)
        assert later.get("/konto").status_code == expected
        other.extensions["surveyor.engine"].dispose()


# Cross-site requests (SEC-8)


def test_no_post_without_a_token_on_any_route(app: Flask) -> None:
    client = browser(app, Role.ADMIN, "FK")
    tried = 0
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            url = re.sub(r"<uuid:[^>]+>", "00000000-0000-4000-8000-000000000000", rule.rule)
            url = re.sub(r"<int:[^>]+>", "1", url)
            url = re.sub(r"<[^>]+>", "x", url)
            assert client.open(url, method=method, data={"csrf_token": "forged"}).status_code == 400, rule
            tried += 1
    assert tried > 10
    assert post(client, "/t/echo").status_code == 200  # the control: with the token it goes through


def test_a_cross_site_post_is_refused_even_with_a_good_token(client: FlaskClient) -> None:
    for site, status in [("cross-site", 403), ("same-origin", 200), ("none", 200)]:
        assert post(client, "/t/echo", headers={"Sec-Fetch-Site": site}).status_code == status


# Hosts and proxies (SEC-9, SEC-17)


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"Host": "localhost.evil"}]
)
def test_a_forged_host_is_refused_with_all_headers(client: FlaskClient, headers: dict[str, str]) -> None:
    response = client.get("/", headers=headers)
    assert response.status_code == 400
    assert "evil" not in response.text
    assert response.headers["Content-Security-Policy"] == security.CSP


def test_the_known_host_is_let_in(client: FlaskClient) -> None:
    assert (
        client.get("/", headers={"Host": "localhost:8000", "X-Forwarded-Host": "localhost:8000"}).status_code
        == 200
    )


@pytest.mark.parametrize(("hops", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.5"), (2, "198.51.100.1")])
def test_only_the_configured_number_of_proxies_is_believed(settings: Settings, hops: int, seen: str) -> None:
    app = create_app(replace(settings, proxy_hops=hops))
    app.add_url_rule("/t/ip", "t_ip", access.public(lambda: str(request.remote_addr)))
    forged = "6.6.6.6, 198.51.100.1, 203.0.113.5"
    assert app.test_client().get("/t/ip", headers={"X-Forwarded-For": forged}).text == seen
    app.extensions["surveyor.engine"].dispose()


# Sizes (SEC-33)


def test_too_many_fields_and_too_large_forms_are_refused(client: FlaskClient) -> None:
    assert post(client, "/t/echo", {f"f{n}": "1" for n in range(1_900)}).text == "1901"
    assert post(client, "/t/echo", {f"f{n}": "1" for n in range(2_100)}).status_code == 413
    assert post(client, "/t/echo", {"f": "x" * (2**20 + 1)}).status_code == 413
    many = {f"f{n}": "1" for n in range(2_100)}
    assert post(client, "/t/echo", many, content_type="multipart/form-data").status_code == 413


@pytest.mark.parametrize(
    "options",
    [
        {"data": b"\xff\xfe=\x00&a=%ZZ", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"},
        {"data": b"{" * 500, "content_type": "application/json"},
        {"data": b"a=1&a=2", "headers": {"Cookie": "session=rubbish; language=../../x"}},
    ],
)
def test_rubbish_is_a_client_error_and_never_ours(client: FlaskClient, options: dict) -> None:
    for url in ("/logg-inn", "/t/echo"):
        assert 400 <= client.post(url, **options).status_code < 500


# Open redirects (SEC-16)

ELSEWHERE = [
    "//e", "///e", "////e", "/\\e", "\\\\e", "\\/e", "/\\/e", "/%5Ce", "/%5c%5ce", "https:e", "https:/e",
    "https://e", "HTTPS://e", "http:e", "ftp://e", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "data:text/html,x", "e", "e.com", "www.e.com", "@e", "/@e", "/x@e", "//x@e",
    "https://127.0.0.1:8000@e", "/%0d%0aLocation:%20//e", "/\r\nSet-Cookie: a=b", "/\te", "/\u0000",
    "\t//e", " //e", "//e%2f..", "/%2F/e", "/%2f%2fe", "//%65", "/;@e", "/x//e", "/?next=%0d%0aX:1",
    "/?u=https://e", "/x?y#//e", "", "?x", "#x",
    "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "/\u2044e", "/\uff0e\uff0e/",
]  # fmt: skip
HERE = [
    "/",
    "/konto",
    "/brukere/?q=kari&page=2",
    "/resultater/2026-v/B1",
    "/enheter/?on=2026-11-21",
    "/logg/?actor=kari%20n",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_after_signing_in_nobody_is_sent_elsewhere(target: str) -> None:
    assert safe_next(target) == "/"


@pytest.mark.parametrize("target", HERE)
def test_our_own_pages_are_gone_back_to(target: str) -> None:
    assert safe_next(target) == target


def test_the_corpus_has_forty_and_a_naive_check_lets_many_of_them_through() -> None:
    assert len(ELSEWHERE) >= 40
    assert sum(target.startswith("/") and not target.startswith("//") for target in ELSEWHERE) >= 10


def test_the_sign_in_page_obeys(client: FlaskClient) -> None:
    sign_in_as(client, Role.LEADER, "B1")
    for target in ELSEWHERE[:20]:
        assert client.get("/logg-inn", query_string={"next": target}).headers["Location"] == "/"


def test_language_links_stay_here_whatever_the_path(client: FlaskClient) -> None:
    for url in ("//evil.example/x", "/\\evil.example"):
        for link in re.findall(r'hreflang="[a-z]+"|href="([^"]*lang=[a-z]+)"', client.get(url).text):
            assert not link.startswith(("//", "/\\"))


# Pages (SEC-1)


def test_no_page_has_anything_inline(app: Flask) -> None:
    client = browser(app, Role.ADMIN, "FK")
    seen = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.arguments or rule.endpoint.startswith("t_"):
            continue
        page = client.get(rule.rule)
        if page.mimetype != "text/html":
            continue
        seen += 1
        assert not re.search(
            r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=|javascript:", page.text
        ), rule.rule
    assert seen >= 8


# Logs (SEC-24)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict]]:
    """What the log would hold, as written."""
    found: list[dict] = []
    written = JsonLines()

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = written.format(record)
            assert "\n" not in text
            found.append(json.loads(text))

    handler = Keep()
    logging.getLogger("surveyor").addHandler(handler)
    yield found
    logging.getLogger("surveyor").removeHandler(handler)


def test_a_line_has_route_and_request_id_and_neither_address_nor_path(
    client: FlaskClient, lines: list[dict]
) -> None:
    client.get("/passord/abcdefghijklmnopqrstuvwxyz0123456789ABCDEF?x=hemmelig")
    line = lines[-1]
    assert line["route"] == "/passord/<token>"
    assert line["at"].endswith("+00:00")
    assert re.fullmatch(r"[0-9a-f]{12}", line["request_id"])
    written = json.dumps(lines)
    for secret in ("abcdefghijk", "hemmelig", "127.0.0.1"):
        assert secret not in written


def test_a_respondent_leaves_no_line(client: FlaskClient, lines: list[dict]) -> None:
    client.get("/t/m/abcdefghijklmnopqrstuvwxyz")
    assert lines == []
    client.get("/logg-inn")
    assert len(lines) == 1  # the control: others do


def test_a_failure_is_traced_without_what_it_said_of_people(client: FlaskClient, lines: list[dict]) -> None:
    client.get("/t/fail")
    trace = next(line for line in lines if "trace" in line)
    assert "RuntimeError" in trace["trace"]
    assert "kari@" not in json.dumps(lines)
    assert {line["request_id"] for line in lines} == {trace["request_id"]}


def test_injected_line_breaks_stay_on_the_line(lines: list[dict]) -> None:
    logging.getLogger("surveyor").warning('a\r\n{"level": "forged"}\n')
    assert [line["level"] for line in lines] == ["warning"]


def test_credentials_in_a_message_are_taken_out() -> None:
    text = redact("token 3q2-7wAB_cdEFghIJklMNopQR for ola.nes@fjordvik.kommune.no failed")
    assert text == "token [token] for [e-mail] failed"
