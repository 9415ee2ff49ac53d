"""Every table of the house in one import: for migrations and for tests that make a schema."""

from surveyor.accounts import models as accounts
from surveyor.audit import models as audit
from surveyor.campaigns import models as campaigns
from surveyor.cases import models as cases
from surveyor.cubes import models as cubes
from surveyor.db import AnonymousBase, Base
from surveyor.indicators import models as indicators
from surveyor.instruments import models as instruments
from surveyor.invitations import models as invitations
from surveyor.jobs import models as jobs
from surveyor.mail import models as mail
from surveyor.norms import models as norms
from surveyor.releases import models as releases
from surveyor.responses import models as responses
from surveyor.scorecards import models as scorecards
from surveyor.texts import models as texts
from surveyor.units import models as units

ROOMS = (
    units,
    accounts,
    audit,
    jobs,
    mail,
    instruments,
    campaigns,
    invitations,
    responses,
    cases,
    cubes,
    texts,
    norms,
    releases,
    indicators,
    scorecards,
)
METADATA = (Base.metadata, AnonymousBase.metadata)
