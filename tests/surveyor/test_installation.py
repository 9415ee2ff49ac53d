"""An installation is made whole, once, whoever starts first, and stays as it was."""

import os
import resource
import signal
import stat
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import text

from surveyor.config import load_settings
from surveyor.db import make_engine, unit_of_work
from surveyor.errors import Refused
from surveyor.files import replace, write_new
from surveyor.installation import ensure_instance, prepare_folder
from surveyor.mail.keys import open_as_worker, seal_for_worker


def contents(folder: Path) -> dict[str, bytes]:
    names = ("secrets.toml", "mail.pub", "keys/a/mail.key", "keys/b/mail.key")
    return {name: (folder / name).read_bytes() for name in names}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_with_secrets_and_keys_that_only_its_owner_reads(tmp_path: Path) -> None:
    settings = ensure_instance(tmp_path / "i")
    assert len(settings.secret_key) >= 32
    assert len(settings.code_pepper) >= 32
    assert settings.secret_key != settings.code_pepper
    assert settings.secret_key not in repr(settings)
    for private in ("secrets.toml", "keys/a/mail.key", "keys/b/mail.key"):
        assert mode(settings.instance / private) == 0o600
    for folder in (settings.key_store_a, settings.key_store_b):
        assert mode(folder) == 0o700
    assert open_as_worker(settings, seal_for_worker(settings, b"x", info=b"i"), info=b"i") == b"x"


def test_only_its_owner_reads_the_database_and_its_log_whatever_the_umask(tmp_path: Path) -> None:
    made = [Path(f"{tmp_path}/surveyor.sqlite{end}") for end in ("", "-wal", "-shm")]
    old = os.umask(0)
    try:
        engine = make_engine(ensure_instance(tmp_path).database_url)
        with unit_of_work(engine) as session:
            session.execute(text("UPDATE alembic_version SET version_num = version_num"))
            assert [mode(path) for path in made] == [0o600] * 3
            for path in made:
                path.chmod(0o644)  # as an earlier version left them
            prepare_folder(tmp_path)
            assert [mode(path) for path in made] == [0o600] * 3
    finally:
        os.umask(old)
    engine.dispose()


def test_doing_it_again_changes_nothing(tmp_path: Path) -> None:
    ensure_instance(tmp_path)
    before = contents(tmp_path)
    ensure_instance(tmp_path)
    assert contents(tmp_path) == before


def test_a_lost_key_store_is_filled_from_the_other(tmp_path: Path) -> None:
    ensure_instance(tmp_path)
    before = contents(tmp_path)
    (tmp_path / "keys/a/mail.key").unlink()
    ensure_instance(tmp_path)
    assert contents(tmp_path) == before


def test_with_both_key_stores_lost_what_is_sealed_from_now_on_opens(tmp_path: Path) -> None:
    ensure_instance(tmp_path)
    for store in ("a", "b"):
        (tmp_path / "keys" / store / "mail.key").unlink()
    settings = ensure_instance(tmp_path)
    assert open_as_worker(settings, seal_for_worker(settings, b"x", info=b"i"), info=b"i") == b"x"


def test_secrets_that_were_lost_are_not_made_anew_beside_what_they_guard(tmp_path: Path) -> None:
    ensure_instance(tmp_path)
    kept = (tmp_path / "secrets.toml").read_bytes()
    (tmp_path / "secrets.toml").unlink()
    for _ in range(2):
        with pytest.raises(Refused, match=r"secrets\.toml"):
            ensure_instance(tmp_path)
        assert not (tmp_path / "secrets.toml").exists()
    (tmp_path / "secrets.toml").write_bytes(kept)
    ensure_instance(tmp_path)


def test_secrets_may_stand_in_the_environment_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ensure_instance(tmp_path)
    (tmp_path / "secrets.toml").unlink()
    monkeypatch.setenv("SURVEYOR_SECRET_KEY", made.secret_key)
    monkeypatch.setenv("SURVEYOR_CODE_PEPPER", made.code_pepper)
    assert ensure_instance(tmp_path) == made


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    engine = make_engine(ensure_instance(tmp_path).database_url)
    with unit_of_work(engine) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    with pytest.raises(Refused, match="nyere versjon"):
        ensure_instance(tmp_path)
    with unit_of_work(engine) as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "9999_later"
    engine.dispose()


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    ensure_instance(tmp_path)
    (tmp_path / "surveyor.sqlite").write_bytes(b"rubbish" * 1000)
    with pytest.raises(Refused, match="kan ikke leses"):
        ensure_instance(tmp_path)


def test_four_processes_starting_at_once_make_one_installation(tmp_path: Path) -> None:
    processes = [get_context("fork").Process(target=ensure_instance, args=(tmp_path,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    settings = load_settings(tmp_path)
    assert open_as_worker(settings, seal_for_worker(settings, b"x", info=b"i"), info=b"i") == b"x"
    assert contents(tmp_path)["keys/a/mail.key"] == contents(tmp_path)["keys/b/mail.key"]


def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    replace(kept, b"as it was")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as on a full disk the write fails then
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        for write in (replace, write_new):
            for name in ("kept", "new"):
                with pytest.raises(OSError, match="too large"):
                    write(tmp_path / name, b"x" * 5_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert kept.read_bytes() == b"as it was"


def test_a_file_is_never_written_over_nor_left_half(tmp_path: Path) -> None:
    assert write_new(tmp_path / "k", b"first")
    assert not write_new(tmp_path / "k", b"second")
    assert (tmp_path / "k").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["k"]
