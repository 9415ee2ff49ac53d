"""A wave's answer sets side by side: personal data, held in memory while weights are made."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from surveyor.campaigns.spec import OWN
from surveyor.cubes.queries import answer_codes
from surveyor.instruments.spec import Item, Questionnaire
from surveyor.responses.opening import NO_ANSWER

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Respondents:
    """Everybody who answered a wave, in an order that says nothing: sorted by what they answered.

    segments: (N,) codes of the stored segments; codes: (N, items) places of the chosen options.
    """

    questionnaire: Questionnaire
    segments: tuple[str, ...]
    codes: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.segments)

    @cached_property
    def units(self) -> tuple[str, ...]:
        """The unit each answer was given for."""
        return tuple(segment.removesuffix(OWN) for segment in self.segments)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {item.name: place for place, item in enumerate(self.questionnaire.coded_items)}

    def options(self, item: Item) -> list[str | None]:
        """The code each chose, None without an answer and for "don't know"."""
        categories = self.questionnaire.categories(item)
        known = [None if category.missing else category.code for category in categories]
        column = self.codes[:, self._places[item.name]].tolist()
        return [None if place == NO_ANSWER else known[place] for place in column]

    def scores(self, item: Item) -> list[float | None]:
        """The score each gave, turned for reverse-keyed items; None where there is none."""
        ends = self.questionnaire.score_range(item)
        if ends is None:
            raise ValueError(f"no scores: {item.name}")
        by_code = {c.code: float(c.score) for c in self.questionnaire.categories(item) if c.score is not None}
        turned = float(ends[0]) + float(ends[1])
        scores = [None if code is None else by_code.get(code) for code in self.options(item)]
        return [turned - score if item.reverse and score is not None else score for score in scores]

    def n_answered(self, items: list[Item]) -> Ints:
        """(N,) how many of some items each has answered, "don't know" included."""
        places = [self._places[item.name] for item in items]
        return np.asarray((self.codes[:, places] != NO_ANSWER).sum(axis=1), dtype=np.int64)


def respondents(session: Session, *, wave_id: UUID, questionnaire: Questionnaire) -> Respondents:
    """Every opened answer set of a wave."""
    width = len(questionnaire.coded_items)
    rows = sorted(
        (segment, codes[place * width : (place + 1) * width])
        for segments, codes in answer_codes(session, wave_id)
        for place, segment in enumerate(segments)
    )
    blob = b"".join(row[1] for row in rows)
    codes = np.frombuffer(blob, dtype=np.int8).reshape(len(rows), width)
    return Respondents(questionnaire, tuple(row[0] for row in rows), codes)
