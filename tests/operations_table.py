"""``docs/operations.md``, as the tours of the contract suite call the clients.

``python -m tests.operations_table`` writes it; a test compares.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
from collections import defaultdict
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from heygen_async import HeyGen, JoggAI, Spec
from heygen_async.emulator import Emulator
from tests.blocks import ROOT
from tests.contracts.all_operations import all_heygen_operations, all_jogg_operations
from tests.contracts.contract import HEYGEN, JOGG, LEGACY, contract_of
from tests.contracts.recording import record
from tests.virtual_time import VirtualTimeLoop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

FILE = ROOT / "docs" / "operations.md"
HEAD = """# Every operation

What the client calls, by the vendors' documents: HeyGen's of 2026-09-07 (`external-api.json`), its
pages on the photo avatars of v2, and JoggAI's of 2026-03-30 (`openapi-v2.yaml`). Each spec
goes through `client.submit`, `run` and `map` as well, and jobs read their status by
themselves. Anything else is a `client.request(method, path, json=…)` away.

This page is written by `python -m tests.operations_table`.
"""
RESOURCES = "heygen_async.resources"
_call: ContextVar[str | None] = ContextVar("call", default=None)


def namespaces(path: str, client: Any) -> Iterator[tuple[str, Any]]:
    """Yield the namespaces of a client with the way that leads to them."""
    for name, value in vars(client).items():
        if name[0] != "_" and type(value).__module__.startswith(RESOURCES):
            yield f"{path}.{name}", value
            yield from namespaces(f"{path}.{name}", value)


def _watch(path: str, client: Any) -> None:
    """Let each method of each namespace say that it is being called."""
    for way, namespace in namespaces(path, client):
        for name, method in inspect.getmembers(namespace, inspect.ismethod):
            if not name.startswith("_"):
                setattr(namespace, name, _named(f"{way}.{name}", method))


def _named(way: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*args: Any, **options: Any) -> Any:
        spec = next((each for each in args if isinstance(each, Spec)), None)
        label = f"{way}({type(spec).__name__}(…))" if spec else f"{way}({'…' if args else ''})"
        made = method(*args, **options)
        return _steps(label, made) if hasattr(made, "__aiter__") else _within(label, made)

    return call


async def _within(label: str, made: Awaitable[Any]) -> Any:
    token = _call.set(label)
    try:
        return await made
    finally:
        _call.reset(token)


async def _steps(label: str, made: AsyncIterator[Any]) -> AsyncIterator[Any]:
    while True:
        try:
            item = await _within(label, anext(made))
        except StopAsyncIteration:
            return
        yield item


async def calls() -> dict[str, set[str]]:
    """Return by which calls each operation was reached, as ``HeyGen GET /v3/videos``."""
    reached: dict[str, set[str]] = defaultdict(set)
    async with (
        Emulator(seed=1, max_concurrent_jobs=100) as emulator,
        HeyGen(emulator.api_key, base_url=emulator.url) as heygen,
        JoggAI(emulator.jogg_api_key, base_url=emulator.jogg_url) as jogg,
    ):
        for path, client, tour in (
            ("heygen", heygen, all_heygen_operations),
            ("jogg", jogg, all_jogg_operations),
        ):
            _watch(path, client)
            answers = record(client)
            send_once = client._transport.send_once

            async def seen(request: Any, send: Any = send_once, answers: Any = answers) -> Any:
                label = _call.get()
                try:
                    return await send(request)
                finally:
                    if label is not None and request.url is None and answers:
                        reached[f"{answers[-1].api} {answers[-1].operation}"].add(label)

            opened, api = client._transport.opened, client._transport.vendor.api

            def streamed(request: Any, opened: Any = opened, api: str = api) -> Any:
                operation = contract_of(api, request.path).name_of(request.method, request.path)
                reached[f"{api} {operation}"].add(str(_call.get()))
                return opened(request)

            client._transport.send_once = seen
            client._transport.opened = streamed
            await tour(client, emulator)
    return reached


def write(reached: dict[str, set[str]]) -> str:
    """Return the page."""
    page = HEAD
    for title, api, contract in (
        ("HeyGen v3, and the videos of v2", "HeyGen", HEYGEN),
        ("HeyGen v2, retired on 2026-11-01", "HeyGen", LEGACY),
        ("JoggAI v2", "JoggAI", JOGG),
    ):
        page += f"\n## {title}\n\n| operation | call |\n| --- | --- |\n"
        for path, methods in sorted(contract.document["paths"].items()):
            for method in methods:
                name = f"{method.upper()} {path}"
                found = sorted(reached.get(f"{api} {name}", ()))
                if found:
                    told = ", ".join(f"`{call}`" for call in found)
                elif name in contract.operations():
                    told = "`await job`"
                else:
                    told = "not yet: `client.request`"
                page += f"| `{name}` | {told} |\n"
    return page


if __name__ == "__main__":
    with contextlib.closing(VirtualTimeLoop()) as loop:
        asyncio.set_event_loop(loop)
        FILE.write_text(write(loop.run_until_complete(calls())))
