"""Signing in and out, own account, one-time links, administration of accounts: through the browser's door."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.accounts.models import Account, AccountSession, RoleGrant
from surveyor.accounts.passwords import hash_password
from surveyor.audit.models import AuditEntry
from surveyor.mail.models import OutboxMail
from surveyor.mail.sealing import open_content
from tests.factories import app_session, browser, make_account, make_tree, post, sign_in, sign_in_as

PASSWORD = "blåbær tog lampe sky"
OTHER = "elg paraply kladd fjære"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    with app_session(app) as session:
        make_tree(session)
        make_account(
            session, Role.LEADER, "B1", email="kari@fjordvik.test", password_hash=hash_password(PASSWORD)
        )
    return app.test_client()


def enter(
    client: FlaskClient, password: str = PASSWORD, email: str = "kari@fjordvik.test", url: str = "/logg-inn"
):
    return post(client, url, {"email": email, "password": password})


def account_of(app: Flask, email: str) -> Account:
    with app_session(app) as session:
        return session.query(Account).filter_by(email=email).one()


def test_the_right_password_lets_in_and_leads_back(client: FlaskClient) -> None:
    response = enter(client, email=" Kari@Fjordvik.test ", url="/logg-inn?next=/konto")
    assert (response.status_code, response.headers["Location"]) == (303, "/konto")
    assert "kari@fjordvik.test" in client.get("/konto").text


def test_signing_in_gives_a_new_id_and_drops_what_the_cookie_held(client: FlaskClient) -> None:
    client.get("/logg-inn")
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
        before = dict(cookie)
    enter(client)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["_user_id"] != before.get("_user_id")
        assert cookie.get("csrf_token") != before["csrf_token"]


def test_wrong_password_unknown_and_shut_account_get_the_same_answer(app: Flask, client: FlaskClient) -> None:
    with app_session(app) as session:
        make_account(
            session, email="shut@fjordvik.test", password_hash=hash_password(PASSWORD)
        ).disabled_at = clock.now()
        make_account(session, email="unused@fjordvik.test")
    answers = [
        enter(client, email=email, password=password)
        for email, password in [
            ("kari@fjordvik.test", OTHER),
            ("nobody@fjordvik.test", PASSWORD),
            ("shut@fjordvik.test", PASSWORD),
            ("unused@fjordvik.test", PASSWORD),
        ]
    ]
    texts = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}
    assert len(texts) == 1
    assert "E-post eller passord er feil." in texts.pop()
    assert {answer.status_code for answer in answers} == {422}


def test_after_wrong_passwords_one_must_wait_and_the_right_one_starts_afresh(client: FlaskClient) -> None:
    at = clock.now()
    with clock.fixed_at(at):
        assert [enter(client, OTHER).status_code for _ in range(4)] == [422] * 4
        refused = enter(client)
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "1"
        assert "Vent 1 sekunder" in refused.text
    with clock.fixed_at(at + timedelta(seconds=2)):
        assert enter(client).status_code == 303
        post(client, "/logg-ut")
        assert [enter(client, OTHER).status_code for _ in range(4)] == [422] * 4


def test_another_address_is_not_shut_out_by_a_stranger_s_attempts(app: Flask, client: FlaskClient) -> None:
    stranger = app.test_client()
    for _ in range(8):
        post(stranger, "/logg-inn", {"email": "kari@fjordvik.test", "password": OTHER},
             environ_base={"REMOTE_ADDR": "198.51.100.9"})  # fmt: skip
    assert enter(client).status_code == 303


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(app: Flask, client: FlaskClient) -> None:
    enter(client)
    copied = client.get_cookie("session")
    assert copied is not None
    response = post(client, "/logg-ut")
    assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    thief = app.test_client()
    thief.set_cookie("session", copied.value)
    assert thief.get("/konto").status_code == 302


def test_a_new_password_ends_all_other_sessions(app: Flask, client: FlaskClient) -> None:
    other = app.test_client()
    enter(client)
    enter(other)
    response = post(client, "/konto/passord", {"current": PASSWORD, "password": OTHER})
    assert response.status_code == 303
    assert client.get("/konto").status_code == 200
    assert other.get("/konto").status_code == 302
    assert enter(other).status_code == 422
    assert enter(other, OTHER).status_code == 303


def test_a_wrong_current_or_an_easy_new_password_changes_nothing(client: FlaskClient) -> None:
    enter(client)
    wrong = post(client, "/konto/passord", {"current": OTHER, "password": OTHER})
    easy = post(client, "/konto/passord", {"current": PASSWORD, "password": "Kari Fjordvik 2026"})
    assert (wrong.status_code, easy.status_code) == (422, 422)
    assert "Det nåværende passordet er feil." in wrong.text
    assert "for lett å gjette" in easy.text
    assert enter(client).status_code == 303


def test_the_language_follows_the_account_to_a_new_browser(app: Flask, client: FlaskClient) -> None:
    enter(client)
    post(client, "/konto/spraak", {"language": "en"})
    other = app.test_client()
    enter(other)
    assert '<html lang="en"' in other.get("/konto").text


def test_an_administrator_makes_an_account_and_the_link_works_once(app: Flask, client: FlaskClient) -> None:
    admin = browser(app, Role.ADMIN, "FK")
    new = {"name": "Ola <b>Nes</b>", "email": "ola@fjordvik.test", "role": "hr", "unit": "FK"}
    made = post(admin, "/brukere/ny", new)
    assert made.status_code == 200
    assert "<b>Nes" not in made.text
    path = re.search(r"http://127\.0\.0\.1:8000(/passord/[\w-]+)", made.text)
    assert path is not None
    for _ in range(2):
        followed = client.get(path[1])
        assert followed.status_code == 303
        assert followed.headers["Location"] == "/passord"
    assert client.get("/passord").status_code == 200
    assert post(client, "/passord", {"password": "kort"}).status_code == 422
    assert post(client, "/passord", {"password": PASSWORD}).status_code == 303
    assert enter(client, email="ola@fjordvik.test").status_code == 303
    again = app.test_client()
    again.get(path[1])
    assert again.get("/passord").status_code == 404
    assert post(again, "/passord", {"password": OTHER}).status_code == 404


def test_a_link_dies_after_an_hour_and_when_a_newer_is_made(app: Flask, client: FlaskClient) -> None:
    admin = browser(app, Role.ADMIN, "FK")
    kari = account_of(app, "kari@fjordvik.test")
    pages = [post(admin, f"/brukere/{kari.id}/lenke").text for _ in range(2)]
    first, second = (re.search(r"/passord/[\w-]+", page)[0] for page in pages)  # type: ignore[index]
    client.get(first)
    assert client.get("/passord").status_code == 404
    client.get(second)
    assert client.get("/passord").status_code == 200
    with clock.fixed_at(clock.now() + timedelta(minutes=61)):
        assert client.get("/passord").status_code == 404


def test_a_reset_is_mailed_and_the_page_does_not_tell_who_is_known(app: Flask, client: FlaskClient) -> None:
    known = post(client, "/glemt-passord", {"email": "kari@fjordvik.test"}, headers={"Accept-Language": "nb"})
    unknown = post(client, "/glemt-passord", {"email": "nobody@fjordvik.test"})
    assert known.text == unknown.text
    with app_session(app) as session:
        mail = session.query(OutboxMail).one()
        content = open_content(app.extensions["surveyor.settings"], mail.content or b"", key=mail.key)
    assert content.to == "kari@fjordvik.test"
    link = re.search(r"http://127\.0\.0\.1:8000(/passord/\S+)", content.body)
    assert link is not None
    client.get(link[1])
    assert post(client, "/passord", {"password": OTHER}).status_code == 303
    assert enter(client, OTHER).status_code == 303


def test_a_mailed_link_never_holds_the_host_of_the_request(app: Flask, client: FlaskClient) -> None:
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
        assert (
            post(client, "/glemt-passord", {"email": "kari@fjordvik.test"}, headers=headers).status_code
            == 400
        )
    with app_session(app) as session:
        assert session.query(OutboxMail).count() == 0


def test_resets_are_counted_per_account_and_address(client: FlaskClient) -> None:
    answers = [post(client, "/glemt-passord", {"email": "kari@fjordvik.test"}).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


def test_a_change_of_roles_ends_the_sessions_and_is_in_the_log(app: Flask, client: FlaskClient) -> None:
    enter(client)
    admin = browser(app, Role.ADMIN, "FK")
    kari = account_of(app, "kari@fjordvik.test")
    assert post(admin, f"/brukere/{kari.id}/roller", {"role": "controller", "unit": "OPP"}).status_code == 303
    assert client.get("/konto").status_code == 302
    again = post(admin, f"/brukere/{kari.id}/roller", {"role": "controller", "unit": "OPP"})
    assert again.status_code == 422
    assert "har allerede denne rollen" in again.text
    with app_session(app) as session:
        grant = session.query(RoleGrant).filter_by(account_id=kari.id, role=Role.LEADER).one().id
        entry = session.query(AuditEntry).filter_by(action="account.role_granted").one()
        assert (entry.subject_id, entry.details) == (
            "kari@fjordvik.test",
            {"role": "controller", "unit": "OPP"},
        )
    assert post(admin, f"/brukere/{kari.id}/roller/{grant}/ta-bort").status_code == 303
    assert "Controller" in admin.get(f"/brukere/{kari.id}").text


def test_disabling_shuts_at_once_and_enabling_opens_again(app: Flask, client: FlaskClient) -> None:
    enter(client)
    admin = browser(app, Role.ADMIN, "FK")
    kari = account_of(app, "kari@fjordvik.test")
    post(admin, f"/brukere/{kari.id}/steng")
    assert client.get("/konto").status_code == 302
    assert enter(client).status_code == 422
    post(admin, f"/brukere/{kari.id}/aapne")
    assert enter(client).status_code == 303


def test_the_last_administrator_stays(app: Flask, client: FlaskClient) -> None:
    admin = sign_in_as(client, Role.ADMIN, "FK")
    with app_session(app) as session:
        grant = session.query(RoleGrant).filter_by(account_id=admin.id).one().id
    refused = post(client, f"/brukere/{admin.id}/roller/{grant}/ta-bort")
    assert refused.status_code == 409
    assert "minst én administrator" in refused.text
    assert post(client, f"/brukere/{admin.id}/steng").status_code == 409


def test_an_administrator_of_a_part_reaches_no_further(app: Flask, client: FlaskClient) -> None:
    sign_in_as(client, Role.ADMIN, "OPP")
    with app_session(app) as session:
        above = make_account(session, Role.HR, "FK", name="Over").id
        beside = make_account(session, Role.LEADER, "S1", name="Beside").id
        within = make_account(session, Role.LEADER, "B2", name="Within").id
    listed = client.get("/brukere/").text
    assert "Within" in listed
    assert "Over" not in listed
    assert "Beside" not in listed
    assert client.get(f"/brukere/{within}").status_code == 200
    for other in (above, beside):
        assert client.get(f"/brukere/{other}").status_code == 404
        assert post(client, f"/brukere/{other}/lenke").status_code == 404
        assert post(client, f"/brukere/{other}/steng").status_code == 404
    outside = post(client, f"/brukere/{within}/roller", {"role": "admin", "unit": "FK"})
    assert outside.status_code == 422


def test_extra_fields_change_nothing(app: Flask, client: FlaskClient) -> None:
    enter(client)
    post(
        client,
        "/konto/spraak",
        {"language": "nn", "role": "admin", "email": "x@x.no", "disabled_at": "1", "id": "1"},
    )
    kari = account_of(app, "kari@fjordvik.test")
    assert [grant.role for grant in kari.grants] == [Role.LEADER]


@pytest.mark.parametrize(
    "email", ["kari", "kari@", "a b@c.no", "a@b\r\nBcc: x@y.no", "@b.no", "x" * 300 + "@b.no", ""]
)
def test_a_bad_address_is_refused_with_the_form_kept(client: FlaskClient, email: str) -> None:
    sign_in_as(client, Role.ADMIN, "FK")
    made = post(client, "/brukere/ny", {"name": "Navn Beholdt", "email": email, "role": "hr", "unit": "FK"})
    assert made.status_code == 422
    assert "Navn Beholdt" in made.text


def test_the_list_is_searched_and_says_when_nothing_fits(app: Flask, client: FlaskClient) -> None:
    sign_in_as(client, Role.ADMIN, "FK")
    with app_session(app) as session:
        make_account(session, Role.LEADER, "B1", name="Åse Ødegård", email="aase@fjordvik.test")
    assert "Åse Ødegård" in client.get("/brukere/?q=ødegård").text
    assert "Ingen brukere passer" in client.get("/brukere/?q=%25").text
    assert client.get("/brukere/?q=aase&page=x").status_code == 200


def test_an_account_without_roles_sees_its_own_page_and_nothing_else(app: Flask, client: FlaskClient) -> None:
    with app_session(app) as session:
        account = make_account(session)
    sign_in(client, account)
    assert "Du har ingen roller ennå" in client.get("/konto").text
    assert client.get("/brukere/").status_code == 403
    assert client.get("/").status_code == 200


def test_the_session_table_knows_no_id_that_opens_anything(app: Flask, client: FlaskClient) -> None:
    enter(client)
    with app_session(app) as session:
        row = session.query(AccountSession).one()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = row.id_hash.hex()
    assert client.get("/konto").status_code == 302


def test_whoever_is_sent_to_sign_in_is_told_why(client: FlaskClient) -> None:
    assert "Logg inn for å se denne siden" in client.get("/konto", follow_redirects=True).text
    assert "Logg inn for å se denne siden" not in client.get("/logg-inn").text
