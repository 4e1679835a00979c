"""What the account has left and what the renders have taken, as the account itself tells it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from attrs import frozen

from heygen_async import HeyGenError

if TYPE_CHECKING:
    from heygen_async import HeyGen, User

logger = logging.getLogger(__name__)


@frozen(kw_only=True)
class Terms:
    """What is known before anything is rendered.

    ``seconds`` is how long a render is expected to take, until some have ended. ``price`` is
    that of a minute of film, if somebody has said it.
    """

    emulated: bool = False
    seconds: float = 180.0
    price: float | None = None


class Account:
    """The account of a client, and what it had when it was first looked at."""

    def __init__(self, heygen: HeyGen, terms: Terms) -> None:
        self._heygen = heygen
        self._terms = terms
        self._first: tuple[float, int] | None = None

    async def public(self) -> dict[str, Any]:
        """Return what the page may know; ``taken`` by ``videos`` is since the first look."""
        done = self._heygen.statistics()
        learned = done.durations.get("heygen.video")
        shown: dict[str, Any] = {
            "emulated": self._terms.emulated,
            "price": self._terms.price,
            "seconds": learned.p50 if learned and learned.jobs else self._terms.seconds,
        }
        try:
            left, unit = _left(await self._heygen.users.me())
        except HeyGenError as error:
            logger.warning("the account does not tell what is left: %s", error)
            return shown
        if left is None:
            return shown
        if self._first is None:
            self._first = (left, done.jobs_submitted)
        taken, videos = self._first[0] - left, done.jobs_submitted - self._first[1]
        return shown | {"left": left, "unit": unit, "taken": taken, "videos": videos}


def _left(user: User) -> tuple[float | None, str]:
    """Return what is left to spend, and of what; None where the account does not say."""
    if user.wallet:
        return user.wallet.remaining_balance, user.wallet.currency or ""
    if user.usage_based:
        return user.usage_based.remaining_credits, "credits"
    plan = user.subscription and user.subscription.credits
    pools = [plan.premium_credits, plan.add_on_credits] if plan else []
    known = [pool.remaining for pool in pools if pool and pool.remaining is not None]
    return (float(sum(known)) if known else None), "credits"
