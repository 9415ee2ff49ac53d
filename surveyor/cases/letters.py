"""Mails about forms: what they say, in the language of who gets them."""

from collections.abc import Callable
from dataclasses import dataclass

from surveyor.errors import N_

Translate = Callable[[str, str], str]
"""`translate(language, message)`: the web's catalogues; here below, messages stay bokmål."""


@dataclass(frozen=True)
class Letter:
    """Subject and body with `%(name)s` places: title, units, deadline, link, municipality, comment."""

    kind: str
    subject: str
    body: str


SENT = Letter(
    "case_sent",
    N_("Skjema å fylle ut: %(title)s"),
    N_(
        "Hei!\n\n"
        "Du har fått skjemaet «%(title)s» for %(units)s. Fristen er %(deadline)s.\n\n"
        "Logg inn her og fyll det ut:\n%(link)s\n\n"
        "Du kan lagre underveis og fortsette senere.\n\n"
        "Hilsen %(municipality)s\n"
    ),
)
REMINDER = Letter(
    "case_reminder",
    N_("Påminnelse: %(title)s"),
    N_(
        "Hei!\n\n"
        "Skjemaet «%(title)s» for %(units)s er ikke levert ennå. Fristen er %(deadline)s.\n\n"
        "Logg inn her:\n%(link)s\n\n"
        "Hilsen %(municipality)s\n"
    ),
)
RETURNED = Letter(
    "case_returned",
    N_("Sendt tilbake: %(title)s"),
    N_(
        "Hei!\n\n"
        "Skjemaet «%(title)s» for %(units)s er sendt tilbake med denne kommentaren:\n\n"
        "%(comment)s\n\n"
        "Logg inn her, rett skjemaet og lever det på nytt:\n%(link)s\n\n"
        "Hilsen %(municipality)s\n"
    ),
)


def bokmaal(_language: str, message: str) -> str:
    """The source text itself: for the command line and the demo."""
    return message


def written(letter: Letter, *, language: str, translate: Translate, **params: str) -> tuple[str, str]:
    """Subject (on one line) and body in a language."""
    subject = translate(language, letter.subject) % params
    return " ".join(subject.split()), translate(language, letter.body) % params
