"""A batch that is killed again and again, and what it says in the end as a line of JSON.

The library is imported once. Each life of the batch is a fork, made before any event loop exists,
so that it starts within milliseconds; the fork is what is killed.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import select
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async import (
    AddMotion,
    HeyGen,
    ImageVideo,
    JoggAI,
    JoggMotion,
    Ledger,
    PollPolicy,
    RetryPolicy,
)
from heygen_async.batch import batches
from heygen_async.batch import ledger as ledgers
from heygen_async.protocol import jogg
from heygen_async.transport.http import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Sequence

    Report = dict[str, str | None]

PORTRAIT = "https://example.com/ada.png"
POLL = PollPolicy(
    interval=0.02, max_interval=0.1, typical_duration=0.05, max_requests_per_second=1000.0
)
RETRY = RetryPolicy(base_delay=0.02, max_delay=0.1)


@attrs.frozen
class Kind:
    """A kind of render: its client, its spec for a key, and the spec's field that is the key."""

    client: type[HeyGen | JoggAI]
    spec: Callable[[str], Any]
    field: str
    in_batches: bool = False


KINDS = {
    "image": Kind(
        HeyGen,
        lambda key: ImageVideo(image=PORTRAIT, script="Hello!", voice_id="v1", title=key),
        "title",
    ),
    "batches": Kind(
        HeyGen,
        lambda key: ImageVideo(image=PORTRAIT, script="Hello!", voice_id="v1", title=key),
        "title",
        in_batches=True,
    ),
    "motion": Kind(HeyGen, lambda key: AddMotion(id="photo_ada", prompt=key), "prompt"),
    "jogg": Kind(
        JoggAI,
        lambda key: JoggMotion(
            image_url=PORTRAIT, name=key, voice_id="en-US-JennyNeural", model="2.0"
        ),
        "name",
    ),
}


@attrs.frozen(kw_only=True)
class Batch:
    """What every life of a batch has in common."""

    kind: Kind
    url: str
    api_key: str
    at_once: int

    def live(self, ledger: Path, keys: Sequence[str], *, forever: bool = False) -> Report:
        """Render ``keys``; return the name of each one's error. ``forever``, it never ends."""
        return asyncio.run(self._render(ledger, keys, forever=forever))

    async def _render(self, path: Path, keys: Sequence[str], *, forever: bool) -> Report:
        async def specs() -> AsyncIterator[Any]:
            for key in keys:
                yield self.kind.spec(key)
            if forever:
                await asyncio.Event().wait()

        client = self.kind.client(
            self.api_key,
            base_url=self.url,
            max_concurrent_jobs=self.at_once,
            poll=POLL,
            retry=RETRY,
        )
        async with client, Ledger(path) as ledger:
            return {
                str(outcome.key): type(outcome.error).__name__ if outcome.error else None
                async for outcome in client.map(
                    specs(),
                    key=lambda spec: getattr(spec, self.kind.field),
                    ledger=ledger,
                    download_to=path.with_suffix(""),
                    submit_in_batches=self.kind.in_batches,
                )
            }


def life(work: Callable[[], Report], within: float | None = None) -> Report | None:
    """Do ``work`` in a fork; return what it returns, None if it was killed.

    It is killed when it has not ended ``within`` seconds, which a pipe tells that only it holds.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _end_with(work, writing)
    os.close(writing)
    if not select.select([reading], [], [], within)[0]:
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return None
    if status != 0:
        sys.exit("a life ended by itself before it was killed")
    report: Report = json.loads(said)
    return report


def _end_with(work: Callable[[], Report], writing: int) -> None:
    code = 1
    try:
        with os.fdopen(writing, "w") as pipe:
            json.dump(work(), pipe)
        code = 0
    except BaseException:  # noqa: BLE001 - told on stderr, and by the code
        traceback.print_exc()
    finally:
        os._exit(code)


def at_random(batch: Batch, given: argparse.Namespace) -> dict[str, Any]:
    """Kill a batch at random moments, then let it end.

    Each life is offered a few keys more than the one before it, the new ones first.
    """
    luck, path = random.Random(given.seed), given.folder / "run.sqlite"
    keys = [f"item-{number:04}" for number in range(given.items)]
    killed = 0
    for number in range(1, given.kills + 1):
        offered = keys[: given.items * number // given.kills][::-1]
        delay = luck.uniform(0, given.within)
        killed += life(lambda: batch.live(path, offered, forever=True), delay) is None  # noqa: B023
    return {"killed": killed, "outcomes": life(lambda: batch.live(path, keys))}


def at_each_step(batch: Batch, given: argparse.Namespace) -> dict[str, Any]:
    """Kill one batch at its first step, the next one at its second and so on; let each end."""
    ledgers.GATHER = 0.001  # many lives have to fit into a minute
    batches.LINGER = 0.1
    outcomes: Report = {}
    for number in itertools.count(1):
        path = given.folder / f"run-{number:03}.sqlite"
        keys = [f"run-{number:03}-{item}" for item in range(given.items)]

        def doomed() -> Report:
            kill_at_step(number)  # noqa: B023
            return batch.live(path, keys)  # noqa: B023

        ended = life(doomed)
        outcomes |= ended or life(lambda: batch.live(path, keys)) or {}  # noqa: B023
        if ended is not None:
            return {"killed": number - 1, "outcomes": outcomes}
    raise AssertionError("unreachable")


def kill_at_step(number: int) -> None:
    """Have this process killed at that step: right before or after a write, or a POST."""
    steps = itertools.count(1)

    def step() -> None:
        if next(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def stepping(
        do: Callable[..., Awaitable[Any]], counts: Callable[..., bool]
    ) -> Callable[..., Awaitable[Any]]:
        async def done(self: Any, *what: Any) -> Any:
            if not counts(*what):
                return await do(self, *what)
            step()
            result = await do(self, *what)
            step()
            return result

        return done

    Ledger.put = stepping(Ledger.put, lambda *_items: True)
    Transport.send_once = stepping(Transport.send_once, lambda call: call.method == "POST")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("url")
    parser.add_argument("api_key")
    parser.add_argument("folder", type=Path, help="for the ledgers, and a folder of files for each")
    parser.add_argument("--items", type=int, required=True)
    parser.add_argument("--at-once", type=int, default=3)
    parser.add_argument("--kills", type=int, help="without it, one at each step")
    parser.add_argument("--within", type=float, help="seconds that a life has at most")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    jogg.JOGG = attrs.evolve(jogg.JOGG, posts_per_window=None)
    batch = Batch(
        kind=KINDS[given.kind], url=given.url, api_key=given.api_key, at_once=given.at_once
    )
    run = at_each_step if given.kills is None else at_random
    sys.stdout.write(json.dumps(run(batch, given)))


if __name__ == "__main__":
    main()
