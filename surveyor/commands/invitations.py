"""`surveyor invitations ...`"""

from pathlib import Path

import click

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.queries import wave_by_code
from surveyor.commands.installation import INPUT_FILE, writing
from surveyor.invitations.services import import_members


@click.group()
def invitations() -> None:
    """Deltakere: importere."""


@invitations.command("import")
@click.argument("wave_code", metavar="WAVE")
@click.argument("file", type=INPUT_FILE)
def import_(wave_code: str, file: Path) -> None:
    """Add the people of a file (unit,name,email,phone,language) to WAVE; all of them or none."""
    with writing() as (session, _):
        wave = wave_by_code(session, code=wave_code)
        report = import_members(session, wave=wave, file=file, filename=file.name, actor=COMMAND_LINE)
    for line in report.lines:
        click.echo(str(line))
