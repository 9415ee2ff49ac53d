"""Installations beside one another, each with a database and a folder of its own."""

import shutil
from pathlib import Path

from flask import Flask

from surveyor import create_app
from surveyor.config import Settings, load_settings


def copied_app(folder: Path, settings: Settings) -> tuple[Flask, Settings]:
    """An app in a new folder, on a copy of the settings' SQLite database and with the same secrets."""
    folder.mkdir()
    shutil.copy(str(settings.database_url).removeprefix("sqlite:///"), folder / "surveyor.sqlite")
    ours = load_settings(
        folder, database_url=f"sqlite:///{folder / 'surveyor.sqlite'}", secret_key=settings.secret_key,
        code_pepper=settings.code_pepper, municipality="Fjordvik kommune", key_grace_days=0,
    )  # fmt: skip
    app = create_app(ours)
    app.testing = True
    return app, ours
