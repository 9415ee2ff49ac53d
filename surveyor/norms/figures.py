"""Benchmarks out of counts by organisation; none where an organisation could be picked out."""

import math
from collections.abc import Iterator, Mapping, Sequence

from analysis.norms import LARGEST_SHARE, LEAST_ORGANISATIONS, Norm, norm, type7
from analysis.reasons import Reason
from analysis.tables import Number, Scored, reversed_scores, scored, to_index
from surveyor.cubes.counting import exact, is_scored, item_range
from surveyor.errors import N_, InvalidInput, Problem
from surveyor.instruments.spec import Item, Questionnaire
from surveyor.norms.enums import NormKind
from surveyor.norms.rows import Counts
from surveyor.norms.spec import Usual

By = Mapping[str, Scored]


def usual_figures(asked: Questionnaire, counts: Counts) -> list[Usual]:
    """Items, and scales with all of theirs; raises InvalidInput where an organisation could be told."""
    tables = {
        item.name: _tables(asked, item, counts[item.name])
        for item in asked.scored_items
        if item.name in counts
    }
    norms = {name: norm(list(by.values())) for name, by in tables.items()}
    refused = [name for name, found in norms.items() if isinstance(found, Reason)]
    if refused:
        raise InvalidInput(*(_refusal(name) for name in refused))
    items = [
        _item(asked, asked.item(name), found) for name, found in norms.items() if isinstance(found, Norm)
    ]
    return items + list(_scales(asked, tables, {one.name: one for one in items}))


def _refusal(name: str) -> Problem:
    message = N_(
        "«%(name)s»: Sammenligningstall krever svar fra minst %(n)s organisasjoner, og ingen av dem kan ha "
        "mer enn %(share)s prosent av svarene."
    )
    return Problem(message, {"name": name, "n": LEAST_ORGANISATIONS, "share": round(100 * LARGEST_SHARE)})


def _tables(asked: Questionnaire, item: Item, by: Mapping[str, Mapping[str, int]]) -> By:
    """The keyed table of each organisation."""
    valid = [one for one in asked.categories(item) if one.score is not None and not one.missing]
    scores = [exact(one.score) for one in valid if one.score is not None]
    ends = item_range(asked, item)
    found = {}
    for organisation, codes in by.items():
        table = scored(scores, [codes.get(one.code, 0) for one in valid])
        found[organisation] = reversed_scores(table, ends.low, ends.high) if ends.reverse else table
    return found


def _item(asked: Questionnaire, item: Item, found: Norm) -> Usual:
    ends = item_range(asked, item)
    means = (found.mean, found.lowest_quarter, found.highest_quarter)
    value, low, high = (_index(mean, ends.low, ends.high) for mean in means)
    return Usual(NormKind.ITEM, item.name, found.table.n, found.n_organisations, value, low, high)


def _index(mean: float, low: Number, high: Number) -> float:
    index = to_index(mean, low, high)
    assert index is not None, "a mean has an index"
    return index


def _scales(asked: Questionnaire, tables: Mapping[str, By], items: Mapping[str, Usual]) -> Iterator[Usual]:
    """Mean of the items' indexes; quarters of the organisations that asked them all."""
    for scale in asked.scales:
        if not is_scored(asked, scale) or not all(name in items for name in scale.items):
            continue
        asking = set.intersection(*({o for o, t in tables[name].items() if t.n} for name in scale.items))
        if len(asking) < LEAST_ORGANISATIONS:
            continue
        means = [_scale_index(asked, scale.items, tables, one) for one in asking]
        value = math.fsum(items[name].value for name in scale.items) / len(scale.items)
        n = min(items[name].n for name in scale.items)
        low, high = (type7(sorted(means), share) for share in (0.25, 0.75))
        yield Usual(NormKind.SCALE, scale.name, n, len(asking), value, low, high)


def _scale_index(asked: Questionnaire, names: Sequence[str], tables: Mapping[str, By], one: str) -> float:
    indexes = []
    for name in names:
        ends, table = item_range(asked, asked.item(name)), tables[name][one]
        indexes.append(_index(table.total / (table.n * table.per), ends.low, ends.high))
    return math.fsum(indexes) / len(indexes)
