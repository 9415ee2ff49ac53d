"""Where the time of a response goes: visits in this process, with a watch around each kind of work."""

import io
import sys
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from time import perf_counter
from typing import Any, Self

from flask import Flask
from sqlalchemy import Connection

from benchmarks.answering.visitor import Browser
from blueprints import answering as pages
from blueprints import remaining, request_scope, respondent_pages, visits
from forms import answers as forms
from forms.answers import PageForm
from surveyor.fieldwork import answering
from surveyor.responses import services

WATCHED: tuple[tuple[str, object, str], ...] = (
    ("reading", visits, "_enter"),
    ("routing", visits, "state"),
    ("routing", forms, "state"),
    ("routing", respondent_pages, "pages_shown"),
    ("routing", respondent_pages, "progress_in"),
    ("routing", respondent_pages, "parts_of"),
    ("routing", pages, "page_after"),
    ("routing", answering, "validate_all"),
    ("routing", answering, "routed_answers"),
    ("routing", remaining, "all_problems"),
    ("routing", PageForm, "validate"),
    ("binding", PageForm, "__init__"),
    ("saving", answering, "_hold_open"),
    ("saving", services, "save_draft"),
    ("saving", services, "store_envelope"),
    ("saving", request_scope, "commit"),
    ("saving", Connection, "commit"),
    ("sealing", answering, "seal_draft"),
    ("sealing", answering, "open_draft"),
    ("sealing", answering, "seal_response"),
    ("rendering", respondent_pages, "draw"),
    ("rendering", respondent_pages, "render_template"),
)


class Watch:
    """Milliseconds of each kind of work; what one kind does within another counts as its own."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._inner: list[float] = []

    def around(self, kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            self._inner.append(0.0)
            began = perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                took = perf_counter() - began
                self.spent[kind] += (took - self._inner.pop()) * 1000
                if self._inner:
                    self._inner[-1] += took

        return timed

    def __enter__(self) -> Self:
        self._before = [(owner, name, getattr(owner, name)) for _, owner, name in WATCHED]
        for (kind, owner, name), (_, _, function) in zip(WATCHED, self._before, strict=True):
            setattr(owner, name, self.around(kind, function))
        return self

    def __exit__(self, *_error: object) -> None:
        for owner, name, function in self._before:
            setattr(owner, name, function)


class InProcess(Browser):
    """A browser that calls the app itself: nothing but its own work is timed."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app = app

    def ask(self, method: bytes, path: bytes, content: bytes) -> tuple[bytes, bytes]:
        where, _, query = path.decode().partition("?")
        environ = {
            "REQUEST_METHOD": method.decode(), "SCRIPT_NAME": "", "PATH_INFO": where, "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1", "HTTP_COOKIE": self.cookie_line().decode(), "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(content)),
            "wsgi.input": io.BytesIO(content), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }  # fmt: skip
        head: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], *_error: object) -> Callable[[bytes], object]:
            head[:] = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
            return lambda _: None

        answer = self.app.wsgi_app(environ, start)
        body = b"".join(answer)
        getattr(answer, "close", lambda: None)()
        return "\r\n".join([*head, ""]).encode(), body


def split(app: Flask, visit: Callable[[Browser, str], None], tokens: list[str]) -> dict[str, float]:
    """Milliseconds a response by kind of work, with "the rest": Flask, headers, cookies, tokens."""
    for token in tokens[: len(tokens) // 2]:
        visit(InProcess(app), token)
    timed = tokens[len(tokens) // 2 :]
    began = perf_counter()
    with Watch() as watch:
        for token in timed:
            visit(InProcess(app), token)
    whole = (perf_counter() - began) * 1000
    found = {**watch.spent, "the rest": whole - sum(watch.spent.values())}
    return {kind: spent / len(timed) for kind, spent in found.items()}
