"""The command line: `surveyor ...`. Exit 0 when done, 1 when refused with a message, 2 for wrong usage."""

import os

import click

from surveyor.commands.lazy import LazyGroup

# Thread pools of the numeric libraries only get in each other's way.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

COMMANDS = {
    "db": ("surveyor.commands.db:db", "Oppgradere og nedgradere databasen."),
    "demo": ("surveyor.commands.demo:demo", "Lage demokommunen Fjordvik."),
    "units": ("surveyor.commands.units:units", "Enheter: lese inn og vise."),
    "accounts": ("surveyor.commands.accounts:accounts", "Brukere: lage og stenge."),
    "instruments": ("surveyor.commands.instruments:instruments", "Spørreskjema: lese inn, prøve, skrive ut."),
    "waves": ("surveyor.commands.waves:waves", "Målinger: planlegge, starte, avslutte og frigi på nytt."),
    "invitations": ("surveyor.commands.invitations:invitations", "Deltakere: lese inn."),
    "responses": ("surveyor.commands.responses:responses", "Svar: lese inn og trekke."),
    "results": ("surveyor.commands.results:results", "Skrive resultatene av en måling til fil."),
    "norms": ("surveyor.commands.norms:norms", "Tall fra andre organisasjoner: lese inn."),
    "indicators": ("surveyor.commands.indicators:indicators", "Indikatorer: lese inn, føre på kortene."),
    "scorecards": ("surveyor.commands.scorecards:scorecards", "Styringskort: vise."),
    "worker": ("surveyor.commands.worker:worker", "Kjøre jobber og sende e-post."),
    "selfcheck": ("surveyor.commands.selfcheck:selfcheck", "Se om installasjonen er trygg å ta i bruk."),
    "backup": ("surveyor.commands.backup:backup", "Ta sikkerhetskopi av databasen og vedleggene."),
    "restore-check": ("surveyor.commands.backup:restore_check", "Prøve om en sikkerhetskopi kan brukes."),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Surveyor: undersøkelser, skjema og styringskort for kommuner."""
