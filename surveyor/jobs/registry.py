"""Which function runs a kind of job: each room's tasks.py registers its own; twice must equal once."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Engine

from surveyor.config import Settings

Progress = Callable[[int, int], None]
Task = Callable[[Engine, Settings, Mapping[str, Any], Progress], object]
TASKS: dict[str, Task] = {}
PROMISES: set[str] = set()
"""Kinds that keep a promise, as deleting what was to be deleted: they are never given up."""


def job(kind: str, *, is_promise: bool = False) -> Callable[[Task], Task]:
    """Register `function(engine, settings, payload, progress)` for a kind; raises ValueError if taken."""

    def register(function: Task) -> Task:
        if kind in TASKS and TASKS[kind].__qualname__ != function.__qualname__:
            raise ValueError(f"two tasks for {kind}")
        TASKS[kind] = function
        if is_promise:
            PROMISES.add(kind)
        return function

    return register


def no_progress(_n_done: int, _n_total: int) -> None:
    """For callers that show no progress."""
