"""Keywords find themes as the page says they do."""

import pytest

from surveyor.texts.keywords import mentions, read_keywords


@pytest.mark.parametrize(
    ("keywords", "text", "wanted"),
    [
        (("lønn",), "Lønna er for lav", True),
        (("lønn",), "Det er ulønnsomt", False),
        (("*tid",), "Arbeidstida er lang", True),
        (("tid",), "Arbeidstida er lang", False),
        (("for lite folk",), "Vi er  for lite\nfolk her", True),
        (("c++",), "Vi lærer C++ nå", True),
        (("mat", "lunsj"), "God lunsj!", True),
        ((), "Hva som helst", False),
        (("*",), "Hva som helst", False),
    ],
)
def test_what_a_keyword_finds(keywords: tuple[str, ...], text: str, wanted: bool) -> None:
    assert mentions(text, keywords) is wanted


def test_keywords_are_read_as_typed() -> None:
    assert read_keywords(" lønn, *tid ;\n for  lite folk\n,, lønn\n*\n") == ("lønn", "*tid", "for lite folk")
