"""Writing surveys and waves: plan, change the plan, move the closing date, order the closing."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from uuid import uuid4

from sqlalchemy import delete
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.campaigns.enums import Audience, WaveState
from surveyor.campaigns.models import K_FLOOR_INVITED, K_FLOOR_MEAN, K_FLOOR_SPREAD, Survey, Wave, WaveThanks
from surveyor.campaigns.queries import (
    closing_job,
    closing_key,
    may_be_opened,
    sends_thanks,
    survey_by_code,
    wave_by_code,
)
from surveyor.campaigns.spec import CODE, WavePlan
from surveyor.config import Settings
from surveyor.errors import N_, InvalidInput, NotFound, Problem, Refused
from surveyor.instruments.enums import VersionState
from surveyor.instruments.models import InstrumentVersion
from surveyor.instruments.queries import questionnaire_of, versions
from surveyor.jobs.enums import JobState
from surveyor.jobs.services import enqueue
from surveyor.units.queries import tree_in_force
from surveyor.units.spec import UnitTree

_CODE = re.compile(CODE)
_PLANNED = ("opens", "closes", "k_mean", "k_spread", "open_link", "two_approvers")
RETENTION_YEARS = 1
RETENTION = "waves.retention"


def create_wave(
    session: Session,
    settings: Settings,
    *,
    code: str,
    survey: str | None = None,
    instrument: str,
    audience: Audience,
    opens: date,
    closes: date,
    units: Sequence[str] = (),
    k_mean: int = K_FLOOR_MEAN,
    k_spread: int = K_FLOOR_SPREAD,
    actor: Actor,
    title: str | None = None,
    simulated: bool = False,
    open_link: bool | None = None,
    two_approvers: bool = False,
) -> Wave:
    """Plan a wave; citizens get an open link unless told otherwise. Raises InvalidInput with all problems."""
    plan = WavePlan(opens, closes, tuple(units), k_mean, k_spread, open_link, two_approvers)
    tree = tree_in_force(session, opens)
    problems = [*_code_problems(session, code), *_plan_problems(plan, tree)]
    version = _version_to_ask(session, instrument, problems)
    programme = _survey(session, survey or instrument, audience, title, version, problems)
    if problems or version is None or programme is None:
        raise InvalidInput(*problems)
    wave = Wave(
        id=uuid4(), code=code, survey=programme, instrument_version=version, audience=audience,
        state=WaveState.PLANNED, k_invited=K_FLOOR_INVITED, key_grace_days=settings.key_grace_days,
        simulated=simulated, open_link=audience is Audience.CITIZEN,
    )  # fmt: skip
    _apply(wave, plan, tree)
    session.add(wave)
    session.flush()  # the database's own checks speak before the audit entry is written
    schedule_retention(session, wave=wave)
    names = {"code": code, "survey": programme.code, "instrument": instrument}
    _record(session, actor, "wave.created", wave, **names)
    return wave


def edit_wave(
    session: Session, *, wave: Wave, plan: WavePlan, instrument: str | None = None, actor: Actor
) -> Wave:
    """Change a wave that is only planned; raises Refused after launch, InvalidInput with every problem."""
    _require_planned(wave)
    tree = tree_in_force(session, plan.opens)
    problems = _plan_problems(plan, tree)
    version = _version_to_ask(session, instrument, problems) if instrument else wave.instrument_version
    if problems or version is None:
        raise InvalidInput(*problems)
    before = _planned(wave)
    wave.instrument_version = version
    _apply(wave, plan, tree)
    schedule_retention(session, wave=wave)
    changed = sorted(name for name, value in _planned(wave).items() if value != before[name])
    _record(session, actor, "wave.edited", wave, code=wave.code, fields=changed)
    return wave


def delete_wave(session: Session, *, wave: Wave, actor: Actor) -> None:
    """Remove a wave that is only planned, with its participants; raises Refused after launch."""
    _require_planned(wave)
    _record(session, actor, "wave.deleted", wave, code=wave.code)
    session.delete(wave)


def choose_thanks(session: Session, *, wave: Wave, wanted: bool, actor: Actor) -> None:
    """Thank those who answer a planned wave by e-mail, or not; raises Refused after launch."""
    _require_planned(wave)
    if wanted != sends_thanks(session, wave_id=wave.id):
        if wanted:
            session.add(WaveThanks(wave_id=wave.id))
        else:
            session.execute(delete(WaveThanks).where(WaveThanks.wave_id == wave.id))
        _record(
            session, actor, "wave.thanks_chosen" if wanted else "wave.thanks_dropped", wave, code=wave.code
        )


def move_closing(session: Session, *, wave: Wave, closes: date, actor: Actor) -> Wave:
    """Let an open wave close later; raises Refused unless it is open, InvalidInput for an earlier day."""
    if wave.state is not WaveState.OPEN:
        raise Refused(N_("Bare en åpen måling kan få ny sluttdato."))
    if closes < wave.closes:
        raise InvalidInput(Problem(N_("Sluttdatoen kan bare flyttes til en senere dag."), field="closes"))
    wave.retention_on += closes - wave.closes
    wave.closes = closes
    schedule_retention(session, wave=wave)
    _record(session, actor, "wave.closing_moved", wave, code=wave.code, closes=closes.isoformat())
    return wave


def order_closing(session: Session, *, wave: Wave, actor: Actor) -> None:
    """Queue the closing of an open wave; twice is the same as once.

    Raises Refused unless it is open, and until two have agreed where that was promised.
    """
    if wave.state not in (WaveState.OPEN, WaveState.CLOSING):
        raise Refused(N_("Bare en åpen måling kan avsluttes."))
    if not may_be_opened(session, wave=wave):
        raise Refused(N_("To personer må godkjenne på siden til målingen at svarene åpnes."))
    before = closing_job(session, wave=wave)
    if before is not None and before.state is not JobState.DEAD:
        return
    n_tries = before.key.count("!") + 1 if before else 0
    key = f"{closing_key(wave)}{'!' * n_tries}"
    enqueue(session, kind="waves.close", key=key, payload={"wave_code": wave.code, "actor": actor.name})
    _record(session, actor, "wave.closing_ordered", wave, code=wave.code)


def schedule_retention(session: Session, *, wave: Wave) -> None:
    """Let the worker delete the list of people on its day; a moved day has a job of its own."""
    midnight = datetime.combine(wave.retention_on, time(), clock.OSLO)
    key = f"{RETENTION}:{wave.id}:{wave.retention_on.isoformat()}"
    enqueue(session, kind=RETENTION, key=key, payload={"wave_id": str(wave.id)}, run_after=midnight)


def _require_planned(wave: Wave) -> None:
    if wave.state is not WaveState.PLANNED:
        raise Refused(N_("Målingen er startet. Det som er lovet dem som svarer, kan ikke endres."))


def _planned(wave: Wave) -> dict[str, object]:
    """What a planner may change, by the names the log has for it."""
    kept = {name: getattr(wave, name) for name in _PLANNED}
    return {**kept, "units": list(wave.scope), "instrument": wave.instrument_version.instrument.code}


def _apply(wave: Wave, plan: WavePlan, tree: UnitTree) -> None:
    wave.opens, wave.closes = plan.opens, plan.closes
    wave.k_mean, wave.k_spread, wave.two_approvers = plan.k_mean, plan.k_spread, plan.two_approvers
    wave.scope = list(dict.fromkeys(plan.units)) or ([tree.root.code] if tree.root else [])
    wave.retention_on = clock.years_later(max(plan.closes, clock.today()), RETENTION_YEARS)
    if plan.open_link is not None:
        wave.open_link = plan.open_link


def _code_problems(session: Session, code: str) -> list[Problem]:
    if not _CODE.fullmatch(code):
        message = N_(
            "Koden kan bare ha bokstaver, tall, punktum, bindestrek og understrek, og høyst 64 tegn."
        )
        return [Problem(message, field="code")]
    try:
        wave_by_code(session, code=code)
    except NotFound:
        return []
    return [Problem(N_("Det finnes allerede en måling med koden «%(code)s»."), {"code": code}, field="code")]


def _plan_problems(plan: WavePlan, tree: UnitTree) -> list[Problem]:
    problems = []
    if plan.closes < plan.opens:
        problems.append(Problem(N_("Målingen kan ikke slutte før den åpner."), field="closes"))
    floors: Mapping[str, int] = {"k_mean": K_FLOOR_MEAN, "k_spread": K_FLOOR_SPREAD}
    for name, floor in floors.items():
        if getattr(plan, name) < floor:
            problems.append(
                Problem(N_("Grensen kan ikke være lavere enn %(floor)s."), {"floor": floor}, field=name)
            )
    if plan.k_spread < plan.k_mean:
        message = N_("Grensen for fordelinger kan ikke være lavere enn grensen for gjennomsnitt.")
        problems.append(Problem(message, field="k_spread"))
    if not len(tree):
        problems.append(Problem(N_("Det finnes ingen enheter ennå. Les inn enhetene først."), field="units"))
    for unit in plan.units if len(tree) else ():
        if unit not in tree:
            message = N_("Enheten «%(unit)s» finnes ikke den dagen målingen åpner.")
            problems.append(Problem(message, {"unit": unit}, field="units"))
    return problems


def _version_to_ask(session: Session, code: str, problems: list[Problem]) -> InstrumentVersion | None:
    """The newest frozen version, else the draft, which the launch will freeze."""
    try:
        found = versions(session, code=code)
    except NotFound as error:
        problems += [Problem(p.message, p.params, field="instrument") for p in error.problems]
        return None
    return next((each for each in found if each.state is VersionState.FROZEN), found[0])


def _survey(
    session: Session,
    code: str,
    audience: Audience,
    title: str | None,
    version: InstrumentVersion | None,
    problems: list[Problem],
) -> Survey | None:
    found = survey_by_code(session, code=code)
    if found is not None and found.audience is not audience:
        message = N_("Undersøkelsen «%(survey)s» går til en annen målgruppe.")
        problems.append(Problem(message, {"survey": code}, field="audience"))
    if found is not None and title and title not in found.title.values():
        message = N_(
            "Undersøkelsen «%(survey)s» har en tittel fra før. La tittelen stå tom, eller skriv en ny kode."
        )
        problems.append(Problem(message, {"survey": code}, field="title"))
    if found is None and not _CODE.fullmatch(code):
        problems.append(Problem(N_("Koden til undersøkelsen er ikke gyldig."), field="survey"))
    if problems or version is None:
        return None
    questionnaire = questionnaire_of(version)
    own = {questionnaire.default_language: title} if title else None
    words = own or dict(questionnaire.title) or {questionnaire.default_language: code}
    return found or Survey(id=uuid4(), code=code, title=words, audience=audience)


def _record(session: Session, actor: Actor, action: str, wave: Wave, **details: object) -> None:
    record(session, actor=actor, action=action, subject_type="wave", subject_id=wave.id, **details)
