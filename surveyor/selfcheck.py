"""What must be in order before an installation may serve: secrets, addresses, cookies, debug, key folders."""

import os
import stat
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from surveyor.config import Settings, database_path
from surveyor.errors import N_, Problem, Refused

SHORTEST_SECRET = 32
_KNOWN = ("secret", "change", "default", "example", "password", "passord", "dev", "test")


def failing(settings: Settings, environment: Mapping[str, str] | None = None) -> list[Problem]:
    """Everything that is not safe; empty when all is well."""
    environment = os.environ if environment is None else environment
    return [
        *_secrets(settings),
        *_addresses(settings),
        *_folders(settings),
        *(
            [Problem(N_("Feilsøking er slått på (FLASK_DEBUG)."))]
            if _is_on(environment, "FLASK_DEBUG")
            else []
        ),
        *(
            [Problem(N_("Demonstrasjon og drift kan ikke være på samtidig."))]
            if _is_demo_in_use(settings)
            else []
        ),
    ]


def refuse_unsafe(settings: Settings, environment: Mapping[str, str] | None = None) -> None:
    """Raise Refused with every failing item in production; elsewhere only for weak secrets."""
    problems = failing(settings, environment) if settings.production else list(_secrets(settings))
    if problems:
        raise Refused(*problems)


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address is this machine only."""
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def _secrets(settings: Settings) -> Iterator[Problem]:
    named = {"secret_key": settings.secret_key, "code_pepper": settings.code_pepper}
    named |= {f"secret_key_fallbacks[{n}]": key for n, key in enumerate(settings.secret_key_fallbacks)}
    for name, secret in named.items():
        if len(secret) < SHORTEST_SECRET or len(set(secret)) < 10:
            yield Problem(
                N_("%(name)s er for kort eller for enkel. Den må ha minst %(n)s tilfeldige tegn."),
                {"name": name, "n": SHORTEST_SECRET},
            )
        elif settings.production and secret.casefold().startswith(_KNOWN):
            yield Problem(N_("%(name)s ser ut som et eksempel. Lag en tilfeldig."), {"name": name})
    if settings.secret_key and settings.secret_key == settings.code_pepper:
        yield Problem(N_("secret_key og code_pepper må være ulike."))


def _addresses(settings: Settings) -> Iterator[Problem]:
    address = urlsplit(settings.base_url)
    if address.scheme != "https" and not is_loopback(address.hostname):
        yield Problem(
            N_("base_url er %(url)s. Utenfor egen maskin må den begynne med https."),
            {"url": settings.base_url},
        )
    if not settings.trusted_hosts or any(not host.strip(" .*") for host in settings.trusted_hosts):
        yield Problem(N_("trusted_hosts må liste vertsnavnene som er i bruk."))
    elif address.hostname not in settings.trusted_hosts:
        yield Problem(
            N_("trusted_hosts mangler vertsnavnet i base_url: %(host)s."), {"host": address.hostname}
        )


def _folders(settings: Settings) -> Iterator[Problem]:
    if settings.key_store_a.resolve() == settings.key_store_b.resolve():
        yield Problem(N_("Nøklene må ligge i to ulike mapper: key_store_a og key_store_b."))
    private = [settings.instance / "secrets.toml", settings.key_store_a, settings.key_store_b]
    for path in filter(None, [*private, database_path(settings.database_url)]):
        if _others_may_read(path):
            yield Problem(N_("Andre brukere på maskinen kan lese %(path)s."), {"path": path.name})


def _others_may_read(path: Path) -> bool:
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _is_on(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").lower() not in {"", "0", "false", "no"}


def _is_demo_in_use(settings: Settings) -> bool:
    return settings.demo and settings.production
