"""Frozen settings, read once from instance/config.toml and SURVEYOR_* environment variables."""

import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from surveyor.errors import N_, Refused

ROOT = Path(__file__).resolve().parent.parent
GRACE_WITH_BACKUPS = 7  # days in which an opening can be repeated from a restored back-up


@dataclass(frozen=True)
class Settings:
    """Everything an installation may set. Secrets never appear in repr."""

    instance: Path
    database_url: str
    base_url: str = "http://127.0.0.1:8000"
    municipality: str = "Kommune"
    contact_email: str = ""
    contact_phone: str = ""
    paper_address: str = ""
    demo: bool = False
    production: bool = False
    trusted_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    proxy_hops: int = 0
    secret_key: str = field(default="", repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    code_pepper: str = field(default="", repr=False)
    key_store_a: Path = Path()
    key_store_b: Path = Path()
    backup_folder: str = ""
    key_grace_days: int = 0
    mail_sender: str = "surveyor@localhost"
    smtp_host: str = ""
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_starttls: bool = False

    @property
    def mail_is_sent(self) -> bool:
        """Whether an SMTP server is set; without one, mails wait readable on the outbox page."""
        return bool(self.smtp_host)


def load_settings(instance: Path | None = None, **overrides: object) -> Settings:
    """Settings of an instance folder: defaults < config.toml < secrets.toml < environment < overrides."""
    folder = (instance or Path(os.environ.get("SURVEYOR_INSTANCE") or ROOT / "instance")).resolve()
    values: dict[str, object] = {
        "instance": folder,
        "database_url": f"sqlite:///{folder / 'surveyor.sqlite'}",
        "key_store_a": folder / "keys" / "a",
        "key_store_b": folder / "keys" / "b",
    }
    for name in ("config.toml", "secrets.toml"):
        if (folder / name).exists():
            values |= _read(folder / name)
    values |= _environment() | overrides
    values.setdefault("key_grace_days", GRACE_WITH_BACKUPS if values.get("backup_folder") else 0)
    return Settings(**{f.name: _typed(f.name, values[f.name]) for f in fields(Settings) if f.name in values})


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = N_("%(file)s kan ikke leses: %(error)s")
        raise Refused(message, file=str(file), error=str(error)) from error


def database_path(url: str) -> Path | None:
    """The file of an SQLite database; None on a server."""
    kind, _, path = url.partition(":///")
    return Path(path) if path and kind.startswith("sqlite") else None


def _environment() -> dict[str, object]:
    known = {f.name for f in fields(Settings)} - {"instance"}
    return {name: os.environ[key] for name in known if (key := f"SURVEYOR_{name.upper()}") in os.environ}


def _typed(name: str, value: Any) -> Any:
    if name in {"instance", "key_store_a", "key_store_b"}:
        return Path(str(value))
    if name in {"smtp_port", "proxy_hops", "key_grace_days"}:
        if not re.fullmatch(r"-?[0-9]{1,9}", str(value)):
            raise Refused(N_("Innstillingen %(name)s må være et helt tall."), name=name)
        return int(str(value))
    if name in {"demo", "production", "smtp_starttls"}:
        return value if isinstance(value, bool) else str(value).lower() in {"1", "true", "yes"}
    if name in {"trusted_hosts", "secret_key_fallbacks"}:
        return tuple(value.split(",") if isinstance(value, str) else value)
    return value
