"""`surveyor invitations ...`"""

from pathlib import Path

import click

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.queries import wave_by_code
from surveyor.commands.installation import INPUT_FILE, writing
from surveyor.invitations.services import import_members


@click.group()
def invitations() -> None:
    """Deltakere: lese inn."""


@invitations.command("import", help="Les inn deltakere (unit,name,email,phone,language). Alle eller ingen.")
@click.argument("wave_code", metavar="WAVE")
@click.argument("file", type=INPUT_FILE)
def import_(wave_code: str, file: Path) -> None:
    """Add the people of a file (unit,name,email,phone,language) to WAVE; all of them or none."""
    with writing() as (session, settings):
        wave = wave_by_code(session, code=wave_code)
        report = import_members(
            session, settings, wave=wave, file=file, filename=file.name, actor=COMMAND_LINE
        )
    click.echo(
        f"{report.n_added} deltakere er lagt til: {report.n_mail} får e-post, {report.n_letter} får brev."
    )
    if report.n_phone_only:
        click.echo(f"{report.n_phone_only} har bare telefonnummer og får brev.")
    if report.unknown_columns:
        click.echo(f"Kolonner som ikke er brukt: {', '.join(report.unknown_columns)}.")
