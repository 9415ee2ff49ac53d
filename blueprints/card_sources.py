"""Where the figures of a card come from, in words its reader knows, with a link where one may read more."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from blueprints.filters import current_language
from blueprints.request_scope import session
from blueprints.result_access import sight_of
from blueprints.result_frame import title_of
from surveyor.accounts.queries import account_by_email
from surveyor.indicators.naming import form_title
from surveyor.releases.queries import released_waves
from surveyor.releases.spec import WaveRelease
from surveyor.scorecards.spec import Card


@dataclass(frozen=True)
class Source:
    """What a source is called, and its page when there is one the account may open."""

    name: str
    url: str | None = None


def sources_of(card: Card) -> Mapping[str, Source]:
    """Every source on a card by its code: surveys by title, forms by title, people by name."""
    released = {line.source for line in card.lines if line.release_sha256}
    surveys = {
        wave.wave_code: _survey(wave, card)
        for wave in released_waves(session())
        if wave.wave_code in released
    }
    others = {line.source: _other(line.source) for line in card.lines if not line.release_sha256}
    return others | {code: surveys.get(code, Source(code)) for code in released}


def person_name(email: str) -> str:
    """The name behind an address: readers need no more."""
    account = account_by_email(session(), email=email)
    return account.name if account else email


def _survey(wave: WaveRelease, card: Card) -> Source:
    name = f"{title_of(wave)} {wave.ended_on.year}"
    if card.unit not in sight_of(wave).readable:
        return Source(name)
    return Source(name, url_for("results.unit", wave_code=wave.wave_code, code=card.unit))


def _other(source: str) -> Source:
    """A form and a year are written `code year`, people as their address; anything else is its own name."""
    if "@" in source:
        return Source(person_name(source))
    code, _space, year = source.rpartition(" ")
    if code and year.isdigit():
        return Source(f"{form_title(session(), code=code, language=current_language())} {year}")
    return Source(source)
