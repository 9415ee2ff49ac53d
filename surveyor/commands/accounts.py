"""`surveyor accounts ...`"""

import click

from surveyor.accounts.enums import Role
from surveyor.accounts.queries import account_by_email
from surveyor.accounts.services import create_account, disable_account
from surveyor.audit.spec import COMMAND_LINE
from surveyor.commands.installation import writing
from surveyor.errors import N_, NotFound


@click.group()
def accounts() -> None:
    """Brukere: lage og stenge."""


@accounts.command(help="Lag en bruker og skriv ut engangslenken for å velge passord.")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--unit", required=True, help="Koden til enheten. Rollen gjelder der og under.")
@click.option("--name", help="Navnet (ellers e-postadressen).")
def create(email: str, role: str, unit: str, name: str | None) -> None:
    """Open an account and print the one-time link its owner sets a password with."""
    with writing() as (session, settings):
        _, token = create_account(
            session, email=email, name=name or email, role=Role(role), unit_code=unit, actor=COMMAND_LINE
        )
        click.echo(f"{settings.base_url}/passord/{token}")


@accounts.command(help="Steng en bruker. Alle innlogginger avsluttes med en gang.")
@click.argument("email")
def disable(email: str) -> None:
    """Close an account; its sessions end at once."""
    with writing() as (session, _):
        account = account_by_email(session, email=email)
        if account is None:
            raise NotFound(N_("Ingen bruker har e-postadressen %(email)s."), email=email)
        disable_account(session, account=account, actor=COMMAND_LINE)
    click.echo(f"{email} er stengt.")
