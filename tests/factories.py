"""Test objects: unit trees, accounts, signed-in browsers. Others add theirs below, each in a section."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.accounts.models import Account, RoleGrant
from surveyor.accounts.sessions import start_session
from surveyor.campaigns.models import Wave, WaveUnit
from surveyor.db import unit_of_work
from surveyor.instruments.enums import VersionState
from surveyor.instruments.models import Instrument, InstrumentVersion
from surveyor.instruments.spec import Questionnaire
from surveyor.units.models import OrgUnit, UnitVersion

_numbers = count(1)
CSRF = "c" * 40

# code, name, type, parent: a municipality with two departments
TREE = (
    ("FK", "Fjordvik kommune", "kommune", None),
    ("OPP", "Oppvekst", "avdeling", "FK"),
    ("B1", "Solbakken barnehage", "barnehage", "OPP"),
    ("B2", "Elvebakken barnehage", "barnehage", "OPP"),
    ("HEL", "Helse og omsorg", "avdeling", "FK"),
    ("S1", "Fjordgløtt sykehjem", "sykehjem", "HEL"),
)


# Units


def make_tree(
    session: Session, rows: Iterable[tuple[str, str, str, str | None]] = TREE, *, on: date = date(2020, 1, 1)
) -> dict[str, OrgUnit]:
    """Units of (code, name, type, parent code) valid from a day; returns them by code."""
    rows = tuple(rows)
    units = {code: OrgUnit(code=code) for code, *_ in rows}
    session.add_all(units.values())
    session.flush()
    for code, name, type_, parent in rows:
        session.add(
            UnitVersion(
                unit_id=units[code].id, parent_id=units[parent].id if parent else None, name=name, type=type_,
                valid_from=on, valid_to=None,
            )
        )  # fmt: skip
    session.flush()
    return units


# Waves


def make_version(session: Session, questionnaire: Questionnaire, *, code: str = "") -> InstrumentVersion:
    """A frozen version of an instrument, called as the questionnaire or by another code."""
    version = InstrumentVersion(
        instrument=Instrument(code=code or questionnaire.code), number=1, state=VersionState.FROZEN,
        definition=questionnaire.to_json(), sha256=questionnaire.hash, source_name="prøve.md",
        source_file=b"", notices=[], created_at=clock.now(), frozen_at=clock.now(),
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version


def keep_tree(
    session: Session, wave: Wave, ids: Mapping[str, UUID], rows: Iterable[tuple[str, str, str, str | None]]
) -> None:
    """The tree a wave keeps: (code, name, type, parent code) of units with these ids."""
    for position, (code, name, type_, parent) in enumerate(rows):
        session.add(
            WaveUnit(
                wave_id=wave.id, unit_id=ids[code], code=code, name=name, type=type_, parent_code=parent,
                position=position,
            )
        )  # fmt: skip
    session.flush()


# Accounts


def make_account(
    session: Session, role: Role | None = None, unit: OrgUnit | str | None = None, **fields: Any
) -> Account:
    """An account, with a role on a unit (or a unit's code) when one is given; without a password."""
    number = next(_numbers)
    account = Account(
        email=fields.pop("email", f"person{number}@fjordvik.test"),
        name=fields.pop("name", f"Bruker {number}"),
        password_hash=fields.pop("password_hash", None), created_at=clock.now(), disabled_at=None, **fields,
    )  # fmt: skip
    if role:
        assert unit is not None, "a role is granted on a unit"
        found = unit if isinstance(unit, OrgUnit) else session.query(OrgUnit).filter_by(code=unit).one()
        account.grants.append(RoleGrant(role=role, unit_id=found.id))
    session.add(account)
    session.flush()
    return account


# Browsers


@contextmanager
def app_session(app: Flask) -> Iterator[Session]:
    """A transaction on the app's own database, committed at the end: close it before a request."""
    with unit_of_work(app.extensions["surveyor.engine"]) as session:
        yield session


def sign_in(client: FlaskClient, account: Account) -> None:
    """Let this browser be signed in as a committed account, without the password."""
    with app_session(client.application) as session:
        session_id = start_session(session, account=session.get_one(Account, account.id))
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie.update({"_user_id": session_id, "_fresh": True, "seen": int(clock.now().timestamp())})
        cookie["csrf_token"] = CSRF


def sign_in_as(client: FlaskClient, role: Role, unit_code: str) -> Account:
    """A new account with this role on an existing unit, signed in in this browser."""
    with app_session(client.application) as session:
        account = make_account(session, role, unit_code)
    sign_in(client, account)
    return account


def browser(app: Flask, role: Role, unit_code: str) -> FlaskClient:
    """A browser where a new account with this role on an existing unit is signed in."""
    client = app.test_client()
    sign_in_as(client, role, unit_code)
    return client


def post(client: FlaskClient, url: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
    """POST a form with a good CSRF token, as the page's own form would."""
    with client.session_transaction() as cookie:
        cookie.setdefault("csrf_token", CSRF)
        raw = cookie["csrf_token"]
    secret = str(client.application.secret_key)
    token = URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw)
    return client.post(url, data={**(data or {}), "csrf_token": token}, **options)
