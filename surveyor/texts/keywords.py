"""Which themes a comment touches: by keywords, as simple as they can be explained."""

import re
from functools import lru_cache


@lru_cache(maxsize=512)
def _pattern(keywords: tuple[str, ...]) -> re.Pattern[str] | None:
    parts = []
    for keyword in keywords:
        words = r"\s+".join(re.escape(word) for word in keyword.removeprefix("*").split())
        if words:
            parts.append(words if keyword.startswith("*") else rf"(?<!\w){words}")
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def mentions(text: str, keywords: tuple[str, ...]) -> bool:
    """Whether a word of the text begins with a keyword; one that begins with * may stand inside a word.

    Capitals do not matter, a keyword may be several words: "lønn" finds "lønna", "*tid" finds "arbeidstid".
    """
    pattern = _pattern(keywords)
    return pattern is not None and pattern.search(text) is not None


def read_keywords(text: str) -> tuple[str, ...]:
    """Keywords as typed, one a line or with commas between; each once, in order."""
    words = (re.sub(r"\s+", " ", word).strip() for word in re.split(r"[,;\n]", text))
    return tuple(dict.fromkeys(word for word in words if word.strip("* ")))
