"""``map`` and money: without credit nothing more is sent, and no more is spent than was said."""

from __future__ import annotations

import pytest

from heygen_async import (
    AuthenticationError,
    BudgetError,
    HeyGen,
    InsufficientCreditError,
    InvalidRequestError,
    ItemState,
    JobFailedError,
    JobTimeoutError,
    JoggAI,
    JoggMotion,
    Ledger,
    RetryPolicy,
)
from heygen_async.emulator import Emulator, Fault
from heygen_async.models.account import (
    ApiWallet,
    Balance,
    CreditPool,
    PlanCredits,
    Subscription,
    UsageBased,
    User,
)
from tests.conftest import image_video

CREATE = "POST /v3/videos"


def specs(count):
    return [image_video(title=f"t{number}") for number in range(count)]


def by_title(spec):
    return spec.title


def posts(emulator):
    return sum((each.method, each.path) == ("POST", "/v3/videos") for each in emulator.received)


def looks(emulator):
    return sum(each.path == "/v3/users/me" for each in emulator.received)


async def run(client, batch, **options):
    return [outcome async for outcome in client.map(batch, **options)]


async def test_the_first_402_ends_submissions(tmp_path):
    """The items that are left end with it unsent; after topping up the next run goes on."""
    async with (
        Emulator(seed=1, speed=60, balance=3) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
        Ledger(tmp_path / "run.sqlite") as ledger,
    ):
        outcomes = await run(heygen, specs(300), key=by_title, ledger=ledger)
        assert sum(outcome.ok for outcome in outcomes) == 3
        assert len(outcomes) == 300
        errors = [outcome.error for outcome in outcomes if not outcome.ok]
        assert {type(error) for error in errors} == {InsufficientCreditError}
        assert posts(emulator) <= 3 + 10  # those that were on their way with the first
        emulator.wallet.top_up(1000)
        outcomes = await run(heygen, specs(300), key=by_title, ledger=ledger)
        assert all(outcome.ok for outcome in outcomes)
        assert len(emulator.wallet.charges) == 300


async def test_the_first_401_ends_submissions(emulator):
    """A wrong key is wrong for all of them."""
    async with HeyGen("wrong", base_url=emulator.url) as heygen:
        outcomes = await run(heygen, specs(300))
    assert {type(outcome.error) for outcome in outcomes} == {AuthenticationError}
    assert len(outcomes) == 300
    assert posts(emulator) <= 10


async def test_a_plan_that_lacks_one_feature_ends_nothing(emulator, heygen):
    """That 402 is about one request."""
    body = '{"error": {"code": "plan_upgrade_required", "message": "4k"}}'
    refused = Fault(route=CREATE, nth=1, status=402, body=body, content_type="application/json")
    emulator.faults.add(refused)
    outcomes = await run(heygen, specs(30))
    assert sum(outcome.ok for outcome in outcomes) == 29


async def test_a_render_that_fails_for_want_of_credit_ends_submissions(emulator, heygen):
    """HeyGen tells so of a job that it has accepted."""

    def fail_first(submitted):
        if submitted.index == 0:
            emulator.fail(submitted.job.id, "MOVIO_PAYMENT_INSUFFICIENT_CREDIT", "no credit")

    outcomes = await run(heygen, specs(100), on_submit=fail_first)
    assert len(outcomes) == 100
    assert posts(emulator) < 50
    failed = [outcome for outcome in outcomes if not outcome.ok]
    assert {type(outcome.error) for outcome in failed} == {JobFailedError}
    assert sum(outcome.job is not None for outcome in failed) == 1


async def test_what_may_be_paid_is_not_taken_for_refused(emulator, tmp_path):
    """An item between two attempts when the credit ends keeps its intent and its key."""
    emulator.faults.add(Fault(route=CREATE, nth=1, reset="after"))
    emulator.faults.add(Fault(route=CREATE, nth=2, status=402))
    retry = RetryPolicy(base_delay=30.0, max_delay=60.0)
    async with (
        HeyGen(emulator.api_key, base_url=emulator.url, retry=retry) as heygen,
        Ledger(tmp_path / "run.sqlite") as ledger,
    ):
        await run(heygen, specs(2), key=by_title, ledger=ledger)
        await run(heygen, specs(2), key=by_title, ledger=ledger)
        assert [item.state async for item in ledger.items()] == [ItemState.COMPLETED] * 2
    assert len(emulator.wallet.charges) == 2


@pytest.mark.parametrize(
    ("limit", "paid"), [({"stop_below": 80}, (20, 40)), ({"budget": 15}, (15, 35))]
)
async def test_no_more_is_spent_than_was_said(limit, paid, tmp_path):
    """But for the pace of the looks and the jobs in flight; and it is not looked each time."""
    async with (
        Emulator(seed=1, speed=60, balance=100) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
        Ledger(tmp_path / "run.sqlite") as ledger,
    ):
        outcomes = await run(heygen, specs(60), key=by_title, ledger=ledger, **limit)
        assert len(outcomes) == 60
        assert paid[0] <= emulator.wallet.spent <= paid[1]
        assert looks(emulator) <= 5
        left = [outcome for outcome in outcomes if not outcome.ok]
        assert {type(outcome.error) for outcome in left} == {BudgetError}
        assert not any(outcome.job for outcome in left)
        await run(heygen, specs(60), key=by_title, ledger=ledger)
        assert len(emulator.wallet.charges) == 60


async def test_a_budget_of_nothing_pays_for_nothing(emulator, heygen):
    """Nothing is submitted."""
    outcomes = await run(heygen, specs(3), budget=0)
    assert not posts(emulator)
    assert "0 of a budget of 0" in str(outcomes[0].error)


async def test_topping_up_is_nothing_earned(emulator, heygen):
    """A balance that grows during a run gives the run no more to spend."""

    def top_up(submitted):
        if submitted.index == 5:
            emulator.wallet.top_up(1000)

    outcomes = await run(heygen, specs(100), budget=20, on_submit=top_up)
    assert {type(outcome.error) for outcome in outcomes if not outcome.ok} == {BudgetError}
    assert 20 <= len(emulator.wallet.charges) <= 50


@pytest.mark.parametrize("limit", [{"budget": -1}, {"stop_below": float("nan")}])
async def test_a_limit_must_be_an_amount(heygen, limit):
    """Refused where ``map`` is called."""
    with pytest.raises(InvalidRequestError, match="must be an amount"):
        heygen.map(specs(1), **limit)


async def test_jogg_has_a_balance_too():
    """Its quota, in credits."""
    async with (
        Emulator(jogg_balance=5.5) as emulator,
        JoggAI(emulator.jogg_api_key, base_url=emulator.jogg_url) as jogg,
    ):
        assert await jogg.balance() == Balance(amount=5.5, unit="credits")
        spec = JoggMotion(image_url="https://e.com/a.png", name="A", voice_id="v", model="2.0")
        (outcome,) = await run(jogg, [spec], stop_below=6)
        assert isinstance(outcome.error, BudgetError)
        assert not emulator.jogg_wallet.charges


@pytest.mark.parametrize(
    ("fields", "balance", "told"),
    [
        ({"wallet": ApiWallet(currency="usd", remaining_balance=12.5)}, 12.5, "$12.50"),
        (
            {
                "subscription": Subscription(
                    credits=PlanCredits(
                        premium_credits=CreditPool(remaining=5),
                        add_on_credits=CreditPool(remaining=2),
                    )
                )
            },
            7,
            "7 credits",
        ),
        ({"usage_based": UsageBased(remaining_credits=3.5)}, 3.5, "3.5 credits"),
        ({"usage_based": UsageBased(spending_cap_usd=10, spending_current_usd=4)}, 6, "$6.00"),
    ],
)
def test_every_way_to_pay_has_a_balance(fields, balance, told):
    """Wallet, subscription, or billed by usage."""
    found = User(username="ada", **fields).balance
    assert (found.amount, str(found)) == (balance, told)


def test_an_account_may_tell_no_balance():
    """Then there is none, rather than nothing left."""
    assert User(username="ada").balance is None
    assert User(username="ada", usage_based=UsageBased()).balance is None


def failing(emulator, times, code="rendering_failed"):
    """Return a hook that lets the first renders fail."""
    left = times

    def fail(submitted):
        nonlocal left
        if left:
            left -= 1
            emulator.fail(submitted.job.id, code, "Out of luck")

    return fail


@pytest.mark.parametrize("with_ledger", [True, False])
async def test_a_failed_render_is_paid_again_if_so_wanted(emulator, heygen, tmp_path, with_ledger):
    """With a key of its own, so it is another job; each is counted."""
    options = {}
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        if with_ledger:
            options = {"key": by_title, "ledger": ledger}
        (outcome,) = await run(
            heygen, specs(1), retry_failed=2, on_submit=failing(emulator, 2), **options
        )
        assert outcome.ok
        assert outcome.attempts == 3
        assert len(emulator.wallet.charges) == 3
        if with_ledger:
            (item,) = [item async for item in ledger.items()]
            assert (item.attempts, item.error, item.error_code) == (3, None, None)


async def test_it_is_paid_again_so_often_and_no_more(emulator, heygen):
    """Then its failure is the outcome."""
    (outcome,) = await run(heygen, specs(1), retry_failed=1, on_submit=failing(emulator, 5))
    assert isinstance(outcome.error, JobFailedError)
    assert (outcome.attempts, len(emulator.wallet.charges)) == (2, 2)


@pytest.mark.parametrize(
    ("times", "code"), [(0, "rendering_failed"), (1, "moderation_failed"), (1, None)]
)
async def test_a_failure_of_another_sort_is_not_paid_again(emulator, heygen, times, code):
    """Nor is one without being told to."""
    hook = failing(emulator, 1, code or "unheard_of")
    (outcome,) = await run(heygen, specs(1), retry_failed=times, on_submit=hook)
    assert isinstance(outcome.error, JobFailedError)
    assert len(emulator.wallet.charges) == 1


async def test_the_next_run_counts_on(emulator, heygen, tmp_path):
    """A failure of an earlier run is one of those that are allowed."""
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        hook = failing(emulator, 5)
        for times, paid in ((0, 1), (1, 2), (1, 2), (2, 3)):
            (outcome,) = await run(
                heygen,
                specs(1),
                key=by_title,
                ledger=ledger,
                retry_failed=times,
                on_submit=hook,
            )
            assert isinstance(outcome.error, JobFailedError)
            assert len(emulator.wallet.charges) == paid == outcome.attempts


async def test_a_wait_that_is_given_up_is_gone_on_with(heygen, emulator, tmp_path):
    """``timeout`` bounds one item's wait; the ledger keeps its job for the next run."""
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        options = {"key": by_title, "ledger": ledger}
        (outcome,) = await run(heygen, specs(1), timeout=0.5, **options)
        assert isinstance(outcome.error, JobTimeoutError)
        assert outcome.error.job.token == (await ledger.get("t0")).token
        assert (await ledger.get("t0")).state is ItemState.SUBMITTED
        (outcome,) = await run(heygen, specs(1), **options)
        assert outcome.ok
    assert len(emulator.wallet.charges) == 1
