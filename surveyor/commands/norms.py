"""`surveyor norms ...`"""

from pathlib import Path

import click

from surveyor.audit.spec import COMMAND_LINE
from surveyor.commands.installation import INPUT_FILE, writing
from surveyor.instruments.queries import questionnaire
from surveyor.norms.services import import_norm
from surveyor.releases.queries import wave_release


@click.group()
def norms() -> None:
    """Tall fra andre organisasjoner: lese inn."""


@norms.command("import", help="Les inn hvordan andre har svart på samme undersøkelse som WAVE.")
@click.argument("wave_code", metavar="WAVE")
@click.argument("file", type=INPUT_FILE)
@click.option("--title", required=True, help="Hvem tallene er fra.")
def import_(wave_code: str, file: Path, title: str) -> None:
    """Read how people elsewhere answered the survey of a released WAVE, from CSV or XLSX."""
    with writing() as (session, settings):
        wave = wave_release(session, wave_code=wave_code)
        report = import_norm(
            session, survey_id=wave.survey_id, title=title, file=file, filename=file.name, actor=COMMAND_LINE,
            questionnaire=questionnaire(session, version_id=wave.instrument_version_id),
            own=settings.municipality,
        )  # fmt: skip
    for line in report.lines:
        click.echo(str(line))
