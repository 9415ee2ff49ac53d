"""One line a request: route, never path; about respondents only when we failed, and only to the minute."""

import logging
from secrets import token_hex
from time import perf_counter

from flask import Flask, Response, current_app, g, request

from surveyor import logs

log = logging.getLogger("surveyor.web")


def init_app(app: Flask) -> None:
    logs.set_up()
    app.before_request(_begin)
    app.after_request(_write)


def request_id() -> str:
    """What the user can tell the support, and the log can be searched for."""
    if "request_id" not in g:
        g.request_id = token_hex(6)
    return str(g.request_id)


def fields() -> dict[str, object]:
    """What every line of this request says about it."""
    route = request.url_rule.rule if request.url_rule else "(none)"
    return {
        "request_id": request_id(),
        "method": request.method,
        "route": route,
        "to_the_minute": _is_respondents(),
    }


def _begin() -> None:
    g.began = perf_counter()


def _write(response: Response) -> Response:
    if request.endpoint != "static" and (response.status_code >= 500 or not _is_respondents()):
        took = round((perf_counter() - g.began) * 1000) if "began" in g else None
        log.info("request", extra={**fields(), "status": response.status_code, "milliseconds": took})
    return response


def _is_respondents() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "allowed", None) == "respondent"
