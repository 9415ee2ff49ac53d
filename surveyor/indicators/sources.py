"""Where an indicator's values come from, as written in the column `source`."""

import re
from dataclasses import dataclass
from typing import TypeAlias

from surveyor.errors import N_, InvalidInput
from surveyor.releases.enums import CellKind

SCALE_MEASURES = frozenset({"mean", "index", "sd"})
ITEM_MEASURES = SCALE_MEASURES | {"top2", "bottom", "missing_share"}
SHARES = frozenset({"top2", "bottom", "missing_share"})
FORM_MEASURES = frozenset({"on_time", "met_share", "open_deviations"})
_SURVEY = re.compile(r"survey:(?P<survey>[^/]+)/(?P<kind>scale|item):(?P<name>[^/]+)/(?P<measure>\S+)")
_FORM = re.compile(r"form:(?P<instrument>[^/]+)/(?P<measure>\S+)")


@dataclass(frozen=True)
class SurveySource:
    """A measure of a scale or an item in the releases of a survey's waves."""

    survey: str
    kind: CellKind
    name: str
    measure: str

    @property
    def is_share(self) -> bool:
        return self.measure in SHARES or self.measure.startswith("share:")


@dataclass(frozen=True)
class FormSource:
    """A rate of the cases of a form."""

    instrument: str
    measure: str

    @property
    def is_share(self) -> bool:
        return self.measure != "open_deviations"


@dataclass(frozen=True)
class EnteredSource:
    """Written in by hand, or read from a file of values."""

    word: str
    is_share = False


Source: TypeAlias = SurveySource | FormSource | EnteredSource
MANUAL, CSV = EnteredSource("manual"), EnteredSource("csv")


def parse_source(text: str) -> Source:
    """The source a text means; raises InvalidInput for wrong syntax or an unknown measure."""
    words = {"manual": MANUAL, "manuell": MANUAL, "csv": CSV, "fil": CSV}
    if text.casefold() in words:
        return words[text.casefold()]
    if found := _SURVEY.fullmatch(text):
        return _survey(found["survey"], CellKind(found["kind"]), found["name"], found["measure"])
    if found := _FORM.fullmatch(text):
        return _form(found["instrument"], found["measure"])
    raise InvalidInput(
        N_(
            "Kilden «%(source)s» er ikke gyldig. Skriv manual, csv, survey:undersøkelse/scale:navn/index, "
            "survey:undersøkelse/item:navn/mean eller form:skjema/on_time."
        ),
        source=text,
    )


def _survey(survey: str, kind: CellKind, name: str, measure: str) -> SurveySource:
    known = SCALE_MEASURES if kind is CellKind.SCALE else ITEM_MEASURES
    is_option = kind is CellKind.ITEM and measure.startswith("share:") and measure != "share:"
    if measure not in known and not is_option:
        _refuse(measure, [*sorted(known), "share:kode"] if kind is CellKind.ITEM else sorted(known))
    return SurveySource(survey, kind, name, measure)


def _form(instrument: str, measure: str) -> FormSource:
    if measure not in FORM_MEASURES:
        _refuse(measure, sorted(FORM_MEASURES))
    return FormSource(instrument, measure)


def _refuse(measure: str, known: list[str]) -> None:
    message = N_("Tallet «%(measure)s» finnes ikke. Velg en av disse: %(known)s.")
    raise InvalidInput(message, measure=measure, known=", ".join(known))
