"""A series past a reorganisation: a wave's figures for units of a later one, looked at, then stored."""

import json
from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from blueprints.access import actor, granted_units, roles
from blueprints.filters import day
from blueprints.request_scope import session
from blueprints.result_access import tree_on
from blueprints.result_frame import title_of
from blueprints.uploaded import uploaded_file
from forms.restatements import ConfirmForm, LaterForm, MappingForm
from surveyor.accounts.enums import Role
from surveyor.campaigns.queries import wave_by_code
from surveyor.errors import N_, InvalidInput, Problem, Refused
from surveyor.releases.mapping import Pairs, read_mapping
from surveyor.releases.queries import release_tree, released_waves
from surveyor.releases.restatements import later_waves, preview_restatement, restatements
from surveyor.releases.services import restate_release
from surveyor.releases.spec import WaveRelease

bp = Blueprint("restatements", __name__, url_prefix="/kvalitet/<wave_code>/regn-om")
KEEPERS = (Role.CONTROLLER, Role.SURVEY_ADMIN)


@bp.get("")
@roles(*KEEPERS)
def show(wave_code: str) -> str:
    return _page(_wave(wave_code))


@bp.post("/forhandsvis")
@roles(*KEEPERS)
def preview(wave_code: str) -> str | tuple[str, int]:
    wave = _wave(wave_code)
    form = MappingForm(request.form, choices=_choices(wave))
    if not form.validate():
        return _page(wave, form=form), 422
    try:
        pairs = _pairs()
        units = preview_restatement(session(), wave_id=wave.wave_id, later_code=form.later.data, pairs=pairs)
    except (InvalidInput, Refused) as refused:
        return _page(wave, form=form, problems=refused.problems), 422
    mapping = json.dumps([[pair.before, pair.now] for pair in pairs])
    confirm = ConfirmForm(data={"later": form.later.data, "mapping": mapping}, choices=_choices(wave))
    return _page(wave, form=form, units=units, confirm=confirm)


@bp.post("")
@roles(*KEEPERS)
def restate(wave_code: str) -> Response | tuple[str, int]:
    wave = _wave(wave_code)
    form = ConfirmForm(request.form, choices=_choices(wave))
    try:
        form.validate_or_refuse()
        restate_release(
            session(), wave=wave_by_code(session(), code=wave_code),
            later=wave_by_code(session(), code=form.later.data), pairs=form.pairs, actor=actor(),
        )  # fmt: skip
    except (InvalidInput, Refused) as refused:
        return _page(wave, problems=refused.problems or [Problem(N_("Velg filen på nytt."))]), 422
    flash(_("Tallene er regnet om. De står under Over tid i den senere målingen."), "success")
    return redirect(url_for("restatements.show", wave_code=wave_code))


def _pairs() -> Pairs:
    """What the uploaded file says; raises InvalidInput."""
    return read_mapping(*uploaded_file())


def _wave(code: str) -> WaveRelease:
    """The released wave; 404 unless one answers for the whole of it."""
    found = next((one for one in released_waves(session()) if one.wave_code == code), None)
    return found if found and _keeps(found) else abort(404)


def _keeps(wave: WaveRelease) -> bool:
    roots = {node.code for node in release_tree(session(), wave_id=wave.wave_id) if node.parent is None}
    return roots <= granted_units(*KEEPERS, tree=tree_on(wave.opens))


def _choices(wave: WaveRelease) -> list[tuple[str, str]]:
    """Later waves one answers for, the newest first."""
    waves = [one for one in later_waves(session(), wave=wave) if _keeps(one)]
    return [(one.wave_code, f"{one.wave_code} ({day(one.closes)})") for one in waves]


def _page(
    wave: WaveRelease, *, form: LaterForm | None = None, problems: Sequence[Problem] = (), **shown: object
) -> str:
    choices = _choices(wave)
    trees = {one.wave_code: release_tree(session(), wave_id=one.wave_id) for one in later_waves(
        session(), wave=wave
    )}  # fmt: skip
    return render_template(
        "quality/restate.html", wave=wave, title=title_of(wave), form=form or MappingForm(choices=choices),
        choices=choices, problems=problems, trees=trees, tree=release_tree(session(), wave_id=wave.wave_id),
        done=restatements(session(), wave_id=wave.wave_id), **shown,
    )  # fmt: skip
