"""The web shell: wires settings, database, languages, security and every blueprint into one Flask app."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from flask import Flask, Response

from blueprints import (
    access,
    errors,
    filters,
    languages,
    navigation,
    request_log,
    request_scope,
    security,
    static_files,
)  # fmt: skip
from surveyor.config import ROOT, Settings
from surveyor.db import make_engine
from surveyor.selfcheck import refuse_unsafe

BLUEPRINTS = (
    "pages",
    "accounts",
    "account_admin",
    "units",
    "audit",
    "outbox",
    "instruments",
    "campaigns",
    "forecasts",
    "second_releases",
    "samples",
    "invitations",
    "paper",
    "keying",
    "employee",
    "user",
    "citizen",
    "results",
    "sample_results",
    "restatements",
    "result_groups",
    "quality",
    "texts",
    "internal_control",
    "it_security",
    "indicators",
    "scorecards",
)


class _App(Flask):
    """All our functions are plain ones: Flask need not look for coroutines fifteen times a request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func

    def send_static_file(self, filename: str) -> Response:
        """A file of ours; the address of a script begins with the fingerprint of its folder."""
        return super().send_static_file(static_files.file_of(filename))


def make_app(settings: Settings) -> Flask:
    """Build the app: it only connects and decides nothing. Raises Refused for an unsafe installation."""
    refuse_unsafe(settings)
    app = _App(
        "surveyor", root_path=str(ROOT), template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "surveyor" / "static"), instance_path=str(settings.instance),
    )  # fmt: skip
    app.extensions["surveyor.settings"] = settings
    app.extensions["surveyor.engine"] = make_engine(settings.database_url)
    request_log.init_app(app)
    security.configure(app, settings)
    for part in (languages, request_scope, access, filters, navigation, errors, static_files):
        part.init_app(app)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(f"blueprints.{name}").bp)
    return app
