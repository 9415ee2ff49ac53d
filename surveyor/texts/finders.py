"""Finding what may tell who somebody is: by patterns, checksums and lists of names; nothing leaves the house.

A finder helps a moderator; it does not replace one: a nickname or a story can name a person as well.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from surveyor.texts.enums import MarkKind
from surveyor.texts.names import ALSO_WORDS, FIRST_NAMES, LAST_NAMES
from surveyor.texts.spec import Mark

_NATIONAL_ID = re.compile(r"(?<!\d)\d{6}[ .-]?\d{5}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\d+])(?:(?:\+|00)47[ .-]?)?[2-9]\d(?:[ .-]?\d){6}(?!\d)")
_FOREIGN_PHONE = re.compile(r"(?<!\d)(?:\+|00)[1-9]\d(?:[ .-]?\d){6,12}(?!\d)")
_PATTERNS = ((MarkKind.EMAIL, _EMAIL), (MarkKind.PHONE, _PHONE), (MarkKind.PHONE, _FOREIGN_PHONE))
_ROAD = "veien|vegen|vei|veg|gaten|gata|gate|stien|svingen|tunet|alléen|allé"
_CALLED = "stubben|bakken|lia|plassen|plass|haugen|åsen|jordet"  # ordinary words too: only with a capital
_ADDRESS = re.compile(
    rf"(?<!\w)(?:(?:[A-ZÆØÅ][\w.'-]* ){{1,2}}(?:{_ROAD}|{_CALLED})"
    rf"|[A-ZÆØÅ][\w-]+(?:{_CALLED})|[\w-]{{3,}}(?:{_ROAD}))"
    r" \d{1,3}(?: ?[A-Ha-h])?(?!\w)(?:,? \d{4} [A-ZÆØÅ][a-zæøå]+)?"
    r"|(?<!\d)\d{4} [A-ZÆØÅ][a-zæøå]{2,}(?!\w)"
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?:;\n]\s*[«\"'(–-]*\s*$")
_TITLES = frozenset(
    {"fru", "herr", "frøken", "rektor", "lærer", "lege", "doktor", "avdelingsleder", "leder", "lederen"}
    | {"sjef", "sjefen", "styrer", "styreren"}
)
_W1, _W2 = (3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_ORDER = tuple(MarkKind)


def find_marks(text: str) -> tuple[Mark, ...]:
    """Every place that may tell who somebody is, in order and without overlaps; the surest kind wins."""
    found: list[Mark] = []
    for mark in sorted(_candidates(text), key=lambda m: (_ORDER.index(m.kind), m.start)):
        if all(mark.end <= other.start or mark.start >= other.end for other in found):
            found.append(mark)
    return tuple(sorted(found, key=lambda mark: mark.start))


def _candidates(text: str) -> Iterator[Mark]:
    for match in _NATIONAL_ID.finditer(text):
        if is_national_id(match[0]):
            yield Mark(MarkKind.NATIONAL_ID, match.start(), match.end())
    for kind, pattern in _PATTERNS:
        yield from (Mark(kind, match.start(), match.end()) for match in pattern.finditer(text))
    for match in _ADDRESS.finditer(text):
        if not match[0][0].isdigit() or not _is_year(match[0]):
            yield Mark(MarkKind.ADDRESS, match.start(), match.end())
    yield from _names(text)


def _is_year(text: str) -> bool:
    return 1900 <= int(text[:4]) <= 2100


def is_national_id(text: str) -> bool:
    """Whether eleven digits are a Norwegian national identity number: date, and both check digits.

    D-numbers (day + 40), help numbers (month + 40) and the tax authority's test numbers (month + 80) count.
    """
    digits = [int(sign) for sign in text if sign.isdigit()]
    if len(digits) != 11:
        return False
    day, month = digits[0] * 10 + digits[1], digits[2] * 10 + digits[3]
    if not 1 <= day % 40 <= 31 or not 1 <= month % 40 <= 12 or day > 71 or month > 92:
        return False
    return _check(digits[:9], _W1) == digits[9] and _check(digits[:10], _W2) == digits[10]


def _check(digits: Sequence[int], weights: Sequence[int]) -> int:
    return (11 - sum(d * w for d, w in zip(digits, weights, strict=True)) % 11) % 11


def _names(text: str) -> Iterator[Mark]:
    """Runs of capitalised words with a known name in them, or one after a title."""
    words = list(_WORD.finditer(text))
    place = 0
    while place < len(words):
        run = _run(text, words, place)
        if run and _is_name(text, words, place, run):
            yield Mark(MarkKind.NAME, run[0].start(), run[-1].end())
        place += max(len(run), 1)


def _run(text: str, words: Sequence[re.Match[str]], place: int) -> list[re.Match[str]]:
    """Capitalised words that follow one another with a single space, up to four; titles do not begin one."""
    run: list[re.Match[str]] = []
    for word in words[place : place + 4]:
        is_capital = word[0][0].isupper() and not (word[0].isupper() and len(word[0]) > 1)
        if not is_capital or (run and text[run[-1].end() : word.start()] != " "):
            break
        if not run and word[0].lower() in _TITLES:
            break
        run.append(word)
    return run


def _is_name(text: str, words: Sequence[re.Match[str]], place: int, run: Sequence[re.Match[str]]) -> bool:
    first, before = run[0], words[place - 1] if place else None
    if before is not None and before[0].lower() in _TITLES and text[before.end() : first.start()] == " ":
        return True
    parts = [part for word in run for part in word[0].removesuffix("s").split("-") + word[0].split("-")]
    sure = any(part in FIRST_NAMES - ALSO_WORDS for part in parts) or any(
        part in LAST_NAMES - ALSO_WORDS for part in parts
    )
    known = sum(any(p in FIRST_NAMES | LAST_NAMES for p in (w[0], w[0].removesuffix("s"))) for w in run)
    begins = first.start() == 0 or _SENTENCE_END.search(text[: first.start()]) is not None
    return sure or known >= 2 or (known == 1 and not begins)


def chosen_marks(text: str, keys: Iterable[str]) -> tuple[Mark, ...]:
    """The found places that a form named."""
    wanted = set(keys)
    return tuple(mark for mark in find_marks(text) if mark.key in wanted)


def word_marks(text: str, words: Iterable[str]) -> tuple[Mark, ...]:
    """Every place where one of the moderator's own words stands, whatever its case."""
    found = []
    for word in words:
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
        found += [Mark(MarkKind.WORD, match.start(), match.end()) for match in pattern.finditer(text)]
    return tuple(found)


def mask(text: str, marks: Iterable[Mark], masks: dict[MarkKind, str]) -> str:
    """The text with each marked place replaced by its mask; of overlapping places the first given wins."""
    kept: list[Mark] = []
    for mark in marks:
        if all(mark.end <= other.start or mark.start >= other.end for other in kept):
            kept.append(mark)
    for mark in sorted(kept, key=lambda m: m.start, reverse=True):
        text = text[: mark.start] + masks[mark.kind] + text[mark.end :]
    return text
