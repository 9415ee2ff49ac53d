"""`surveyor demo`"""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from surveyor.demo.loading import is_loaded, load, prepare


@click.command()
@click.option("--reset", is_flag=True, help="Start over: what was done in the demo is lost.")
def demo(reset: bool) -> None:
    """Make the demo municipality Fjordvik in this instance folder; a second time it is left as it is."""
    settings = prepare(None, reset=reset)
    if is_loaded(settings):
        return
    columns = (TextColumn("{task.description:<32}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Lager Fjordvik", total=None)
        sign_ins = load(
            settings, lambda n, total, name: bar.update(task, completed=n, total=total, description=name)
        )
    click.echo(f"Demokommunen Fjordvik er klar i {Path(settings.instance).name}/.\n{sign_ins}")
