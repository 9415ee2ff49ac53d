"""Reading cases: lists for a unit and for a controller, one case with its trail, deviations, rates."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.accounts.models import Account, RoleGrant
from surveyor.cases.deadlines import lateness
from surveyor.cases.enums import CaseState, DeviationState, FormKind, Lateness
from surveyor.cases.marks import marks
from surveyor.cases.models import Action, Case, CaseEvent, CaseRevision, CaseRound, Deviation, Evidence
from surveyor.cases.spec import MAX_TITLE, CaseRow, DeviationRow, FormRates, RoundRow
from surveyor.cases.workflow import WITH_UNIT
from surveyor.errors import N_, NotFound
from surveyor.instruments import routing
from surveyor.instruments.logic import filled_name
from surveyor.instruments.models import Instrument, InstrumentVersion
from surveyor.instruments.queries import questionnaire
from surveyor.units.queries import unit_names
from surveyor.units.spec import UnitName, UnitTree

Units = Collection[UUID] | None
"""The units one may see; None is all there ever were."""


def subject_names(session: Session, *, ids: Collection[UUID]) -> dict[UUID, str]:
    """What rounds, cases and deviations of these ids are called."""
    units = unit_names(session)
    rounds = select(CaseRound.id, CaseRound.title).where(CaseRound.id.in_(ids))
    cases = select(Case.id, CaseRound.title, Case.unit_id).join(CaseRound).where(Case.id.in_(ids))
    deviations = (
        select(Deviation.id, Deviation.description, Case.unit_id)
        .join(Case, Deviation.case_id == Case.id)
        .where(Deviation.id.in_(ids))
    )
    found: dict[UUID, str] = dict(session.execute(rounds).all())
    for query in (cases, deviations):
        for subject_id, title, unit_id in session.execute(query):
            found[subject_id] = f"{units[unit_id].name}: {title}"
    return found


def case_by_id(session: Session, *, case_id: UUID) -> Case:
    """A case; raises NotFound."""
    return _found(session.get(Case, case_id))


def round_by_id(session: Session, *, round_id: UUID) -> CaseRound:
    """A round; raises NotFound."""
    round_ = session.get(CaseRound, round_id)
    if round_ is None:
        raise NotFound(N_("Utsendingen finnes ikke."))
    return round_


def deviation_by_id(session: Session, *, deviation_id: UUID) -> tuple[Deviation, Case]:
    """A deviation and its case; raises NotFound."""
    deviation = session.get(Deviation, deviation_id)
    if deviation is None:
        raise NotFound(N_("Avviket finnes ikke."))
    return deviation, _found(session.get(Case, deviation.case_id))


def action_by_id(session: Session, *, action_id: UUID) -> tuple[Action, Deviation, Case]:
    """An action with its deviation and case; raises NotFound."""
    action = session.get(Action, action_id)
    if action is None:
        raise NotFound(N_("Tiltaket finnes ikke."))
    return action, *deviation_by_id(session, deviation_id=action.deviation_id)


def evidence_by_id(session: Session, *, case: Case, evidence_id: UUID) -> Evidence:
    """A file of this case; raises NotFound."""
    evidence = session.get(Evidence, evidence_id)
    if evidence is None or evidence.case_id != case.id:
        raise NotFound(N_("Filen finnes ikke."))
    return evidence


def _found(case: Case | None) -> Case:
    if case is None:
        raise NotFound(N_("Skjemaet finnes ikke."))
    return case


def case_events(session: Session, *, case: Case) -> Sequence[CaseEvent]:
    """What happened to a case, the oldest first."""
    return session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.at)).all()


def case_evidence(session: Session, *, case: Case) -> Sequence[Evidence]:
    """The files of a case, the oldest first."""
    return session.scalars(
        select(Evidence).where(Evidence.case_id == case.id).order_by(Evidence.added_at)
    ).all()


def case_deviations(session: Session, *, case: Case) -> Sequence[Deviation]:
    """The deviations of a case, the open ones first."""
    found = session.scalars(
        select(Deviation).where(Deviation.case_id == case.id).order_by(Deviation.description)
    )
    return sorted(found, key=lambda deviation: deviation.state is DeviationState.CLOSED)


def last_revision(session: Session, *, case: Case) -> CaseRevision | None:
    """What was last submitted; None before the first time."""
    return session.scalars(
        select(CaseRevision)
        .where(CaseRevision.case_id == case.id)
        .order_by(CaseRevision.number.desc())
        .limit(1)
    ).first()


def account_names(session: Session, *, emails: Iterable[str]) -> dict[str, str]:
    """Names of accounts by the e-mail the trail keeps."""
    return dict(
        session.execute(select(Account.email, Account.name).where(Account.email.in_(set(emails)))).all()
    )


def case_rows(
    session: Session, *, kind: FormKind, units: Units, round_id: UUID | None = None
) -> list[CaseRow]:
    """The cases of these units, those with something to do first, then by deadline and unit."""
    statement = (
        select(Case, _open_deviations())
        .join(Case.round)
        .where(CaseRound.kind == kind, _within(units), CaseRound.id == round_id if round_id else true())
    )
    names, today = unit_names(session), clock.today()
    rows = [
        _case_row(case, names[case.unit_id], n_open, today, _name_of(session, case))
        for case, n_open in session.execute(statement)
    ]
    return sorted(rows, key=lambda row: (row.state not in WITH_UNIT, row.deadline_on, row.unit_code))


def case_row(session: Session, *, case: Case) -> CaseRow:
    """One case as the lists show it."""
    n_open = sum(each.state is DeviationState.OPEN for each in case_deviations(session, case=case))
    unit, name = unit_names(session)[case.unit_id], _name_of(session, case)
    return _case_row(case, unit, n_open, clock.today(), name)


def _name_of(session: Session, case: Case) -> str:
    """What a form calls itself, worked out of what was handed in; a draft has no name yet."""
    form = questionnaire(session, version_id=case.round.instrument_version_id)
    if case.state in WITH_UNIT or "instance_name" not in form.settings:
        return ""
    return filled_name(form, routing.state(form, case.answers).values, form.default_language)[:MAX_TITLE]


def cases_of_round(session: Session, *, round_id: UUID, units: Units) -> Sequence[Case]:
    """The cases of a round among these units."""
    return session.scalars(select(Case).where(Case.round_id == round_id, _within(units))).all()


def _case_row(case: Case, unit: UnitName, n_open: int, today: date, name: str) -> CaseRow:
    late = lateness(case.first_submitted_at, deadline_on=case.round.deadline_on, today=today)
    return CaseRow(
        case.id, unit.code, unit.name, unit.type, case.state, late, case.round.deadline_on, case.round.title,
        case.round.period, n_open, name,
    )  # fmt: skip


def _open_deviations() -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(Deviation)
        .where(Deviation.case_id == Case.id, Deviation.state == DeviationState.OPEN)
        .scalar_subquery()
    )


def _within(units: Units) -> ColumnElement[bool]:
    return true() if units is None else Case.unit_id.in_(units)


def round_rows(session: Session, *, kind: FormKind, units: Units) -> list[RoundRow]:
    """The rounds with a case of these units, the newest deadline first, counted over those cases."""
    rows = session.execute(
        select(Case.state, Case.first_submitted_at, CaseRound)
        .join(CaseRound, CaseRound.id == Case.round_id)
        .where(CaseRound.kind == kind, _within(units))
        .order_by(CaseRound.deadline_on.desc(), CaseRound.sent_at.desc())
    )
    grouped: dict[CaseRound, list[tuple[CaseState, Lateness]]] = {}
    today = clock.today()
    for state, filed_at, round_ in rows:
        late = lateness(filed_at, deadline_on=round_.deadline_on, today=today)
        grouped.setdefault(round_, []).append((state, late))
    return [_round_row(round_, cases) for round_, cases in grouped.items()]


def _round_row(round_: CaseRound, cases: Sequence[tuple[CaseState, Lateness]]) -> RoundRow:
    return RoundRow(
        round_.id, round_.title, round_.period, round_.deadline_on,
        n_cases=len(cases),
        n_waiting=sum(state in WITH_UNIT for state, _ in cases),
        n_late=sum(late is Lateness.LATE for _, late in cases),
        n_to_approve=sum(state is CaseState.SUBMITTED for state, _ in cases),
        n_approved=sum(state is CaseState.APPROVED for state, _ in cases),
    )  # fmt: skip


def deviation_rows(session: Session, *, kind: FormKind, units: Units) -> list[DeviationRow]:
    """The deviations of these units: open before closed, then those with the most urgent action."""
    statement = (
        select(Deviation, Case.unit_id)
        .join(Case, Case.id == Deviation.case_id)
        .join(CaseRound, CaseRound.id == Case.round_id)
        .where(CaseRound.kind == kind, _within(units))
    )
    names, today = unit_names(session), clock.today()
    rows = [_deviation_row(each, names[unit_id], today) for each, unit_id in session.execute(statement)]
    order = (DeviationState.OPEN, DeviationState.CLOSED)
    return sorted(
        rows,
        key=lambda row: (order.index(row.state), row.next_due_on or date.max, row.opened_on, row.unit_code),
    )


def _deviation_row(deviation: Deviation, unit: UnitName, today: date) -> DeviationRow:
    waiting = [action.due_on for action in deviation.actions if action.done_on is None]
    return DeviationRow(
        deviation.id, deviation.case_id, unit.code, unit.name, deviation.description, deviation.state,
        deviation.opened_on, n_actions=len(deviation.actions),
        n_late_actions=sum(due < today for due in waiting), next_due_on=min(waiting, default=None),
    )  # fmt: skip


def leaders(session: Session, *, tree: UnitTree) -> Mapping[UUID, tuple[Account, ...]]:
    """Who leads each unit of a tree: the leaders granted on it, else those of the nearest unit above."""
    granted: dict[UUID, list[Account]] = {}
    rows = session.execute(
        select(RoleGrant.unit_id, Account)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.role == Role.LEADER, Account.disabled_at.is_(None))
        .order_by(Account.email)
    )
    for unit_id, account in rows:
        granted.setdefault(unit_id, []).append(account)
    found: dict[UUID, tuple[Account, ...]] = {}
    for node in tree:  # root first, so that what lies above is known
        above = found[tree.nodes[node.parent].id] if node.parent and node.parent in tree else ()
        found[node.id] = tuple(granted.get(node.id, ())) or above
    return found


def form_rates(
    session: Session, *, instrument_code: str, period: int, tree: UnitTree
) -> dict[str, FormRates]:
    """The rates of every unit of the tree with a case at or below it, by unit code.

    A unit's own cases and those of all units below are added up before anything is divided. What counts is
    what was last submitted; a draft counts only as not filed. Units not in the tree are left out.
    """
    cases = _cases_of(session, instrument_code, period)
    answers, n_open = _submitted(session, cases), _n_open(session, cases)
    rates: defaultdict[str, FormRates] = defaultdict(FormRates)
    for case in cases.values():
        if node := tree.by_id.get(case.unit_id):
            rates[node.code] += _rates_of(session, case, answers.get(case.id), n_open.get(case.id, 0))
    for node in reversed(tuple(tree)):
        if node.parent in tree and node.code in rates:
            rates[str(node.parent)] += rates[node.code]
    return dict(rates)


def _cases_of(session: Session, instrument_code: str, period: int) -> dict[UUID, Case]:
    statement = (
        select(Case)
        .join(CaseRound, CaseRound.id == Case.round_id)
        .join(InstrumentVersion, InstrumentVersion.id == CaseRound.instrument_version_id)
        .join(Instrument, Instrument.id == InstrumentVersion.instrument_id)
        .where(Instrument.code == instrument_code, CaseRound.period == period)
    )
    return {case.id: case for case in session.scalars(statement)}


def _submitted(session: Session, cases: Mapping[UUID, Case]) -> dict[UUID, dict[str, Any]]:
    rows = session.execute(
        select(CaseRevision.case_id, CaseRevision.answers)
        .where(CaseRevision.case_id.in_(list(cases)))
        .order_by(CaseRevision.number)
    )
    return dict(rows.all())  # the last revision wins


def _n_open(session: Session, cases: Mapping[UUID, Case]) -> dict[UUID, int]:
    rows = session.execute(
        select(Deviation.case_id, func.count())
        .where(Deviation.case_id.in_(list(cases)), Deviation.state == DeviationState.OPEN)
        .group_by(Deviation.case_id)
    )
    return dict(rows.all())


def _rates_of(session: Session, case: Case, answers: dict[str, Any] | None, n_open: int) -> FormRates:
    late = lateness(case.first_submitted_at, deadline_on=case.round.deadline_on, today=clock.today())
    form = questionnaire(session, version_id=case.round.instrument_version_id)
    checks = marks(form, answers) if answers is not None else ()
    return FormRates(
        n_cases=1,
        n_due=int(late is not Lateness.NOT_DUE),
        n_in_time=int(late is Lateness.FILED_IN_TIME),
        n_filed=int(answers is not None),
        n_checks=len(checks),
        met=float(sum(check.value for check in checks)),
        n_open=n_open,
    )
