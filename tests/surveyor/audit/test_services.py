"""Entries carry declared keys only, and stay."""

import pytest
from sqlalchemy.orm import Session

from surveyor.audit.actions import ACTIONS
from surveyor.audit.models import AuditEntry
from surveyor.audit.services import record
from surveyor.audit.spec import COMMAND_LINE


def test_a_declared_action_is_recorded(session: Session) -> None:
    record(session, actor=COMMAND_LINE, action="account.created", subject_type="account", subject_id="a@b.no",
           role="hr", unit="FK")  # fmt: skip
    session.flush()
    entry = session.query(AuditEntry).one()
    assert (entry.actor, entry.details) == ("command line", {"role": "hr", "unit": "FK"})


@pytest.mark.parametrize(
    ("action", "details"), [("account.eaten", {}), ("account.created", {"password": "x"})]
)
def test_what_is_not_declared_is_refused(session: Session, action: str, details: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="undeclared"):
        record(session, actor=COMMAND_LINE, action=action, subject_type="account", subject_id="x", **details)


def test_actions_are_named_by_room_and_have_a_name_for_readers() -> None:
    for name, action in ACTIONS.items():
        room, _, what = name.partition(".")
        assert room.isidentifier(), name
        assert what.isidentifier(), name
        assert action.label[0].isupper(), name
        assert not action.keys & {"password", "token", "answer", "answers", "receipt"}, name
