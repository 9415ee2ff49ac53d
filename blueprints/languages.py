"""Languages: bokmål (source), nynorsk, English; chosen by link, kept in a cookie, else by the browser.

A questionnaire may be in any other: then ours stand beside it, each part marked as what it is.
"""

from functools import lru_cache
from urllib.parse import urlencode

from flask import Flask, Response, g, request, url_for
from flask_babel import Babel, refresh
from flask_babel.speaklater import LazyString
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response as AnyResponse

from blueprints import request_scope, shared_devices
from blueprints.security import cookie_name, is_https
from surveyor import wording
from surveyor.config import ROOT

LANGUAGES = wording.LANGUAGES
YEAR = 365 * 86400
_NEAR = frozenset(["da", "sv", "fo", "is", "se", "sma", "smj"])
"""Whoever reads one of these is more at home in bokmål than in English."""
_OURS = ("nb", "nn", "en")

# Flask-Babel lets a lazy text pass for ready markup, with whatever somebody wrote put into it: it is text.
if hasattr(LazyString, "__html__"):
    del LazyString.__html__


def init_app(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "nb"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "surveyor" / "translations")
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/Oslo"
    Babel(app, locale_selector=current_language)
    app.after_request(_remember_chosen)
    app.context_processor(
        lambda: {"language": current_language(), "languages": LANGUAGES, "language_url": language_url}
    )


def answer_in(language: str) -> None:
    """What is asked in this request is asked in this language."""
    g.answer_language = language
    speak_near(language)


def speak_near(language: str) -> None:
    """To whoever reads this language, if it is none of ours, speak one of ours that they may know."""
    if language in LANGUAGES or _asked_language():
        return
    known = listed(_OURS) or ("nb" if language.partition("-")[0] in _NEAR else "en")
    if known != g.get("language"):
        g.language = known
        refresh()


def current_language() -> str:
    """The language of this request: `?lang=`, the cookie, the browser, bokmål."""
    found = g.get("language")
    if found is None:  # asked for dozens of times a page
        found = g.language = _asked_language() or _visitors_language()
    return str(found)


def _asked_language() -> str:
    if "lang" not in request.args:  # looked for before it is taken: a miss costs the most
        return ""
    return request.args["lang"] if request.args["lang"] in LANGUAGES else ""


def _visitors_language() -> str:
    """By cookie, else by the browser's own list."""
    return _kept_language() or listed(_OURS) or "nb"


def _kept_language() -> str:
    name = _cookie_name()
    return request.cookies[name] if name in request.cookies and request.cookies[name] in LANGUAGES else ""


def chosen_language() -> str:
    """The one of ours that the visitor has chosen, now or before; empty when they never did."""
    return _asked_language() or _kept_language()


def listed(offered: tuple[str, ...]) -> str:
    """The one of these that the browser wants most, by its own list; empty when it wants none."""
    return _wanted(request.environ.get("HTTP_ACCEPT_LANGUAGE", ""), offered)


@lru_cache(maxsize=1_024)
def _wanted(accepted: str, offered: tuple[str, ...]) -> str:
    """By the browser's list as it sends it: thousands send the same."""
    names = [*offered, "no"] if "nb" in offered else offered
    best = parse_accept_header(accepted, LanguageAccept).best_match(names)
    return "nb" if best == "no" else best or ""


def language_url(code: str) -> str:
    """This page in another language; the front page when this one cannot be fetched again."""
    can_fetch = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    if not can_fetch:
        return url_for("pages.front", lang=code)
    path = "/" + request.path.lstrip("/\\")  # two slashes would lead to another site
    return f"{path}?{urlencode([*_others(), ('lang', code)])}"


def remember(response: AnyResponse, language: str, *, briefly: bool = False) -> None:
    """Keep the language in the browser, on a shared machine no longer than it is open."""
    secure = is_https(request_scope.settings())
    age = None if briefly or shared_devices.is_near() else YEAR
    response.set_cookie(_cookie_name(), language, max_age=age, samesite="Lax", secure=secure, httponly=True)


def remember_briefly(response: AnyResponse) -> None:
    """Keep what has been chosen only until the browser is closed."""
    if (kept := request.cookies.get(_cookie_name())) in LANGUAGES:
        remember(response, str(kept), briefly=True)


def forget(response: AnyResponse) -> None:
    """Nothing is chosen in this browser any more."""
    if _cookie_name() in request.cookies:
        secure = is_https(request_scope.settings())
        response.delete_cookie(_cookie_name(), samesite="Lax", secure=secure, httponly=True)


def _others() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]


def _cookie_name() -> str:
    return cookie_name("language")


def _remember_chosen(response: Response) -> Response:
    if (chosen := _asked_language()) and not shared_devices.has_ended(response):
        remember(response, chosen)
    return response
