"""Scorecards: a unit's card, the cards one follows, units side by side, approval, templates."""

from collections import Counter
from typing import cast

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from blueprints.access import actor, roles
from blueprints.card_access import (
    Rights,
    require_approvable,
    require_everywhere,
    require_readable,
    rights,
    visible_cards,
    year_tree,
)
from blueprints.card_sources import person_name, sources_of
from blueprints.request_scope import session
from forms.indicators import PeriodForm
from forms.scorecards import ALL, ApproveForm, CompareForm, LineForm, TemplateForm
from surveyor import clock
from surveyor.errors import InvalidInput
from surveyor.indicators.models import Indicator
from surveyor.indicators.queries import indicators, unit_types
from surveyor.indicators.spec import FIRST_PERIOD, LAST_PERIOD, PERSPECTIVE_NAMES, applies_to
from surveyor.scorecards import queries, services
from surveyor.scorecards.drafts import SKELETON
from surveyor.scorecards.models import CardTemplate
from surveyor.scorecards.policy import APPROVING_ROLES, OFFICE_ROLES, READER_ROLES, visible_card, waiting
from surveyor.scorecards.services import LinePlan
from surveyor.scorecards.spec import STATE_NAMES, Card, UnitCards, joint_fingerprint

bp = Blueprint("scorecards", __name__, url_prefix="/styringskort")


@bp.get("/")
@roles(*READER_ROLES)
def index() -> str:
    period = _period()
    mine = rights(period)
    cards = queries.cards_of(session(), period=period, tree=mine.tree, codes=mine.listed)
    tops = [node for node in mine.tree if node.code in mine.approvable and node.parent not in mine.approvable]
    return render_template(
        "scorecards/index.html",
        period=period,
        years=_years(period),
        tree=mine.tree,
        rows=[(mine.tree.nodes[code], pair, _seen(mine, code, pair)) for code, pair in cards.items()],
        waiting={top.code: len(_waiting(mine, period, top.code)) for top in tops},
        states=STATE_NAMES,
        has_indicators=bool(indicators(session())),
    )


@bp.get("/kort/<code>/<int:period>")
@roles(*READER_ROLES)
def show(code: str, period: int) -> str:
    mine = _rights(period)
    require_readable(mine, code)
    pair = queries.cards_of(session(), period=period, tree=mine.tree, codes={code})[code]
    card = pair.approved if request.args.get("versjon") == "godkjent" else _seen(mine, code, pair)
    return render_template(
        "scorecards/show.html",
        unit=mine.tree.nodes[code],
        period=period,
        card=card,
        pair=pair,
        mine=mine,
        approver=person_name(card.approved_by) if card and card.approved_by else None,
        **_about(mine, card),
        periods=[year for year in queries.periods(session()) if code in rights(year).readable],
    )


@bp.post("/kort/<code>/<int:period>/godkjenn")
@roles(*APPROVING_ROLES)
def approve(code: str, period: int) -> Response:
    _check_year(period)
    require_approvable(period, code)
    services.approve_card(session(), unit_code=code, period=period, fingerprint=_fingerprint(), actor=actor())
    flash(_("Kortet er godkjent. Leserne ser det nå."), "success")
    return redirect(url_for("scorecards.show", code=code, period=period))


@bp.get("/godkjenn/<code>/<int:period>")
@roles(*APPROVING_ROLES)
def approval(code: str, period: int) -> str:
    mine = _rights(period)
    require_approvable(period, code)
    drafts = _waiting(mine, period, code)
    form = ApproveForm(data={"fingerprint": joint_fingerprint(drafts)})
    unit = mine.tree.nodes[code]
    return render_template("scorecards/approve.html", unit=unit, period=period, drafts=drafts, form=form)


@bp.post("/godkjenn/<code>/<int:period>")
@roles(*APPROVING_ROLES)
def approve_all(code: str, period: int) -> Response:
    _check_year(period)
    require_approvable(period, code)
    n_cards = services.approve_cards(
        session(), unit_codes=year_tree(period).subtree_codes(code), period=period,
        fingerprint=_fingerprint(), actor=actor(),
    )  # fmt: skip
    flash(_("%(n)s kort er godkjent. Leserne ser dem nå.", n=n_cards), "success")
    return redirect(url_for("scorecards.index", period=period))


@bp.get("/sammenlign")
@roles(*READER_ROLES)
def compare() -> str:
    period = _period()
    mine = rights(period)
    cards = visible_cards(mine, period, mine.readable)
    form = _compare_form(period, _types_of(mine, cards))
    chosen = [card for card in cards if form.type.data in (ALL, mine.tree.nodes[card.unit].type)]
    found = queries.comparison(chosen, perspective=form.chosen_perspective)
    return render_template(
        "scorecards/compare.html", form=form, period=period, comparison=found, perspectives=PERSPECTIVE_NAMES
    )


@bp.get("/maler")
@roles(*OFFICE_ROLES)
def templates() -> str:
    known = {one: queries.template_of(session(), unit_type=one) for one in _types()}
    return render_template("scorecards/templates.html", templates=known)


@bp.get("/maler/rediger")
@roles(*OFFICE_ROLES)
def edit_template() -> str:
    unit_type = _template_type()
    found = queries.template_of(session(), unit_type=unit_type)
    return _template_page(unit_type, _template_form(unit_type, found))


@bp.post("/maler/rediger")
@roles(*OFFICE_ROLES)
def save_template() -> Response | tuple[str, int]:
    require_everywhere(*OFFICE_ROLES)
    unit_type, form = _template_type(), TemplateForm(request.form)
    if not form.validate():
        return _template_page(unit_type, form), 422
    vision = form.vision.data or ""
    services.save_template(
        session(), unit_type=unit_type, vision=vision, lines=_line_plans(form), actor=actor()
    )
    flash(_("Malen er lagret. Kort som ikke er godkjent, følger den nå."), "success")
    return redirect(url_for("scorecards.templates"))


def _period() -> int:
    asked = request.args.get("period", "")
    period = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else clock.today().year
    return period if FIRST_PERIOD <= period <= LAST_PERIOD else clock.today().year


def _check_year(period: int) -> None:
    if not FIRST_PERIOD <= period <= LAST_PERIOD:
        abort(404)


def _rights(period: int) -> Rights:
    _check_year(period)
    return rights(period)


def _years(period: int) -> PeriodForm:
    choices = sorted({*queries.periods(session()), period}, reverse=True)
    return PeriodForm(periods=choices, data={"period": period})


def _seen(mine: Rights, code: str, pair: UnitCards) -> Card | None:
    return visible_card(pair, may_see_draft=code in mine.drafts)


def _about(mine: Rights, card: Card | None) -> dict[str, object]:
    """What stands around the figures of a card."""
    return {
        "sources": sources_of(card) if card else {},
        "fingerprint": card.fingerprint if card else "",
        "histories": queries.histories(session(), card=card) if card else {},
        "beside": _beside(mine, card) if card else {},
        "perspectives": PERSPECTIVE_NAMES,
        "states": STATE_NAMES,
    }


def _beside(mine: Rights, card: Card) -> dict[str, object]:
    """Figures of the units above, as far as they are approved or one may see their drafts."""
    above = [node.code for node in mine.tree.path(card.unit)[:-1]]
    cards = queries.cards_of(session(), period=card.period, tree=mine.tree, codes=above)
    seen = [_seen(mine, code, cards[code]) for code in reversed(above)]
    return dict(queries.beside(card, [one for one in seen if one]))


def _waiting(mine: Rights, period: int, code: str) -> list[Card]:
    codes = mine.tree.subtree_codes(code)
    return waiting(queries.cards_of(session(), period=period, tree=mine.tree, codes=codes).values())


def _fingerprint() -> str:
    form = ApproveForm(request.form)
    if not form.validate():
        raise InvalidInput(*(str(message) for messages in form.errors.values() for message in messages))
    return str(form.fingerprint.data)


def _types_of(mine: Rights, cards: list[Card]) -> list[str]:
    """The unit types of cards: first those of units with none below them, the most common first."""
    counts = Counter(mine.tree.nodes[card.unit].type for card in cards)
    lowest = {mine.tree.nodes[card.unit].type for card in cards if not mine.tree.children[card.unit]}
    return sorted(counts, key=lambda one: (one not in lowest, -counts[one], one))


def _compare_form(period: int, types: list[str]) -> CompareForm:
    """The filters as asked; without a type the most common one, so that the units have a card in common."""
    common = types[0] if types else ALL
    asked = {name: request.args.get(name, "") for name in ("type", "perspective")}
    choices = sorted({*queries.periods(session()), period}, reverse=True)
    chosen = asked["type"] if asked["type"] in (ALL, *types) else common
    data = {"period": period, "type": chosen, "perspective": asked["perspective"] or ALL}
    return CompareForm(periods=choices, types=sorted(types), data=data)


def _types() -> list[str]:
    return [SKELETON, *unit_types(session())]


def _template_type() -> str:
    unit_type = request.args.get("type", SKELETON)
    if unit_type not in _types():
        abort(404)
    return unit_type


def _template_form(unit_type: str, found: CardTemplate | None) -> TemplateForm:
    lines = {line.indicator_id: line for line in found.lines} if found else {}
    rows: list[dict[str, object]] = []
    for one in _applicable(unit_type):
        line = lines.get(one.id)
        rows.append({"indicator": one.code} if line is None else {
            "indicator": one.code, "place": line.position + 1, "goal": line.goal,
            "success_factor": line.success_factor, "target": line.target,
        })  # fmt: skip
    return TemplateForm(data={"vision": found.vision if found else "", "lines": rows})


def _applicable(unit_type: str) -> list[Indicator]:
    """Indicators that units of a type have; on the skeleton, all."""
    return [
        one for one in indicators(session()) if unit_type == SKELETON or applies_to(one.unit_types, unit_type)
    ]


def _template_page(unit_type: str, form: TemplateForm) -> str:
    known = {one.code: one for one in indicators(session())}
    return render_template(
        "scorecards/edit_template.html", unit_type=unit_type, form=form, known=known, names=PERSPECTIVE_NAMES
    )


def _line_plans(form: TemplateForm) -> list[LinePlan]:
    """What was said of each indicator, each once, in the order of their places."""
    lines = {entry.form.indicator.data: cast(LineForm, entry.form) for entry in form.lines}
    used = sorted((line for line in lines.values() if line.is_used), key=lambda line: line.place.data or 1000)
    return [
        LinePlan(line.indicator.data, line.goal.data or "", line.success_factor.data or "", line.target.data)
        for line in used
    ]
