"""The outbox: encrypted while it waits, sent by real SMTP, never lost, never when no longer wanted."""

import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.spec import COMMAND_LINE
from surveyor.config import Settings, load_settings
from surveyor.db import make_engine, open_session, unit_of_work
from surveyor.errors import NotFound, Refused
from surveyor.files import make_private_folder
from surveyor.mail import wanted
from surveyor.mail.delivery import LEASE, MAX_ATTEMPTS, UNREACHABLE, UNREADABLE, Delivery, deliver_due
from surveyor.mail.enums import MailState
from surveyor.mail.keys import make_key_pair, open_as_worker, seal_for_worker
from surveyor.mail.models import OutboxMail
from surveyor.mail.queries import outbox_page, readable_mail
from surveyor.mail.sealing import MailContent, open_content, seal_content
from surveyor.mail.services import queue_mail, retry_mail
from surveyor.mail.wanted import wanted_check
from surveyor.worker import run_worker
from tests.ports import free_port
from tests.smtp import Mailbox, listening, make_certificate

DAY = timedelta(days=1)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox(free_port())


@pytest.fixture
def settings(tmp_path: Path, mailbox: Mailbox) -> Settings:
    settings = load_settings(
        tmp_path, secret_key="a" * 40, smtp_host="127.0.0.1", smtp_port=mailbox.port,
        mail_sender="surveyor@fjordvik.test",
    )  # fmt: skip
    for store in (settings.key_store_a, settings.key_store_b):
        make_private_folder(store)
    make_key_pair(settings)
    return settings


@pytest.fixture
def checks() -> Iterator[dict[str, wanted.WantedCheck]]:
    before = dict(wanted.CHECKS)
    yield wanted.CHECKS
    wanted.CHECKS.clear()
    wanted.CHECKS.update(before)


def put(engine: Engine, settings: Settings, key: str = "k", kind: str = "letter") -> bool:
    with unit_of_work(engine) as session:
        return queue_mail(
            session,
            settings,
            key=key,
            kind=kind,
            to="åse@fjordvik.test",
            subject="Hei på deg",
            body="Blåbær\n",
        )


def the_mail(engine: Engine) -> OutboxMail:
    with open_session(engine, read_only=True) as session:
        return session.scalars(select(OutboxMail)).one()


def test_a_mail_is_sent_once_and_its_content_is_gone(
    engine: Engine, settings: Settings, mailbox: Mailbox
) -> None:
    assert put(engine, settings)
    assert not put(engine, settings)
    with listening(mailbox):
        assert deliver_due(engine, settings) == Delivery(n_sent=1)
        assert deliver_due(engine, settings) == Delivery()
    mail = the_mail(engine)
    assert (mail.state, mail.content, mail.lease_until) == (MailState.SENT, None, None)
    [got] = mailbox.mails
    assert got["Message-ID"] == f"<{mail.id}@fjordvik.test>"
    assert (got["To"], got["Subject"]) == ("åse@fjordvik.test", "Hei på deg")
    assert got.get_content().splitlines() == ["Blåbær"]


def test_what_waits_is_encrypted_and_bound_to_its_row(engine: Engine, settings: Settings) -> None:
    put(engine, settings)
    sealed = the_mail(engine).content
    assert sealed
    assert b"fjordvik" not in sealed
    assert open_content(settings, sealed, key="k").to == "åse@fjordvik.test"
    with pytest.raises(Refused):
        open_content(settings, sealed, key="other")


def test_a_changed_secret_key_keeps_reading_as_long_as_the_old_one_is_named(
    engine: Engine, settings: Settings
) -> None:
    settings = replace(settings, smtp_host="")
    put(engine, settings)
    sealed = the_mail(engine).content or b""
    rotated = replace(settings, secret_key="b" * 40, secret_key_fallbacks=(settings.secret_key,))
    assert open_content(rotated, sealed, key="k").body == "Blåbær\n"
    with pytest.raises(Refused):
        open_content(replace(rotated, secret_key_fallbacks=()), sealed, key="k")


def test_database_and_settings_without_the_key_stores_give_no_link_away(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    put(engine, settings)
    sealed = the_mail(engine).content or b""
    stolen = replace(settings, key_store_a=tmp_path / "none", key_store_b=tmp_path / "none")
    with pytest.raises(Refused):
        open_content(stolen, sealed, key="k")
    assert open_content(settings, sealed, key="k").body == "Blåbær\n"  # the control: the stores do
    silent = replace(stolen, smtp_host="")
    assert (
        open_content(silent, seal_content(silent, MailContent("a", "b", "c"), key="k"), key="k").body == "c"
    )


def test_a_mail_that_cannot_be_opened_does_not_shut_the_page(session: Session, settings: Settings) -> None:
    silent = replace(settings, smtp_host="")
    queue_mail(session, settings, key="1", kind="x", to="a@b.no", subject="s", body="for the worker")
    queue_mail(session, silent, key="2", kind="x", to="a@b.no", subject="s", body="under another key")
    page = outbox_page(session, replace(silent, secret_key="c" * 40))
    assert [row.content for row in page.rows] == [None, None]


@pytest.mark.parametrize(("address", "is_known", "n_sent"), [
    ("127.0.0.1", False, 0), ("127.0.0.2", True, 0), ("127.0.0.1", True, 1),
], ids=["nobody vouches", "another's", "the server's own"])  # fmt: skip
def test_a_certificate_is_trusted_only_when_known_and_the_servers_own(
    engine: Engine, settings: Settings, mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    address: str, is_known: bool, n_sent: int,
) -> None:  # fmt: skip
    settings, certificate = replace(settings, smtp_starttls=True), make_certificate(tmp_path, address)
    if is_known:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    put(engine, settings)
    with listening(mailbox, certificate=certificate):
        assert deliver_due(engine, settings) == Delivery(n_sent, is_server_down=not n_sent)
    assert len(mailbox.mails) == n_sent


def test_headers_cannot_be_smuggled_in(session: Session, settings: Settings) -> None:
    with pytest.raises(ValueError, match="line breaks"):
        queue_mail(session, settings, key="k", kind="x", to="a@b.no", subject="x\r\nBcc: all@b.no", body="")


def test_without_a_server_nothing_is_sent_and_all_can_be_read(
    engine: Engine, settings: Settings, session: Session
) -> None:
    silent = replace(settings, smtp_host="")
    put(engine, silent)
    assert deliver_due(engine, silent) == Delivery()
    [row] = outbox_page(session, silent).rows
    assert row.state is MailState.WAITING
    assert readable_mail(session, silent, mail_id=row.id).content == row.content
    assert row.content
    with pytest.raises(NotFound):
        readable_mail(session, settings, mail_id=row.id)
    assert outbox_page(session, settings).rows[0].content is None


def test_a_server_that_is_away_costs_no_mail_an_attempt(
    engine: Engine, settings: Settings, mailbox: Mailbox
) -> None:
    put(engine, settings)
    for _ in range(MAX_ATTEMPTS + 1):
        assert deliver_due(engine, settings) == Delivery(is_server_down=True)
    assert (the_mail(engine).last_error, the_mail(engine).n_attempts) == (UNREACHABLE, 0)
    with listening(mailbox):
        assert deliver_due(engine, settings).n_sent == 1
    assert the_mail(engine).last_error is None


@pytest.mark.parametrize(("answer", "n_tries"), [("451 later", MAX_ATTEMPTS), ("550 no such user", 1)])
def test_a_refused_mail_is_given_up_and_can_be_tried_again(
    engine: Engine, settings: Settings, mailbox: Mailbox, answer: str, n_tries: int
) -> None:
    mailbox.answer = answer
    put(engine, settings)
    instant = clock.now()
    with listening(mailbox):
        for _ in range(MAX_ATTEMPTS + 2):
            instant += DAY
            with clock.fixed_at(instant):
                deliver_due(engine, settings)
        dead = the_mail(engine)
        assert (dead.state, dead.n_attempts, dead.last_error) == (
            MailState.DEAD, n_tries, f"refused {answer[:3]}",
        )  # fmt: skip
        mailbox.answer = "250 OK"
        with unit_of_work(engine) as session:
            retry_mail(session, mail_id=dead.id, actor=COMMAND_LINE)
        assert deliver_due(engine, settings).n_sent == 1
    with unit_of_work(engine) as session, pytest.raises(NotFound):
        retry_mail(session, mail_id=dead.id, actor=COMMAND_LINE)


def test_one_mail_that_cannot_be_read_or_addressed_holds_up_no_other(
    engine: Engine, settings: Settings, mailbox: Mailbox
) -> None:
    put(engine, replace(settings, smtp_host="", secret_key="gone" * 10), key="1")
    with unit_of_work(engine) as session:
        queue_mail(session, settings, key="2", kind="x", to="", subject="x", body="x")
    put(engine, settings, key="3")
    with listening(mailbox):
        deliver_due(engine, settings)
    with open_session(engine) as session:
        rows = session.execute(select(OutboxMail.key, OutboxMail.state, OutboxMail.last_error))
        assert set(map(tuple, rows)) == {
            ("1", MailState.DEAD, UNREADABLE),
            ("2", MailState.DEAD, "refused 553"),
            ("3", MailState.SENT, None),
        }


def test_nobody_is_mailed_who_has_answered_meanwhile(
    engine: Engine, settings: Settings, mailbox: Mailbox, checks: dict[str, wanted.WantedCheck]
) -> None:
    answered: set[str] = set()

    @wanted_check("reminder")
    def has_not_answered(_session: Session, key: str) -> bool:
        return key not in answered

    for key in ("reminder:1", "reminder:2"):
        put(engine, settings, key=key, kind="reminder")
    answered.add("reminder:1")
    with listening(mailbox):
        assert deliver_due(engine, settings).n_sent == 1
    with open_session(engine) as session:
        rows = session.execute(select(OutboxMail.key, OutboxMail.state, OutboxMail.content))
        assert set(map(tuple, rows)) == {
            ("reminder:1", MailState.WITHDRAWN, None),
            ("reminder:2", MailState.SENT, None),
        }


def _send_at(instant: datetime, url: str, settings: Settings) -> None:
    engine = make_engine(url)
    with clock.fixed_at(instant):
        run_worker(engine, settings, stop=Event(), once=True)


@pytest.mark.parametrize("n_mails", [200, pytest.param(600, marks=pytest.mark.soak)])
def test_workers_killed_and_server_down_and_up_lose_nothing(
    engine: Engine, settings: Settings, mailbox: Mailbox, database_url: str, n_mails: int
) -> None:
    """REL-9: lost 0, duplicates at most one a kill, and a duplicate has the Message-ID of the first."""
    for number in range(n_mails):
        put(engine, settings, key=str(number))
    engine.dispose()
    random, instant, n_kills = Random(9), clock.now(), 0
    context = multiprocessing.get_context("fork")
    while n_kills < 8 or not (mailbox.mails or n_kills > 60):  # a slow machine needs more rounds
        instant += LEASE * 2
        workers = [context.Process(target=_send_at, args=(instant, database_url, settings)) for _ in range(2)]
        if n_kills == 4:  # the server is away for this round
            _kill_soon(workers, random)
        else:
            with listening(mailbox):
                _kill_soon(workers, random)
        n_kills += len(workers)
    assert mailbox.mails, "the workers were killed before they did anything"
    with listening(mailbox):
        _send_at(instant + LEASE * 2, database_url, settings)
    sent = Counter(str(mail["Message-ID"]) for mail in mailbox.mails)
    with open_session(engine) as session:
        assert session.scalar(select(func.count()).where(OutboxMail.state == MailState.SENT)) == n_mails
    assert len(sent) == n_mails
    assert len(mailbox.mails) - n_mails <= n_kills


def _kill_soon(workers: list[multiprocessing.context.ForkProcess], random: Random) -> None:
    for worker in workers:
        worker.start()
    for worker in workers:
        time.sleep(random.uniform(0.02, 0.25))
        worker.kill()
        worker.join(10)


def test_the_web_seals_and_only_a_holder_of_the_key_opens(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    for store in (settings.key_store_a, settings.key_store_b):
        make_private_folder(store)
    make_key_pair(settings)
    sealed = seal_for_worker(settings, b"token", info=b"wave|participation")
    assert open_as_worker(settings, sealed, info=b"wave|participation") == b"token"
    with pytest.raises(InvalidTag):
        open_as_worker(settings, sealed, info=b"wave|other")
    (settings.key_store_a / "mail.key").unlink()
    assert open_as_worker(settings, sealed, info=b"wave|participation") == b"token"
    (settings.key_store_b / "mail.key").unlink()
    with pytest.raises(Refused):
        open_as_worker(settings, sealed, info=b"wave|participation")
