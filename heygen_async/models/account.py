"""What an account has: who the API key belongs to, what is left to spend, and the voices."""

from __future__ import annotations

from attrs import frozen

from heygen_async.models._html import card
from heygen_async.models._words import Described
from heygen_async.models.jobs import Result


@frozen(kw_only=True)
class AutoReload(Result):
    """Whether and how the wallet fills itself."""

    enabled: bool | None = None
    """Whether it does."""
    threshold_usd: float | None = None
    """The balance below which it does, in US dollars."""
    amount_usd: float | None = None
    """By how much, in US dollars."""


@frozen(kw_only=True)
class ApiWallet(Result):
    """A prepaid balance."""

    currency: str | None = None
    """What the balance counts: ``usd`` or ``credits``."""
    remaining_balance: float | None = None
    """What is left, in ``currency``."""
    auto_reload: AutoReload | None = None
    """Whether and how it fills itself."""


@frozen(kw_only=True)
class CreditPool(Result):
    """Credits of one sort."""

    remaining: int | None = None
    """How many are left."""
    resets_at: str | None = None
    """When they are renewed, as text; None if they are not."""


@frozen(kw_only=True)
class PlanCredits(Result):
    """The two pools of a subscription."""

    premium_credits: CreditPool | None = None
    """The credits that come with the plan."""
    add_on_credits: CreditPool | None = None
    """The credits that were bought besides."""


@frozen(kw_only=True)
class Subscription(Result):
    """A plan and its credits."""

    plan: str | None = None
    """The plan's name, such as ``creator`` or ``enterprise``."""
    credits: PlanCredits | None = None
    """What is left of its credits."""


@frozen(kw_only=True)
class UsageBased(Result):
    """Spending that is billed afterwards."""

    spending_current_usd: float | None = None
    """What was spent in this period, in US dollars."""
    spending_cap_usd: float | None = None
    """What may be spent in it, in US dollars."""
    included_credits: float | None = None
    """Credits that the contract includes."""
    remaining_credits: float | None = None
    """How many of these are left."""


@frozen(kw_only=True)
class Balance(Described):
    """What is left to spend."""

    amount: float
    """How much."""
    unit: str
    """Of what: ``usd`` or ``credits``."""

    def __str__(self) -> str:
        return f"${self.amount:.2f}" if self.unit == "usd" else f"{self.amount:g} {self.unit}"


@frozen(kw_only=True)
class User(Result):
    """The account that the API key belongs to.

    How it pays tells which of ``wallet``, ``subscription`` and ``usage_based`` is there.

    https://developers.heygen.com/reference/get-current-user
    """

    username: str
    """The account's name."""
    email: str | None = None
    """Its mail address."""
    first_name: str | None = None
    """The owner's first name."""
    last_name: str | None = None
    """The owner's last name."""
    billing_type: str | None = None
    """How it pays: ``wallet``, ``subscription`` or ``usage_based``."""
    wallet: ApiWallet | None = None
    """The prepaid balance, for an account that pays by wallet."""
    subscription: Subscription | None = None
    """The plan and its credits, for an account that subscribes."""
    usage_based: UsageBased | None = None
    """What was spent, for an account that is billed afterwards."""

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
class Voice(Result):
    """A voice.

    https://developers.heygen.com/reference/list-voices
    """

    voice_id: str
    """The voice's id, which specs take."""
    name: str | None = None
    """Its name."""
    language: str | None = None
    """The language it speaks, by its English name."""
    gender: str | None = None
    """``female`` or ``male``, or what else the vendor calls it."""
    preview_audio_url: str | None = None
    """A sample of it."""
    support_pause: bool | None = None
    """Whether it obeys pauses that are written in a script."""
    support_locale: bool | None = None
    """Whether it knows locales, which ``VoiceSettings.locale`` names; told by lists only."""
    type: str | None = None
    """``public``, or ``private`` for one of the account's own; told by lists only."""
    status: str | None = None
    """How a cloned voice stands: ``processing``, ``complete`` or ``failed``.

    Told by ``voices.get`` only.
    """
    failure_message: str | None = None
    """Why cloning it failed; told by ``voices.get`` only."""
    support_interactive_avatar: bool | None = None
    """Whether live avatars can speak with it; told by ``voices.get`` only."""
    created_at: int | None = None
    """When it was made, in Unix seconds; told by ``voices.get`` only."""

    def _repr_html_(self) -> str:
        return card(
            self.name or self.voice_id,
            *(self.voice_id, self.language, self.gender, self.status, self.failure_message),
            sound=self.preview_audio_url,
        )
