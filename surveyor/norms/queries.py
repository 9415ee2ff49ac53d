"""Reading benchmarks."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.norms.models import Norm, NormFigure
from surveyor.norms.spec import Benchmark, Usual


def norm_of(session: Session, *, survey_id: UUID) -> Norm | None:
    """The stored benchmark of a survey."""
    return session.scalar(select(Norm).where(Norm.survey_id == survey_id))


def benchmark_of(session: Session, *, survey_id: UUID) -> Benchmark | None:
    """What is usual elsewhere in a survey; None where nothing was read in."""
    found = norm_of(session, survey_id=survey_id)
    if found is None:
        return None
    rows = session.scalars(select(NormFigure).where(NormFigure.norm_id == found.id))
    figures = {
        (row.kind, row.name): Usual(
            row.kind, row.name, row.n, row.n_organisations, row.value, row.low, row.high
        )
        for row in rows
    }
    return Benchmark(found.title, found.imported_on, figures)
