"""ANON-2: a back-up from before the opening holds drafts; without the wave's own key files none opens."""

from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.fieldwork.closing import open_wave
from surveyor.files import make_private_folder
from surveyor.invitations.models import Participation
from surveyor.invitations.services import _token_info, open_token
from surveyor.mail.keys import make_key_pair, seal_for_worker
from surveyor.responses.drafts import open_draft
from surveyor.responses.models import Draft
from tests.waves import OpenWave, make_open_wave

SAID = {"comment": "HEMMELIG"}
BackUp = list[tuple[UUID, int, bytes, str]]


@pytest.fixture
def wave(both_app: Flask, both_settings: Settings, db: Engine) -> OpenWave:
    """Three have begun; their links are kept under the mail key, as when they are invited by mail."""
    both_app.config["WTF_CSRF_ENABLED"] = False
    for store in (both_settings.key_store_a, both_settings.key_store_b):
        make_private_folder(store)
    make_key_pair(both_settings)
    with unit_of_work(db) as session:
        wave = make_open_wave(session, both_settings, invited={"B1": 6})
        for person in wave.people:
            info = _token_info(wave.id, person.id)
            row = session.get_one(Participation, person.id)
            row.token_sealed = seal_for_worker(both_settings, person.token.encode(), info=info)
    for person in wave.people[:3]:
        client = both_app.test_client()
        home = client.get(f"/medarbeider/s/{person.token}").headers["Location"].split("?")[0]
        fields = {"rev": "0", "to": "senere", "q-comment": "HEMMELIG"}
        assert client.post(f"{home}/side/3", data=fields).status_code == 303
    return wave


def back_up(engine: Engine, settings: Settings) -> BackUp:
    """The drafts, and the links that whoever holds the mail key reads beside them: that key is kept."""
    with unit_of_work(engine) as session:
        tokens = {
            row.id: open_token(settings, participation=row) for row in session.scalars(select(Participation))
        }
        found = session.execute(select(Draft.participation_id, Draft.rev, Draft.sealed)).all()
        return [(owner, rev, sealed, tokens[owner] or "") for owner, rev, sealed in found]


def key_files(settings: Settings) -> set[bytes]:
    stores = (settings.key_store_a, settings.key_store_b)
    return {path.read_bytes() for store in stores for path in Path(store).rglob("*") if path.is_file()}


def n_readable(wave: OpenWave, taken: BackUp, files: set[bytes]) -> int:
    """How many drafts open under their link, alone or with what one of the files holds."""
    kept = ["", *(file.hex() for file in files)]
    return sum(
        any(
            open_draft(sealed, secret=token + more, wave_id=wave.id, participation_id=owner, rev=rev) == SAID
            for more in kept
        )
        for owner, rev, sealed, token in taken
    )


def test_drafts_in_an_old_back_up_are_worthless_once_the_key_is_gone(
    both_settings: Settings, db: Engine, wave: OpenWave
) -> None:
    taken, before = back_up(db, both_settings), key_files(both_settings)
    open_wave(db, both_settings, wave_id=wave.id)
    assert n_readable(wave, taken, key_files(both_settings)) == 0
    assert n_readable(wave, taken, before) == 3  # the control: they would have been, with the wave's files


def test_while_the_key_stores_are_away_no_draft_is_lost(
    both_app: Flask, both_settings: Settings, wave: OpenWave
) -> None:
    client = both_app.test_client()
    home = client.get(f"/medarbeider/s/{wave.people[0].token}").headers["Location"].split("?")[0]
    away = {
        store: store.with_name(f"{store.name}-away")
        for store in (both_settings.key_store_a, both_settings.key_store_b)
    }
    for store, elsewhere in away.items():
        store.rename(elsewhere)
    assert client.get(f"{home}/side/3").status_code == 503
    saved = client.post(f"{home}/side/3", data={"rev": "0", "to": "senere", "q-comment": "Noe annet"})
    assert (saved.status_code, saved.headers["Retry-After"] > "") == (503, True)
    for store, elsewhere in away.items():
        elsewhere.rename(store)
    assert "HEMMELIG" in client.get(f"{home}/side/3").text
