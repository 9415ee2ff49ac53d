"""Reading released comments: a unit's own list, how many touch each theme, and what awaits release."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.campaigns.models import Wave
from surveyor.instruments.spec import Questionnaire
from surveyor.releases.enums import CellState
from surveyor.releases.models import CommentRelease, ReleasedComment, ReleasedTheme
from surveyor.releases.spec import Share
from surveyor.texts.enums import ReviewState
from surveyor.texts.queries import count_comments, count_reviews
from surveyor.texts.spec import OpenItem

PAGE = 50


@dataclass(frozen=True)
class CommentList:
    """One question's comments as a unit may read them; n is None where they may not be read."""

    item: str
    n: int | None
    bodies: tuple[str, ...]
    themes: tuple[tuple[str, Share], ...]
    page: int
    n_pages: int

    @property
    def is_shown(self) -> bool:
        return self.n is not None


def released_comments(session: Session, *, wave_id: UUID) -> Sequence[CommentRelease]:
    """The questions of a wave whose comments are released."""
    return session.scalars(
        select(CommentRelease).where(CommentRelease.wave_id == wave_id).order_by(CommentRelease.item)
    ).all()


def comment_list(
    session: Session, *, release: CommentRelease, unit: str, below: Sequence[str], page: int = 1
) -> CommentList:
    """A unit's comments to one question, by their random keys; `below`: the unit and all under it."""
    rows = session.scalars(
        select(ReleasedTheme)
        .where(ReleasedTheme.comment_release_id == release.id, ReleasedTheme.unit == unit)
        .order_by(ReleasedTheme.position)
    ).all()
    head = next((row for row in rows if not row.theme and row.state is CellState.SHOWN), None)
    if head is None or head.n is None:
        return CommentList(release.item, None, (), (), 1, 1)
    n_pages = max(1, -(-head.n // PAGE))
    page = min(max(page, 1), n_pages)
    bodies = session.scalars(
        select(ReleasedComment.body)
        .where(ReleasedComment.comment_release_id == release.id, ReleasedComment.unit.in_(below))
        .order_by(ReleasedComment.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    themes = tuple((row.theme, _share(row)) for row in rows if row.theme)
    return CommentList(release.item, head.n, tuple(bodies), themes, page, n_pages)


def _share(row: ReleasedTheme) -> Share:
    return Share("theme", row.state is CellState.SHOWN, row.n, row.value, row.low, row.high)


def moderation(session: Session, *, wave: Wave, asked: Questionnaire) -> list[OpenItem]:
    """How far the moderation of each free-text question of a closed wave has come."""
    n = count_comments(session, wave_id=wave.id)
    decided = count_reviews(session, wave_id=wave.id)
    frozen = {release.item for release in released_comments(session, wave_id=wave.id)}
    return [
        OpenItem(
            wave.code, item.name, item.label, n.get(item.name, 0),
            decided.get((item.name, ReviewState.SHOWN), 0), decided.get((item.name, ReviewState.WITHHELD), 0),
            item.name in frozen,
        )
        for item in asked.open_items
    ]  # fmt: skip
