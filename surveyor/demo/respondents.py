"""Simulated respondents: they walk the questionnaire as its routing leads and answer with seeded chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.routing import asked_pages, state
from surveyor.instruments.spec import Category, Item, Questionnaire

COMMENTS = {
    "employee": (
        "Vi har et godt samarbeid, men møtene tar for mye tid.",
        "Jeg savner mer tid til faglig utvikling.",
        "Fint miljø og dyktige kolleger.",
        "Vikarsituasjonen er krevende om vinteren.",
        "Bemanningen bør styrkes på kveldstid.",
    ),
    "kindergarten": (
        "Barnet vårt gleder seg til å gå i barnehagen.",
        "Informasjonen kommer ofte for sent.",
        "De ansatte ser hvert barn.",
        "Uteområdet trenger nye lekeapparater.",
        "Fint at dere er mye på tur.",
    ),
    "citizen": (
        "Veien til skolen mangler gatelys.",
        "Biblioteket er det beste vi har.",
        "Det er vanskelig å få svar på telefon.",
        "Flere bussavganger om kvelden, takk.",
        "Et trygt sted å bo.",
    ),
}
GAPS = (
    "Rutinen er ikke oppdatert etter omorganiseringen.",
    "Vi mangler en fast tid på året for dette.",
    "Opplæringen av nye vikarer er ikke på plass.",
    "Det er ikke skrevet ned hvem som har ansvaret.",
)


@dataclass(frozen=True)
class Mood:
    """How a unit answers in general, and the scales where it stands out, in latent standard deviations."""

    level: float
    by_scale: dict[str, float]

    @classmethod
    def of(cls, unit: str, questionnaire: Questionnaire, year: int) -> "Mood":
        """A unit's mood in a year: mostly lasting, partly new."""
        lasting, fresh = Random(f"mood-{questionnaire.code}-{unit}"), Random(f"mood-{unit}-{year}")
        scales = {scale.name: lasting.gauss(0, 0.3) + fresh.gauss(0, 0.15) for scale in questionnaire.scales}
        return cls(lasting.gauss(0, 0.35) + fresh.gauss(0, 0.12), scales)


def answer(questionnaire: Questionnaire, mood: Mood, random: Random, *, unit: str = "") -> dict[str, str]:
    """One person's answers, page by page, following the routing."""
    answers: dict[str, str] = {}
    person = random.gauss(0, 0.7)
    done: set[str] = set()
    while page := next((p for p in asked_pages(questionnaire, answers) if p.name not in done), None):
        done.add(page.name)
        for item in page.items:
            if item.answerable and state(questionnaire, answers).asks(item):
                answers[item.name] = _value(questionnaire, item, mood, person, random, unit)
    return {name: value for name, value in answers.items() if value}


def _value(
    questionnaire: Questionnaire, item: Item, mood: Mood, person: float, random: Random, unit: str
) -> str:
    if item.role is ItemRole.UNIT:
        return unit
    if item.type is ItemType.SELECT_ONE:
        return _choice(questionnaire, item, mood, person, random)
    if item.type is ItemType.SELECT_MULTIPLE:
        options = [c.code for c in questionnaire.categories(item) if not c.missing]
        return " ".join(code for code in options if random.random() < 0.3) or options[0]
    if item.type is ItemType.TEXT:
        words = COMMENTS.get(questionnaire.code, GAPS)
        return random.choice(words) if random.random() < 0.15 or item.required or words is GAPS else ""
    if item.type in (ItemType.INTEGER, ItemType.DECIMAL):
        return str(random.randint(1, 5))
    return "2026-01-15" if item.required else ""


def _choice(questionnaire: Questionnaire, item: Item, mood: Mood, person: float, random: Random) -> str:
    categories = questionnaire.categories(item)
    missing = [c for c in categories if c.missing]
    valid = [c for c in categories if not c.missing]
    if missing and random.random() < 0.04:
        return missing[0].code
    if not item.required and random.random() < 0.02:
        return ""
    if item.role is ItemRole.BACKGROUND or not questionnaire.code_lists[item.code_list].scored:
        return random.choices(valid, weights=[len(valid) - i / 2 for i in range(len(valid))])[0].code
    return _scored(valid, item, mood, person, random)


def _scored(valid: Sequence[Category], item: Item, mood: Mood, person: float, random: Random) -> str:
    """A latent value cut into as many steps as the scale has; people lean to the positive side."""
    ordered = sorted(valid, key=lambda category: category.score or 0, reverse=item.reverse)
    difficulty = Random(f"item-{item.name}").gauss(0, 0.3)
    latent = (
        0.55 + mood.level + mood.by_scale.get(item.scale, 0.0) + person + difficulty + random.gauss(0, 0.8)
    )
    place = (latent + 2.2) / 4.0 * len(ordered)
    return ordered[min(max(int(place), 0), len(ordered) - 1)].code
