"""What figures about a questionnaire say in words, for those who judge it; bokmål source text."""

from collections.abc import Mapping

from analysis.verdicts import RANKABLE, Judgement, judged
from surveyor.errors import N_
from surveyor.releases.wording import Sentence

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
NORM_COLUMNS = N_(
    "«Andre» er indeksen for alle svarene fra de andre organisasjonene samlet. «Det vanlige» er den "
    "midterste halvdelen av organisasjonene: En av fire ligger lavere, og en av fire ligger høyere."
)
NO_CAUSE = N_("Tallene viser hva som henger sammen. De viser ikke hva som er årsaken.")
_NORMS = {
    "above": N_(
        "Høyere enn det vanlige, også når vi regner med usikkerheten. Tre av fire andre ligger under "
        "%(limit)s."
    ),
    "below": N_(
        "Lavere enn det vanlige, også når vi regner med usikkerheten. Tre av fire andre ligger over "
        "%(limit)s."
    ),
    "within": N_("På linje med det vanlige."),
    "unsure": N_("Usikkerheten er for stor. Vi kan ikke si om resultatet skiller seg fra det vanlige."),
    "too_few": N_("For få svar til å sammenligne med andre."),
}


def reliability_sentence(alpha: float) -> Sentence:
    """Whether the items of a scale belong together; for those who judge a questionnaire, not for leaders."""
    return Sentence(_JUDGEMENTS[judged(alpha)])


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
