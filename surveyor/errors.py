"""Named domain errors. Messages are bokmål source text, translated at the edge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


def N_(message: str) -> str:  # noqa: N802 -- gettext's own name for "mark, do not translate yet"
    """Mark a bokmål message for the translation catalogues and return it unchanged."""
    return message


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where it is, and (in the message) what to do about it."""

    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    field: str | None = None
    is_quoted: bool = False
    """True for words that an author wrote, in the questionnaire's language and not in ours."""

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class DomainError(Exception):
    """Something the user must be told; carries one or more problems, never a stack trace."""

    status = 400

    def __init__(self, *problems: Problem | str, **params: object) -> None:
        self.problems: Sequence[Problem] = tuple(
            p if isinstance(p, Problem) else Problem(p, params) for p in problems
        )
        super().__init__("; ".join(str(p) for p in self.problems))


class InvalidInput(DomainError):
    """What was sent in cannot be taken; every problem is listed and nothing is stored."""

    status = 422


class Refused(DomainError):
    """The request is well formed but a rule of the house says no."""

    status = 409


class Gone(DomainError):
    """It was there, and is not any more (a closed measurement, a used code)."""

    status = 410


class NotFound(DomainError):
    """No such thing, or none the user may know of."""

    status = 404


class Forbidden(DomainError):
    """Signed in, but not allowed."""

    status = 403
