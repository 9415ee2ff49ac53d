"""Languages: bokmål (source), nynorsk, English; chosen by link, remembered in a cookie, else by the browser."""

from flask import Flask, Response, g, request
from flask_babel import Babel

from surveyor.config import ROOT

LANGUAGES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
COOKIE = "language"


def init_app(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "nb"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "surveyor" / "translations")
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/Oslo"
    Babel(app, locale_selector=current_language)
    app.after_request(_remember)
    app.context_processor(
        lambda: {"language": current_language(), "languages": LANGUAGES, "language_url": language_url}
    )


def current_language() -> str:
    """The language of this request: `?lang=`, a view's own choice, the cookie, the browser, bokmål."""
    if (chosen := request.args.get("lang")) in LANGUAGES:
        return str(chosen)
    if own := g.get("language"):
        return str(own)
    if (kept := request.cookies.get(COOKIE)) in LANGUAGES:
        return str(kept)
    best = request.accept_languages.best_match(["nb", "no", "nn", "en"])
    return "nb" if best in (None, "no") else str(best)


def language_url(code: str) -> str:
    """This page in another language."""
    from urllib.parse import urlencode  # noqa: PLC0415 -- factory

    return f"{request.path}?{urlencode({**request.args.to_dict(), 'lang': code})}"


def _remember(response: Response) -> Response:
    if (chosen := request.args.get("lang")) in LANGUAGES:
        response.set_cookie(COOKIE, str(chosen), max_age=365 * 86400, samesite="Lax", secure=request.is_secure)
    return response
