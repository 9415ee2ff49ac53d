"""The front page, and the pages that tell about privacy, accessibility and whom to ask."""

from flask import Blueprint, render_template, url_for
from flask_login import current_user

from blueprints.access import public
from blueprints.home_tasks import tasks
from surveyor.campaigns.models import ANSWER_YEARS

bp = Blueprint("pages", __name__)


@bp.get("/")
@public
def front() -> str:
    if not current_user.is_authenticated:
        return render_template("pages/front.html", code_url=url_for("pages.code"))
    waiting = [(task.heading, task.text, task.url, task.colour) for task in tasks()]
    return render_template("pages/front.html", tasks=waiting)


@bp.get("/kode")
@public
def code() -> str:
    return render_template("pages/code.html")


@bp.get("/personvern")
@public
def privacy() -> str:
    return render_template("pages/privacy.html", answer_years=ANSWER_YEARS)


@bp.get("/tilgjengelighet")
@public
def accessibility() -> str:
    return render_template("pages/accessibility.html")


@bp.get("/kontakt")
@public
def contact() -> str:
    return render_template("pages/contact.html")
