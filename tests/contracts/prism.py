"""Every request of the client against Prism, a mock server made from the vendors' documents.

Run by hand, for it wants Node: ``npm install @stoplight/prism-cli`` somewhere, then

    python -m tests.contracts.prism path/to/node_modules/.bin/prism

Prism judges each request by the document and answers as the document has it: with its examples,
and once more with values made up by the schemas.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async import (
    AvatarVideo,
    CinematicVideo,
    HeyGen,
    HeyGenError,
    ImageScene,
    JoggAI,
    RetryPolicy,
    StudioVideo,
)
from heygen_async.protocol.batches import create_batch
from heygen_async.protocol.heygen import HEYGEN as VENDOR
from heygen_async.protocol.heygen import media, translations
from tests.conftest import image_video
from tests.contracts.contract import HEYGEN, JOGG, LEGACY, Contract
from tests.contracts.full_specs import FULL, PICTURE
from tests.contracts.test_plain_requests import ALL
from tests.contracts.test_spec_requests import api_of, request_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from heygen_async.protocol.request import Request

STARTING = 60.0
STREAMS = {("GET", "words"), ("POST", "stream")}
EXPECTED = {
    "the answer is about": "another's",
    "avatar_item is null": "nameless",
}
"""What the client refuses of answers that are valid: one that names another job, or none."""


VIDEOS = (
    image_video(),
    AvatarVideo(avatar_id="look-1", script="Hello", engine="avatar_v", motion_prompt="nods"),
    CinematicVideo(prompt="A walk", avatar_id=["look-1"], references=[PICTURE], duration=5),
    StudioVideo(scenes=[ImageScene(source=PICTURE, duration=3)], title="A title"),
)
"""Their options are all said in test_requests.py."""


def requests() -> Iterator[tuple[Contract, Request[Any]]]:
    """Yield every request there is, each with its contract."""
    for contract, _, request in ALL:
        yield contract, request
    for kind in (translations.TRANSLATION, media.ASSET):
        yield HEYGEN, kind.get_statuses(["a", "b"])
    specs = [*VIDEOS, *(spec for spec, _ in FULL)]
    for spec in specs:
        request = request_of(spec)
        legacy = request.path.startswith("/v2/") and request.path != "/v2/videos"
        heygen = LEGACY if legacy else HEYGEN
        yield (JOGG if api_of(spec) == "JoggAI" else heygen), request
    for kind in VENDOR.kinds:
        spec = next((spec for spec in specs if isinstance(spec, kind.specs)), None)
        without = dict.fromkeys(kind.batch_without)
        if kind.batch_field is not None and spec is not None:
            one = attrs.evolve(spec, **without)
            if kind.parts(one) == 1:
                yield HEYGEN, create_batch(kind, [one])


def sharpened(node: Any, name: str = "") -> Any:
    """Return a document whose made-up values can be what they stand for: ids, and success."""
    if isinstance(node, list):
        return [sharpened(each, name) for each in node]
    if not isinstance(node, dict):
        return node
    found = {key: sharpened(value, name) for key, value in node.items() if key != "properties"}
    if "properties" in node:
        found["properties"] = {
            key: sharpened(value, key) for key, value in node["properties"].items()
        }
    if node.get("type") == "string" and name.removesuffix("s").endswith("id"):
        return {**found, "pattern": "^[a-zA-Z0-9_-]{1,64}$"}
    if node.get("type") == "string" and name.endswith("url"):
        return {**found, "pattern": "^https://[a-z]{1,9}[.][a-z]{3,9}[a-z0-9./-]{0,20}$"}
    if node.get("type") == "integer" and name == "code":  # of JoggAI's envelope
        return {**found, "enum": [0]}
    return found


@contextlib.asynccontextmanager
async def prism(command: str, document: Path, *flags: str) -> AsyncIterator[str]:
    """Serve a document, and give the URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = await asyncio.create_subprocess_exec(
        command, "mock", str(document), "--errors", "-p", str(port), "-v", "error", *flags
    )
    try:
        async with asyncio.timeout(STARTING):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        await server.wait()


async def ask(client: HeyGen | JoggAI, request: Request[Any]) -> str:
    """Send a request, and return what came of it in a word, or why it failed."""
    if request.upload is not None and request.upload.raw:
        return "elsewhere"
    if (request.method, request.path.rpartition("/")[2]) in STREAMS:
        return "a stream"  # of which Prism has no answer
    try:
        await client._transport.send(request)
    except HeyGenError as error:
        cause = str(error.__cause__ or error)
        return next((word for sign, word in EXPECTED.items() if sign in cause), f"bad: {cause}")
    return "good"


async def main(command: str) -> int:
    """Ask for everything; return how many requests were refused, or answers not read."""
    failed = 0
    warnings.simplefilter("ignore", DeprecationWarning)
    for contract, name in ((HEYGEN, "heygen"), (LEGACY, "legacy"), (JOGG, "jogg")):
        raw = json.loads((Path(__file__).parent / f"{name}.json").read_bytes())
        wanted = [request for each, request in requests() if each is contract]
        with tempfile.TemporaryDirectory() as folder:
            document = Path(folder) / "document.json"
            for flags in ((), ("--dynamic", "--seed", "1")):
                document.write_text(json.dumps(sharpened(raw) if flags else raw))
                client_of = JoggAI if contract is JOGG else HeyGen
                async with (
                    prism(command, document, *flags) as url,
                    client_of("key", base_url=url, retry=RetryPolicy(max_attempts=1)) as client,
                ):
                    client._transport.rate_limiter = None
                    found = Counter[str]()
                    for request in wanted:
                        told = await ask(client, request)
                        word = told.partition(":")[0]
                        found[word] += 1
                        if ":" in told:
                            failed += 1
                            sys.stdout.write(f"  {request.method} {request.path}: {told[:400]}\n")
                operations = {contract.name_of(each.method, each.path) for each in wanted}
                sys.stdout.write(
                    f"{name} {' '.join(flags) or 'static'}: {len(operations)} of "
                    f"{len(contract.operations())} operations, {dict(found)}\n"
                )
    return failed


if __name__ == "__main__":
    sys.exit(1 if asyncio.run(main(sys.argv[1])) else 0)
