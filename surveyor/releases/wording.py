"""What figures say in words, in one place. Bokmål source text; translated and rounded at the edge.

A difference is told by its word, its size where it may be real, and what could have been seen where it may
not. A change since last time is a change, never the effect of something.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from analysis.verdicts import RANKABLE, SIZE_INDEX, Judgement, as_good_as_equal, judged, seen_at_80
from surveyor.errors import N_
from surveyor.releases.enums import ComparedTo, Verdict
from surveyor.releases.spec import Change, Figure

HIDDEN = N_("Vises ikke")
SIMULATED = N_("SIMULERTE DATA")
EQUAL = N_("Omtrent likt")

VERDICTS: Mapping[Verdict, str] = {
    Verdict.HIGHER: N_("Tydelig høyere"),
    Verdict.LOWER: N_("Tydelig lavere"),
    Verdict.POSSIBLE: N_("Mulig forskjell"),
    Verdict.NONE: N_("Ingen sikker forskjell"),
    Verdict.TOO_FEW: N_("For få svar til å si noe"),
}


class Told(StrEnum):
    """Sentences a comparison may need besides the five verdicts."""

    POSSIBLY_HIGHER = "possibly_higher"
    POSSIBLY_LOWER = "possibly_lower"
    EQUAL = "equal"
    DETECTABLE = "detectable"
    PAIRS_HIGHER = "pairs_higher"
    PAIRS_LOWER = "pairs_lower"


Sentences = Mapping[Verdict | Told, str]

_REST: Sentences = {
    Verdict.HIGHER: N_("Tydelig høyere enn resten, med %(points)s poeng."),
    Verdict.LOWER: N_("Tydelig lavere enn resten, med %(points)s poeng."),
    Verdict.NONE: N_("Ingen sikker forskjell fra resten."),
    Verdict.TOO_FEW: N_("For få svar til å si om det er forskjell fra resten."),
    Told.POSSIBLY_HIGHER: N_(
        "Mulig forskjell fra resten: %(points)s poeng høyere. Det kan også være tilfeldig."
    ),
    Told.POSSIBLY_LOWER: N_(
        "Mulig forskjell fra resten: %(points)s poeng lavere. Det kan også være tilfeldig."
    ),
    Told.EQUAL: N_("Omtrent likt resten. Forskjellen er neppe over %(points)s poeng."),
    Told.DETECTABLE: N_(
        "En forskjell på under %(points)s poeng ville vi neppe sett med så mange svar som her."
    ),
    Told.PAIRS_HIGHER: N_(
        "Velger vi én herfra og én fra resten, svarer den herfra høyest i omtrent %(pairs)s av 100 par."
    ),
    Told.PAIRS_LOWER: N_(
        "Velger vi én herfra og én fra resten, svarer den herfra lavest i omtrent %(pairs)s av 100 par."
    ),
}
_LAST: Sentences = {
    Verdict.HIGHER: N_("Tydelig høyere enn forrige måling, med %(points)s poeng."),
    Verdict.LOWER: N_("Tydelig lavere enn forrige måling, med %(points)s poeng."),
    Verdict.NONE: N_("Ingen sikker endring siden forrige måling."),
    Verdict.TOO_FEW: N_("For få svar til å si om noe er endret siden forrige måling."),
    Told.POSSIBLY_HIGHER: N_(
        "Mulig endring siden forrige måling: %(points)s poeng opp. Det kan også være tilfeldig."
    ),
    Told.POSSIBLY_LOWER: N_(
        "Mulig endring siden forrige måling: %(points)s poeng ned. Det kan også være tilfeldig."
    ),
    Told.EQUAL: N_("Omtrent som i forrige måling. Endringen er neppe over %(points)s poeng."),
    Told.DETECTABLE: N_(
        "En endring på under %(points)s poeng ville vi neppe sett med så mange svar som her."
    ),
    Told.PAIRS_HIGHER: N_(
        "Velger vi ett svar fra nå og ett fra sist, er det nye høyest i omtrent %(pairs)s av 100 par."
    ),
    Told.PAIRS_LOWER: N_(
        "Velger vi ett svar fra nå og ett fra sist, er det nye lavest i omtrent %(pairs)s av 100 par."
    ),
}
_GROUPS: Sentences = {
    Verdict.HIGHER: N_("«%(group)s» ligger tydelig høyere enn «%(other)s», med %(points)s poeng."),
    Verdict.LOWER: N_("«%(group)s» ligger tydelig lavere enn «%(other)s», med %(points)s poeng."),
    Verdict.NONE: N_("Ingen sikker forskjell mellom «%(group)s» og «%(other)s»."),
    Verdict.TOO_FEW: N_("For få svar til å si om det er forskjell mellom «%(group)s» og «%(other)s»."),
    Told.POSSIBLY_HIGHER: N_(
        "Mulig forskjell: «%(group)s» ligger %(points)s poeng høyere enn «%(other)s». "
        "Det kan også være tilfeldig."
    ),
    Told.POSSIBLY_LOWER: N_(
        "Mulig forskjell: «%(group)s» ligger %(points)s poeng lavere enn «%(other)s». "
        "Det kan også være tilfeldig."
    ),
    Told.EQUAL: N_(
        "«%(group)s» og «%(other)s» svarer omtrent likt. Forskjellen er neppe over %(points)s poeng."
    ),
    Told.DETECTABLE: _REST[Told.DETECTABLE],
    Told.PAIRS_HIGHER: N_(
        "Velger vi én fra «%(group)s» og én fra «%(other)s», svarer den første høyest i omtrent "
        "%(pairs)s av 100 par."
    ),
    Told.PAIRS_LOWER: N_(
        "Velger vi én fra «%(group)s» og én fra «%(other)s», svarer den første lavest i omtrent "
        "%(pairs)s av 100 par."
    ),
}
_OTHERS: Sentences = {
    Verdict.HIGHER: N_("«%(group)s» ligger tydelig høyere enn de andre, med %(points)s poeng."),
    Verdict.LOWER: N_("«%(group)s» ligger tydelig lavere enn de andre, med %(points)s poeng."),
    Verdict.NONE: N_("Ingen sikker forskjell mellom «%(group)s» og de andre."),
    Verdict.TOO_FEW: N_("For få svar til å si om «%(group)s» skiller seg fra de andre."),
    Told.POSSIBLY_HIGHER: N_(
        "Mulig forskjell: «%(group)s» ligger %(points)s poeng høyere enn de andre. "
        "Det kan også være tilfeldig."
    ),
    Told.POSSIBLY_LOWER: N_(
        "Mulig forskjell: «%(group)s» ligger %(points)s poeng lavere enn de andre. "
        "Det kan også være tilfeldig."
    ),
    Told.EQUAL: N_(
        "«%(group)s» og de andre svarer omtrent likt. Forskjellen er neppe over %(points)s poeng."
    ),
    Told.DETECTABLE: _REST[Told.DETECTABLE],
    Told.PAIRS_HIGHER: N_(
        "Velger vi én fra «%(group)s» og én av de andre, svarer den første høyest i omtrent "
        "%(pairs)s av 100 par."
    ),
    Told.PAIRS_LOWER: N_(
        "Velger vi én fra «%(group)s» og én av de andre, svarer den første lavest i omtrent "
        "%(pairs)s av 100 par."
    ),
}
_OVERALL: Mapping[Verdict, str] = {
    Verdict.HIGHER: N_("Gruppene svarer tydelig forskjellig."),
    Verdict.LOWER: N_("Gruppene svarer tydelig forskjellig."),
    Verdict.POSSIBLE: N_("Gruppene kan svare forskjellig, men det kan også være tilfeldig."),
    Verdict.NONE: N_("Ingen sikker forskjell mellom gruppene."),
    Verdict.TOO_FEW: N_("For få svar til å si om gruppene svarer forskjellig."),
}
_INTERVAL = N_("Trolig mellom %(low)s og %(high)s.")
_POOLED = N_("Få har svart, så usikkerheten er anslått fra spredningen i hele målingen.")
_NO_INTERVAL = N_("Usikkerheten kan ikke regnes ut.")
_BAND_UNSURE = N_("Usikkerheten går over en grense. Vi kan ikke si hvilken side enheten er på.")
_BAND_HOLDS = N_("Det gjelder også når vi regner med usikkerheten.")

_JUDGEMENTS: Mapping[Judgement, str] = {
    Judgement.GOOD: N_("Spørsmålene hører godt sammen."),
    Judgement.CAUTION: N_("Spørsmålene hører ganske godt sammen. Les indeksen med forsiktighet."),
    Judgement.ITEMS: N_("Spørsmålene hører for dårlig sammen. Bruk dem hver for seg, ikke indeksen."),
}
_RANKABLE: Mapping[bool, str] = {
    True: N_("Enhetene skiller seg nok fra hverandre til å bli sammenlignet."),
    False: N_("Enhetene skiller seg for lite fra hverandre. Ikke sett dem i rekkefølge."),
}
_EXPLAINED = N_(
    "De andre temaene henger sammen med omtrent %(share)s prosent av forskjellene i svarene om «%(outcome)s»."
)
_DRIVER: Mapping[bool, str] = {
    True: N_(
        "De som svarer høyt på «%(theme)s», svarer oftere høyt på «%(outcome)s». Temaet står for omtrent "
        "%(share)s prosent av sammenhengen, trolig mellom %(low)s og %(high)s."
    ),
    False: N_(
        "De som svarer høyt på «%(theme)s», svarer oftere lavt på «%(outcome)s». Temaet står for omtrent "
        "%(share)s prosent av sammenhengen, trolig mellom %(low)s og %(high)s."
    ),
}
_ITEMS_ONLY = N_(
    "Temaet «%(theme)s» har ingen indeks her, fordi spørsmålene ikke hører godt nok sammen. Les dem hver "
    "for seg."
)
NORM_COLUMNS = N_(
    "«Andre» er indeksen for alle svarene fra de andre organisasjonene samlet. «Det vanlige» er den "
    "midterste halvdelen av organisasjonene: En av fire ligger lavere, og en av fire ligger høyere."
)
NO_CAUSE = N_("Tallene viser hva som henger sammen. De viser ikke hva som er årsaken.")
_NORMS = {
    "above": N_("Tydelig høyere enn det vanlige. Tre av fire andre ligger under %(limit)s."),
    "below": N_("Tydelig lavere enn det vanlige. Tre av fire andre ligger over %(limit)s."),
    "within": N_("På linje med det vanlige."),
    "unsure": N_("Usikkerheten er for stor. Vi kan ikke si om resultatet skiller seg fra det vanlige."),
    "too_few": N_("For få svar til å sammenligne med andre."),
}


@dataclass(frozen=True)
class Sentence:
    """A message with its numbers and names, not yet translated or rounded."""

    message: str
    params: Mapping[str, float | str] = field(default_factory=dict)


def verdict_word(change: Change | None) -> str | None:
    """The verdict's words; "Vises ikke" for a hidden comparison, None without one."""
    if change is None:
        return None
    if not change.is_shown or change.verdict is None:
        return HIDDEN
    return EQUAL if is_equal(change) else VERDICTS[change.verdict]


def is_equal(change: Change) -> bool:
    """No sure difference, and none larger than what counts as one: the whole interval is within it."""
    return change.verdict is Verdict.NONE and as_good_as_equal(change.low, change.high)


def verdict_sentence(change: Change) -> Sentence:
    """A unit against the rest, or against its own last wave."""
    return _verdict(change, _units(change))


def group_sentence(change: Change, *, group: str, other: str = "") -> Sentence:
    """A group against another one, or against all others; both by what they are called on the page."""
    return _verdict(change, _GROUPS if other else _OTHERS, _names(group, other))


def groups_sentence(overall: Verdict) -> Sentence:
    """All groups of a background question at once; which of them is told by `group_sentence`."""
    return Sentence(_OVERALL[overall])


def detectable(change: Change) -> Sentence | None:
    """What would hardly have been seen; beside "no sure difference" only."""
    points = detectable_points(change)
    return None if points is None else Sentence(_units(change)[Told.DETECTABLE], {"points": points})


def detectable_points(change: Change) -> float | None:
    """The difference that would be seen four times out of five; None unless no sure difference is said."""
    if change.verdict is not Verdict.NONE or is_equal(change) or change.low is None or change.high is None:
        return None
    return seen_at_80(change.low, change.high)


def pairs(change: Change, *, group: str = "", other: str = "") -> Sentence | None:
    """How often one side answers higher than the other, equal answers shared; beside a sure difference only.

    Half of 1 + Cliff's delta is the share of pairs. None where the ranks point the other way than the means.
    """
    if change.verdict not in (Verdict.HIGHER, Verdict.LOWER) or not change.effect:
        return None
    is_higher = change.verdict is Verdict.HIGHER
    if is_higher != (change.effect > 0):
        return None
    sentences = (_GROUPS if other else _OTHERS) if group else _units(change)
    told = Told.PAIRS_HIGHER if is_higher else Told.PAIRS_LOWER
    return Sentence(sentences[told], {**_names(group, other), "pairs": 50 * (1 + abs(change.effect))})


def explained(change: Change, *, group: str = "", other: str = "") -> tuple[Sentence, ...]:
    """All there is to say of a comparison: verdict, pairs where it is sure, or what would have shown."""
    first = group_sentence(change, group=group, other=other) if group else verdict_sentence(change)
    more = (pairs(change, group=group, other=other), detectable(change))
    return (first, *(sentence for sentence in more if sentence))


def figure_sentences(figure: Figure) -> tuple[Sentence, ...]:
    """How sure a shown index is: its interval, and where it comes from when answers are few."""
    if not figure.is_shown:
        return ()
    if figure.low is None or figure.high is None:
        return (Sentence(_NO_INTERVAL),)
    found = Sentence(_INTERVAL, {"low": max(figure.low, 0.0), "high": min(figure.high, 100.0)})
    return (found, Sentence(_POOLED)) if figure.is_pooled_band else (found,)


def band_sentence(band: str, low: float | None, high: float | None) -> Sentence | None:
    """What a value's interval says of an indicator's light (by the name of its band); None without one."""
    if band == "none" or low is None or high is None:
        return None
    return Sentence(_BAND_UNSURE if band == "unsure" else _BAND_HOLDS)


def reliability_sentence(alpha: float) -> Sentence:
    """Whether the items of a scale belong together; for those who judge a questionnaire, not for leaders."""
    return Sentence(_JUDGEMENTS[judged(alpha)])


def items_only_sentence(theme: str) -> Sentence:
    """Why a theme has no index, for those who read results."""
    return Sentence(_ITEMS_ONLY, {"theme": theme})


def ranking_sentence(icc2: float) -> Sentence:
    """Whether units may be put in order by a scale."""
    return Sentence(_RANKABLE[icc2 >= RANKABLE])


def explained_sentence(r2: float, *, outcome: str) -> Sentence:
    """How much of the outcome all other scales together hang together with."""
    return Sentence(_EXPLAINED, {"share": 100 * r2, "outcome": outcome})


def driver_sentence(share: float, low: float, high: float, r: float, *, theme: str, outcome: str) -> Sentence:
    """What one scale stands for in that, with its interval and which way it points; never as a cause."""
    numbers = {"share": 100 * share, "low": 100 * low, "high": 100 * high}
    return Sentence(_DRIVER[r >= 0], {"theme": theme, "outcome": outcome, **numbers})


def norm_sentence(
    low: float | None, high: float | None, *, lowest_quarter: float, highest_quarter: float
) -> Sentence:
    """An index's interval against the middle half of other organisations."""
    if low is None or high is None:
        return Sentence(_NORMS["too_few"])
    if low > highest_quarter:
        return Sentence(_NORMS["above"], {"limit": highest_quarter})
    if high < lowest_quarter:
        return Sentence(_NORMS["below"], {"limit": lowest_quarter})
    is_within = lowest_quarter <= low and high <= highest_quarter
    return Sentence(_NORMS["within" if is_within else "unsure"])


def _units(change: Change) -> Sentences:
    """Sentences about a unit, by what it is compared with."""
    return _LAST if change.against is ComparedTo.LAST else _REST


def _names(group: str, other: str) -> dict[str, float | str]:
    named: dict[str, float | str] = {}
    if group:
        named["group"] = group
    return named | {"other": other} if other else named


def _verdict(change: Change, told: Sentences, names: Mapping[str, float | str] | None = None) -> Sentence:
    """The sentence of a verdict with the numbers it names."""
    if not change.is_shown or change.verdict is None:
        return Sentence(HIDDEN)
    difference = change.difference or 0.0
    key: Verdict | Told = change.verdict
    points = abs(difference)
    if change.verdict is Verdict.POSSIBLE:
        key = Told.POSSIBLY_HIGHER if difference > 0 else Told.POSSIBLY_LOWER
    elif is_equal(change):
        key, points = Told.EQUAL, SIZE_INDEX
    message = told[key]
    numbers = {"points": points} if "%(points)s" in message else {}
    return Sentence(message, {**(names or {}), **numbers})
