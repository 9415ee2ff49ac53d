"""What the headings of an XLSForm sheet mean: the column, and the language of its words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from surveyor.instruments.spec import Text
from surveyor.instruments.workbook import Row, Sheet

_TAG = r"(?:[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*|x-[A-Za-z0-9]{1,8})"
_CODE = re.compile(rf"\(\s*({_TAG})\s*\)\s*$")
_PLAIN_CODE = re.compile(_TAG)
_NAMES = {
    "norsk": "nb", "bokmål": "nb", "norsk bokmål": "nb", "norwegian": "nb", "nynorsk": "nn",
    "norsk nynorsk": "nn", "english": "en", "engelsk": "en", "polski": "pl", "polish": "pl", "polsk": "pl",
    "français": "fr", "french": "fr", "español": "es", "spanish": "es", "deutsch": "de", "german": "de",
    "tysk": "de", "italian": "it", "portuguese": "pt", "chinese": "zh", "japanese": "ja", "russian": "ru",
    "arabic": "ar", "arabisk": "ar", "somali": "so", "tigrinya": "ti", "ukrainian": "uk", "ukrainsk": "uk",
    "urdu": "ur", "swahili": "sw", "nepali": "ne", "hindi": "hi", "lithuanian": "lt", "litauisk": "lt",
    "davvisámegiella": "se", "nordsamisk": "se", "sámi": "se", "svenska": "sv", "dansk": "da",
}  # fmt: skip
_NOT_IN_TAGS = re.compile(r"[^a-z0-9]+")
_ALIASES = {
    "list name": "list_name",
    "listname": "list_name",
    "value": "name",
    "caption": "label",
    "text": "label",
    "relevance": "relevant",
    "bind::relevant": "relevant",
    "bind::required": "required",
    "bind::constraint": "constraint",
    "bind::calculate": "calculation",
    "bind::readonly": "read_only",
    "calculate": "calculation",
    "readonly": "read_only",
    "read only": "read_only",
    "required message": "required_message",
    "requiredmsg": "required_message",
    "constraint message": "constraint_message",
    "bind::jr:constraintmsg": "constraint_message",
    "bind::jr:requiredmsg": "required_message",
    "constraining message": "constraint_message",
    "control::appearance": "appearance",
    "body::appearance": "appearance",
    "bind::calculation": "calculation",
    "bind::relevance": "relevant",
    "skip": "relevant",
    "skip logic": "relevant",
    "repeat count": "repeat_count",
    "repeat_count": "repeat_count",
    "jr:count": "repeat_count",
    "control::jr:count": "repeat_count",
    "body::jr:count": "repeat_count",
    "choice filter": "choice_filter",
    "guidance hint": "guidance_hint",
    "control::parameters": "parameters",
    "body::parameters": "parameters",
    "form_title": "title",
    "form_id": "code",
    "id_string": "code",
    "set form title": "title",
    "set form id": "code",
}
TEXTS = frozenset(
    {"label", "hint", "guidance_hint", "required_message", "constraint_message", "title", "translated_title"}
)


MEDIA_KINDS = ("image", "big-image", "audio", "video", "alt")
"""What a question or an answer shows; `alt` is our own: the words for those who do not see the picture."""
_COLONS = re.compile(r"\s*::?\s*")


@dataclass(frozen=True)
class Column:
    """A heading as read: the column's own name and, for words, the language named after it."""

    heading: str
    name: str
    language: str = ""


def language_code(name: str) -> str:
    """The code of a language as XLSForm names it: "Norsk bokmål (nb)", "nynorsk", "en"; a private tag."""
    if match := _CODE.search(name):
        return match.group(1).lower()
    plain = name.strip().lower()
    if plain in _NAMES or _PLAIN_CODE.fullmatch(plain):
        return _NAMES.get(plain, plain)
    private = _NOT_IN_TAGS.sub("", plain)[:8]
    return f"x-{private}" if private else plain


def is_language_code(code: str) -> bool:
    """True for what can stand in an HTML lang attribute."""
    return _PLAIN_CODE.fullmatch(code) is not None


def columns(sheet: Sheet | None) -> tuple[Column, ...]:
    """The headings of a sheet as columns, in order."""
    return tuple(_column(heading) for heading in sheet.headings) if sheet else ()


def _column(heading: str) -> Column:
    key = heading.strip().lower()
    if key in _ALIASES:
        return Column(heading, _ALIASES[key])
    base, _, language = key.partition("::" if "::" in key else ":")
    base = base.strip()
    base = _ALIASES.get(base, base)
    if base in ("media", "autoplay") or base in MEDIA_KINDS[:-1]:
        return _media_column(heading)
    if base in TEXTS and language.strip():
        original = heading[len(heading) - len(language) :]
        return Column(heading, base, language_code(original))
    return Column(heading, base if not language else key)


def _media_column(heading: str) -> Column:
    """`media::image::nb`, `image::nb` or `image`; anything else is media that is left out."""
    parts = _COLONS.split(heading.strip())
    if parts[0].lower() == "media":
        parts = parts[1:]
    kind = parts[0].lower() if parts else ""
    if kind not in MEDIA_KINDS:
        return Column(heading, "media")
    return Column(heading, f"media::{kind}", language_code(parts[1]) if len(parts) > 1 else "")


@dataclass(frozen=True)
class Headings:
    """The columns of one sheet and the language of words without one."""

    columns: tuple[Column, ...]
    default_language: str

    def cell(self, row: Row, name: str) -> str:
        """The cell of a column by its own name; empty when there is none."""
        return next((row.get(c.heading) for c in self.columns if c.name == name and row.get(c.heading)), "")

    def text(self, row: Row, name: str) -> Text:
        """The words of a column in every language they are given in, the default language first."""
        found: dict[str, str] = {}
        for column in self.columns:
            if column.name == name and (words := row.get(column.heading)):
                found.setdefault(column.language or self.default_language, words)
        return found

    def heading(self, name: str) -> str:
        """The heading as written of a column."""
        return next((column.heading for column in self.columns if column.name == name), name)


def languages(sheets: Iterable[tuple[Column, ...]]) -> tuple[str, ...]:
    """The languages named in any heading, in the order met."""
    return tuple(dict.fromkeys(c.language for found in sheets for c in found if c.language))


def settings_of(sheet: Sheet | None, found: tuple[Column, ...]) -> Mapping[str, str]:
    """The first row of the settings sheet by column name."""
    if sheet is None or not sheet.rows:
        return {}
    return {
        column.name: sheet.rows[0].get(column.heading)
        for column in found
        if sheet.rows[0].get(column.heading)
    }
