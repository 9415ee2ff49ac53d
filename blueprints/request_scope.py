"""One transaction a request: read-only for GET, committed once after a good POST, else rolled back."""

import errno
from contextlib import AbstractContextManager

from flask import Flask, Response, current_app, g, request
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DisconnectionError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from surveyor.config import Settings
from surveyor.db import connection_of, open_session, open_writer

_AWAY = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENODEV)
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def init_app(app: Flask) -> None:
    app.after_request(_finish)
    app.teardown_request(_close)


def settings() -> Settings:
    found: Settings = current_app.extensions["surveyor.settings"]
    return found


def engine() -> Engine:
    found: Engine = current_app.extensions["surveyor.engine"]
    return found


def session() -> Session:
    """This request's database session, opened at first use."""
    if "db_session" not in g:
        g.db_session = open_session(engine(), read_only=request.method in SAFE_METHODS)
    assert isinstance(g.db_session, Session), "connection() has begun this request's transaction"
    return g.db_session


def connection() -> Connection:
    """This request's transaction without the cost of a session: for what respondents send."""
    if "db_session" not in g:
        g.db_session = open_writer(engine())
    return connection_of(g.db_session)


def reading() -> AbstractContextManager[Session]:
    """A read-only session beside the request's own: for slow work that must not hold the write lock."""
    return open_session(engine(), read_only=True)


def roll_back() -> None:
    """Undo what this request has written; error pages call it before they answer."""
    if "db_session" in g:
        g.db_session.rollback()


def commit() -> None:
    """Commit before rendering: a receipt is shown only after COMMIT, and with drafts others wait to write."""
    if "db_session" in g:
        g.db_session.commit()


def is_unavailable(error: BaseException | None) -> bool:
    """Whether database, disk or key stores are locked, full, restarting or away: worth trying again."""
    if isinstance(error, OSError) and error.errno in _AWAY:
        return True
    return isinstance(error, OperationalError | InterfaceError | DisconnectionError | PoolTimeout)


def is_collision(error: BaseException | None) -> bool:
    """Whether somebody else was first with what there can be one of."""
    return isinstance(error, IntegrityError)


def _finish(response: Response) -> Response:
    if "db_session" in g and request.method not in SAFE_METHODS:
        if response.status_code < 400:
            g.db_session.commit()
        else:
            g.db_session.rollback()
    return response


def _close(_error: BaseException | None) -> None:
    if (db_session := g.pop("db_session", None)) is not None:
        db_session.close()
