"""Log lines: one JSON object a line, UTC, without tokens or e-mail addresses, whatever a message holds."""

import json
import logging
import re
from datetime import UTC, datetime
from sys import stderr
from traceback import format_tb

_SECRETS = (
    (re.compile(r"[^\s@\"'<>]+@[^\s@\"'<>]+\.[a-zæøåA-ZÆØÅ]{2,}"), "[e-mail]"),
    (re.compile(r"\b[A-Za-z0-9_-]{20,}\b"), "[token]"),
)
_FIELDS = ("request_id", "method", "route", "status", "milliseconds")


class JsonLines(logging.Formatter):
    """Time, level, logger, message and the request's fields; JSON keeps injected line breaks on one line."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        if getattr(record, "to_the_minute", False):
            at = at.replace(second=0, microsecond=0)
        line: dict[str, object] = {
            "at": at.isoformat(timespec="seconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info and (error := record.exc_info[1]):
            line["trace"] = redact(trace_of(error))
        return json.dumps(line, ensure_ascii=False)


def trace_of(error: BaseException) -> str:
    """Where it failed, causes first, and the first line of what each said.

    What follows that line may be a whole row: PostgreSQL quotes the one it refuses.
    """
    told: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        said = f"{type(seen).__qualname__}: {str(seen).partition(chr(10))[0]}"
        told.append("".join([*format_tb(seen.__traceback__), said]))
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n\n".join(reversed(told))


def redact(text: str) -> str:
    """The text without what could be a credential or an address."""
    for pattern, word in _SECRETS:
        text = pattern.sub(word, text)
    return text


def set_up() -> None:
    """Send the house's log lines to standard error, once."""
    log = logging.getLogger("surveyor")
    if log.handlers:
        return
    handler = logging.StreamHandler(stderr)
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
