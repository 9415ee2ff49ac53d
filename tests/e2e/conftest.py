"""Debian's Chromium, one for all browser tests of a worker; each test opens a context of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.answering_field import Field, running_field
from tests.e2e.demo_visits import LAUNCH, Demo, served_demo


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, **LAUNCH}


@pytest.fixture(scope="session")
def field(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """A served wave whose people nobody has been yet."""
    yield from running_field(browser, tmp_path_factory.mktemp("field"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Demo]:
    """A demo of the module's own."""
    with served_demo(tmp_path_factory.mktemp("demo") / "instance", browser) as demo:
        yield demo
