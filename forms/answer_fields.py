"""The field of one question: what was posted, in the form answers are kept in, and how the macros draw it."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Any, NamedTuple

from wtforms import Field

from forms.answer_words import range_told
from surveyor.instruments.answers import MAX_TEXT, is_place, normal_value, point_of
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Item, Questionnaire, Text
from surveyor.uploads import ACCEPTED, suffixes

_DECIMAL_POINT = frozenset({"en"})
NO_PICTURES: Mapping[str, "tuple[ShownMedia, ...]"] = MappingProxyType({})


class Choice(NamedTuple):
    """An answer option as the macros draw it."""

    value: str
    label: str
    selected: bool
    media: "tuple[ShownMedia, ...]" = ()


class ShownMedia(NamedTuple):
    """A picture, sound or film to draw; `large` is the picture that opens from it."""

    kind: str
    sha256: str
    alt: str
    large: str = ""


def media_of(
    questionnaire: Questionnaire, media: Mapping[str, Text], language: str
) -> tuple[ShownMedia, ...]:
    """What a question or an answer shows, in a language."""

    def digest(kind: str) -> str:
        return questionnaire.files.get(questionnaire.text(media.get(kind, {}), language), "")

    alt = questionnaire.text(media.get("alt", {}), language)
    kinds = ((kind, digest(kind)) for kind in ("image", "audio", "video")) if media else ()
    return tuple(
        ShownMedia(kind, found, alt, digest("big-image") if kind == "image" else "")
        for kind, found in kinds
        if found
    )


def look_of(appearance: str) -> str:
    """The classes that lay answer options out: columns, quick, likert."""
    for word in appearance.split():
        kind, _, n = word.partition("-")
        if kind in ("columns", "horizontal", "compact"):
            n = n if n.isdigit() and 2 <= int(n) <= 12 else ""
            return f"sv-columns sv-cols-{n}" if n else "sv-columns sv-columns--any"
        if kind in ("quick", "quickcompact"):
            return "sv-quick"
        if kind == "likert":
            return "sv-oneline"
    return ""


class AttachedFile(NamedTuple):
    """A file kept as an answer, and where it is fetched."""

    id: str
    name: str
    size: int
    url: str


class AnswerField(Field):  # type: ignore[misc]  # WTForms has no types
    """The field of any item; its data is the answer in stored form."""

    def __init__(
        self, *, item: Item, options: tuple[tuple[str, str], ...], language: str,
        media: tuple[ShownMedia, ...] = (), pictures: Mapping[str, tuple[ShownMedia, ...]] = NO_PICTURES,
        **bound: Any,
    ) -> None:  # fmt: skip
        super().__init__(**bound)
        self.item, self.options, self.language = item, options, language
        self.files: tuple[AttachedFile, ...] = ()
        self.n_gone = 0  # files it names that have been taken away since
        self.media, self.pictures = media, pictures
        self.look = look_of(item.appearance) if item.selects else ""
        self.unoffered: AbstractSet[str] = frozenset()
        self.is_hidden = False
        self.is_quoting = False  # its errors are the author's own words
        self.flags.required = item.required == "true()"
        self.flags.multiple = item.type is ItemType.SELECT_MULTIPLE
        if item.type is ItemType.TEXT:
            self.flags.maxlength = MAX_TEXT

    def for_one_form(self) -> "AnswerField":
        """A field of its own to fill in: to make it anew would take longer than all the rest of a form."""
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        return copied

    def process_data(self, value: Any) -> None:
        self.data = value or ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if self.item.type is ItemType.UPLOAD:  # files come another way; posted are those to take away
            self.data = " ".join(file for file in self.data.split() if file not in valuelist)
            return
        self.data = normal_value(self.item, (value for value in valuelist if isinstance(value, str)))

    def _value(self) -> str:
        if self.item.type in (ItemType.DECIMAL, ItemType.RANGE) and self.language not in _DECIMAL_POINT:
            return str(self.data).replace(".", ",")
        return str(self.data)

    def has_groups(self) -> bool:
        return False

    @property
    def point(self) -> tuple[str, str]:
        """Latitude and longitude as people write them."""
        north, east = point_of(self.data)
        comma = self.language not in _DECIMAL_POINT
        return (north.replace(".", ","), east.replace(".", ",")) if comma else (north, east)

    @property
    def range_told(self) -> str:
        """Which numbers a range takes, in words of ours."""
        return range_told(self.item, self.language)

    @property
    def suffixes(self) -> str:
        """The kinds of file it takes, as a browser's file field wants them."""
        return suffixes(self.item.parameters.get("accept", "file"))

    @property
    def kinds(self) -> str:
        """The kinds of file it takes, in words."""
        return ", ".join(ACCEPTED[self.item.parameters.get("accept", "file")])

    def iter_choices(self) -> Iterator[Choice]:
        """The options with what is chosen marked."""
        if self.item.type is ItemType.RANK:
            places = _places(self.data)
            ranked = sorted(self.options, key=lambda option: places.get(option[0], len(self.options)))
            return (Choice(code, label, code in places) for code, label in ranked)
        chosen = self.data.split() if self.flags.multiple else (self.data,)
        shown = self.pictures
        return (Choice(code, label, code in chosen, shown.get(code, ())) for code, label in self.options)

    def iter_places(self) -> Iterator[tuple[str, str, list[Choice]]]:
        """For a ranking: every option with the places it can be given."""
        places = _places(self.data)
        for code, label in self.options:
            numbers = range(1, len(self.options) + 1)
            yield code, label, [Choice(f"{n}:{code}", str(n), places.get(code) == n) for n in numbers]


def _places(ranked: str) -> Mapping[str, int]:
    """Each code's place, out of codes in order or of what was posted and does not fit."""
    words = ranked.split()
    if any(":" in word for word in words):
        pairs = (word.partition(":") for word in words)
        return {code: int(place) for place, _, code in pairs if is_place(place)}
    return {code: place for place, code in enumerate(words, 1)}
