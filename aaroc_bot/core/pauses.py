"""Pauses between tries: each twice the one before, up to a longest one."""

ENOUGH = 30
"""Doublings after which any pause is the longest: so that no number grows without bound."""


def growing(times: int, longest: float) -> float:
    """Give the seconds to wait after `times` tries in vain before this one.

    >>> growing(0, 30.0), growing(3, 30.0), growing(5_000, 30.0)
    (1.0, 8.0, 30.0)
    """
    return min(2.0 ** min(times, ENOUGH), longest)
