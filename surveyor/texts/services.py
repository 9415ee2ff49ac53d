"""Moderating comments and coding them into themes."""

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from sqlalchemy import Table, delete
from sqlalchemy.orm import Session

from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.campaigns.models import Wave
from surveyor.errors import N_, InvalidInput, NotFound, Problem, Refused
from surveyor.responses.models import FreeText
from surveyor.texts.enums import ReviewState
from surveyor.texts.finders import chosen_marks, mask, word_marks
from surveyor.texts.keywords import read_keywords
from surveyor.texts.models import CommentReview, Theme, ThemeMark
from surveyor.texts.queries import coded_comments, comment, count_comments, themes
from surveyor.texts.spec import K_TEXT, MASKS, MAX_KEYWORDS, MAX_NAME, MAX_THEMES, ThemeRule


def decide(
    session: Session,
    *,
    wave: Wave,
    item: str,
    text_id: UUID,
    state: ReviewState,
    masked: Iterable[str] = (),
    words: Iterable[str] = (),
    actor: Actor,
) -> CommentReview:
    """Show a comment, with places masked, or withhold it; raises NotFound, and Refused with too few."""
    if count_comments(session, wave_id=wave.id).get(item, 0) < K_TEXT:
        raise Refused(N_("Det er for få kommentarer til at noen kan lese dem."))
    body = comment(session, wave_id=wave.id, item=item, text_id=text_id).body
    marks = (*chosen_marks(body, masked), *word_marks(body, words))
    review = session.merge(
        CommentReview(
            text_id=text_id, wave_id=wave.id, item=item, state=state, body=mask(body, marks, dict(MASKS))
        )
    )
    _record(session, actor, wave, "comments.moderated", item=item, outcome=state.value)
    return review


def take_back(session: Session, *, wave: Wave, item: str, text_id: UUID, actor: Actor) -> None:
    """Put a comment back in the queue; raises NotFound when nothing was decided about it."""
    review = session.get(CommentReview, text_id)
    if review is None or (review.wave_id, review.item) != (wave.id, item):
        raise NotFound(N_("Kommentaren finnes ikke."))
    session.delete(review)
    _record(session, actor, wave, "comments.reopened", item=item)


def add_theme(
    session: Session, *, wave: Wave, item: str, name: str, keywords: str, actor: Actor
) -> ThemeRule:
    """A new theme of a question; raises InvalidInput for a bad or a used name, and for too many words."""
    known = themes(session, wave_id=wave.id, item=item)
    name, words = " ".join(name.split()), read_keywords(keywords)
    problems = list(_problems(name, words, known))
    if problems:
        raise InvalidInput(*problems)
    theme = Theme(wave_id=wave.id, item=item, name=name, keywords=list(words))
    session.add(theme)
    session.flush()  # the page and the release ask for its key
    _record(session, actor, wave, "comments.theme_added", item=item, name=name)
    return ThemeRule(theme.id, name, words)


def _problems(name: str, words: tuple[str, ...], known: tuple[ThemeRule, ...]) -> Iterable[Problem]:
    if not name or len(name) > MAX_NAME:
        yield Problem(N_("Skriv et navn på høyst %(n)s tegn."), {"n": MAX_NAME}, field="name")
    if name.casefold() in {theme.name.casefold() for theme in known}:
        yield Problem(N_("Det finnes allerede et tema med dette navnet."), field="name")
    if len(known) >= MAX_THEMES:
        yield Problem(N_("Det kan være høyst %(n)s temaer."), {"n": MAX_THEMES}, field="name")
    if len(words) > MAX_KEYWORDS:
        yield Problem(N_("Det kan være høyst %(n)s stikkord."), {"n": MAX_KEYWORDS}, field="keywords")


def remove_theme(session: Session, *, wave: Wave, item: str, theme_id: UUID, actor: Actor) -> None:
    """Delete a theme and every mark by it; raises NotFound."""
    theme = session.get(Theme, theme_id)
    if theme is None or (theme.wave_id, theme.item) != (wave.id, item):
        raise NotFound(N_("Temaet finnes ikke."))
    session.execute(delete(ThemeMark).where(ThemeMark.theme_id == theme_id))
    session.delete(theme)
    _record(session, actor, wave, "comments.theme_removed", item=item, name=theme.name)


def code_comment(
    session: Session, *, wave: Wave, item: str, text_id: UUID, chosen: Iterable[UUID], actor: Actor
) -> None:
    """Set a comment's themes by hand; only what differs from the keywords is kept. Raises NotFound."""
    found = coded_comments(session, wave_id=wave.id, item=item, only=[text_id])
    if not found:
        raise NotFound(N_("Kommentaren finnes ikke."))
    rules, wanted = themes(session, wave_id=wave.id, item=item), set(chosen)
    session.execute(
        delete(ThemeMark).where(
            ThemeMark.text_id == text_id, ThemeMark.theme_id.in_([rule.id for rule in rules])
        )
    )
    differing = (rule.id for rule in rules if (rule.id in wanted) != (rule.id in found[0].by_rule))
    session.add_all(ThemeMark(text_id=text_id, theme_id=one, applies=one in wanted) for one in differing)
    _record(session, actor, wave, "comments.coded", item=item)


def forget_comments(session: Session, *, wave_id: UUID, item: str) -> None:
    """Delete a question's raw comments, the decisions and the marks: what is released stands by itself."""
    rules = [rule.id for rule in themes(session, wave_id=wave_id, item=item)]
    session.execute(delete(ThemeMark).where(ThemeMark.theme_id.in_(rules)))
    for model in (CommentReview, FreeText):
        table = cast(Table, model.__table__)
        session.execute(delete(table).where(table.c.wave_id == wave_id, table.c.item == item))


def _record(session: Session, actor: Actor, wave: Wave, action: str, **details: object) -> None:
    record(session, actor=actor, action=action, subject_type="wave", subject_id=wave.id, **details)
