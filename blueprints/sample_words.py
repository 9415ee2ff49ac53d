"""Samples, weights and who answered, in the words of the pages."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints.result_figures import Labels
from surveyor.units.spec import UnitTree

UNIT, UNKNOWN = "unit", "?"
VARIABLES = {
    "unit": _("Enhet"), "stratum": _("Enhet"), "gender": _("Kjønn"), "age_band": _("Aldersgruppe"),
    "position": _("Stillingsandel"),
}  # fmt: skip
PROBLEMS = {
    "more_answers_than_people": _("Det er flere svar enn personer."),
    "outside_the_sample": _("Noen svar hører til enheter som ikke er med i utvalget."),
    "unit_without_answers": _("For få svar til å stå for alle her."),
    "too_many_unknown": _("For mange har ikke svart på bakgrunnsspørsmålet. Høyst 10 prosent kan mangle."),
    "too_few": _("For få svar."),
    "no_margins": _("Fordelingene mangler."),
    "margin_not_positive": _("Andelen i befolkningen må være over 0."),
    "margins_disagree": _("Fordelingene gjelder ikke like mange personer."),
    "category_without_answers": _("Ingen har svart fra denne gruppen."),
    "category_without_margin": _("Gruppen mangler i fordelingen."),
    "missing_values": _("Noen svar mangler gruppe."),
    "not_converged": _("Svarene er for ulike befolkningen til at vekter mellom 0,3 og 3 kan rette det opp."),
    "margin_off": _("Fordelingen blir ikke som i befolkningen."),
    "design_effect": _("Vektene er så ulike at usikkerheten blir mer enn dobbelt så stor."),
}
CAUTIONS = {
    "low_rate": _("Under halvparten har svart. De som ikke svarte, kan mene noe annet."),
    "uneven": _("Noen grupper svarte mye oftere enn andre. Les resultatene med forsiktighet."),
    "somewhat_uneven": _("Noen grupper svarte noe oftere enn andre."),
}
NO_EVENNESS = {
    "one_option": _("Alle eller ingen svarte."),
    "one_group": _("Alle er i samme gruppe."),
    "separated": _("I en gruppe svarte alle eller ingen. Da kan ikke jevnheten regnes ut."),
    "too_few": _("For få er invitert."),
    "held_back": _("Den ville sagt for mye om en gruppe som ikke vises."),
}


def variable_name(variable: str, labels: Labels) -> str:
    """What a variable is called: a unit, something of the register, or a background question."""
    if variable in labels.questionnaire.by_name:
        return labels.item(labels.questionnaire.item(variable)).label
    return str(VARIABLES.get(variable, variable))


def category_name(variable: str, category: str, labels: Labels, tree: UnitTree) -> str:
    """What a category is called: a unit's name, an answer option, or the register's own word."""
    if category == UNKNOWN:
        return str(gettext("Ikke svart, eller annet svar"))
    if variable in (UNIT, "stratum"):
        return tree.nodes[category].name if category in tree else category
    if variable in labels.questionnaire.by_name:
        item = labels.questionnaire.item(variable)
        found = (c for c in labels.questionnaire.categories(item) if c.code == category)
        option = next(found, None)
        return labels.questionnaire.text(option.label, labels.language) if option else category
    return category


def group_name(variable: str, group: str, tree: UnitTree) -> str:
    """What a group of the register is called: a unit's name, or the word in the file of participants."""
    if variable == UNIT and group in tree:
        return tree.nodes[group].name
    return group or str(gettext("Ikke oppgitt"))


def margin_table(
    margins: Mapping[str, Mapping[str, float]], labels: Labels, tree: UnitTree
) -> list[tuple[str, list[tuple[str, float]]]]:
    """Declared margins by name."""
    return [
        (variable_name(variable, labels),
         [(category_name(variable, code, labels, tree), share) for code, share in shares.items()])
        for variable, shares in margins.items()
    ]  # fmt: skip


def weight_problems(report: Mapping[str, Any], labels: Labels, tree: UnitTree) -> list[tuple[str, str]]:
    """Why there are no weights: where, and what is wrong."""
    found = []
    for one in report.get("problems", ()):
        places = [variable_name(one["variable"], labels)] if one["variable"] else []
        places += [category_name(one["variable"], one["category"], labels, tree)] if one["category"] else []
        found.append((", ".join(places), str(PROBLEMS.get(one["problem"], one["problem"]))))
    return found


def report_margins(report: Mapping[str, Any], labels: Labels, tree: UnitTree) -> list[dict[str, Any]]:
    """Shares in the population and among the answers, by name."""
    return [
        {"variable": variable_name(one["variable"], labels),
         "category": category_name(one["variable"], one["category"], labels, tree),
         "population": one["population"], "answers": one["answers"], "weighted": one.get("weighted")}
        for one in report.get("margins", ())
    ]  # fmt: skip
