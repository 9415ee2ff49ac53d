"""The traffic light of a value: pure."""

import math

from surveyor.indicators.enums import Band, Direction


def band(
    value: float | None,
    low: float | None,
    high: float | None,
    *,
    direction: Direction,
    green_from: float | None,
    yellow_from: float | None,
) -> Band:
    """The light of a value; both limits belong to the better side, also when lower is better.

    No value, or no limit to hold it against: NONE. UNSURE when the interval, ends included, contains a limit;
    without an interval a value is never unsure. With one limit only, what does not reach it is red.
    """
    limits = [limit for limit in (green_from, yellow_from) if limit is not None]
    if value is None or not limits:
        return Band.NONE
    if low is not None and high is not None and any(low <= limit <= high for limit in limits):
        return Band.UNSURE
    if green_from is not None and _reaches(value, green_from, direction):
        return Band.GREEN
    if yellow_from is not None and _reaches(value, yellow_from, direction):
        return Band.YELLOW
    return Band.RED


def limits_in_order(direction: Direction, green_from: float | None, yellow_from: float | None) -> bool:
    """Whether yellow begins no later than green on the way to the better side."""
    if green_from is None or yellow_from is None:
        return True
    return _reaches(green_from, yellow_from, direction)


def _reaches(value: float, limit: float, direction: Direction) -> bool:
    if math.isclose(value, limit, rel_tol=1e-12):  # 75 worked out from thirds is 74.99999999999999
        return True
    return value >= limit if direction is Direction.UP else value <= limit
