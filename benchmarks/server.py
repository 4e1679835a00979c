"""The server's side of the other benchmarks, in a process of its own.

It reads commands as lines of JSON on its standard input, answers each with one line, and ends
when the input does. Times are of ``time.monotonic``, which all processes of a machine share.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heygen_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HOST = "127.0.0.1"
LINE_LIMIT = 64 * 1024 * 1024
ROOT = Path(__file__).parent.parent
_COMPLETED = {
    "id": "4f8d2c3a9b7e4d1f8a6c5b4e3d2f1a0b",
    "title": "A render",
    "status": "completed",
    "created_at": 1_790_000_000,
    "completed_at": 1_790_000_180,
    "duration": 12.4,
    "video_url": f"http://{HOST}/video/4f8d2c3a.mp4?Expires=1790604980&Signature={'a' * 64}",
    "thumbnail_url": f"http://{HOST}/thumbnail/4f8d2c3a.jpg?Expires=1790604980",
    "gif_url": f"http://{HOST}/gif/4f8d2c3a.gif?Expires=1790604980",
    "captioned_video_url": None,
    "subtitle_url": None,
    "folder_id": None,
    "output_language": None,
    "failure_code": None,
    "failure_message": None,
    "video_page_url": "https://app.heygen.com/video/4f8d2c3a9b7e4d1f8a6c5b4e3d2f1a0b",
}


class Server:
    """The handle that a benchmark holds on the process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.url = ""
        self.api_key = ""

    async def ask(self, do: str, **what: Any) -> Any:
        """Return the answer to a command."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the server has no pipes")
        stdin.write(json.dumps({"do": do, **what}).encode() + b"\n")
        await stdin.drain()
        return json.loads(await stdout.readline())

    async def add(self, durations: list[float]) -> list[str]:
        """Return the ids of new jobs that last so long, in seconds."""
        ids: list[str] = await self.ask("add", durations=durations)
        return ids


@contextlib.asynccontextmanager
async def running(kind: str) -> AsyncIterator[Server]:
    """Run a server of that kind, ``emulator`` or ``constant``, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.server", kind,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT,
        cwd=ROOT,
    )  # fmt: skip
    server = Server(process)
    try:
        hello = await server.ask("hello")
        server.url, server.api_key = hello["url"], hello["api_key"]
        yield server
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


class Constant(asyncio.Protocol):
    """Answers every request with the same video: the least a server can do."""

    body = json.dumps({"data": _COMPLETED}).encode()
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )

    def __init__(self) -> None:
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP has no other
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete; none has a body."""
        *heads, self._rest = (self._rest + data).split(b"\r\n\r\n")
        self._transport.write(self.answer * len(heads))


async def serve_constant() -> None:
    """Serve one answer until the input ends."""
    server = await asyncio.get_running_loop().create_server(Constant, HOST, 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async for command, reply in _commands():
            if command["do"] == "add":
                reply([_COMPLETED["id"]] * len(command["durations"]))
            else:
                reply({"url": f"http://{HOST}:{port}", "api_key": "constant-key"})


async def serve_emulator() -> None:
    """Serve the emulator until the input ends."""
    async with Emulator(max_concurrent_jobs=1_000_000) as emulator:
        async for command, reply in _commands():
            match command["do"]:
                case "hello":
                    reply({"url": emulator.url, "api_key": emulator.api_key})
                case "add":
                    reply([emulator.add_video(duration) for duration in command["durations"]])
                case "look":
                    reply(
                        {
                            "counts": emulator.counts,
                            "cpu": time.process_time(),
                            "ends": {job.id: job.finished_at for job in emulator.videos.values()},
                        }
                    )


async def _commands() -> AsyncIterator[tuple[Any, Any]]:
    """Yield each command with the function that answers it."""
    reader = asyncio.StreamReader(limit=LINE_LIMIT)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)

    def reply(answer: Any) -> None:
        print(json.dumps(answer), flush=True)

    while line := await reader.readline():
        yield json.loads(line), reply


def main() -> None:
    """Serve what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=__doc__)
    parser.add_argument("kind", choices=("emulator", "constant"))
    kind = parser.parse_args().kind
    asyncio.run(serve_emulator() if kind == "emulator" else serve_constant())


if __name__ == "__main__":
    main()
