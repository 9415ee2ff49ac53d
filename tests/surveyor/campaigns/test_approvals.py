"""Two people who agree before a wave's answers are opened: two accounts, never one twice."""

import pytest
from sqlalchemy.orm import Session

from surveyor.accounts.enums import Role
from surveyor.accounts.models import Account
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.approvals import approve_opening, too_few_approvers, withdraw_approval
from surveyor.campaigns.enums import Audience, WaveState
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import closing_job, opening_approvers
from surveyor.campaigns.services import order_closing
from surveyor.config import Settings
from surveyor.errors import Refused
from tests.factories import make_account
from tests.planned_waves import make_planned_wave


@pytest.fixture
def wave(session: Session, settings: Settings) -> Wave:
    return make_planned_wave(session, settings, two_approvers=True)


def approve(session: Session, wave: Wave, account: Account) -> bool:
    return approve_opening(session, wave=wave, account_id=account.id, actor=COMMAND_LINE)


def test_the_second_account_orders_the_closing(session: Session, wave: Wave) -> None:
    first, second = (make_account(session, role, "FK") for role in (Role.SURVEY_ADMIN, Role.HR))
    with pytest.raises(Refused, match="venter ikke"):
        approve(session, wave, first)
    wave.state = WaveState.OPEN
    session.flush()
    assert [approve(session, wave, first) for _ in range(2)] == [False, False]
    with pytest.raises(Refused, match="To personer"):
        order_closing(session, wave=wave, actor=COMMAND_LINE)
    withdraw_approval(session, wave=wave, account_id=first.id, actor=COMMAND_LINE)
    assert approve(session, wave, second) is False
    assert closing_job(session, wave=wave) is None
    assert approve(session, wave, first) is True
    assert closing_job(session, wave=wave) is not None
    assert {one.account_id for one in opening_approvers(session, wave_id=wave.id)} == {first.id, second.id}
    with pytest.raises(Refused, match="ikke gjøres om"):
        withdraw_approval(session, wave=wave, account_id=first.id, actor=COMMAND_LINE)


def test_a_wave_that_asks_for_one_asks_for_no_approval(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    wave.state = WaveState.OPEN
    session.flush()
    with pytest.raises(Refused, match="venter ikke"):
        approve(session, wave, make_account(session, Role.SURVEY_ADMIN, "FK"))
    assert too_few_approvers(session, wave=wave) == ()


def test_before_a_launch_it_is_said_that_too_few_can_approve(session: Session, wave: Wave) -> None:
    make_account(session, Role.SURVEY_ADMIN, "FK")
    make_account(session, Role.SURVEY_ADMIN, "OPP")
    assert len(too_few_approvers(session, wave=wave)) == 1
    make_account(session, Role.HR, "FK")
    assert too_few_approvers(session, wave=wave) == ()
    wave.audience = Audience.USER  # HR has nothing to do with users
    assert len(too_few_approvers(session, wave=wave)) == 1
