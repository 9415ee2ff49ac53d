"""Reading cubes and what they are counted from; for releases alone."""

import io
import json
from collections.abc import Iterator, Sequence
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.campaigns.models import WaveUnit
from surveyor.cubes.models import Cube
from surveyor.cubes.spec import CubeArrays, CubeTree, ItemCube, ScaleCube
from surveyor.responses.models import AnswerSet

BATCH = 20_000


def wave_tree(session: Session, wave_id: UUID) -> CubeTree:
    """The tree a wave was launched on, with its pseudo-leaves."""
    rows = session.execute(
        select(WaveUnit.code, WaveUnit.parent_code)
        .where(WaveUnit.wave_id == wave_id)
        .order_by(WaveUnit.position)
    )
    return CubeTree.of({row[0]: row[1] for row in rows})


def answer_codes(session: Session, wave_id: UUID) -> Iterator[Sequence[tuple[str, bytes]]]:
    """Segment and codes of every answer set, in batches."""
    rows = session.execute(
        select(AnswerSet.segment_code, AnswerSet.codes).where(AnswerSet.wave_id == wave_id),
        execution_options={"yield_per": BATCH},
    )
    for batch in rows.partitions(BATCH):
        yield [(row[0], row[1]) for row in batch]


def cube_of(session: Session, wave_id: UUID) -> CubeArrays | None:
    """The stored cube of a wave; None before closing and after it was destroyed."""
    row = session.get(Cube, wave_id)
    if row is None:
        return None
    axes = row.axes
    with np.load(io.BytesIO(row.arrays), allow_pickle=False) as arrays:
        items = {
            name: ItemCube(name, tuple(options), arrays[f"item:{name}"])
            for name, options in axes["items"].items()
        }
        scales = {
            name: ScaleCube(name, steps, n_items, *(arrays[f"{part}:{name}"] for part in SCALE_PARTS))
            for name, (steps, n_items) in axes["scales"].items()
        }
        tree = CubeTree(tuple(axes["codes"]), tuple(axes["parent"]), axes["n_units"])
        return CubeArrays(tree, arrays["n"], items, scales)


SCALE_PARTS = ("sums", "answered", "counts")


def cube_row(wave_id: UUID, cube: CubeArrays) -> Cube:
    """A cube as a row to store: compressed arrays and what their axes mean."""
    arrays = {"n": cube.n} | {f"item:{name}": item.counts for name, item in cube.items.items()}
    for name, scale in cube.scales.items():
        arrays |= {f"{part}:{name}": getattr(scale, part) for part in SCALE_PARTS}
    axes = {
        "codes": list(cube.tree.codes),
        "parent": list(cube.tree.parent),
        "n_units": cube.tree.n_units,
        "items": {name: list(item.options) for name, item in cube.items.items()},
        "scales": {name: [scale.steps, scale.n_items] for name, scale in cube.scales.items()},
    }
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]  # numpy types the keyword arguments as bool
    return Cube(wave_id=wave_id, axes=json.loads(json.dumps(axes)), arrays=packed.getvalue())
