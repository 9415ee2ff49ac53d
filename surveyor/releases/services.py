"""Freezing the release of a wave."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.campaigns.models import Wave
from surveyor.campaigns.queries import lock_wave
from surveyor.config import Settings
from surveyor.cubes.queries import cube_row
from surveyor.errors import N_, Refused
from surveyor.jobs.enums import JobState
from surveyor.jobs.services import enqueue
from surveyor.releases.mapping import Pair
from surveyor.releases.models import Release
from surveyor.releases.pending import AGAIN, again_job
from surveyor.releases.queries import release_of
from surveyor.releases.restatements import restatements_for
from surveyor.releases.spec import Row
from surveyor.responses.models import LateAnswer

_BATCH = 5_000


def freeze_release(session: Session, settings: Settings, *, wave: Wave, actor: Actor) -> Release:
    """Gate and store a wave's figures for good; raises Refused the second time or when the audit fails."""
    from surveyor.releases.freezing import make_rows, method_of  # noqa: PLC0415 -- slow import
    from surveyor.releases.supplements import make_supplements, store_supplements  # noqa: PLC0415 -- slow import

    if release_of(session, wave.id) is not None:
        raise Refused(N_("Tallene fra målingen er allerede frigitt. De kan ikke frigis på nytt."))
    frozen = make_rows(session, wave)
    beside = make_supplements(session, wave=wave, frozen=frozen)
    method = method_of(wave, frozen.rows, frozen.items_only, frozen.tables.tree) | beside.method
    release = _store(session, wave, frozen.rows, method, number=1)
    store_supplements(session, wave_id=wave.id, release_id=release.id, made=beside)
    _record(session, wave, release, "release.frozen", actor)
    return release


def freeze_again(session: Session, settings: Settings, *, wave: Wave, actor: Actor) -> Release:
    """Release a wave a second time, with what came late and without what was withdrawn.

    Raises Refused where nothing has changed, where it was done before, and where both releases together would
    tell about fewer than the wave's threshold; nothing is written then.
    """
    from surveyor.releases.again import change_of  # noqa: PLC0415 -- slow import
    from surveyor.releases.freezing import make_rows, method_of  # noqa: PLC0415 -- slow import

    change = change_of(session, wave)
    if not change.n_late and not change.n_withdrawn:
        raise Refused(N_("Ingen svar er kommet til eller trukket siden tallene ble frigitt."))
    frozen = make_rows(session, wave, change)
    method = method_of(wave, frozen.rows, frozen.items_only, frozen.tables.tree)
    method["replaces"] = change.first.manifest_sha256
    release = _store(session, wave, frozen.rows, method, number=2)
    session.merge(cube_row(wave.id, change.cube))
    session.execute(delete(LateAnswer).where(LateAnswer.wave_id == wave.id))
    _record(session, wave, release, "release.frozen_again", actor)
    return release


def restate_release(
    session: Session, *, wave: Wave, later: Wave, pairs: Sequence[tuple[Any, ...]], actor: Actor
) -> Release:
    """Store a wave's figures for units of a later wave, beside its own release.

    Raises InvalidInput for a mapping that does not fit, and Refused where it would tell about a few, or where
    the same was done before.
    """
    from surveyor.releases.freezing import method_of  # noqa: PLC0415 -- slow import
    from surveyor.releases.restating import restated_rows  # noqa: PLC0415 -- slow import

    lock_wave(session, wave=wave)  # the same twice at once is the same twice
    found = restated_rows(session, wave=wave, later=later, pairs=tuple(Pair(*pair) for pair in pairs))
    mapping = [[pair.before, pair.now] for pair in found.pairs]
    if any(one.method["mapping"] == mapping for one in restatements_for(session, wave.id, later.id)):
        raise Refused(N_("Tallene er allerede regnet om på denne måten."))
    method = method_of(wave, found.rows, found.items_only) | {"mapping": mapping}
    number = session.scalar(select(func.max(Release.number)).where(Release.wave_id == wave.id)) or 0
    release = _store(session, wave, found.rows, method, number=number + 1, restated_for=later.id)
    details = {"later": later.code, "n_units": len({pair.now for pair in found.pairs})}
    _record(session, wave, release, "release.restated", actor, **details)
    return release


def order_again(session: Session, *, wave: Wave, actor: Actor) -> None:
    """Let the worker try a second release; while one is under way no other is queued."""
    before = again_job(session, wave=wave)
    if before is not None and before.state in (JobState.WAITING, JobState.RUNNING):
        return
    n_tries = before.key.count("!") + 1 if before else 0
    key = f"{AGAIN}:{wave.id}{'!' * n_tries}"
    enqueue(session, kind=AGAIN, key=key, payload={"wave_code": wave.code, "actor": actor.name})


def _store(
    session: Session,
    wave: Wave,
    rows: Sequence[Row],
    method: dict[str, Any],
    *,
    number: int,
    restated_for: UUID | None = None,
) -> Release:
    from surveyor.releases.freezing import manifest_sha256  # noqa: PLC0415 -- slow import

    release = Release(
        wave_id=wave.id,
        number=number,
        restated_for=restated_for,
        frozen_on=clock.today(),
        method=method,
        manifest_sha256=manifest_sha256(wave.code, method, rows),
    )
    session.add(release)
    session.flush()  # the cells refer to it
    _insert(session, release, rows)
    return release


def _insert(session: Session, release: Release, rows: Sequence[Row]) -> None:
    """Plain rows straight to the driver: half a million take ten times as long by way of statements."""
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    columns = ("release_id", "position", *Row._fields)
    marks = ", ".join(["?" if is_sqlite else "%s"] * len(columns))
    statement = f"INSERT INTO release_cell ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 -- our own names
    key = release.id.hex if is_sqlite else release.id
    for start in range(0, len(rows), _BATCH):
        connection.exec_driver_sql(
            statement,
            [
                (key, place, *(row if is_sqlite else _plain(row)))
                for place, row in enumerate(rows[start : start + _BATCH], start)
            ],
        )


def _plain(row: Row) -> tuple[Any, ...]:
    """A row with its enumerations as words: the driver of PostgreSQL would take their names."""
    return tuple(str(value) if isinstance(value, str) else value for value in row)


def _record(
    session: Session, wave: Wave, release: Release, action: str, actor: Actor, **details: object
) -> None:
    record(
        session, actor=actor, action=action, subject_type="wave", subject_id=wave.id,
        n_cells=release.method["n_cells"], sha256=release.manifest_sha256, **details,
    )  # fmt: skip
