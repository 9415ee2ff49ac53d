"""The figures of a wave worked out from its opened rows by pandas, numpy and scipy: none of our own code.

What is shown is taken from the rows of the release; what it must be, from the answers.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sqlalchemy import Engine, text

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Key = tuple[str, str, str, str, str]  # unit, cut, category, kind, item
CLOSE = 1e-9
OF_WAVE = "SELECT a.* FROM {} AS a JOIN wave w ON w.id = a.wave_id WHERE w.code = :code"
OF_RELEASE = (
    "SELECT a.* FROM {} AS a JOIN release r ON r.id = a.release_id JOIN wave w ON w.id = r.wave_id"
    " WHERE w.code = :code AND r.number = 1 AND r.restated_for IS NULL ORDER BY position"
)
MANY = 50  # sums of hidden units from which on each is pooled for itself: decision 0006


def _nodes(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for part in parts:
        below = part.get("nodes") or part.get("items")
        if below and "type" not in part:
            yield from _nodes(below)
        else:
            yield part


@dataclass(frozen=True)
class Question:
    """One question with options: codes, scores turned if it is reverse-keyed, codes that say nothing."""

    name: str
    valid: tuple[str, ...]
    missing: tuple[str, ...]
    scores: Mapping[str, float] | None

    @property
    def ends(self) -> tuple[float, float]:
        values = (self.scores or {}).values()
        return min(values), max(values)


def question(item: dict[str, Any], lists: Mapping[str, Any]) -> Question:
    options = lists[item["code_list"]]["categories"]
    valid = tuple(o["code"] for o in options if not o.get("missing"))
    scores = {o["code"]: o.get("score") for o in options if not o.get("missing")}
    known: dict[str, float] | None = None
    if all(score is not None for score in scores.values()):
        low, high = min(scores.values()), max(scores.values())
        known = {c: float(low + high - s if item.get("reverse") else s) for c, s in scores.items()}
    return Question(item["name"], valid, tuple(o["code"] for o in options if o.get("missing")), known)


@dataclass(frozen=True, eq=False)
class Wave:
    """The answers of a wave with everything that is needed to count them."""

    answers: pd.DataFrame
    parents: Mapping[str, str | None]
    questions: Mapping[str, Question]
    scales: Mapping[str, tuple[str, ...]]
    frame: pd.DataFrame

    @cached_property
    def in_unit(self) -> dict[str, Mask]:
        """Who belongs to each unit or to one below it."""
        found = {unit: np.zeros(len(self.answers), dtype=np.bool_) for unit in self.parents}
        for segment, places in self.answers.groupby("segment_code").indices.items():
            for unit in self.path(str(segment).removesuffix("/own")):
                found[unit][places] = True
        return found

    def path(self, unit: str | None) -> Iterator[str]:
        while unit is not None:
            yield unit
            unit = self.parents[unit]

    @property
    def root(self) -> str:
        return next(unit for unit, parent in self.parents.items() if parent is None)

    @cached_property
    def keyed(self) -> dict[str, Any]:
        """Keyed scores of every scored question; NaN where there is none."""
        return {
            name: self.answers[name].map(asked.scores).to_numpy(dtype=float)
            for name, asked in self.questions.items()
            if asked.scores is not None
        }

    def points(self, name: str) -> Floats:
        low, high = self.questions[name].ends
        return np.asarray((self.keyed[name] - low) / (high - low) * 100)

    @cached_property
    def half(self) -> Mapping[str, Floats]:
        """At-least-half scores of every scale, 0-100."""
        found = {}
        for scale, items in self.scales.items():
            points = np.column_stack([self.points(item) for item in items])
            n = (~np.isnan(points)).sum(axis=1)
            means = np.nansum(points, axis=1) / np.maximum(n, 1)
            found[scale] = np.where(2 * n >= len(items), means, np.nan)
        return found

    def range_of(self, scale: str) -> tuple[float, float] | None:
        ends = {self.questions[item].ends for item in self.scales[scale]}
        return ends.pop() if len(ends) == 1 else None


def read_wave(engine: Engine, code: str) -> Wave:
    """A wave out of the database's tables."""

    def rows(sql: str) -> pd.DataFrame:
        return pd.read_sql(text(sql), engine, params={"code": code})

    asked = rows(
        "SELECT v.definition FROM instrument_version v JOIN wave w ON w.instrument_version_id = v.id"
        " WHERE w.code = :code"
    )["definition"][0]
    asked = json.loads(asked) if isinstance(asked, str) else asked
    given = rows(OF_WAVE.format("answer_set"))
    bodies = [json.loads(body) if isinstance(body, str) else body for body in given["body"]]
    items = [node for page in asked["pages"] for node in _nodes(page["nodes"]) if node.get("code_list")]
    questions = {node["name"]: question(node, asked["code_lists"]) for node in items}
    answers = pd.DataFrame(bodies, columns=list(questions)).assign(segment_code=given["segment_code"])
    tree = rows(OF_WAVE.format("wave_unit") + " ORDER BY position")
    parents = {row.code: row.parent_code if isinstance(row.parent_code, str) else None for row in lines(tree)}
    scales = {scale["name"]: tuple(scale["items"]) for scale in asked["scales"]}
    frame = rows(OF_WAVE.format("segment_count"))
    return Wave(answers, parents, questions, scales, frame)


def read_rows(engine: Engine, code: str) -> pd.DataFrame:
    """The rows of a wave's first release."""
    found = pd.read_sql(text(OF_RELEASE.format("release_cell")), engine, params={"code": code})
    return found.astype(object).where(found.notna(), None)


def lines(rows: pd.DataFrame) -> Iterator[Any]:
    """Rows one by one, with a name for each column."""
    return iter(rows.itertuples())


@dataclass
class Recount:
    """Holds every shown row of a release against the answers; `wrong` says which do not agree."""

    wave: Wave
    rows: pd.DataFrame
    last: Wave | None = None
    wrong: list[str] = field(default_factory=list)
    n_checked: int = 0
    _bands: dict[tuple[str, str], float | None] = field(default_factory=dict)
    _who: dict[tuple[str, str, str], Mask] = field(default_factory=dict)
    _tests: dict[tuple[str, ...], tuple[float, float, float | None]] = field(default_factory=dict)

    def run(self) -> "Recount":
        for row in lines(self.shown):
            check = self.rate if row.kind == "wave" else self.compared if row.compared_to else self.bare
            check(row)
        self.adjusted()
        return self

    @cached_property
    def shown(self) -> pd.DataFrame:
        return self.rows[self.rows["state"] == "shown"]

    @cached_property
    def measures(self) -> dict[Key, set[str]]:
        """What is shown of each subject of each group, comparisons apart."""
        found: dict[Key, set[str]] = {}
        for row in lines(self.shown[self.shown["compared_to"] == ""]):
            found.setdefault(self.key(row), set()).add(row.measure)
        return found

    def key(self, row: Any) -> Key:
        return row.unit, row.cut, row.category, row.kind, row.item

    def same(self, row: Any, name: str, expected: float | None) -> None:
        """A field of a row against what it must be."""
        self.n_checked += 1
        value = getattr(row, name)
        if expected is None or value is None:
            agrees = value is None and expected is None
        else:
            agrees = abs(value - expected) <= CLOSE * max(1.0, abs(expected))
        if not agrees:
            self.wrong.append(f"{self.key(row)} {row.measure} {row.compared_to} {name}: {value} {expected}")

    # Groups and what they answered

    def who(self, unit: str, cut: str = "", category: str = "") -> Mask:
        if (unit, cut, category) not in self._who:
            people = self.wave.in_unit[unit]
            found = people & (self.wave.answers[cut] == category).to_numpy() if cut else people
            self._who[unit, cut, category] = found
        return self._who[unit, cut, category]

    def others(self, row: Any) -> Mask:
        """Everybody else in the wave; of a background group, everybody else in the unit."""
        if row.cut:
            return self.who(row.unit) & ~self.who(row.unit, row.cut, row.category)
        return self.who(self.wave.root) & ~self.who(row.unit)

    def scores(self, wave: Wave, kind: str, name: str, people: Mask) -> Floats:
        """What n, SD and the rank test are worked out from."""
        values = (wave.keyed[name] if kind == "item" else wave.half[name])[people]
        return values[~np.isnan(values)]

    def centre(self, wave: Wave, row: Any, measure: str, people: Mask) -> float:
        """The published mean or index: a scale's is the mean of its items'."""
        items = [row.item] if row.kind == "item" else wave.scales[row.item]
        values = [wave.points(item) if measure == "index" else wave.keyed[item] for item in items]
        return math.fsum(float(np.nanmean(each[people])) for each in values) / len(items)

    def factor(self, kind: str, name: str, measure: str) -> float:
        """From the scores' units into the measure's."""
        if kind == "item":
            low, high = self.wave.questions[name].ends
            return 100 / (high - low) if measure == "index" else 1.0
        ends = self.wave.range_of(name)
        return (ends[1] - ends[0]) / 100 if ends and measure != "index" else 1.0

    # Rows

    def rate(self, row: Any) -> None:
        frame = self.wave.frame
        below = [row.unit in self.wave.path(code.removesuffix("/own")) for code in frame["segment_code"]]
        invited, answered = frame.loc[below, ["n_invited", "n_answered"]].sum()
        self.same(row, "n", invited)
        if row.value is not None:
            self.same(row, "value", answered / invited)
        elif not row.low <= answered / invited <= row.high:
            self.wrong.append(f"{row.unit}: {answered} of {invited} lies outside {row.low}-{row.high}")

    def bare(self, row: Any) -> None:
        people = self.who(row.unit, row.cut, row.category)
        if row.measure in ("mean", "index", "sd"):
            return self.centred(row, people)
        asked, codes = self.wave.questions[row.item], self.wave.answers[row.item][people]
        valid = int(codes.isin(asked.valid).sum())
        if row.measure == "missing_share":
            missing = int(codes.isin(asked.missing).sum())
            return self.share(row, missing, valid + missing)
        if row.measure.startswith("share:"):
            return self.share(row, int((codes == row.measure.removeprefix("share:")).sum()), valid)
        ordered = sorted(set((asked.scores or {}).values()))
        ends = ordered[-2:] if row.measure == "top2" else ordered[:1]
        return self.share(row, int(np.isin(self.wave.keyed[row.item][people], ends).sum()), valid)

    def share(self, row: Any, x: int, n: int) -> None:
        self.same(row, "n", n)
        if n < 20 and x / n > 0.9:
            expected: tuple[float | None, ...] = (None, 0.9, 1.0)
        elif n < 20 and x / n < 0.1:
            expected = (None, 0.0, 0.1)
        else:
            expected = (x / n, None, None)
        for name, value in zip(("value", "low", "high"), expected, strict=True):
            self.same(row, name, value)

    def centred(self, row: Any, people: Mask) -> None:
        scores = self.scores(self.wave, row.kind, row.item, people)
        factor = self.factor(row.kind, row.item, row.measure)
        self.same(row, "n", len(scores))
        if row.measure == "sd":
            return self.same(row, "value", scores.std(ddof=1) * factor)
        centre, half = self.centre(self.wave, row, row.measure, people), self.half_width(row, scores)
        self.same(row, "value", centre)
        self.same(row, "low", None if half is None else centre - half * factor)
        return self.same(row, "high", None if half is None else centre + half * factor)

    def half_width(self, row: Any, scores: Floats) -> float | None:
        """Half the interval in the scores' units: own where a spread is shown, else of the whole wave."""
        n, measures = len(scores), self.measures[self.key(row)]
        if "sd" in measures:
            return float(stats.t.ppf(0.975, n - 1) * scores.std(ddof=1) / math.sqrt(n))
        if "bottom" in measures or (row.kind == "scale" and n and scores.std() == 0):
            return None  # the spread is shown, and there is none
        band = self.band(row.kind, row.item)
        return None if band is None else band / math.sqrt(n)

    def band(self, kind: str, name: str) -> float | None:
        if (kind, name) not in self._bands:
            self._bands[kind, name] = self._band(kind, name)
        return self._bands[kind, name]

    def _band(self, kind: str, name: str) -> float | None:
        """t times the pooled SD, hidden leaves under a shown unit together unless very many are hidden."""
        shows = {u for u in self.wave.parents if "index" in self.measures.get((u, "", "", kind, name), ())}
        if "sd" not in self.measures.get((self.wave.root, "", "", kind, name), ()):
            return None
        values = (self.wave.keyed if kind == "item" else self.wave.half)[name]
        counted = pd.Series(values, self.wave.answers["segment_code"]).dropna()
        group = {
            segment: segment if segment in shows else next(
                f"under {unit}" for unit in self.wave.path(segment.removesuffix("/own")) if unit in shows
            )
            for segment in counted.index.unique()
        }  # fmt: skip
        if len(group) - len(set(group.values())) >= MANY:
            group = {segment: segment for segment in group}
        leaves = counted.groupby(counted.index.map(group))
        df = int((leaves.count() - 1).sum())
        within = float(((counted - leaves.transform("mean")) ** 2).sum())
        return float(stats.t.ppf(0.975, df) * math.sqrt(within / df)) if within > 0 else None

    # Comparisons

    def sides(self, row: Any) -> tuple[tuple[Wave, Mask], tuple[Wave, Mask]]:
        here = self.wave, self.who(row.unit, row.cut, row.category)
        if row.compared_to == "rest":
            return here, (self.wave, self.others(row))
        assert self.last is not None, "compared with a wave that is not there"
        return here, (self.last, self.last.in_unit[row.unit])

    def compared(self, row: Any) -> None:
        here, there = self.sides(row)
        a, b = (self.scores(wave, row.kind, row.item, people) for wave, people in (here, there))
        one, other = (self.centre(wave, row, row.measure, people) for wave, people in (here, there))
        factor = self.factor(row.kind, row.item, row.measure)
        self.same(row, "n", len(a))
        self.same(row, "difference", one - other)
        if row.p is None:
            for name in ("low", "high", "p_adjusted", "effect"):
                self.same(row, name, None)
            return
        about = (*self.key(row), row.compared_to)  # the same test for mean and index
        if about not in self._tests:
            self._tests[about] = (*rank_test(a, b), welch_half(a, b))
        p, effect, half = self._tests[about]
        self.same(row, "p", p)
        self.same(row, "effect", effect)
        self.same(row, "low", None if half is None else one - other - half * factor)
        self.same(row, "high", None if half is None else one - other + half * factor)
        points = (one - other) / factor * self.factor(row.kind, row.item, "index")
        word = verdict(len(a), len(b), points, hedges_g((one - other) / factor, a, b), row.p_adjusted)
        if row.verdict != word:
            self.wrong.append(f"{self.key(row)} {row.compared_to}: {row.verdict}, not {word}")

    def adjusted(self) -> None:
        """Benjamini-Hochberg over a unit's items against the rest, its scales, and all against last."""
        tested = self.shown[(self.shown["compared_to"] != "") & self.shown["p"].notna()]
        tested = tested[tested["measure"] == "index"]
        kinds = tested["kind"].where(tested["compared_to"] == "rest", "all")
        for _, family in tested.groupby(["unit", "cut", "compared_to", kinds]):
            p = family["p"].to_numpy(dtype=float)
            order = np.argsort(p)
            steps = np.minimum.accumulate((p[order] * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1]
            for row, expected in zip(lines(family.iloc[order]), steps, strict=True):
                self.same(row, "p_adjusted", min(1.0, float(expected)))


def rank_test(a: Floats, b: Floats) -> tuple[float, float]:
    """Mann-Whitney's p with ties and continuity, and Cliff's delta."""
    if len(set(a) | set(b)) == 1:
        return 1.0, 0.0
    found = stats.mannwhitneyu(a, b, method="asymptotic")
    return float(found.pvalue), float(2 * found.statistic / (len(a) * len(b)) - 1)


def welch_half(a: Floats, b: Floats) -> float | None:
    if len(a) < 2 or len(b) < 2 or (a.std() == 0 and b.std() == 0):
        return None
    found = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    return float(found.high - found.low) / 2


def hedges_g(difference: float, a: Floats, b: Floats) -> float | None:
    df = len(a) + len(b) - 2
    pooled = math.sqrt(((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / df)
    j = math.exp(math.lgamma(df / 2) - math.log(df / 2) / 2 - math.lgamma((df - 1) / 2))
    return difference / pooled * j if pooled > 0 else None


def verdict(n: int, n_other: int, points: float, g: float | None, p_adjusted: float) -> str:
    if min(n, n_other) < 10:
        return "too_few"
    if abs(points) < 5 - CLOSE and abs(g or 0) < 0.2 - CLOSE:
        return "none"
    if p_adjusted > 0.05:
        return "possible"
    return "higher" if points > 0 else "lower"
