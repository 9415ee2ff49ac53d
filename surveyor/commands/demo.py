"""`surveyor demo`"""

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from surveyor.config import load_settings
from surveyor.installation import ensure_instance


@click.command(help="Lag demokommunen Fjordvik, hvis den ikke finnes. Alt i den er oppdiktet.")
@click.option("--reset", is_flag=True, help="Begynn forfra: alt i demoen lages på nytt.")
def demo(reset: bool) -> None:
    """Make the demo municipality Fjordvik, unless it is there; everything in it is simulated."""
    settings = load_settings()
    accounts = settings.instance / "demo-accounts.txt"
    if settings.demo and accounts.exists() and not reset:
        ensure_instance()
    else:
        _load(reset)
    click.echo(f"Demokommunen er klar. Påloggingene står i {accounts}.")


def _load(reset: bool) -> None:
    from surveyor.demo.loading import load, prepare  # noqa: PLC0415 -- slow import

    settings = prepare(None, reset=reset)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Lager demokommunen", total=None)
        load(settings, lambda n, total, name: bar.update(task, completed=n, total=total, description=name))
