"""How a client waits and tries again: policies as values, safe by their bounds."""

from __future__ import annotations

from typing import Self

from attrs import evolve, field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described

_DAY = 86_400.0
_SHORTEST = 0.001
_MOST_RATE = 1000.0


@frozen(kw_only=True)
class PollPolicy(Described):
    """How often waiting jobs are looked at.

    A look is spent where it is likely to find something: the delay between two looks grows and
    shrinks with the chance that the job ends just now.

    Both intervals are spread by ``jitter``, and stretched when all jobs together ask for more than
    ``max_requests_per_second``. Beside the schedule are: the look just before a caller's deadline,
    a look that repeats one which failed, the fetch of a result, a look after a webhook event (while
    signed events arrive the schedule itself pauses), and jobs that fill up a bulk request which
    goes out for another, at no cost.
    """

    interval: float = field(default=5.0, validator=checks.between(_SHORTEST, _DAY))
    """The shortest delay between two looks at a job, in seconds, while its end is most likely.

    Jobs that take longer than three minutes are looked at less often.
    """
    max_interval: float = field(default=60.0, validator=checks.between(_SHORTEST, _DAY))
    """The longest delay between two looks, in seconds, for jobs that are long overdue."""
    first_poll: float | None = checks.option(checks.between(0.0, _DAY))
    """Seconds from submission to the first look; the schedule's own if left out."""
    typical_duration: float | None = checks.option(checks.between(0.001, _DAY))
    """The median to expect before any job has finished, in seconds.

    If left out, it is the kind's own; 180 for a video.
    """
    jitter: float = field(default=0.1, validator=checks.between(0.0, 0.5))
    """The share by which every delay is spread at random, both ways."""
    error_budget: float = field(default=300.0, validator=checks.between(0.0, _DAY))
    """Seconds that looks may go on failing, three in a row at the least, before a wait gives up."""
    not_found_grace: float = field(default=60.0, validator=checks.between(0.0, _DAY))
    """Seconds after submission in which "not found" means "not there yet"."""
    unknown_budget: float | None = checks.option(checks.between(0.0, 365 * _DAY))
    """Seconds that a job may show nothing but unknown status words before a wait gives up; if
    left out, 10 times its expected duration, and 30 minutes at the least.
    """
    max_requests_per_second: float = field(
        default=10.0, validator=checks.between(0.001, _MOST_RATE)
    )
    """The bound on status requests of one client; all delays are stretched to keep it."""

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
class RetryPolicy(Described):
    """How often a request is sent again, and after how long.

    Only requests that are safe to repeat are: reads, calls with an idempotency key, and what
    the server surely did not accept.
    """

    max_attempts: int = field(default=8, validator=checks.whole(1, 100))
    """How often a request goes out in all; 1 switches retries off."""
    base_delay: float = field(default=0.5, validator=checks.between(0.0, 3600.0))
    """Seconds after the first failure; they double with each further one."""
    max_delay: float = field(default=30.0, validator=checks.between(0.0, 3600.0))
    """The bound of that delay, in seconds."""
    max_retry_after: float = field(default=120.0, validator=checks.between(0.0, 3600.0))
    """The longest ``Retry-After`` of a server that is obeyed in full, in seconds."""
