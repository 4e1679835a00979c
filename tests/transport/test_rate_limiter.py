"""The limit on calls per time: a window that slides, first come, first served."""

from __future__ import annotations

import asyncio

import pytest

from heygen_async.transport.rate_limiter import RateLimiter


def now():
    return asyncio.get_running_loop().time()


async def test_no_window_has_more_turns_than_the_limit():
    """Whenever they come: the next turn is due when the oldest of the last few leaves it."""
    limiter, turns = RateLimiter(3, 10.0), []
    for pause in (0, 4, 4, 0, 0, 30, 0):
        await asyncio.sleep(pause)
        await limiter.acquire()
        turns.append(now())
    assert turns == pytest.approx([0, 4, 8, 10, 14, 44, 44])


async def test_turns_are_taken_in_the_order_of_their_coming():
    """Ten at once, of whom three go at once."""
    limiter, order = RateLimiter(3, 10.0), []

    async def one(number):
        await limiter.acquire()
        order.append((number, now()))

    await asyncio.gather(*(one(number) for number in range(10)))
    assert order == [(number, pytest.approx(10.0 * (number // 3))) for number in range(10)]


async def test_one_who_is_cancelled_takes_no_turn():
    """The next one gets it."""
    limiter = RateLimiter(1, 10.0)
    await limiter.acquire()
    gone, next_one = (asyncio.create_task(limiter.acquire()) for _ in range(2))
    await asyncio.sleep(1)
    gone.cancel()
    await next_one
    assert gone.cancelled()
    assert now() == pytest.approx(10.0)
