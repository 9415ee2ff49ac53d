"""`surveyor units ...`"""

from datetime import date
from pathlib import Path

import click

from surveyor import clock
from surveyor.audit.spec import COMMAND_LINE
from surveyor.commands.installation import INPUT_FILE, Day, reading, writing
from surveyor.units.queries import tree_as_of
from surveyor.units.services import import_units


@click.group()
def units() -> None:
    """Enheter: lese inn og vise."""


@units.command("import", help="Les inn hele treet fra en dag (code,name,type,parent).")
@click.argument("file", type=INPUT_FILE)
@click.option("--on", type=Day(), help="Dagen treet gjelder fra (ellers i dag).")
def import_(file: Path, on: date | None) -> None:
    """Read the whole tree as of a day from CSV or XLSX (code,name,type,parent)."""
    with writing() as (session, _):
        report = import_units(session, file=file, filename=file.name, on=on, actor=COMMAND_LINE)
    n = report.counts
    click.echo(f"{n['n_units']} enheter fra {report.on}.")
    click.echo(
        f"{n['n_started']} nye, {n['n_ended']} avsluttet, {n['n_changed']} endret, {n['n_moved']} flyttet."
    )


@units.command("list", help="Vis treet slik det var en dag.")
@click.option("--on", type=Day(), help="Dagen (ellers i dag).")
def list_(on: date | None) -> None:
    """The tree as of a day, root first."""
    with reading() as (session, _):
        tree = tree_as_of(session, on or clock.today())
    for node in tree:
        indent = "  " * (len(tree.path(node.code)) - 1)
        click.echo(f"{indent}{node.code}  {node.name}  ({node.type})")
