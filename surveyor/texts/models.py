"""Tables of moderation and themes. What belongs to one comment is anonymous like the comment itself."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyor.db import AnonymousBase, Base, new_id
from surveyor.texts.enums import ReviewState


class CommentReview(AnonymousBase):
    """What was decided about one comment; `body` is the text as it will be shown, masks included."""

    __tablename__ = "comment_review"

    text_id: Mapped[UUID] = mapped_column(primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(index=True)
    item: Mapped[str]
    state: Mapped[ReviewState]
    body: Mapped[str]


class Theme(Base):
    """A theme of the comments to one question, and the keywords that find it."""

    __tablename__ = "theme"
    __table_args__ = (UniqueConstraint("wave_id", "item", "name"),)

    id: Mapped[UUID] = new_id()
    wave_id: Mapped[UUID] = mapped_column(ForeignKey("wave.id"))
    item: Mapped[str]
    name: Mapped[str]
    keywords: Mapped[list[Any]]


class ThemeMark(AnonymousBase):
    """A theme put on a comment, or taken off it, by hand: it counts before the keywords."""

    __tablename__ = "theme_mark"

    text_id: Mapped[UUID] = mapped_column(primary_key=True)
    theme_id: Mapped[UUID] = mapped_column(primary_key=True)
    applies: Mapped[bool]
