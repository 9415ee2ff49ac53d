"""Reading benchmarks in."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.errors import N_, InvalidInput
from surveyor.instruments.spec import Questionnaire
from surveyor.norms.enums import NormKind
from surveyor.norms.figures import usual_figures
from surveyor.norms.models import Norm, NormFigure
from surveyor.norms.queries import norm_of
from surveyor.norms.rows import read_counts
from surveyor.norms.spec import NormReport
from surveyor.tabular import Source

MOST_TITLE = 120


def import_norm(
    session: Session,
    *,
    survey_id: UUID,
    questionnaire: Questionnaire,
    title: str,
    file: Source,
    filename: str,
    actor: Actor,
    own: str = "",
) -> NormReport:
    """Store a survey's benchmark in place of the former; raises InvalidInput with every problem.

    own: what we are called; our own answers are none of the others'.
    """
    if not title.strip() or len(title) > MOST_TITLE:
        raise InvalidInput(N_("Skriv hvem tallene er fra, med høyst %(n)s tegn."), n=MOST_TITLE)
    figures = usual_figures(questionnaire, read_counts(file, filename, questionnaire, own=own))
    if former := norm_of(session, survey_id=survey_id):
        session.delete(former)
        session.flush()  # one benchmark a survey
    norm = Norm(survey_id=survey_id, title=title.strip(), imported_on=clock.today())
    session.add(norm)
    session.flush()  # the figures refer to it
    session.add_all(NormFigure(norm_id=norm.id, **asdict(figure)) for figure in figures)
    record(
        session, actor=actor, action="norm.imported", subject_type="survey", subject_id=survey_id,
        file=filename, n_cells=len(figures),
    )  # fmt: skip
    n_items = sum(figure.kind is NormKind.ITEM for figure in figures)
    return NormReport(n_items, len(figures) - n_items)
