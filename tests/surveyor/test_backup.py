"""Back-ups: whole and checkable, and without what could open an envelope."""

import json
import os
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from surveyor import migrations
from surveyor.backup import MANIFEST, check_backup, take_backup
from surveyor.config import Settings, load_settings
from surveyor.db import make_engine, unit_of_work
from surveyor.errors import InvalidInput, Refused
from surveyor.installation import ensure_instance
from surveyor.jobs.services import enqueue
from tests import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation of its own, migrated, with a job and an attached file."""
    monkeypatch.setenv("PATH", f"{postgres.find_binaries()}{os.pathsep}{os.environ['PATH']}")
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        monkeypatch.setenv("SURVEYOR_DATABASE_URL", postgres.create_database(server))
    settings = ensure_instance(tmp_path / "i")
    (settings.instance / "evidence").mkdir()
    (settings.instance / "evidence" / "f00").write_bytes(b"PDF")
    return settings


@pytest.fixture
def engine(settings: Settings) -> Engine:
    engine = make_engine(settings.database_url)
    with unit_of_work(engine) as session:
        for number in range(7):
            enqueue(session, kind="x", key=str(number), payload={})
    return engine


def test_a_backup_can_be_restored_row_by_row(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    manifest = take_backup(engine, settings, folder=tmp_path / "b")
    assert manifest.n_rows["job"] == 7
    assert manifest.revision == migrations.revisions()[-1]
    assert "evidence/f00" in manifest.files
    with unit_of_work(engine) as session:
        session.execute(text("DELETE FROM job"))
    engine.dispose()
    assert check_backup(settings, folder=tmp_path / "b") == manifest


def test_no_key_or_secret_is_in_it(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    take_backup(engine, settings, folder=tmp_path / "b")
    engine.dispose()
    held = b"".join(path.read_bytes() for path in (tmp_path / "b").rglob("*") if path.is_file())
    assert (settings.key_store_a / "mail.key").read_bytes() not in held
    assert settings.secret_key.encode() not in held
    assert settings.code_pepper.encode() not in held
    assert b"PDF" in held


def test_what_was_changed_lost_or_miscounted_is_named(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "b"
    take_backup(engine, settings, folder=folder)
    engine.dispose()
    (folder / "evidence" / "f00").write_bytes(b"XXX")
    with pytest.raises(InvalidInput, match="evidence/f00 er endret"):
        check_backup(settings, folder=folder)
    (folder / "evidence" / "f00").unlink()
    with pytest.raises(InvalidInput, match="evidence/f00 mangler"):
        check_backup(settings, folder=folder)
    (folder / "evidence" / "f00").write_bytes(b"PDF")
    said = json.loads((folder / MANIFEST).read_text())
    said["n_rows"]["job"] = 8
    (folder / MANIFEST).write_text(json.dumps(said))
    with pytest.raises(InvalidInput, match="job har 7 rader, ventet 8"):
        check_backup(settings, folder=folder)


def test_nothing_is_written_over(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine").touch()
    with pytest.raises(Refused, match="ikke tom"):
        take_backup(engine, settings, folder=tmp_path / "b")
    engine.dispose()
    with pytest.raises(InvalidInput, match="ikke en sikkerhetskopi"):
        check_backup(settings, folder=tmp_path / "b")


def test_it_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    """SQLite: a copy taken beside an open write transaction holds none of it."""
    settings = ensure_instance(tmp_path / "i")
    writer = sqlite3.connect(settings.instance / "surveyor.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO org_unit (id, code) VALUES ('0', 'HALF')")
    engine = make_engine(load_settings(settings.instance).database_url)
    assert take_backup(engine, settings, folder=tmp_path / "b").n_rows["org_unit"] == 0
    writer.execute("ROLLBACK")
    writer.close()
    engine.dispose()
