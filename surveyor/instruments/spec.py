"""The questionnaire as plain frozen objects: what is asked, in which order, in which languages.

Expressions are kept as their XLSForm source; an empty string means "none". Texts map a language code to
words. Answers map an item's name to a string: a code, codes with a space between in list order, an ISO date,
digits with a decimal point, or the text itself. An unanswered item is not there.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeAlias

from surveyor.instruments.enums import ItemRole, ItemType

Text: TypeAlias = Mapping[str, str]
Score: TypeAlias = int | Decimal
Answers: TypeAlias = Mapping[str, str]


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


@dataclass(frozen=True)
class CodeList:
    """The answer options of one or more items, in the order shown."""

    name: str
    categories: tuple[Category, ...] = ()

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


@dataclass(frozen=True)
class Item:
    """One question, note or calculation."""

    name: str
    type: ItemType
    label: Text = field(default_factory=dict)
    hint: Text = field(default_factory=dict)
    required: str = ""
    required_message: Text = field(default_factory=dict)
    relevant: str = ""
    constraint: str = ""
    constraint_message: Text = field(default_factory=dict)
    calculation: str = ""
    default: str = ""
    read_only: bool = False
    code_list: str = ""
    scale: str = ""
    reverse: bool = False
    role: ItemRole | None = None
    appearance: str = ""
    page: str = ""

    @property
    def answerable(self) -> bool:
        """True for what a respondent can fill in."""
        return self.type not in (ItemType.NOTE, ItemType.CALCULATE) and not self.read_only

    @property
    def selects(self) -> bool:
        return self.type in (ItemType.SELECT_ONE, ItemType.SELECT_MULTIPLE)


@dataclass(frozen=True)
class Grid:
    """Items asked side by side with one common code list."""

    name: str
    label: Text = field(default_factory=dict)
    items: tuple[Item, ...] = ()


Node: TypeAlias = Item | Grid


@dataclass(frozen=True)
class Page:
    """What is shown at once; `section` is the label of the group around several pages, if any."""

    name: str
    label: Text = field(default_factory=dict)
    relevant: str = ""
    nodes: tuple[Node, ...] = ()
    section: Text = field(default_factory=dict)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every item of the page in order, notes and calculations too."""
        return tuple(
            item for node in self.nodes for item in (node.items if isinstance(node, Grid) else (node,))
        )


@dataclass(frozen=True)
class Scale:
    """An index: the unweighted mean of its items' own 0-100 indexes."""

    name: str
    label: Text = field(default_factory=dict)
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Questionnaire:
    """A whole questionnaire; equal content has an equal `hash`, whatever file it came from."""

    code: str
    title: Text
    languages: tuple[str, ...]
    default_language: str
    pages: tuple[Page, ...] = ()
    code_lists: Mapping[str, CodeList] = field(default_factory=dict)
    scales: tuple[Scale, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.hash)

    @cached_property
    def all_items(self) -> tuple[Item, ...]:
        """Every item in instrument order, notes and calculations too."""
        return tuple(item for page in self.pages for item in page.items)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The items a respondent can answer, in instrument order."""
        return tuple(item for item in self.all_items if item.answerable)

    @cached_property
    def by_name(self) -> Mapping[str, Item]:
        return {item.name: item for item in self.all_items}

    @cached_property
    def pages_by_name(self) -> Mapping[str, Page]:
        return {page.name: page for page in self.pages}

    @cached_property
    def coded_items(self) -> tuple[Item, ...]:
        """Select-one items, scored or nominal, in the order of the index blob."""
        wanted = (item for item in self.items if item.type is ItemType.SELECT_ONE)
        return tuple(item for item in wanted if item.role is not ItemRole.UNIT)

    @cached_property
    def scored_items(self) -> tuple[Item, ...]:
        """Select-one items of substance whose code list has scores."""
        return tuple(item for item in self.substance_items if self.code_lists[item.code_list].scored)

    @cached_property
    def nominal_items(self) -> tuple[Item, ...]:
        """Select-one items of substance that have shares only."""
        return tuple(item for item in self.substance_items if not self.code_lists[item.code_list].scored)

    @cached_property
    def substance_items(self) -> tuple[Item, ...]:
        """Select-one items that results are made of."""
        return tuple(item for item in self.coded_items if item.role in (None, ItemRole.ITEM))

    @cached_property
    def multiple_items(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.type is ItemType.SELECT_MULTIPLE)

    @cached_property
    def background_items(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.role is ItemRole.BACKGROUND)

    @cached_property
    def open_items(self) -> tuple[Item, ...]:
        """Free-text items."""
        return tuple(item for item in self.items if item.type is ItemType.TEXT)

    @cached_property
    def unit_item(self) -> Item | None:
        """The item in which a respondent of an open link chooses a unit."""
        return next((item for item in self.items if item.role is ItemRole.UNIT), None)

    def item(self, name: str) -> Item:
        """The item of this name; raises KeyError."""
        return self.by_name[name]

    def page(self, name: str) -> Page:
        """The page of this name; raises KeyError."""
        return self.pages_by_name[name]

    def categories(self, item: Item) -> tuple[Category, ...]:
        """The answer options of an item; none when it does not select."""
        return self.code_lists[item.code_list].categories if item.code_list else ()

    def score_range(self, item: Item) -> tuple[Score, Score] | None:
        """Lowest and highest score of the item's code list; None when it has no scores."""
        return self.code_lists[item.code_list].score_range if item.code_list else None

    def text(self, text: Text, language: str) -> str:
        """The words in a language, falling back to the default language."""
        return text_in(text, language, self.default_language)

    def to_json(self) -> dict[str, Any]:
        """A JSON document of everything but empty fields; `from_json` gives an equal questionnaire."""
        document: dict[str, Any] = _plain(self)
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Questionnaire":
        """The questionnaire of a document made by `to_json`; raises KeyError, TypeError or ValueError."""
        return cls(
            code=document["code"],
            title=document["title"],
            languages=tuple(document["languages"]),
            default_language=document["default_language"],
            pages=tuple(_page(page) for page in document.get("pages", ())),
            code_lists={name: _code_list(entry) for name, entry in document.get("code_lists", {}).items()},
            scales=tuple(_scale(scale) for scale in document.get("scales", ())),
            settings=document.get("settings", {}),
        )

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON, in hex."""
        canonical = json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, (Category, CodeList, Item, Grid, Page, Scale, Questionnaire)):
        entries = ((entry.name, getattr(value, entry.name), entry) for entry in fields(value))
        document = {
            name: _plain(content) for name, content, entry in entries if not _is_default(content, entry)
        }
        return {"grid": True, **document} if isinstance(value, Grid) else document
    if isinstance(value, Mapping):
        return {key: _plain(content) for key, content in value.items()}
    if isinstance(value, tuple):
        return [_plain(content) for content in value]
    return str(value) if isinstance(value, Decimal) else value


def _is_default(content: Any, entry: Any) -> bool:
    if entry.default_factory is not MISSING:
        return not content
    return bool(entry.default is not MISSING and content == entry.default)


def _category(document: Mapping[str, Any]) -> Category:
    score = document.get("score")
    return Category(**{**document, "score": Decimal(score) if isinstance(score, str) else score})


def _code_list(document: Mapping[str, Any]) -> CodeList:
    return CodeList(document["name"], tuple(_category(entry) for entry in document.get("categories", ())))


def _item(document: Mapping[str, Any]) -> Item:
    role = document.get("role")
    return Item(**{**document, "type": ItemType(document["type"]), "role": ItemRole(role) if role else None})


def _node(document: Mapping[str, Any]) -> Node:
    if not document.get("grid"):
        return _item(document)
    rows = tuple(_item(entry) for entry in document.get("items", ()))
    return Grid(document["name"], document.get("label", {}), rows)


def _page(document: Mapping[str, Any]) -> Page:
    return Page(**{**document, "nodes": tuple(_node(node) for node in document.get("nodes", ()))})


def _scale(document: Mapping[str, Any]) -> Scale:
    return Scale(**{**document, "items": tuple(document.get("items", ()))})
