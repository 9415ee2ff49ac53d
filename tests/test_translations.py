"""Bokmål is the source; nynorsk and English are complete, keep every placeholder and hold nothing unused."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from surveyor.config import ROOT

PLACEHOLDER = re.compile(r"%\((\w+)\)")
KEYWORDS = ("-k", "N_", "-k", "lazy_gettext")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every message in code and templates."""
    target = tmp_path_factory.mktemp("catalogue") / "messages.pot"
    command = [
        sys.executable,
        "-m",
        "babel.messages.frontend",
        "-q",
        "extract",
        "-F",
        "pyproject.toml",
        *KEYWORDS,
    ]
    subprocess.run([*command, "-o", str(target), "."], cwd=ROOT, check=True)
    with target.open("rb") as file:
        return read_po(file)


def catalogue(language: str) -> Catalog:
    path = Path(ROOT, "surveyor", "translations", language, "LC_MESSAGES", "messages.po")
    with path.open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", ["nn", "en"])
def test_every_message_is_translated(source: Catalog, language: str) -> None:
    translated = catalogue(language)
    missing = []
    for message in source:
        found = translated.get(message.id) if message.id else None
        words = found.string if found else ""
        if message.id and not (all(words) if isinstance(words, tuple) else words):
            missing.append(message.id)
    assert missing == []


@pytest.mark.parametrize("language", ["nn", "en"])
def test_placeholders_survive_and_nothing_is_unused(source: Catalog, language: str) -> None:
    translated = catalogue(language)
    assert [message.id for message in translated if message.id and lost_placeholders(message)] == []
    assert [message.id for message in translated if message.id and unfillable(message)] == []
    assert [message.id for message in translated if message.id and message.id not in source] == []


def test_the_check_notices_a_lost_placeholder() -> None:
    assert lost_placeholders(Message("Rad %(row)s", "Row"))
    assert not lost_placeholders(Message("Rad %(row)s", "%(row)s. row"))
    assert unfillable(Message("Rad %(row)s", "Row %(row) of 5 %"))
    assert not unfillable(Message("Rad %(row)s av 5 %%", "Row %(row)s of 5 %%"))


def lost_placeholders(message: Message) -> set[str]:
    """Names that stand in the source or in a translation, but not in both."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    sources = message.id if isinstance(message.id, tuple) else (message.id,)
    wanted = set().union(*(PLACEHOLDER.findall(text) for text in sources))
    return set().union(*(wanted ^ set(PLACEHOLDER.findall(text)) for text in forms if text))


def unfillable(message: Message) -> bool:
    """Words with placeholders that no values can be put into: a page in that language would fail."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    try:
        return not all(text % dict.fromkeys(PLACEHOLDER.findall(text), 1) for text in forms if "%(" in text)
    except (TypeError, ValueError):
        return True
