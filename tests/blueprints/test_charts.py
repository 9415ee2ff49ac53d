"""Geometry of the charts, and the drawn charts as documents."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from flask import Flask, get_template_attribute
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from blueprints import charts, filters
from surveyor.config import ROOT


def shares_of(n_categories: int) -> st.SearchStrategy[list[list[float]]]:
    counts = st.lists(st.integers(0, 50), min_size=n_categories, max_size=n_categories).filter(any)
    return st.lists(counts.map(lambda c: [x / sum(c) for x in c]), min_size=1, max_size=6)


@pytest.fixture(scope="module", autouse=True)
def request_context() -> Iterator[None]:
    app = Flask(
        __name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "surveyor" / "static")
    )
    Babel(app, default_locale="nb")
    filters.init_app(app)
    with app.test_request_context():
        yield


@given(st.integers(2, 11).flatmap(shares_of))
def test_likert_bars_stay_inside_and_share_one_centre(rows: list[list[float]]) -> None:
    chart = charts.likert(rows)
    for row, bar in zip(rows, chart.bars, strict=True):
        assert bar.segments[0].x >= -1e-9
        assert bar.segments[-1].x + bar.segments[-1].width <= 100 + 1e-9
        for a, b in pairwise(bar.segments):
            assert a.x + a.width == pytest.approx(b.x)
        n = len(row)
        middle = bar.segments[n // 2]
        centre = middle.middle if n % 2 else middle.x
        assert centre == pytest.approx(chart.centre, abs=1e-6)


def test_likert_hidden_row_has_no_segments() -> None:
    assert charts.likert([None, [0.5, 0.5]]).bars[0].segments == ()
    assert charts.likert([None]).bars[0].segments == ()


@pytest.mark.parametrize("n", range(1, 12))
def test_tones_are_distinct_and_symmetric(n: int) -> None:
    tones = charts.likert_tones(n)
    assert len(set(tones)) == len(tones) == n
    assert [t.replace("low", "high") for t in tones[: n // 2]] == list(reversed(tones[n - n // 2 :]))


def test_too_many_categories_are_refused() -> None:
    with pytest.raises(ValueError, match="eleven"):
        charts.likert_tones(12)


@given(st.floats(-50, 150), st.floats(0, 60))
def test_interval_holds_its_dot(value: float, half: float) -> None:
    mark = charts.interval(value, value - half, value + half)
    places = [p for p in (mark.low, mark.dot, mark.high) if p is not None]
    assert len(places) == 3
    assert places == sorted(places)
    assert 2 <= places[0] <= places[2] <= 98


def test_interval_without_limits_is_a_dot() -> None:
    mark = charts.interval(50, None, None)
    assert (mark.dot, mark.low, mark.width) == (50, None, 0)


def test_trend_breaks_at_a_hidden_value() -> None:
    drawn = charts.trend([(10, 5, 15), (20, None, None), (None, None, None), (40, 30, 50)])
    assert len(drawn.lines) == 1
    assert drawn.points[2].y is None
    assert (drawn.points[3].y or 0) < (drawn.points[0].y or 0)


def test_spark_of_nothing_and_of_one() -> None:
    assert charts.spark([None, None]) == charts.Spark((), None)
    assert charts.spark([None, 3.0]).last is not None


def draw(macro: str, *args: object, **kwargs: object) -> html.HtmlElement:
    return html.fragment_fromstring(
        str(get_template_attribute("_charts.html", macro)(*args, **kwargs)), create_parent="div"
    )


DRAWINGS: Sequence[tuple[str, tuple[object, ...]]] = (
    ("interval_mark", ("a", "Ledelse <img src=x onerror=a>", 72, 60, 84)),
    ("trend_line", ("a", "Utvikling", ["2025", "2026"], [("Enhet", [(60, 50, 70), (None, None, None)])])),
    ("sparkline", ("a", "Utvikling", [1, None, 3])),
    ("rate_bar", ("a", "Svarprosent", 0.7, 0.75)),
)


@pytest.mark.parametrize(("macro", "args"), DRAWINGS, ids=[d[0] for d in DRAWINGS])
def test_pictures_are_named_and_escaped(macro: str, args: tuple[object, ...]) -> None:
    root = draw(macro, *args)
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    pictures = root.xpath("//svg[@role='img']")
    assert pictures
    for picture in pictures:
        assert all(name in ids for name in picture.get("aria-labelledby").split())
    assert (
        root.xpath("//svg[not(@role='img') and not(@aria-hidden) and not(ancestor::*[@aria-hidden])]") == []
    )
    assert root.xpath("//img | //@style | //@onerror") == []
