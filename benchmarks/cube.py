"""Counting a wave, and reading its counts again, beside the same counts by DuckDB from Parquet in one run.

Cold: every answer set read from the database and counted. Warm: the stored cube read and rolled up to every
unit. Both beside DuckDB counting each item by unit and option, from one Parquet file of the same answers.

Run: python -m benchmarks.cube [answers]
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from uuid import UUID, uuid4

import duckdb
import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine, insert

from analysis.rollup import roll_up
from surveyor.cubes.counting import Counter, batches
from surveyor.cubes.queries import answer_codes, cube_of, cube_row
from surveyor.cubes.spec import CubeArrays, CubeTree
from surveyor.db import make_engine, open_session, unit_of_work
from surveyor.instruments.spec import Questionnaire
from surveyor.migrations import upgrade
from surveyor.responses.models import AnswerSet
from tests.releases_data import choice, code_list, one_page

N_ANSWERS, N_ITEMS, N_UNITS, N_OPTIONS, ROUNDS, BATCH = 1_000_000, 50, 500, 5, 5, 20_000
COLD_GOAL, WARM_GOAL, MEMORY_GOAL = 2.0, 0.5, 1024


def asked() -> Questionnaire:
    """Fifty statements of five options."""
    return one_page("kube", [code_list("c5", 1, N_OPTIONS)], [choice(f"q{n}", "c5") for n in range(N_ITEMS)])


def units() -> CubeTree:
    """A root, and units of five levels below it."""
    chance = np.random.default_rng(1)
    above: dict[str, str | None] = {"U000": None}
    for place in range(1, N_UNITS):
        above[f"U{place:03d}"] = f"U{int(chance.integers(0, place // 4 + 1)):03d}"
    return CubeTree.of(above)


def answers(n: int) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]]]:
    """Batches of (unit, codes), a twentieth of the answers missing."""
    chance = np.random.default_rng(2)
    for start in range(0, n, BATCH):
        size = min(BATCH, n - start)
        codes = chance.integers(0, N_OPTIONS, (size, N_ITEMS)).astype(np.int8)
        codes[chance.random((size, N_ITEMS)) < 0.05] = -1
        yield chance.integers(0, N_UNITS, size), codes


def fill(path: Path, parquet: Path, wave_id: UUID, n: int) -> None:
    """The same answers as answer sets and as one Parquet file."""
    upgrade(f"sqlite:///{path}")
    engine, tree, lake = make_engine(f"sqlite:///{path}"), units(), duckdb.connect()
    columns = ", ".join(f"q{n} TINYINT" for n in range(N_ITEMS))
    lake.execute(f"CREATE TABLE answer (unit SMALLINT, {columns})")
    version = uuid4()
    with unit_of_work(engine) as session:
        for places, codes in answers(n):
            rows = [
                {
                    "id": uuid4(), "wave_id": wave_id, "segment_code": tree.codes[place],
                    "instrument_version_id": version, "receipt_hash": None, "codes": given.tobytes(),
                    "body": {f"q{item}": str(code + 1) for item, code in enumerate(given) if code >= 0},
                }
                for place, given in zip(places, codes, strict=True)
            ]  # fmt: skip
            session.execute(insert(AnswerSet), rows)
            batch = {"unit": places.astype(np.int16)} | {f"q{i}": codes[:, i] for i in range(N_ITEMS)}
            lake.register("batch", batch)
            lake.execute("INSERT INTO answer SELECT * FROM batch")
    lake.execute(f"COPY answer TO '{parquet}' (FORMAT parquet)")
    lake.close()
    engine.dispose()


def count_cold(engine: Engine, wave_id: UUID, tree: CubeTree) -> CubeArrays:
    """From answer sets to counts, as at a closing."""
    with open_session(engine, read_only=True) as session:
        return batches(answer_codes(session, wave_id), Counter(asked(), tree))


def count_warm(engine: Engine, wave_id: UUID) -> CubeArrays:
    """From the stored cube to counts of every unit."""
    with open_session(engine, read_only=True) as session:
        cube = cube_of(session, wave_id)
    assert cube is not None
    parent = np.array(cube.tree.parent)
    for item in cube.items.values():
        roll_up(parent, item.counts)
    return cube


def count_by_duckdb(parquet: Path) -> list[list[tuple[int, int, int]]]:
    """Each item by unit and option."""
    lake = duckdb.connect()
    found = [
        lake.execute(f"SELECT unit, q{n}, count(*) FROM '{parquet}' GROUP BY ALL").fetchall()  # noqa: S608
        for n in range(N_ITEMS)
    ]
    lake.close()
    return found


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def require_equal(cube: CubeArrays, theirs: list[list[tuple[int, int, int]]]) -> None:
    """Both have counted the same; stops the benchmark otherwise."""
    for place, item in enumerate(cube.items.values()):
        counted = np.zeros_like(item.counts)
        for unit, code, n in theirs[place]:
            counted[cube.tree.atom(cube.tree.codes[unit]), code] = n  # -1, no answer, is the last column
        assert np.array_equal(counted, item.counts), item.name


def main(n: int) -> bool:
    """Print medians, ratios and memory; True when all are within the goals."""
    with tempfile.TemporaryDirectory() as name:
        folder, wave_id, tree = Path(name), uuid4(), units()
        path, parquet = folder / "measured.sqlite", folder / "answers.parquet"
        filling = get_context("spawn").Process(target=fill, args=(path, parquet, wave_id, n))
        filling.start()  # apart, so that this process's memory is that of counting
        filling.join()
        engine = make_engine(f"sqlite:///{path}")
        cube = count_cold(engine, wave_id, tree)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with unit_of_work(engine) as session:
            session.merge(cube_row(wave_id, cube))
        require_equal(cube, count_by_duckdb(parquet))
        times: dict[str, list[float]] = {"duckdb": [], "cold": [], "warm": []}
        for _ in range(ROUNDS):
            times["duckdb"].append(seconds(lambda: count_by_duckdb(parquet)))
            times["cold"].append(seconds(lambda: count_cold(engine, wave_id, tree)))
            times["warm"].append(seconds(lambda: count_warm(engine, wave_id)))
        engine.dispose()
    middle = {name: median(found) for name, found in times.items()}
    cold, warm = middle["cold"] / middle["duckdb"], middle["warm"] / middle["duckdb"]
    say = sys.stdout.write
    say(f"{n} answers, {N_ITEMS} items, {N_UNITS} units: DuckDB {middle['duckdb']:.2f} s, ")
    say(f"cold {middle['cold']:.2f} s = {cold:.2f} times (goal {COLD_GOAL}), ")
    say(f"warm {middle['warm']:.3f} s = {warm:.3f} times (goal {WARM_GOAL}), ")
    say(f"most memory {memory:.0f} MiB (goal {MEMORY_GOAL})\n")
    return cold <= COLD_GOAL and warm <= WARM_GOAL and memory < MEMORY_GOAL


if __name__ == "__main__":
    sys.exit(not main(int(sys.argv[1]) if len(sys.argv) > 1 else N_ANSWERS))
