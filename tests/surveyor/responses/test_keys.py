"""Key pairs: two copies, tried at launch, either of them opens, both destroyed for good."""

import stat
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from surveyor.config import Settings
from surveyor.errors import Refused
from surveyor.responses.keys import (
    destroy_leftover_keys,
    destroy_wave_keys,
    draft_secret,
    load_wave_key,
    make_wave_keys,
)
from surveyor.responses.queries import wave_key


def test_both_stores_get_a_private_copy_only_the_owner_reads(session: Session, settings: Settings) -> None:
    wave_id = uuid4()
    public = make_wave_keys(session, settings, wave_id=wave_id)
    copies = [store / f"{wave_id}.key" for store in (settings.key_store_a, settings.key_store_b)]
    assert len({path.read_bytes() for path in copies}) == 1
    assert {stat.S_IMODE(path.stat().st_mode) for path in copies} == {0o600}
    kept = wave_key(session, wave_id=wave_id)
    assert kept
    assert kept.public_key == public
    assert copies[0].read_bytes() not in kept.public_key


@pytest.mark.parametrize("lost", ["a", "b"])
def test_one_lost_or_wrong_copy_does_no_harm(session: Session, settings: Settings, lost: str) -> None:
    lost_id, wrong_id = uuid4(), uuid4()
    store = settings.key_store_a if lost == "a" else settings.key_store_b
    for wave_id in (lost_id, wrong_id):
        make_wave_keys(session, settings, wave_id=wave_id)
    (store / f"{lost_id}.key").unlink()
    (store / f"{wrong_id}.key").write_bytes(b"w" * 32)
    for wave_id in (lost_id, wrong_id):
        assert load_wave_key(session, settings, wave_id=wave_id)


def test_without_the_right_key_nothing_opens(session: Session, settings: Settings) -> None:
    wave_id = uuid4()
    make_wave_keys(session, settings, wave_id=wave_id)
    for store in (settings.key_store_a, settings.key_store_b):
        (store / f"{wave_id}.key").write_bytes(b"w" * 32)
    with pytest.raises(Refused):
        load_wave_key(session, settings, wave_id=wave_id)


def test_a_second_launch_cannot_replace_the_keys(session: Session, settings: Settings) -> None:
    wave_id = uuid4()
    make_wave_keys(session, settings, wave_id=wave_id)
    before = (settings.key_store_a / f"{wave_id}.key").read_bytes()
    with pytest.raises(IntegrityError), session.begin_nested():
        make_wave_keys(session, settings, wave_id=wave_id)
    assert (settings.key_store_a / f"{wave_id}.key").read_bytes() == before


def test_a_store_that_cannot_be_written_stops_the_launch(session: Session, settings: Settings) -> None:
    settings.key_store_b.parent.mkdir(parents=True, exist_ok=True)
    settings.key_store_b.write_text("a file where the folder should be")
    with pytest.raises(Refused):
        make_wave_keys(session, settings, wave_id=uuid4())


def test_destroyed_keys_are_gone_and_it_is_noted_once(session: Session, settings: Settings) -> None:
    wave_id = uuid4()
    make_wave_keys(session, settings, wave_id=wave_id)
    assert destroy_wave_keys(session, settings, wave_id=wave_id)
    assert not destroy_wave_keys(session, settings, wave_id=wave_id)
    assert not list(settings.key_store_a.iterdir())
    assert not list(settings.key_store_b.iterdir())
    kept = wave_key(session, wave_id=wave_id)
    session.refresh(kept)
    assert kept
    assert kept.destroyed_on
    with pytest.raises(Refused):
        load_wave_key(session, settings, wave_id=wave_id)


def test_a_copy_in_a_store_that_was_away_goes_when_it_is_back(session: Session, settings: Settings) -> None:
    destroyed, kept, away = uuid4(), uuid4(), settings.key_store_b.with_name("away")
    for wave_id in (destroyed, kept):
        make_wave_keys(session, settings, wave_id=wave_id)
    settings.key_store_b.rename(away)
    destroy_wave_keys(session, settings, wave_id=destroyed)
    assert destroy_leftover_keys(session, settings) == 0
    away.rename(settings.key_store_b)
    assert (settings.key_store_b / f"{destroyed}.key").exists()  # the control: noted, but not gone
    assert destroy_leftover_keys(session, settings) == 2
    for store in (settings.key_store_a, settings.key_store_b):
        assert sorted(path.name for path in store.iterdir()) == [f"{kept}.drafts", f"{kept}.key"]


def test_drafts_need_a_secret_that_goes_with_the_key(session: Session, settings: Settings) -> None:
    wave_id, earlier, away = uuid4(), uuid4(), settings.key_store_a.with_name("away")
    for each in (wave_id, earlier):
        make_wave_keys(session, settings, wave_id=each)
    for store in (settings.key_store_a, settings.key_store_b):
        (store / f"{earlier}.drafts").unlink()
    secret = draft_secret(settings, wave_id=wave_id)
    assert len(secret) == 64
    assert draft_secret(settings, wave_id=earlier) == ""  # launched before there were such
    settings.key_store_a.rename(away)
    assert draft_secret(settings, wave_id=wave_id) == secret  # the other store has it
    destroy_wave_keys(session, settings, wave_id=wave_id)
    with pytest.raises(OSError, match="away"):
        draft_secret(settings, wave_id=wave_id)
