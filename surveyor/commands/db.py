"""`surveyor db ...`"""

import click

from surveyor import migrations
from surveyor.installation import prepare_folder


@click.group()
def db() -> None:
    """Oppgradere og nedgradere databasen."""


@db.command(help="Oppgrader databasen til REVISION (vanligvis den nyeste).")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database up to REVISION (default: the newest)."""
    migrations.upgrade(prepare_folder().database_url, known_revision(revision, "head"))
    click.echo("Databasen er oppgradert.")


@db.command(help="Nedgrader databasen til REVISION; «base» tømmer den.")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the database down to REVISION; `base` empties it."""
    migrations.downgrade(prepare_folder().database_url, known_revision(revision, "base", "-1"))
    click.echo("Databasen er nedgradert.")


def known_revision(revision: str, *words: str) -> str:
    """The revision, if there is one of that name; raises a usage error."""
    known = migrations.revisions()
    if revision not in {*known, *words}:
        raise click.BadParameter(f"{revision} finnes ikke. Velg blant {', '.join([*known, *words])}.")
    return revision
