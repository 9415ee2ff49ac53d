"""What an import has to say: problems that stop it, notices of what was left out, each at its place."""

import re
from dataclasses import dataclass, field
from typing import Any

from surveyor.errors import N_, Problem
from surveyor.instruments.workbook import Row

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}")
CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,63}")
_YES = frozenset({"yes", "true", "true()", "1", "ja", "x"})
_NO = frozenset({"", "no", "false", "false()", "0", "nei"})


@dataclass
class Findings:
    """Collects problems and notices in the order met."""

    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    """Names of rows that are not asked; what reads them finds them unanswered."""

    def problem(self, row: Row, column: str | None, message: str, **params: object) -> None:
        """Something that must be put right."""
        self.problems.append(Problem(message, params, row.sheet, row.number, column))

    def notice(self, row: Row, column: str | None, message: str, **params: object) -> None:
        """Something left out or understood in its own way."""
        self.notices.append(Problem(message, params, row.sheet, row.number, column))

    def yes(self, row: Row, column: str, written: str) -> bool:
        """A yes-or-no cell; a problem for anything else."""
        if written.lower() not in _YES | _NO:
            self.problem(row, column, N_("Skriv yes eller no, ikke «%(text)s»."), text=written)
        return is_yes(written)


def written(problem: Problem) -> dict[str, Any]:
    """A problem or notice as JSON; `Problem(**written(one))` is the same one."""
    params = {key: value if isinstance(value, int) else str(value) for key, value in problem.params.items()}
    place = {name: getattr(problem, name) for name in ("sheet", "row", "column", "field")}
    return {"message": problem.message, "params": params, **place}


def is_yes(written: str) -> bool:
    """True for the ways of writing yes."""
    return written.lower() in _YES


def is_no(written: str) -> bool:
    """True for the ways of writing no, an empty cell too."""
    return written.lower() in _NO
