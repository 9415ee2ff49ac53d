"""How long the gate takes on trees of several sizes, beside one plain pass over the same counts.

At the end a whole release: 500 units, 5 levels, 60 items, one cut of 8 categories, beside its bare cube.

Run: python -m benchmarks.gate
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from analysis.disclosure.cutgate import run_cuts
from analysis.disclosure.cuts import CutTable
from analysis.disclosure.gate import GateInput, ItemTable, run_gate
from analysis.disclosure.tree import Tree
from analysis.rollup import roll_up
from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.models import Wave
from surveyor.config import load_settings
from surveyor.cubes.services import build_cube
from surveyor.db import make_engine, unit_of_work
from surveyor.instruments.enums import ItemRole, ItemType
from surveyor.instruments.spec import Category, CodeList, Item, Scale
from surveyor.migrations import upgrade
from surveyor.releases.freezing import make_rows
from surveyor.releases.services import freeze_release
from tests.analysis.oracles import audit, audit_cut
from tests.releases_data import add_answers, choice, code_list, make_wave, one_page

SHAPES = ((60, 60), (500, 60), (3000, 1), (3000, 60))
SHARES = (0.05, 0.1, 0.2, 0.4, 0.25)
LEVEL_SIZES = (1, 6, 24, 116, 353)
CATEGORY_SHARES = (0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.05)
N_ANSWERS = 3800
CUT_LIMIT = 20.0
TREE_LIMIT = 1.0
N_ITEMS = 60


def wave(size: int, n_items: int) -> GateInput:
    """A random tree of about five levels, eleven answers a leaf."""
    rng = np.random.default_rng(size + n_items)
    above = [min(place - 1, int(rng.integers(0, place // 4 + 1))) for place in range(1, size)]
    parent = np.array([-1, *above])
    tree = Tree(tuple(f"u{place:05d}" for place in range(size)), parent, np.zeros(size, dtype=np.bool_))
    answers = rng.poisson(11, size) * tree.leaves
    items = tuple(
        ItemTable(f"i{number}", (1, 2, 3, 4, 5), roll_up(parent, rng.multinomial(answers, SHARES)))
        for number in range(n_items)
    )
    return GateInput(tree=tree, n=roll_up(parent, answers), items=items)


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Time of one call: wall-clock, or CPU time of this process with ``time.process_time``."""
    start = clock()
    work()
    return clock() - start


def wave_with_cut(n_items: int = 60) -> tuple[GateInput, CutTable]:
    """500 units on 5 levels, 3,800 answers, one cut of 8 categories shown at levels 0-2."""
    rng = np.random.default_rng(3)
    parent, upper = [-1], [0]
    for size in LEVEL_SIZES[1:]:
        level = list(range(len(parent), len(parent) + size))
        parent += [upper[place] if place < len(upper) else int(rng.choice(upper)) for place in range(size)]
        upper = level
    above = np.array(parent)
    tree = Tree(tuple(f"u{place:03d}" for place in range(len(above))), above, np.zeros(len(above), np.bool_))
    people = np.array([rng.multinomial(n, CATEGORY_SHARES) for n in _per_leaf(rng, tree)])
    asked = {
        f"i{number}": roll_up(above, rng.multinomial(rng.binomial(people, 0.97), SHARES))
        for number in range(n_items)
    }
    items = tuple(ItemTable(name, (1, 2, 3, 4, 5), counts.sum(axis=1)) for name, counts in asked.items())
    given = GateInput(tree=tree, n=roll_up(above, people.sum(axis=1)), items=items)
    return given, CutTable("role", tuple("abcdefgh"), roll_up(above, people), asked)


def _per_leaf(rng: np.random.Generator, tree: Tree) -> np.ndarray:
    """All answers spread over the leaves."""
    return np.asarray(rng.multinomial(N_ANSWERS, tree.leaves / tree.leaves.sum()))


def cut_times() -> None:
    """CPU time of tree gate, of one cut and of its auditor on all items; status 1 above the limits."""
    given, table = wave_with_cut()
    result = run_gate(given)
    tree = seconds(lambda: run_gate(given), time.process_time)
    cut = seconds(lambda: run_cuts(given, result, [table]), time.process_time)
    found = run_cuts(given, result, [table])[table.name]
    checked = seconds(lambda: audit_cut(given, result, found), time.process_time)
    shown, most = int(found.everyone.mean.shown.sum()), int((~found.everyone.mean.primary).sum())
    sys.stdout.write(
        f"\ntree gate {tree:.3f} s (limit {TREE_LIMIT}), cut gate {cut:.2f} s (limit {CUT_LIMIT})\n"
    )
    sys.stdout.write(
        f"auditor, all respondents and all items: {checked:.2f} s; {shown} of {most} cells shown\n"
    )
    if tree > TREE_LIMIT or tree + cut > CUT_LIMIT:
        raise SystemExit(1)


def fielded(session: Session) -> Wave:
    """The wave of ``wave_with_cut`` as answers in a database: ten themes of six, one background item."""
    given, table = wave_with_cut(N_ITEMS)
    codes, parent = given.tree.codes, given.tree.parent.tolist()
    roles = CodeList("role", tuple(Category(name, {"nb": name}) for name in table.categories))
    items = [choice(f"i{n}", "c5", scale=f"s{n // 6}") for n in range(N_ITEMS)]
    role = Item("role", ItemType.SELECT_ONE, {"nb": "Rolle"}, code_list="role", role=ItemRole.BACKGROUND)
    themes = [
        Scale(f"s{k}", {"nb": f"s{k}"}, tuple(f"i{6 * k + n}" for n in range(6))) for k in range(N_ITEMS // 6)
    ]
    asked = one_page("bench", [code_list("c5", 1, 5, missing=True), roles], [*items, role], themes)
    units = {code: codes[above] if above >= 0 else None for code, above in zip(codes, parent, strict=True)}
    rng = np.random.default_rng(4)
    leaves = [code for code, is_leaf in zip(codes, given.tree.leaves, strict=True) if is_leaf]
    drawn = {
        f"i{n}": rng.choice([1, 2, 3, 4, 5, 99], N_ANSWERS, p=[*SHARES[:4], 0.22, 0.03])
        for n in range(N_ITEMS)
    }
    frame = pd.DataFrame(drawn).assign(role=rng.choice(8, N_ANSWERS, p=CATEGORY_SHARES))
    wave = make_wave(session, asked, units)
    segments = rng.choice(leaves, N_ANSWERS).tolist()
    add_answers(session, wave, asked, segments, frame, names={"role": list(table.categories)})
    session.flush()
    return wave


def freeze_times() -> None:
    """CPU time of the bare cube, of gate, figures, tests and attacker, and of the rows' writing."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite"
        upgrade(url)
        engine = make_engine(url)
        with unit_of_work(engine) as session:
            wave = fielded(session)
            cube = seconds(lambda: build_cube(session, wave=wave), time.process_time)
            session.flush()
            gate = seconds(lambda: make_rows(session, wave), time.process_time)
            settings = load_settings(Path(folder), database_url=url)
            whole = seconds(
                lambda: freeze_release(session, settings, wave=wave, actor=COMMAND_LINE), time.process_time
            )
        engine.dispose()
    sys.stdout.write(
        f"\nbare cube {cube:.2f} s; gate, figures, tests and attacker {gate:.1f} s ({gate / cube:.0f} cubes,"
        f" limit {CUT_LIMIT}); with supplements, checksum and rows written {whole:.1f} s\n"
    )
    if gate > CUT_LIMIT:
        raise SystemExit(1)


def main() -> None:
    """One line a shape: gate, audit, and the gate as a multiple of adding the counts up once."""
    sys.stdout.write("units items   gate s  audit s  gate / roll-up\n")
    for size, n_items in SHAPES:
        given = wave(size, n_items)
        own = [item.counts * given.tree.leaves[:, None] for item in given.items]
        plain = seconds(lambda own=own, given=given: [roll_up(given.tree.parent, one) for one in own])
        gate = seconds(lambda given=given: run_gate(given))
        result = run_gate(given)
        checked = seconds(lambda given=given, result=result: audit(given, result))
        sys.stdout.write(f"{size:5d} {n_items:5d} {gate:8.3f} {checked:8.3f} {gate / plain:15.1f}\n")
    cut_times()
    freeze_times()


if __name__ == "__main__":
    main()
