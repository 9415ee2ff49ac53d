"""Answer options and words in several languages, as plain frozen objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias

Text: TypeAlias = Mapping[str, str]
Score: TypeAlias = int | Decimal


def text_in(text: Text, language: str, fallback: str = "") -> str:
    """The words in this language, else in the fallback language, else in any language, else nothing."""
    return text.get(language) or text.get(fallback) or next(iter(text.values()), "")


@dataclass(frozen=True)
class Category:
    """One answer option; `missing` options (don't know, not relevant) are counted apart and never scored."""

    code: str
    label: Text = field(default_factory=dict)
    score: Score | None = None
    missing: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    """Further columns of the list, for choice filters and pulldata."""
    media: Mapping[str, Text] = field(default_factory=dict)

    def cell(self, column: str) -> str:
        """What stands in a column; empty when there is none."""
        if column in ("name", "code"):
            return self.code
        return self.columns.get(column) or (next(iter(self.label.values()), "") if column == "label" else "")


@dataclass(frozen=True)
class CodeList:
    """The answer options of one or more items, in the order shown."""

    name: str
    categories: tuple[Category, ...] = ()
    source: str = ""
    """The CSV file it came from, if any."""

    @cached_property
    def by_code(self) -> Mapping[str, Category]:
        return {category.code: category for category in self.categories}

    @cached_property
    def valid(self) -> tuple[Category, ...]:
        """The categories that are answers of substance."""
        return tuple(category for category in self.categories if not category.missing)

    @cached_property
    def scored(self) -> bool:
        """True when every category of substance has a score and there are at least two different ones."""
        scores = {category.score for category in self.valid}
        return None not in scores and len(scores) > 1

    @cached_property
    def score_range(self) -> tuple[Score, Score] | None:
        """Lowest and highest score of the list itself, not of any answers; None for a nominal list."""
        if not self.scored:
            return None
        scores = [category.score for category in self.valid if category.score is not None]
        return min(scores), max(scores)


def unscored(categories: tuple[Category, ...]) -> tuple[Category, ...]:
    """The same answers without scores where one of substance has none."""
    if all(category.missing or category.score is not None for category in categories):
        return categories
    return tuple(replace(category, score=None) for category in categories)
