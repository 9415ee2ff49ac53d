"""Writing mails into the outbox, in the transaction of the change that causes them."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.config import Settings
from surveyor.db import insert_new
from surveyor.errors import N_, NotFound
from surveyor.mail.enums import MailState
from surveyor.mail.models import OutboxMail
from surveyor.mail.sealing import MailContent, seal_content


def queue_mail(
    session: Session,
    settings: Settings,
    *,
    key: str,
    kind: str,
    to: str,
    subject: str,
    body: str,
    send_after: datetime | None = None,
) -> bool:
    """Put a mail in the outbox; False when the key is there already. ValueError for a broken header."""
    if any(character in to + subject for character in "\r\n"):
        raise ValueError("no line breaks in recipient or subject")
    return insert_new(
        session,
        OutboxMail,
        unique="key",
        id=uuid4(),
        key=key,
        kind=kind,
        content=seal_content(settings, MailContent(to, subject, body), key=key),
        state=MailState.WAITING,
        send_after=send_after or clock.now(),
        n_attempts=0,
    )


def retry_mail(session: Session, *, mail_id: UUID, actor: Actor) -> OutboxMail:
    """Let a mail that was given up be tried again; raises NotFound unless it is such a mail."""
    mail = session.get(OutboxMail, mail_id)
    if mail is None or mail.state is not MailState.DEAD or mail.content is None:
        raise NotFound(N_("Denne e-posten kan ikke sendes på nytt."))
    mail.state, mail.n_attempts, mail.send_after = MailState.WAITING, 0, clock.now()
    record(
        session, actor=actor, action="mail.retried", subject_type="mail", subject_id=mail.id, kind=mail.kind
    )
    return mail
