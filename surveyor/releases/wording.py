"""What figures say in words, in one place. Bokmål source text; translated and rounded at the edge.

A difference is told by its word, its size where it may be real, and what could have been seen where it may
not. A change since last time is a change, never the effect of something.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from analysis.verdicts import EVIDENCE_P, PRECISION_N, SIZE_INDEX, as_good_as_equal, seen_at_80
from surveyor.errors import N_
from surveyor.releases.enums import ComparedTo, Verdict
from surveyor.releases.spec import Change, Figure

HIDDEN = N_("Vises ikke")
SIMULATED = N_("SIMULERTE DATA")
EQUAL = N_("Omtrent likt")
SLIGHT = N_("Liten forskjell")
UNTESTED = N_("Kan ikke vurderes")

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
    SLIGHTLY_HIGHER = "slightly_higher"
    SLIGHTLY_LOWER = "slightly_lower"
    UNTESTED = "untested"
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
    Told.SLIGHTLY_HIGHER: N_(
        "Litt høyere enn resten, med %(points)s poeng. Forskjellen er for liten til å kalles tydelig."
    ),
    Told.SLIGHTLY_LOWER: N_(
        "Litt lavere enn resten, med %(points)s poeng. Forskjellen er for liten til å kalles tydelig."
    ),
    Told.UNTESTED: N_(
        "Vi kan ikke si om det er forskjell fra resten, fordi fordelingen av svarene ikke vises."
    ),
    Told.DETECTABLE: N_(
        "En forskjell på under %(points)s poeng ville vi neppe sett med så mange svar som her."
    ),
    Told.PAIRS_HIGHER: N_(
        "Velger vi én herfra og én fra resten, ligger den herfra høyest i omtrent %(pairs)s av 100 par."
    ),
    Told.PAIRS_LOWER: N_(
        "Velger vi én herfra og én fra resten, ligger den herfra lavest i omtrent %(pairs)s av 100 par."
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
    Told.SLIGHTLY_HIGHER: N_(
        "Litt høyere enn forrige måling, med %(points)s poeng. Endringen er for liten til å kalles tydelig."
    ),
    Told.SLIGHTLY_LOWER: N_(
        "Litt lavere enn forrige måling, med %(points)s poeng. Endringen er for liten til å kalles tydelig."
    ),
    Told.UNTESTED: N_(
        "Vi kan ikke si om noe er endret siden forrige måling, fordi fordelingen av svarene ikke vises "
        "begge ganger."
    ),
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
    Told.SLIGHTLY_HIGHER: N_(
        "«%(group)s» ligger litt høyere enn de andre, med %(points)s poeng. "
        "Forskjellen er for liten til å kalles tydelig."
    ),
    Told.SLIGHTLY_LOWER: N_(
        "«%(group)s» ligger litt lavere enn de andre, med %(points)s poeng. "
        "Forskjellen er for liten til å kalles tydelig."
    ),
    Told.UNTESTED: N_(
        "Vi kan ikke si om «%(group)s» skiller seg fra de andre, fordi fordelingen av svarene ikke vises."
    ),
    Told.DETECTABLE: _REST[Told.DETECTABLE],
    Told.PAIRS_HIGHER: N_(
        "Velger vi én fra «%(group)s» og én av de andre, ligger den første høyest i omtrent "
        "%(pairs)s av 100 par."
    ),
    Told.PAIRS_LOWER: N_(
        "Velger vi én fra «%(group)s» og én av de andre, ligger den første lavest i omtrent "
        "%(pairs)s av 100 par."
    ),
}
_OVERALL: Mapping[Verdict | Told, str] = {
    Verdict.HIGHER: N_("Gruppene svarer tydelig forskjellig."),
    Verdict.POSSIBLE: N_("Gruppene kan svare forskjellig, men det kan også være tilfeldig."),
    Told.SLIGHTLY_HIGHER: N_("Gruppene svarer litt forskjellig, men forskjellene er små."),
    Verdict.NONE: N_("Ingen sikker forskjell mellom gruppene."),
    Verdict.TOO_FEW: N_("Vi kan ikke si om gruppene svarer forskjellig."),
}
"""From the strongest word said of any group to the weakest."""
_NEAR_NOTHING = N_("Grensene for forskjellen går så vidt forbi null. Les den med forsiktighet.")
_TEAMS: Mapping[bool, str] = {
    True: N_("Det gjelder også når vi regner med at folk i samme enhet ofte svarer litt likt."),
    False: N_("Folk i samme enhet svarer ofte litt likt. Regner vi med det, kan forskjellen være tilfeldig."),
}
_INTERVAL = N_("Trolig mellom %(low)s og %(high)s.")
_POOLED = N_("Få har svart, så usikkerheten er anslått fra spredningen i hele målingen.")
_NO_INTERVAL = N_("Usikkerheten kan ikke regnes ut.")
_BAND_UNSURE = N_("Usikkerheten går over en grense. Vi kan ikke si hvilken side enheten er på.")
_BAND_HOLDS = N_("Det gjelder også når vi regner med usikkerheten.")

_ITEMS_ONLY = N_(
    "Temaet «%(theme)s» har ingen indeks her, fordi spørsmålene ikke hører godt nok sammen. Les dem hver "
    "for seg."
)


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
    if is_equal(change):
        return EQUAL
    if is_slight(change):
        return SLIGHT
    return UNTESTED if is_untested(change) else VERDICTS[change.verdict]


def is_equal(change: Change) -> bool:
    """No sure difference, and none larger than what counts as one: the whole interval is within it."""
    return change.verdict is Verdict.NONE and as_good_as_equal(change.low, change.high)


def is_slight(change: Change) -> bool:
    """A difference that is hardly chance, but too small to be called clear."""
    is_sure = change.p_adjusted is not None and change.p_adjusted <= EVIDENCE_P
    return change.verdict is Verdict.NONE and is_sure and not is_equal(change)


def is_untested(change: Change) -> bool:
    """Answers enough, but a distribution that is not shown: there is no test."""
    return change.verdict is Verdict.TOO_FEW and change.n is not None and change.n >= PRECISION_N


def verdict_sentence(change: Change) -> Sentence:
    """A unit against the rest, or against its own last wave."""
    return _verdict(change, _units(change))


def group_sentence(change: Change, *, group: str) -> Sentence:
    """A group against all others, by what it is called on the page."""
    return _verdict(change, _OTHERS, {"group": group})


def groups_sentence(changes: Iterable[Change | None]) -> Sentence:
    """All groups of a background question at once; which of them is told by `group_sentence`."""
    said = {_strength(change) for change in changes if change}
    return Sentence(next((_OVERALL[key] for key in _OVERALL if key in said), _OVERALL[Verdict.TOO_FEW]))


def _strength(change: Change) -> Verdict | Told | None:
    """What a comparison says of its groups together, whichever way it points."""
    if is_slight(change):
        return Told.SLIGHTLY_HIGHER
    return Verdict.HIGHER if change.verdict is Verdict.LOWER else change.verdict


def detectable(change: Change) -> Sentence | None:
    """What would hardly have been seen; beside "no sure difference" only."""
    points = detectable_points(change)
    return None if points is None else Sentence(_units(change)[Told.DETECTABLE], {"points": points})


def detectable_points(change: Change) -> float | None:
    """The difference that would be seen four times out of five; None unless no sure difference is said."""
    is_told = change.verdict is Verdict.NONE and not is_equal(change) and not is_slight(change)
    if not is_told or change.low is None or change.high is None:
        return None
    return seen_at_80(change.low, change.high)


def pairs(change: Change, *, group: str = "") -> Sentence | None:
    """How often one side lies higher than the other, equal answers shared; beside a sure difference only.

    Half of 1 + Cliff's delta is the share of pairs. None where the ranks point the other way than the means.
    """
    if change.verdict not in (Verdict.HIGHER, Verdict.LOWER) or not change.effect:
        return None
    is_higher = change.verdict is Verdict.HIGHER
    if is_higher != (change.effect > 0):
        return None
    told = Told.PAIRS_HIGHER if is_higher else Told.PAIRS_LOWER
    message = (_OTHERS if group else _units(change))[told]
    return Sentence(message, {**_names(group), "pairs": 50 * (1 + abs(change.effect))})


def explained(change: Change, *, group: str = "") -> tuple[Sentence, ...]:
    """All there is to say of a comparison: verdict, pairs where it is sure, or what would have shown."""
    first = group_sentence(change, group=group) if group else verdict_sentence(change)
    more = (pairs(change, group=group), _caution(change), detectable(change))
    return (first, *(sentence for sentence in more if sentence))


def _caution(change: Change) -> Sentence | None:
    """Where the rank test is sure and the interval of the means is not: both are shown."""
    if change.verdict not in (Verdict.HIGHER, Verdict.LOWER) or change.low is None or change.high is None:
        return None
    return Sentence(_NEAR_NOTHING) if change.low <= 0 <= change.high else None


def teams_sentence(holds: bool | None) -> Sentence | None:
    """Whether a sure difference of a unit made of units holds when those are what is drawn."""
    return None if holds is None else Sentence(_TEAMS[holds])


def figure_sentences(figure: Figure) -> tuple[Sentence, ...]:
    """How sure a shown index is: its interval, and where it comes from when answers are few."""
    if not figure.is_shown:
        return ()
    low, high = figure.ends
    if low is None or high is None:
        return (Sentence(_NO_INTERVAL),)
    found = Sentence(_INTERVAL, {"low": low, "high": high})
    return (found, Sentence(_POOLED)) if figure.is_pooled_band else (found,)


def band_sentence(band: str, low: float | None, high: float | None) -> Sentence | None:
    """What a value's interval says of an indicator's light (by the name of its band); None without one."""
    if band == "none" or low is None or high is None:
        return None
    return Sentence(_BAND_UNSURE if band == "unsure" else _BAND_HOLDS)


def items_only_sentence(theme: str) -> Sentence:
    """Why a theme has no index, for those who read results."""
    return Sentence(_ITEMS_ONLY, {"theme": theme})


def _units(change: Change) -> Sentences:
    """Sentences about a unit, by what it is compared with."""
    return _LAST if change.against is ComparedTo.LAST else _REST


def _names(group: str) -> dict[str, float | str]:
    return {"group": group} if group else {}


def _verdict(change: Change, told: Sentences, names: Mapping[str, float | str] | None = None) -> Sentence:
    """The sentence of a verdict with the numbers it names."""
    if not change.is_shown or change.verdict is None:
        return Sentence(HIDDEN)
    key, points = _key(change), abs(change.difference or 0.0)
    if key is Told.EQUAL:
        points = SIZE_INDEX
    message = told[key]
    numbers = {"points": points} if "%(points)s" in message else {}
    return Sentence(message, {**(names or {}), **numbers})


def _key(change: Change) -> Verdict | Told:
    """Which sentence a shown comparison has."""
    is_up = (change.difference or 0.0) > 0
    if change.verdict is Verdict.POSSIBLE:
        return Told.POSSIBLY_HIGHER if is_up else Told.POSSIBLY_LOWER
    if is_equal(change):
        return Told.EQUAL
    if is_slight(change):
        return Told.SLIGHTLY_HIGHER if is_up else Told.SLIGHTLY_LOWER
    if is_untested(change):
        return Told.UNTESTED
    return change.verdict or Verdict.TOO_FEW
