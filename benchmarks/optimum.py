"""The limit: the best schedule for a known law of durations, by dynamic programming.

Looks are placed on a grid. Each costs a price, and a job that ends between two looks costs the
seconds until the later one. Of all places for the next look the best one moves only forward as
the last look does (the cost is a Monge array), so that going backwards in time each search
stops where the one before it ended.
"""

from __future__ import annotations

import bisect
import math
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.durations import LogNormal

STEP = 0.5
HORIZON = 3600.0
PRICES = tuple(0.0037 * 1.28**power for power in range(30))


@frozen
class Point:
    """What a schedule costs: requests per job, and the mean lag in seconds."""

    requests: float
    lag: float


def best(law: LogNormal, price: float, *, step: float = STEP, horizon: float = HORIZON) -> Point:
    """Return the schedule of least mean lag + ``price`` x requests, for one job."""
    times = [index * step for index in range(int(horizon / step) + 1)]
    left = [law.survival(time) for time in times]
    above = [law.mean_above(time) for time in times]
    following = _following(times, left, above, price)
    requests = lag = 0.0
    now = 0
    while now < len(times) - 1:
        then = following[now]
        requests += left[now]
        lag += times[then] * (left[now] - left[then]) - (above[now] - above[then])
        now = then
    return Point(requests, lag)


def _following(
    times: Sequence[float], left: Sequence[float], above: Sequence[float], price: float
) -> list[int]:
    """Return for each place on the grid the best place for the look after it."""
    last = len(times) - 1
    costs = [0.0] * (last + 1)
    following = [last] * (last + 1)
    for now in range(last - 1, -1, -1):
        alive, rest = left[now], above[now]
        cost = math.inf
        for then in range(now + 1, following[now + 1] + 1):
            late = times[then] * (alive - left[then]) - (rest - above[then])
            if late + costs[then] <= cost:
                cost, following[now] = late + costs[then], then
        costs[now] = cost + price * alive
    return following


def frontier(law: LogNormal, prices: Sequence[float] = PRICES) -> list[Point]:
    """Return the best there is at several prices, from many requests to few."""
    return [best(law, price) for price in prices]


def lag_at(points: Sequence[Point], requests: float) -> float | None:
    """Return the lag at that number of requests on the log-log line through ``points``."""
    return _along([(point.requests, point.lag) for point in points], requests)


def requests_at(points: Sequence[Point], lag: float) -> float | None:
    """Return the number of requests at that lag on the log-log line through ``points``."""
    return _along([(point.lag, point.requests) for point in points], lag)


def _along(pairs: Sequence[tuple[float, float]], x: float) -> float | None:
    ordered = sorted(pairs)
    right = bisect.bisect_left(ordered, (x, 0.0))
    if not ordered[0][0] <= x <= ordered[-1][0]:
        return None
    right = max(right, 1)
    (x0, y0), (x1, y1) = ordered[right - 1], ordered[right]
    share = math.log(x / x0) / math.log(x1 / x0)
    return math.exp(math.log(y0) + share * math.log(y1 / y0))
