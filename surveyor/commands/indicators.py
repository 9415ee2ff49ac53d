"""`surveyor indicators ...`"""

from pathlib import Path

import click

from surveyor.audit.spec import COMMAND_LINE
from surveyor.commands.installation import INPUT_FILE, writing
from surveyor.indicators.services import import_indicators, publish_wave


@click.group()
def indicators() -> None:
    """Indikatorer: lese inn, føre på kortene."""


@indicators.command("import", help="Les inn indikatorer fra CSV eller XLSX.")
@click.argument("file", type=INPUT_FILE)
def import_(file: Path) -> None:
    """Read indicator definitions from CSV or XLSX."""
    with writing() as (session, _):
        report = import_indicators(session, file=file, filename=file.name, actor=COMMAND_LINE)
    for line in report.lines:
        click.echo(str(line))


@indicators.command(help="Før tallene fra den avsluttede målingen WAVE på kortene.")
@click.argument("wave_code", metavar="WAVE")
def publish(wave_code: str) -> None:
    """Put the shown numbers of a closed WAVE on the scorecards."""
    with writing() as (session, _):
        report = publish_wave(session, wave_code=wave_code, actor=COMMAND_LINE)
    for line in report.lines:
        click.echo(str(line))
