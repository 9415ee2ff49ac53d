"""`surveyor responses ...`"""

from pathlib import Path

import click

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.queries import wave_by_code
from surveyor.commands.installation import INPUT_FILE, installation, progress_bar, writing
from surveyor.fieldwork.imports import import_responses
from surveyor.fieldwork.late import import_late, withdraw_answer
from surveyor.responses.enums import Mode


@click.group()
def responses() -> None:
    """Svar: lese inn og trekke."""


@responses.command(
    "import", help="Les inn svar (unit og navn på spørsmål) i målingen WAVE. Alle eller ingen."
)
@click.argument("wave_code", metavar="WAVE")
@click.argument("file", type=INPUT_FILE)
@click.option(
    "--mode", type=click.Choice([mode.value for mode in Mode]), default=Mode.PAPER.value, show_default=True
)
@click.option("--late", is_flag=True, help="Til en frigitt måling. De venter på «waves release-again».")
def import_(wave_code: str, file: Path, mode: str, late: bool) -> None:
    """Add the answers of a file (unit,<item names>) to the open WAVE; all of them or none."""
    with installation() as (engine, settings):
        if late:
            report = import_late(engine, wave_code=wave_code, file=file, actor=COMMAND_LINE)
            click.echo(f"{report.n_answers} svar er lagt inn. Tallene endres først når de frigis på nytt.")
            return
        with progress_bar("Importerer svar") as progress:
            report = import_responses(
                engine, settings, wave_code=wave_code, file=file, mode=mode, progress=progress,
                actor=COMMAND_LINE,
            )  # fmt: skip
    click.echo(f"{report.n_answers} svar er lagt inn.")


@responses.command(help="Slett svaret med kvitteringskoden RECEIPT. Tall som er ute, blir stående.")
@click.argument("wave_code", metavar="WAVE")
@click.argument("code", metavar="RECEIPT")
def withdraw(wave_code: str, code: str) -> None:
    """Delete the answer with this receipt code from the closed WAVE; published figures stay."""
    with writing() as (session, settings):
        wave = wave_by_code(session, code=wave_code)
        withdraw_answer(session, settings, wave=wave, code=code, actor=COMMAND_LINE)
        click.echo("Svaret er slettet. Tallene endres først når de frigis på nytt.")
