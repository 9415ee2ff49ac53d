"""Surveyor: surveys, forms and balanced scorecards for municipalities."""

from flask import Flask

from surveyor.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The web application; settings default to those of the instance folder."""
    from blueprints.shell import make_app  # noqa: PLC0415 -- factory
    from surveyor.config import load_settings  # noqa: PLC0415 -- factory

    return make_app(settings or load_settings())
