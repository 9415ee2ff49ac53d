"""The reproduction package of a release: its cells, and a script that works out every verdict again."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from sqlalchemy.orm import Session

from surveyor.campaigns.models import Wave
from surveyor.exports import recount
from surveyor.instruments.queries import questionnaire
from surveyor.releases.earlier import last_release
from surveyor.releases.enums import CellState, ComparedTo
from surveyor.releases.moment_queries import moment_rows
from surveyor.releases.moment_rows import MomentRow
from surveyor.releases.queries import cells_of, released_units, wave_release
from surveyor.releases.sample_queries import response_rows, weighted_rows
from surveyor.releases.spec import ResponseRow, Row, WaveRelease, WeightedRow

SCRIPT, CELLS, UNITS, BEFORE, CHECKSUM, MOMENTS, POINTS, ABOUT = (
    "regn_etter.py", "celler.jsonl", "enheter.json", "forrige.json", "kontrollsum.txt", "sammenhenger.jsonl",
    "poeng.json", "les-meg.txt",
)  # fmt: skip
WEIGHTED, RESPONSES = (name for name, _ in recount.BESIDE.values())
_ABOUT = """Alle frigitte tall fra en måling, og et program som regner etter.

Kjør: python regn_etter.py   (Python 3.9 eller nyere, ingen andre pakker, ikke nett)
Svaret er «Alt stemmer.», eller en liste over det som ikke stemmer.

celler.jsonl. Første linje: målingen og metoden. Så en rad per linje, med disse feltene i rekkefølge:
  enhet, slag (item spørsmål, scale tema, wave hele målingen), navn, mål, tilstand (shown vises, hidden vises
  ikke), n, verdi, nedre, øvre, sammenlignet med (rest resten, last forrige måling), forskjell, p, justert p,
  effekt (Cliffs delta), vurdering, bakgrunnsspørsmål, gruppe.
  Mål: mean snitt, index 0-100, sd standardavvik, share:<kode> andel, missing_share andel «vet ikke»,
  top2 de to beste svarene, bottom det dårligste, response_rate svarprosent.
  Nedre og øvre ved mean og index er et 95 prosent konfidensintervall (t). Er sd skjult, er det regnet med
  spredningen i hele målingen. Ved andeler og svarprosent står de der verdien ikke vises nøyaktig.
  Ved en sammenligning er nedre og øvre Welchs intervall for forskjellen.
enheter.json: [enhet, enheten over]. poeng.json: poengene til hvert svar, omvendte spørsmål snudd.
forrige.json: antall svar i forrige måling, der det sammenlignes.
kontrollsum.txt: SHA-256 av celler.jsonl uten linjeskiftet etter første linje.
sammenhenger.jsonl, vektet.jsonl, svar.jsonl: samsvar og sammenhenger, vektede tall, hvem som svarte. Feltene
  står øverst i regn_etter.py. Summene deres står i første linje av celler.jsonl.

Indeks for et spørsmål: (snitt - laveste poeng) / (høyeste poeng - laveste poeng) * 100.
Indeks for et tema: snittet av indeksene til spørsmålene. n for et tema: de som har svart på minst halvparten.
p: Mann-Whitney, korrigert for like svar og kontinuitet. Justert p: Benjamini-Hochberg over enhetens spørsmål
  mot resten, over temaene mot resten, og over alt mot forrige måling, hver for seg. For grupper: over alle
  gruppene til et bakgrunnsspørsmål i enheten, spørsmål og temaer hver for seg.
g: forskjellen delt på den felles spredningen, med Hedges' korreksjon.
Vurdering: too_few når færre enn 10 har svart på en av sidene, eller når det ikke er noen test. none når
  forskjellen er under 5 poeng og g er under 0,2. possible når justert p er over 0,05, eller når effekten
  peker motsatt vei av forskjellen. Ellers higher eller lower.
"""
_STAMP = (2000, 1, 1, 0, 0, 0)  # the same release gives the same file, whenever it is fetched


def write_package(session: Session, *, wave_code: str, out: IO[bytes]) -> None:
    """Write the zip of a released wave; raises NotFound and Refused."""
    wave = wave_release(session, wave_code=wave_code)
    units = [(unit.code, unit.parent) for unit in released_units(session, wave_id=wave.wave_id)]
    compared: list[tuple[str, str, str]] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        with package.open(_entry(CELLS), "w", force_zip64=True) as file:
            for line in _lines(session, wave, compared):
                file.write(line)
        package.writestr(_entry(UNITS), json.dumps(units, ensure_ascii=False))
        package.writestr(_entry(BEFORE), json.dumps(_before(session, wave, compared), ensure_ascii=False))
        package.writestr(_entry(POINTS), json.dumps(_points(session, wave), ensure_ascii=False))
        package.writestr(_entry(CHECKSUM), wave.manifest_sha256 + "\n")
        if "moments" in wave.method:
            rows = moment_rows(session, release_id=wave.release_id)
            package.writestr(_entry(MOMENTS), b"".join(map(_line, rows)))
        if "weights" in wave.method:
            weighted = weighted_rows(session, release_id=wave.release_id)
            package.writestr(_entry(WEIGHTED), b"".join(map(_line, weighted)))
        if "responses" in wave.method:
            answered = response_rows(session, release_id=wave.release_id)
            package.writestr(_entry(RESPONSES), b"".join(map(_line, answered)))
        package.writestr(_entry(ABOUT), _ABOUT)
        package.writestr(_entry(SCRIPT), Path(recount.__file__).read_text(encoding="utf-8"))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _lines(session: Session, wave: WaveRelease, compared: list[tuple[str, str, str]]) -> Iterator[bytes]:
    """What the checksum covers, line by line; notes what is compared with the last wave."""
    yield json.dumps([wave.wave_code, wave.method], sort_keys=True).encode() + b"\n"
    for row in cells_of(session, release_id=wave.release_id, cut=None):
        if row.compared_to == ComparedTo.LAST and row.measure == "index" and row.state is CellState.SHOWN:
            compared.append((row.unit, row.kind.value, row.item))
        yield _line(row)


def _line(row: Row | MomentRow | WeightedRow | ResponseRow) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _before(
    session: Session, wave: WaveRelease, compared: list[tuple[str, str, str]]
) -> list[tuple[str, str, str, int | None]]:
    """Answers in the last wave for what is compared with it, and for nothing else."""
    last = last_release(session, session.get_one(Wave, wave.wave_id)) if compared else None
    if last is None:
        return []
    wanted = set(compared)
    return [
        (row.unit, row.kind.value, row.item, row.n)
        for row in cells_of(session, release_id=last.id, items=sorted({item for _, _, item in wanted}))
        if _is_wanted(row, wanted)
    ]


def _points(session: Session, wave: WaveRelease) -> dict[str, dict[str, float]]:
    """Points of every answer of the scored items, reverse items turned, as the figures count them."""
    asked = questionnaire(session, version_id=wave.instrument_version_id)
    found: dict[str, dict[str, float]] = {}
    for item in asked.scored_items:
        low, high = asked.score_range(item) or (0, 0)
        turn, sign = (float(low) + float(high), -1) if item.reverse else (0.0, 1)
        scores = {
            c.code: float(c.score) for c in asked.categories(item) if c.score is not None and not c.missing
        }
        found[item.name] = {code: turn + sign * score for code, score in scores.items()}
    return found


def _is_wanted(row: Row, wanted: set[tuple[str, str, str]]) -> bool:
    return row.measure == "index" and not row.compared_to and (row.unit, row.kind.value, row.item) in wanted
