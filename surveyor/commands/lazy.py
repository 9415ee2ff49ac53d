"""A click group that imports a command only when it is called, and turns domain errors into exit code 1."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from surveyor.errors import DomainError, Problem

MOST_PROBLEMS_SHOWN = 50


class LazyGroup(click.Group):
    """Commands named by "module:attribute" with their one-line help."""

    def __init__(self, *args: Any, commands_at: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands_at:
            return None
        module, _, attribute = self.commands_at[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.commands_at.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DomainError as error:
            raise RefusedCommand(error) from error
        except OperationalError as error:
            raise click.ClickException(f"Databasen svarer ikke slik den skal: {error.orig}") from error
        except OSError as error:  # a full disk, a folder that may not be written
            if error.strerror is None:
                raise
            where = f" ({error.filename})" if error.filename else ""
            raise click.ClickException(
                f"Filen kan ikke leses eller skrives: {error.strerror}{where}"
            ) from error


class RefusedCommand(click.ClickException):
    """Exit code 1; every problem on a line of its own, with sheet, row and column."""

    exit_code = 1

    def __init__(self, error: DomainError) -> None:
        shown = [problem_line(problem) for problem in error.problems[:MOST_PROBLEMS_SHOWN]]
        if (n_more := len(error.problems) - len(shown)) > 0:
            shown.append(f"... og {n_more} til.")
        super().__init__("\n".join(shown))

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file, err=file is None)


def problem_line(problem: Problem) -> str:
    """`ark survey, rad 12, kolonne relevant: ...`, as far as it is known where the problem is."""
    places = (("ark", problem.sheet), ("rad", problem.row), ("kolonne", problem.column or problem.field))
    where = ", ".join(f"{word} {place}" for word, place in places if place is not None)
    return f"{where}: {problem}" if where else str(problem)
