"""`surveyor instruments ...`"""

from pathlib import Path

import click

from surveyor.audit.spec import COMMAND_LINE
from surveyor.commands.installation import INPUT_FILE, writing
from surveyor.instruments.services import freeze_version, import_instrument


@click.group()
def instruments() -> None:
    """Spørreskjema: importere og låse."""


@instruments.command("import")
@click.argument("file", type=INPUT_FILE)
@click.option("--code", help="The instrument's code (default: the form's own id, else the file name).")
@click.option("--freeze", is_flag=True, help="Freeze the version at once, so that it can be asked.")
def import_(file: Path, code: str | None, freeze: bool) -> None:
    """Read an XLSForm workbook (.xlsx, or .md) into a draft; prints code and version."""
    with writing() as (session, _):
        version = import_instrument(session, file=file, filename=file.name, code=code, actor=COMMAND_LINE)
        if freeze:
            freeze_version(session, version=version, actor=COMMAND_LINE)
        click.echo(f"{version.instrument.code} {version.number}")
