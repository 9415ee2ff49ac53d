"""How many of each group were asked and answered."""

from analysis.rates import Outcome
from surveyor.releases.nonresponse import GroupCount, Turnout

GROUPS = {("N", "k"): (120, 70), ("N", "m"): (100, 40), ("S", "k"): (90, 60), ("S", "m"): (90, 45)}


def turnout(groups: dict[tuple[str, str], tuple[int, int]] = GROUPS, **fields: object) -> Turnout:
    counts = tuple(GroupCount({"unit": u, "gender": g}, n, m) for (u, g), (n, m) in groups.items())
    n = sum(one.n_answered for one in counts)
    given = {"n_undelivered": 0, "n_undelivered_answered": 0, "k": 5,
             "outcomes": dict.fromkeys(Outcome, 0) | {Outcome.COMPLETE: n}, **fields}  # fmt: skip
    return Turnout(counts, **given)  # type: ignore[arg-type]
