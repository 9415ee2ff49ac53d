"""Security of every request and response: keys, cookies, hosts, sizes, cross-site requests, headers."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import lru_cache
from hmac import compare_digest
from secrets import token_hex
from time import time
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, abort, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf import CSRFProtect
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.middleware.proxy_fix import ProxyFix

from blueprints.request_scope import SAFE_METHODS
from surveyor.config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
DENIED = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media",
    "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get",
    "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "otp-credentials", "payment",
    "picture-in-picture", "publickey-credentials-create", "publickey-credentials-get",
    "screen-wake-lock", "serial", "storage-access", "usb", "xr-spatial-tracking",
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in DENIED),
    "X-Frame-Options": "DENY",
    "Server": "Surveyor",
}
STATIC = "/static/"
HSTS = "max-age=63072000; includeSubDomains"
LARGEST_UPLOAD, LARGEST_FORM, MOST_FIELDS = 16 * 2**20, 2**20, 2_000
CSRF_FIELD = "csrf_token"
_SIGNED_KEPT, _HOUR = 4_096, 3_600


class _Sessions(SecureCookieSessionInterface):
    """Static files have no session, or browsers would fetch them anew whenever the cookie changes."""

    def __init__(self, app: Flask) -> None:
        """Made once: the keys of an app never change while it runs."""
        self.made = super().get_signing_serializer(app)
        self.cookie, self.lifetime = self.get_cookie_name(app), app.permanent_session_lifetime

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        return self.made

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The cookie's session; one that came a page ago need not be checked again within the hour."""
        cookie = request.cookies.get(self.cookie)
        if not cookie or self.made is None:
            return super().open_session(app, request)
        words = _words_of(self.made, cookie, self.lifetime, int(time()) // _HOUR)
        return super().open_session(app, request) if words is None else self.session_class(words)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint != "static" and session.modified:  # that pages vary by cookie is said by _Headers
            super().save_session(app, session, response)


class _Headers:
    """The fixed headers, put on below Flask: on whatever is answered, and at a tenth of the cost there."""

    def __init__(self, app: "WSGIApplication", secure: bool) -> None:
        self.app = app
        fixed = {**HEADERS, "Strict-Transport-Security": HSTS} if secure else HEADERS
        self.fixed = {name.lower(): (name, value) for name, value in fixed.items()}
        self.pages = self.fixed | {"cache-control": ("Cache-Control", "no-store"), "vary": ("Vary", "Cookie")}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            own = {name.lower() for name, _ in headers}
            wanted = self.fixed if environ["PATH_INFO"].startswith(STATIC) else self.pages
            fixed = [header for name, header in wanted.items() if name not in own]
            return start_response(status, [*headers, *fixed], *error)

        return self.app(environ, start)


class _Csrf(CSRFProtect):  # type: ignore[misc]  # Flask-WTF has no types
    """Flask-WTF's check of every form; only a token other than the one we sign now has to be unpacked."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse a change that does not come from one of our own pages."""
        if request.method not in SAFE_METHODS and not _sent_current_token():
            super().protect(apply_exemptions)


@lru_cache(_SIGNED_KEPT)
def _words_of(
    serializer: URLSafeTimedSerializer, cookie: str, lifetime: timedelta, _hour: int
) -> dict[str, str] | None:
    """What a rightly signed cookie holds when it is nothing but words; None for any other."""
    try:
        held = serializer.loads(cookie, max_age=int(lifetime.total_seconds()))
    except BadSignature:
        return None
    return held if all(isinstance(value, str) for value in held.values()) else None


def sign_csrf() -> str:
    """Sign this request's token before Flask-WTF would: the same word an hour long, as every page has one."""
    found = g.get(CSRF_FIELD)
    if found is None:
        word = session.setdefault(CSRF_FIELD, token_hex(20))
        found = _signed(current_app.secret_key, word, int(time()) // _HOUR)
        setattr(g, CSRF_FIELD, found)
    return str(found)


def _sent_current_token() -> bool:
    sent = request.form.get(CSRF_FIELD, "")
    return CSRF_FIELD in session and compare_digest(sign_csrf().encode(), sent.encode())


@lru_cache(_SIGNED_KEPT)
def _signed(key: str, word: str, _hour: int) -> str:
    return str(_csrf_serializer(key).dumps(word))


@lru_cache(maxsize=4)
def _csrf_serializer(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt="wtf-csrf-token")


def is_https(settings: Settings) -> bool:
    """Whether this installation is reached over https: then cookies are Secure and bound to the host."""
    return settings.base_url.startswith("https://")


def cookie_name(name: str) -> str:
    """A cookie's name; over https it binds the cookie to this host."""
    return f"__Host-{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def configure(app: Flask, settings: Settings) -> None:
    """Set keys, cookies and limits, and check every request before anything else looks at it."""
    secure = is_https(settings)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SESSION_COOKIE_NAME="__Host-session" if secure else "session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=MOST_FIELDS,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # Referer is never sent; Sec-Fetch-Site is checked instead
    )
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]  # the way Flask asks for
    app.before_request(_check)
    _Csrf(app)
    app.session_interface = _Sessions(app)
    app.wsgi_app = _Headers(app.wsgi_app, secure)  # type: ignore[method-assign]  # the way Flask asks for


def _check() -> None:
    _refuse_forged_host()
    _refuse_nul()
    if request.method not in SAFE_METHODS:
        _refuse_large_form()
        _refuse_cross_site()


def _refuse_forged_host() -> None:
    """The host is what the proxy sends as Host; any other claim about it is refused, not ignored."""
    claimed = request.environ.get("HTTP_X_FORWARDED_HOST")
    if claimed is not None and claimed != request.host:
        abort(400)


def _refuse_nul() -> None:
    """No address of ours holds the character NUL, and PostgreSQL takes no text that does."""
    if "\0" in request.path or b"%00" in request.query_string:
        abort(400)


def _refuse_large_form() -> None:
    """Forms without files stay under 1 MB; werkzeug counts only multipart fields, so we count the others."""
    if request.mimetype == "multipart/form-data":
        return
    request.max_content_length = LARGEST_FORM
    if (request.content_length or 0) > LARGEST_FORM or request.get_data().count(b"&") >= MOST_FIELDS:
        abort(413)


def _refuse_cross_site() -> None:
    if request.environ.get("HTTP_SEC_FETCH_SITE") == "cross-site":
        abort(403)
