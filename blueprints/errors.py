"""Domain errors and HTTP errors become pages in one place, in the user's language, never a stack trace."""

import logging
from contextlib import suppress

from flask import Flask, render_template
from flask_babel import gettext
from werkzeug.exceptions import HTTPException, SecurityError

from blueprints import request_log, request_scope
from surveyor.errors import N_, DomainError, Problem, Refused

log = logging.getLogger("surveyor")
RETRY_AFTER = "5"
_COLLISION = N_(
    "Noen andre gjorde det samme samtidig. Gå tilbake, last siden på nytt og se hvordan det står."
)

Page = tuple[str, int, dict[str, str]]


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, domain_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unexpected_error)
    app.jinja_env.filters["problem"] = translate


def translate(problem: Problem) -> str:
    """A problem's message in the language of this request."""
    return str(gettext(problem.message, **problem.params))


def domain_error(error: DomainError) -> Page:
    request_scope.roll_back()
    return render_template("errors/domain.html", problems=error.problems), error.status, {}


def http_error(error: HTTPException) -> Page:
    """The page of an HTTP error; 500 comes here when the commit after a view has failed."""
    if isinstance(error, SecurityError):
        return "400", 400, {"Content-Type": "text/plain"}  # no page: no address can be built
    original = getattr(error, "original_exception", None)
    if original is not None:
        return unexpected_error(original)
    _roll_back_if_possible()
    code = error.code or 500
    kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return render_template("errors/http.html", code=code), code, kept


def unexpected_error(error: Exception) -> Page:
    """Not the user's fault: a code to tell us, or, when the database is away, the advice to try again."""
    _roll_back_if_possible()
    code = 503 if request_scope.is_unavailable(error) else 500
    log.error("unexpected error: %s", type(error).__name__, exc_info=error, extra=request_log.fields())
    if request_scope.is_collision(error):
        return domain_error(Refused(_COLLISION))
    page = render_template("errors/http.html", code=code, request_id=request_log.request_id())
    return page, code, {"Retry-After": RETRY_AFTER} if code == 503 else {}


def _roll_back_if_possible() -> None:
    """A connection that is gone cannot be rolled back, and need not be."""
    with suppress(Exception):
        request_scope.roll_back()
