"""Reading cubes and what they are counted from; for releases alone."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, LargeBinary, cast, func, literal, select
from sqlalchemy.orm import Session

from surveyor.campaigns.models import WaveUnit
from surveyor.cubes.models import Cube
from surveyor.cubes.spec import AnswerCodes, Counts, CubeArrays, CubeTree, CutCube, ItemCube, ScaleCube
from surveyor.responses.models import AnswerSet, LateAnswer

BATCH = 20_000
_AT_ONCE = 10  # segments, so that the codes of a large wave are never in memory together


def wave_tree(session: Session, wave_id: UUID) -> CubeTree:
    """The tree a wave was launched on, with its pseudo-leaves."""
    rows = session.execute(
        select(WaveUnit.code, WaveUnit.parent_code)
        .where(WaveUnit.wave_id == wave_id)
        .order_by(WaveUnit.position)
    )
    return CubeTree.of({row[0]: row[1] for row in rows})


def answer_codes(session: Session, wave_id: UUID, *, only_late: bool = False) -> Iterator[AnswerCodes]:
    """Segments and codes of all answer sets, or of those that came late, in batches.

    The database strings those of a segment together: a million answers as rows cost ten times as much as the
    counting.
    """
    by_segment = (
        select(AnswerSet.segment_code, func.count(), _strung(session))
        .where(AnswerSet.wave_id == wave_id)
        .group_by(AnswerSet.segment_code)
    )
    if only_late:
        by_segment = by_segment.where(AnswerSet.id.in_(select(LateAnswer.answer_set_id)))
    segments, parts = list[str](), list[bytes]()
    for segment, n, codes in session.execute(by_segment, execution_options={"yield_per": _AT_ONCE}):
        width = len(codes) // n
        for start in range(0, n, BATCH):
            parts.append(codes[start * width : (start + BATCH) * width])
            segments += [segment] * min(BATCH, n - start)
            if len(segments) >= BATCH:
                yield segments, b"".join(parts)
                segments, parts = [], []
    if segments:
        yield segments, b"".join(parts)


def _strung(session: Session) -> ColumnElement[bytes]:
    """Every blob of codes, strung together."""
    if session.get_bind().dialect.name == "sqlite":
        return cast(func.group_concat(AnswerSet.codes, ""), LargeBinary)
    return func.string_agg(AnswerSet.codes, literal(b"", LargeBinary))


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
        cuts = {
            name: _cut(name, categories, axes, arrays) for name, categories in axes.get("cuts", {}).items()
        }
        return CubeArrays(tree, arrays["n"], items, scales, cuts)


def _cut(name: str, categories: Sequence[str], axes: dict[str, Any], arrays: Mapping[str, Counts]) -> CutCube:
    items = _side_by_side(arrays, name, axes["cut_items"], axes["cut_widths"])
    scales = {scale: _whole(arrays[f"cut:{name}:{scale}"]) for scale in axes["scales"]}
    return CutCube(name, tuple(categories), _whole(arrays[f"everyone:{name}"]), items, scales)


def _side_by_side(
    arrays: Mapping[str, Counts], cut: str, names: Sequence[str], widths: Sequence[int]
) -> dict[str, Counts]:
    """One table for each item out of all of them side by side."""
    if not names:
        return {}
    parts = np.split(_whole(arrays[f"cut:{cut}"]), np.cumsum(widths)[:-1], axis=2)
    return dict(zip(names, parts, strict=True))


def _whole(stored: Counts) -> Counts:
    """Counts as they are worked with; they are stored in as few bytes as hold them."""
    return stored.astype(np.int64)


SCALE_PARTS = ("sums", "answered", "counts")


def cube_row(wave_id: UUID, cube: CubeArrays) -> Cube:
    """A cube as a row to store: compressed arrays and what their axes mean."""
    arrays = {"n": cube.n} | {f"item:{name}": item.counts for name, item in cube.items.items()}
    for name, scale in cube.scales.items():
        arrays |= {f"{part}:{name}": getattr(scale, part) for part in SCALE_PARTS}
    axes: dict[str, Any] = {
        "codes": list(cube.tree.codes),
        "parent": list(cube.tree.parent),
        "n_units": cube.tree.n_units,
        "items": {name: list(item.options) for name, item in cube.items.items()},
        "scales": {name: [scale.steps, scale.n_items] for name, scale in cube.scales.items()},
        "cuts": {name: list(cut.categories) for name, cut in cube.cuts.items()},
    }
    for cut in cube.cuts.values():
        axes |= {"cut_items": list(cut.items), "cut_widths": [part.shape[2] for part in cut.items.values()]}
        arrays |= _cut_arrays(cut)
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]  # numpy types the keyword arguments as bool
    return Cube(wave_id=wave_id, axes=json.loads(json.dumps(axes)), arrays=packed.getvalue())


def _cut_arrays(cut: CutCube) -> dict[str, Counts]:
    """The arrays of one cut: its items side by side in one, everybody and the scales apart."""
    found = {f"everyone:{cut.name}": _small(cut.n)}
    found |= {f"cut:{cut.name}:{scale}": _small(counts) for scale, counts in cut.scales.items()}
    if cut.items:
        found[f"cut:{cut.name}"] = _small(np.concatenate(list(cut.items.values()), axis=2))
    return found


def _small(counts: Counts) -> Counts:
    """Counts in the fewest bytes that hold them."""
    most = int(counts.max(initial=0))
    return counts.astype(np.min_scalar_type(most))
