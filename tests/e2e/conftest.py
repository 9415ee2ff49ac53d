"""Debian's Chromium, one for all browser tests of a worker; each test opens a context of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from surveyor.demo.loading import SIGN_INS, load, prepare
from tests.e2e.answering_field import Field, running_field
from tests.e2e.demo_visits import Demo
from tests.surveyor.fieldwork.served import served


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    arguments = [
        "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--no-first-run",
    ]  # fmt: skip
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": arguments}


@pytest.fixture(scope="session")
def field(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """A served wave whose people nobody has been yet."""
    yield from running_field(browser, tmp_path_factory.mktemp("field"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Demo]:
    """A demo of the module's own."""
    settings = prepare(tmp_path_factory.mktemp("demo") / "instance", reset=True)
    load(settings, lambda number, total, name: None)
    lines = (Path(settings.instance) / SIGN_INS).read_text().splitlines()
    passwords = {line.split("@")[0]: line.split()[1] for line in lines if "@" in line}
    with served(settings, workers=1, pepper=settings.code_pepper) as server:
        yield Demo(server, passwords, browser, settings.instance)
