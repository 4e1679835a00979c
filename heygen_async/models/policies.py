"""How a client waits and tries again: policies as values, safe by their bounds."""

from __future__ import annotations

from typing import Self

from attrs import evolve, field, frozen

from heygen_async.models import _checks as checks

_DAY = 86_400.0
_SHORTEST = 0.001
_MOST_RATE = 1000.0


@frozen(kw_only=True)
class PollPolicy:
    """How often waiting jobs are looked at.

    A look is spent where it is likely to find something: the delay between two looks grows and
    shrinks with the chance that the job ends just now. All times are seconds.

    ``interval``: the shortest delay between two looks at a job, whatever its kind: that while it
    is most likely to end. Jobs that take longer than three minutes are looked at less often.
    ``max_interval``: the longest delay, for jobs that are long overdue.
    ``first_poll``: the delay from submission to the first look; None leaves it to the schedule.
    ``typical_duration``: the median to expect before any job has finished; None takes the
    kind's own (180 s for a video).
    ``jitter``: the share by which every delay is spread at random, both ways.
    ``error_budget``: how long looks may go on failing, three in a row at the least, before a
    wait gives up.
    ``not_found_grace``: how long after submission "not found" means "not there yet".
    ``unknown_budget``: how long a job may show nothing but status words that nobody knows before
    a wait gives up; None means 10 times its expected duration, and 30 minutes at the least.
    ``max_requests_per_second``: the bound on status requests of one client.

    Both intervals are spread by ``jitter``, and stretched when all jobs together ask for more than
    ``max_requests_per_second``. Beside the schedule are: the look just before a caller's deadline,
    a look that repeats one which failed, the fetch of a result, a look after a webhook event (while
    signed events arrive the schedule itself pauses), and jobs that fill up a bulk request which
    goes out for another, at no cost.
    """

    interval: float = field(default=5.0, validator=checks.between(_SHORTEST, _DAY))
    max_interval: float = field(default=60.0, validator=checks.between(_SHORTEST, _DAY))
    first_poll: float | None = checks.option(checks.between(0.0, _DAY))
    typical_duration: float | None = checks.option(checks.between(0.001, _DAY))
    jitter: float = field(default=0.1, validator=checks.between(0.0, 0.5))
    error_budget: float = field(default=300.0, validator=checks.between(0.0, _DAY))
    not_found_grace: float = field(default=60.0, validator=checks.between(0.0, _DAY))
    unknown_budget: float | None = checks.option(checks.between(0.0, 365 * _DAY))
    max_requests_per_second: float = field(
        default=10.0, validator=checks.between(0.001, _MOST_RATE)
    )

    def __attrs_post_init__(self) -> None:
        if self.max_interval < self.interval:
            raise checks.refuse(
                self,
                f"max_interval ({self.max_interval:g}) must not be below "
                f"interval ({self.interval:g})",
            )

    def at_speed(self, speed: float, typical_duration: float = 180.0) -> Self:
        """Return the policy for a server that renders ``speed`` times as fast, as an emulator may.

        ``typical_duration`` is what a job takes at speed 1. The intervals are ``speed`` times as
        short as well, so that a job is looked at as often as there.
        """
        interval = max(_SHORTEST, self.interval / speed)
        return evolve(
            self,
            interval=interval,
            max_interval=max(interval, self.max_interval / speed),
            typical_duration=(self.typical_duration or typical_duration) / speed,
            max_requests_per_second=min(_MOST_RATE, self.max_requests_per_second * max(1.0, speed)),
        )


@frozen(kw_only=True)
class RetryPolicy:
    """How often a request is sent again, and after how long.

    Only requests that are safe to repeat are: reads, calls with an idempotency key, and what
    the server surely did not accept. All times are seconds.

    ``max_attempts``: how often a request goes out in all; 1 switches retries off.
    ``base_delay``: the delay after the first failure; it doubles with each further one.
    ``max_delay``: the bound of that delay.
    ``max_retry_after``: the longest ``Retry-After`` of a server that is obeyed in full.
    """

    max_attempts: int = field(default=8, validator=checks.whole(1, 100))
    base_delay: float = field(default=0.5, validator=checks.between(0.0, 3600.0))
    max_delay: float = field(default=30.0, validator=checks.between(0.0, 3600.0))
    max_retry_after: float = field(default=120.0, validator=checks.between(0.0, 3600.0))
