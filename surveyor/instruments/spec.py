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

from surveyor.instruments.bins import bin_list
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.layout import MARK as MARK
from surveyor.instruments.layout import Grid as Grid
from surveyor.instruments.layout import Item as Item
from surveyor.instruments.layout import Laid as Laid
from surveyor.instruments.layout import Node as Node
from surveyor.instruments.layout import Page as Page
from surveyor.instruments.layout import Repeat as Repeat
from surveyor.instruments.layout import Turn as Turn
from surveyor.instruments.layout import instance_name as instance_name
from surveyor.instruments.lists import Category as Category
from surveyor.instruments.lists import CodeList as CodeList
from surveyor.instruments.lists import Score as Score
from surveyor.instruments.lists import Text as Text
from surveyor.instruments.lists import text_in as text_in

Answers: TypeAlias = Mapping[str, str]
_NO_LIST = CodeList("")


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
    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each picture, sound and film by file name."""

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
    def single_answers(self) -> frozenset[tuple[str, str]]:
        """Every answer there may be to a question with one: its name and the option's code."""
        single = (item for item in self.items if item.type is ItemType.SELECT_ONE)
        return frozenset(
            (item.name, code) for item in single for code in self.code_lists[item.code_list].by_code
        )

    @cached_property
    def repeat_names(self) -> frozenset[str]:
        """Names of the repeated groups' own items, which say how many turns there are."""
        return frozenset(item.name for item in self.all_items if item.type is ItemType.REPEAT)

    @cached_property
    def around(self) -> Mapping[str, tuple[str, ...]]:
        """The repeated groups around each item that stands in one, the outermost first, by plain names."""
        inside = {item.base: item.repeat.partition(MARK)[0] for item in self.all_items if item.repeat}

        def chain(name: str) -> tuple[str, ...]:
            return (*chain(inside[name]), inside[name]) if name in inside else ()

        return {name: chain(name) for name in inside}

    @cached_property
    def page_places(self) -> Mapping[str, int]:
        """Where each page stands, counted from 0."""
        return {page.name: place for place, page in enumerate(self.pages)}

    @cached_property
    def pages_by_name(self) -> Mapping[str, Page]:
        return {page.name: page for page in self.pages}

    @cached_property
    def coded_items(self) -> tuple[Item, ...]:
        """Select-one items, scored or nominal, and binned ones, in the order of the index blob."""
        wanted = (item for item in self.items if item.type is ItemType.SELECT_ONE or item.bins)
        return tuple(item for item in wanted if item.role is not ItemRole.UNIT)

    @cached_property
    def scored_items(self) -> tuple[Item, ...]:
        """Select-one items of substance whose code list has scores."""
        return tuple(item for item in self.substance_items if self.list_of(item).scored)

    @cached_property
    def substance_items(self) -> tuple[Item, ...]:
        """Items that results are made of."""
        return tuple(item for item in self.coded_items if item.role in (None, ItemRole.ITEM))

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

    @cached_property
    def _bin_lists(self) -> Mapping[str, CodeList]:
        binned = (item for item in self.all_items if item.bins)
        return {item.name: bin_list(item.name, item.type, item.bins) for item in binned}

    def list_of(self, item: Item) -> CodeList:
        """What an item's answers are counted in: its code list or its bins; an empty list for any other."""
        if item.bins:
            return self._bin_lists[item.name]
        return self.code_lists[item.code_list] if item.code_list else _NO_LIST

    def categories(self, item: Item) -> tuple[Category, ...]:
        """The answer options of an item, or its bins; none when it has neither."""
        return self.list_of(item).categories

    def score_range(self, item: Item) -> tuple[Score, Score] | None:
        """Lowest and highest score of the item's code list; None when it has no scores."""
        return self.list_of(item).score_range

    def text(self, text: Text, language: str) -> str:
        """The words in a language, falling back to the default language."""
        return text_in(text, language, self.default_language)

    def title_in(self, language: str) -> str:
        """What it is called in a language; its code where it has no title."""
        return self.text(self.title, language) or self.code

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
            files=document.get("files", {}),
        )

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON, in hex."""
        canonical = json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, (Category, CodeList, Item, Grid, Repeat, Page, Scale, Questionnaire)):
        entries = ((entry.name, getattr(value, entry.name), entry) for entry in fields(value))
        document = {
            name: _plain(content) for name, content, entry in entries if not _is_default(content, entry)
        }
        kind = {Grid: {"grid": True}, Repeat: {"repeated": True}}.get(type(value), {})
        return {**kind, **document}
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
    categories = tuple(_category(entry) for entry in document.get("categories", ()))
    return CodeList(document["name"], categories, document.get("source", ""))


def _item(document: Mapping[str, Any]) -> Item:
    role = document.get("role")
    return Item(**{**document, "type": ItemType(document["type"]), "role": ItemRole(role) if role else None})


def _node(document: Mapping[str, Any]) -> Node:
    if document.get("repeated"):
        nodes = tuple(_node(entry) for entry in document.get("nodes", ()))
        return Repeat(**{**{k: v for k, v in document.items() if k != "repeated"}, "nodes": nodes})
    if not document.get("grid"):
        return _item(document)
    rows = tuple(_item(entry) for entry in document.get("items", ()))
    return Grid(document["name"], document.get("label", {}), rows)


def _page(document: Mapping[str, Any]) -> Page:
    return Page(**{**document, "nodes": tuple(_node(node) for node in document.get("nodes", ()))})


def _scale(document: Mapping[str, Any]) -> Scale:
    return Scale(**{**document, "items": tuple(document.get("items", ()))})
