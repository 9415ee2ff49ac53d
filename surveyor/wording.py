"""Translations outside of web requests: files, mail, the command line. Bokmål is the source language."""

from collections.abc import Callable
from functools import lru_cache

from babel.numbers import format_decimal
from babel.support import Translations

from surveyor.config import ROOT

FOLDER = ROOT / "surveyor" / "translations"
Translate = Callable[[str], str]


@lru_cache
def translator(language: str) -> Translate:
    """How to say a bokmål message in a language; the message itself where it has no translation."""
    catalogue = Translations.load(FOLDER, [language])
    return lambda message: str(catalogue.gettext(message)) if message else ""


def number_text(value: float, language: str, decimals: int = 1) -> str:
    """A number as text in a language."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, pattern, locale=language)
