"""What every command works on: the installation named by SURVEYOR_INSTANCE, made ready at first use."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from surveyor.config import Settings
from surveyor.db import make_engine, open_session, unit_of_work
from surveyor.installation import ensure_instance
from surveyor.jobs.registry import Progress as ReportProgress

INPUT_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@contextmanager
def installation() -> Iterator[tuple[Engine, Settings]]:
    """Engine and settings of an installation with all it needs: for what has transactions of its own."""
    settings = ensure_instance()
    engine = make_engine(settings.database_url)
    try:
        yield engine, settings
    finally:
        engine.dispose()


@contextmanager
def writing() -> Iterator[tuple[Session, Settings]]:
    """One transaction on the installation: committed when the command ends well."""
    with installation() as (engine, settings), unit_of_work(engine) as session:
        yield session, settings


@contextmanager
def reading() -> Iterator[tuple[Session, Settings]]:
    """A read-only session on the installation."""
    with installation() as (engine, settings), open_session(engine, read_only=True) as session:
        yield session, settings


@contextmanager
def progress_bar(label: str) -> Iterator[ReportProgress]:
    """A bar on the terminal's error stream; silent where that is no terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda n_done, n_total: bar.update(task, completed=n_done, total=n_total or None)


class Day(click.ParamType[date]):
    """A calendar day, 2026-11-21 or 21.11.2026."""

    name = "dato"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        pattern = "%d.%m.%Y" if "." in str(value) else "%Y-%m-%d"
        try:
            return datetime.strptime(str(value), pattern).date()
        except ValueError:
            self.fail(f"{value} er ikke en dato. Skriv den slik: 2026-11-21.", param, ctx)
