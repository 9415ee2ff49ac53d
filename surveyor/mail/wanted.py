"""Asked right before a mail goes out: is it still wanted? Rooms above register who answers."""

from collections.abc import Callable

from sqlalchemy.orm import Session

WantedCheck = Callable[[Session, str], bool]
CHECKS: dict[str, WantedCheck] = {}


def wanted_check(*kinds: str) -> Callable[[WantedCheck], WantedCheck]:
    """Register `function(session, mail key) -> bool`; a mail it says no to is withdrawn, never sent."""

    def register(function: WantedCheck) -> WantedCheck:
        for kind in kinds:
            CHECKS[kind] = function
        return function

    return register


def is_wanted(session: Session, *, kind: str, key: str) -> bool:
    """Whether a mail should still be sent; kinds nobody asks about always are."""
    return kind not in CHECKS or CHECKS[kind](session, key)
