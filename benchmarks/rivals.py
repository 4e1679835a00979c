"""How others poll: the schedules of released packages, re-stated, and constant intervals."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from random import Random

from attrs import frozen

Delays = Callable[[Random], Iterator[float]]


@frozen(kw_only=True)
class Rival:
    """One schedule for one job, in seconds, without hints of the server.

    ``first`` draws the wait between the creation and the first request, ``delays`` those before
    each later one. After ``deadline`` its package gives up by default.
    """

    name: str
    first: Callable[[Random], float] = lambda _luck: 0.0
    delays: Delays
    deadline: float | None = None


def every(seconds: float) -> Delays:
    """Wait the same each time."""
    return lambda _luck: itertools.repeat(seconds)


def growing(start: float, factor: float, most: float) -> Iterator[float]:
    """Yield start, start x factor, and so on up to ``most``, then ``most`` for ever."""
    while start < most:
        yield start
        start *= factor
    yield from itertools.repeat(most)


def _uniform(low: float, high: float) -> Delays:
    return lambda luck: (luck.uniform(low, high) for _ in itertools.count())


def _full_jitter(low: float, start: float, factor: float, most: float) -> Delays:
    return lambda luck: (luck.uniform(low, high) for high in growing(start, factor, most))


def _heygen_cli(luck: Random) -> Iterator[float]:
    return (delay * luck.uniform(0.75, 1.25) for delay in growing(2, 2, 30))


RIVALS = (
    Rival(name="the vendor's example", delays=every(10)),
    Rival(name="replicate", first=lambda _luck: 0.5, delays=every(0.5)),
    Rival(name="fal", delays=every(0.1)),
    Rival(
        name="runway",
        first=lambda luck: luck.uniform(4.5, 7.5),
        delays=_uniform(4.5, 7.5),
        deadline=600,
    ),
    Rival(name="openai videos", delays=every(1.0)),
    Rival(
        name="elevenlabs flows",
        first=lambda luck: luck.uniform(3, 3.6),
        delays=_uniform(3, 3.6),
    ),
    Rival(name="azure long-running", delays=every(30)),
    Rival(name="google-api-core async", delays=_full_jitter(0, 1, 2, 60)),
    Rival(name="google-api-core sync", delays=_full_jitter(0, 1, 1.5, 20), deadline=900),
    Rival(name="botocore waiter", delays=every(15), deadline=600),
    Rival(name="smithy waiter", delays=_full_jitter(2, 2, 2, 120)),
    Rival(name="HeyGen CLI", delays=_heygen_cli, deadline=1200),
    Rival(name="comfy", delays=lambda _luck: growing(0.5, 1.5, 5)),
    Rival(name="visionstory", delays=every(5), deadline=600),
    Rival(name="videogen", delays=every(1.5), deadline=3600),
)


def by_name(name: str) -> Rival:
    """Return the schedule of that name."""
    return next(rival for rival in RIVALS if rival.name == name)
