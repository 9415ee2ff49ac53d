"""What every results file is made from: a released wave, some of its units, its questionnaire."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from uuid import UUID

from surveyor.instruments.spec import Questionnaire
from surveyor.releases.enums import CellKind
from surveyor.releases.spec import ReleasedUnit, Row, WaveRelease
from surveyor.wording import Translate, translator


@dataclass(frozen=True)
class OrderedFile:
    """A results file the worker writes; neither ready nor waiting when it failed or was thrown away."""

    order_id: UUID
    wave_code: str
    unit: str
    format: str
    path: Path
    is_ready: bool
    is_waiting: bool
    n_done: int
    n_total: int


@dataclass(frozen=True)
class ResultsFile:
    """One file to be written; `read` gives the rows of the given units anew, in order."""

    wave: WaveRelease
    questionnaire: Questionnaire
    units: Sequence[ReleasedUnit]
    municipality: str
    language: str
    read: Callable[[Sequence[str]], Iterator[Row]]

    @property
    def say(self) -> Translate:
        """A bokmål message in the file's language."""
        return translator(self.language)

    @property
    def title(self) -> str:
        """The survey's title in the file's language."""
        return self.wave.title.get(self.language) or next(
            iter(self.wave.title.values()), self.wave.survey_code
        )

    @cached_property
    def _scales(self) -> dict[str, str]:
        asked = self.questionnaire
        return {scale.name: asked.text(scale.label, self.language) for scale in asked.scales}

    def label(self, kind: CellKind, name: str) -> str:
        """What an item or a scale is called in the file's language."""
        if kind is CellKind.SCALE:
            return self._scales.get(name) or name
        asked = self.questionnaire
        return asked.text(asked.item(name).label, self.language) or name

    def has_scores(self, item: str) -> bool:
        """True for an item that has an index."""
        return any(one.name == item for one in self.questionnaire.scored_items)

    def category(self, item: str, code: str) -> str:
        """What an answer option is called in the file's language."""
        asked = self.questionnaire
        found = next((c for c in asked.categories(asked.item(item)) if c.code == code), None)
        return (asked.text(found.label, self.language) if found else "") or code
