"""The outbox table."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from surveyor.db import FORGOTTEN, Base, new_id
from surveyor.mail.enums import MailState


class OutboxMail(Base):
    """One mail; recipient, subject and body are sealed for the worker and nulled when sent."""

    __tablename__ = "outbox_mail"

    id: Mapped[UUID] = new_id()
    key: Mapped[str] = mapped_column(unique=True, info=FORGOTTEN)  # may name a participation
    kind: Mapped[str]
    content: Mapped[bytes | None] = mapped_column(info=FORGOTTEN)
    state: Mapped[MailState] = mapped_column(default=MailState.WAITING, index=True)
    send_after: Mapped[datetime] = mapped_column(index=True)
    lease_until: Mapped[datetime | None]
    n_attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
