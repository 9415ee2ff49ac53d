"""What is usual elsewhere, made up: answers of seven other municipalities to the employee survey."""

from random import Random

from sqlalchemy import Engine

from surveyor.audit.spec import Actor
from surveyor.db import unit_of_work
from surveyor.instruments.queries import questionnaire
from surveyor.norms.services import import_norm
from surveyor.releases.queries import wave_release

MUNICIPALITIES = ("Askøyvik", "Bjørnli", "Dalsund", "Elvestad", "Furuvær", "Granheim", "Havnes")
_SEED = 77
_OFFICE = Actor("hr@fjordvik.example")


def read_others(engine: Engine, wave_code: str) -> None:
    """Read in the benchmark of a released wave's survey; everybody leans to the positive side."""
    with unit_of_work(engine) as session:
        wave = wave_release(session, wave_code=wave_code)
        asked, chance = questionnaire(session, version_id=wave.instrument_version_id), Random(_SEED)
        lines = ["organisation;item;code;count"]
        liked = {item.name: chance.gauss(1.4, 0.4) for item in asked.scored_items}
        for name in MUNICIPALITIES:
            town = chance.gauss(0, 0.1)
            for item in asked.scored_items:
                lean = max(0.5, liked[item.name] + town + chance.gauss(0, 0.15))
                options = [one for one in asked.categories(item) if one.score is not None and not one.missing]
                options.sort(key=lambda one: one.score or 0, reverse=item.reverse)
                for place, option in enumerate(options):
                    weight = 0.05 + 0.6 * ((place + 0.5) / len(options)) ** lean
                    n = round(200 * weight) + chance.randint(0, 9)
                    lines.append(f"{name};{item.name};{option.code};{n}")
        import_norm(
            session, survey_id=wave.survey_id, questionnaire=asked, title="sju oppdiktede kommuner",
            file="\n".join(lines).encode(), filename="andre.csv", actor=_OFFICE,
        )  # fmt: skip
