"""What invitations, reminders and letters say, in every language they are written in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from surveyor.campaigns.enums import AUDIENCE_PATHS, Audience
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.instruments.paper.printing import Cover
from surveyor.instruments.spec import text_in

_SCANDINAVIAN = ("no", "se", "sv", "da", "fi")


@dataclass(frozen=True)
class Message:
    """A mail ready to be queued."""

    subject: str
    body: str


@dataclass(frozen=True)
class LetterWords:
    """The fixed words of a letter in one language; the code and the name are the person's own."""

    language: str
    heading: str
    paragraphs: tuple[str, ...]
    code_label: str
    steps: tuple[str, ...]
    closing: str
    sender: str


_NB = {
    "invite_subject": "Undersøkelse: %(title)s",
    "remind_subject": "Påminnelse: %(title)s",
    "hello": "Hei %(name)s",
    "hello_nobody": "Hei",
    "ask": "%(sender)s ber deg svare på undersøkelsen «%(title)s». %(why)s",
    "remind": "Vi har sendt deg en invitasjon til undersøkelsen «%(title)s». Du kan fortsatt svare. %(why)s",
    "voluntary": "Det er frivillig å svare. Du trenger ikke logge inn.",
    "link": "Dette er din egen lenke. Ikke send den videre:",
    "closes": "Siste frist er %(closes)s.",
    "protection": (
        "Svaret ditt lagres kryptert og uten navn. Når undersøkelsen er over, åpnes alle svarene samlet "
        "og i tilfeldig rekkefølge, og nøkkelen slettes %(when)s. Fra da av kan ingen finne ut hvem som "
        "har svart hva. Vi viser ikke resultater for grupper med færre enn %(k_mean)s svar, og "
        "fordelinger vises bare for grupper med minst %(k_spread)s svar."
    ),
    "thanks_subject": "Takk for svaret: %(title)s",
    "thanks": "Takk for at du svarte på undersøkelsen «%(title)s». %(why)s",
    "thanks_same": (
        "Denne e-posten går samtidig til alle som har svart på nett. Den sier ikke når du svarte, og har "
        "ingen kvitteringskode. Du trenger ikke gjøre noe."
    ),
    "at_once": "med en gang",
    "after_days": "etter %(days)s dager",
    "contact": "Spørsmål? Kontakt %(contact)s.",
    "regards": "Hilsen %(sender)s",
    "simulated": "Dette er en simulert undersøkelse. Personene er oppdiktet.",
    "why_employee": "Svarene brukes til å gjøre arbeidsplassen bedre.",
    "why_user": "Svarene brukes til å gjøre tjenesten bedre.",
    "why_citizen": "Svarene brukes til å gjøre kommunen bedre å bo i.",
    "code_label": "Koden din",
    "step_scan": "Skann ruten med mobilkameraet, eller skriv adressen i nettleseren: %(address)s",
    "step_code": "Skriv inn koden. Den gjelder bare for deg, og kan brukes til å svare én gang.",
    "step_answer": "Svar på spørsmålene. Du får en kvittering til slutt.",
    "voluntary_paper": "Det er frivillig å svare.",
    "paper_closes": "Skjemaet må være hos oss innen %(closes)s.",
    "paper_web": "Du kan heller svare på nett: %(address)s. Svar bare én gang.",
    "paper_web_code": "Du kan heller svare på nett: %(address)s. Bruk koden øverst. Svar bare én gang.",
    "protection_title": "Slik beskytter vi svarene dine",
    "paper_code": "Skjemaet har en kode, ikke navnet ditt. Koden gjør at hvert skjema bare teller én gang.",
    "paper_keyed": "Svarene tastes inn to ganger, så feil blir funnet. Etterpå blir papiret makulert.",
    "sheet_code": "Koden på arket",
    "code_from_letter": "Skriv koden fra brevet.",
    "code_by_us": "Vi fyller ut koden.",
    "send_title": "Send inn skjemaet",
    "send_post": "Legg skjemaet i en konvolutt, lim den igjen og send den til:",
    "send_hand_in": "Legg skjemaet i en konvolutt, lim den igjen og lever den der du fikk skjemaet.",
}
_NN = {
    "invite_subject": "Undersøking: %(title)s",
    "remind_subject": "Påminning: %(title)s",
    "hello": "Hei %(name)s",
    "hello_nobody": "Hei",
    "ask": "%(sender)s ber deg svare på undersøkinga «%(title)s». %(why)s",
    "remind": "Vi har sendt deg ei innbyding til undersøkinga «%(title)s». Du kan framleis svare. %(why)s",
    "voluntary": "Det er frivillig å svare. Du treng ikkje logge inn.",
    "link": "Dette er di eiga lenkje. Ikkje send ho vidare:",
    "closes": "Siste frist er %(closes)s.",
    "protection": (
        "Svaret ditt blir lagra kryptert og utan namn. Når undersøkinga er over, blir alle svara opna "
        "samla og i tilfeldig rekkjefølgje, og nøkkelen blir sletta %(when)s. Frå då av kan ingen finne "
        "ut kven som har svart kva. Vi viser ikkje resultat for grupper med færre enn %(k_mean)s svar, "
        "og fordelingar blir berre viste for grupper med minst %(k_spread)s svar."
    ),
    "thanks_subject": "Takk for svaret: %(title)s",
    "thanks": "Takk for at du svarte på undersøkinga «%(title)s». %(why)s",
    "thanks_same": (
        "Denne e-posten går samtidig til alle som har svart på nett. Han seier ikkje når du svarte, og har "
        "ingen kvitteringskode. Du treng ikkje gjere noko."
    ),
    "at_once": "med ein gong",
    "after_days": "etter %(days)s dagar",
    "contact": "Spørsmål? Kontakt %(contact)s.",
    "regards": "Helsing %(sender)s",
    "simulated": "Dette er ei simulert undersøking. Personane er oppdikta.",
    "why_employee": "Svara blir brukte til å gjere arbeidsplassen betre.",
    "why_user": "Svara blir brukte til å gjere tenesta betre.",
    "why_citizen": "Svara blir brukte til å gjere kommunen betre å bu i.",
    "code_label": "Koden din",
    "step_scan": "Skann ruta med mobilkameraet, eller skriv adressa i nettlesaren: %(address)s",
    "step_code": "Skriv inn koden. Han gjeld berre for deg, og kan brukast til å svare éin gong.",
    "step_answer": "Svar på spørsmåla. Du får ei kvittering til slutt.",
    "voluntary_paper": "Det er frivillig å svare.",
    "paper_closes": "Skjemaet må vere hos oss innan %(closes)s.",
    "paper_web": "Du kan heller svare på nett: %(address)s. Svar berre éin gong.",
    "paper_web_code": "Du kan heller svare på nett: %(address)s. Bruk koden øvst. Svar berre éin gong.",
    "protection_title": "Slik vernar vi svara dine",
    "paper_code": "Skjemaet har ein kode, ikkje namnet ditt. Koden gjer at kvart skjema berre tel éin gong.",
    "paper_keyed": "Svara blir tasta inn to gonger, så feil blir funne. Etterpå blir papiret makulert.",
    "sheet_code": "Koden på arket",
    "code_from_letter": "Skriv koden frå brevet.",
    "code_by_us": "Vi fyller ut koden.",
    "send_title": "Send inn skjemaet",
    "send_post": "Legg skjemaet i ein konvolutt, lim han att og send han til:",
    "send_hand_in": "Legg skjemaet i ein konvolutt, lim han att og lever han der du fekk skjemaet.",
}
_EN = {
    "invite_subject": "Survey: %(title)s",
    "remind_subject": "Reminder: %(title)s",
    "hello": "Dear %(name)s",
    "hello_nobody": "Hello",
    "ask": "%(sender)s invites you to answer the survey “%(title)s”. %(why)s",
    "remind": "We have sent you an invitation to the survey “%(title)s”. You can still answer. %(why)s",
    "voluntary": "Answering is voluntary. You do not need to sign in.",
    "link": "This link is your own. Please do not pass it on:",
    "closes": "The last day to answer is %(closes)s.",
    "protection": (
        "Your answers are stored encrypted and without your name. When the survey is over, all answers "
        "are opened together and in random order, and the key is deleted %(when)s. From then on nobody "
        "can find out who answered what. We show no results for groups with fewer than %(k_mean)s "
        "answers, and distributions only for groups with at least %(k_spread)s answers."
    ),
    "thanks_subject": "Thank you for answering: %(title)s",
    "thanks": "Thank you for answering the survey “%(title)s”. %(why)s",
    "thanks_same": (
        "This e-mail goes to everyone who has answered online, at the same time. It does not say when you "
        "answered and holds no receipt code. There is nothing you need to do."
    ),
    "at_once": "at once",
    "after_days": "after %(days)s days",
    "contact": "Questions? Contact %(contact)s.",
    "regards": "Kind regards, %(sender)s",
    "simulated": "This is a simulated survey. The people in it are made up.",
    "why_employee": "The answers are used to make the workplace better.",
    "why_user": "The answers are used to make the service better.",
    "why_citizen": "The answers are used to make the municipality a better place to live.",
    "code_label": "Your code",
    "step_scan": "Scan the square with your phone’s camera, or type the address in a browser: %(address)s",
    "step_code": "Type in the code. It is yours alone, and can be used to answer once.",
    "step_answer": "Answer the questions. You will get a receipt at the end.",
    "voluntary_paper": "Answering is voluntary.",
    "paper_closes": "The form must reach us by %(closes)s.",
    "paper_web": "You may answer online instead: %(address)s. Please answer only once.",
    "paper_web_code": "You may answer online instead: %(address)s, with the code above. Answer only once.",
    "protection_title": "How your answers are protected",
    "paper_code": "The form has a code, not your name. The code makes sure each form counts only once.",
    "paper_keyed": "Your answers are keyed twice, so that slips are found. Then the paper is shredded.",
    "sheet_code": "The code of this form",
    "code_from_letter": "Write the code from your letter.",
    "code_by_us": "We fill in the code.",
    "send_title": "Send in the form",
    "send_post": "Put the form in an envelope, seal it and send it to:",
    "send_hand_in": "Put the form in an envelope, seal it and hand it in where you got it.",
}
WORDS: Mapping[str, Mapping[str, str]] = {"nb": _NB, "nn": _NN, "en": _EN}


def language_of(wanted: str) -> str:
    """The language a person is written to in: their own, bokmål for neighbours of Norwegian, else English."""
    if wanted in WORDS:
        return wanted
    return "nb" if wanted in _SCANDINAVIAN else "en"


def invitation(settings: Settings, wave: Wave, *, language: str, name: str, token: str) -> Message:
    """The first mail, with the person's own link."""
    return _mail(settings, wave, language, name, token, subject="invite_subject", opening="ask")


def reminder(settings: Settings, wave: Wave, *, language: str, name: str, token: str) -> Message:
    """A later mail with the same link."""
    return _mail(settings, wave, language, name, token, subject="remind_subject", opening="remind")


def thanks(settings: Settings, wave: Wave, *, language: str, name: str) -> Message:
    """To somebody who has answered: no link, no code, no time."""
    language = language_of(language)
    words, values = WORDS[language], {**_values(settings, wave, language), "name": name}
    parts = [
        *([words["simulated"]] if wave.simulated else []),
        words["hello" if name else "hello_nobody"] % values,
        words["thanks"] % values,
        words["protection"] % values,
        words["thanks_same"],
        *_contact(words, values),
        words["regards"] % values,
    ]
    return Message(" ".join((words["thanks_subject"] % values).split()), "\n\n".join(parts) + "\n")


def letter_words(settings: Settings, wave: Wave, *, language: str) -> LetterWords:
    """The letter's words; the code comes on top of them."""
    language = language_of(language)
    words, values = WORDS[language], _values(settings, wave, language)
    values["address"] = code_address(settings, wave).partition("://")[2]
    paragraphs = ["ask", "voluntary", "protection", *(["simulated"] if wave.simulated else [])]
    steps = tuple(words[step] % values for step in ("step_scan", "step_code", "step_answer"))
    closing = [words["closes"] % values, *_contact(words, values)]
    return LetterWords(
        language, values["title"], tuple(words[p] % values for p in paragraphs), words["code_label"], steps,
        " ".join(closing), settings.municipality,
    )  # fmt: skip


def paper_cover(settings: Settings, wave: Wave, *, language: str) -> Cover:
    """What a paper form of the wave says before the questions."""
    spoken = language_of(language)
    words, values = WORDS[spoken], _values(settings, wave, spoken)
    values["title"] = " ".join(text_in(wave.survey.title, language, "nb").split())
    address = open_address(settings, wave) if wave.open_link else code_address(settings, wave)
    values["address"] = address.partition("://")[2]
    web = "paper_web" if wave.open_link else "paper_web_code"
    purpose = [
        words["ask"] % values + " " + words["voluntary_paper"],
        " ".join(words[part] % values for part in ("paper_closes", web)),
    ]
    if wave.simulated:
        purpose.insert(0, words["simulated"])
    to, contact = settings.paper_address, _contact(words, values)
    send = (words["send_post"], to, *contact) if to else (words["send_hand_in"], *contact)
    label, hint = ("sheet_code", "code_by_us") if wave.open_link else ("code_label", "code_from_letter")
    protection = (words["protection"] % values, f"{words['paper_code']} {words['paper_keyed']}")
    return Cover(
        settings.municipality, values["title"], tuple(purpose), words["protection_title"], protection,
        words["send_title"], send, words[label], words[hint], has_code=True,
    )  # fmt: skip


def link_address(settings: Settings, wave: Wave, token: str) -> str:
    """Where a personal link leads."""
    return f"{_audience_address(settings, wave.audience)}/s/{token}"


def code_address(settings: Settings, wave: Wave) -> str:
    """Where a code is typed in: the same for everybody, so that the square on a letter says nothing."""
    return f"{_audience_address(settings, wave.audience)}/kode"


def open_address(settings: Settings, wave: Wave) -> str:
    """Where anybody may answer."""
    return f"{_audience_address(settings, wave.audience)}/aapen/{wave.code}"


def _audience_address(settings: Settings, audience: Audience) -> str:
    return f"{settings.base_url.rstrip('/')}/{AUDIENCE_PATHS[audience]}"


def _mail(
    settings: Settings, wave: Wave, language: str, name: str, token: str, *, subject: str, opening: str
) -> Message:
    language = language_of(language)
    words, values = WORDS[language], _values(settings, wave, language)
    values["name"] = name
    parts = [
        *([words["simulated"]] if wave.simulated else []),
        words["hello" if name else "hello_nobody"] % values,
        words[opening] % values + "\n" + words["voluntary"],
        words["link"] + "\n" + link_address(settings, wave, token),
        words["closes"] % values,
        words["protection"] % values,
        *_contact(words, values),
        words["regards"] % values,
    ]
    return Message(" ".join((words[subject] % values).split()), "\n\n".join(parts) + "\n")


def _values(settings: Settings, wave: Wave, language: str) -> dict[str, str]:
    words, days = WORDS[language], wave.key_grace_days
    return {
        "title": " ".join(text_in(wave.survey.title, language, "nb").split()),
        "sender": settings.municipality,
        "why": words[f"why_{wave.audience}"],
        "closes": _date(wave.closes, language),
        "k_mean": str(wave.k_mean),
        "k_spread": str(wave.k_spread),
        "when": words["after_days"] % {"days": days} if days else words["at_once"],
        "contact": " / ".join(part for part in (settings.contact_email, settings.contact_phone) if part),
    }


def _contact(words: Mapping[str, str], values: Mapping[str, str]) -> list[str]:
    return [words["contact"] % values] if values["contact"] else []


def _date(day: date, language: str) -> str:
    return format_date(day, "d MMMM y" if language == "en" else "d. MMMM y", locale=language)
