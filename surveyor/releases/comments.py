"""Releasing comments: which units may read theirs, and how many touch each theme; the gate with k = 10.

A unit's list holds every comment from it and what lies below. Whoever reads two lists can take the one from
the other, so the lists stand or fall together as the figures of a tree do.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from random import SystemRandom
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from analysis.disclosure.coding import coded_share
from analysis.disclosure.gate import NO_FRAME, GateInput, GateResult, ItemTable, run_gate
from analysis.disclosure.tree import Flags, Tree
from analysis.rollup import roll_up
from surveyor import clock
from surveyor.audit.services import record
from surveyor.audit.spec import Actor
from surveyor.campaigns.models import Wave
from surveyor.campaigns.spec import OWN
from surveyor.cubes.spec import Counts
from surveyor.errors import N_, Refused
from surveyor.jobs.services import enqueue
from surveyor.releases.comment_checks import CommentSight
from surveyor.releases.enums import CellState
from surveyor.releases.models import CommentRelease, ReleasedComment, ReleasedTheme
from surveyor.releases.queries import comment_release, release_of
from surveyor.releases.spec import Readable, ThemeRow
from surveyor.texts.queries import coded_comments, themes, waiting_comments
from surveyor.texts.services import forget_comments
from surveyor.texts.spec import K_TEXT, Coded, ThemeRule

METHOD = "2026.1"
WIPE = "comments.wipe"  # deleted rows stand in the database's files until somebody wipes them


def freeze_comments(session: Session, *, wave: Wave, item: str, actor: Actor) -> CommentRelease:
    """Release a question's comments for good and delete the raw ones.

    Raises Refused before the figures are released, with comments nobody has decided about, with fewer than
    ten to show, the second time, and when the attacker finds a hole in what is to be stored.
    """
    if release_of(session, wave.id) is None or comment_release(session, wave_id=wave.id, item=item):
        raise Refused(N_("Kommentarene kan frigis én gang, etter at målingen er avsluttet."))
    if waiting_comments(session, wave_id=wave.id, item=item, limit=1):
        raise Refused(N_("Noen kommentarer er ikke gjennomgått ennå."))
    coded, rules = (
        coded_comments(session, wave_id=wave.id, item=item),
        themes(session, wave_id=wave.id, item=item),
    )
    if len(coded) < K_TEXT:
        raise Refused(N_("Minst %(n)s kommentarer må kunne vises."), n=K_TEXT)
    found = _readable(session, wave, coded, rules)
    release = _store(session, wave, item, found, rules)
    forget_comments(session, wave_id=wave.id, item=item)
    enqueue(session, kind=WIPE, key=f"{WIPE}:{wave.id}:{item}", payload={})
    record(
        session, actor=actor, action="comments.frozen", subject_type="wave", subject_id=wave.id, item=item,
        n_comments=len(found.comments), sha256=release.manifest_sha256,
    )  # fmt: skip
    return release


def _readable(session: Session, wave: Wave, coded: Sequence[Coded], rules: Sequence[ThemeRule]) -> Readable:
    from surveyor.releases.freezing import tables_of  # noqa: PLC0415 -- slow import
    from surveyor.releases.frozen import refuse_holes  # noqa: PLC0415 -- slow import

    tables = tables_of(session, wave)
    everyone = run_gate(
        GateInput(tables.tree, tables.n, (), (), tables.invited, wave.k_mean, wave.k_spread)
    ).everyone
    k = max(K_TEXT, wave.k_spread)
    given = gate_input(tables.tree, everyone.spread.shown, coded, rules, k=k)
    result = run_gate(given)
    found = readable(given, result, coded, rules, n_units=tables.n_units)
    sight = CommentSight(tables.tree, tables.n, tables.invited, coded, rules, k, wave.k_spread)
    refuse_holes(sight.holes(found))
    return found


def gate_input(
    tree: Tree, inside: Flags, coded: Sequence[Coded], rules: Sequence[ThemeRule], *, k: int
) -> GateInput:
    """Comments as respondents, each theme as an item of two options, inside the pattern of distributions."""
    place = {code: number for number, code in enumerate(tree.codes)}
    atoms = [_atom(place, one.segment_code) for one in coded]
    n = _counted(tree, atoms)
    items = []
    for rule in rules:
        touched = _counted(tree, [a for a, one in zip(atoms, coded, strict=True) if rule.id in one.themes])
        items.append(ItemTable(str(rule.id), None, np.stack([touched, n - touched], axis=1)))
    barred = np.where(inside, NO_FRAME, 0)  # nobody was asked there, as far as comments go
    return GateInput(tree, n, tuple(items), (), barred, k, k)


def _atom(place: Mapping[str, int], segment: str) -> int:
    unit = segment.removesuffix(OWN)
    return place[unit + OWN] if unit + OWN in place else place[unit]


def _counted(tree: Tree, atoms: Sequence[int]) -> Counts:
    own = np.zeros(len(tree), dtype=np.int64)
    np.add.at(own, np.array(atoms, dtype=np.int64), 1)
    return roll_up(tree.parent, own)


def readable(
    given: GateInput, result: GateResult, coded: Sequence[Coded], rules: Sequence[ThemeRule], *, n_units: int
) -> Readable:
    """Comments and rows that passed; a comment no shown unit holds is not there at all."""
    tree, shown = given.tree, result.everyone.spread.shown
    place = {code: number for number, code in enumerate(tree.codes)}
    kept = [(_holder(tree, shown, _atom(place, one.segment_code)), one.body) for one in coded]
    comments = [(unit, body) for unit, body in kept if unit]
    SystemRandom().shuffle(comments)
    rows = [row for node in range(n_units) for row in _rows(given, result, rules, node)]
    return Readable(tuple(comments), tuple(rows))


def _holder(tree: Tree, shown: Flags, node: int) -> str:
    """The nearest unit at or above a node that may read its comments; empty where there is none."""
    while node >= 0 and not shown[node]:
        node = int(tree.parent[node])
    return tree.codes[node] if node >= 0 else ""


def _rows(given: GateInput, result: GateResult, rules: Sequence[ThemeRule], node: int) -> Iterator[ThemeRow]:
    unit, n = given.tree.codes[node], int(given.n[node])
    if not result.everyone.spread.shown[node]:
        yield from (ThemeRow(unit, name, CellState.HIDDEN) for name in ("", *(r.name for r in rules)))
        return
    yield ThemeRow(unit, "", CellState.SHOWN, n)
    for rule, item in zip(rules, given.items, strict=True):
        if result.items[item.name].spread.shown[node]:
            share = coded_share(int(item.counts[node, 0]), n)
            yield ThemeRow(unit, rule.name, CellState.SHOWN, n, share.value, share.low, share.high)
        else:
            yield ThemeRow(unit, rule.name, CellState.HIDDEN)


def _store(
    session: Session, wave: Wave, item: str, found: Readable, rules: Sequence[ThemeRule]
) -> CommentRelease:
    method = {"version": METHOD, "k": max(K_TEXT, wave.k_spread), "themes": [rule.name for rule in rules]}
    release = CommentRelease(
        wave_id=wave.id, item=item, frozen_on=clock.today(), method=method,
        manifest_sha256=_manifest(wave.code, item, method, found),
    )  # fmt: skip
    session.add(release)
    session.flush()  # comments and rows refer to it
    if found.comments:
        session.execute(insert(ReleasedComment), list(_comment_rows(release.id, found.comments)))
    rows = [
        {"comment_release_id": release.id, "position": position, **vars(row)}
        for position, row in enumerate(found.rows)
    ]
    session.execute(insert(ReleasedTheme), rows)
    return release


def _comment_rows(release_id: UUID, comments: Sequence[tuple[str, str]]) -> Iterator[dict[str, object]]:
    for unit, body in comments:
        yield {"id": uuid4(), "comment_release_id": release_id, "unit": unit, "body": body}


def _manifest(wave_code: str, item: str, method: Mapping[str, object], found: Readable) -> str:
    """SHA-256 over method, rows and comments; comments sorted, so that it says nothing of their order."""
    content = [wave_code, item, method, [list(vars(r).values()) for r in found.rows], sorted(found.comments)]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
