"""Writing how a wave's sample was drawn, and what is known of the population; frozen by the launch."""

from sqlalchemy.orm import Session

from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.campaigns.enums import SampleKind, WaveState
from surveyor.campaigns.margins import read_margins, read_sizes
from surveyor.campaigns.models import Wave, WaveDesign
from surveyor.campaigns.queries import lock_wave, wave_tree
from surveyor.campaigns.spec import SampleDesign
from surveyor.errors import N_, InvalidInput, Problem, Refused
from surveyor.instruments.queries import questionnaire_of
from surveyor.tabular import Source


def declare_sample(
    session: Session,
    *,
    wave: Wave,
    kind: SampleKind,
    n_population: int | None = None,
    n_clusters: int | None = None,
    file: Source | None = None,
    filename: str = "",
    actor: Actor,
) -> SampleDesign:
    """Say that a planned wave asks a sample; the file has people by stratum or drawn cluster.

    Raises Refused after launch, InvalidInput with every problem; what was read before is kept.
    """
    _require_planned(session, wave)
    row = session.get(WaveDesign, wave.id) or WaveDesign(wave_id=wave.id, margins={}, n_by_unit={})
    sizes = dict(row.n_by_unit) if kind is row.kind else {}  # without a file those read before are kept
    if file is not None:
        sizes = read_sizes(file, filename, tree=wave_tree(session, wave=wave))
    if kind is SampleKind.STRATIFIED and n_population is None:
        n_population = sum(sizes.values())
    if problems := _problems(kind, n_population, n_clusters, sizes):
        raise InvalidInput(*problems)
    row.kind, row.n_population, row.n_by_unit = kind, n_population or 0, sizes
    row.n_clusters = n_clusters if kind is SampleKind.CLUSTER else None
    session.add(row)
    wave.open_link = False  # whoever finds a link is not in the sample
    session.flush()  # the database's own checks speak before the audit entry is written
    details = {"code": wave.code, "kind": kind.value, "n_population": row.n_population}
    record(
        session,
        actor=actor,
        action="wave.sample_declared",
        subject_type="wave",
        subject_id=wave.id,
        **details,
    )
    return SampleDesign(row.kind, row.n_population, row.n_clusters, sizes, dict(row.margins))


def import_margins(
    session: Session, *, wave: Wave, file: Source, filename: str = "", actor: Actor
) -> SampleDesign:
    """Take the population's margins from a file in place of any before; the sample is declared first.

    Raises Refused after launch or without a sample, InvalidInput with every problem.
    """
    _require_planned(session, wave)
    row = _design(session, wave)
    margins = read_margins(
        file, filename, questionnaire=questionnaire_of(wave.instrument_version),
        tree=wave_tree(session, wave=wave), n_population=row.n_population,
    )  # fmt: skip
    row.margins = margins
    session.flush()  # as above
    details = {"code": wave.code, "variables": sorted(margins)}
    record(
        session,
        actor=actor,
        action="wave.margins_imported",
        subject_type="wave",
        subject_id=wave.id,
        **details,
    )
    return SampleDesign(row.kind, row.n_population, row.n_clusters, dict(row.n_by_unit), margins)


def drop_sample(session: Session, *, wave: Wave, actor: Actor) -> None:
    """Let the wave ask everybody again; raises Refused after launch or without a sample."""
    _require_planned(session, wave)
    session.delete(_design(session, wave))
    record(
        session, actor=actor, action="wave.sample_dropped", subject_type="wave", subject_id=wave.id,
        code=wave.code,
    )  # fmt: skip


def _require_planned(session: Session, wave: Wave) -> None:
    if lock_wave(session, wave=wave) is not WaveState.PLANNED:
        raise Refused(N_("Målingen er startet. Det som er sagt om utvalget, kan ikke endres."))


def _design(session: Session, wave: Wave) -> WaveDesign:
    row = session.get(WaveDesign, wave.id)
    if row is None:
        raise Refused(N_("Si først hvordan utvalget er trukket."))
    return row


def _problems(
    kind: SampleKind, n_population: int | None, n_clusters: int | None, sizes: dict[str, int]
) -> list[Problem]:
    found = []
    if not n_population or n_population < 1:
        message = N_("Skriv hvor mange personer målingen gjelder.")
        found.append(Problem(message, field="n_population"))
    elif n_population < sum(sizes.values()):
        message = N_("Enhetene i filen har %(sum)s personer til sammen. Det er flere enn målingen gjelder.")
        found.append(Problem(message, {"sum": sum(sizes.values())}, field="n_population"))
    if kind is SampleKind.STRATIFIED and sizes and (n_population or 0) > sum(sizes.values()):
        message = N_(
            "Enhetene i filen har %(sum)s personer til sammen. De skal utgjøre alle målingen gjelder."
        )
        found.append(Problem(message, {"sum": sum(sizes.values())}, field="n_population"))
    if kind is SampleKind.SIMPLE and sizes:
        found.append(Problem(N_("Et enkelt utvalg trenger ingen fil med enheter."), field="file"))
    if kind is not SampleKind.SIMPLE and len(sizes) < 2:
        found.append(
            Problem(N_("Velg en fil med minst to enheter og hvor mange som hører til hver."), field="file")
        )
    if kind is SampleKind.CLUSTER and (n_clusters or 0) < len(sizes):
        message = N_(
            "Skriv hvor mange klynger det finnes i alt. Det kan ikke være færre enn de %(n)s som er trukket."
        )
        found.append(Problem(message, {"n": len(sizes)}, field="n_clusters"))
    return found
