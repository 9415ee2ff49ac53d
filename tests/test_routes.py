"""One table, route by role: who is let in where, and no route outside the table."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from blueprints import access
from surveyor.accounts.enums import Role
from surveyor.models import METADATA
from tests.factories import app_session, browser, make_account, make_tree, post, sign_in, sign_in_as
from tests.route_table import RESPONDENT, SIGNED_IN, TABLE, UNIT_ROUTES

SAMPLES = {"uuid": "00000000-0000-4000-8000-000000000000", "int": "1", "path": "x"}
SIGNING = "accounts."  # routes that let browsers in or out: tried last, each by a browser of its own


@pytest.fixture
def app(app: Flask) -> Flask:
    with app_session(app) as session:
        make_tree(session)
    return app


def address(rule: Rule, **arguments: str) -> str:
    """The rule's address with sample arguments."""

    def sample(match: re.Match[str]) -> str:
        converter, _, name = match[1].rpartition(":")
        choice = re.match(r"any\((\w+)", converter)
        return arguments.get(name) or (choice[1] if choice else SAMPLES.get(converter, "x"))

    return re.sub(r"<([^>]+)>", sample, rule.rule)


def methods(rule: Rule) -> set[str]:
    return (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}


def outcome(client: FlaskClient, rule: Rule, **arguments: str) -> str:
    """How each method of the route receives this browser: in, sign-in, refused, or broken."""
    found = set()
    for method in methods(rule):
        url = address(rule, **arguments)
        response = client.get(url) if method == "GET" else post(client, url)
        found.add(_class(response.status_code, response.headers.get("Location", "")))
    return "/".join(sorted(found))


def _class(status: int, location: str) -> str:
    if status >= 500:
        return "broken"
    if status in {302, 303} and location.startswith("/logg-inn?next="):
        return "sign-in"
    return "refused" if status == 403 else "in"


def outcomes(app: Flask, account_of: Role | None, is_signed_in: bool) -> dict[str, str]:
    """Every route of the table tried with one kind of browser."""
    with app_session(app) as session:
        account = make_account(session, account_of, "FK" if account_of else None)

    def fresh() -> FlaskClient:
        client = app.test_client()
        if is_signed_in:
            sign_in(client, account)
        return client

    one = fresh()
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint.startswith(SIGNING))
    return {
        rule.endpoint: outcome(fresh() if rule.endpoint.startswith(SIGNING) else one, rule) for rule in rules
    }


def expected(endpoint: str, role: Role | None, is_signed_in: bool) -> str:
    who = TABLE[endpoint]
    if isinstance(who, str) and (who != SIGNED_IN or is_signed_in):
        return "in"
    if not is_signed_in:
        return "sign-in"
    return "in" if role in who else "refused"


def test_every_route_is_in_the_table_and_the_table_has_no_other(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(TABLE)


def test_a_route_outside_the_table_is_found(app: Flask) -> None:
    app.add_url_rule("/t", "t_new", access.public(lambda: ""))
    with pytest.raises(AssertionError):
        test_every_route_is_in_the_table_and_the_table_has_no_other(app)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_enters_where_the_table_says_and_nowhere_else(app: Flask, role: Role) -> None:
    found = outcomes(app, role, is_signed_in=True)
    assert found == {endpoint: expected(endpoint, role, True) for endpoint in found}


def test_the_signed_out_enter_public_pages_only(app: Flask) -> None:
    found = outcomes(app, None, is_signed_in=False)
    assert found == {endpoint: expected(endpoint, None, False) for endpoint in found}


def test_an_account_without_roles_enters_no_room(app: Flask) -> None:
    found = outcomes(app, None, is_signed_in=True)
    assert found == {endpoint: expected(endpoint, None, True) for endpoint in found}


def test_a_wrong_declaration_is_found(app: Flask) -> None:
    app.view_functions["audit.index"] = access.roles(Role.ADMIN, Role.LEADER)(lambda: "")
    found = outcome(browser(app, Role.LEADER, "FK"), next(app.url_map.iter_rules("audit.index")))
    assert found != expected("audit.index", Role.LEADER, True)


def statuses_elsewhere(app: Flask, endpoint: str, argument: str) -> set[int]:
    """What each role of a route, held on one kindergarten, is told about units beside, above and nowhere."""
    rule, who, found = next(app.url_map.iter_rules(endpoint)), TABLE[endpoint], set()
    assert isinstance(who, frozenset)
    for role in who:
        client = browser(app, role, "B1")
        for unit in ("B2", "S1", "FK", "no-such-unit"):
            for method in methods(rule):
                url = address(rule, **{argument: unit})
                found.add((client.get(url) if method == "GET" else post(client, url)).status_code)
    return found


def test_a_role_on_one_unit_is_nothing_on_another(app: Flask) -> None:
    found = {
        endpoint: statuses_elsewhere(app, endpoint, argument) for endpoint, argument in UNIT_ROUTES.items()
    }
    assert found == dict.fromkeys(UNIT_ROUTES, {404})


def rows(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the database but the counts of attempts, the one thing a GET may write."""
    with app_session(app) as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(table.select())), key=repr)
            for metadata in METADATA
            for table in metadata.sorted_tables
            if table.name not in {"rate_count", "rate_key"}
        }


def test_no_get_changes_the_database(app: Flask) -> None:
    client = app.test_client()
    with app_session(app) as session:
        account = make_account(session, Role.ADMIN, "FK")
    sign_in(client, account)
    before = rows(app)
    for rule in app.url_map.iter_rules():
        if "GET" in methods(rule):
            client.get(address(rule))
            client.get(address(rule, code="FK", unit="FK", unit_code="FK"))
    assert rows(app) == before
    assert any(before.values())


@pytest.fixture
def undeclared(app: Flask) -> Flask:
    app.add_url_rule("/t/undeclared", "t_undeclared", lambda: "x")
    return app


def test_a_forgotten_declaration_shuts_the_route(undeclared: Flask) -> None:
    client = undeclared.test_client()
    for role in Role:
        sign_in_as(client, role, "FK")
        assert client.get("/t/undeclared").status_code == 403


def test_respondents_routes_look_at_no_account(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        declared = getattr(app.view_functions[rule.endpoint], "allowed", None)
        assert (declared == access.RESPONDENT) is (TABLE[rule.endpoint] == RESPONDENT)
