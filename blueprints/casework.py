"""What the two offices share: send a form to units, fill it, follow it up. Each office is one blueprint."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from blueprints import case_filing, case_follow_up
from blueprints.access import actor, roles
from blueprints.case_access import (
    form_language,
    is_party,
    kind,
    nodes_of,
    round_to_read,
    translate,
    tree,
    units_of,
)
from blueprints.request_scope import session, settings
from forms.cases import EVERY, LEAVES, RoundForm, UnitsForm
from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.cases.enums import FormKind, Party
from surveyor.cases.policy import FILLERS, FOLLOWERS, READERS
from surveyor.cases.queries import case_rows, cases_of_round, leaders, round_rows
from surveyor.cases.services import Round, remind_late, send_round
from surveyor.cases.spec import DEVIATION_NAMES, EVENT_NAMES, LATENESS_NAMES, PATHS, STATE_NAMES
from surveyor.cases.workflow import WITH_UNIT
from surveyor.errors import InvalidInput
from surveyor.instruments.models import InstrumentVersion
from surveyor.instruments.queries import frozen_versions, questionnaire_of
from surveyor.units.spec import UnitNode

OVERSEERS = (*FOLLOWERS, Role.DIRECTOR)
_WORDS = {
    "state_names": STATE_NAMES,
    "lateness_names": LATENESS_NAMES,
    "event_names": EVENT_NAMES,
    "deviation_names": DEVIATION_NAMES,
    "with_unit": WITH_UNIT,
}


@dataclass(frozen=True)
class FormOffice:
    """What sets one office apart: its form, its name, and what it tells those who fill the form."""

    kind: FormKind
    title: LazyString
    purpose: LazyString

    @property
    def instrument_code(self) -> str:
        """The questionnaire of the catalogue that this office sends."""
        return self.kind.value


def office_blueprint(name: str, office: FormOffice) -> Blueprint:
    """A blueprint with every page of one office."""
    bp = Blueprint(name, __name__, url_prefix=PATHS[office.kind])
    bp.before_request(lambda: setattr(g, "office", office))
    bp.context_processor(lambda: {"office": office, "today": clock.today(), **_WORDS})
    for rule, view, method in (*_ROUTES, *case_filing.ROUTES, *case_follow_up.ROUTES):
        bp.add_url_rule(rule, view.__name__, view, methods=[method])
    return bp


@roles(*READERS)
def index() -> str:
    own = case_rows(session(), kind=kind(), units=units_of(*FILLERS))
    rounds = round_rows(session(), kind=kind(), units=units_of(*OVERSEERS))
    return render_template(
        "casework/index.html", own=own, rounds=rounds, is_unit=is_party(Party.UNIT),
        is_overseer=bool(units_of(*OVERSEERS)),
    )  # fmt: skip


@roles(*FOLLOWERS)
def plan() -> str:
    today = clock.today()
    codes = [node.code for node in _chosen()]
    start = {"period": today.year, "units": codes, "title": f"{g.office.title} {today.year}"}
    return _plan_page(RoundForm(versions=_versions(), units=_choices(_chosen()), data=start))


@roles(*FOLLOWERS)
def send() -> Response | tuple[str, int]:
    form = RoundForm(request.form, versions=_versions(), units=_choices(nodes_of(*FOLLOWERS)))
    try:
        if not form.validate():
            raise InvalidInput
        round_ = send_round(session(), settings(), plan=_planned(form), actor=actor(), translate=translate)
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        form.offer_units(_choices(_chosen(also=form.units.data or ())))
        return _plan_page(form), 422
    flash(_("Skjemaet er sendt ut."), "success")
    return redirect(url_for(".round_", round_id=round_.id))


@roles(*OVERSEERS)
def round_(round_id: UUID) -> str:
    found = round_to_read(round_id)
    units = units_of(*OVERSEERS)
    rows = case_rows(session(), kind=kind(), units=units, round_id=round_id)
    counts = next(row for row in round_rows(session(), kind=kind(), units=units) if row.id == round_id)
    return render_template(
        "casework/round.html", round=found, rows=rows, counts=counts, leaders=_leader_names()
    )


@roles(*FOLLOWERS)
def remind(round_id: UUID) -> Response:
    found = round_to_read(round_id)
    cases = cases_of_round(session(), round_id=round_id, units=units_of(*FOLLOWERS))
    n_mails = remind_late(
        session(), settings(), round_=found, cases=cases, actor=actor(), translate=translate
    )
    if n_mails:
        said = ngettext("%(num)s påminnelse er på vei.", "%(num)s påminnelser er på vei.", n_mails)
    else:
        said = _(
            "Ingen fikk påminnelse. De har alt fått en i dag, eller enheten har ingen leder å skrive til."
        )
    flash(said, "success" if n_mails else "info")
    return redirect(url_for(".round_", round_id=round_id))


def _plan_page(form: RoundForm) -> str:
    return render_template("casework/plan.html", form=form, choice=_units_form())


def _units_form() -> UnitsForm:
    nodes = nodes_of(*FOLLOWERS)
    units = [(node.code, f"{node.name} ({node.code})") for node in nodes]
    return UnitsForm(request.values, units=units, types=sorted({node.type for node in nodes}))


def _chosen(also: Collection[str] = ()) -> list[UnitNode]:
    """The units that the choice above the list leaves, for the list to tick, and those ticked already."""
    nodes, choice = nodes_of(*FOLLOWERS), _units_form()
    under = choice.under.data if choice.under.data in tree() else None
    below = set(tree().subtree_codes(under)) if under else {node.code for node in nodes}
    wanted = {node.code for node in nodes if node.code in below and _is_wanted(node, choice.type.data)}
    return [node for node in nodes if node.code in wanted or node.code in also]


def _is_wanted(node: UnitNode, wanted: str | None) -> bool:
    if wanted in (None, "None", LEAVES):
        return not tree().children[node.code]
    return wanted in (EVERY, node.type)


def _choices(nodes: list[UnitNode]) -> list[tuple[str, str]]:
    names, none = _leader_names(), _("ingen leder å varsle")
    return [(node.code, f"{node.name} ({node.code}) – {names[node.code] or none}") for node in nodes]


def _leader_names() -> dict[str, str]:
    found = leaders(session(), tree=tree())
    return {node.code: ", ".join(account.name for account in found[node.id]) for node in tree()}


def _frozen() -> list[InstrumentVersion]:
    """What can be sent: the newest version of every instrument, this office's own first."""
    newest = {each.instrument.code: each for each in reversed(frozen_versions(session()))}
    return sorted(newest.values(), key=lambda each: each.instrument.code != g.office.instrument_code)


def _versions() -> list[tuple[str, str]]:
    return [(str(version.id), _version_label(version)) for version in _frozen()]


def _version_label(version: InstrumentVersion) -> str:
    form = questionnaire_of(version)
    title = form.title_in(form_language(form))
    return str(_("%(title)s, versjon %(number)s", title=title, number=version.number))


def _planned(form: RoundForm) -> Round:
    version = next(each for each in _frozen() if str(each.id) == form.version.data)
    return Round(
        kind=kind(), title=form.title.data, version=version, period=form.period.data,
        deadline_on=form.deadline_on.data, unit_codes=form.units.data,
    )  # fmt: skip


_ROUTES = (
    ("/", index, "GET"),
    ("/send-ut", plan, "GET"),
    ("/send-ut", send, "POST"),
    ("/utsending/<uuid:round_id>", round_, "GET"),
    ("/utsending/<uuid:round_id>/paaminn", remind, "POST"),
)
