"""Which cases the signed-in account may see and act on: row by row, by the unit of the case."""

from collections.abc import Collection
from typing import cast
from uuid import UUID

from flask import abort, g
from flask_babel import force_locale, gettext

from blueprints.access import granted_units, unit_tree
from blueprints.filters import current_language
from blueprints.languages import LANGUAGES
from blueprints.request_scope import session
from surveyor.accounts.enums import Role
from surveyor.cases.enums import CaseStep, FormKind, Party
from surveyor.cases.models import Action, Case, CaseRound, Deviation
from surveyor.cases.policy import FILLERS, FOLLOWERS, READERS, Scopes, may_read, parties
from surveyor.cases.queries import action_by_id, case_by_id, deviation_by_id, round_by_id, round_rows
from surveyor.cases.workflow import who_takes
from surveyor.instruments.queries import questionnaire
from surveyor.instruments.spec import Questionnaire
from surveyor.units.queries import unit_codes
from surveyor.units.spec import UnitNode, UnitTree


def tree() -> UnitTree:
    """Today's tree, read once a request."""
    if "case_tree" not in g:
        g.case_tree = unit_tree()
    return cast(UnitTree, g.case_tree)


def kind() -> FormKind:
    """The room this request is in."""
    return cast(FormKind, g.office.kind)


def scopes() -> Scopes:
    """Units by role, read once a request; who holds a role on the root sees units of earlier years too."""
    if "case_scopes" not in g:
        g.case_scopes = {role: _units(role) for role in READERS}
    return cast(Scopes, g.case_scopes)


def _units(role: Role) -> frozenset[UUID]:
    codes = granted_units(role, tree=tree())
    root = tree().root
    if root and root.code in codes:
        return frozenset(unit_codes(session()))
    return frozenset(tree().nodes[code].id for code in codes)


def units_of(*roles: Role) -> frozenset[UUID]:
    """Every unit on which the account holds one of these roles."""
    return frozenset[UUID]().union(*(scopes()[role] for role in roles))


def nodes_of(*roles: Role) -> list[UnitNode]:
    """The units of today's tree among them, in the order of the tree."""
    ids = units_of(*roles)
    return [node for node in tree() if node.id in ids]


def within(code: str | None, units: Collection[UUID]) -> frozenset[UUID]:
    """Those of the units that lie at or below a unit; all of them when none is named."""
    if not code or code not in tree():
        return frozenset(units)
    below = {tree().nodes[each].id for each in tree().subtree_codes(code)}
    return frozenset(below & set(units))


def is_party(party: Party) -> bool:
    """Whether the account stands on this side of any unit's cases."""
    return bool(units_of(*(FILLERS if party is Party.UNIT else FOLLOWERS)))


def case_to_read(case_id: UUID) -> Case:
    """A case of this room that the account may see; 404 otherwise."""
    case = case_by_id(session(), case_id=case_id)
    if case.round.kind is not kind() or not may_read(scopes(), case.unit_id):
        abort(404)
    return case


def case_for(case_id: UUID, step: CaseStep) -> Case:
    """A case on which the account stands on the side that takes this step; 404 unseen, 403 otherwise."""
    case = case_to_read(case_id)
    if who_takes(step) not in sides(case):
        abort(403)
    return case


def sides(case: Case) -> frozenset[Party]:
    """On which sides of a case the account stands."""
    return parties(scopes(), case.unit_id)


def round_to_read(round_id: UUID) -> CaseRound:
    """A round of this room with a case that the account follows or oversees; 404 otherwise."""
    round_ = round_by_id(session(), round_id=round_id)
    units = units_of(*FOLLOWERS, Role.DIRECTOR)
    seen = {row.id for row in round_rows(session(), kind=kind(), units=units)}
    if round_id not in seen:
        abort(404)
    return round_


def deviation_to_read(deviation_id: UUID) -> tuple[Deviation, Case]:
    """A deviation of a case that the account may see; 404 otherwise."""
    deviation, case = deviation_by_id(session(), deviation_id=deviation_id)
    case_to_read(case.id)
    return deviation, case


def deviation_for(deviation_id: UUID, *allowed: Party) -> tuple[Deviation, Case]:
    """A deviation of a case on one of whose sides the account stands; 404 unseen, 403 otherwise."""
    deviation, case = deviation_to_read(deviation_id)
    if not sides(case) & set(allowed):
        abort(403)
    return deviation, case


def action_for(action_id: UUID) -> tuple[Action, Deviation, Case]:
    """An action that the account may change; 404 unseen, 403 otherwise."""
    action, deviation, _case = action_by_id(session(), action_id=action_id)
    return action, *deviation_for(deviation.id, *Party)


def form_of(case: Case) -> Questionnaire:
    """The questionnaire a case is filed on."""
    return questionnaire(session(), version_id=case.round.instrument_version_id)


def form_language(form: Questionnaire) -> str:
    """The page's language if the questionnaire has it, else the questionnaire's own."""
    language = current_language()
    return language if language in form.languages else form.default_language


def translate(language: str, message: str) -> str:
    """A message of a mail in the language of its reader."""
    with force_locale(language if language in LANGUAGES else "nb"):
        return str(gettext(message))
