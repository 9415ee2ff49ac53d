"""Questionnaires to print: blank ones to look over, and a wave's own forms."""

from flask import Blueprint, Response, abort, make_response, request

from blueprints.access import roles
from blueprints.instruments import READERS
from blueprints.request_scope import session, settings
from blueprints.wave_access import managed_wave
from surveyor.accounts.enums import Role
from surveyor.instruments.paper.printing import blank_cover, paper_pdf
from surveyor.instruments.queries import questionnaire_of, version
from surveyor.invitations.paper import wave_paper

bp = Blueprint("paper", __name__)


@bp.get("/skjema/<code>/<int:number>/papir/<language>")
@roles(*READERS)
def instrument(code: str, number: int, language: str) -> Response:
    questionnaire = questionnaire_of(version(session(), code=code, number=number))
    if language not in questionnaire.languages:
        abort(404)
    cover = blank_cover(questionnaire, sender=settings().municipality, language=language)
    return _pdf(paper_pdf(questionnaire, cover=cover, language=language), f"{code}-{number}-{language}.pdf")


@bp.get("/undersokelser/<code>/papir/<language>")
@roles(Role.SURVEY_ADMIN)
def wave(code: str, language: str) -> Response:
    n = request.args.get("antall", 0, type=int)
    pdf = wave_paper(settings(), wave=managed_wave(code), language=language, n=n)
    return _pdf(pdf, f"{code}-{language}.pdf")


def _pdf(content: bytes, name: str) -> Response:
    response = make_response(content)
    response.mimetype = "application/pdf"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
