"""A case of a form sent to one kindergarten."""

import pytest
from sqlalchemy.orm import Session

from surveyor.cases.models import Case
from surveyor.config import Settings
from tests.case_rounds import make_round
from tests.factories import make_tree


@pytest.fixture
def case(session: Session, settings: Settings) -> Case:
    make_tree(session)
    return make_round(session, settings)[1]["B1"]
