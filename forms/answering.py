"""Small forms around a questionnaire: a code from a letter, a receipt code, where to go, what to send."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _
from wtforms import StringField

from forms.base import Form, at_most, required
from surveyor.responses.receipts import new_receipt_code, read_receipt_code

QUESTION = "q-"
"""What a step to one question begins with, before the question's name."""
NEXT, BACK, LATER, HERE, REVIEW, PACE = "neste", "tilbake", "senere", "her", "kontroll", "visning"


class CodeForm(Form):
    """The code from a letter."""

    code = StringField(
        _("Kode fra brevet"),
        description=_("Koden står i brevet. Store og små bokstaver er like, og strekene kan du sløyfe."),
        validators=[required(_("Skriv inn koden fra brevet.")), at_most(40, _("Koden er for lang."))],
    )


class ReceiptForm(Form):
    """The receipt code of somebody who wants an answer deleted."""

    code = StringField(
        _("Kvitteringskode"),
        description=_("Koden du fikk da du sendte inn svaret, 16 tegn."),
        validators=[required(_("Skriv inn kvitteringskoden.")), at_most(40, _("Koden er for lang."))],
    )

    @property
    def receipt_code(self) -> str | None:
        """The code in its normal form; None when it cannot be one."""
        return read_receipt_code(self.code.data or "")


@dataclass(frozen=True)
class StepForm:
    """Where the respondent wants to go, and what the page was built on: hidden fields nobody fills in.

    Plain, because every press on these pages reads it and WTForms would bind it slower than all the rest.
    """

    to: str = ""
    came_from: str = ""
    rev: str = ""
    state: str = ""

    @classmethod
    def read(cls, formdata: Mapping[str, str]) -> Self:
        """What was posted; a field that is not there is empty."""
        return cls(**{name: formdata[name] for name in cls.__dataclass_fields__ if name in formdata})

    @property
    def draft_rev(self) -> int:
        """The revision of the draft that the page showed; 0 for rubbish."""
        return _number(self.rev)

    @property
    def page_number(self) -> int | None:
        """The number of the page to go to; None for a direction, or rubbish."""
        return number_or_none(self.to)

    @property
    def question(self) -> str:
        """The name of the question to go to; empty for a page or a direction."""
        return self.to.removeprefix(QUESTION) if self.to.startswith(QUESTION) else ""

    @property
    def sealed_state(self) -> bytes | None:
        """The answers so far as carried by the page of somebody on the open link."""
        return unpack(self.state)


@dataclass(frozen=True)
class SubmissionForm(StepForm):
    """A review page sent in: its own random marks, made when it was drawn."""

    submission: str = ""
    owner: str = ""
    receipt: str = ""
    envelope_rev: str = ""

    @property
    def submission_id(self) -> UUID | None:
        return _uuid(self.submission)

    @property
    def owner_id(self) -> UUID | None:
        return _uuid(self.owner)

    @property
    def receipt_code(self) -> str | None:
        return read_receipt_code(self.receipt)

    @property
    def seen_rev(self) -> int:
        return _number(self.envelope_rev)

    @classmethod
    def fresh(cls, *, owner: UUID | None, envelope_rev: int) -> Self:
        """The marks of a newly drawn review page; the receipt code is derived from nothing."""
        return cls(
            submission=str(uuid4()),
            owner=str(owner or uuid4()),
            receipt=new_receipt_code(),
            envelope_rev=str(envelope_rev),
        )


def pack(sealed: bytes) -> str:
    """Bytes as a hidden field carries them."""
    return urlsafe_b64encode(sealed).decode()


def unpack(text: str) -> bytes | None:
    """The bytes in a hidden field; None for rubbish."""
    try:
        return urlsafe_b64decode(text) if text else None
    except (ValueError, Base64Error):
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def number_or_none(text: str) -> int | None:
    """A plain number of at most eight digits; None for anything else somebody may have sent."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _number(text: str) -> int:
    return number_or_none(text) or 0
