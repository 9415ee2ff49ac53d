"""Deviations and actions: the list, one deviation, and each change."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from blueprints.access import actor, roles
from blueprints.case_access import (
    action_for,
    deviation_for,
    deviation_to_read,
    kind,
    nodes_of,
    sides,
    units_of,
    within,
)
from blueprints.request_scope import session
from forms.cases import ALL, CLOSED, LATE, OPEN, ActionForm, DeviationsForm
from surveyor import clock
from surveyor.cases.deviations import (
    add_action,
    change_action,
    close_deviation,
    complete_action,
    is_ready_to_close,
)
from surveyor.cases.enums import DeviationState, Party
from surveyor.cases.models import Case, Deviation
from surveyor.cases.policy import FILLERS, FOLLOWERS, READERS
from surveyor.cases.queries import case_row, deviation_rows
from surveyor.cases.spec import DeviationRow
from surveyor.errors import InvalidInput

Result = Response | tuple[str, int]
CHANGERS = (*FILLERS, *FOLLOWERS)


@roles(*READERS)
def deviations() -> str:
    nodes = nodes_of(*READERS)
    units = [("", _("Alle jeg kan se")), *((node.code, f"{node.name} ({node.code})") for node in nodes)]
    form = DeviationsForm(request.args, units=units)
    wanted = form.validate() and form.state.data or OPEN
    form.state.data = wanted
    rows = deviation_rows(session(), kind=kind(), units=within(form.under.data, units_of(*READERS)))
    shown = [row for row in rows if _is_wanted(row, wanted)]
    return render_template("casework/deviations.html", form=form, rows=shown)


@roles(*READERS)
def deviation(deviation_id: UUID) -> str:
    return _deviation_page(*deviation_to_read(deviation_id), ActionForm())


@roles(*CHANGERS)
def new_action(deviation_id: UUID) -> Result:
    found, case = deviation_for(deviation_id, *Party)
    form = ActionForm(request.form)
    try:
        if not form.validate():
            raise InvalidInput
        add_action(session(), deviation=found, actor=actor(), **form.data)
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _deviation_page(found, case, form), 422
    flash(_("Tiltaket er lagt til."), "success")
    return redirect(url_for(".deviation", deviation_id=deviation_id))


@roles(*CHANGERS)
def action(action_id: UUID) -> str:
    found, parent, case = action_for(action_id)
    form = ActionForm(data={"what": found.what, "owner": found.owner, "due_on": found.due_on})
    return render_template("casework/action.html", action=found, deviation=parent, case=case, form=form)


@roles(*CHANGERS)
def edit_action(action_id: UUID) -> Result:
    found, parent, case = action_for(action_id)
    form = ActionForm(request.form)
    try:
        if not form.validate():
            raise InvalidInput
        change_action(session(), action=found, deviation=parent, actor=actor(), **form.data)
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return render_template(
            "casework/action.html", action=found, deviation=parent, case=case, form=form
        ), 422
    flash(_("Tiltaket er endret."), "success")
    return redirect(url_for(".deviation", deviation_id=parent.id))


@roles(*CHANGERS)
def finish_action(action_id: UUID) -> Response:
    found, parent, _case = action_for(action_id)
    complete_action(session(), action=found, deviation=parent, actor=actor())
    flash(_("Tiltaket er utført."), "success")
    return redirect(url_for(".deviation", deviation_id=parent.id))


@roles(*FOLLOWERS)
def close(deviation_id: UUID) -> Response:
    found, _case = deviation_for(deviation_id, Party.CONTROLLER)
    close_deviation(session(), deviation=found, actor=actor())
    flash(_("Avviket er lukket."), "success")
    return redirect(url_for(".deviation", deviation_id=deviation_id))


def _deviation_page(found: Deviation, case: Case, form: ActionForm) -> str:
    is_open = found.state is DeviationState.OPEN
    return render_template(
        "casework/deviation.html", deviation=found, case=case, row=case_row(session(), case=case), form=form,
        may_change=is_open and bool(sides(case)), today=clock.today(),
        may_close=is_ready_to_close(found) and Party.CONTROLLER in sides(case),
    )  # fmt: skip


def _is_wanted(row: DeviationRow, wanted: str) -> bool:
    is_open = row.state is DeviationState.OPEN
    return {OPEN: is_open, CLOSED: not is_open, LATE: is_open and row.n_late_actions > 0, ALL: True}[wanted]


ROUTES = (
    ("/avvik", deviations, "GET"),
    ("/avvik/<uuid:deviation_id>", deviation, "GET"),
    ("/avvik/<uuid:deviation_id>/tiltak", new_action, "POST"),
    ("/avvik/<uuid:deviation_id>/lukk", close, "POST"),
    ("/tiltak/<uuid:action_id>", action, "GET"),
    ("/tiltak/<uuid:action_id>", edit_action, "POST"),
    ("/tiltak/<uuid:action_id>/utfort", finish_action, "POST"),
)
