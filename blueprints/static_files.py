"""Static files are cached for a year: their addresses carry a fingerprint of the content.

Scripts import each other by name, so the fingerprint of a folder of modules stands in its path instead.
"""

import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request

YEAR = 365 * 86400
MODULES = "answering/"
_VERSION = re.compile(r"^m-[0-9a-f]{12}/")


def init_app(app: Flask) -> None:
    app.url_defaults(_add_fingerprint)
    app.after_request(_let_cache)


def file_of(filename: str) -> str:
    """The file behind the path of an address, which may begin with a fingerprint."""
    return _VERSION.sub("", filename)


def _add_fingerprint(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint != "static" or "filename" not in values:
        return
    if values["filename"].startswith(MODULES):
        values["filename"] = f"m-{_fingerprint_of_modules()}/{values['filename']}"
    elif found := _fingerprint(values["filename"]):
        values.setdefault("v", found)


def _fingerprint(filename: str) -> str | None:
    path = Path(str(current_app.static_folder)) / filename
    return _digest(path, path.stat().st_mtime_ns) if path.is_file() else None


def _fingerprint_of_modules() -> str:
    files = sorted((Path(str(current_app.static_folder)) / MODULES).glob("*.js"))
    digests = [_digest(path, path.stat().st_mtime_ns) for path in files]
    return sha256("".join(digests).encode()).hexdigest()[:12]


@cache
def _digest(path: Path, _changed_at: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]


def _let_cache(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:
        is_named = request.args.get("v") is not None or _VERSION.match((request.view_args or {})["filename"])
        response.headers["Cache-Control"] = (
            f"public, max-age={YEAR}, immutable" if is_named else "public, max-age=86400"
        )
    return response
