"""What stands in the way of a launch, and what one should know before it. Pure."""

import math
from collections.abc import Iterator, Mapping
from datetime import date

from analysis.scales import ItemRange, steps_for
from surveyor.campaigns.models import Wave
from surveyor.campaigns.segments import merge_small
from surveyor.campaigns.spec import LaunchPlan, Merge
from surveyor.errors import N_, Problem
from surveyor.instruments.checklist import anonymity_refusals, checklist
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Item, Questionnaire, Scale
from surveyor.units.spec import UnitTree

MAX_BACKGROUND_CATEGORIES = 8
MAX_CATEGORIES = 128  # an opened answer is one signed byte: the place of the option
MAX_STEPS = 2**62  # sums of scale scores are counted in whole numbers of eight bytes
LEAST_ROOM = 2**20  # for units and bins beside them


def launch_plan(
    wave: Wave,
    *,
    questionnaire: Questionnaire,
    is_frozen: bool,
    tree: UnitTree,
    askable: frozenset[str],
    n_by_unit: Mapping[str, int],
    n_letters: int,
    mail_is_sent: bool,
    today: date,
) -> LaunchPlan:
    """Everything a launch would refuse, warn about and merge, worked out without writing anything."""
    n_invited = sum(n_by_unit.values())
    refusals = [
        *_tree_refusals(wave, tree, askable, n_by_unit),
        *_size_refusals(wave, n_invited),
        *_item_refusals(questionnaire),
        *_counting_refusals(questionnaire),
        *_unit_item_refusals(wave, questionnaire, tree),
    ]
    warnings = [
        *_participant_warnings(wave, n_invited, n_letters, mail_is_sent),
        *_date_warnings(wave, today),
        *_instrument_warnings(questionnaire, is_frozen),
    ]
    if refusals or not n_invited:
        return LaunchPlan(tuple(refusals), tuple(warnings), n_invited=n_invited, n_letters=n_letters)
    parents = {node.code: node.parent for node in tree}
    segments = merge_small(parents, n_by_unit, k=wave.k_invited)
    merges = tuple(
        Merge(unit, tree.nodes[unit].name, n_by_unit[unit], segment.code, tree.nodes[segment.unit_code].name)
        for segment in segments
        for unit in segment.member_units
        if unit != segment.unit_code
    )
    return LaunchPlan((), tuple(warnings), segments, merges, n_invited, n_letters)


def _tree_refusals(
    wave: Wave, tree: UnitTree, askable: frozenset[str], n_by_unit: Mapping[str, int]
) -> Iterator[Problem]:
    if not len(tree):
        yield Problem(N_("Det finnes ingen enheter den dagen målingen åpner."))
        return
    for code in wave.scope:
        if code not in tree:
            yield Problem(N_("Enheten «%(unit)s» finnes ikke den dagen målingen åpner."), {"unit": code})
    for code, n in sorted(n_by_unit.items()):
        if n and code not in askable:
            message = N_(
                "Deltakere står på enheten «%(unit)s», som ikke er med i målingen den dagen den åpner."
            )
            yield Problem(message, {"unit": code})


def _size_refusals(wave: Wave, n_invited: int) -> Iterator[Problem]:
    if 0 < n_invited < wave.k_invited:
        message = N_(
            "Bare %(n)s er invitert. Med færre enn %(k)s kan de som svarer, kjennes igjen. Legg til flere."
        )
        yield Problem(message, {"n": n_invited, "k": wave.k_invited})


def _item_refusals(questionnaire: Questionnaire) -> Iterator[Problem]:
    if not questionnaire.items:
        yield Problem(N_("Skjemaet har ingen spørsmål å svare på."))
    yield from anonymity_refusals(questionnaire)
    for item in questionnaire.background_items:
        if item.type in (ItemType.INTEGER, ItemType.DECIMAL, ItemType.DATE):
            message = N_(
                "Bakgrunnsspørsmålet «%(item)s» ber om et tall eller en dato. Da kan personer kjennes igjen. "
                "Gjør det om til et valg med grupper."
            )
            yield Problem(message, {"item": item.name})
        elif item.type is not ItemType.SELECT_ONE:
            message = N_("Bakgrunnsspørsmålet «%(item)s» må være et spørsmål med ett valg.")
            yield Problem(message, {"item": item.name})
        elif (n := len(questionnaire.categories(item))) > MAX_BACKGROUND_CATEGORIES:
            message = N_(
                "Bakgrunnsspørsmålet «%(item)s» har %(n)s svaralternativer. Det kan ha høyst %(limit)s. "
                "Ellers blir gruppene så små at personer kan kjennes igjen."
            )
            yield Problem(message, {"item": item.name, "n": n, "limit": MAX_BACKGROUND_CATEGORIES})


def _counting_refusals(questionnaire: Questionnaire) -> Iterator[Problem]:
    """What could be answered but not counted: found here, not when the envelopes are open."""
    for item in questionnaire.coded_items:
        if (n := len(questionnaire.categories(item))) > MAX_CATEGORIES:
            message = N_("Spørsmålet «%(item)s» har %(n)s svaralternativer. Det kan ha høyst %(limit)s.")
            yield Problem(message, {"item": item.name, "n": n, "limit": MAX_CATEGORIES})
    for scale in questionnaire.scales:
        if not _is_countable(questionnaire, scale):
            message = N_(
                "Skalaen «%(scale)s» har for mange spørsmål eller for fint delte poeng til å regnes ut."
            )
            yield Problem(message, {"scale": scale.name})


def _is_countable(questionnaire: Questionnaire, scale: Scale) -> bool:
    scored = {item.name: item for item in questionnaire.scored_items}
    if not scale.items or any(name not in scored for name in scale.items):
        return True  # such a scale is not counted at all
    ranges, scores = zip(*(_scores(questionnaire, scored[name]) for name in scale.items), strict=True)
    if any(each.low == each.high for each in ranges):
        return False
    n = len(ranges)
    return n * steps_for(ranges, scores) * max(math.lcm(*range(1, n + 1)), LEAST_ROOM) < MAX_STEPS


def _scores(questionnaire: Questionnaire, item: Item) -> tuple[ItemRange, list[int | float]]:
    scores = [c.score for c in questionnaire.categories(item) if c.score is not None]
    exact = [score if isinstance(score, int) else float(score) for score in scores]
    return ItemRange(min(exact), max(exact), item.reverse), exact


def _unit_item_refusals(wave: Wave, questionnaire: Questionnaire, tree: UnitTree) -> Iterator[Problem]:
    item = questionnaire.unit_item
    if item is None or not wave.open_link:
        return
    for category in questionnaire.categories(item):
        if category.code not in tree and not category.missing:
            message = N_("Svaralternativet «%(code)s» i «%(item)s» er ikke en enhet i målingen.")
            yield Problem(message, {"code": category.code, "item": item.name})


def _participant_warnings(
    wave: Wave, n_invited: int, n_letters: int, mail_is_sent: bool
) -> Iterator[Problem]:
    if not n_invited and wave.open_link:
        yield Problem(N_("Ingen deltakere er lest inn. Målingen får bare åpen lenke."))
    elif not n_invited:
        yield Problem(N_("Ingen deltakere er lest inn. Målingen kan bare få svar ved innlesing av fil."))
    if n_letters:
        message = N_("Deltakere uten e-post: %(n)s. De får brev med kode. Skriv ut brevene etter start.")
        yield Problem(message, {"n": n_letters})
    if n_invited > n_letters and not mail_is_sent:
        yield Problem(
            N_("E-post er ikke satt opp. Invitasjonene blir liggende i utboksen og blir ikke sendt.")
        )


def _date_warnings(wave: Wave, today: date) -> Iterator[Problem]:
    if wave.closes < today:
        yield Problem(N_("Sluttdatoen er passert. Da tar nettsiden ikke imot svar, bare innlesing av fil."))


def _instrument_warnings(questionnaire: Questionnaire, is_frozen: bool) -> Iterator[Problem]:
    if not is_frozen:
        yield Problem(N_("Skjemaet er et utkast. Det låses når målingen starter."))
    yield from checklist(questionnaire)
