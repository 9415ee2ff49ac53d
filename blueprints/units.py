"""The unit tree: as of a day, imported from a file, reorganised by hand."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from blueprints.access import actor, roles
from blueprints.request_scope import session
from blueprints.uploaded import uploaded_file
from forms.units import DayForm, ImportForm, MergeForm, MoveForm, RenameForm, SplitForm
from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.errors import N_, InvalidInput, NotFound, Problem
from surveyor.units.queries import tree_as_of, tree_days, unit_codes, unit_history
from surveyor.units.services import import_units, merge_units, move_unit, rename_unit, split_unit
from surveyor.units.spec import ImportReport, UnitTree

bp = Blueprint("units", __name__, url_prefix="/enheter")
Forms: TypeAlias = Mapping[str, MoveForm | RenameForm | MergeForm | SplitForm]
READERS = (Role.ADMIN, Role.SURVEY_ADMIN, Role.HR, Role.CONTROLLER, Role.SCORECARD_OFFICE)


@bp.get("/")
@roles(*READERS)
def index() -> str:
    form = DayForm(request.args)
    day = (form.validate() and form.on.data) or clock.today()
    form.on.data = day
    tree = tree_as_of(session(), day)
    return render_template("units/index.html", form=form, tree=tree, day=day, days=tree_days(session()))


@bp.get("/les-inn")
@roles(Role.ADMIN)
def upload() -> str:
    return render_template("units/upload.html", form=ImportForm(data={"on": clock.today()}), problems=())


@bp.post("/les-inn")
@roles(Role.ADMIN)
def import_file() -> Response | tuple[str, int]:
    form = ImportForm(request.form)
    try:
        form.validate_or_refuse()
        content, filename = uploaded_file()
        report = import_units(session(), file=content, filename=filename, on=form.on.data, actor=actor())
    except InvalidInput as refused:
        return render_template("units/upload.html", form=form, problems=refused.problems), 422
    return _told(report)


@bp.get("/<code>")
@roles(*READERS)
def show(code: str) -> str:
    tree = tree_as_of(session(), clock.today())
    return _page(tree, code, _forms(tree, code))


@bp.post("/<code>/flytt")
@roles(Role.ADMIN)
def move(code: str) -> Response | tuple[str, int]:
    def act(form: MoveForm) -> ImportReport:
        return move_unit(session(), code=code, parent=form.parent.data, on=_day(form.on.data), actor=actor())

    return _change("move", code, act)


@bp.post("/<code>/endre")
@roles(Role.ADMIN)
def rename(code: str) -> Response | tuple[str, int]:
    def act(form: RenameForm) -> ImportReport:
        return rename_unit(
            session(), code=code, name=form.name.data, type_=form.type.data, on=_day(form.on.data),
            actor=actor(),
        )  # fmt: skip

    return _change("rename", code, act)


@bp.post("/<code>/slaa-sammen")
@roles(Role.ADMIN)
def merge(code: str) -> Response | tuple[str, int]:
    def act(form: MergeForm) -> ImportReport:
        return merge_units(
            session(), sources=[code, *form.others.data], code=form.code.data, name=form.name.data,
            on=_day(form.on.data), actor=actor(),
        )  # fmt: skip

    return _change("merge", code, act)


@bp.post("/<code>/del")
@roles(Role.ADMIN)
def split(code: str) -> Response | tuple[str, int]:
    def act(form: SplitForm) -> ImportReport:
        return split_unit(session(), code=code, into=form.part_list(), on=_day(form.on.data), actor=actor())

    return _change("split", code, act)


def _change(kind: str, code: str, act: Callable[[Any], ImportReport]) -> Response | tuple[str, int]:
    """Do what a form says, or show it again as filled in; raises NotFound for a unit that has ended."""
    tree = tree_as_of(session(), clock.today())
    forms = _forms(tree, code, posted=kind)
    if not forms:
        raise NotFound(N_("Det finnes ingen enhet med koden %(code)s."), code=code)
    if not forms[kind].validate():
        return _page(tree, code, forms, opened=kind), 422
    try:
        return _told(act(forms[kind]))
    except InvalidInput as refused:
        return _page(tree, code, forms, opened=kind, problems=refused.problems), 422


def _page(
    tree: UnitTree, code: str, forms: Forms, *, opened: str = "", problems: Sequence[Problem] = ()
) -> str:
    versions, steps = unit_history(session(), code)
    names = unit_codes(session()) | {node.id: f"{node.name} ({node.code})" for node in tree}
    return render_template(
        "units/show.html", code=code, versions=versions, steps=steps, names=names, tree=tree, forms=forms,
        opened=opened, problems=problems,
    )  # fmt: skip


def _forms(tree: UnitTree, code: str, *, posted: str = "") -> Forms:
    """The forms of a unit that stands in today's tree; none for one that has ended."""
    if code not in tree:
        return {}
    node, today = tree.nodes[code], clock.today()
    below = set(tree.subtree_codes(code))
    others = sorted((n for n in tree if n.code not in below), key=lambda n: (n.type != node.type, n.name))
    choices = [(n.code, f"{n.name} ({n.code})") for n in others]
    above = {one.code for one in tree.path(code)}
    values = {kind: request.form if kind == posted else None for kind in ("move", "rename", "merge", "split")}
    forms: Forms = {
        "move": MoveForm(values["move"], choices=choices, today=today),
        "rename": RenameForm(
            values["rename"], today=today, data={"on": today, "name": node.name, "type": node.type}
        ),
        "merge": MergeForm(values["merge"], choices=[c for c in choices if c[0] not in above], today=today),
        "split": SplitForm(values["split"], today=today),
    }
    for kind, form in forms.items():
        form.name_apart(kind)
    return forms


def _day(day: date | None) -> date:
    return day or clock.today()


def _told(report: ImportReport) -> Response:
    flash(
        _(
            "Enhetstreet er lagret: %(n_started)s nye, %(n_ended)s avsluttet, %(n_moved)s flyttet, "
            "%(n_changed)s endret.",
            **report.counts,
        ),
        "success",
    )
    return redirect(url_for("units.index", on=report.on))
