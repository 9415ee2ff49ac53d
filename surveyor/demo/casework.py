"""The demo's forms: last year's internal control signed off, this year's and IT security in every state."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zlib import crc32

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.spec import Actor
from surveyor.cases.deviations import add_action, close_deviation, complete_action
from surveyor.cases.enums import CaseState, FormKind
from surveyor.cases.evidence import attach_evidence
from surveyor.cases.models import Case
from surveyor.cases.queries import case_deviations
from surveyor.cases.services import Round, approve_case, return_case, save_answers, send_round, submit_case
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.demo.municipality import PLACES
from surveyor.demo.respondents import Mood, answer
from surveyor.instruments.enums import ItemType
from surveyor.instruments.queries import newest_frozen, questionnaire_of
from surveyor.instruments.spec import Questionnaire
from surveyor.units.queries import tree_as_of

_UNIT_LEADER, _CONTROLLER = Actor("leder@fjordvik.example"), Actor("controller@fjordvik.example")
_NOTE = "Rutinen er gjennomgått med de ansatte på personalmøtet. Simulert vedlegg.\n".encode()
_NOTES = (
    "Rutinen er skrevet, men ikke gjennomgått med alle ansatte.",
    "Vi har begynt. Ferdig til sommeren.",
    "Gjøres i dag muntlig. Skal skrives ned.",
    "Dokumentet er fra før omorganiseringen og må oppdateres.",
    "Mangler for vikarer og nyansatte.",
    "Ansvaret er ikke avklart mellom avdelingene ennå.",
    "Planlagt på neste personalmøte.",
    "Vi trenger hjelp fra stab for å komme videre.",
)
_RESULT_UNITS = frozenset(place.code for place in PLACES if place.n_employees) | {"BH41", "BH42"}
_STATES = {
    CaseState.APPROVED: 45, CaseState.SUBMITTED: 20, CaseState.RETURNED: 10, CaseState.DRAFT: 10,
    CaseState.ASSIGNED: 15,
}  # fmt: skip


@dataclass(frozen=True)
class DemoRound:
    """One sending of a form; `finished` means that every unit's form was signed off."""

    kind: FormKind
    title: str
    sent_on: date
    deadline_on: date
    finished: bool


def run_round(engine: Engine, settings: Settings, plan: DemoRound) -> None:
    """Send a form to every result unit and let each come as far as chance decides."""
    chance = Random(f"{plan.kind}-{plan.title}")
    with clock.fixed_at(_at(plan.sent_on, 8)), unit_of_work(engine) as session:
        version = newest_frozen(session, code=plan.kind.value)
        units = [code for code in tree_as_of(session, plan.sent_on).nodes if code in _RESULT_UNITS]
        sent = send_round(
            session, settings, actor=_CONTROLLER, notify=not plan.finished,
            plan=Round(
                kind=plan.kind, title=plan.title, version=version, period=plan.deadline_on.year,
                deadline_on=plan.deadline_on, unit_codes=units, simulated=True,
            ),
        )  # fmt: skip
        cases = list(session.scalars(select(Case.id).where(Case.round_id == sent.id)))
    day = min(plan.deadline_on, clock.today())
    for case_id in cases:
        state = (
            CaseState.APPROVED if plan.finished else chance.choices(list(_STATES), list(_STATES.values()))[0]
        )
        late = timedelta(days=chance.choice((-6, -4, -3, -2, -1, -1, 0, 2)) if plan.finished else -1)
        with clock.fixed_at(_at(day + late, 13)), unit_of_work(engine) as session:
            _advance(session, settings, session.get_one(Case, case_id), state, chance)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), clock.OSLO)


def _advance(session: Session, settings: Settings, case: Case, state: CaseState, chance: Random) -> None:
    """Fill, hand in, return or approve one form, as far as the state says."""
    if state is CaseState.ASSIGNED:
        return
    version = newest_frozen(session, code=case.round.kind.value)
    form = questionnaire_of(version)
    answers = answer(form, Mood(0.5 + chance.gauss(0, 0.4), {}), chance)
    answers = _as_a_leader_says_it(form, answers)
    if state is CaseState.DRAFT:
        answers = dict(list(answers.items())[: len(answers) // 2])
    save_answers(session, case_id=case.id, rev=case.rev, answers=answers, actor=_UNIT_LEADER)
    if chance.random() < 0.2:
        attach_evidence(
            session,
            settings,
            case_id=case.id,
            filename="Gjennomgang av rutiner.txt",
            content=_NOTE,
            actor=_UNIT_LEADER,
        )
    if state is CaseState.DRAFT:
        return
    submit_case(session, case_id=case.id, rev=case.rev, actor=_UNIT_LEADER)
    _follow_up(session, case, chance)
    if state is CaseState.APPROVED:
        approve_case(session, case_id=case.id, actor=_CONTROLLER)
    elif state is CaseState.RETURNED:
        comment = "Beskriv hvordan dere følger opp avvikene, og når det skal være gjort."
        return_case(session, settings, case_id=case.id, comment=comment, actor=_CONTROLLER)


def _as_a_leader_says_it(form: Questionnaire, answers: dict[str, str]) -> dict[str, str]:
    """The comments of employees do not fit a form: what is missing is said as a leader would."""
    texts = {item.name for item in form.items if item.type is ItemType.TEXT}
    pick = crc32("".join(answers.values()).encode())
    return {
        name: _NOTES[(pick + place) % len(_NOTES)] if name in texts and said else said
        for place, (name, said) in enumerate(answers.items())
    }


def _follow_up(session: Session, case: Case, chance: Random) -> None:
    """Two of three deviations have an action, and every other of those is done."""
    session.flush()  # deviations are read back
    for deviation in case_deviations(session, case=case):
        if chance.random() < 0.35:
            continue
        action = add_action(
            session, deviation=deviation, what="Gå gjennom rutinen og oppdater den.", owner="Enhetsleder",
            due_on=clock.today() + timedelta(days=chance.choice((20, 45, 90))), actor=_UNIT_LEADER,
        )  # fmt: skip
        if chance.random() < 0.5:
            complete_action(session, action=action, deviation=deviation, actor=_UNIT_LEADER)
            close_deviation(session, deviation=deviation, actor=_CONTROLLER)
