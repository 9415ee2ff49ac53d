"""What a comparison says in words, in one place. Bokmål source text; translated and rounded at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from surveyor.errors import N_
from surveyor.releases.enums import ComparedTo, Verdict
from surveyor.releases.spec import Change

HIDDEN = N_("Vises ikke")
SIMULATED = N_("SIMULERTE DATA")

VERDICTS: Mapping[Verdict, str] = {
    Verdict.HIGHER: N_("Tydelig høyere"),
    Verdict.LOWER: N_("Tydelig lavere"),
    Verdict.POSSIBLE: N_("Mulig forskjell"),
    Verdict.NONE: N_("Ingen sikker forskjell"),
    Verdict.TOO_FEW: N_("For få svar til å si noe"),
}

_SENTENCES: Mapping[tuple[ComparedTo, Verdict], str] = {
    (ComparedTo.REST, Verdict.HIGHER): N_("Tydelig høyere enn resten, med %(points)s poeng."),
    (ComparedTo.REST, Verdict.LOWER): N_("Tydelig lavere enn resten, med %(points)s poeng."),
    (ComparedTo.REST, Verdict.NONE): N_("Ingen sikker forskjell fra resten."),
    (ComparedTo.REST, Verdict.TOO_FEW): N_("For få svar til å si om det er forskjell fra resten."),
    (ComparedTo.LAST, Verdict.HIGHER): N_("Tydelig høyere enn forrige måling, med %(points)s poeng."),
    (ComparedTo.LAST, Verdict.LOWER): N_("Tydelig lavere enn forrige måling, med %(points)s poeng."),
    (ComparedTo.LAST, Verdict.NONE): N_("Ingen sikker endring siden forrige måling."),
    (ComparedTo.LAST, Verdict.TOO_FEW): N_("For få svar til å si om noe er endret siden forrige måling."),
}
_POSSIBLE: Mapping[tuple[ComparedTo, bool], str] = {
    (ComparedTo.REST, True): N_(
        "Mulig forskjell fra resten: %(points)s poeng høyere. Det kan også være tilfeldig."
    ),
    (ComparedTo.REST, False): N_(
        "Mulig forskjell fra resten: %(points)s poeng lavere. Det kan også være tilfeldig."
    ),
    (ComparedTo.LAST, True): N_(
        "Mulig endring siden forrige måling: %(points)s poeng opp. Det kan også være tilfeldig."
    ),
    (ComparedTo.LAST, False): N_(
        "Mulig endring siden forrige måling: %(points)s poeng ned. Det kan også være tilfeldig."
    ),
}
DETECTABLE = N_("Her må forskjellen være omtrent %(points)s poeng for å synes sikkert.")

_Z_POWER_80, _Z_95 = 0.8416, 1.96


@dataclass(frozen=True)
class Sentence:
    """A message and its numbers, not yet translated or rounded."""

    message: str
    params: Mapping[str, float] = field(default_factory=dict)


def verdict_word(change: Change | None) -> str | None:
    """The verdict's words; "Vises ikke" for a hidden comparison, None without one."""
    if change is None:
        return None
    return VERDICTS[change.verdict] if change.is_shown and change.verdict else HIDDEN


def verdict_sentence(change: Change) -> Sentence:
    """The whole sentence about a comparison, with its size where it may be real."""
    if not change.is_shown or change.verdict is None:
        return Sentence(HIDDEN)
    difference = change.difference or 0.0
    if change.verdict is Verdict.POSSIBLE:
        return Sentence(_POSSIBLE[change.against, difference > 0], {"points": abs(difference)})
    message = _SENTENCES[change.against, change.verdict]
    return Sentence(message, {"points": abs(difference)} if "%(points)s" in message else {})


def detectable(change: Change) -> Sentence | None:
    """How large a difference would be seen four times out of five; beside "no sure difference" only."""
    if change.verdict is not Verdict.NONE or change.low is None or change.high is None:
        return None
    half = (change.high - change.low) / 2
    return Sentence(DETECTABLE, {"points": half * (1 + _Z_POWER_80 / _Z_95)})
