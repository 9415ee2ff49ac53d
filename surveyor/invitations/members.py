"""Reading a file of participants: every problem with its row and column, or the people. Pure."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from surveyor.errors import N_, InvalidInput, Problem
from surveyor.invitations.spec import MAX_GROUPS, REGISTER_VARIABLES, MemberRow
from surveyor.tabular import Row, Source, Table, read_table

COLUMNS = {
    "unit": ("enhet", "enhetskode", "eining", "einingskode", "unit code"),
    "name": ("navn", "namn"),
    "email": ("e-post", "epostadresse", "e-mail", "mail"),
    "phone": ("telefon", "mobil", "tlf"),
    "language": ("språk", "mål", "lang"),
    "gender": ("kjønn", "sex"),
    "age_band": ("aldersgruppe", "age group"),
    "position": ("stillingsandel", "position share"),
}
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([^\s@.]{1,63}\.)+[^\s@.\d]{2,63}")
_LANGUAGE_WORDS = {
    "bokmål": "nb", "norsk": "nb", "no": "nb", "nynorsk": "nn", "engelsk": "en", "english": "en",
    "polsk": "pl", "samisk": "se", "arabisk": "ar", "somali": "so", "russisk": "ru",
}  # fmt: skip
MAX_NAME, MAX_GROUP_NAME = 200, 40


@dataclass(frozen=True)
class Frame:
    """What a row is checked against."""

    units: Collection[str]
    languages: Collection[str]
    default_language: str
    existing: Collection[tuple[str, str]] = ()  # unit and e-mail of people already there
    closed_units: Collection[str] = ()  # in the wave, but nobody can join there after launch


def read_members(file: Source, filename: str, *, frame: Frame) -> tuple[tuple[MemberRow, ...], Table]:
    """The people of a file; raises InvalidInput with every problem."""
    table = read_table(file, filename, columns=COLUMNS, required=("unit",))
    if not table.rows:
        raise InvalidInput(N_("Filen har ingen deltakere."))
    problems: list[Problem] = []
    seen: dict[tuple[str, str], int] = {}
    members = [_member(row, table, frame, seen, problems) for row in table.rows]
    problems += _group_problems(table)
    if problems:
        raise InvalidInput(*problems)
    return tuple(members), table


def _member(
    row: Row, table: Table, frame: Frame, seen: dict[tuple[str, str], int], problems: list[Problem]
) -> MemberRow:
    email = normal_address(row["email"])
    problems += _unit_problems(row, table, frame)
    problems += _address_problems(row, table, frame, email, seen)
    language = _language(row["language"], frame)
    if language is None:
        message = N_("Språket «%(language)s» er ikke kjent. Bruk en av kodene %(known)s.")
        known = ", ".join(sorted(frame.languages))
        problems.append(table.problem(row, "language", message, language=row["language"][:40], known=known))
    if not row["name"] and not row["email"]:
        problems.append(table.problem(row, "name", N_("Skriv navn eller e-post.")))
    name = _one_line(row["name"])[:MAX_NAME]
    groups = {name: _one_line(row[name])[:MAX_GROUP_NAME] for name in REGISTER_VARIABLES if row[name]}
    phone = _one_line(row["phone"]) or None
    return MemberRow(row["unit"], name, email, phone, language or "", groups or None)


def _group_problems(table: Table) -> Iterator[Problem]:
    """A column with many values says who somebody is, not which group they belong to."""
    for name in REGISTER_VARIABLES:
        groups = {_one_line(row[name]) for row in table.rows} - {""}
        if len(groups) > MAX_GROUPS:
            message = N_(
                "Kolonnen «%(column)s» har %(n)s ulike verdier. Den kan ha høyst %(limit)s grupper, "
                "for eksempel aldersgrupper og ikke fødselsår."
            )
            column = table.headings[name]
            params = {"column": column, "n": len(groups), "limit": MAX_GROUPS}
            yield Problem(message, params, column=column)


def _unit_problems(row: Row, table: Table, frame: Frame) -> Iterator[Problem]:
    unit = row["unit"]
    if not unit:
        yield table.problem(row, "unit", N_("Enheten mangler."))
    elif unit not in frame.units:
        yield table.problem(row, "unit", N_("Enheten «%(unit)s» er ikke med i målingen."), unit=unit[:40])
    elif unit in frame.closed_units:
        message = N_("Enheten «%(unit)s» hadde ingen deltakere da målingen startet, og kan ikke få noen nå.")
        yield table.problem(row, "unit", message, unit=unit)


def _address_problems(
    row: Row, table: Table, frame: Frame, email: str | None, seen: dict[tuple[str, str], int]
) -> Iterator[Problem]:
    if not row["email"]:
        return
    if email is None:
        message = N_("E-postadressen «%(email)s» er ikke gyldig.")
        yield table.problem(row, "email", message, email=row["email"][:80])
        return
    key = (row["unit"], email)
    if key in frame.existing:
        message = N_("%(email)s er allerede lest inn på enheten «%(unit)s».")
        yield table.problem(row, "email", message, email=email, unit=row["unit"])
    elif first := seen.get(key):
        message = N_("%(email)s står to ganger på enheten «%(unit)s». Første gang i rad %(first)s.")
        yield table.problem(row, "email", message, email=email, unit=row["unit"], first=first)
    seen.setdefault(key, row.number)


def normal_address(written: str) -> str | None:
    """The address in lower case with its domain in ASCII; None when it cannot be one."""
    local, at, domain = written.strip().lower().rpartition("@")
    try:
        address = f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return None
    broken = ".." in address or local.startswith(".") or local.endswith(".") or len(address) > 254
    return address if _ADDRESS.fullmatch(address) and not broken else None


def _language(written: str, frame: Frame) -> str | None:
    word = written.strip().casefold()
    if not word:
        return frame.default_language
    code = _LANGUAGE_WORDS.get(word, word.replace("_", "-").split("-")[0])
    code = _LANGUAGE_WORDS.get(code, code)
    return code if code in frame.languages else None


def _one_line(text: str) -> str:
    return " ".join(text.split())
