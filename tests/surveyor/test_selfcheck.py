"""An unsafe installation says what is wrong, and does not start in production."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from secrets import token_urlsafe

import pytest

from surveyor import create_app
from surveyor.config import Settings
from surveyor.errors import Refused
from surveyor.selfcheck import failing, refuse_unsafe

ROOT = Path(__file__).parents[2]


@pytest.fixture
def safe(settings: Settings, tmp_path: Path) -> Settings:
    for name in ("a", "b"):
        (tmp_path / name).mkdir(mode=0o700)
    (tmp_path / "private.sqlite").touch(mode=0o600)
    stores = {"key_store_a": tmp_path / "a", "key_store_b": tmp_path / "b"}
    return replace(
        settings, production=True, base_url="https://surveyor.fjordvik.no",
        trusted_hosts=("surveyor.fjordvik.no",), database_url=f"sqlite:///{tmp_path / 'private.sqlite'}",
        secret_key=token_urlsafe(48), code_pepper=token_urlsafe(48), **stores,
    )  # fmt: skip


def test_a_safe_installation_has_nothing_failing(safe: Settings) -> None:
    assert failing(safe, {}) == []
    refuse_unsafe(safe, {})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"secret_key": ""}, "secret_key"),
        ({"secret_key": "kort"}, "secret_key"),
        ({"secret_key": "a" * 64}, "secret_key"),
        ({"secret_key": "change-me-" + "abcdefghijklmnopqrstuvwxyz"}, "eksempel"),
        ({"secret_key_fallbacks": ("old",)}, "fallbacks"),
        ({"code_pepper": "kort"}, "code_pepper"),
        ({"base_url": "http://surveyor.fjordvik.no"}, "https"),
        ({"trusted_hosts": ()}, "trusted_hosts"),
        ({"trusted_hosts": ("*",)}, "trusted_hosts"),
        ({"trusted_hosts": ("other.no",)}, "trusted_hosts"),
        ({"demo": True}, "Demonstrasjon"),
    ],
)
def test_each_failing_item_is_named_and_stops_production(safe: Settings, change: dict, says: str) -> None:
    unsafe = replace(safe, **change)
    assert any(says in str(problem) for problem in failing(unsafe, {}))
    with pytest.raises(Refused):
        refuse_unsafe(unsafe, {})


def test_debug_shared_keys_and_readable_secrets_stop_production(safe: Settings) -> None:
    safe.instance.joinpath("secrets.toml").write_text("")
    safe.instance.joinpath("secrets.toml").chmod(0o644)
    found = failing(replace(safe, key_store_b=safe.key_store_a), {"FLASK_DEBUG": "1"})
    assert len(found) == 3


def test_a_database_that_others_may_read_is_named(safe: Settings, tmp_path: Path) -> None:
    (tmp_path / "private.sqlite").chmod(0o640)
    assert [problem.params["path"] for problem in failing(safe, {})] == ["private.sqlite"]


def test_equal_secrets_are_refused_everywhere(settings: Settings) -> None:
    with pytest.raises(Refused):
        create_app(replace(settings, code_pepper=settings.secret_key))


def test_a_short_secret_is_refused_outside_production_too(settings: Settings) -> None:
    with pytest.raises(Refused):
        create_app(replace(settings, secret_key="short"))


def test_plain_http_is_fine_on_this_machine_only(settings: Settings) -> None:
    for url, is_fine in [
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://10.0.0.1", False),
    ]:
        says_https = any("https" in str(p) for p in failing(replace(settings, base_url=url), {}))
        assert says_https is not is_fine


def test_no_secret_is_in_the_settings_words(settings: Settings) -> None:
    assert settings.secret_key not in repr(settings)
    assert settings.code_pepper not in repr(settings)


def test_the_command_prints_the_items_and_refuses_in_production(tmp_path: Path) -> None:
    environment = os.environ | {
        "SURVEYOR_INSTANCE": str(tmp_path),
        "SURVEYOR_PRODUCTION": "1",
        "SURVEYOR_SECRET_KEY": "x",
    }
    command = [sys.executable, "-m", "surveyor", "selfcheck"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "secret_key" in done.stderr
    started = subprocess.run(
        [sys.executable, "-c", "import wsgi"], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert started.returncode != 0
