"""A unit's series goes back past a reorganisation once its figures are restated."""

from flask import Flask

from surveyor.accounts.enums import Role
from surveyor.audit.spec import COMMAND_LINE
from surveyor.config import Settings
from surveyor.releases.services import restate_release
from tests.factories import app_session, browser
from tests.reorganised import two_waves
from tests.two_releases import text_of


def test_the_series_shows_the_restated_figures(app: Flask, settings: Settings) -> None:
    with app_session(app) as session:
        before, now = two_waves(session, settings)
        codes = before.code, now.code
    client = browser(app, Role.HR, "K")
    address = f"/resultater/{codes[1]}/enhet/N/over-tid"
    assert "31.05.2025" not in text_of(client.get(address).text)
    with app_session(app) as session:
        before, now = session.merge(before), session.merge(now)
        pairs = (("A1", "N"), ("A2", "N"))
        restate_release(session, wave=before, later=now, pairs=pairs, actor=COMMAND_LINE)
    page = text_of(client.get(address).text)
    assert "Tallene avsluttet 31.05.2025 er regnet om" in page
    assert "31.05.2025" in page
    assert "regnet om" not in text_of(client.get(address.replace("/N/", "/B1/")).text)
