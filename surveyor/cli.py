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
    "units": ("surveyor.commands.units:units", "Enheter: importere og liste."),
    "accounts": ("surveyor.commands.accounts:accounts", "Brukere: opprette og stenge."),
    "instruments": ("surveyor.commands.instruments:instruments", "Spørreskjema: importere og låse."),
    "waves": ("surveyor.commands.waves:waves", "Målinger: opprette, starte og avslutte."),
    "invitations": ("surveyor.commands.invitations:invitations", "Deltakere: importere."),
    "responses": ("surveyor.commands.responses:responses", "Svar: importere."),
    "results": ("surveyor.commands.results:results", "Skrive resultatene av en måling til fil."),
    "norms": ("surveyor.commands.norms:norms", "Tall fra andre organisasjoner: importere."),
    "indicators": ("surveyor.commands.indicators:indicators", "Indikatorer: importere og publisere."),
    "scorecards": ("surveyor.commands.scorecards:scorecards", "Styringskort: vise."),
    "worker": ("surveyor.commands.worker:worker", "Kjøre jobber og sende e-post."),
    "selfcheck": ("surveyor.commands.selfcheck:selfcheck", "Se om installasjonen er trygg å ta i bruk."),
    "backup": ("surveyor.commands.backup:backup", "Ta sikkerhetskopi av databasen og vedleggene."),
    "restore-check": ("surveyor.commands.backup:restore_check", "Prøve om en sikkerhetskopi kan brukes."),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Surveyor: undersøkelser, skjema og styringskort for kommuner."""
