"""`surveyor worker`"""

import signal
from threading import Event

import click

from surveyor import logs
from surveyor.commands.installation import installation
from surveyor.db import open_session
from surveyor.responses.keys import destroy_leftover_keys
from surveyor.worker import load_tasks, run_worker


@click.command(help="Kjør jobber og send e-post til den blir stoppet.")
@click.option("--once", is_flag=True, help="Slutt når ingenting venter.")
def worker(once: bool) -> None:
    """Run jobs and send mail until told to stop (SIGTERM, Ctrl-C)."""
    logs.set_up()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    load_tasks()
    with installation() as (engine, settings):
        with open_session(engine, read_only=True) as session:
            destroy_leftover_keys(session, settings)
        run_worker(engine, settings, stop=stop, once=once)
