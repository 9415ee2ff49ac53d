"""`surveyor results`"""

from pathlib import Path

import click
from sqlalchemy.orm import Session

from surveyor.commands.installation import reading
from surveyor.errors import N_, InvalidInput
from surveyor.exports.reproduction import write_package
from surveyor.exports.results import opened, write_results
from surveyor.exports.samples import write_sample_figures


@click.command(
    help="Skriv de frigitte tallene fra WAVE til en fil. I zip ligger et program som regner etter."
)
@click.argument("wave_code", metavar="WAVE")
@click.option("--unit", help="Bare denne enheten og dem under.")
@click.option("--format", "format_", type=click.Choice(["csv", "json", "xlsx", "zip"]), required=True)
@click.option("--sample", is_flag=True, help="Vektede tall og hvem som svarte, i stedet (csv eller xlsx).")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def results(wave_code: str, unit: str | None, format_: str, sample: bool, out: Path) -> None:
    """Write the frozen release of WAVE to a file; zip holds a script too, that recounts every verdict."""
    with reading() as (session, settings):
        if sample:
            _write_sample(session, wave_code, unit, format_, out, settings.municipality)
        elif format_ == "zip":
            _write_zip(session, wave_code, unit, out)
        else:
            write_results(
                session, wave_code=wave_code, unit=unit, format=format_, out=out,
                municipality=settings.municipality,
            )  # fmt: skip
    click.echo(f"Skrevet til {out}.")


def _write_sample(
    session: Session, wave_code: str, unit: str | None, format_: str, out: Path, municipality: str
) -> None:
    if unit is not None:
        raise InvalidInput(N_("Disse tallene gjelder hele målingen. Velg dem uten enhet."))
    write_sample_figures(session, wave_code=wave_code, format=format_, out=out, municipality=municipality)


def _write_zip(session: Session, wave_code: str, unit: str | None, out: Path) -> None:
    if unit is not None:
        raise InvalidInput(N_("Pakken gjelder hele målingen. Velg den uten enhet."))
    with opened(out) as target:
        write_package(session, wave_code=wave_code, out=target)
