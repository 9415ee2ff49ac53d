"""Loading the demo municipality: the same figures every time, with dates relative to the day of loading."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from threading import Event

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from surveyor import clock
from surveyor.audit.spec import Actor
from surveyor.campaigns.enums import Audience, WaveState
from surveyor.campaigns.queries import waves
from surveyor.cases.enums import FormKind
from surveyor.config import Settings, load_settings
from surveyor.db import make_engine, unit_of_work
from surveyor.demo.cards import approve, define_indicators, publish
from surveyor.demo.casework import DemoRound, run_round
from surveyor.demo.citizens import citizens
from surveyor.demo.fielding import DemoWave, days_ago, field_wave
from surveyor.demo.municipality import (
    DEPARTMENTS,
    DISTRICTS,
    EMPLOYEES,
    PARENTS,
    head_counts,
    newest_rows,
    tree_rows,
)
from surveyor.demo.others import read_others
from surveyor.demo.people import people
from surveyor.demo.staff import create_staff, sign_in_list
from surveyor.errors import N_, Refused
from surveyor.fieldwork.asking import refresh_rates
from surveyor.installation import ensure_instance
from surveyor.instruments.services import freeze_version, import_from_catalogue
from surveyor.units.services import replace_tree
from surveyor.worker import load_tasks, run_worker

CONFIG = """# The demo municipality. Everything in this installation is simulated.
municipality = "Fjordvik kommune"
demo = true
key_grace_days = 0
contact_email = "post@fjordvik.example"
contact_phone = "55 00 00 00"
"""
SIGN_INS = "demo-accounts.txt"
REAL = ("surveyor.sqlite", "config.toml", "secrets.toml", "keys")  # on PostgreSQL there is no database file
INSTRUMENTS = ("employee", "kindergarten", "citizen", "internal_control", "it_security")
_DEPARTMENTS = tuple(DEPARTMENTS)
_SURVEY_ADMIN = Actor("undersokelser@fjordvik.example")

Step = tuple[str, Callable[[], object]]


def is_loaded(settings: Settings) -> bool:
    """Whether the demo stands in this instance folder, complete."""
    return (settings.instance / SIGN_INS).exists()


def prepare(folder: Path | None, *, reset: bool) -> Settings:
    """An instance for the demo; raises Refused where a real installation stands."""
    settings = load_settings(folder)
    stands = any((settings.instance / name).exists() for name in REAL)
    if (stands and not settings.demo) or settings.production:
        raise Refused(
            N_("Her står en ekte installasjon. Sett SURVEYOR_INSTANCE til en annen mappe for demoen.")
        )
    if make_url(settings.database_url).database != str(settings.instance / "surveyor.sqlite"):
        raise Refused(N_("Demoen lages i SQLite i sin egen mappe. Ta bort SURVEYOR_DATABASE_URL først."))
    if reset or not is_loaded(settings):
        _empty(settings.instance)
    settings.instance.mkdir(parents=True, exist_ok=True)
    (settings.instance / "config.toml").write_text(CONFIG, encoding="utf-8")
    return ensure_instance(folder)


def _empty(instance: Path) -> None:
    """Take away what a demo leaves; nothing else in the folder is touched."""
    for name in ("keys", "evidence"):
        shutil.rmtree(instance / name, ignore_errors=True)
    for pattern in ("surveyor.sqlite*", "secrets.toml", SIGN_INS, "config.toml", "mail.*"):
        for path in instance.glob(pattern):
            path.unlink()


def load(settings: Settings, report: Callable[[int, int, str], None]) -> str:
    """Fill an empty demo instance; returns the sign-ins."""
    engine = make_engine(settings.database_url)
    every = list(steps(engine, settings))
    for number, (name, step) in enumerate(every):
        report(number, len(every), name)
        step()
    with unit_of_work(engine) as session:
        text = sign_in_list(create_staff(session, settings))
    engine.dispose()
    target = settings.instance / SIGN_INS
    target.touch(mode=0o600)
    target.write_text(text + "\n", encoding="utf-8")
    return text


def steps(engine: Engine, settings: Settings) -> Iterator[Step]:
    """What loading does, in order, each step by its name."""
    yield "Enheter", partial(_load_units, engine)
    yield "Spørreskjema", partial(_load_instruments, engine)
    for wave in _waves():
        yield f"Måling {wave.code}", partial(field_wave, engine, settings, wave, _SURVEY_ADMIN)
    asked = [wave.code for wave in _waves() if wave.is_over and wave.instrument == "employee"]
    yield "Tall fra andre", partial(read_others, engine, asked[-1])
    for form in _rounds():
        yield form.title, partial(run_round, engine, settings, form)
    yield "Indikatorer", partial(define_indicators, engine)
    yield "Styringskort", partial(publish, engine, [wave.code for wave in _waves() if wave.is_over])
    yield "Godkjenning", partial(approve, engine)
    yield "Utboks", partial(_run_waiting_jobs, engine, settings)


def _run_waiting_jobs(engine: Engine, settings: Settings) -> None:
    """What the worker would do first: write the invitations of open waves and count their response rates."""
    load_tasks()
    run_worker(engine, settings, stop=Event(), once=True)
    with unit_of_work(engine) as session:
        for wave in waves(session):
            if wave.state is WaveState.OPEN:
                refresh_rates(session, wave=wave)


def _load_units(engine: Engine) -> None:
    year = clock.today().year
    for years_ago in (2, 1, 0):
        with unit_of_work(engine) as session:
            rows = newest_rows() if years_ago == 0 else tree_rows(years_ago)
            replace_tree(session, rows=rows, on=clock.today().replace(year=year - years_ago, month=1, day=1))


def _load_instruments(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        for code in INSTRUMENTS:
            version = import_from_catalogue(session, code=code, actor=_SURVEY_ADMIN)
            freeze_version(session, version=version, actor=_SURVEY_ADMIN)


def _waves() -> Iterator[DemoWave]:
    """Three surveys, each with last year's and this year's closed wave and one that is open."""
    year = clock.today().year
    for years, share in ((1, 0.72), (0, 0.78)):
        opens, closes = days_ago(40, years=years), days_ago(20, years=years)
        rows = tree_rows(year - opens.year)
        staff = people(head_counts(EMPLOYEES, rows), seed=f"ansatt-{years}", domain="fjordvik.example")
        yield DemoWave(
            f"medarbeider-{closes.year}", "employee", Audience.EMPLOYEE, opens, closes, list(staff),
            _DEPARTMENTS, share,
        )  # fmt: skip
        homes = head_counts(PARENTS, rows)
        parents = people(homes, seed=f"foresatt-{years}", domain="post.example")
        yield DemoWave(
            f"foresatte-{closes.year}", "kindergarten", Audience.USER, opens, closes, list(parents),
            tuple(homes), share - 0.1,
        )  # fmt: skip
        yield _citizen_wave(opens, closes, is_sample=years == 0)
    yield from _open_waves()


def _open_waves() -> Iterator[DemoWave]:
    opens, closes = days_ago(4), days_ago(-17)
    rows, tag = tree_rows(0), f"{opens:%Y-%m}"
    staff = people(head_counts(EMPLOYEES, rows), seed="ansatt-aapen", domain="fjordvik.example")
    yield DemoWave(
        f"medarbeider-{tag}", "employee", Audience.EMPLOYEE, opens, closes, list(staff), _DEPARTMENTS, 0.35
    )
    homes = head_counts(PARENTS, rows)
    parents = people(homes, seed="foresatt-aapen", domain="post.example")
    yield DemoWave(
        f"foresatte-{tag}", "kindergarten", Audience.USER, opens, closes, list(parents), tuple(homes), 0.3
    )
    yield DemoWave(
        f"innbygger-{tag}", "citizen", Audience.CITIZEN, opens, closes, (), tuple(DISTRICTS), n_open_link=40
    )


def _citizen_wave(opens: date, closes: date, *, is_sample: bool) -> DemoWave:
    """Last year whoever wanted to answered; this year a sample was drawn in every district."""
    code = f"innbygger-{closes.year}"
    if not is_sample:
        return DemoWave(
            code, "citizen", Audience.CITIZEN, opens, closes, (), tuple(DISTRICTS), n_open_link=420
        )
    drawn = list(citizens(seed="innbygger"))
    return DemoWave(
        code, "citizen", Audience.CITIZEN, opens, closes, drawn, tuple(DISTRICTS), 0.52, is_sample=True
    )


def _rounds() -> Iterator[DemoRound]:
    last, this = days_ago(60, years=1), days_ago(25)
    internal, security = FormKind.INTERNAL_CONTROL, FormKind.IT_SECURITY
    yield DemoRound(internal, f"Internkontroll {last.year}", last, days_ago(25, years=1), finished=True)
    yield DemoRound(internal, f"Internkontroll {this.year}", this, days_ago(3), finished=False)
    yield DemoRound(security, f"IT-sikkerhet {this.year}", this, days_ago(-12), finished=False)
