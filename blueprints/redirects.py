"""Where to go after signing in: an address of our own, never another site's."""

import re
from urllib.parse import unquote

# letters, digits and a few signs between single slashes, then perhaps a query; no colon, @ or backslash
_LOCAL = re.compile(r"/(?:[A-Za-z0-9_.~-]+/?)*(?:\?[A-Za-z0-9_.~=&%+-]*)?")


def safe_next(target: str | None) -> str:
    """The target if it is plainly a page of this site, else the front page."""
    if not target or len(target) > 500 or not _LOCAL.fullmatch(target):
        return "/"
    return target if unquote(target).isprintable() else "/"
