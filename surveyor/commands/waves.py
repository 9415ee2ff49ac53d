"""`surveyor waves ...`"""

from datetime import date
from pathlib import Path

import click

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns import queries
from surveyor.campaigns.enums import Audience, SampleKind, WaveOutcome
from surveyor.campaigns.models import K_FLOOR_MEAN, K_FLOOR_SPREAD
from surveyor.campaigns.queries import wave_by_code
from surveyor.campaigns.samples import declare_sample, import_margins
from surveyor.campaigns.services import create_wave
from surveyor.commands.installation import INPUT_FILE, Day, installation, progress_bar, reading, writing
from surveyor.fieldwork.launch import launch_wave
from surveyor.instruments.queries import questionnaire_of
from surveyor.invitations.paper import MOST_COPIES, wave_paper
from surveyor.releases.mapping import read_mapping
from surveyor.releases.services import restate_release
from surveyor.releases.tasks import close_wave, release_again


@click.group()
def waves() -> None:
    """Målinger: planlegge, starte, avslutte og frigi på nytt."""


@waves.command(help="Planlegg en måling med koden CODE.")
@click.argument("code")
@click.option("--instrument", required=True, help="Koden til skjemaet.")
@click.option("--survey", help="Undersøkelsen målingen hører til (ellers skjemaets kode).")
@click.option("--audience", type=click.Choice([a.value for a in Audience]), required=True)
@click.option("--opens", type=Day(), required=True)
@click.option("--closes", type=Day(), required=True)
@click.option("--unit", "units", multiple=True, help="Spør denne enheten og dem under. Kan gis flere ganger.")
@click.option("--k-mean", type=int, default=K_FLOOR_MEAN, show_default=True)
@click.option("--k-spread", type=int, default=K_FLOOR_SPREAD, show_default=True)
@click.option("--two-approvers", is_flag=True, help="To må godkjenne på nettsiden at svarene åpnes.")
def create(
    code: str,
    instrument: str,
    survey: str | None,
    audience: str,
    opens: date,
    closes: date,
    units: tuple[str, ...],
    k_mean: int,
    k_spread: int,
    two_approvers: bool,
) -> None:
    """Plan a wave under CODE."""
    with writing() as (session, settings):
        wave = create_wave(
            session, settings, code=code, survey=survey, instrument=instrument, audience=Audience(audience),
            opens=opens, closes=closes, units=units, k_mean=k_mean, k_spread=k_spread, actor=COMMAND_LINE,
            two_approvers=two_approvers,
        )  # fmt: skip
        click.echo(f"{wave.code} er planlagt fra {wave.opens} til {wave.closes}.")


@waves.command("list", help="Vis alle målinger, den nyeste først.")
def list_() -> None:
    """Every wave, newest first."""
    with reading() as (session, _):
        for wave in queries.waves(session):
            click.echo(f"{wave.code}  {wave.survey.code}  {wave.state}  {wave.opens} - {wave.closes}")


@waves.command(help="Skriv skjemaet på papir (PDF), med koder når --copies er satt.")
@click.argument("code")
@click.option("--language", help="Språket på papiret (ellers skjemaets eget).")
@click.option("--copies", type=click.IntRange(0, MOST_COPIES), default=0, show_default=True)
@click.option("--to", "folder", type=click.Path(file_okay=False, exists=True, path_type=Path), default=".")
def paper(code: str, language: str | None, copies: int, folder: Path) -> None:
    """Write a wave's form to print (PDF), or --copies of it with codes for an open link; prints the file."""
    with reading() as (session, settings):
        wave = wave_by_code(session, code=code)
        chosen = language or questionnaire_of(wave.instrument_version).default_language
        pdf = wave_paper(settings, wave=wave, language=chosen, n=copies)
    file = folder / f"{code}-{chosen}.pdf"
    file.write_bytes(pdf)
    click.echo(file)


@waves.command(help="Vis en måling og kontrollsummen av det som er lovet.")
@click.argument("code")
def show(code: str) -> None:
    """What a wave is, and the hash of what was promised at launch."""
    with reading() as (session, _):
        wave = wave_by_code(session, code=code)
        for name in (
            "code", "audience", "state", "outcome", "opens", "closes", "k_mean", "k_spread", "level",
        ):  # fmt: skip
            click.echo(f"{name}: {getattr(wave, name) or '-'}")
        click.echo(f"survey: {wave.survey.code}")
        click.echo(f"manifest: {wave.manifest_sha256 or '-'}")


@waves.command(help="Si at målingen går til et utvalg, og hva som er kjent om det.")
@click.argument("code")
@click.option("--kind", type=click.Choice([kind.value for kind in SampleKind]), required=True)
@click.option("--population", type=int, help="Hvor mange personer målingen gjelder.")
@click.option("--clusters", type=int, help="Hvor mange klynger som finnes, trukket eller ikke.")
@click.option(
    "--units", type=INPUT_FILE, help="Fil med unit,population: strata, eller klyngene som er trukket."
)
@click.option("--margins", type=INPUT_FILE, help="Fil med variable,category og count eller share.")
def sample(
    code: str,
    kind: str,
    population: int | None,
    clusters: int | None,
    units: Path | None,
    margins: Path | None,
) -> None:
    """Say that a planned wave asks a sample, and what is known of its population."""
    with writing() as (session, _):
        wave = wave_by_code(session, code=code)
        design = declare_sample(
            session, wave=wave, kind=SampleKind(kind), n_population=population, n_clusters=clusters,
            file=units, filename=units.name if units else "", actor=COMMAND_LINE,
        )  # fmt: skip
        if margins is not None:
            design = import_margins(
                session, wave=wave, file=margins, filename=margins.name, actor=COMMAND_LINE
            )
    click.echo(f"{code} går til et utvalg, trukket blant {design.n_population} personer.")
    if design.margins:
        click.echo(f"Fordelinger: {', '.join(design.margins)}.")


@waves.command(help="Start målingen. Løftene låses, og nøklene lages.")
@click.argument("code")
def launch(code: str) -> None:
    """Freeze the wave's promises, make its keys and open it; refused when someone would be identifiable."""
    with writing() as (session, settings):
        wave = wave_by_code(session, code=code)
        report = launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    click.echo(f"{report.wave_code} er startet: {report.n_units} enheter, {report.n_invited} inviterte.")
    click.echo(f"{report.n_mails} får e-post, {report.n_letters} får brev.")
    for merge in report.merges:
        click.echo(
            f"Lagres samlet: {merge.unit_code} {merge.unit_name} med {merge.into_code} {merge.into_name}"
        )
    for warning in report.warnings:
        click.echo(f"Merk: {warning}")
    click.echo(f"manifest: {report.manifest_sha256}")


@waves.command(help="Avslutt målingen. Svarene åpnes, telles, kontrolleres og fryses.")
@click.argument("code")
def close(code: str) -> None:
    """Open the envelopes, count, protect, and freeze the results."""
    with installation() as (engine, settings), progress_bar("Avslutter målingen") as progress:
        report = close_wave(engine, settings, wave_code=code, actor=COMMAND_LINE, progress=progress)
    if report.outcome == WaveOutcome.TOO_FEW:
        click.echo(f"{report.wave_code} er avsluttet: for få svar. Ingen svar er åpnet, og alle er slettet.")
        return
    click.echo(f"{report.wave_code} er avsluttet: {report.n_cells} tall er frigitt.")
    click.echo(f"manifest: {report.manifest_sha256}")


@waves.command("release-again", help="Frigi én gang til, med sene svar og uten trukne.")
@click.argument("code")
def release_again_(code: str) -> None:
    """Release a wave once more, with late answers and without withdrawn ones; refused when it would tell."""
    with installation() as (engine, settings):
        report = release_again(engine, settings, wave_code=code, actor=COMMAND_LINE)
    click.echo(f"{report.wave_code} er frigitt på nytt: {report.n_cells} tall.")
    click.echo(f"manifest: {report.manifest_sha256}")


@waves.command(help="Regn om CODE for enhetene i den senere målingen LATER.")
@click.argument("code")
@click.argument("later")
@click.argument("file", type=INPUT_FILE)
def restate(code: str, later: str, file: Path) -> None:
    """Give the wave CODE figures for units of the wave LATER, by a file with the columns before and now."""
    with writing() as (session, _):
        pairs = read_mapping(file)
        wave, after = wave_by_code(session, code=code), wave_by_code(session, code=later)
        release = restate_release(session, wave=wave, later=after, pairs=pairs, actor=COMMAND_LINE)
        click.echo(f"{code} er regnet om for {later}: {release.method['n_cells']} tall.")
