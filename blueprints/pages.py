"""The front page, and the pages that tell about privacy, accessibility and whom to ask."""

from collections.abc import Callable, Iterable

from flask import Blueprint, render_template, url_for
from flask_login import current_user

from blueprints.access import held_roles, public
from surveyor.accounts.enums import Role

bp = Blueprint("pages", __name__)

Task = tuple[str, str, str, str]  # heading, text, address, colour: neutral info success warning danger
TaskSource = Callable[[], Iterable[Task]]
_sources: list[tuple[frozenset[Role], TaskSource]] = []


def tasks_for(*roles: Role) -> Callable[[TaskSource], TaskSource]:
    """What a room has waiting for people with one of these roles: asked when they open the front page."""

    def register(source: TaskSource) -> TaskSource:
        _sources.append((frozenset(roles), source))
        return source

    return register


@bp.get("/")
@public
def front() -> str:
    if current_user.is_authenticated:
        held = held_roles()
        tasks = [task for roles, source in _sources if roles & held for task in source()]
        return render_template("pages/front.html", tasks=tasks)
    return render_template("pages/front.html", code_url=url_for("pages.code"))


@bp.get("/kode")
@public
def code() -> str:
    return render_template("pages/code.html")


@bp.get("/personvern")
@public
def privacy() -> str:
    return render_template("pages/privacy.html")


@bp.get("/tilgjengelighet")
@public
def accessibility() -> str:
    return render_template("pages/accessibility.html")


@bp.get("/kontakt")
@public
def contact() -> str:
    return render_template("pages/contact.html")
