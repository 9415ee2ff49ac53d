"""Reading the outbox."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.config import Settings
from surveyor.errors import N_, NotFound, Refused
from surveyor.mail.enums import MailState
from surveyor.mail.models import OutboxMail
from surveyor.mail.sealing import MailContent, is_for_worker, open_content

PAGE_SIZE = 50
UNLISTED = ("reminder", "thanks")  # tell who has answered or not: neither who nor how many may be seen
WITH_LINKS = ("invitation",)  # whoever holds the link may answer in the person's place


@dataclass(frozen=True)
class OutboxRow:
    """One mail on the outbox page; the content only where nothing is ever sent."""

    id: UUID
    kind: str
    state: MailState
    send_after: datetime
    n_attempts: int
    last_error: str | None
    content: MailContent | None


@dataclass(frozen=True)
class OutboxPage:
    """One page of the outbox, newest first."""

    rows: tuple[OutboxRow, ...]
    number: int
    n_pages: int
    n_by_state: dict[MailState, int]


def outbox_page(
    session: Session, settings: Settings, *, state: MailState | None = None, number: int = 1
) -> OutboxPage:
    """A page of mails, all or in one state; reminders to participants are on none."""
    counts = session.execute(select(OutboxMail.state, func.count()).where(_LISTED).group_by(OutboxMail.state))
    n_by_state = {counted: n for counted, n in counts}  # noqa: C416 -- rows are no pairs to a type checker
    n_mails = n_by_state.get(state, 0) if state else sum(n_by_state.values())
    n_pages = max(1, -(-n_mails // PAGE_SIZE))
    number = min(max(number, 1), n_pages)
    statement = select(OutboxMail).where(_LISTED).order_by(OutboxMail.send_after.desc(), OutboxMail.id)
    if state:
        statement = statement.where(OutboxMail.state == state)
    mails = session.scalars(statement.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE))
    return OutboxPage(tuple(_row(settings, mail) for mail in mails), number, n_pages, n_by_state)


def n_mails(session: Session, *, state: MailState) -> int:
    """How many of the listed mails are in a state."""
    counted = select(func.count()).select_from(OutboxMail).where(_LISTED, OutboxMail.state == state)
    return session.scalar(counted) or 0


def readable_mail(session: Session, settings: Settings, *, mail_id: UUID) -> OutboxRow:
    """One waiting mail in clear, where nothing is sent; raises NotFound everywhere else."""
    mail = session.scalar(select(OutboxMail).where(_LISTED, OutboxMail.id == mail_id))
    if mail is None or (row := _row(settings, mail)).content is None:
        raise NotFound(N_("Denne e-posten kan ikke leses."))
    return row


def is_mail_due(session: Session) -> bool:
    """Whether a mail could be sent now."""
    now = clock.now()
    return session.scalar(select(OutboxMail.id).where(*due(now)).limit(1)) is not None


def due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The condition of mails to be sent: waiting, their time has come, and no worker holds them."""
    free = or_(OutboxMail.lease_until.is_(None), OutboxMail.lease_until < now)
    return OutboxMail.state == MailState.WAITING, OutboxMail.send_after <= now, free


_LISTED = OutboxMail.kind.not_in(UNLISTED)


def _row(settings: Settings, mail: OutboxMail) -> OutboxRow:
    content = _content(settings, mail)
    return OutboxRow(
        mail.id, mail.kind, mail.state, mail.send_after, mail.n_attempts, mail.last_error, content
    )


def _content(settings: Settings, mail: OutboxMail) -> MailContent | None:
    """What a mail says, where nothing is sent and the application itself may know."""
    is_shut = settings.mail_is_sent or (settings.production and mail.kind in WITH_LINKS)
    if is_shut or mail.content is None or is_for_worker(mail.content):
        return None
    with suppress(Refused):  # the secret key has been changed since
        return open_content(settings, mail.content, key=mail.key)
    return None
