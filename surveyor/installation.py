"""Making an installation: folder, secrets, key stores, mail key, database. Doing it again changes nothing."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from surveyor.config import Settings, database_path, load_settings
from surveyor.errors import N_, Refused
from surveyor.files import make_private_folder, write_new
from surveyor.mail.keys import make_key_pair
from surveyor.migrations import is_in_use, upgrade


def ensure_instance(folder: Path | None = None) -> Settings:
    """The settings of an instance folder that has all it needs and a database at the newest revision."""
    settings = prepare_folder(folder)
    with _alone(settings.instance):
        upgrade(settings.database_url)
    return settings


def prepare_folder(folder: Path | None = None) -> Settings:
    """The settings of an instance folder with secrets and keys; the database is left as it is."""
    instance = load_settings(folder).instance
    instance.mkdir(parents=True, exist_ok=True)
    with _alone(instance):
        _refuse_lost_secrets(load_settings(instance))
        _make_secrets(instance)
        settings = load_settings(instance)
        make_private_folder(settings.key_store_a)
        make_private_folder(settings.key_store_b)
        make_key_pair(settings)
        _keep_database_private(settings)
    return settings


def _keep_database_private(settings: Settings) -> None:
    """SQLite's file and log are for their owner alone; left to itself SQLite lets everybody read."""
    if (path := database_path(settings.database_url)) is None:
        return
    path.touch(mode=0o600)
    for file in (path, *path.parent.glob(f"{path.name}-*")):
        if file.stat().st_uid == os.geteuid():
            file.chmod(0o600)


def _refuse_lost_secrets(settings: Settings) -> None:
    """New secrets beside an old database would void every code in a letter and every receipt, unseen."""
    if not (settings.secret_key and settings.code_pepper) and is_in_use(settings.database_url):
        raise Refused(
            N_("Databasen er i bruk, men secrets.toml mangler i %(folder)s. Legg filen tilbake."),
            folder=str(settings.instance),
        )


def _make_secrets(instance: Path) -> None:
    lines = [f'{name} = "{secrets.token_urlsafe(48)}"' for name in ("secret_key", "code_pepper")]
    write_new(instance / "secrets.toml", ("\n".join(lines) + "\n").encode())


@contextmanager
def _alone(instance: Path) -> Iterator[None]:
    """One process at a time makes the installation; the lock goes with the process."""
    with (instance / ".installing").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
