"""When a look at a job is worth a request: pure functions of age and of what was learned.

Durations are taken as log-normal, with a small share of surprises at any age. A job ends just
now with some chance per second, its hazard; a look every ``d`` seconds finds the end ``d / 2``
seconds late. Against a fixed price per look that is cheapest with ``d`` in proportion to
``1 / sqrt(hazard)``, so a look is due whenever the integral of ``sqrt(hazard)`` has grown by one
step. The step is fixed by ``PollPolicy.interval``: no delay is shorter, and jobs of up to
``REFERENCE_DURATION`` are looked at so often while they are likeliest to end. Of longer ones the
delays grow with the root of their duration. This stays within a few per cent of the best
possible schedule (``benchmarks/schedules.py`` computes it).
"""

from __future__ import annotations

import bisect
import functools
import itertools
import math
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from heygen_async.models.policies import PollPolicy

PRIOR_SIGMA = 0.6
"""Spread of log durations before any is known: two of three jobs within a factor of 1.8."""

PRIOR_WEIGHT = 4.0
"""How many observed jobs the prior counts for."""

MEMORY = 2000.0
"""How many jobs back a model remembers; older ones fade."""

SURPRISE = 0.03
"""The share of jobs that end at no expected time: at once, or long overdue."""

REFERENCE_DURATION = 180.0
"""The longest median duration of jobs that are looked at as often as ``interval`` says."""

_SURPRISE_SCALE = 0.1
_HARDLY_ANY = 1e-300
_SHORTEST, _LONGEST = 0.1, 1e6  # seconds; nothing else is believed
_GRID = tuple(10 ** (exponent / 100) for exponent in range(-300, 601))
_SIGMA_STEP, _MOST_SIGMA = 0.05, 3.0


@attrs.define(eq=False)
class DurationModel:
    """What is known of how long jobs of one sort take, from those that ended.

    Log durations with running mean and variance, and a line through the log of the job's size
    (its script's length), all starting from the prior and fading after ``MEMORY`` jobs. The
    first of many jobs to end are the short ones, so those that still run are counted in as the
    prior has them: ``running`` is how many there are.
    """

    median: float
    running: int = 0
    learned: int = 0
    _count: float = PRIOR_WEIGHT
    _mean: float = attrs.field(init=False)
    _spread: float = PRIOR_WEIGHT * PRIOR_SIGMA**2
    _size_mean: float = 0.0
    _size_count: float = 0.0
    _size_spread: float = PRIOR_WEIGHT
    _cross: float = 0.0
    _known: tuple[tuple[int, int], float, float] | None = None  # for which counts: center, sigma

    def __attrs_post_init__(self) -> None:
        self._mean = math.log(self.median)

    def learn(self, seconds: float, size: float | None) -> None:
        """Take in that a job of ``size`` took ``seconds``."""
        value = math.log(min(max(seconds, _SHORTEST), _LONGEST))
        if self._count >= MEMORY:
            fade = 1 - 1 / MEMORY
            self._count *= fade
            self._spread *= fade
            self._size_spread = max(self._size_spread * fade, PRIOR_WEIGHT)
            self._cross *= fade
        self.learned += 1
        self._count += 1
        surprise = value - self._mean
        self._mean += surprise / self._count
        self._spread += surprise * (value - self._mean)
        if size:
            self._size_count = min(self._size_count + 1, MEMORY)
            offset = math.log(size) - self._size_mean
            self._size_mean += offset / self._size_count
            change = offset * (1 - 1 / self._size_count)
            self._size_spread += change * offset
            self._cross += change * surprise

    def expect(self, size: float | None) -> tuple[float, float]:
        """Return what to expect for a job of ``size``: the median in seconds, and sigma.

        Sigma is the spread of log durations around that median.
        """
        slope = self._cross / self._size_spread
        counts = (self.learned, self.running)
        if self._known is None or self._known[0] != counts:  # else ten thousand ask for the same
            still_run = self.running / (self.running + self.learned + PRIOR_WEIGHT)
            center = self._mean + still_run * (math.log(self.median) - self._mean)
            variance = max(self._spread - slope * self._cross, 0.0) / self._count
            variance += still_run * (PRIOR_SIGMA**2 - variance)
            sigma = min(max(math.sqrt(variance), _SIGMA_STEP), _MOST_SIGMA)
            self._known = (counts, center, sigma)
        _, center, sigma = self._known
        if size and self._size_count:
            center += slope * (math.log(size) - self._size_mean)
        return math.exp(min(max(center, math.log(_SHORTEST)), math.log(_LONGEST))), sigma

    def remaining(self, size: float | None, age: float) -> float:
        """Return the seconds in which half of the jobs end that have lasted for ``age``."""
        import statistics  # noqa: PLC0415 - as below

        median, sigma = self.expect(size)
        z = math.log(max(age, _SHORTEST) / median) / sigma
        lasts = max(math.erfc(z / math.sqrt(2)) / 2, _HARDLY_ANY)
        # Of those who last, half: from the far end, where a share is exact however small it is.
        then = median * math.exp(-sigma * statistics.NormalDist().inv_cdf(lasts / 2))
        return max(0.0, then - age)

    def quantile(self, share: float) -> float:
        """Return the duration in seconds that ``share`` of the jobs stay below."""
        import statistics  # noqa: PLC0415 - slow to import, and only statistics() wants it

        median, sigma = self.expect(None)
        return median * math.exp(sigma * statistics.NormalDist().inv_cdf(share))


def next_delay(
    policy: PollPolicy,
    *,
    age: float,
    median: float,
    sigma: float,
    random: float,
    slowdown: float = 1.0,
) -> float:
    """Return the seconds until the next look at a job of ``age`` seconds.

    ``median`` and ``sigma`` are what is expected of its duration; ``random`` from [0, 1) is for
    the policy's jitter; a ``slowdown`` above 1 spaces the looks of all jobs out evenly when there
    are more than the request budget allows. The result is finite for any age, and between the
    policy's two intervals, but for jitter and ``slowdown``.
    """
    effort = _effort(round(sigma / _SIGMA_STEP) * _SIGMA_STEP)
    pace = math.sqrt(median * min(median, REFERENCE_DURATION))
    step = policy.interval * _peak() / pace * slowdown
    age = max(age, 0.0)
    done = _interpolate(_GRID, effort, age / median)
    due = _interpolate(effort, _GRID, done + step) * median
    slowdown = max(slowdown, 1.0)
    delay = min(max(due - age, policy.interval * slowdown), policy.max_interval * slowdown)
    return delay * (1 + policy.jitter * (2 * random - 1))


def _hazard(scaled: float, sigma: float) -> float:
    """Return the chance per unit of time to end at ``scaled`` medians, having lasted so long."""
    z = math.log(scaled) / sigma
    density = math.exp(-z * z / 2) / (scaled * sigma * math.sqrt(2 * math.pi))
    survival = math.erfc(z / math.sqrt(2)) / 2
    late = 1 + scaled / _SURPRISE_SCALE
    density = (1 - SURPRISE) * density + SURPRISE / (_SURPRISE_SCALE * late**2)
    survival = (1 - SURPRISE) * survival + SURPRISE / late
    return density / survival


@functools.lru_cache(maxsize=64)
def _effort(sigma: float) -> tuple[float, ...]:
    """Return the integral of ``sqrt(hazard)`` from 0 to each point of the grid."""
    roots = [math.sqrt(_hazard(point, sigma)) for point in _GRID]
    total = roots[0] * _GRID[0]
    sums = [total]
    for (left, right), (a, b) in zip(
        itertools.pairwise(_GRID), itertools.pairwise(roots), strict=True
    ):
        total += (a + b) / 2 * (right - left)
        sums.append(total)
    return tuple(sums)


@functools.cache
def _peak() -> float:
    """Return the greatest root of the prior's hazard: so many steps are in a median there."""
    return math.sqrt(max(_hazard(point, PRIOR_SIGMA) for point in _GRID))


def _interpolate(xs: tuple[float, ...], ys: tuple[float, ...], x: float) -> float:
    """Return y at x on the line through the points, from (0, 0), and straight on at the end."""
    right = min(bisect.bisect_left(xs, x), len(xs) - 1)
    x0, y0 = (xs[right - 1], ys[right - 1]) if right else (0.0, 0.0)
    return y0 + (x - x0) * (ys[right] - y0) / (xs[right] - x0)
