"""`surveyor backup` and `surveyor restore-check`"""

from pathlib import Path

import click

from surveyor.backup import check_backup, take_backup
from surveyor.commands.installation import installation
from surveyor.installation import ensure_instance

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(
    help="Ta kopi av databasen og vedleggene til den nye mappen DIR. Nøkler og hemmeligheter er ikke med."
)
@click.argument("folder", metavar="DIR", type=FOLDER)
def backup(folder: Path) -> None:
    """Copy the database and the attached files into the new folder DIR; keys and secrets are left out."""
    with installation() as (engine, settings):
        take_backup(engine, settings, folder=folder)
    click.echo(f"Databasen og vedleggene er kopiert til {folder}.")


@click.command(
    "restore-check",
    help="Prøv om kopien i DIR kan brukes. Den leses inn i en midlertidig database og sammenlignes.",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
def restore_check(folder: Path) -> None:
    """Restore DIR into a scratch database and compare it with what was there."""
    manifest = check_backup(ensure_instance(), folder=folder)
    click.echo(f"Kopien fra {manifest.taken_at} kan brukes: alle rader er som de var.")
