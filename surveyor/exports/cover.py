"""The words on the cover of a results file: what it is, how it was made, how to read it."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from surveyor.errors import N_
from surveyor.exports.spec import ResultsFile
from surveyor.releases.enums import CellKind
from surveyor.releases.wording import EQUAL, SIMULATED, VERDICTS

Line: TypeAlias = tuple[str, str | dt.date, str]  # label, value, look: "", "title" or "warning"

SIMULATED_NOTE = N_("Svarene er laget av et dataprogram. Tallene sier ingenting om virkelige mennesker.")
THRESHOLDS = N_(
    "Gjennomsnitt og indeks vises når minst %(k_mean)s har svart. Fordeling, spredning og "
    "sammenligning vises når minst %(k_spread)s har svart. Noen tall vises ikke selv om mange har "
    "svart. Det er for at ingen skal kunne regne ut svarene i en liten gruppe."
)
WEAK = N_("%(themes)s. Spørsmålene hører ikke godt nok sammen til å bli ett tall. De vises hver for seg.")
METHOD = (
    N_(
        "Indeksen går fra 0 til 100. 0 er det dårligste svaret og 100 er det beste. Spørsmål som er "
        "stilt omvendt, er snudd, også i gjennomsnittet."
    ),
    N_(
        "En indeks for flere spørsmål er snittet av indeksene til spørsmålene. Hvert spørsmål "
        "teller like mye."
    ),
    N_(
        "Nedre og øvre grense viser hvor usikkert tallet er (95 prosent), og stopper der skalaen "
        "stopper. Når få har svart, er grensene anslått fra spredningen i hele målingen. For andeler er det "
        "Wilsons grenser."
    ),
    N_(
        "Hver enhet er sammenlignet med alle andre i målingen med en Mann-Whitney-test, justert for "
        "at mange spørsmål er testet. Grensene for forskjellen er regnet ut med Welchs metode."
    ),
    N_(
        "Vi sier at en forskjell er tydelig når minst ti har svart på hver side, den er minst fem "
        "poeng eller stor målt mot hvor ulikt folk svarer, og den neppe er tilfeldig. Mange i samme enhet "
        "svarer ofte litt likt. Det er det ikke tatt hensyn til i dette arket."
    ),
    N_(
        "Svarprosent, og andeler i små grupper, kan stå som «minst» og «høyst» i stedet for som et "
        "nøyaktig tall."
    ),
)
SHEETS = N_(
    "Hvert ark har filter i øverste rad. Tallene er lagret med full presisjon og kan regnes videre på."
)


def cover_lines(file: ResultsFile) -> Iterator[Line]:
    """Every line of the cover in order."""
    yield from _subject(file)
    say, wave = file.say, file.wave
    limits = {"k_mean": wave.method["k_mean"], "k_spread": wave.method["k_spread"]}
    yield say(N_("Hva som vises")), say(THRESHOLDS) % limits, ""
    if weak := [file.label(CellKind.SCALE, name) for name in sorted(wave.items_only)]:
        yield say(N_("Temaer uten indeks")), say(WEAK) % {"themes": ", ".join(weak)}, ""
    for number, text in enumerate(METHOD):
        yield "" if number else say(N_("Slik er tallene regnet ut")), say(text), ""
    words = "; ".join(say(word) for word in (*VERDICTS.values(), EQUAL))
    yield say(N_("Ord for forskjeller")), words, ""
    yield say(N_("Arkene")), say(SHEETS), ""
    yield say(N_("Kontrollsum for tallene")), wave.manifest_sha256, ""


def short_cover_lines(file: ResultsFile, notes: Sequence[str]) -> Iterator[Line]:
    """The cover of a file beside the results: what it is, and these notes on how it is read."""
    yield from _subject(file)
    for number, text in enumerate(notes):
        yield "" if number else file.say(N_("Om tallene")), file.say(text), ""


def _subject(file: ResultsFile) -> Iterator[Line]:
    say, wave = file.say, file.wave
    yield file.title, "", "title"
    if wave.is_simulated:
        yield say(SIMULATED), say(SIMULATED_NOTE), "warning"
    yield say(N_("Kommune")), file.municipality, ""
    yield say(N_("Måling")), wave.wave_code, ""
    yield say(N_("Gjelder")), f"{file.units[0].name} ({file.units[0].code})", ""
    yield say(N_("Åpnet")), wave.opens, ""
    yield say(N_("Avsluttet")), wave.ended_on, ""
    yield say(N_("Tallene ble låst")), wave.frozen_on, ""
    if wave.method.get("replaces"):
        yield say(N_("Frigitt på nytt")), say(N_("Disse tallene erstatter dem som ble frigitt først.")), ""
