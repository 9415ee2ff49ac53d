"""A small form, a round of it sent to Fjordvik's kindergartens, and short ways to fill and hand it in."""

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.spec import Actor
from surveyor.cases.enums import FormKind
from surveyor.cases.models import Case, CaseRound
from surveyor.cases.services import Round, save_answers, send_round, submit_case
from surveyor.config import Settings
from surveyor.installation import prepare_folder
from surveyor.instruments.models import InstrumentVersion
from surveyor.instruments.services import freeze_version, import_instrument
from surveyor.units.queries import unit_names

CONTROLLER, LEADER = Actor("controller@fjordvik.test"), Actor("leader@fjordvik.test")
CODE = "internal_control"
FORM = """
| settings | | |
| | form_title | form_id | default_language |
| | Internkontroll | internal_control | Norsk bokmål (nb) |
| survey | | | | | | |
| | type | name | label | required | relevant | reverse |
| | begin_group | first | Rutiner | | | |
| | select_one status | routines | Finnes det rutiner? | yes | | |
| | text | routines_gap | Hva mangler? | yes | ${routines} = 'no' or ${routines} = 'partly' | |
| | select_one status | training | Får nye opplæring? | yes | | |
| | end_group | | | | | |
| | begin_group | second | Vurdering | | | |
| | select_one die | mark | Hvor godt virker det? | | | |
| | select_one die | trouble | Hvor mye trøbbel er det? | | | yes |
| | end_group | | | | | |
| choices | | | | | |
| | list_name | name | label | missing | score |
| | status | yes | Ja | | 2 |
| | status | partly | Delvis | | 1 |
| | status | no | Nei | | 0 |
| | status | na | Ikke relevant | yes | |
| | die | 1 | 1 | | |
| | die | 2 | 2 | | |
| | die | 3 | 3 | | |
| | die | 4 | 4 | | |
| | die | 5 | 5 | | |
| | die | 6 | 6 | | |
"""
GOOD = {"routines": "yes", "training": "yes"}
BAD = {"routines": "no", "routines_gap": "Alt.", "training": "partly"}


def make_version(session: Session) -> InstrumentVersion:
    """The small form, frozen."""
    version = import_instrument(session, file=FORM.encode(), filename="form.md", code=CODE, actor=CONTROLLER)
    return freeze_version(session, version=version, actor=CONTROLLER)


def mail_settings(settings: Settings) -> Settings:
    """The settings of an instance that has the key mails are sealed with."""
    prepare_folder(settings.instance)
    return settings


def make_round(
    session: Session, settings: Settings, *, units: Collection[str] = ("B1", "B2"),
    deadline_on: date | None = None, title: str = "Internkontroll", version: InstrumentVersion | None = None,
    notify: bool = False,
) -> tuple[CaseRound, dict[str, Case]]:  # fmt: skip
    """A round sent today to units of a tree that is there, and its cases by unit code."""
    plan = Round(
        kind=FormKind.INTERNAL_CONTROL, title=title, version=version or make_version(session), period=2026,
        deadline_on=deadline_on or clock.today() + timedelta(days=14), unit_codes=units,
    )  # fmt: skip
    round_ = send_round(session, settings, plan=plan, actor=CONTROLLER, notify=notify)
    names = unit_names(session)
    cases = session.scalars(select(Case).where(Case.round_id == round_.id))
    return round_, {names[case.unit_id].code: case for case in cases}


def file_case(session: Session, case: Case, answers: dict[str, str] = GOOD, actor: Actor = LEADER) -> Case:
    """Save answers and hand the form in."""
    saved = save_answers(session, case_id=case.id, rev=case.rev, answers=answers, actor=actor)
    return submit_case(session, case_id=case.id, rev=saved.rev, actor=actor)
