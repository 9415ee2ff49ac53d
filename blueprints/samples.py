"""A wave that asks a sample: how it was drawn, and the population's margins from a file."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from blueprints.access import actor, roles
from blueprints.filters import current_language
from blueprints.request_scope import session
from blueprints.result_figures import Labels
from blueprints.sample_words import margin_table
from blueprints.uploaded import uploaded_file
from blueprints.wave_access import managed_wave
from forms.samples import KINDS, MarginsForm, SampleForm
from surveyor.accounts.enums import Role
from surveyor.campaigns.enums import SampleKind
from surveyor.campaigns.margins import UNIT_VARIABLE, in_order, known_categories
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import sample_design, wave_tree
from surveyor.campaigns.samples import declare_sample, drop_sample, import_margins
from surveyor.errors import InvalidInput
from surveyor.instruments.queries import questionnaire_of

bp = Blueprint("samples", __name__, url_prefix="/undersokelser/<code>/utvalg")


@bp.get("")
@roles(Role.SURVEY_ADMIN)
def show(code: str) -> str:
    return _page(managed_wave(code))


@bp.post("")
@roles(Role.SURVEY_ADMIN)
def declare(code: str) -> Response | tuple[str, int]:
    wave, form, file = managed_wave(code), SampleForm(request.form), request.files.get("file")
    content = file.read() if file and file.filename else None
    try:
        form.validate_or_refuse()
        declare_sample(
            session(), wave=wave, kind=SampleKind(form.kind.data), n_population=form.n_population.data,
            n_clusters=form.n_clusters.data, file=content, filename=file.filename or "" if file else "",
            actor=actor(),
        )  # fmt: skip
    except InvalidInput as refused:
        form.add_problems(one for one in refused.problems if one.field)
        return _page(wave, form=form, problems=[one for one in refused.problems if not one.field]), 422
    flash(_("Utvalget er lagret."), "success")
    return redirect(url_for("samples.show", code=code))


@bp.post("/fordelinger")
@roles(Role.SURVEY_ADMIN)
def import_file(code: str) -> Response | tuple[str, int]:
    wave = managed_wave(code)
    try:
        content, filename = uploaded_file("margins")
        import_margins(session(), wave=wave, file=content, filename=filename, actor=actor())
    except InvalidInput as refused:
        return _page(wave, problems=refused.problems), 422
    flash(_("Fordelingene er lest inn."), "success")
    return redirect(url_for("samples.show", code=code))


@bp.post("/fjern")
@roles(Role.SURVEY_ADMIN)
def drop(code: str) -> Response:
    drop_sample(session(), wave=managed_wave(code), actor=actor())
    flash(_("Målingen har ikke lenger et utvalg."), "success")
    return redirect(url_for("campaigns.show", code=code))


def _page(wave: Wave, *, form: SampleForm | None = None, problems: object = ()) -> str:
    design, tree = sample_design(session(), wave_id=wave.id), wave_tree(session(), wave=wave)
    asked = questionnaire_of(wave.instrument_version)
    labels = Labels(asked, current_language())
    every = known_categories(asked, tree)
    known = {name: codes for name, codes in every.items() if name != UNIT_VARIABLE}
    return render_template(
        "campaigns/sample.html", wave=wave, design=design, tree=tree, form=form or SampleForm(obj=design),
        margins_form=MarginsForm(), problems=problems, kinds=KINDS, known=known, labels=labels,
        margins=margin_table(in_order(design.margins, every) if design else {}, labels, tree),
    )  # fmt: skip
