"""Histories: plans that are played in virtual time, and told line by line."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import shutil
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
from aiohttp import web

from heygen_async import HeyGen, HeyGenError, JoggAI, Ledger, PollPolicy, RetryPolicy
from tests.torture.plans import HOUR, Event, Plan, label, label_of, spec_of
from tests.torture.server import EPOCH, KINDS, World
from tests.torture.wire import ADDRESS, MemoryLoop

if TYPE_CHECKING:
    from tests.torture.postgres import PostgresLedgers

LONGEST = 4 * HOUR
"""Virtual seconds in which one life of a program has to end."""


@attrs.define(eq=False)
class Told:
    """What a program was told of one spec: a job (by its id), or an error, or nothing."""

    label: str
    job: str | None = None
    error: BaseException | None = None
    how: str = ""
    key: str | None = None


@attrs.define(eq=False)
class Leaving:
    """That a caller was cancelled, or a batch left or stopped: when, how, whose labels."""

    what: str
    at: float
    labels: frozenset[str]


@attrs.define(eq=False)
class History:
    """A plan that was played: what the server charged, and who was told what."""

    plan: Plan
    world: World
    told: list[Told] = attrs.field(factory=list)
    leavings: list[Leaving] = attrs.field(factory=list)
    starts: list[float] = attrs.field(factory=list)  # of its lives
    died: bool = False
    shut: bool = False  # every task was cancelled, also those that read an answer
    rows: dict[str, object] = attrs.field(factory=dict)
    faults: list[tuple[str, str]] = attrs.field(factory=list)
    trace: list[str] = attrs.field(factory=list)


class Player:
    """Plays plans, one after another, on one loop."""

    def __init__(self, folder: Path, postgres: PostgresLedgers | None = None) -> None:
        self.folder = folder
        self.postgres = postgres  # else each history has a file of its own
        self.loop = MemoryLoop()
        self.runner = asyncio.Runner(loop_factory=lambda: self.loop)
        self.world: World | None = None
        self.number = 0
        gc.collect()
        gc.freeze()  # what is dropped is looked for after each history, and only there

    def close(self) -> None:
        self.runner.close()
        gc.unfreeze()

    async def _handle(self, request):
        return await self.world.handle(request)

    def play(self, plan: Plan, seed: int = 0) -> History:
        """Play ``plan``; ``seed`` is for what is left to chance in the library."""
        before, clock = random.getstate(), time.time
        random.seed(seed)
        time.time = lambda: self.world.wall() if self.world else EPOCH + self.loop.time()
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                history = self.runner.run(self._play(plan))
            for warning in warned:
                if warning.category is not DeprecationWarning and not history.died:
                    history.faults.append(("noise", str(warning.message)))
            return history
        finally:
            random.setstate(before)
            time.time = clock

    async def _play(self, plan: Plan) -> History:
        if self.loop.serve is None:
            self.loop.serve = web.Server(self._handle, access_log=None)
        self.number += 1
        start = self.loop.time()
        trace: list[str] = []

        def say(line: str) -> None:
            slept = f" +{self.world.slept / HOUR:g} h" if self.world.slept else ""
            trace.append(f"{self.loop.time() - start:10.3f}{slept}  {line}")

        self.world = World(self.loop, KINDS[plan.kind], plan, say=say)
        history = History(plan, self.world, trace=trace)

        def noise(_loop, told: dict) -> None:
            if not history.died and not _of_the_server(told.get("future") or told.get("task")):
                history.faults.append(("noise", f"{told['message']}: {told.get('exception')!r}"))

        self.loop.set_exception_handler(noise)
        file = self.folder / f"{self.number}.sqlite"  # with PostgreSQL it is only a name
        if self.postgres is not None:
            self.postgres.clean()
        lives = max(1, len(plan.gaps))
        for number in range(lives):
            life = Life(self, history, plan, file, number)
            if not await life.live():
                return history
            if plan.gaps and plan.gaps[number]:
                self.world.slept += plan.gaps[number]
                say(f"{plan.gaps[number]:g} s later")
            file = life.file
        if plan.mode == "ledger":  # whatever happened, this has to put it right
            final = attrs.evolve(plan, events=(), breaks=(), patience=None, slots=10, attempts=8)
            self.world.behave()
            life = Life(self, history, final, file, lives)
            if not await life.live():
                return history
            file = life.file
            silent = {label(n) for n in range(plan.specs)} - {told.label for told in life.kept}
            for name in sorted(silent):
                history.faults.append(("no-outcome", f"the last run says nothing of {name}"))
        await self.world.settled()
        if plan.mode == "ledger":
            async with self.ledger(file) as ledger:
                history.rows = {item.key: item async for item in ledger.items()}
            for path in self.folder.glob(f"{self.number}.*"):
                path.unlink()
        await self._see_what_is_left(history)
        return history

    def ledger(self, file: Path) -> Ledger:
        """Return the ledger of a history."""
        return Ledger(file) if self.postgres is None else self.postgres.open(file.stem)

    async def _see_what_is_left(self, history: History) -> None:
        await asyncio.sleep(0.001)
        self.loop.cut()
        gc.collect()
        await asyncio.sleep(0.001)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            if not history.died and not _of_the_server(task):
                history.faults.append(("left-behind", f"a task: {task.get_coro().__qualname__}"))
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=HOUR)


class Life:
    """One life of a program: a client, and in mode "ledger" a ledger, from start to end."""

    def __init__(self, player, history, plan, file, number) -> None:
        self.player = player
        self.loop = player.loop
        self.world = history.world
        self.history = history
        self.plan = plan
        self.file = file
        self.number = number
        self.say = history.world.say
        self.specs = [spec_of(plan, n) for n in range(plan.specs)]
        self.stop = asyncio.Event()
        self.client = None
        self.ledger: Ledger | None = None
        self.callers: list[asyncio.Task] = []
        self.copy: Path | None = None
        self.gone = False
        self.kept: list[Told] = []
        self.left_at: float | None = None

    async def live(self) -> bool:
        """Live; tell whether this life has ended at all."""
        self.say(f"-- life {self.number}: {self.plan.mode}")
        self.history.starts.append(self.loop.time())
        self.world.dead = False
        self.world.happen = self._happen
        timers = [
            self.loop.call_later(event.when, self._do, event)
            for event in self._mine()
            if event.at == "time"
        ]
        task = asyncio.create_task(self._program())
        self.callers = self.callers or [task]
        ended, _ = await asyncio.wait({task}, timeout=LONGEST)
        if not ended:
            self.history.faults.append(("hangs", f"life {self.number} does not end"))
            task.cancel()
            await asyncio.wait({task}, timeout=LONGEST)
        for timer in timers:
            timer.cancel()
        self.world.happen = lambda *_where: None
        if task.done() and not task.cancelled() and task.exception() is not None:
            self._left(task.exception(), "the program")
        if self.copy is not None:
            self.file = self.copy
            self.loop.cut()
            await asyncio.sleep(0.01)
        else:
            self.history.told += self.kept
        if self.gone and self.copy is None:  # what the error has named is what goes on
            self.file = next(self.file.parent.glob(f"{self.file.name}.rescued-*"), self.file)
        if self.left_at is not None:
            took = self.loop.time() - self.left_at
            if took > 140.0:
                self.history.faults.append(("slow-to-leave", f"{took:.0f} s"))
        return bool(ended)

    def _mine(self) -> list[Event]:
        """Return the events of this life: its turn of those of the plan; POSTs count through."""
        lives = max(1, len(self.plan.gaps))
        events = self.plan.events
        return [e for n, e in enumerate(events) if e.at != "time" or n % lives == self.number]

    def _happen(self, at: str, number: int) -> None:
        for event in self._mine():
            if event.at == at and event.when == number:
                self._do(event)

    def _do(self, event: Event) -> None:
        self.say(f"event: {event.what} {event.who if event.what == 'cancel' else ''}")
        if self.copy is not None:
            return
        if event.what == "sleep":
            # In a moment: what has left already is received before the machine sleeps. Nobody can
            # judge the age of a key later than directly before its first byte.
            self.loop.call_later(1e-5, self._sleep)
        elif event.what == "stranger" and self.plan.kind in ("video", "v2-video"):
            self.world.stranger(label(event.who))
        elif event.what == "stop":
            self._leaving("stop", self.specs)
            self.stop.set()
        elif event.what == "close" and self.client is not None:
            self._leaving("close", self.specs)
            closing = asyncio.create_task(self.client.aclose())
            closing.add_done_callback(lambda task: self._ended_well(task, "aclose"))
        elif event.what == "cancel":
            caller = self.callers[event.who % len(self.callers)]
            if self.left_at is not None or caller.done():
                return  # to cancel the leaving, too, is to ask for trouble
            many = len(self.callers) == 1
            self._leaving("cancel", self.specs if many else [self.specs[event.who]])
            caller.cancel()
        elif event.what == "die" and self._has_begun():
            self._die()
        elif event.what == "gone" and self.file.exists():
            self.gone = True
            for end in ("", "-wal", "-shm"):
                Path(f"{self.file}{end}").unlink(missing_ok=True)
        elif event.what == "shutdown" and self.left_at is None:
            self._shut_down()

    def _has_begun(self) -> bool:
        """Tell whether there is a ledger by now."""
        return self.file.exists() if self.player.postgres is None else self.ledger is not None

    def _shut_down(self) -> None:
        """Cancel every task there is, as a program that ends does."""
        self.history.shut = True
        self._leaving("cancel", self.specs)
        for task in asyncio.all_tasks():
            ours = "heygen_async" in task.get_coro().cr_code.co_filename
            if ours or task in self.callers:
                task.cancel()

    def _sleep(self) -> None:
        self.world.slept += 25 * HOUR

    def _die(self) -> None:
        """Go on as if the process had been killed here: what is on the disk is all that is left."""
        self.history.died = True
        if self.player.postgres is not None:
            self.copy = self.file
            self.player.postgres.die(self.ledger)
        else:
            self.copy = self.file.with_suffix(f".{self.number}.sqlite")
            for end in ("", "-wal"):
                if (source := Path(f"{self.file}{end}")).exists():
                    shutil.copyfile(source, f"{self.copy}{end}")
        self.world.dead = True
        self.loop.cut()
        for caller in self.callers:
            caller.cancel()

    def _leaving(self, what: str, specs: list) -> None:
        labels = frozenset(label_of(spec) for spec in specs)
        self.history.leavings.append(Leaving(what, self.loop.time(), labels))
        all_of_it = len(self.callers) == 1 or len(specs) == len(self.specs)
        if what in ("close", "break") or (what == "cancel" and all_of_it):
            self.left_at = self.left_at or self.loop.time()

    async def _program(self) -> None:
        plan, jogg = self.plan, self.world.kind.jogg
        self.loop.refuses = lambda: self.world.dead
        client = (JoggAI if jogg else HeyGen)(
            "key-of-the-account",
            base_url=ADDRESS,
            max_concurrent_jobs=plan.slots,
            poll=PollPolicy(interval=1.0, typical_duration=5.0),
            retry=RetryPolicy(max_attempts=plan.attempts, base_delay=plan.base_delay),
        )
        self.client = client
        try:
            if plan.mode == "ledger":
                ledger = self.ledger = self.player.ledger(self.file)
                inner, outer = (client, ledger) if plan.ledger_first else (ledger, client)
                async with outer, inner:
                    await self._map(ledger)
            else:
                async with client:
                    if plan.mode == "map":
                        await self._map(None)
                    else:
                        await self._calls()
        except asyncio.CancelledError:
            self.say("the program was cancelled")
        except HeyGenError as error:
            self.say(f"the program ended with {error!r}")
        finally:
            self._ask_for_orphans(client)

    def _ask_for_orphans(self, client) -> None:
        orphans = client.orphans()
        jobs = [orphan.job.id for orphan in orphans if orphan.job is not None]
        if len(set(jobs)) < len(jobs):
            self.history.faults.append(("told-twice", f"orphans {sorted(jobs)}"))
        for orphan in orphans:
            job = None if orphan.job is None else orphan.job.id
            told = Told(label_of(orphan.spec), job=job, how="orphan", key=orphan.idempotency_key)
            self.say(f"orphan: {told.label} {job} {told.key}")
            self.kept.append(told)

    async def _calls(self) -> None:
        """Call ``submit`` or ``run`` for each spec, all at once."""
        self.callers = [asyncio.create_task(self._call(n)) for n in range(self.plan.specs)]
        await asyncio.wait(self.callers)

    async def _call(self, number: int) -> None:
        spec, name = self.specs[number], label(number)
        timeout = _item(self.plan.timeouts, number)
        told = Told(name)
        scope = asyncio.timeout(timeout)
        try:
            async with scope:
                told.job = await self._render(spec, number)
                told.how = self.plan.mode
        except asyncio.CancelledError:
            told.how = "cancelled"
        except TimeoutError as error:
            told.error = error
            told.how = "timeout"
            if scope.expired() and not isinstance(error, HeyGenError):
                when = scope.when()
                leaving = Leaving("cancel", when, frozenset({name}))
                self.history.leavings.append(leaving)
        except BaseException as error:  # noqa: BLE001 - what may leave is judged in _left
            told.error = error
        self._tell(told)
        late = [
            leaving
            for leaving in self.history.leavings
            if leaving.what == "cancel"
            and name in leaving.labels
            and self.loop.time() - leaving.at > 1.0
        ]
        if late and told.how in ("cancelled", "timeout"):
            self.history.faults.append(("late-cancel", f"{name} was cancelled, and went on"))

    async def _render(self, spec, number: int) -> str:
        if self.plan.mode == "submit":
            return (await self.client.submit(spec)).id
        result = await self.client.run(spec, timeout=_item(self.plan.waits, number))
        return str(getattr(result, self.world.kind.id, None) or result.id)

    async def _map(self, ledger) -> None:
        breaks = _item(self.plan.breaks, self.number)
        options = {"ledger": ledger, "key": label_of} if ledger else {"on_submit": self._submitted}
        outcomes = self.client.map(self.specs, stop=self.stop, **options)
        seen = 0
        if self.plan.patience is None:
            if breaks == 0:
                self._leaving("break", self.specs)
                await outcomes.aclose()
                return
            async for outcome in outcomes:
                seen += 1
                self._told_outcome(outcome)
                if seen == breaks:
                    self._leaving("break", self.specs)
                    break
            return
        while True:
            try:
                outcome = await self._next(outcomes)
            except TimeoutError as error:
                if isinstance(error, HeyGenError):
                    raise
                continue
            except StopAsyncIteration:
                break
            seen += 1
            self._told_outcome(outcome)
        calm = all(leaving.at < self.history.starts[-1] for leaving in self.history.leavings)
        if seen < self.plan.specs and calm and self.copy is None:
            line = f"{seen} outcomes of {self.plan.specs}, and no word"
            self.history.faults.append(("silent-end", line))

    async def _next(self, outcomes):
        """Wait for an outcome as long as the plan's patience lasts."""
        if any(event.what == "cancel" for event in self.plan.events):
            async with asyncio.timeout(self.plan.patience):  # wait_for of 3.11 may swallow it
                return await anext(outcomes)
        return await asyncio.wait_for(anext(outcomes), self.plan.patience)

    def _submitted(self, submitted) -> None:
        label = label_of(submitted.spec)
        self._tell(Told(label, job=submitted.job.id, how="on_submit"))

    def _told_outcome(self, outcome) -> None:
        job = None if outcome.job is None else outcome.job.id
        self._tell(Told(label_of(outcome.spec), job=job, error=outcome.error, how="outcome"))

    def _tell(self, told: Told) -> None:
        error = told.error
        if told.job is None and getattr(error, "job", None) is not None:
            told.job = error.job.id
        if told.key is None:
            told.key = getattr(error, "idempotency_key", None)
        self.say(f"told of {told.label}: {told.how} {told.job} {error!r}")
        if self.copy is None:
            self.kept.append(told)
            if error is not None and told.how != "timeout":
                self._left(error, told.label)

    def _ended_well(self, task: asyncio.Task, what: str) -> None:
        if not task.cancelled() and task.exception() is not None:
            self._left(task.exception(), what)

    def _left(self, error: BaseException, what: str) -> None:
        """Note an error that is none of the tree."""
        if not isinstance(error, HeyGenError | asyncio.CancelledError):
            self.history.faults.append(("foreign-error", f"{what}: {error!r}"))


def _item(items, number):
    return items[number] if number < len(items) else None


def _of_the_server(task) -> bool:
    """Tell whether a task answers a request whose client has gone."""
    return isinstance(task, asyncio.Task) and "RequestHandler" in task.get_coro().__qualname__


@contextlib.contextmanager
def playing(folder: Path, postgres: PostgresLedgers | None = None):
    """Give a player, and close it."""
    player = Player(folder, postgres)
    try:
        yield player
    finally:
        player.close()
