"""A sample of Fjordvik's citizens: drawn in each district, with what the register knows of them."""

from collections.abc import Iterator, Mapping
from random import Random

from surveyor.demo.municipality import DISTRICTS
from surveyor.demo.people import FIRST, LANGUAGES, LAST, Person

N_DRAWN = 220  # in each district, so that small ones can be shown
GENDERS = {"kvinne": ("woman", 0.49), "mann": ("man", 0.51)}
# the register's word, the answer's code, share of the population, how willing
AGES = {
    "18-29": ("under_30", 0.19, 0.55),
    "30-39": ("30_39", 0.17, 0.75),
    "40-49": ("40_49", 0.18, 0.95),
    "50-59": ("50_59", 0.18, 1.15),
    "60+": ("60_over", 0.28, 1.4),
}
_NO_ANSWER, _OTHER = 0.03, 0.01


def citizens(seed: str) -> Iterator[Person]:
    """As many from each district, drawn from people as they are by gender and age."""
    chance = Random(seed)
    ages, shares = list(AGES), [share for _, share, _ in AGES.values()]
    genders, weights = list(GENDERS), [share for _, share in GENDERS.values()]
    for district in DISTRICTS:
        for number in range(N_DRAWN):
            name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
            gender, age = chance.choices(genders, weights)[0], chance.choices(ages, shares)[0]
            address = f"{seed}-{district}-{number}@post.example".lower()
            yield Person(district, name, address, chance.choice(LANGUAGES), gender, age)


def willingness(register: Mapping[str, str]) -> float:
    """How much likelier than others somebody is to answer: the young seldom, the old often."""
    return AGES[register["age_band"]][2] if "age_band" in register else 1.0


def background(register: Mapping[str, str], chance: Random) -> dict[str, str]:
    """What somebody says of themselves: nearly always what the register says."""
    said = {"gender": GENDERS[register["gender"]][0], "age": AGES[register["age_band"]][0]}
    for name in said:
        if chance.random() < _NO_ANSWER:
            said[name] = "no_answer"
    return said | ({"gender": "other"} if chance.random() < _OTHER else {})


def sizes_file() -> bytes:
    """People of each district, as the page for samples takes them."""
    return "\n".join(["enhet;antall", *(f"{code};{n}" for code, (_, n) in DISTRICTS.items())]).encode()


def margins_file() -> bytes:
    """Gender and age of the population, as the page for samples takes them."""
    lines = ["variabel;kategori;andel"]
    lines += [f"gender;{code};{100 * share:.0f}" for code, share in GENDERS.values()]
    lines += [f"age;{code};{100 * share:.0f}" for code, share, _ in AGES.values()]
    return "\n".join(lines).encode()
