"""Freezing the release of a wave."""

from typing import cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.errors import N_, Refused
from surveyor.releases.models import Release, ReleaseCell
from surveyor.releases.queries import release_of

_BATCH = 5_000
_CELLS = cast(
    Table, ReleaseCell.__table__
)  # plain inserts: the ORM makes a statement for each set of empty fields


def freeze_release(session: Session, settings: Settings, *, wave: Wave, actor: Actor) -> Release:
    """Gate and store a wave's figures for good; raises Refused the second time or when the audit fails."""
    from surveyor.releases.freezing import make_rows, manifest_sha256, method_of  # noqa: PLC0415 -- slow import
    from surveyor.releases.supplements import make_supplements, store_supplements  # noqa: PLC0415 -- slow import

    if release_of(session, wave.id) is not None:
        raise Refused(N_("Tallene fra målingen er allerede frigitt. De kan ikke frigis på nytt."))
    frozen = make_rows(session, wave)
    rows, beside = frozen.rows, make_supplements(session, wave=wave, frozen=frozen)
    method = method_of(wave, rows) | beside.method
    release = Release(
        wave_id=wave.id,
        frozen_on=clock.today(),
        method=method,
        manifest_sha256=manifest_sha256(wave.code, method, rows),
    )
    session.add(release)
    session.flush()  # the cells refer to it
    for start in range(0, len(rows), _BATCH):
        session.execute(
            _CELLS.insert(),
            [
                row._asdict() | {"release_id": release.id, "position": place}
                for place, row in enumerate(rows[start : start + _BATCH], start)
            ],
        )
    store_supplements(session, wave_id=wave.id, release_id=release.id, made=beside)
    record(
        session,
        actor=actor,
        action="release.frozen",
        subject_type="wave",
        subject_id=wave.id,
        n_cells=len(rows),
        sha256=release.manifest_sha256,
    )
    return release
