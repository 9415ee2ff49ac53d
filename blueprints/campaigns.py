"""Waves: planned, checked, launched, followed and closed."""

from collections import Counter

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from blueprints.access import account, actor, granted_units, roles
from blueprints.errors import translate
from blueprints.filters import current_language
from blueprints.languages import LANGUAGES
from blueprints.request_scope import session, settings
from blueprints.unit_choices import indented
from blueprints.wave_access import managed_wave, may_manage, may_read, read_wave
from forms.campaigns import AUDIENCES, ClosingForm, NewWaveForm, PlanForm
from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.campaigns import approvals, queries, services
from surveyor.campaigns.enums import Audience, WaveState
from surveyor.campaigns.models import K_FLOOR_MEAN, K_FLOOR_SPREAD, Wave
from surveyor.errors import InvalidInput
from surveyor.fieldwork.asking import live_rates
from surveyor.fieldwork.keying import n_waiting_at_least
from surveyor.fieldwork.launch import launch_wave, planned_launch
from surveyor.instruments.queries import newest_versions, questionnaire_of
from surveyor.invitations.letters import qr_data_uri
from surveyor.invitations.queries import frame_size
from surveyor.invitations.wording import open_address
from surveyor.units.queries import tree_in_force

bp = Blueprint("campaigns", __name__, url_prefix="/undersokelser")
READERS = (Role.SURVEY_ADMIN, Role.HR)
STATES = {
    WaveState.PLANNED: (lazy_gettext("Planlagt"), "warning"),
    WaveState.OPEN: (lazy_gettext("Åpen"), "success"),
    WaveState.CLOSING: (lazy_gettext("Avsluttes"), "info"),
    WaveState.CLOSED: (lazy_gettext("Avsluttet"), "neutral"),
}


@bp.get("/")
@roles(*READERS)
def index() -> str:
    found = [wave for wave in queries.waves(session()) if may_read(wave)]
    return render_template("campaigns/index.html", waves=found, **_words())


@bp.get("/ny")
@roles(Role.SURVEY_ADMIN)
def new() -> str:
    today = clock.today()
    given = {"opens": today, "k_mean": K_FLOOR_MEAN, "k_spread": K_FLOOR_SPREAD}
    return render_template("campaigns/new.html", form=NewWaveForm(data=given, **_choices()), **_words())


@bp.post("/ny")
@roles(Role.SURVEY_ADMIN)
def create() -> Response | tuple[str, int]:
    form = NewWaveForm(request.form, **_choices())
    if form.validate():
        try:
            return _created(form)
        except InvalidInput as refused:
            form.add_problems(refused.problems)
    return render_template("campaigns/new.html", form=form, **_words()), 422


def _created(form: NewWaveForm) -> Response:
    plan = form.plan(_own_units())
    wave = services.create_wave(
        session(), settings(), code=form.code.data, survey=form.survey.data or None,
        instrument=form.instrument.data, audience=Audience(form.audience.data), opens=plan.opens,
        closes=plan.closes, units=plan.units, k_mean=plan.k_mean, k_spread=plan.k_spread, actor=actor(),
        two_approvers=plan.two_approvers,
        title=form.title.data or None, simulated=settings().demo, open_link=plan.open_link or None,
    )  # fmt: skip
    flash(_("Målingen er planlagt. Les inn deltakerne, eller gå til kontrollen."), "success")
    return _to(wave)


@bp.get("/<code>")
@roles(*READERS)
def show(code: str) -> str:
    return _page(code, ClosingForm())


def _page(code: str, form: ClosingForm) -> str:
    wave = read_wave(code)
    address = open_address(settings(), wave)
    questionnaire = questionnaire_of(wave.instrument_version)
    asked = questionnaire.title_in(current_language())
    return render_template(
        "campaigns/show.html", wave=wave, tree=queries.wave_tree(session(), wave=wave), form=form,
        frame=frame_size(session(), wave_id=wave.id), rates=live_rates(session(), wave=wave), address=address,
        square=qr_data_uri(address), may_manage=may_manage(wave), today=clock.today(), asked=asked,
        design=queries.sample_design(session(), wave_id=wave.id),
        waiting=n_waiting_at_least(session(), wave_id=wave.id), languages=questionnaire.languages,
        language_name=lambda code: LANGUAGES.get(code, code),
        thanks=queries.sends_thanks(session(), wave_id=wave.id), me=account().id,
        approvers=queries.opening_approvers(session(), wave_id=wave.id),
        is_personnel=wave.audience is Audience.EMPLOYEE,
        **_words(),
    )  # fmt: skip


@bp.get("/<code>/rediger")
@roles(Role.SURVEY_ADMIN)
def edit(code: str) -> str:
    wave = managed_wave(code)
    given = {"instrument": wave.instrument_version.instrument.code, "units": wave.scope}
    form = PlanForm(obj=wave, data=given, **_choices())
    return render_template("campaigns/edit.html", form=form, wave=wave, **_words())


@bp.post("/<code>/rediger")
@roles(Role.SURVEY_ADMIN)
def change(code: str) -> Response | tuple[str, int]:
    wave = managed_wave(code)
    form = PlanForm(request.form, **_choices())
    if form.validate():
        try:
            return _changed(wave, form)
        except InvalidInput as refused:
            form.add_problems(refused.problems)
    return render_template("campaigns/edit.html", form=form, wave=wave, **_words()), 422


def _changed(wave: Wave, form: PlanForm) -> Response:
    plan = form.plan(_own_units())
    services.edit_wave(session(), wave=wave, plan=plan, instrument=form.instrument.data, actor=actor())
    flash(_("Planen er lagret."), "success")
    return _to(wave)


@bp.post("/<code>/slett")
@roles(Role.SURVEY_ADMIN)
def delete(code: str) -> Response:
    services.delete_wave(session(), wave=managed_wave(code), actor=actor())
    flash(_("Den planlagte målingen er slettet."), "success")
    return redirect(url_for("campaigns.index"))


@bp.get("/<code>/kontroll")
@roles(Role.SURVEY_ADMIN)
def check(code: str) -> str | Response:
    wave = managed_wave(code)
    if wave.state is not WaveState.PLANNED:
        return _to(wave)
    plan = planned_launch(session(), settings(), wave=wave)
    tree = queries.wave_tree(session(), wave=wave)
    return render_template("campaigns/check.html", wave=wave, plan=plan, tree=tree, **_words())


@bp.post("/<code>/start")
@roles(Role.SURVEY_ADMIN)
def launch(code: str) -> Response:
    wave = managed_wave(code)
    report = launch_wave(session(), settings(), wave=wave, actor=actor())
    flash(_("Målingen er startet. %(n)s er invitert.", n=report.n_invited), "success")
    for warning in report.warnings:
        flash(translate(warning), "info")
    return _to(wave)


@bp.post("/<code>/flytt-slutt")
@roles(Role.SURVEY_ADMIN)
def move_closing(code: str) -> Response | tuple[str, int]:
    wave, form = managed_wave(code), ClosingForm(request.form)
    if form.validate():
        try:
            services.move_closing(session(), wave=wave, closes=form.closes.data, actor=actor())
        except InvalidInput as refused:
            form.add_problems(refused.problems)
        else:
            flash(_("Siste dag å svare er flyttet."), "success")
            return _to(wave)
    return _page(code, form), 422


@bp.post("/<code>/avslutt")
@roles(Role.SURVEY_ADMIN)
def close(code: str) -> Response:
    services.order_closing(session(), wave=managed_wave(code), actor=actor())
    return redirect(url_for("campaigns.closing", code=code))


@bp.post("/<code>/godkjenn")
@roles(*READERS)
def approve(code: str) -> Response:
    wave = read_wave(code)
    if approvals.approve_opening(session(), wave=wave, account_id=account().id, actor=actor()):
        flash(_("To har godkjent. Målingen avsluttes nå."), "success")
    else:
        flash(_("Godkjenningen er lagret. Nå må én til godkjenne."), "success")
    return _to(wave)


@bp.post("/<code>/trekk-godkjenning")
@roles(*READERS)
def withdraw_approval(code: str) -> Response:
    wave = read_wave(code)
    approvals.withdraw_approval(session(), wave=wave, account_id=account().id, actor=actor())
    flash(_("Godkjenningen din er trukket."), "success")
    return _to(wave)


@bp.get("/<code>/avslutning")
@roles(Role.SURVEY_ADMIN)
def closing(code: str) -> str:
    wave = managed_wave(code)
    job = queries.closing_job(session(), wave=wave)
    return render_template("campaigns/closing.html", wave=wave, job=job, **_words())


def _to(wave: Wave) -> Response:
    return redirect(url_for("campaigns.show", code=wave.code))


def _words() -> dict[str, object]:
    return {"states": STATES, "audiences": AUDIENCES}


def _choices() -> dict[str, list[tuple[str, str]]]:
    """Questionnaires by title, and today's units under the account's grants, indented as the tree."""
    language = current_language()
    titles = {v.instrument.code: questionnaire_of(v).title_in(language) for v in newest_versions(session())}
    twice = {title for title, n in Counter(titles.values()).items() if n > 1}
    instruments = [(code, f"{title} ({code})" if title in twice else title) for code, title in titles.items()]
    tree = tree_in_force(session(), clock.today())
    granted = granted_units(Role.SURVEY_ADMIN, tree=tree)
    units = indented([node for node in tree if node.code in granted], path=tree.path)
    return {"instruments": instruments, "units": units}


def _own_units() -> list[str]:
    """The uppermost units of the account's grants."""
    tree = tree_in_force(session(), clock.today())
    granted = granted_units(Role.SURVEY_ADMIN, tree=tree)
    return [node.code for node in tree if node.code in granted and node.parent not in granted]
