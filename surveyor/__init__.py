"""Surveyor: surveys, forms and balanced scorecards for municipalities."""

from typing import TYPE_CHECKING

from surveyor.config import Settings, load_settings

if TYPE_CHECKING:  # the worker and the command line start without Flask
    from flask import Flask


def create_app(settings: Settings | None = None) -> "Flask":
    """The web application; settings default to those of the instance folder."""
    from blueprints.shell import make_app  # noqa: PLC0415 -- factory

    return make_app(settings or load_settings())
