"""A wave's questionnaire on paper: a form that tells what is promised, and forms with codes of their own."""

from collections.abc import Mapping

from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.errors import N_, NotFound, Refused
from surveyor.instruments.paper.printing import form_content, paper_pdf
from surveyor.instruments.queries import questionnaire_of
from surveyor.instruments.spec import Questionnaire
from surveyor.invitations.credentials import new_code, show_code
from surveyor.invitations.wording import paper_cover

MOST_COPIES = 500


def wave_form(settings: Settings, wave: Wave, *, language: str) -> Mapping[str, object]:
    """What the letters draw a form from, in the questionnaire's language nearest to the letter's."""
    questionnaire = questionnaire_of(wave.instrument_version)
    spoken = _nearest(questionnaire, language)
    cover = paper_cover(settings, wave, language=spoken)
    return form_content(questionnaire, cover=cover, language=spoken)


def wave_paper(settings: Settings, *, wave: Wave, language: str, n: int = 0) -> bytes:
    """A blank form of a wave; with `n`, so many forms with a fresh code each, for a wave with an open link.

    Raises NotFound for a language the questionnaire is not in, Refused for codes where people have their own.
    """
    questionnaire = questionnaire_of(wave.instrument_version)
    if language not in questionnaire.languages:
        raise NotFound(N_("Skjemaet finnes ikke på dette språket."))
    if n and not wave.open_link:
        raise Refused(N_("De inviterte har egne koder. Lag brev med skjema i stedet."))
    if not 0 <= n <= MOST_COPIES:
        raise Refused(N_("Lag høyst %(most)s skjema om gangen."), most=MOST_COPIES)
    codes = sheet_codes(n) or [""]
    cover = paper_cover(settings, wave, language=language)
    return paper_pdf(questionnaire, cover=cover, language=language, codes=codes)


def sheet_codes(n: int) -> list[str]:
    """Fresh codes as printed; kept nowhere, for on an open link a code belongs to its sheet alone."""
    return [show_code(new_code()) for _ in range(n)]


def _nearest(questionnaire: Questionnaire, language: str) -> str:
    return language if language in questionnaire.languages else questionnaire.default_language
