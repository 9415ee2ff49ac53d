"""Static files are cached for a year: their addresses carry a fingerprint of the content."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request

YEAR = 365 * 86400


def init_app(app: Flask) -> None:
    app.url_defaults(_add_fingerprint)
    app.after_request(_let_cache)


def _add_fingerprint(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "filename" in values and (found := _fingerprint(values["filename"])):
        values.setdefault("v", found)


def _fingerprint(filename: str) -> str | None:
    path = Path(str(current_app.static_folder)) / filename
    return _digest(path, path.stat().st_mtime_ns) if path.is_file() else None


@cache
def _digest(path: Path, _changed_at: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]


def _let_cache(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:
        is_named = request.args.get("v") is not None
        response.headers["Cache-Control"] = (
            f"public, max-age={YEAR}, immutable" if is_named else "public, max-age=86400"
        )
    return response
