"""Open waves for tests of answering: a questionnaire, a tree, keys, invited people with their links."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from surveyor import clock
from surveyor.campaigns.enums import Audience, WaveState
from surveyor.campaigns.models import Survey, Wave
from surveyor.config import Settings
from surveyor.db import unit_of_work
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.spec import Category, CodeList, Grid, Item, Page, Questionnaire, Scale
from surveyor.invitations.enums import Credential
from surveyor.invitations.models import Participation, SampleMember
from surveyor.responses.keys import make_wave_keys
from surveyor.responses.models import WaveKey
from surveyor.responses.sealing import seal_response
from surveyor.responses.services import store_envelope
from surveyor.responses.spec import Response, padded_length
from tests.factories import TREE, keep_tree, make_tree, make_version

LANGUAGES = ("nb", "nn", "en")


def words(nb: str, nn: str | None = None, en: str | None = None) -> dict[str, str]:
    return {"nb": nb, "nn": nn or nb, "en": en or nb}


AGREE = CodeList(
    "agree",
    (
        *(Category(str(n), words(f"Grad {n}", en=f"Degree {n}"), score=n) for n in range(1, 6)),
        Category("9", words("Vet ikke", "Veit ikkje", "Don't know"), missing=True),
    ),
)
YES_NO = CodeList("yes_no", (Category("yes", words("Ja", en="Yes")), Category("no", words("Nei", en="No"))))
GOODS = CodeList("goods", tuple(Category(c, words(f"Gode {c}")) for c in ("a", "b", "c")))


def select_one(name: str, code_list: str, **fields: Any) -> Item:
    label = words(f"Spørsmål {name}", f"Spørsmål {name} nynorsk", f"Question {name}")
    return Item(name, ItemType.SELECT_ONE, label, code_list=code_list, **fields)


def employee_questionnaire() -> Questionnaire:
    """Two pages and one that only some are asked; every kind of answer, one free text."""
    battery = Grid(
        "battery",
        words("Arbeidet", en="Work"),
        tuple(select_one(f"w{n}", "agree", page="p1", scale="work") for n in (1, 2, 3)),
    )
    again = select_one("again", "yes_no", page="p1", required="true()", role=ItemRole.BACKGROUND)
    why = Item("why", ItemType.TEXT, words("Hvorfor ikke?", en="Why not?"), page="p2", role=ItemRole.OPEN)
    goods = Item("goods", ItemType.SELECT_MULTIPLE, words("Hva er bra?"), code_list="goods", page="p3")
    years = Item("years", ItemType.INTEGER, words("Antall år"), page="p3")
    comment = Item(
        "comment", ItemType.TEXT, words("Noe mer?", en="Anything else?"), page="p3", role=ItemRole.OPEN
    )
    return Questionnaire(
        "trivsel",
        words("Trivsel på jobben", en="Thriving at work"),
        LANGUAGES,
        "nb",
        pages=(
            Page("p1", words("Arbeidsdagen", en="The working day"), nodes=(battery, again)),
            Page("p2", words("Mer om det"), relevant="${again} = 'no'", nodes=(why,)),
            Page("p3", words("Til slutt", en="Finally"), nodes=(goods, years, comment)),
        ),
        code_lists={"agree": AGREE, "yes_no": YES_NO, "goods": GOODS},
        scales=(Scale("work", words("Arbeid"), ("w1", "w2", "w3")),),
    )


@dataclass(frozen=True)
class Asked:
    """One invited person: the participation and the link's token."""

    id: UUID
    token: str
    segment: str


@dataclass
class OpenWave:
    """A launched wave and everything its respondents hold."""

    wave: Wave
    questionnaire: Questionnaire
    people: list[Asked] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        return self.wave.id


def make_open_wave(
    session: Session,
    settings: Settings,
    *,
    questionnaire: Questionnaire | None = None,
    tree: Iterable[tuple[str, str, str, str | None]] = TREE,
    invited: dict[str, int] | None = None,
    code: str = "trivsel-2026",
    audience: Audience = Audience.EMPLOYEE,
    **fields: Any,
) -> OpenWave:
    """A wave launched today: `invited` says how many people each segment holds."""
    questionnaire, tree = questionnaire or employee_questionnaire(), tuple(tree)
    units, version = make_tree(session, tree), make_version(session, questionnaire)
    survey = Survey(code=questionnaire.code, title=dict(questionnaire.title), audience=audience)
    session.add(survey)
    session.flush()
    today = clock.today()
    fields = {"opens": today, "closes": today + timedelta(days=14), "key_grace_days": 0, **fields}
    wave = Wave(
        code=code, survey=survey, instrument_version_id=version.id, audience=audience,
        state=WaveState.PLANNED, outcome=None, scope=[], retention_on=date(2030, 1, 1), launched_at=None,
        launch_manifest={}, manifest_sha256="0" * 64, closed_at=None, **fields,
    )  # fmt: skip
    session.add(wave)
    session.flush()
    keep_tree(session, wave, {code: unit.id for code, unit in units.items()}, tree)
    wave.state, wave.launched_at = WaveState.OPEN, clock.now()  # from here on the tree refuses changes
    make_wave_keys(session, settings, wave_id=wave.id)
    people = [invite(session, wave, segment) for segment, n in (invited or {}).items() for _ in range(n)]
    session.flush()
    return OpenWave(wave, questionnaire, people)


def invite(session: Session, wave: Wave, segment: str) -> Asked:
    token = secrets.token_urlsafe(20)
    member = SampleMember(
        wave_id=wave.id,
        unit_code=segment.removesuffix("/own"),
        name="Kari Nordmann",
        email=f"{token}@fjordvik.test",
        phone=None,
        language="nb",
    )
    session.add(member)
    session.flush()
    participation = Participation(
        wave_id=wave.id,
        sample_member_id=member.id,
        segment_code=segment,
        credential=Credential.MAIL_LINK,
        credential_hash=sha256(token.encode()).digest(),
        token_sealed=b"sealed",
    )
    session.add(participation)
    session.flush()
    return Asked(participation.id, token, segment)


def make_answered_wave(engine: Engine, settings: Settings, n: int) -> OpenWave:
    """Twelve invited in B1 and in S1, of whom the first n have answered, each in an own way."""
    with unit_of_work(engine) as session:
        wave = make_open_wave(session, settings, invited={"B1": 12, "S1": 12})
        key = session.scalars(select(WaveKey.public_key).where(WaveKey.wave_id == wave.id)).one()
        for number, person in enumerate(wave.people[:n]):
            answers = {"w1": str(1 + number % 5), "w2": str(1 + number * 2 % 5), "w3": "9", "again": "yes"}
            sealed = seal_response(
                Response(wave.wave.instrument_version_id, person.segment, answers), public_key=key,
                wave_id=wave.id, participation_id=person.id, length=padded_length(wave.questionnaire),
            )  # fmt: skip
            store_envelope(
                session,
                wave_id=wave.id,
                participation_id=person.id,
                rev=1,
                submission_id=uuid4(),
                sealed=sealed,
            )
    return wave
