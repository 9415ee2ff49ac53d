"""Indicators: what is measured, and values out of releases, forms, files and hands."""

from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from blueprints.access import actor, granted_units, roles, unit_tree
from blueprints.card_access import holds_everywhere, require_everywhere, writable
from blueprints.errors import translate
from blueprints.filters import current_language
from blueprints.request_scope import session
from blueprints.uploaded import uploaded_file
from forms.indicators import CountForm, ImportForm, IndicatorForm, PeriodForm, ValueForm
from surveyor import clock
from surveyor.accounts.enums import Role
from surveyor.errors import InvalidInput, Problem
from surveyor.indicators import queries, services
from surveyor.indicators.models import Indicator
from surveyor.indicators.naming import MEASURE_NAMES, form_title, known_sources, source_name
from surveyor.indicators.recording import is_entered
from surveyor.indicators.sources import CSV, MANUAL
from surveyor.indicators.spec import PERSPECTIVE_NAMES
from surveyor.releases.queries import released_waves
from surveyor.scorecards.queries import is_on_card
from surveyor.scorecards.spec import norwegian_order

bp = Blueprint("indicators", __name__, url_prefix="/indikatorer")
OFFICE = (Role.SCORECARD_OFFICE,)
PUBLISHERS = (Role.SCORECARD_OFFICE, Role.SURVEY_ADMIN)
COUNTERS = (Role.SCORECARD_OFFICE, Role.CONTROLLER)
READERS = (Role.SCORECARD_OFFICE, Role.SURVEY_ADMIN, Role.CONTROLLER)
Failed = tuple[str, int]


@bp.get("/")
@roles(*READERS)
def index() -> str:
    return render_template(
        "indicators/index.html",
        indicators=queries.indicators(session()),
        perspectives=PERSPECTIVE_NAMES,
        waves=released_waves(session()),
        published=queries.published_releases(session()),
        count_form=_count_form(),
        may_define=holds_everywhere(*OFFICE),
        entered=is_entered,
        called=_called,
    )


@bp.get("/les-inn")
@roles(*OFFICE)
def upload() -> str:
    return render_template("indicators/upload.html", form=ImportForm(), problems=())


@bp.post("/les-inn")
@roles(*OFFICE)
def import_file() -> Response | Failed:
    require_everywhere(*OFFICE)
    try:
        content, filename = uploaded_file()
        report = services.import_indicators(session(), file=content, filename=filename, actor=actor())
    except InvalidInput as refused:
        return render_template("indicators/upload.html", form=ImportForm(), problems=refused.problems), 422
    return _told(report.lines)


@bp.get("/ny")
@roles(*OFFICE)
def new() -> str:
    return _edit_page(_form(), None)


@bp.post("/ny")
@roles(*OFFICE)
def create() -> Response | Failed:
    require_everywhere(*OFFICE)
    return _saved(_form(), None)


@bp.get("/rediger/<code>")
@roles(*OFFICE)
def edit(code: str) -> str:
    indicator = queries.indicator_by_code(session(), code=code)
    return _edit_page(_form(indicator), indicator)


@bp.post("/rediger/<code>")
@roles(*OFFICE)
def change(code: str) -> Response | Failed:
    require_everywhere(*OFFICE)
    return _saved(_form(), queries.indicator_by_code(session(), code=code))


@bp.post("/slett/<code>")
@roles(*OFFICE)
def delete(code: str) -> Response:
    require_everywhere(*OFFICE)
    indicator = queries.indicator_by_code(session(), code=code)
    used = is_on_card(session(), indicator_id=indicator.id)
    services.delete_indicator(session(), code=code, is_on_card=used, actor=actor())
    flash(_("Indikatoren er slettet."), "success")
    return _to_index()


@bp.get("/verdier/<code>")
@roles(*OFFICE)
def values(code: str) -> str:
    indicator = queries.indicator_by_code(session(), code=code)
    return _values_page(indicator, ValueForm(units=_writable_choices(), data={"period": _period()}))


@bp.post("/verdier/<code>")
@roles(*OFFICE)
def record_value(code: str) -> Response | Failed:
    indicator = queries.indicator_by_code(session(), code=code)
    form = ValueForm(request.form, units=_writable_choices())
    if not form.validate():
        return _values_page(indicator, form), 422
    services.record_manual_value(
        session(), indicator_code=code, unit_code=form.unit.data, period=form.period.data,
        value=cast(float, form.value.data), actor=actor(),
    )  # fmt: skip
    flash(_("Verdien er ført."), "success")
    return redirect(url_for("indicators.values", code=code, period=form.period.data))


@bp.get("/les-inn-verdier")
@roles(*OFFICE)
def upload_values() -> str:
    return render_template("indicators/upload_values.html", form=ImportForm(), problems=())


@bp.post("/les-inn-verdier")
@roles(*OFFICE)
def import_values() -> Response | Failed:
    try:
        content, filename = uploaded_file()
        report = services.import_values(
            session(), file=content, filename=filename, actor=actor(), units=writable(*OFFICE)
        )
    except InvalidInput as refused:
        page = render_template("indicators/upload_values.html", form=ImportForm(), problems=refused.problems)
        return page, 422
    return _told(report.lines)


@bp.post("/foer-maaling/<code>")
@roles(*PUBLISHERS)
def publish(code: str) -> Response:
    units = writable(*PUBLISHERS)
    return _told(services.publish_wave(session(), wave_code=code, actor=actor(), units=units).lines)


@bp.post("/tell-skjema")
@roles(*COUNTERS)
def count_forms() -> Response:
    form = _count_form()
    if not form.validate():
        raise InvalidInput(*(str(message) for messages in form.errors.values() for message in messages))
    report = services.refresh_form_values(
        session(), instrument_code=form.instrument.data, period=form.period.data, actor=actor(),
        units=writable(*COUNTERS),
    )  # fmt: skip
    return _told(report.lines)


def _count_form() -> CountForm:
    language = current_language()
    forms = [
        (code, form_title(session(), code=code, language=language)) for code in queries.form_codes(session())
    ]
    return CountForm(request.form, instruments=forms, data={"period": clock.today().year})


def _form(indicator: Indicator | None = None) -> IndicatorForm:
    data = None
    if indicator:
        columns = {column.name: getattr(indicator, column.name) for column in indicator.__table__.columns}
        data = columns | {"unit_types": ", ".join(indicator.unit_types)}
    return IndicatorForm(request.form, data=data, types=queries.unit_types(session()))


def _saved(form: IndicatorForm, indicator: Indicator | None) -> Response | Failed:
    try:
        form.validate_or_refuse()
        code = indicator.code if indicator else None
        services.save_indicator(session(), definition=form.definition(), code=code, actor=actor())
    except InvalidInput as refused:
        form.add_problems(refused.problems)
        return _edit_page(form, indicator), 422
    flash(_("Indikatoren er lagret."), "success")
    return _to_index()


def _edit_page(form: IndicatorForm, indicator: Indicator | None) -> str:
    known = known_sources(session(), language=current_language())
    return render_template(
        "indicators/edit.html", form=form, indicator=indicator, sources=known, measures=MEASURE_NAMES
    )


def _called(source: str) -> str:
    """Where an indicator's figures come from, in words."""
    words = {MANUAL.word: _("Føres for hånd"), CSV.word: _("Leses fra fil")}
    name = source_name(session(), text=source, language=current_language())
    if name.measure in words:
        return str(words[name.measure])
    measure = _(MEASURE_NAMES[name.measure]) if name.measure in MEASURE_NAMES else name.measure
    return f"{name.title}: {name.part} ({measure})" if name.part else f"{name.title}: {measure}"


def _values_page(indicator: Indicator, form: ValueForm) -> str:
    period, periods = _period(), queries.periods_with_values(session())
    tree = queries.tree_of_period(session(), period)
    found = queries.current_values(session(), periods=[period], indicator_ids=[indicator.id])
    seen = granted_units(*OFFICE, tree=tree)
    named = [(tree.by_id[value.unit_id], value) for value in found.values() if value.unit_id in tree.by_id]
    rows = sorted((row for row in named if row[0].code in seen), key=lambda row: norwegian_order(row[0].name))
    choices = sorted({*periods, period, clock.today().year}, reverse=True)
    return render_template(
        "indicators/values.html",
        indicator=indicator,
        form=form,
        rows=rows,
        period=period,
        years=PeriodForm(periods=choices, data={"period": period}),
        entered=is_entered(indicator),
        called=_called,
    )


def _period() -> int:
    asked = request.args.get("period", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else clock.today().year


def _writable_choices() -> list[tuple[str, str]]:
    tree = unit_tree()
    nodes = [tree.nodes[code] for code in granted_units(*OFFICE, tree=tree)]
    nodes.sort(key=lambda node: norwegian_order(node.name))
    return [(node.code, f"{node.name} ({node.code})") for node in nodes]


def _told(lines: tuple[Problem, ...]) -> Response:
    flash(" ".join(translate(line) for line in lines), "success")
    return _to_index()


def _to_index() -> Response:
    return redirect(url_for("indicators.index"))
