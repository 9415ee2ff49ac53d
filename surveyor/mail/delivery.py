"""Sending the outbox by SMTP: a lease a mail, a Message-ID that stays, later and later, then given up.

A worker killed between the server's "250 OK" and our COMMIT sends that one mail again, same Message-ID.
"""

import smtplib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from ssl import create_default_context
from uuid import UUID

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.config import Settings
from surveyor.db import open_session, unit_of_work
from surveyor.errors import Refused
from surveyor.mail.enums import MailState
from surveyor.mail.models import OutboxMail
from surveyor.mail.queries import due, is_mail_due
from surveyor.mail.sealing import MailContent, open_content
from surveyor.mail.wanted import is_wanted

LEASE = timedelta(minutes=4)
MAX_ATTEMPTS = 6
UNREACHABLE, UNREADABLE = "unreachable", "unreadable"
_FIRST_PAUSE = timedelta(minutes=1)
_TIMEOUT = 20.0


@dataclass(frozen=True)
class Delivery:
    """What one round of sending did."""

    n_sent: int = 0
    is_server_down: bool = False


@dataclass(frozen=True)
class _ClaimedMail:
    id: UUID
    lease_until: datetime
    attempt: int
    content: MailContent


def deliver_due(
    engine: Engine, settings: Settings, *, should_stop: Callable[[], bool] = lambda: False
) -> Delivery:
    """Send every mail that is due over one connection; without an SMTP server set nothing is sent."""
    if not settings.mail_is_sent or not _is_any_due(engine):
        return Delivery()
    try:
        server = _connect(settings)
    except (OSError, smtplib.SMTPException):
        _note_unreachable(engine)
        return Delivery(is_server_down=True)
    n_sent = 0
    with suppress(smtplib.SMTPException, OSError), server:
        while not should_stop() and (mail := _claim(engine, settings)):
            if not _send(engine, settings, server, mail):
                return Delivery(n_sent, is_server_down=True)
            n_sent += 1
    return Delivery(n_sent)


def _is_any_due(engine: Engine) -> bool:
    with open_session(engine, read_only=True) as session:
        return is_mail_due(session)


def _connect(settings: Settings) -> smtplib.SMTP:
    server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT)
    if settings.smtp_starttls:
        server.starttls(context=create_default_context())  # without one any certificate would do
    if settings.smtp_user:
        server.login(settings.smtp_user, settings.smtp_password)
    return server


def _claim(engine: Engine, settings: Settings) -> _ClaimedMail | None:
    """Lease the next mail that is still wanted; those that are not are withdrawn on the way."""
    with unit_of_work(engine) as session:
        while mail := _next_due(session):
            if content := _wanted_content(session, settings, mail):
                mail.lease_until = clock.now() + LEASE
                mail.n_attempts += 1
                return _ClaimedMail(mail.id, mail.lease_until, mail.n_attempts, content)
            session.flush()  # so that the next look does not find it
    return None


def _wanted_content(session: Session, settings: Settings, mail: OutboxMail) -> MailContent | None:
    """What to send; None for a mail that is ended here: no longer wanted, or its secret key is gone."""
    if not is_wanted(session, kind=mail.kind, key=mail.key):
        mail.state, mail.content = MailState.WITHDRAWN, None
        return None
    try:
        return open_content(settings, mail.content or b"", key=mail.key)
    except Refused:
        mail.state, mail.last_error = MailState.DEAD, UNREADABLE
        return None


def _next_due(session: Session) -> OutboxMail | None:
    statement = select(OutboxMail).where(*due(clock.now())).order_by(OutboxMail.send_after, OutboxMail.id)
    return session.scalar(statement.limit(1).with_for_update(skip_locked=True))


def _send(engine: Engine, settings: Settings, server: smtplib.SMTP, mail: _ClaimedMail) -> bool:
    """Send one mail and write down how it went; False when the server is no longer there."""
    try:
        server.send_message(_message(settings, mail))
    except smtplib.SMTPRecipientsRefused as error:
        _put_off(engine, mail, code=max((code for code, _ in error.recipients.values()), default=553))
    except smtplib.SMTPResponseException as error:
        _put_off(engine, mail, code=error.smtp_code)
    except (smtplib.SMTPNotSupportedError, ValueError):  # an address this server, or any, cannot take
        _put_off(engine, mail, code=553)
    except (OSError, smtplib.SMTPException):
        _put_off(engine, mail, code=None)
        return False
    else:
        _settle(engine, mail, state=MailState.SENT, content=None, last_error=None)
    return True


def _message(settings: Settings, mail: _ClaimedMail) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.mail_sender
    message["To"] = mail.content.to
    message["Subject"] = mail.content.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{mail.id}@{settings.mail_sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.content.body)
    return message


def _put_off(engine: Engine, mail: _ClaimedMail, *, code: int | None) -> None:
    """Try again after 1, 4, 16 ... minutes; give up after MAX_ATTEMPTS or when the server says never."""
    error = UNREACHABLE if code is None else f"refused {code}"
    if mail.attempt >= MAX_ATTEMPTS or (code or 0) >= 500:
        _settle(engine, mail, state=MailState.DEAD, last_error=error)
    else:
        pause = _FIRST_PAUSE * 4 ** (mail.attempt - 1)
        _settle(engine, mail, send_after=clock.now() + pause, last_error=error)


def _settle(engine: Engine, mail: _ClaimedMail, **values: object) -> None:
    """Write the outcome and let go of the lease, unless another worker holds it now."""
    held = OutboxMail.id == mail.id, OutboxMail.lease_until == mail.lease_until
    with unit_of_work(engine) as session:
        session.execute(update(OutboxMail).where(*held).values(lease_until=None, **values))


def _note_unreachable(engine: Engine) -> None:
    """Let the outbox page say why mails wait; a server that is away costs no mail an attempt."""
    with unit_of_work(engine) as session:
        session.execute(update(OutboxMail).where(*due(clock.now())).values(last_error=UNREACHABLE))
