"""What an account has: who the API key belongs to, what is left to spend, and the voices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class AutoReload:
    """Whether the wallet fills itself, below which balance and by how much."""

    enabled: bool | None = None
    threshold_usd: float | None = None
    amount_usd: float | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class ApiWallet:
    """A prepaid balance in ``currency`` (``usd`` or ``credits``)."""

    currency: str | None = None
    remaining_balance: float | None = None
    auto_reload: AutoReload | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class CreditPool:
    """Credits that are left, and when they are renewed."""

    remaining: int | None = None
    resets_at: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class PlanCredits:
    """The two pools of a subscription."""

    premium_credits: CreditPool | None = None
    add_on_credits: CreditPool | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class Subscription:
    """A plan and its credits."""

    plan: str | None = None
    credits: PlanCredits | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class UsageBased:
    """Spending that is billed afterwards, in US dollars."""

    spending_current_usd: float | None = None
    spending_cap_usd: float | None = None
    included_credits: float | None = None
    remaining_credits: float | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class Balance:
    """What is left to spend, in ``unit`` (``usd`` or ``credits``)."""

    amount: float
    unit: str

    def __str__(self) -> str:
        return f"${self.amount:.2f}" if self.unit == "usd" else f"{self.amount:g} {self.unit}"


@frozen(kw_only=True)
class User:
    """The account; exactly one of ``wallet``, ``subscription`` and ``usage_based`` is there.

    https://developers.heygen.com/reference/get-current-user
    """

    username: str
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    billing_type: str | None = None
    wallet: ApiWallet | None = None
    subscription: Subscription | None = None
    usage_based: UsageBased | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)

    @property
    def balance(self) -> Balance | None:
        """What is left to spend, whichever way the account pays; None if it is not told."""
        wallet, usage = self.wallet, self.usage_based
        if wallet is not None and wallet.remaining_balance is not None:
            return Balance(amount=wallet.remaining_balance, unit=wallet.currency or "credits")
        plan = self.subscription and self.subscription.credits
        pools = (plan.premium_credits, plan.add_on_credits) if plan else ()
        left = [pool.remaining for pool in pools if pool and pool.remaining is not None]
        if left:
            return Balance(amount=float(sum(left)), unit="credits")
        if usage is not None and usage.remaining_credits is not None:
            return Balance(amount=usage.remaining_credits, unit="credits")
        if usage is None or usage.spending_cap_usd is None or usage.spending_current_usd is None:
            return None
        return Balance(amount=usage.spending_cap_usd - usage.spending_current_usd, unit="usd")


@frozen(kw_only=True)
class Voice:
    """A voice; ``voice_id`` goes into a spec.

    ``status`` is that of a cloned voice. What kind of voice it is, and whether it knows locales,
    is told by lists only, the last four fields by ``voices.get`` only.

    https://developers.heygen.com/reference/list-voices
    """

    voice_id: str
    name: str | None = None
    language: str | None = None
    gender: str | None = None
    preview_audio_url: str | None = None
    support_pause: bool | None = None
    support_locale: bool | None = None
    type: str | None = None
    status: str | None = None
    failure_message: str | None = None
    support_interactive_avatar: bool | None = None
    created_at: int | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)
