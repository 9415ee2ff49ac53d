"""The traffic light, case by case and as a property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyor.indicators.bands import band
from surveyor.indicators.enums import Band, Direction

UP, DOWN = Direction.UP, Direction.DOWN
NUMBERS = st.integers(-50, 150).map(lambda n: n / 2)
ORDER = [Band.RED, Band.YELLOW, Band.GREEN]


def light(
    value: float | None, direction: Direction, green: float | None, yellow: float | None, **ends: float
) -> Band:
    return band(
        value, ends.get("low"), ends.get("high"), direction=direction, green_from=green, yellow_from=yellow
    )


@pytest.mark.parametrize(
    ("value", "direction", "green", "yellow", "expected"),
    [
        (70, UP, 70, 60, Band.GREEN),
        (69.99, UP, 70, 60, Band.YELLOW),
        (sum([200 / 3, 250 / 3, 75]) / 3 - 1e-14, UP, 75, 60, Band.GREEN),  # as worked out from thirds
        (75 - 1e-9, UP, 75, 60, Band.YELLOW),
        (60, UP, 70, 60, Band.YELLOW),
        (59.9, UP, 70, 60, Band.RED),
        (7, DOWN, 7, 9, Band.GREEN),
        (9, DOWN, 7, 9, Band.YELLOW),
        (9.1, DOWN, 7, 9, Band.RED),
        (69, UP, 70, None, Band.RED),
        (60, UP, None, 60, Band.YELLOW),
        (60, UP, None, None, Band.NONE),
        (None, UP, 70, 60, Band.NONE),
    ],
)
def test_limits_belong_to_the_better_side(
    value: float | None, direction: Direction, green: float | None, yellow: float | None, expected: Band
) -> None:
    assert light(value, direction, green, yellow) is expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (61, 69, Band.YELLOW),
        (61, 70, Band.UNSURE),
        (55, 69, Band.UNSURE),
        (70, 80, Band.UNSURE),
        (71, 80, Band.GREEN),
    ],
)
def test_an_interval_over_a_limit_cannot_tell(low: float, high: float, expected: Band) -> None:
    assert light((low + high) / 2, UP, 70, 60, low=low, high=high) is expected


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.sampled_from(Direction))
def test_a_sure_light_is_the_light_of_every_value_in_the_interval(
    a: float, b: float, c: float, d: float, e: float, direction: Direction
) -> None:
    low, value, high = sorted((a, b, c))
    yellow, green = sorted((d, e), reverse=direction is DOWN)
    found = light(value, direction, green, yellow, low=low, high=high)
    inside = {light(x / 4, direction, green, yellow) for x in range(int(low * 4), int(high * 4) + 1)}
    limits_inside = any(low <= limit <= high for limit in (green, yellow))
    assert (found is Band.UNSURE) == limits_inside
    if not limits_inside:
        assert inside == {found} == {light(value, direction, green, yellow)}


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_better_is_never_a_worse_light_and_down_is_up_turned_round(
    a: float, b: float, d: float, e: float
) -> None:
    worse, better = sorted((a, b))
    yellow, green = sorted((d, e))
    assert ORDER.index(light(worse, UP, green, yellow)) <= ORDER.index(light(better, UP, green, yellow))
    assert light(-a, DOWN, -green, -yellow) is light(a, UP, green, yellow)
