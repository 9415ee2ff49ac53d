"""What the worker does for invitations: write the mails that carry personal links."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from surveyor.config import Settings
from surveyor.invitations.mailing import Mailing, queue_mailing, with_link
from surveyor.invitations.services import SEND
from surveyor.invitations.wording import invitation
from surveyor.jobs.registry import Progress, job


@job(SEND)
def send_invitations(
    engine: Engine, settings: Settings, payload: Mapping[str, Any], progress: Progress
) -> None:
    """Queue an invitation for everyone with a link; who has one keeps it. Twice equals once."""
    mailing = Mailing("invitation", "invite", with_link(settings, invitation), is_counted=True)
    queue_mailing(engine, settings, mailing, wave_id=UUID(payload["wave_id"]), progress=progress)
