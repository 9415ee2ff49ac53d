"""The short of a unit's results: what is clear first, else the highest and lowest, said to be unsure."""

from blueprints.result_brief import brief, rest_of
from blueprints.result_figures import Line
from surveyor.releases.enums import CellKind, ComparedTo, Verdict
from surveyor.releases.spec import Change, Figure

REST, LAST = ComparedTo.REST, ComparedTo.LAST


def line(name: str, index: float | None, *changes: Change, low: float | None = 1.0) -> Line:
    found = {change.against: change for change in changes}
    figure = Figure("A", CellKind.SCALE, name, index is not None, 15, index, low, low, changes=found)
    return Line(name, name.upper(), figure)


def change(verdict: Verdict, difference: float | None = None, against: ComparedTo = REST) -> Change:
    return Change(against, True, verdict, difference)


def named(told: object) -> list[object]:
    return [(one.against, [line.name for line in one.lines], one.n_more) for one in told]  # type: ignore[attr-defined]


def test_what_is_clear_comes_by_size_and_at_most_three() -> None:
    sizes = {"a": -5, "b": -30, "c": -20, "d": -9, "e": -12}
    lower = [line(name, 40, change(Verdict.LOWER, size)) for name, size in sizes.items()]
    found = brief([*lower, line("f", 60, change(Verdict.HIGHER, 8, LAST))])
    assert named(found.weak) == [(REST, ["b", "c", "e"], 2)]
    assert named(found.good) == [(LAST, ["f"], 0)]
    assert found.first is found.weak[0].lines[0]


def test_where_nothing_is_clear_the_ends_are_named() -> None:
    lines = [
        line(name, index, change(Verdict.NONE)) for name, index in zip("abcd", (50, 70, 30, 40), strict=True)
    ]
    found = brief(lines)
    assert named(found.good) == [(None, ["b", "a"], 0)]
    assert named(found.weak) == [(None, ["c", "d"], 0)]


def test_the_highest_is_not_good_when_it_is_clearly_lower() -> None:
    best = line("a", 80, change(Verdict.LOWER, -9))
    found = brief([best, *(line(name, index) for name, index in zip("bcd", (50, 40, 30), strict=True))])
    assert named(found.good) == [(None, ["b"], 0)]
    assert named(found.weak) == [(REST, ["a"], 0)]


def test_of_few_or_hidden_themes_none_is_an_end() -> None:
    hidden = [line(name, None) for name in "abcd"]
    found = brief([*hidden, line("e", 50, low=None)])
    assert (found.good, found.weak, found.first, found.example) == ((), (), None, None)


def test_the_rest_is_drawn_only_where_the_release_has_it() -> None:
    assert rest_of(line("a", 40.0, change(Verdict.NONE, -30.0)).figure) == 70.0
    assert rest_of(line("a", 98.0, change(Verdict.NONE, -5.0)).figure) == 100.0
    unknown = Change(REST, False, None, -30.0)
    for figure in (line("a", 40.0), line("a", None, change(Verdict.NONE, 1.0)), line("a", 40.0, unknown)):
        assert rest_of(figure.figure) is None
