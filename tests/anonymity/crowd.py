"""Two hundred respondents through the real app, and the attackers who try to tell who said what."""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from forms.keying import SECOND
from surveyor.accounts.enums import Role
from surveyor.instruments.spec import Page, Questionnaire
from surveyor.invitations.credentials import show_code
from tests.factories import browser
from tests.waves import AGREE, Asked, OpenWave, select_one, words

N, N_PAPER = 200, 60
WATCHED = 20  # somebody looks at the whole database after every so many visits
ITEMS = ("a1", "a2", "a3", "a4")
_HIDDEN = re.compile(r'name="(rev|submission|owner|receipt|envelope_rev)" value="([^"]*)"')


def questionnaire() -> Questionnaire:
    """One page; five to the fourth answers, so that everybody can have a different one."""
    page = Page("p1", words("Alt"), nodes=tuple(select_one(name, "agree", page="p1") for name in ITEMS))
    return Questionnaire("prøve", words("Prøve"), ("nb",), "nb", pages=(page,), code_lists={"agree": AGREE})


def answers_of(number: int) -> dict[str, str]:
    """The answers only this person gives."""
    return {name: str(number // 5**place % 5 + 1) for place, name in enumerate(ITEMS)}


def number_of(body: Mapping[str, str]) -> int:
    """Whose answers these are: the truth the attackers are measured against."""
    return sum((int(body[name]) - 1) * 5**place for place, name in enumerate(ITEMS))


def respond(app: Flask, person: Asked, answers: Mapping[str, str], *, address: str = "10.1.2.3") -> str:
    """One person's whole visit; returns the receipt code."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    entered = client.get(f"/medarbeider/s/{person.token}")
    home = entered.headers["Location"].split("?")[0]
    given = {f"q-{n}": v for n, v in answers.items()}
    first = dict([*given.items()][:1])  # what the script saves while somebody answers
    rev = client.post(f"{home}/side/1/lagring", data={"rev": "0", **first}).get_json()["rev"]
    client.get(f"{home}/lagring?side=1&rev={rev}")
    page = {"rev": str(rev), "to": "neste", **given}
    saved = client.post(f"{home}/side/1", data=page)
    assert saved.status_code == 303, saved.get_data(as_text=True)
    review = client.get(f"{home}/kontroll").get_data(as_text=True)
    fields = dict(_HIDDEN.findall(review))
    sent = client.post(f"{home}/send", data=fields)
    assert sent.status_code == 200, sent.get_data(as_text=True)
    return fields["receipt"]


def crowd(
    app: Flask, wave: OpenWave, *, codes: Mapping[UUID, str], watch: Callable[[], None], seed: int = 1
) -> dict[UUID, int]:
    """Everybody answers, in random order; returns participation -> person's number.

    Those with a letter code answer on paper: each sheet is keyed twice, with others' answers in between.
    """
    app.config["WTF_CSRF_ENABLED"] = False
    keyer = browser(app, Role.SURVEY_ADMIN, "FK")
    turn = [number for number, person in enumerate(wave.people) for _ in range(1 + (person.id in codes))]
    Random(seed).shuffle(turn)
    keyed: set[int] = set()
    for place, number in enumerate(turn):
        person = wave.people[number]
        if person.id in codes:
            key_sheet(keyer, codes[person.id], number, is_first=number not in keyed)
            keyed.add(number)
        else:
            respond(app, person, answers_of(number))
        if place % WATCHED == 0:
            watch()
    return {person.id: number for number, person in enumerate(wave.people)}


def key_sheet(client: FlaskClient, code: str, number: int, *, is_first: bool) -> None:
    """One keying of this person's sheet; every third is mistyped at first, and settled in the second."""
    right = {f"q-{name}": answer for name, answer in answers_of(number).items()}
    wrong: dict[str, str] = {}
    if number % 3 == 0:
        wrong = {"q-a1": str(int(right["q-a1"]) % 5 + 1)}
    page = client.post("/papirsvar/trivsel-2026/ark", data={"code": show_code(code)}).text
    found = re.search(r'name="ark" value="([^"]+)"', page)
    assert found, page
    step = "forste" if is_first else "andre"
    given = {"ark": found[1], "sikker": "1", **right, **(wrong if is_first else {})}
    answer = client.post(f"/papirsvar/trivsel-2026/{step}", data=given)
    if answer.status_code == 200 and wrong and not is_first:
        answer = client.post("/papirsvar/trivsel-2026/send", data={**given, "valg-a1": SECOND})
    assert answer.status_code == 302, answer.text


@dataclass(frozen=True)
class Traces:
    """What somebody with the whole database sees of two tables, row by row: id and a mark of order."""

    people: Mapping[UUID, object]
    answers: Mapping[UUID, object]


def pairs_by_rank(traces: Traces) -> dict[UUID, UUID]:
    """Guess that the n-th trace of a person and the n-th trace of an answer belong together."""
    in_order = [sorted(marks, key=lambda key: marks[key]) for marks in (traces.people, traces.answers)]  # type: ignore[arg-type,return-value]
    return dict(zip(*in_order, strict=False))


def pairs_by_equality(traces: Traces) -> dict[UUID, UUID]:
    """Guess that equal marks belong together."""
    by_mark: dict[object, list[UUID]] = {}
    for answer, mark in traces.answers.items():
        by_mark.setdefault(mark, []).append(answer)
    return {p: by_mark[mark][0] for p, mark in traces.people.items() if by_mark.get(mark)}


def n_linked(guess: Mapping[UUID, UUID], truth: Mapping[UUID, int], said: Mapping[UUID, int]) -> int:
    """How many people were linked to what they said."""
    return sum(truth.get(person) == said.get(answer) for person, answer in guess.items())


# How each attacker orders a table's rows on each database


def column(engine: Engine, expression: str, table: str, key: str) -> dict[UUID, object]:
    """A hidden column of every row (test constants only, never input)."""
    with engine.connect() as connection:
        rows = connection.execute(text(f"SELECT {key}, {expression} FROM {table}")).all()  # noqa: S608
    return {UUID(str(found)): mark for found, mark in rows}


def xmin(engine: Engine, table: str, key: str) -> dict[UUID, object]:
    return column(engine, "xmin::text::bigint", table, key)


def ctid(engine: Engine, table: str, key: str) -> dict[UUID, object]:
    return column(engine, "(ctid::text::point)[0] * 100000 + (ctid::text::point)[1]", table, key)


def rowid(engine: Engine, table: str, key: str) -> dict[UUID, object]:
    return column(engine, "rowid", table, key)


def dumped(engine: Engine, table: str, key: str) -> dict[UUID, object]:
    """Place in a plain dump: COPY on PostgreSQL, .dump on SQLite."""
    if engine.dialect.name == "sqlite":
        path = str(engine.url.database)
        with sqlite3.connect(path) as connection:
            lines = [line for line in connection.iterdump() if line.startswith(f'INSERT INTO "{table}"')]
    else:
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            with driver.cursor().copy(f"COPY {table} ({key}) TO STDOUT") as copy:
                lines = [bytes(row).decode() for row in copy]
    found = (re.search(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", line) for line in lines)
    return {UUID(match[0]): place for place, match in enumerate(found) if match}


def log_places(raw: bytes, ids: Sequence[UUID], *, is_text: bool) -> dict[UUID, object]:
    """First place of each id in a write-ahead log: SQLite keeps ids as hex text, PostgreSQL as 16 bytes."""
    places = {i: raw.find(i.hex.encode() if is_text else i.bytes) for i in ids}
    return {i: place for i, place in places.items() if place >= 0}


def sqlite_log(engine: Engine) -> bytes:
    path = Path(f"{engine.url.database}-wal")
    return path.read_bytes() if path.exists() else b""


def postgres_log(engine: Engine) -> bytes:
    """Every WAL segment the server still has, oldest first."""
    with engine.connect() as connection:
        folder = Path(str(connection.execute(text("SHOW data_directory")).scalar()))
        connection.execute(text("SELECT pg_switch_wal()"))
    return b"".join(p.read_bytes() for p in sorted((folder / "pg_wal").iterdir()) if len(p.name) == 24)


Attacker = Callable[[Engine, str, str], dict[UUID, object]]
ATTACKERS: dict[str, dict[str, Attacker]] = {
    "sqlite": {"rowid": rowid, "dump": dumped},
    "postgresql": {"xmin": xmin, "ctid": ctid, "dump": dumped},
}
