"""A questionnaire as a PDF to print and answer with a pen: tagged, the same bytes for the same content."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from surveyor.instruments.paper.sheet import sheet
from surveyor.instruments.paper.wording import WORDS, words_in
from surveyor.instruments.spec import Questionnaire

FORM = Path(__file__).with_name("form.typ")
_BLANK = Path(__file__).with_name("blank.typ")
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # a file that says when it was made differs each time


@dataclass(frozen=True)
class Cover:
    """What stands before the questions: who asks, what for, how answers are protected, where to send them."""

    sender: str
    title: str
    purpose: tuple[str, ...] = ()
    protection_title: str = ""
    protection: tuple[str, ...] = ()
    send_title: str = ""
    send: tuple[str, ...] = ()
    code_label: str = ""
    code_hint: str = ""
    has_code: bool = False


def blank_cover(questionnaire: Questionnaire, *, sender: str, language: str) -> Cover:
    """The cover of a form that belongs to no wave."""
    return Cover(sender, questionnaire.title_in(language), (words_in(language)["blank"],))


def form_content(questionnaire: Questionnaire, *, cover: Cover, language: str) -> Mapping[str, object]:
    """What the template draws."""
    laid_out = asdict(sheet(questionnaire, language))
    return {"sheet": laid_out, "cover": asdict(cover), "words": dict(words_in(language))}


def paper_pdf(
    questionnaire: Questionnaire, *, cover: Cover, language: str, codes: Sequence[str] = ("",)
) -> bytes:
    """Blank forms, one for each code to stand on them."""
    content = {**form_content(questionnaire, cover=cover, language=language), "codes": list(codes)}
    return compile_pdf({"main": _BLANK.read_bytes()}, content=content, is_latin=language in WORDS)


def compile_pdf(
    templates: Mapping[str, bytes], *, content: Mapping[str, object], is_latin: bool = True, **inputs: str
) -> bytes:
    """A tagged PDF (PDF/UA) of templates that may draw forms; other scripts take the machine's own fonts."""
    import typst  # noqa: PLC0415 -- slow import

    sources = {**templates, "form.typ": FORM.read_bytes()}
    inputs["content"] = json.dumps(content, ensure_ascii=False)
    for ignores_fonts, standards in ((is_latin, ["ua-1"]), (False, ["ua-1"]), (False, [])):
        try:
            pdf = typst.compile(  # type: ignore[call-overload]  # its types leave out several files at once
                sources, format="pdf", sys_inputs=inputs, ignore_system_fonts=ignores_fonts,
                pdf_standards=standards, timestamp=_LONG_AGO,
            )  # fmt: skip
            return bytes(pdf)
        except typst.TypstError:
            if not standards:  # a sign that no font has is no reason to print nothing
                raise
    raise AssertionError("the last attempt returns or raises")
