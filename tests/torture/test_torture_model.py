"""Two thousand histories from seeds, and those by hand that say what each fault looks like."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.torture.__main__ import memory, played
from tests.torture.check import faults
from tests.torture.histories import playing
from tests.torture.plans import HOUR, Event, Plan, drawn
from tests.torture.server import GETS, KINDS, POSTS

HISTORIES = 2000
GROUPS = 8


@pytest.fixture(scope="module")
def player():
    with tempfile.TemporaryDirectory(dir=memory()) as folder, playing(Path(folder)) as playing_:
        yield playing_


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_charge_has_one_owner(group):
    """In each of a few hundred drawn histories all that is paid is owned, once, and all ends."""
    size = HISTORIES // GROUPS
    bad = played(range(group * size, (group + 1) * size))
    assert bad == [], "play one with: python -m tests.torture --only --seed N"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["submit", "run", "map", "ledger"])
def test_a_good_history_has_no_faults(player, kind, mode):
    """Where all goes well, each spec is charged once and told once, failures included."""
    history = player.play(Plan(kind=kind, mode=mode, specs=3, fails=("s1",)))
    assert faults(history) == []
    assert len(history.world.charges) == 3
    assert {told.label for told in history.told} == {"s0", "s1", "s2"}


GOOD = {
    "lost and replayed": Plan(posts=("lost-after", "good")),
    "lost before the work": Plan(posts=("lost-before", "503-before", "429", "good")),
    "in progress": Plan(posts=("in-progress", "good", "good")),
    "in progress, unknown": Plan(posts=("in-progress",), attempts=1),
    "no key, unknown": Plan(kind="motion", posts=("lost-after",)),
    "no key, 503": Plan(kind="jogg-motion", mode="map", posts=("503-after",)),
    "refused": Plan(kind="jogg-video", mode="ledger", posts=("no-credit",), gaps=(60.0,)),
    "refused after a loss": Plan(posts=("lost-after", "refused")),
    "slow": Plan(mode="run", posts=("slow", "too-slow")),
    "looks that fail": Plan(mode="map", specs=2, gets=("503", "reset", "html-200", "429-wait")),
    "died at the POST": Plan(mode="ledger", events=(Event("die", "post", 0),), gaps=(0.0,)),
    "died at the answer": Plan(mode="ledger", events=(Event("die", "answer", 0),), gaps=(60.0,)),
    "died, no key": Plan(
        kind="jogg-motion", mode="ledger", events=(Event("die", "answer", 0),), gaps=(0.0,)
    ),
    "died, a day passes": Plan(
        mode="ledger", specs=2, events=(Event("die", "answer", 0),), gaps=(25 * HOUR,)
    ),
    "an old video of the same title": Plan(
        kind="v2-video",
        mode="ledger",
        posts=("lost-before",),
        events=(Event("stranger", "post", 0),),
        gaps=(60.0,),
    ),
    "left in the POST": Plan(mode="ledger", specs=3, slots=1, breaks=(1,), gaps=(60.0,)),
}


@pytest.mark.parametrize("name", GOOD)
def test_known_good_histories(player, name):
    """What the library has always borne is told to be fine."""
    assert faults(player.play(GOOD[name])) == []


BROKEN = {
    "A1 an intermediary after a loss": Plan(mode="ledger", posts=("lost-after", "html-404")),
    "A1 a redirect after a loss": Plan(posts=("lost-after", "html-302"), mode="run"),
    "A1 an intermediary hides the answer": Plan(posts=("html-404-after",)),
    "A2 an unknown code beside an id": Plan(kind="jogg-motion", mode="ledger", posts=("warning",)),
    "A2 a warning beside an id": Plan(mode="submit", posts=("warning",)),
    "A2 an unknown code, no id": Plan(
        kind="jogg-video", mode="ledger", posts=("unknown-code-after",)
    ),
    "A2 no usable id": Plan(kind="jogg-motion", posts=("odd-id-after",)),
    "A3 a laptop slept before the retry": Plan(
        posts=("lost-after", "503-before", "good"), events=(Event("sleep", "post", 1),)
    ),
    "A3 in a batch": Plan(
        mode="ledger", posts=("lost-after", "429-wait"), events=(Event("sleep", "post", 1),)
    ),
    "A6 a new key after 429": Plan(mode="run", posts=("429-wait", "good")),
    "A7 somebody else's video": Plan(
        mode="ledger",
        posts=("lost-before",),
        attempts=1,
        events=(Event("stranger", "post", 0),) * 2,
        gaps=(25 * HOUR,),
    ),
    "A7 two of somebody else's": Plan(
        kind="v2-video",
        mode="ledger",
        posts=("lost-before",),
        events=(Event("stranger", "post", 0),) * 2,
        gaps=(60.0,),
    ),
    "B9 cancelled in the POST": Plan(events=(Event("cancel", "answer", 0),)),
    "B9 a timeout around run": Plan(mode="run", posts=("slow",), timeouts=(5.0,)),
    "B9 cancelled while a retry waits": Plan(
        posts=("lost-after", "429-wait"), events=(Event("cancel", "time", 3.0),)
    ),
    "B10 the ledger closes first": Plan(
        kind="motion", mode="ledger", specs=3, posts=("good", "slow", "slow"), breaks=(1,)
    ),
    "B13 stopped, then 429": Plan(
        mode="map", specs=2, posts=("429-wait",), events=(Event("stop", "post", 0),)
    ),
    "B15 closed while a retry waits": Plan(
        mode="map", posts=("503-before",) * 3, base_delay=5.0, events=(Event("close", "time", 1.0),)
    ),
    "B16 an impatient reader": Plan(mode="map", specs=2, patience=0.5),
}


@pytest.mark.parametrize("name", BROKEN)
def test_histories_that_were_broken(player, name):
    """What an attack broke once stays mended."""
    history = player.play(BROKEN[name])
    assert faults(history) == [], "\n".join(history.trace)


def sorts(history):
    return {sort for sort, _ in faults(history)}


def test_a_charge_that_nobody_was_told_of_is_lost(player):
    """The accounting sees it when the one who was told of a job is taken away."""
    history = player.play(Plan(specs=2))
    history.told.pop()
    assert sorts(history) == {"lost"}


def test_a_charge_without_its_row_is_lost(player):
    """In a batch with a ledger, only a row owns: an outcome is gone with its process."""
    history = player.play(Plan(mode="ledger", specs=2))
    del history.rows["s1"]
    assert sorts(history) == {"lost"}


def test_a_second_charge_is_seen(player):
    """Work that was done twice for one spec is a fault, whoever knows of it."""
    history = player.play(Plan())
    history.world.charge("s0", None, title="s0")
    assert sorts(history) == {"paid-twice", "lost"}


def test_the_job_of_another_is_seen(player):
    """A job that is given to the wrong spec has a wrong owner, and its own one has none."""
    history = player.play(Plan(specs=2))
    history.told[0].job, history.told[1].job = history.told[1].job, history.told[0].job
    assert sorts(history) == {"lost", "wrong-owner"}


def test_an_unknown_submission_owns_by_its_key(player):
    """A ``SubmissionUnknownError`` with another key than the charge's is no owner of it."""
    history = player.play(Plan(posts=("in-progress",), attempts=1))
    assert sorts(history) == set()
    history.told[0].key = "another"
    assert sorts(history) == {"lost"}


def test_every_answer_and_every_kind_is_drawn():
    """The seeds of the suite meet each way of answering, each kind, mode and event."""
    plans = [drawn(seed) for seed in range(HISTORIES)]
    assert {met for plan in plans for met in plan.posts} == set(POSTS)
    assert {quirk for plan in plans for quirk in plan.gets} >= set(GETS)
    assert {(plan.kind, plan.mode) for plan in plans} == {
        (kind, mode) for kind in KINDS for mode in ("submit", "run", "map", "ledger")
    }
    assert {event.what for plan in plans for event in plan.events} == {
        "cancel", "sleep", "close", "stop", "die", "stranger", "gone", "shutdown"
    }  # fmt: skip


def test_a_seed_repeats_itself(player):
    """The same plan and seed give the same history, line by line, save the keys."""
    one, other = (player.play(drawn(4), seed=4) for _ in range(2))
    assert [line[:11] for line in one.trace] == [line[:11] for line in other.trace]
