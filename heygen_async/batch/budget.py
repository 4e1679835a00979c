"""What a run may spend: the balance is looked at as the run goes on, not for each of its items."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from heygen_async.errors import BudgetError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from heygen_async.models.account import Balance


class Budget:
    """Says before each submission whether there may be one more.

    ``look`` asks for the balance: before the first submission, and again after every ``pace`` of
    them. ``spend`` is how far the balance may fall in all, ``keep`` below what it must not be. So
    a run may go beyond them by what ``pace`` submissions and the jobs in flight cost.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[Balance | None]],
        *,
        spend: float | None,
        keep: float | None,
        pace: int,
    ) -> None:
        for name, amount in (("budget", spend), ("stop_below", keep)):
            if amount is not None and not 0 <= amount < math.inf:
                raise InvalidRequestError(
                    f"{name} must be an amount in the unit of the balance, from 0 on, "
                    f"not {amount!r}"
                )
        self._look = look
        self._spend = math.inf if spend is None else spend
        self._keep = -math.inf if keep is None else keep
        self._pace = pace
        self._left = 0  # submissions until the next look
        self._last: float | None = None
        self._spent = 0.0
        self._over = ""
        self._lock = asyncio.Lock()

    async def admit(self) -> None:
        """Raise ``BudgetError`` if nothing more is to be paid, and what a look at it raises."""
        async with self._lock:  # those who come during a look wait for what it says
            if not self._left and not self._over:
                await self._compare()
                self._left = self._pace
            if self._over:
                raise BudgetError(self._over)
            self._left -= 1

    async def _compare(self) -> None:
        balance = await self._look()
        if balance is None:
            raise InvalidRequestError(
                "this account has no balance to look at; leave out budget and stop_below"
            )
        if self._last is not None:
            # What the account was topped up by meanwhile was not earned by this run.
            self._spent += max(0.0, self._last - balance.amount)
        self._last = balance.amount
        if balance.amount < self._keep:
            self._over = f"the balance is {balance}, and at least {self._keep:g} is to be left"
        if self._spent >= self._spend:
            self._over = f"{self._spent:g} of a budget of {self._spend:g} are spent"
