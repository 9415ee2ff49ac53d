"""What a respondent chooses for a visit, kept in the browser until it is closed: a language, a pace."""

from collections.abc import Mapping

from babel import Locale, UnknownLocaleError
from flask import Response as Page
from flask import request
from werkzeug.wrappers import Response

from blueprints import shared_devices
from blueprints.languages import LANGUAGES, chosen_language, current_language, listed, speak_near
from blueprints.request_scope import settings
from blueprints.security import cookie_name, is_https
from surveyor.instruments.pace import prefers_single
from surveyor.instruments.spec import Questionnaire

PACE, SINGLE, WHOLE = "vis", "ett", "sider"


def language(questionnaire: Questionnaire) -> str:
    """The questionnaire's language that was asked for, else the one the browser wants most."""
    if len(questionnaire.languages) == 1:
        return questionnaire.default_language
    for wanted in (_asked("lang"), _kept("svarsprak"), chosen_language()):
        if wanted in questionnaire.languages:
            return wanted
    found = listed(questionnaire.languages) or current_language()
    return found if found in questionnaire.languages else questionnaire.default_language


def speak() -> None:
    """Before it is known what is asked: our words for whoever has chosen a language that is none of ours."""
    wanted = _asked("lang") or _kept("svarsprak")
    if wanted and wanted not in LANGUAGES:
        speak_near(wanted)


def own_name(code: str) -> str:
    """What a language calls itself."""
    if code in LANGUAGES:
        return LANGUAGES[code]
    try:
        return Locale.parse(code, sep="-").get_display_name(code) or code
    except (UnknownLocaleError, ValueError):
        return code


def direction(code: str) -> str:
    """Which way a language is written: ltr or rtl."""
    try:
        return str(Locale.parse(code, sep="-").text_direction)
    except (UnknownLocaleError, ValueError):
        return "ltr"


def is_single(questionnaire: Questionnaire) -> bool:
    """One question at a time: as the respondent wants it, else as the author does."""
    wanted = _asked(PACE) or _kept("visning")
    return wanted == SINGLE if wanted in (SINGLE, WHOLE) else prefers_single(questionnaire)


def remember(response: Page) -> Page:
    """Keep what this request chose until the browser is closed, unless the visit ends."""
    asked = request.args
    if not asked or shared_devices.has_ended(response):
        return response
    pace, chosen = asked.get(PACE, ""), asked.get("lang", "")
    if pace in (SINGLE, WHOLE):
        keep_pace(response, single=pace == SINGLE)
    if chosen in LANGUAGES:  # kept for every page
        if cookie_name("svarsprak") in request.cookies:
            response.delete_cookie(
                cookie_name("svarsprak"), secure=is_https(settings()), httponly=True, samesite="Lax"
            )
    elif chosen and len(chosen) <= 20 and chosen.replace("-", "").isalnum():
        _set(response, "svarsprak", chosen)
    return response


def keep_pace(response: Response, *, single: bool) -> None:
    """One question at a time from now on, or whole pages."""
    _set(response, "visning", SINGLE if single else WHOLE)


def forget(response: Response) -> None:
    """Nothing chosen for a visit outlives it."""
    for name in ("visning", "svarsprak"):
        if cookie_name(name) in request.cookies:
            response.delete_cookie(
                cookie_name(name), secure=is_https(settings()), httponly=True, samesite="Lax"
            )


def _asked(name: str) -> str:
    """What the address says."""
    return _found(request.args, name)


def _kept(name: str) -> str:
    """What the browser keeps for this visit."""
    return _found(request.cookies, cookie_name(name))


def _found(values: Mapping[str, str], name: str) -> str:
    """Looked for before it is taken: with these mappings a miss costs the most."""
    if name in values:
        return values[name]
    return ""


def _set(response: Response, name: str, value: str) -> None:
    secure = is_https(settings())
    response.set_cookie(cookie_name(name), value, secure=secure, httponly=True, samesite="Lax")
