"""Made-up people: names, e-mail addresses and languages, the same every time."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

FIRST = [
    "Anne",
    "Kari",
    "Ingrid",
    "Solveig",
    "Marit",
    "Hilde",
    "Nina",
    "Silje",
    "Tone",
    "Berit",
    "Aisha",
    "Fatima",
    "Agnieszka",
    "Lena",
    "Ida",
    "Nora",
    "Emma",
    "Maja",
    "Ola",
    "Per",
    "Lars",
    "Knut",
    "Svein",
    "Geir",
    "Odd",
    "Tor",
    "Jonas",
    "Henrik",
    "Mohammed",
    "Piotr",
    "Ahmed",
    "Erik",
    "Magnus",
    "Sondre",
    "Aksel",
    "Emil",
]
LAST = [
    "Hansen",
    "Johansen",
    "Olsen",
    "Larsen",
    "Andersen",
    "Pedersen",
    "Nilsen",
    "Kristiansen",
    "Jensen",
    "Karlsen",
    "Berg",
    "Haugen",
    "Hagen",
    "Bakken",
    "Moen",
    "Strand",
    "Lund",
    "Solberg",
    "Lien",
    "Dahl",
    "Kowalski",
    "Ali",
    "Nguyen",
    "Myhre",
    "Sæther",
    "Ødegård",
    "Aas",
    "Vik",
    "Nes",
    "Fjeld",
]
LANGUAGES = ("nb",) * 8 + ("nn", "en")


@dataclass(frozen=True)
class Person:
    """A made-up respondent as an invitation file has them."""

    unit: str
    name: str
    email: str
    language: str
    gender: str = ""
    age_band: str = ""

    def as_csv(self) -> str:
        return f"{self.unit},{self.name},{self.email},,{self.language},{self.gender},{self.age_band}"


def people(counts: dict[str, int], *, seed: str, domain: str) -> Iterator[Person]:
    """So many people of each unit; one in twenty has no e-mail and gets a letter."""
    random = Random(seed)
    for unit, n in counts.items():
        for number in range(n):
            name = f"{random.choice(FIRST)} {random.choice(LAST)}"
            address = f"{seed}-{unit}-{number}@{domain}".lower() if random.random() > 0.05 else ""
            yield Person(unit, name, address, random.choice(LANGUAGES))


def participants_file(crowd: list[Person]) -> bytes:
    """The crowd as the CSV that the invitation import takes."""
    return "\n".join(
        ["unit,name,email,phone,language,gender,age_band", *(p.as_csv() for p in crowd), ""]
    ).encode()
