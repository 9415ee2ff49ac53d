"""How sure a share is: plain Python, known to pages before numpy loads."""

import math

Z_95 = 1.959963984540054


def score_interval(x: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of x / n, no continuity correction; ValueError unless 0 <= x <= n, n > 0."""
    if not 0 <= x <= n or not n:
        raise ValueError("x must lie in 0..n, and n be positive")
    share, z2 = x / n, z * z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return (0.0 if not x else max(0.0, centre - half)), (1.0 if x == n else min(1.0, centre + half))
