"""Who acts: an account by e-mail, the command line, or the worker."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """The author of a change as the audit names it."""

    name: str


COMMAND_LINE = Actor("command line")
WORKER = Actor("worker")
