"""A machine others use too: the respondent says so, nothing stays in the browser, and an idle visit ends."""

from flask import Response as Page
from flask import request
from werkzeug.wrappers import Response

from blueprints.request_scope import settings
from blueprints.security import cookie_name, is_https
from surveyor import clock

MINUTES = 20
WARNED_MINUTES = 2
"""So long before the end the page asks whether anybody is there."""
_SKEW = 120  # seconds the server's clock may be set back, or two servers' clocks be apart
_CLEARED = '"cache", "storage"'  # not "cookies": a member of staff may be signed in in the same browser


def is_chosen(handle: str) -> bool:
    """Whether this visit is on a shared machine."""
    return _name(handle) in request.cookies


def is_near() -> bool:
    """Whether any visit in this browser is on a shared machine."""
    return any(name.startswith(_name("")) for name in request.cookies)


def has_ended(response: Response) -> bool:
    """Whether this response ends a visit on a shared machine."""
    return "Clear-Site-Data" in response.headers


def is_left(handle: str) -> bool:
    """Whether nobody has done anything for too long."""
    written = request.cookies.get(_name(handle), "")
    then = int(written) if written.isascii() and written.isdigit() and len(written) < 12 else 0
    return not -_SKEW <= _now() - then <= MINUTES * 60


def stay(response: Page, handle: str) -> Page:
    """The visit is on a shared machine, and somebody is there now; unless this response ends it."""
    if not any(line.startswith(f"{_name(handle)}=") for line in response.headers.getlist("Set-Cookie")):
        _set(response, handle, str(_now()))
    return response


def leave_no_trace(response: Response, handle: str) -> Response:
    """Clear what the browser may have kept of the visit."""
    forget(response, handle)
    response.headers["Clear-Site-Data"] = _CLEARED
    return response


def forget(response: Response, handle: str) -> None:
    """The machine is the respondent's own after all."""
    secure = is_https(settings())
    response.delete_cookie(_name(handle), secure=secure, httponly=True, samesite="Lax")


def choose(response: Response, handle: str) -> None:
    """From now on the visit is on a shared machine."""
    _set(response, handle, str(_now()))


def _set(response: Response, handle: str, value: str) -> None:
    secure = is_https(settings())
    response.set_cookie(_name(handle), value, secure=secure, httponly=True, samesite="Lax")


def _now() -> int:
    return int(clock.now().timestamp())


def _name(handle: str) -> str:
    return cookie_name(f"delt-{handle}")
