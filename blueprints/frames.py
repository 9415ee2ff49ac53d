"""Pages drawn once and filled in for each respondent: thousands answer the same pages in the same hour.

A frame is drawn from a blank visit, so nothing about anybody can be in it; what differs goes into slots. The
text of a slot is never looked at again. Drawing in full gives the same bytes, and a test holds that.
"""

import re
import secrets
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app, render_template, session
from markupsafe import escape

from blueprints.security import sign_csrf

_KEY = "surveyor.frames"
_MOST = 1_024
_MARK = "m" + secrets.token_hex(8)  # random, so that nobody can write one
_SLOT = re.compile(_MARK + "_([a-z0-9]+)_")


@dataclass(frozen=True)
class Frame:
    """What is the same for all, with «%s» for each slot, and the slots' names."""

    text: str
    slots: tuple[str, ...]

    def filled(self, values: Mapping[str, str]) -> str:
        """The page for one respondent; a slot without a value stays empty."""
        return self.text % tuple([values.get(slot, "") for slot in self.slots])


def slot(name: str) -> str:
    """What stands in a frame where a value will be: safe in HTML and in addresses (name: a-z, 0-9)."""
    return f"{_MARK}_{name}_"


def draw(
    template: str,
    key: Hashable,
    blank: Callable[[], Mapping[str, object]],
    values: Mapping[str, str],
    marked: Callable[[str], str] = str,
) -> str:
    """A page from its frame; `blank` gives the template's context with slots, `marked` puts more slots in."""
    token = sign_csrf()
    kept = cast("dict[Hashable, Frame]", current_app.extensions.setdefault(_KEY, {}))
    frame = kept.get(key)
    if frame is None:
        is_clean = "_flashes" not in session  # a message waiting for staff would be drawn in
        html = render_template(template, **blank())
        frame = _framed(marked(html.replace(token, slot("csrf"))))
        if is_clean:
            if len(kept) >= _MOST:
                kept.clear()
            kept[key] = frame
    return frame.filled({"csrf": token, **{name: _safe(value) for name, value in values.items()}})


def _safe(value: str) -> str:
    return value if value.strip().isalnum() else str(escape(value))


def _framed(html: str) -> Frame:
    parts = _SLOT.split(html)
    return Frame("%s".join(literal.replace("%", "%%") for literal in parts[::2]), tuple(parts[1::2]))
