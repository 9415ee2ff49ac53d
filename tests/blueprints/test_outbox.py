"""The outbox page: readable where nothing is sent, silent about content where something is."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from blueprints.outbox import KINDS
from surveyor import create_app
from surveyor.accounts.enums import Role
from surveyor.audit.models import AuditEntry
from surveyor.cases import letters
from surveyor.config import Settings
from surveyor.db import make_engine, unit_of_work
from surveyor.mail.enums import MailState
from surveyor.mail.models import OutboxMail
from surveyor.mail.queries import outbox_page
from surveyor.mail.services import queue_mail
from tests.factories import app_session, browser, make_tree, post, sign_in_as
from tests.planned_waves import make_mail_keys


@pytest.fixture
def app(app: Flask, settings: Settings) -> Flask:
    with app_session(app) as session:
        make_tree(session)
    return app


def put(app: Flask, settings: Settings, n: int = 1) -> None:
    with app_session(app) as session:
        for number in range(n):
            queue_mail(
                session, settings, key=f"k{number}", kind="invitation", to="a@b.no", subject=f"Emne {number}",
                body="Hei <b>du</b>\nhttp://127.0.0.1:8000/s/abc\n",
            )  # fmt: skip


def put_kind(session: Session, settings: Settings, kind: str, *, key: str) -> None:
    queue_mail(session, settings, key=key, kind=kind, to="a@b.no", subject="Emne", body="Hei")


def test_an_empty_outbox_says_so_and_that_nothing_is_sent(app: Flask) -> None:
    client = browser(app, Role.ADMIN, "FK")
    page = client.get("/utboks/").text
    assert "Ingenting blir sendt" in page
    assert "Utboksen er tom." in page


def test_without_a_server_the_administrator_reads_the_mails(app: Flask, settings: Settings) -> None:
    put(app, settings, 60)
    client = browser(app, Role.ADMIN, "FK")
    page = client.get("/utboks/?state=waiting&page=2").text
    assert page.count("<tr>") == 11
    with app_session(app) as session:
        mail_id = session.scalars(select(OutboxMail.id)).first()
    letter = client.get(f"/utboks/{mail_id}").text
    assert "Hei &lt;b&gt;du&lt;/b&gt;" in letter
    assert 'href="http://127.0.0.1:8000/s/abc"' in letter


def test_with_a_server_nobody_reads_them_but_the_dead_can_be_tried_again(settings: Settings) -> None:
    sending = replace(settings, smtp_host="mail.fjordvik.test")
    make_mail_keys(sending)
    app = create_app(sending)
    with app_session(app) as session:
        make_tree(session)
    put(app, sending)
    with app_session(app) as session:
        session.execute(update(OutboxMail).values(state=MailState.DEAD, last_error="refused 550"))
        mail_id = session.scalars(select(OutboxMail.id)).one()
    client = app.test_client()
    account = sign_in_as(client, Role.ADMIN, "FK")
    page = client.get("/utboks/").text
    assert "Emne 0" not in page
    assert "a@b.no" not in page
    assert "E-posttjeneren tok ikke imot (550)." in page
    assert client.get(f"/utboks/{mail_id}").status_code == 404
    assert post(client, f"/utboks/{mail_id}/prov-igjen").status_code == 302
    assert post(client, f"/utboks/{mail_id}/prov-igjen").status_code == 404
    with app_session(app) as session:
        assert session.scalars(select(OutboxMail.state)).one() is MailState.WAITING
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "mail.retried"))
        assert (entry.actor, entry.details) == (account.email, {"kind": "invitation"})
    app.extensions["surveyor.engine"].dispose()


def test_reminders_are_on_no_page_so_that_nobody_sees_who_has_not_answered(
    app: Flask, settings: Settings
) -> None:
    put(app, settings)
    with app_session(app) as session:
        for number in range(3):
            queue_mail(
                session, settings, key=f"remind:{number}", kind="reminder", to=f"silent{number}@b.no",
                subject="Påminnelse", body="Hei",
            )  # fmt: skip
        found = select(OutboxMail.id).where(OutboxMail.kind == "reminder")
        mail_id = session.scalars(found).first()
    client = browser(app, Role.ADMIN, "FK")
    page = client.get("/utboks/").text
    assert "a@b.no" in page  # the control: other mails are listed
    assert "silent" not in page
    assert "Venter (1)" in page  # nor how many there are
    assert client.get(f"/utboks/{mail_id}").status_code == 404


def test_in_production_no_administrator_reads_a_participants_link(settings: Settings) -> None:
    real = replace(
        settings, production=True, base_url="https://surveyor.test", trusted_hosts=("surveyor.test",)
    )
    for safe, is_read in ((settings, True), (real, False)):
        engine = make_engine(settings.database_url)
        with unit_of_work(engine) as session:
            put_kind(session, safe, "invitation", key=f"i{is_read}")
            put_kind(session, safe, "account_link", key=f"a{is_read}")
            page = outbox_page(session, safe)
            assert {row.kind: row.content is not None for row in page.rows} == {
                "invitation": is_read, "account_link": True,
            }  # fmt: skip
        engine.dispose()


def test_every_kind_of_mail_has_a_name() -> None:
    sent = {"invitation", "reminder", "account_link"}
    sent |= {one.kind for one in vars(letters).values() if isinstance(one, letters.Letter)}
    assert sent <= set(KINDS)
