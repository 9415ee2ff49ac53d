"""Reading comments and themes, for moderators and for the release; a moderator never sees a unit."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from surveyor.errors import N_, NotFound
from surveyor.responses.models import FreeText
from surveyor.texts.enums import ReviewState
from surveyor.texts.keywords import mentions
from surveyor.texts.models import CommentReview, Theme, ThemeMark
from surveyor.texts.spec import Coded, Comment, ThemeRule


def count_comments(session: Session, *, wave_id: UUID) -> dict[str, int]:
    """Comments of a wave by question, decided about or not."""
    rows = session.execute(
        select(FreeText.item, func.count()).where(FreeText.wave_id == wave_id).group_by(FreeText.item)
    )
    return {row[0]: row[1] for row in rows}


def count_reviews(session: Session, *, wave_id: UUID) -> dict[tuple[str, ReviewState], int]:
    """What has been decided about a wave's comments: (question, decision) -> how many."""
    rows = session.execute(
        select(CommentReview.item, CommentReview.state, func.count())
        .where(CommentReview.wave_id == wave_id)
        .group_by(CommentReview.item, CommentReview.state)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _waiting(wave_id: UUID, item: str) -> Select[UUID, str]:
    decided = select(CommentReview.text_id).where(CommentReview.wave_id == wave_id)
    return select(FreeText.id, FreeText.body).where(
        FreeText.wave_id == wave_id, FreeText.item == item, FreeText.id.not_in(decided)
    )


def waiting_comments(session: Session, *, wave_id: UUID, item: str, limit: int = 10) -> Sequence[Comment]:
    """The next comments nobody has decided about, by their random keys: in no order of anything."""
    rows = session.execute(_waiting(wave_id, item).order_by(FreeText.id).limit(limit))
    return [Comment(row[0], row[1]) for row in rows]


def comment(session: Session, *, wave_id: UUID, item: str, text_id: UUID) -> Comment:
    """One comment of a question; raises NotFound."""
    row = session.execute(
        select(FreeText.id, FreeText.body).where(
            FreeText.id == text_id, FreeText.wave_id == wave_id, FreeText.item == item
        )
    ).first()
    if row is None:
        raise NotFound(N_("Kommentaren finnes ikke."))
    return Comment(row[0], row[1])


def reviews(
    session: Session, *, wave_id: UUID, item: str, state: ReviewState, limit: int = 50, page: int = 1
) -> Sequence[Comment]:
    """Comments about which this was decided, as they will be shown."""
    rows = session.execute(
        select(CommentReview.text_id, CommentReview.body)
        .where(CommentReview.wave_id == wave_id, CommentReview.item == item, CommentReview.state == state)
        .order_by(CommentReview.text_id)
        .limit(limit)
        .offset((page - 1) * limit)
    )
    return [Comment(row[0], row[1]) for row in rows]


def themes(session: Session, *, wave_id: UUID, item: str) -> tuple[ThemeRule, ...]:
    """The themes of a question by name."""
    rows = session.scalars(
        select(Theme).where(Theme.wave_id == wave_id, Theme.item == item).order_by(Theme.name)
    )
    return tuple(ThemeRule(row.id, row.name, tuple(row.keywords)) for row in rows)


def coded_comments(
    session: Session, *, wave_id: UUID, item: str, only: Sequence[UUID] | None = None
) -> list[Coded]:
    """Every comment that will be shown with its segment and themes; for the release and for theme pages."""
    rules = themes(session, wave_id=wave_id, item=item)
    query = (
        select(CommentReview.text_id, FreeText.segment_code, CommentReview.body)
        .join(FreeText, FreeText.id == CommentReview.text_id)
        .where(
            CommentReview.wave_id == wave_id,
            CommentReview.item == item,
            CommentReview.state == ReviewState.SHOWN,
        )
        .order_by(CommentReview.text_id)
    )
    if only is not None:
        query = query.where(CommentReview.text_id.in_(only))
    marks = _marks(session, rules)
    return [_coded(row[0], row[1], row[2], rules, marks.get(row[0], {})) for row in session.execute(query)]


def _marks(session: Session, rules: Sequence[ThemeRule]) -> dict[UUID, dict[UUID, bool]]:
    rows = session.execute(
        select(ThemeMark.text_id, ThemeMark.theme_id, ThemeMark.applies).where(
            ThemeMark.theme_id.in_([rule.id for rule in rules])
        )
    )
    found: dict[UUID, dict[UUID, bool]] = {}
    for text_id, theme_id, applies in rows:
        found.setdefault(text_id, {})[theme_id] = applies
    return found


def _coded(
    text_id: UUID, segment: str, body: str, rules: Sequence[ThemeRule], by_hand: dict[UUID, bool]
) -> Coded:
    by_rule = frozenset(rule.id for rule in rules if mentions(body, rule.keywords))
    themes_now = frozenset(rule.id for rule in rules if by_hand.get(rule.id, rule.id in by_rule))
    return Coded(text_id, segment, body, by_rule, themes_now)
