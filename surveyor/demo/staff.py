"""The demo's staff: an account for every role, each with a random password shown once."""

from dataclasses import dataclass
from secrets import choice

from sqlalchemy.orm import Session

from surveyor.accounts.enums import Role
from surveyor.accounts.services import create_account, grant_role, set_password_by_link
from surveyor.audit.spec import COMMAND_LINE
from surveyor.config import Settings

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Staff:
    """A made-up member of staff: what the sign-in list says, and the roles held."""

    email: str
    name: str
    duty: str
    roles: tuple[tuple[Role, str], ...]


STAFF = (
    Staff("admin@fjordvik.example", "Anne Dahl", "administrator", ((Role.ADMIN, "FJ"),)),
    Staff("undersokelser@fjordvik.example", "Per Lund", "undersøkelser", ((Role.SURVEY_ADMIN, "FJ"),)),
    Staff("hr@fjordvik.example", "Kari Moen", "HR", ((Role.HR, "FJ"),)),
    Staff("controller@fjordvik.example", "Jonas Berg", "controller", ((Role.CONTROLLER, "FJ"),)),
    Staff("bms@fjordvik.example", "Solveig Aas", "BMS-støtte", ((Role.SCORECARD_OFFICE, "FJ"),)),
    Staff("oppvekst@fjordvik.example", "Marit Hagen", "direktør oppvekst", ((Role.DIRECTOR, "OPP"),)),
    Staff("helse@fjordvik.example", "Geir Strand", "direktør helse og velferd", ((Role.DIRECTOR, "HEL"),)),
    Staff("teknisk@fjordvik.example", "Odd Bakken", "direktør teknisk drift", ((Role.DIRECTOR, "TEK"),)),
    Staff("kultur@fjordvik.example", "Nina Lien", "direktør kultur og næring", ((Role.DIRECTOR, "KUL"),)),
    Staff("organisasjon@fjordvik.example", "Tor Solberg", "direktør organisasjon", ((Role.DIRECTOR, "ORG"),)),
    Staff("granstubben@fjordvik.example", "Ida Haugen", "leder, Granstubben", ((Role.LEADER, "BH04"),)),
    Staff("marihona@fjordvik.example", "Lena Vik", "leder, Marihøna (liten)", ((Role.LEADER, "BH08"),)),
    Staff("solheim@fjordvik.example", "Svein Nes", "leder, Solheim sykehjem", ((Role.LEADER, "SH01"),)),
    Staff("bergasen@fjordvik.example", "Silje Myhre", "leder, Bergåsen skole", ((Role.LEADER, "SK01"),)),
    Staff("politiker@fjordvik.example", "Knut Ødegård", "leser (politiker)", ((Role.READER, "FJ"),)),
)  # fmt: skip


def create_staff(session: Session, settings: Settings) -> list[tuple[Staff, str]]:
    """Accounts for everybody, with their passwords."""
    signed = []
    for person in STAFF:
        (role, unit), *more = person.roles
        account, token = create_account(
            session, email=person.email, name=person.name, role=role, unit_code=unit, actor=COMMAND_LINE
        )
        for other, where in more:
            grant_role(session, account=account, role=other, unit_code=where, actor=COMMAND_LINE)
        session.flush()  # the one-time link is read back
        password = "-".join("".join(choice(_LETTERS) for _ in range(4)) for _ in range(4))
        set_password_by_link(session, settings, token=token, password=password)
        signed.append((person, password))
    return signed


def sign_in_list(signed: list[tuple[Staff, str]]) -> str:
    """What `./run demo` prints and keeps in the instance folder."""
    width = max(len(person.email) for person, _ in signed)
    return "\n".join(f"{person.email:<{width}}  {password}  {person.duty}" for person, password in signed)
