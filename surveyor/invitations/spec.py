"""The sampling frame as plain frozen objects."""

from collections.abc import Mapping
from dataclasses import dataclass

# What a register may tell of the people asked; used to see who answers, never kept with an answer.
REGISTER_VARIABLES = ("gender", "age_band", "position")
MAX_GROUPS = 8


@dataclass(frozen=True)
class MemberRow:
    """A person as a file names them; checked, and with the language settled."""

    unit_code: str
    name: str
    email: str | None
    phone: str | None
    language: str
    register: Mapping[str, str] | None = None


@dataclass(frozen=True)
class MemberReport:
    """What an import of participants did."""

    n_added: int
    n_mail: int
    n_letter: int
    n_phone_only: int
    unknown_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class FrameSize:
    """How many people are asked, and how."""

    n_members: int = 0
    n_letter: int = 0

    @property
    def n_mail(self) -> int:
        return self.n_members - self.n_letter
