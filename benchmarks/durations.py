"""How long simulated jobs take: log-normal, and a share of them stuck."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from random import Random

STUCK = 1800.0
"""How long a stuck job takes, in seconds."""

_NORMAL = statistics.NormalDist()


@frozen(kw_only=True)
class LogNormal:
    """Log-normal durations; a share ``stuck`` of the jobs takes half an hour instead."""

    median: float = 180.0
    sigma: float = 0.6
    stuck: float = 0.0

    @property
    def mean(self) -> float:
        """The mean of the jobs that are not stuck."""
        return self.median * math.exp(self.sigma**2 / 2)

    def survival(self, seconds: float) -> float:
        """Return the share of jobs that last longer; for a law without stuck jobs."""
        return self._upper(seconds, 0.0)

    def mean_above(self, seconds: float) -> float:
        """Return the part of the mean that longer jobs add; for a law without stuck jobs."""
        return self.mean * self._upper(seconds, self.sigma)

    def _upper(self, seconds: float, shift: float) -> float:
        if seconds <= 0:
            return 1.0
        z = math.log(seconds / self.median) / self.sigma - shift
        return math.erfc(z / math.sqrt(2)) / 2

    def sample(self, count: int, luck: Random) -> list[float]:
        """Return ``count`` durations in random order, one from each of as many equal strata."""
        stuck = math.floor(count * self.stuck + luck.random())
        usual = count - stuck
        durations = [
            self.median * math.exp(self.sigma * _NORMAL.inv_cdf((at + luck.random()) / usual))
            for at in range(usual)
        ]
        durations += [STUCK] * stuck
        luck.shuffle(durations)
        return durations
