"""The same histories with a ledger in PostgreSQL, whose processes die and are taken over from."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.torture.check import faults
from tests.torture.histories import playing
from tests.torture.plans import Event, Plan, drawn
from tests.torture.postgres import PostgresLedgers

HISTORIES = 500
GROUPS = 4


@pytest.fixture
def player(postgres):
    """Give a player whose ledgers are in a database of their own."""
    ledgers = PostgresLedgers(postgres.database())
    with tempfile.TemporaryDirectory() as folder, playing(Path(folder), ledgers) as playing_:
        yield playing_
    ledgers.close()


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_charge_has_one_owner(player, group):
    """In each of the drawn histories with a ledger all that is paid is owned, once; all ends."""
    size = HISTORIES // GROUPS
    plans = {seed: drawn(seed) for seed in range(group * size, (group + 1) * size)}
    with_ledger = {seed: plan for seed, plan in plans.items() if plan.mode == "ledger"}
    assert with_ledger
    found = {seed: faults(player.play(plan, seed)) for seed, plan in with_ledger.items()}
    assert {seed: wrong for seed, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("kind", ["video", "v2-video", "jogg-motion"])
@pytest.mark.parametrize("at", ["post", "answer"])
def test_a_death_at_each_step_is_paid_once(player, kind, at):
    """Whoever comes after it sends no second POST where the first may have been paid."""
    plan = Plan(kind=kind, mode="ledger", specs=3, events=(Event("die", at, 1),), gaps=(60.0,))
    history = player.play(plan)
    assert history.died
    assert faults(history) == []
