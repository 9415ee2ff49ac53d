"""Translations outside of web requests: files, mail, the command line. Bokmål is the source language."""

from collections.abc import Callable
from functools import lru_cache

from babel.support import Translations

from surveyor.config import ROOT

LANGUAGES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
"""The languages of the house, by their own names."""

FOLDER = ROOT / "surveyor" / "translations"
Translate = Callable[[str], str]


@lru_cache
def translator(language: str) -> Translate:
    """How to say a bokmål message in a language; the message itself where it has no translation."""
    catalogue = Translations.load(FOLDER, [language])
    return lambda message: str(catalogue.gettext(message)) if message else ""
