"""`surveyor instruments ...`"""

from pathlib import Path

import click

from surveyor.audit.spec import COMMAND_LINE
from surveyor.commands.installation import INPUT_FILE, reading, writing
from surveyor.errors import N_, NotFound
from surveyor.instruments.export import export_file
from surveyor.instruments.paper.printing import blank_cover, paper_pdf
from surveyor.instruments.queries import media_of, questionnaire_of, versions
from surveyor.instruments.services import freeze_version, import_instrument
from surveyor.instruments.tryout import try_out


@click.group()
def instruments() -> None:
    """Spørreskjema: lese inn, prøve, skrive ut."""


@instruments.command("import", help="Les inn en XLSForm-fil (.xlsx eller .md) som utkast.")
@click.argument("file", type=INPUT_FILE)
@click.option("--code", help="Koden til skjemaet (ellers den i filen, eller filnavnet).")
@click.option("--freeze", is_flag=True, help="Lås versjonen med en gang, så den kan brukes.")
def import_(file: Path, code: str | None, freeze: bool) -> None:
    """Read an XLSForm workbook (.xlsx, or .md) into a draft; prints code and version."""
    with writing() as (session, _):
        version = import_instrument(session, file=file, filename=file.name, code=code, actor=COMMAND_LINE)
        if freeze:
            freeze_version(session, version=version, actor=COMMAND_LINE)
        click.echo(f"{version.instrument.code} {version.number}")


@instruments.command("export", help="Skriv nyeste versjon som XLSForm. Lest inn igjen blir den lik.")
@click.argument("code")
@click.option("--kind", type=click.Choice(["xlsx", "md"]), default="xlsx", show_default=True)
@click.option("--to", "folder", type=click.Path(file_okay=False, exists=True, path_type=Path), default=".")
def export(code: str, kind: str, folder: Path) -> None:
    """Write the newest version as an XLSForm that reads in as the same; prints the file."""
    with reading() as (session, _):
        questionnaire = questionnaire_of(versions(session, code=code)[0])
        media = media_of(session, questionnaire=questionnaire)
    name, content = export_file(questionnaire, kind=kind, media=media)
    (folder / name).write_bytes(content)
    click.echo(folder / name)


@instruments.command("paper", help="Skriv nyeste versjon som tomt skjema på papir (PDF).")
@click.argument("code")
@click.option("--language", help="Språket på papiret (ellers skjemaets eget).")
@click.option("--to", "folder", type=click.Path(file_okay=False, exists=True, path_type=Path), default=".")
def paper(code: str, language: str | None, folder: Path) -> None:
    """Write the newest version as a blank form to print (PDF); prints the file."""
    with reading() as (session, settings):
        questionnaire = questionnaire_of(versions(session, code=code)[0])
    chosen = language or questionnaire.default_language
    if chosen not in questionnaire.languages:
        raise NotFound(N_("Skjemaet finnes ikke på dette språket."))
    cover = blank_cover(questionnaire, sender=settings.municipality, language=chosen)
    file = folder / f"{code}-{chosen}.pdf"
    file.write_bytes(paper_pdf(questionnaire, cover=cover, language=chosen))
    click.echo(file)


@instruments.command(
    "try",
    help="Svar tilfeldig på nyeste versjon, og finn blindveier. Svaret er 1 når noen blir stående fast.",
)
@click.argument("code")
@click.option("--times", type=click.IntRange(1, 100_000), default=1_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def try_(code: str, times: int, seed: int) -> None:
    """Answer the newest version at random: dead ends, items nobody reached, minutes. Exit 1 if stuck."""
    with reading() as (session, _):
        questionnaire = questionnaire_of(versions(session, code=code)[0])
    found = try_out(questionnaire, times=times, seed=seed)
    click.echo(f"finished {found.n_finished} of {found.n}")
    click.echo(f"minutes {found.minutes:.1f}, at most {found.longest:.1f}")
    for name, n in found.dead_ends.items():
        click.echo(f"dead end {name} {n}")
    for name in found.unreached:
        click.echo(f"unreached {name}")
    if found.dead_ends:
        raise SystemExit(1)
