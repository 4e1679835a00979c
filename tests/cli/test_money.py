"""``batch run`` and money: what it says before, and when it stops."""

from __future__ import annotations

import asyncio
import json

import attrs
import pytest

from heygen_async import Balance, HeyGen, ItemState, Ledger
from heygen_async.cli.batch import BatchRun
from heygen_async.cli.errors import ExitCode
from heygen_async.cli.money import Money
from heygen_async.emulator import Emulator
from tests.cli.conftest import rows_of
from tests.conftest import image_video

SCRIPT = "a" * 950


def specs(count):
    return [image_video(title=f"Row {number}", script=SCRIPT) for number in range(count)]


@pytest.fixture
async def emulator():
    async with Emulator(seed=1, speed=60, balance=40) as emulator:
        yield emulator


@pytest.fixture
def batch(emulator, tmp_path, monkeypatch):
    """Return a run of rows in virtual time."""
    monkeypatch.setenv("HEYGEN_API_KEY", emulator.api_key)

    def make(rows, *, max_jobs=None, options=None, **money):
        return BatchRun(
            rows=rows_of(rows),
            client=HeyGen,
            options={"base_url": emulator.url, "max_concurrent_jobs": 3, **(options or {})},
            ledger=tmp_path / "run.sqlite",
            out=None,
            max_jobs=max_jobs,
            as_json=False,
            money=Money(**money),
        )

    return make


async def test_a_plan_tells_what_a_run_would_cost(batch, emulator, capsys):
    """Renders, characters, minutes, balance, and a cost if the price is known; nothing is paid."""
    await batch(specs(5), price=2.0).plan()
    assert capsys.readouterr().out.splitlines() == [
        "5 rows: 0 finished, 0 on their way, 5 to submit",
        "to render: 5 renders, 4,750 characters of script, about 5.0 min of film",
        "balance: 40 credits",
        "estimated cost: about 10.00, at 2 a minute",
        "a run would submit 5; nothing was submitted",
    ]
    assert not emulator.wallet.charges


async def test_a_plan_is_json_for_machines(batch, capsys):
    """The same figures, by name."""
    await attrs.evolve(batch(specs(5), price=2.0), as_json=True).plan()
    told = json.loads(capsys.readouterr().out)
    assert told.pop("minutes") == pytest.approx(5)
    assert told == {
        "rows": 5, "finished": 0, "on_their_way": 0, "to_submit": 5, "changed": 0, "uncertain": 0,
        "renders": 5, "characters": 4750, "untimed": 0,
        "balance": {"amount": 40.0, "unit": "credits"}, "balance_error": None, "cost": 10.0,
    }  # fmt: skip


async def test_only_what_is_new_is_counted(batch, capsys):
    """Of rows that an earlier run has finished, nothing is told again; no price, no cost."""
    assert await batch(specs(5), max_jobs=2).go() == 3
    told = capsys.readouterr().err
    assert "to render: 2 renders, 1,900 characters" in told
    assert "balance: 40 credits" in told
    assert "cost" not in told
    await batch(specs(5)).plan()
    assert "to render: 3 renders" in capsys.readouterr().out


async def test_a_balance_that_cannot_be_asked_for_is_no_obstacle(batch, capsys, monkeypatch):
    """A plan says why it is unknown."""
    monkeypatch.delenv("HEYGEN_API_KEY")
    await batch(specs(1)).plan()
    told = capsys.readouterr().out
    assert "the balance is not known: no HeyGen API key" in told
    assert "--env-file" in told
    assert "api_key=" not in told


def test_dollars_are_compared():
    """A balance in the unit of the price shows what is missing."""
    money = Money(price=3.0)
    lines = list(money.lines(specs(5), Balance(amount=10, unit="usd")))
    assert lines[-1] == "the balance will not do: about 5.00 are missing"
    assert len(list(money.lines(specs(5), Balance(amount=15, unit="usd")))) == len(lines) - 1


@pytest.mark.parametrize("limit", [{"stop_below": 30}, {"budget": 10}])
async def test_a_limit_ends_the_run(batch, emulator, capsys, tmp_path, limit):
    """It says so, what runs is seen out, and the same command goes on with what is left."""
    assert await batch(specs(40), **limit).go() == ExitCode.GOES_ON
    assert emulator.wallet.spent < 20
    told = capsys.readouterr().out
    assert "stopped, nothing more was submitted" in told
    assert "the same command goes on with what is left" in told
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        paid = len(emulator.wallet.charges)
        assert await ledger.counts() == {ItemState.COMPLETED: paid, ItemState.OPEN: 40 - paid}
    assert await batch(specs(40)).go() == 0
    assert len(emulator.wallet.charges) == 40


async def test_an_empty_wallet_ends_the_run(batch, emulator, capsys):
    """After topping up, the same command goes on."""
    assert await batch(specs(45)).go() == ExitCode.NO_CREDIT
    assert "insufficient_credit" in capsys.readouterr().out
    assert len(emulator.wallet.charges) == 40
    emulator.wallet.top_up(100)
    assert await batch(specs(45)).go() == 0
    assert len(emulator.wallet.charges) == 45


async def test_what_is_rendered_again_is_shown(batch, emulator, capsys):
    """As many renders as ``--retry-failed`` has paid for once more."""
    going = asyncio.create_task(batch(specs(2), retry_failed=1).go())
    while len(emulator.videos) < 2:
        await asyncio.sleep(0.1)
    emulator.fail(next(iter(emulator.videos)), "rendering_failed", "Out of luck")
    assert await going == 0
    assert "paid for again after a failure of the vendor's: 1" in capsys.readouterr().out
    assert len(emulator.wallet.charges) == 3


async def test_a_row_is_waited_for_so_long(batch, emulator, capsys):
    """Then it is left to the next run, which attaches."""
    assert await batch(specs(3), job_timeout=0.2).go() == 3
    assert "the same command goes on" in capsys.readouterr().out
    assert await batch(specs(3)).go() == 0
    assert len(emulator.wallet.charges) == 3
