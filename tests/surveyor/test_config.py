"""Settings: files, then the environment; secrets never shown."""

from pathlib import Path

import pytest

from surveyor.config import GRACE_WITH_BACKUPS, load_settings
from surveyor.errors import Refused


def test_keys_outlive_the_opening_only_where_backups_are_taken(tmp_path: Path) -> None:
    assert load_settings(tmp_path).key_grace_days == 0
    (tmp_path / "config.toml").write_text('backup_folder = "/var/backups/surveyor"\n', encoding="utf-8")
    assert load_settings(tmp_path).key_grace_days == GRACE_WITH_BACKUPS == 7
    assert load_settings(tmp_path, key_grace_days=3).key_grace_days == 3


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text('municipality = "A"\nsmtp_port = 25\n', encoding="utf-8")
    monkeypatch.setenv("SURVEYOR_MUNICIPALITY", "B")
    settings = load_settings(tmp_path)
    assert (settings.municipality, settings.smtp_port) == ("B", 25)


def test_secrets_are_not_in_the_settings_own_words(tmp_path: Path) -> None:
    assert "hush" not in repr(load_settings(tmp_path, secret_key="hush", code_pepper="hush"))


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("municipality = [", "config.toml kan ikke leses"),
        ('municipality = "\\xe5"', "config.toml kan ikke leses"),
        ('smtp_port = "abc"', "smtp_port må være et helt tall"),
        ("key_grace_days = 1.5", "key_grace_days må være et helt tall"),
    ],
)
def test_a_mistake_in_the_file_is_told_in_words(tmp_path: Path, written: str, says: str) -> None:
    (tmp_path / "config.toml").write_text(written)
    with pytest.raises(Refused, match=says):
        load_settings(tmp_path)
