"""`surveyor responses ...`"""

from pathlib import Path

import click

from surveyor.audit.spec import COMMAND_LINE
from surveyor.commands.installation import INPUT_FILE, open_installation, progress_bar
from surveyor.fieldwork.imports import import_responses
from surveyor.responses.enums import Mode


@click.group()
def responses() -> None:
    """Svar: importere."""


@responses.command("import")
@click.argument("wave_code", metavar="WAVE")
@click.argument("file", type=INPUT_FILE)
@click.option(
    "--mode", type=click.Choice([mode.value for mode in Mode]), default=Mode.PAPER.value, show_default=True
)
def import_(wave_code: str, file: Path, mode: str) -> None:
    """Add the answers of a file (unit,<item names>) to the open WAVE; all of them or none."""
    engine, settings = open_installation()
    with progress_bar("Importerer svar") as progress:
        report = import_responses(
            engine, settings, wave_code=wave_code, file=file, mode=mode, progress=progress, actor=COMMAND_LINE
        )
    engine.dispose()
    click.echo(f"{report.n_answers} svar er lagt inn.")
