"""The worker: runs jobs and sends mail until told to stop."""

import logging
import pkgutil
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from time import monotonic

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from surveyor.accounts.attempts import forget_ended
from surveyor.config import ROOT, Settings
from surveyor.jobs.runner import run_next_job
from surveyor.mail.delivery import deliver_due

log = logging.getLogger("surveyor.worker")
IDLE_SECONDS = 1.0
_LONGEST_PAUSE, _SWEEP_SECONDS = 300.0, 60.0


def load_tasks() -> None:
    """Import each room's tasks.py and all of fieldwork: they register jobs and checks before mails."""
    package = ROOT / "surveyor"
    for room in pkgutil.iter_modules([str(package)]):
        if room.ispkg and find_spec(f"surveyor.{room.name}.tasks"):
            import_module(f"surveyor.{room.name}.tasks")
    for module in pkgutil.iter_modules([str(Path(package, "fieldwork"))]):
        import_module(f"surveyor.fieldwork.{module.name}")


def run_worker(engine: Engine, settings: Settings, *, stop: Event, once: bool = False) -> None:
    """Work until the event is set, or with `once` until nothing is due; an absent mail server gets pauses."""
    post, next_sweep_at = _Post(), monotonic()
    while not stop.is_set():
        try:
            has_worked = run_next_job(engine, settings, should_stop=stop.is_set)
            has_worked = post.send(engine, settings, stop) or has_worked
            if monotonic() >= next_sweep_at:
                forget_ended(engine)
                next_sweep_at = monotonic() + _SWEEP_SECONDS
        except OperationalError as error:
            log.warning("the database does not answer: %s", type(error.orig).__name__)
            has_worked = False
        if not has_worked:
            if once:
                return
            stop.wait(IDLE_SECONDS)


class _Post:
    """Rounds of sending, with longer and longer pauses while the mail server is away."""

    def __init__(self) -> None:
        self.pause = IDLE_SECONDS
        self.next_round_at = monotonic()

    def send(self, engine: Engine, settings: Settings, stop: Event) -> bool:
        """One round, if it is time; tells whether a mail was sent."""
        if monotonic() < self.next_round_at:
            return False
        delivery = deliver_due(engine, settings, should_stop=stop.is_set)
        self.pause = min(self.pause * 2, _LONGEST_PAUSE) if delivery.is_server_down else IDLE_SECONDS
        self.next_round_at = monotonic() + (self.pause if delivery.is_server_down else 0)
        return delivery.n_sent > 0
