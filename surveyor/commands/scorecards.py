"""`surveyor scorecards ...`"""

import json

import click

from surveyor.commands.installation import reading
from surveyor.scorecards.queries import card_as_json


@click.group()
def scorecards() -> None:
    """Styringskort: vise."""


@scorecards.command(help="Vis det nyeste kortet til UNIT for et år.")
@click.argument("unit_code", metavar="UNIT")
@click.option("--period", type=int, required=True, help="Året.")
@click.option("--format", "format_", type=click.Choice(["json"]), default="json", show_default=True)
def show(unit_code: str, period: int, format_: str) -> None:
    """The newest card of UNIT for a period."""
    with reading() as (session, _):
        card = card_as_json(session, unit_code=unit_code, period=period)
    click.echo(json.dumps(card, ensure_ascii=False, indent=2))
