"""`surveyor results`"""

from pathlib import Path

import click

from surveyor.commands.installation import reading
from surveyor.exports.results import write_results


@click.command()
@click.argument("wave_code", metavar="WAVE")
@click.option("--unit", help="Only this unit and what lies below.")
@click.option("--format", "format_", type=click.Choice(["csv", "json", "xlsx"]), required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def results(wave_code: str, unit: str | None, format_: str, out: Path) -> None:
    """Write the frozen release of WAVE to a file."""
    with reading() as (session, settings):
        write_results(
            session,
            wave_code=wave_code,
            unit=unit,
            format=format_,
            out=out,
            municipality=settings.municipality,
        )
    click.echo(f"Skrevet til {out}.")
