"""Deny by default, and who is let in where."""

from datetime import timedelta

import pytest
from flask import Flask
from flask_login import current_user

from blueprints import access
from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.accounts.models import AccountSession
from surveyor.accounts.sessions import end_all_sessions
from tests.factories import app_session, make_account, make_tree, sign_in, sign_in_as


@pytest.fixture
def app(app: Flask) -> Flask:
    """The app with bare views: for leaders, one that names the units, one of a unit."""
    app.add_url_rule("/t/leaders", "t_leaders", access.roles(Role.LEADER)(lambda: access.account().email))
    app.add_url_rule(
        "/t/units",
        "t_units",
        access.roles(Role.LEADER, Role.HR)(lambda: sorted(access.granted_units(Role.LEADER))),
    )

    def unit(code: str) -> str:
        access.require_unit(code, Role.LEADER)
        return code

    app.add_url_rule("/t/unit/<code>", "t_unit", access.roles(Role.LEADER)(unit))
    with app_session(app) as session:
        make_tree(session)
    return app


def test_the_signed_out_are_sent_to_sign_in_with_the_way_back(app: Flask) -> None:
    response = app.test_client().get("/t/leaders")
    assert response.status_code == 302
    assert response.headers["Location"] == "/logg-inn?next=/t/leaders"


def test_a_role_lets_in_and_another_does_not(app: Flask) -> None:
    leader, hr = app.test_client(), app.test_client()
    account = sign_in_as(leader, Role.LEADER, "B1")
    sign_in_as(hr, Role.HR, "FK")
    assert leader.get("/t/leaders").text == account.email
    assert hr.get("/t/leaders").status_code == 403


def test_a_grant_covers_the_unit_and_what_lies_below_for_that_role_only(app: Flask) -> None:
    client = app.test_client()
    with app_session(app) as session:
        account = make_account(session, Role.LEADER, "OPP")
        make_account(session, Role.HR, "FK")
    sign_in(client, account)
    assert client.get("/t/units").json == ["B1", "B2", "OPP"]
    assert client.get("/t/unit/B2").status_code == 200
    assert client.get("/t/unit/S1").status_code == 404
    assert client.get("/t/unit/nowhere").status_code == 404


def test_a_session_ends_after_half_an_hour_unused(app: Flask) -> None:
    client = app.test_client()
    sign_in_as(client, Role.LEADER, "B1")
    with clock.fixed_at(clock.now() + timedelta(minutes=29)):
        assert client.get("/t/leaders").status_code == 200
    with clock.fixed_at(clock.now() + timedelta(minutes=58)):
        assert client.get("/t/leaders").status_code == 200
    with clock.fixed_at(clock.now() + timedelta(minutes=89)):
        assert client.get("/t/leaders").status_code == 302


@pytest.mark.parametrize(("role", "hours"), [(Role.LEADER, 12), (Role.ADMIN, 8)])
def test_a_session_ends_after_its_longest_time_however_much_it_is_used(
    app: Flask, role: Role, hours: int
) -> None:
    app.add_url_rule("/t/both", "t_both", access.roles(Role.LEADER, Role.ADMIN)(lambda: "in"))
    client, start = app.test_client(), clock.now()
    sign_in_as(client, role, "FK")
    for step in range(1, hours * 4):
        with clock.fixed_at(start + timedelta(minutes=15 * step)):
            assert client.get("/t/both").status_code == 200
    with clock.fixed_at(start + timedelta(hours=hours, minutes=1)):
        assert client.get("/t/both").status_code == 302


def test_a_deleted_session_is_not_resurrected_by_a_parallel_response(app: Flask) -> None:
    """The cookie of a slow response that began before the sign-out arrives after it: it must open nothing."""
    client = app.test_client()
    account = sign_in_as(client, Role.LEADER, "B1")

    def slow() -> str:
        with app_session(app) as session:
            end_all_sessions(session, account_id=account.id)
        return "done"

    app.add_url_rule("/t/slow", "t_slow", access.roles(Role.LEADER)(slow))
    with clock.fixed_at(clock.now() + timedelta(minutes=5)):
        response = client.get("/t/slow")
        assert "session=" in response.headers["Set-Cookie"]
        assert client.get("/t/leaders").status_code == 302
    with app_session(app) as session:
        assert session.query(AccountSession).count() == 0


def test_get_writes_nothing(app: Flask) -> None:
    client = app.test_client()
    sign_in_as(client, Role.LEADER, "B1")
    with app_session(app) as session:
        before = session.query(AccountSession.expires_at).all()
    with clock.fixed_at(clock.now() + timedelta(minutes=20)):
        client.get("/t/leaders")
    with app_session(app) as session:
        assert session.query(AccountSession.expires_at).all() == before


def test_an_answering_page_knows_no_account_and_leaves_the_sign_in_alone(app: Flask) -> None:
    for name, declared in [("answer", access.respondents), ("open", access.public)]:
        app.add_url_rule(f"/t/{name}", f"t_{name}", declared(lambda: str(current_user.is_authenticated)))
    client = app.test_client()
    sign_in_as(client, Role.LEADER, "B1")
    assert client.get("/t/answer").text == "False"
    assert client.get("/t/open").text == "True"  # the control: elsewhere the same browser is known
    assert client.get("/t/leaders").status_code == 200
