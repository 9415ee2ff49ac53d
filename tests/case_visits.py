"""What people do with forms in the browser, in short ways to say it."""

import re
from io import BytesIO

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from surveyor.cases.models import Case
from surveyor.instruments.models import InstrumentVersion
from surveyor.units.queries import unit_names
from tests.factories import post

ROOM = "/internkontroll"
FIRST = {
    "shown": "routines routines_gap training",
    "q-routines": "no",
    "q-routines_gap": "Alt.",
    "q-training": "yes",
}


def version_of(session: Session) -> InstrumentVersion:
    return session.scalars(select(InstrumentVersion)).one()


def case_of(session: Session, code: str = "B1") -> Case:
    names = unit_names(session)
    return next(case for case in session.scalars(select(Case)) if names[case.unit_id].code == code)


def rev_on(page: TestResponse) -> str:
    found = re.search(r'name="rev" value="(\d+)"', page.text)
    assert found
    return found[1]


def fill(leader: FlaskClient, case: str, **changes: str) -> TestResponse:
    """Fill both pages as the browser does; the answer to the last."""
    url = f"{case}/side/first"
    post(leader, url, {**FIRST, **changes, "rev": rev_on(leader.get(url)), "to": "neste"})
    url = f"{case}/side/second"
    data = {"shown": "mark trouble", "q-mark": "6", "rev": rev_on(leader.get(url)), "to": "neste"}
    return post(leader, url, data)


def hand_in(leader: FlaskClient, case: str, **changes: str) -> TestResponse:
    fill(leader, case, **changes)
    return post(leader, f"{case}/lever", {"rev": rev_on(leader.get(f"{case}/se-over"))})


def attach(client: FlaskClient, case: str, content: bytes, name: str) -> TestResponse:
    data = {"file": (BytesIO(content), name), "item": "routines"}
    return post(client, f"{case}/vedlegg", data, content_type="multipart/form-data")
