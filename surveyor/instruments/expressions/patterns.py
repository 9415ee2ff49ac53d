"""Regular expressions for the browser: the part of RE2 that reads the same there and takes little time."""

import re
from functools import lru_cache

_MOST_OPEN = 3
_PARTS = re.compile(
    r"""(?P<class>\[\^?(?:\\.|[^\]\\\[])+\])
    |(?P<escape>\\.)
    |(?P<times>(?:[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})\??)
    |(?P<open>\((?:\?:)?)(?!\?)
    |(?P<close>\))
    |(?P<sign>[|^$.])
    |(?P<plain>[^\\\[\](){}*+?|^$.])""",
    re.VERBOSE | re.DOTALL,
)
_SHORT = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r\u0020"}
_CONTROLS = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f"}


@lru_cache(maxsize=512)
def script_pattern(pattern: str) -> str | None:
    """The same pattern for a browser (flag u, whole text); None where it must be left to the server."""
    found: list[str] = []
    position, n_open, stack, last, was_open = 0, 0, [False], "", False
    while position < len(pattern):
        match = _PARTS.match(pattern, position)
        kind = match.lastgroup if match else None
        if match is None or kind is None or (kind == "times" and last in ("", "open", "times", "sign")):
            return None
        part, position = match.group(), match.end()
        text = _part(kind, part)
        if text is None or (kind == "close" and len(stack) == 1):
            return None
        if kind == "open":
            stack.append(False)
        elif kind == "close":
            was_open = stack.pop()
            stack[-1] = stack[-1] or was_open
        elif kind == "times" and _is_open(part):
            if last == "close" and was_open:  # a repetition in a repetition can take for ever
                return None
            n_open, stack[-1] = n_open + 1, True
        found.append(text)
        last = "sign" if kind == "sign" and part in "|^$" else kind
    return "".join(found) if len(stack) == 1 and n_open <= _MOST_OPEN else None


def _is_open(times: str) -> bool:
    """True for what may repeat many times."""
    if times[0] == "{":
        return int(times.strip("{}?").rpartition(",")[2] or 1_000) > 20
    return times[0] in "*+"


def _part(kind: str, part: str) -> str | None:
    if kind == "class":
        return _class(part)
    if kind == "escape":
        return _escape(part[1], inside=False)
    if kind == "plain":
        return _plain(part)
    return r"[^\n]" if part == "." else "(?:" if kind == "open" else part


def _escape(sign: str, *, inside: bool) -> str | None:
    if sign in _SHORT:
        return _SHORT[sign] if inside else f"[{_SHORT[sign]}]"
    if sign.lower() in _SHORT and not inside:
        return f"[^{_SHORT[sign.lower()]}]"
    if sign in _CONTROLS:
        return _CONTROLS[sign]
    return None if sign.isalnum() or ord(sign) > 126 else f"\\x{ord(sign):02x}"


def _plain(sign: str) -> str:
    return sign if sign.isalnum() else f"\\u{{{ord(sign):x}}}"


def _class(part: str) -> str | None:
    start = "[^" if part.startswith("[^") else "["
    signs = re.findall(r"\\.|.", part[len(start) : -1], re.DOTALL)
    found: list[str | None] = []
    for place, sign in enumerate(signs):
        is_range = sign == "-" and 0 < place < len(signs) - 1
        if is_range and any(near[-1] in _SHORT and len(near) == 2 for near in signs[place - 1 : place + 2]):
            return None
        if is_range or sign != "-":
            found.append(
                "-" if is_range else _escape(sign[1], inside=True) if len(sign) == 2 else _plain(sign)
            )
        else:
            found.append(r"\x2d")
    return None if None in found else f"{start}{''.join(each or '' for each in found)}]"
