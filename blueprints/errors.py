"""Domain errors and HTTP errors become pages in one place, in the user's language, never a stack trace."""

import logging
from uuid import uuid4

from flask import Flask, g, render_template
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from blueprints import request_scope
from surveyor.errors import DomainError, Problem

log = logging.getLogger("surveyor")


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, domain_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unexpected_error)
    app.jinja_env.filters["problem"] = translate


def translate(problem: Problem) -> str:
    """A problem's message in the language of this request."""
    return gettext(problem.message, **problem.params) if problem.params else gettext(problem.message)


def domain_error(error: DomainError) -> tuple[str, int]:
    request_scope.roll_back()
    return render_template("errors/domain.html", problems=error.problems), error.status


def http_error(error: HTTPException) -> tuple[str, int]:
    request_scope.roll_back()
    code = error.code or 500
    return render_template("errors/http.html", code=code), code


def unexpected_error(error: Exception) -> tuple[str, int]:
    request_scope.roll_back()
    request_id = g.get("request_id") or uuid4().hex[:12]
    log.error("unexpected error %s: %s", request_id, type(error).__name__, exc_info=error)
    return render_template("errors/http.html", code=500, request_id=request_id), 500
