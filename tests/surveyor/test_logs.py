"""Log lines tell where something failed and never what stood in the row."""

import json
import logging
from uuid import uuid4

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from surveyor.db import unit_of_work
from surveyor.logs import JsonLines, trace_of
from surveyor.responses.models import FreeText

SAID = "Kari på natt er alltid sint"


def refused_row(engine: Engine) -> IntegrityError:
    """What the database says when it refuses a comment without a segment."""
    row = {"id": uuid4(), "wave_id": uuid4(), "segment_code": None, "item": "more", "body": f"{SAID}\n{SAID}"}
    try:
        with unit_of_work(engine) as session:
            session.execute(insert(FreeText).values(row))
    except IntegrityError as error:
        return error
    raise AssertionError("the row was taken")


def test_a_row_that_is_refused_is_not_in_the_log(engine: Engine) -> None:
    error = refused_row(engine)
    if engine.dialect.name == "postgresql":
        assert SAID in str(error)  # the control: PostgreSQL quotes the row
    record = logging.LogRecord("surveyor", logging.ERROR, "", 0, "failed", (), (type(error), error, None))
    line = json.loads(JsonLines().format(record))
    assert SAID not in line["trace"]
    assert "IntegrityError" in line["trace"]
    assert "segment_code" in line["trace"]
    assert "in refused_row" in line["trace"]


def fail(*, is_hidden: bool) -> None:
    try:
        raise KeyError("first")
    except KeyError as first:
        raise ValueError("second") from (None if is_hidden else first)


def test_causes_come_first_and_those_that_were_hidden_stay_so() -> None:
    with pytest.raises(ValueError, match="second") as told:
        fail(is_hidden=False)
    trace = trace_of(told.value)
    assert trace.index("KeyError: 'first'") < trace.index("ValueError: second")
    with pytest.raises(ValueError, match="second") as told:
        fail(is_hidden=True)
    assert "KeyError: 'first'" not in trace_of(told.value)
