"""Letters with codes as one PDF: Norwegian window layout, one page a person, one compile a batch. Pure."""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import UUID

import segno

from surveyor.instruments.paper.printing import compile_pdf
from surveyor.invitations.wording import LetterWords
from surveyor.wording import LANGUAGES

TEMPLATE = Path(__file__).with_name("letter.typ")


@dataclass(frozen=True)
class Letter:
    """What differs from one letter to the next."""

    name: str
    unit: str
    code: str
    language: str


@dataclass(frozen=True)
class LetterBatch:
    """Letters made at once, in the order they are handed out, and the hashes of their codes by participation.

    former: the hashes they take the place of. Its repr leaves everything out: codes stand in the PDF alone.
    """

    letters: tuple[Letter, ...] = field(repr=False)
    words: Mapping[str, LetterWords] = field(repr=False)
    forms: Mapping[str, Mapping[str, object]] = field(repr=False)
    address: str
    hashes: Mapping[UUID, bytes] = field(repr=False)
    former: Mapping[UUID, bytes] = field(repr=False)

    def pdf(self) -> bytes:
        """The letters as a file; it takes seconds, so no transaction should wait for it."""
        return letters_pdf(self.letters, words=self.words, address=self.address, forms=self.forms)


def qr_svg(address: str) -> bytes:
    """A QR code as SVG; the mask is fixed, so that equal addresses look equal."""
    stream = io.BytesIO()
    segno.make(address, error="m", mask=2, micro=False).save(
        stream,
        kind="svg",
        border=4,
        light="#fff",
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        omitsize=True,
    )
    return stream.getvalue()


def qr_data_uri(address: str) -> str:
    """The same code as the address of an image."""
    return "data:image/svg+xml;base64," + base64.b64encode(qr_svg(address)).decode()


def letters_pdf(
    letters: Sequence[Letter],
    *,
    words: Mapping[str, LetterWords],
    address: str,
    forms: Mapping[str, Mapping[str, object]] | None = None,
) -> bytes:
    """The letters in the order given; `words` has every letter's language, `address` is the QR code.

    With `forms` (by language, as `form_content` makes them) a paper form with the code follows each letter.
    """
    content = {
        "letters": [asdict(letter) for letter in letters],
        "words": {language: asdict(text) for language, text in words.items()},
        "forms": dict(forms or {}),
    }
    is_latin = all(language in LANGUAGES for language in content["forms"])
    templates = {"main": TEMPLATE.read_bytes()}
    return compile_pdf(templates, content=content, is_latin=is_latin, qr=qr_svg(address).decode())
