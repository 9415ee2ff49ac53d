"""The way of a case: sent to units, filled, submitted, returned, approved; from then on it never changes."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.accounts.models import Account
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.cases.deviations import sync_deviations
from surveyor.cases.enums import CaseStep, FormKind
from surveyor.cases.letters import REMINDER, RETURNED, SENT, Letter, Translate, bokmaal, written
from surveyor.cases.models import Case, CaseEvent, CaseRevision, CaseRound
from surveyor.cases.queries import last_revision, leaders
from surveyor.cases.spec import (
    FIRST_PERIOD,
    LAST_PERIOD,
    MAX_COMMENT,
    MAX_TITLE,
    PATHS,
    REMINDED,
    EditedElsewhere,
)
from surveyor.cases.spec import SENT as SENT_EVENT
from surveyor.cases.workflow import WITH_UNIT, next_state
from surveyor.config import Settings
from surveyor.errors import N_, InvalidInput, NotFound, Problem, Refused
from surveyor.instruments.enums import VersionState
from surveyor.instruments.models import InstrumentVersion
from surveyor.instruments.queries import questionnaire
from surveyor.instruments.routing import kept_answers, validate_all
from surveyor.instruments.spec import Answers
from surveyor.mail.services import queue_mail
from surveyor.units.queries import tree_as_of, unit_names
from surveyor.units.spec import UnitTree


class Round(NamedTuple):
    """What a controller decides about a sending."""

    kind: FormKind
    title: str
    version: InstrumentVersion
    period: int
    deadline_on: date
    unit_codes: Collection[str]
    simulated: bool = False


def send_round(
    session: Session, settings: Settings, *, plan: Round, actor: Actor, translate: Translate = bokmaal,
    notify: bool = True,
) -> CaseRound:  # fmt: skip
    """Send a form: one case a unit, and a mail to each unit's leader; raises InvalidInput."""
    tree = tree_as_of(session, clock.today())
    if problems := _problems_of(session, plan, tree):
        raise InvalidInput(*problems)
    round_ = CaseRound(
        kind=plan.kind, title=" ".join(plan.title.split()), instrument_version_id=plan.version.id,
        period=plan.period, deadline_on=plan.deadline_on, sent_at=clock.now(), simulated=plan.simulated,
    )  # fmt: skip
    session.add(round_)
    session.flush()  # cases refer to the round's id
    unit_ids = [tree.nodes[code].id for code in tree.nodes if code in set(plan.unit_codes)]
    cases = [Case(round=round_, round_id=round_.id, unit_id=unit_id, answers={}) for unit_id in unit_ids]
    session.add_all(cases)
    session.flush()  # events refer to the cases' ids
    for case in cases:
        _note(session, case, SENT_EVENT, actor)
    record(
        session, actor=actor, action="cases.sent", subject_type="case_round", subject_id=round_.id,
        kind=plan.kind.value, title=round_.title, period=plan.period,
        deadline_on=plan.deadline_on.isoformat(), n_cases=len(cases),
    )  # fmt: skip
    if notify:
        _write_to_leaders(session, settings, cases=cases, letter=SENT, once="", translate=translate)
    return round_


def remind_late(
    session: Session, settings: Settings, *, round_: CaseRound, cases: Collection[Case], actor: Actor,
    translate: Translate = bokmaal,
) -> int:  # fmt: skip
    """Mail the leaders of units that still owe the form, once a day at most; tells how many mails."""
    waiting = [case for case in cases if case.state in WITH_UNIT and case.round_id == round_.id]
    day = clock.today().isoformat()
    n_mails = _write_to_leaders(
        session, settings, cases=waiting, letter=REMINDER, once=day, translate=translate
    )
    if n_mails:
        for case in waiting:
            _note(session, case, REMINDED, actor)
        record(
            session, actor=actor, action="cases.reminded", subject_type="case_round", subject_id=round_.id,
            n_cases=len(waiting), n_mails=n_mails,
        )  # fmt: skip
    return n_mails


def save_answers(session: Session, *, case_id: UUID, rev: int, answers: Answers, actor: Actor) -> Case:
    """Keep a draft, complete or not; raises EditedElsewhere for an old rev, or Refused."""
    case = locked_case(session, case_id=case_id)
    state = next_state(case.state, CaseStep.SAVE)
    if case.rev != rev:
        raise EditedElsewhere
    if case.answers == dict(answers) and case.state is state:
        return case
    case.state, case.answers, case.rev = state, dict(answers), rev + 1
    record(session, actor=actor, action="case.saved", subject_type="case", subject_id=case.id, rev=case.rev)
    return case


def submit_case(session: Session, *, case_id: UUID, rev: int, actor: Actor, language: str = "nb") -> Case:
    """Hand the form in: a revision and its deviations; raises InvalidInput, EditedElsewhere, Refused."""
    case = locked_case(session, case_id=case_id)
    state = next_state(case.state, CaseStep.SUBMIT)
    if case.rev != rev:
        raise EditedElsewhere
    form = questionnaire(session, version_id=case.round.instrument_version_id)
    if problems := validate_all(form, case.answers, language):
        raise InvalidInput(*problems)
    before, now = last_revision(session, case=case), clock.now()
    case.answers = kept_answers(form, case.answers)
    case.state, case.submitted_at, case.rev = state, now, rev + 1
    case.first_submitted_at = case.first_submitted_at or now
    number = before.number + 1 if before else 1
    revision = CaseRevision(
        case_id=case.id, number=number, answers=case.answers, made_at=now, made_by=actor.name
    )
    session.add(revision)
    _note(session, case, CaseStep.SUBMIT, actor)
    n_open = sync_deviations(
        session, case=case, form=form, before=before.answers if before else {}, actor=actor
    )
    record(
        session, actor=actor, action="case.submitted", subject_type="case", subject_id=case.id,
        revision=number, n_deviations=n_open,
    )  # fmt: skip
    return case


def return_case(
    session: Session, settings: Settings, *, case_id: UUID, comment: str, actor: Actor,
    translate: Translate = bokmaal,
) -> Case:  # fmt: skip
    """Send a submitted form back to the unit; raises InvalidInput without a comment, or Refused."""
    case = locked_case(session, case_id=case_id)
    state = next_state(case.state, CaseStep.RETURN)
    if not comment.strip():
        raise InvalidInput(Problem(N_("Skriv hva som må rettes."), field="comment"))
    case.state = state
    _note(session, case, CaseStep.RETURN, actor, _short(comment))
    record(session, actor=actor, action="case.returned", subject_type="case", subject_id=case.id)
    _write_to_leaders(
        session, settings, cases=[case], letter=RETURNED, once=f"{case.id}:{case.rev}", translate=translate,
        comment=_short(comment),
    )  # fmt: skip
    return case


def approve_case(session: Session, *, case_id: UUID, actor: Actor, comment: str = "") -> Case:
    """Sign a submitted form off for good; raises Refused, also for the one who submitted it."""
    case = locked_case(session, case_id=case_id)
    state = next_state(case.state, CaseStep.APPROVE)
    revision = last_revision(session, case=case)
    if revision is not None and revision.made_by == actor.name:
        raise Refused(N_("Den som leverte skjemaet, kan ikke godkjenne det selv."))
    case.state, case.approved_at = state, clock.now()
    _note(session, case, CaseStep.APPROVE, actor, _short(comment) or None)
    record(session, actor=actor, action="case.approved", subject_type="case", subject_id=case.id)
    return case


def locked_case(session: Session, *, case_id: UUID) -> Case:
    """The case as it is now, held until the transaction ends; raises NotFound."""
    statement = select(Case).where(Case.id == case_id).with_for_update(of=Case)
    case = session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if case is None:
        raise NotFound(N_("Skjemaet finnes ikke."))
    return case


def _note(session: Session, case: Case, step: str, actor: Actor, comment: str | None = None) -> None:
    session.add(CaseEvent(case_id=case.id, step=step, comment=comment, at=clock.now(), by=actor.name))


def _short(comment: str) -> str:
    return comment.strip()[:MAX_COMMENT]


def _problems_of(session: Session, plan: Round, tree: UnitTree) -> list[Problem]:
    title = " ".join(plan.title.split())
    taken = select(func.count()).where(
        CaseRound.kind == plan.kind, CaseRound.period == plan.period, CaseRound.title == title
    )
    unknown = sorted(set(plan.unit_codes) - set(tree.nodes))
    checks = (
        (not title or len(title) > MAX_TITLE, "title", N_("Gi utsendingen et navn på høyst 120 tegn.")),
        (
            bool(session.scalar(taken)),
            "title",
            N_("Det finnes allerede en utsending med dette navnet samme år."),
        ),
        (
            plan.version.state is not VersionState.FROZEN,
            "version",
            N_("Skjemaet må låses før det kan sendes ut."),
        ),
        (
            not FIRST_PERIOD <= plan.period <= LAST_PERIOD,
            "period",
            N_("Skriv et årstall, for eksempel 2026."),
        ),
        (plan.deadline_on < clock.today(), "deadline_on", N_("Fristen kan ikke være en dag som er gått.")),
        (not plan.unit_codes, "units", N_("Velg minst én enhet.")),
    )
    found = [Problem(message, field=field) for wrong, field, message in checks if wrong]
    message = N_("Det finnes ingen enhet med koden %(code)s.")
    return found + [Problem(message, {"code": code}, field="units") for code in unknown]


def _write_to_leaders(
    session: Session, settings: Settings, *, cases: Collection[Case], letter: Letter, once: str,
    translate: Translate, comment: str = "",
) -> int:  # fmt: skip
    """One mail a leader about all their units among these cases; tells how many were queued now."""
    names = {unit_id: unit.name for unit_id, unit in unit_names(session).items()}
    n_mails = 0
    for account, own in _cases_by_leader(session, cases).values():
        subject, body = _content(settings, letter, translate, account, own, names, comment)
        n_mails += queue_mail(
            session, settings, key=f"{letter.kind}:{own[0].round_id}:{account.id}:{once}", kind=letter.kind,
            to=account.email, subject=subject, body=body,
        )  # fmt: skip
    return n_mails


def _cases_by_leader(session: Session, cases: Collection[Case]) -> Mapping[UUID, tuple[Account, list[Case]]]:
    by_unit = leaders(session, tree=tree_as_of(session, clock.today()))
    found: dict[UUID, tuple[Account, list[Case]]] = {}
    for case in cases:
        for account in by_unit.get(case.unit_id, ()):
            found.setdefault(account.id, (account, []))[1].append(case)
    return found


def _content(
    settings: Settings, letter: Letter, translate: Translate, account: Account, cases: list[Case],
    names: Mapping[UUID, str], comment: str,
) -> tuple[str, str]:  # fmt: skip
    round_ = cases[0].round
    return written(
        letter, language=account.language, translate=translate, title=round_.title,
        units=", ".join(names[case.unit_id] for case in cases), deadline=f"{round_.deadline_on:%d.%m.%Y}",
        link=settings.base_url.rstrip("/") + PATHS[round_.kind],
        municipality=settings.municipality, comment=comment,
    )  # fmt: skip
