"""The wallet: what the emulated account was charged, job by job."""

from __future__ import annotations

import attrs

from heygen_async.emulator._errors import ApiError


@attrs.frozen(kw_only=True)
class Charge:
    """One charge: the job it paid for, the credits taken, and when (loop time, seconds)."""

    job_id: str
    amount: float
    at: float


class Wallet:
    """A balance in credits and every charge against it, oldest first."""

    __slots__ = ("_charges", "_initial", "_spent")

    def __init__(self, balance: float) -> None:
        self._initial = balance
        self._spent = 0.0
        self._charges: list[Charge] = []

    @property
    def charges(self) -> tuple[Charge, ...]:
        """Every charge so far, oldest first."""
        return tuple(self._charges)

    @property
    def spent(self) -> float:
        """The credits taken so far."""
        return self._spent

    @property
    def balance(self) -> float:
        """The credits left."""
        return self._initial - self._spent

    def charges_of(self, job_id: str) -> tuple[Charge, ...]:
        """Return the charges of one job; more than one means it was paid for twice."""
        return tuple(charge for charge in self._charges if charge.job_id == job_id)

    def require(self, amount: float, purpose: str) -> None:
        """Raise a 402 unless *amount* credits are left for a job of this *purpose*."""
        if self.balance < amount:
            raise ApiError(
                402,
                "insufficient_credit",
                f"Your account has {self.balance:g} credits but this {purpose} requires "
                f"{amount:g} credits.",
            )

    def charge(self, job_id: str, amount: float, *, at: float) -> None:
        """Take *amount* credits for a job at the loop time *at*; nothing leaves no entry."""
        if amount:
            self._spent += amount
            self._charges.append(Charge(job_id=job_id, amount=amount, at=at))
