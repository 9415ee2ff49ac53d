"""Recounts every verdict of a release from its published cells alone: python regn_etter.py

Needs Python 3.9 or later and nothing else. Reads the files beside it and uses no other numbers:
  celler.jsonl   first line: the wave and the method; then one published row a line
  enheter.json   [code, code of the unit above] of every unit
  forrige.json   [unit, kind, item, answers] of the last wave, where it is compared with
  poeng.json     question -> answer -> points, questions asked the other way round turned
  sammenhenger.jsonl   reliability, correlations and drivers, one row a line, where there are any
  vektet.jsonl, svar.jsonl   weighted figures of a sample, and who answered, where there are any
It checks the checksums, that hidden rows hold no number, the adjusted p-values and every verdict; mean,
spread, interval, rank test and effect of each question with a whole distribution; intervals of reliability
(Feldt) and of correlations (Bonett and Wright), ICC from the units' figures, sums of shares.
Exit code 0: everything agrees. The words are in Norwegian, as the report is.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from pathlib import Path
from typing import Any

FIELDS = (
    "unit", "kind", "item", "measure", "state", "n", "value", "low", "high", "compared_to", "difference", "p",
    "p_adjusted", "effect", "verdict", "cut", "category",
)  # fmt: skip
MOMENT_FIELDS = (
    "unit", "measure", "subject", "other", "state", "n", "value", "low", "high", "reason",
)  # fmt: skip
BESIDE = {
    "weights": ("vektet.jsonl", (
        "unit", "kind", "item", "measure", "state", "n", "n_eff", "value", "se", "low", "high", "difference",
        "deff",
    )),
    "responses": ("svar.jsonl", ("variable", "category", "measure", "state", "n", "value")),
}  # fmt: skip
DECIMALS = {"index": 1, "mean": 2}  # of weighted figures; shares have three
NUMBERS = ("n", "value", "low", "high", "difference", "p", "p_adjusted", "effect")
ENOUGH, POINTS, SPREADS, CHANCE = 10, 5.0, 0.2, 0.05  # answers, index points, pooled SDs, adjusted p
CLOSE = 1e-9
ROUNDED = 0.0125  # reliability and correlations have two decimals, shares three


class Release:
    """The published rows, by what they are about."""

    def __init__(self, folder: Path) -> None:
        head, *lines = (folder / "celler.jsonl").read_bytes().splitlines(keepends=True)
        self.wave, self.method = json.loads(head)
        self.sha256 = hashlib.sha256(head.rstrip(b"\n") + b"".join(lines)).hexdigest()
        self.rows = [dict(zip(FIELDS, json.loads(line))) for line in lines]  # noqa: B905 -- Python 3.9
        units = json.loads((folder / "enheter.json").read_text(encoding="utf-8"))
        self.roots = [code for code, above in units if above is None]
        self.lowest = {code for code, _ in units} - {above for _, above in units}
        before = json.loads((folder / "forrige.json").read_text(encoding="utf-8"))
        self.before: dict[tuple[str, ...], int] = {tuple(about): n for *about, n in before}
        points = (folder / "poeng.json").read_text(encoding="utf-8")
        self.points: dict[str, dict[str, float]] = json.loads(points)
        self.bare = {key(row): row for row in self.rows if not row["compared_to"]}
        self.compared = [row for row in self.rows if row["compared_to"] and row["state"] == "shown"]
        self.by_measure = {(*key(row), row["compared_to"]): row for row in self.compared}

    def n_other(self, row: dict[str, Any]) -> int | None:
        """Answers on the other side of a comparison; None where they are not published."""
        unit, kind, item, _, cut, _ = key(row)
        if row["compared_to"] == "last":
            return self.before.get((unit, kind, item))
        if cut:  # a group against everybody else in its unit
            unit_n = self.bare.get((unit, kind, item, "index", "", ""), {}).get("n")
            return None if unit_n is None else int(unit_n - row["n"])
        whole = [self.bare.get((root, kind, item, "index", "", ""), {}).get("n") for root in self.roots]
        return None if None in whole else sum(int(n or 0) for n in whole) - int(row["n"])


def key(row: dict[str, Any]) -> tuple[str, ...]:
    """What a row is about."""
    return (row["unit"], row["kind"], row["item"], row["measure"], row["cut"], row["category"])


def adjusted(p_values: list[float]) -> list[float]:
    """Benjamini and Hochberg's adjustment."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    least, found = 1.0, [0.0] * len(p_values)
    for rank, place in zip(range(len(order), 0, -1), order):  # noqa: B905 -- Python 3.9
        least = min(least, p_values[place] * len(order) / rank)
        found[place] = least
    return found


def family(row: dict[str, Any]) -> tuple[str, ...]:
    """Comparisons adjusted together: a unit's items, its themes, all against last time; its groups alike."""
    return (row["unit"], row["cut"], row["compared_to"], row["kind"] if row["compared_to"] == "rest" else "")


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function by its continued fraction (Lentz)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 500):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d, c = 1 / (1 + term * d), 1 + term / c
            fraction *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return math.exp(log_front) * fraction / a


def t_975(df: float) -> float:
    """The 97.5 % point of Student's t with df degrees of freedom, by Newton's method."""
    log_top = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
    t = 1.959963984540054 + 2.4 / df
    for _ in range(50):
        above = incomplete_beta(df / 2, 0.5, df / (df + t * t)) / 2
        step = (above - 0.025) / math.exp(log_top - (df + 1) / 2 * math.log1p(t * t / df))
        t += step
        if abs(step) < 1e-13 * t:
            break
    return t


def other_variance(half: float, sd: float, n: int, n_other: int) -> float:
    """The other side's variance out of half the width of Welch's interval."""
    mine, df = sd * sd / n, n + n_other - 2.0
    theirs = 0.0
    for _ in range(200):
        found = max((half / t_975(df)) ** 2 - mine, 0.0)
        is_settled = abs(found - theirs) <= 1e-14 * (found + mine)
        theirs = found
        df = (mine + theirs) ** 2 / (mine**2 / (n - 1) + theirs**2 / (n_other - 1))
        if is_settled:
            break
    return theirs * n_other


def hedges_g(release: Release, row: dict[str, Any], n_other: int) -> float | None:
    """The published difference in pooled SDs, corrected for small samples; None without any spread."""
    unit, kind, item, _, cut, category = key(row)
    against = row["compared_to"]
    same = release.by_measure.get((unit, kind, item, "mean", cut, category, against), row)
    spread = release.bare.get((unit, kind, item, "sd", cut, category), {})
    sd = spread.get("value")
    if sd is None or same["low"] is None:
        return None
    n = row["n"]
    variance = other_variance((same["high"] - same["low"]) / 2, sd, n, n_other)
    df = n + n_other - 2
    pooled = ((n - 1) * sd * sd + (n_other - 1) * variance) / df
    j = math.exp(math.lgamma(df / 2) - 0.5 * math.log(df / 2) - math.lgamma((df - 1) / 2))
    return float(same["difference"] / math.sqrt(pooled) * j) if pooled > 0 else None


def verdict(release: Release, row: dict[str, Any], p_adjusted: float | None) -> str:
    """The word for a difference: enough answers, large enough, hardly chance."""
    n_other = release.n_other(row)
    if row["p"] is None or n_other is None or min(row["n"], n_other) < ENOUGH:
        return "too_few"
    difference = row["difference"]
    if abs(difference) < POINTS - CLOSE:
        g = hedges_g(release, row, n_other)
        if abs(g or 0.0) < SPREADS - CLOSE:
            return "none"
    is_against_ranks = release.method.get("version") != "2026.1" and difference * row["effect"] < 0
    if p_adjusted is None or p_adjusted > CHANCE or is_against_ranks:
        return "possible"
    return "higher" if difference > 0 else "lower"


def recount(release: Release) -> tuple[int, list[tuple[str, tuple[str, ...]]]]:
    """How many verdicts there are, and everything that does not agree."""
    wrong: list[tuple[str, tuple[str, ...]]] = []
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in release.rows:
        if row["state"] != "shown" and (row["verdict"] or any(row[name] is not None for name in NUMBERS)):
            wrong.append(("skjult rad med tall", key(row)))
    compared = [row for row in release.compared if row["measure"] == "index"]
    for row in compared:
        if row["p"] is not None:
            groups.setdefault(family(row), []).append(row)
    again = {}
    for rows in groups.values():
        for row, p in zip(rows, adjusted([row["p"] for row in rows])):  # noqa: B905 -- Python 3.9
            again[id(row)] = p
            if abs(p - row["p_adjusted"]) > CLOSE:
                wrong.append(("justert p-verdi", key(row)))
    for row in compared:
        if verdict(release, row, again.get(id(row))) != row["verdict"]:
            wrong.append(("vurdering", (*key(row), row["compared_to"], row["verdict"])))
    return len(compared), wrong


def distributions(release: Release) -> dict[tuple[str, ...], dict[float, int]]:
    """Answers by points of every question all of whose shares are published exactly."""
    shares = [row for row in release.rows if row["measure"][6:] in release.points.get(row["item"], {})]
    banded = {key(row)[:3:2] + key(row)[4:] for row in shares if row["value"] is None}
    found: dict[tuple[str, ...], dict[float, int]] = {}
    for row in shares:
        unit, _, item, measure, *group = key(row)
        if (unit, item, *group) not in banded:
            counts, points = found.setdefault((unit, item, *group), {}), release.points[item][measure[6:]]
            counts[points] = counts.get(points, 0) + round(row["value"] * row["n"])
    return found


def rank_test(a: dict[float, int], b: dict[float, int]) -> tuple[float, float]:
    """Mann and Whitney's p (ties, continuity) and Cliff's delta."""
    n, m = sum(a.values()), sum(b.values())
    twice_u = below = ties = 0
    for points in sorted({*a, *b}):
        mine, theirs = a.get(points, 0), b.get(points, 0)
        twice_u += mine * (2 * below + theirs)
        below, ties = below + theirs, ties + (mine + theirs) ** 3 - mine - theirs
    spread = (n + m + 1) * (n + m) * (n + m - 1) - ties
    variance = n * m * spread / (12 * (n + m) * (n + m - 1))
    z = (abs(twice_u - n * m) - 1) / 2 / math.sqrt(variance) if spread else 0.0
    return min(1.0, math.erfc(z / math.sqrt(2))), (twice_u - n * m) / (n * m)


def from_distributions(release: Release) -> tuple[int, list[tuple[str, tuple[str, ...]]]]:
    """How many figures were worked out from distributions, and everything that does not agree."""
    known = distributions(release)
    done: list[tuple[str, dict[str, Any], float]] = []
    for (unit, item, cut, category), counts in known.items():
        n, ends = sum(counts.values()), sorted(release.points[item].values())
        mean = sum(points * count for points, count in counts.items()) / n
        sd = math.sqrt(sum(count * (points - mean) ** 2 for points, count in counts.items()) / max(n - 1, 1))
        high = mean + t_975(n - 1) * sd / math.sqrt(n) if sd else mean
        index = (mean - ends[0]) / (ends[-1] - ends[0]) * 100
        for field, measure, x in (
            ("value", "mean", mean), ("high", "mean", high), ("value", "index", index), ("value", "sd", sd)
        ):  # fmt: skip
            done.append((field, release.bare.get((unit, "item", item, measure, cut, category), {}), x))
        row = release.by_measure.get((unit, "item", item, "index", cut, category, "rest"), {})
        whole = known.get((unit, item, "", "") if cut else (release.roots[0], item, "", ""))
        if row.get("p") is not None and whole and len(release.roots) == 1:
            p, delta = rank_test(counts, {x: whole[x] - counts.get(x, 0) for x in whole})
            done += [("p", row, p), ("effect", row, delta)]
    told = [(field, row, x) for field, row, x in done if row.get(field) is not None]
    far = [(field, row) for field, row, x in told if abs(row[field] - x) > CLOSE * max(1.0, abs(x))]
    return len(told), [(f"{field} fra fordelingen", key(row)) for field, row in far]


class Moments:
    """The published figures that rest on several answers of each person."""

    def __init__(self, release: Release, content: bytes) -> None:
        lines = content.splitlines()
        self.rows = [dict(zip(MOMENT_FIELDS, json.loads(line))) for line in lines]  # noqa: B905 -- Python 3.9
        self.release, self.sha256 = release, hashlib.sha256(content).hexdigest()
        self.shown = [row for row in self.rows if row["state"] == "shown"]

    def wrong(self) -> list[tuple[str, tuple[str, ...]]]:
        """Everything that does not agree."""
        promised = self.release.method.get("moments", {}).get("sha256", "")
        found: list[tuple[str, tuple[str, ...]]] = []
        if self.sha256 != promised:
            found.append(("kontrollsum for sammenhenger", (self.sha256, promised)))
        for row in self.rows:
            numbers = [row[name] for name in ("n", "value", "low", "high")]
            if row["state"] != "shown" and numbers != [None] * 4:
                found.append(("skjult rad med tall", about(row)))
        checks: dict[str, Any] = {
            "alpha": self.alpha, "spearman": spearman, "icc1": self.icc, "explained": self.shares,
        }  # fmt: skip
        for row in self.shown:
            if row["measure"] in checks and not checks[row["measure"]](row):
                found.append((row["measure"], about(row)))
        return found

    def alpha(self, row: dict[str, Any]) -> bool:
        """Feldt's interval of alpha, as far as two decimals tell."""
        same = [one for one in self.rows if (one["unit"], one["subject"]) == (row["unit"], row["subject"])]
        m = sum(one["measure"] == "item_rest" for one in same)
        df1, df2 = row["n"] - 1, (row["n"] - 1) * (m - 1)

        def share(end: float) -> float:
            return f_below(max(1 - end, 0.0) / max(1 - row["value"], 1e-12), df1, df2)

        low = share(row["low"] + ROUNDED) <= 0.975 <= share(row["low"] - ROUNDED)
        return low and share(row["high"] + ROUNDED) <= 0.025 <= share(row["high"] - ROUNDED)

    def shares(self, row: dict[str, Any]) -> bool:
        """What the themes stand for adds up to all of it."""
        mine = [
            one["value"] for one in self.shown
            if one["measure"] == "driver" and (one["unit"], one["subject"]) == (row["unit"], row["subject"])
        ]  # fmt: skip
        return bool(abs(sum(mine) - 1) < 0.0006 * (1 + len(mine)))

    def icc(self, row: dict[str, Any]) -> bool:
        """ICC(1) and ICC(2) out of n, index and SD of the lowest units."""
        units = []
        for unit in sorted(self.release.lowest):
            index, mean, sd = (
                self.release.bare.get((unit, "scale", row["subject"], measure, "", ""), {})
                for measure in ("index", "mean", "sd")
            )
            if sd.get("value") and index.get("value") is not None:
                per_point = 1.0
                if mean.get("high") is not None:
                    per_point = (index["high"] - index["low"]) / (mean["high"] - mean["low"])
                units.append((index["n"], index["value"], sd["value"] * per_point))
        first, second = iccs(units)
        of_means = next(
            one["value"] for one in self.shown
            if (one["measure"], one["unit"], one["subject"]) == ("icc2", row["unit"], row["subject"])
        )  # fmt: skip
        return bool(abs(first - row["value"]) < 0.0051 and abs(second - of_means) < 0.0051)


def beside_wrong(release: Release, folder: Path) -> list[tuple[str, tuple[str, ...]]]:
    """What does not agree in weighted figures and in who answered: checksums, hidden rows, differences."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for part, (name, fields) in BESIDE.items():
        promised = release.method.get(part, {}).get("sha256", "")
        path = folder / name
        content = path.read_bytes() if path.exists() else b""
        if (promised or content) and hashlib.sha256(content).hexdigest() != promised:
            found.append((f"kontrollsum for {name}", (promised,)))
        rows = [dict(zip(fields, json.loads(line))) for line in content.splitlines()]  # noqa: B905 -- Python 3.9
        for row in rows:
            words = tuple(str(row[field]) for field in fields[: fields.index("state")])
            if row["state"] != "shown" and any(row[field] is not None for field in fields[len(words) + 1 :]):
                found.append(("skjult rad med tall", words))
            if row.get("difference") is not None and not weighted_agrees(release, row):
                found.append(("vektet tall", words))
    return found


def weighted_agrees(release: Release, row: dict[str, Any]) -> bool:
    """The difference is to the plain figure, the interval is around the value, and weights cost answers."""
    plain = release.bare[(row["unit"], row["kind"], row["item"], row["measure"], "", "")]["value"]
    is_close = abs(row["value"] - plain - row["difference"]) < 0.51 * 10 ** -DECIMALS.get(row["measure"], 3)
    return bool(is_close and row["low"] <= row["value"] <= row["high"] and row["n_eff"] <= row["n"] + 0.1)


def about(row: dict[str, Any]) -> tuple[str, ...]:
    """What a row of this kind is about."""
    return row["unit"], row["measure"], row["subject"], row["other"]


def f_below(x: float, df1: float, df2: float) -> float:
    """Share of the F distribution below x."""
    return incomplete_beta(df1 / 2, df2 / 2, df1 * x / (df1 * x + df2))


def spearman(row: dict[str, Any]) -> bool:
    """Bonett and Wright's interval of a rank correlation."""
    r, n = row["value"], row["n"]
    if row["low"] is None:
        return bool(n <= 3 or abs(r) >= 1)
    half = 1.959963984540054 * math.sqrt((1 + r * r / 2) / (n - 3))
    ends = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
    return bool(abs(ends[0] - row["low"]) < ROUNDED and abs(ends[1] - row["high"]) < ROUNDED)


def iccs(units: list[tuple[int, float, float]]) -> tuple[float, float]:
    """ICC(1) and ICC(2) by one-way analysis of variance from n, mean and SD."""
    k, n = len(units), sum(m for m, _, _ in units)
    centre = sum(m * mean for m, mean, _ in units) / n
    between = sum(m * (mean - centre) ** 2 for m, mean, _ in units) / (k - 1)
    within = sum((m - 1) * sd**2 for m, _, sd in units) / (n - k)
    size = (n - sum(m * m for m, _, _ in units) / n) / (k - 1)
    return (between - within) / (between + (size - 1) * within), (between - within) / between


def main(folder: Path) -> int:
    """Check the folder's release; 0 when everything agrees."""
    release = Release(folder)
    n, wrong = recount(release)
    beside = folder / "sammenhenger.jsonl"
    moments = Moments(release, beside.read_bytes() if beside.exists() else b"")
    if moments.rows or "moments" in release.method:
        wrong += moments.wrong()
    wrong += beside_wrong(release, folder)
    n_figures, differing = from_distributions(release)
    wrong += differing
    if release.sha256 != (promised := (folder / "kontrollsum.txt").read_text(encoding="ascii").strip()):
        wrong.append(("kontrollsum", (release.sha256, promised)))
    say = sys.stdout.write
    say(f"Måling {release.wave}: {len(release.rows)} rader, {n} sammenligninger er vurdert på nytt.\n")
    say(f"{n_figures} tall er regnet ut på nytt fra fordelingene.\n" if n_figures else "")
    say(f"{len(moments.rows)} rader om samsvar og sammenhenger.\n" if moments.rows else "")
    for what, where in wrong[:50]:
        say(f"STEMMER IKKE, {what}: {' '.join(str(part) for part in where if part)}\n")
    say("Alt stemmer.\n" if not wrong else f"{len(wrong)} feil.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent))
