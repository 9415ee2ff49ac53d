"""`surveyor selfcheck`"""

import sys

import click

from surveyor.config import load_settings
from surveyor.selfcheck import failing


@click.command(help="Si hva som ikke er trygt ved installasjonen. I drift er svaret 1 hvis noe mangler.")
def selfcheck() -> None:
    """Say what is not safe about this installation; refuse (exit 1) in production."""
    settings = load_settings()
    problems = failing(settings)
    for problem in problems:
        click.echo(str(problem), err=True)
    if not problems:
        click.echo("Alt er i orden.")
    if problems and settings.production:
        sys.exit(1)
