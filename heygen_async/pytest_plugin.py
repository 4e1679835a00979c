"""The pytest plugin: an emulator, and clients on it, for the tests of programs that render.

It comes with the package. The emulator lives in a thread of its own, so it serves tests with and
without asyncio; the clients need pytest-asyncio, in auto or in strict mode, and live in the loop
of the test, whatever its scope. No test pays::

    import pytest
    from heygen_async.emulator import Fault

    from app import greet  # your program: greet(heygen, name) renders a video and returns it

    @pytest.mark.asyncio
    async def test_a_greeting_is_rendered_once(heygen_client, heygen_emulator):
        assert (await greet(heygen_client, "Ada")).video_url
        assert len(heygen_emulator.wallet.charges) == 1

    @pytest.mark.asyncio
    @pytest.mark.heygen_emulator(speed=5000, faults=[Fault(route="*", nth=1, status=503)])
    async def test_a_greeting_survives_an_outage(heygen_client):
        assert await greet(heygen_client, "Ada")

The marker takes the options of ``Emulator``, with ``faults`` as a list. A marker nearer to the
test (function, class, module) wins option by option. ``speed`` is 1000 and ``seed`` 1 unless
given: a video takes about 0.2 s, and each run the same time.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, get_args

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from heygen_async import HeyGen, JoggAI, PollPolicy
    from heygen_async.emulator import Emulator

    _Make = Callable[[Emulator, PollPolicy], Any]

_MARKER = "heygen_emulator"
_DEFAULTS = {"speed": 1000.0, "median": 180.0, "seed": 1}
_LoopScope = Literal["function", "class", "module", "package", "session"]


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and with pytest-asyncio the clients of each scope of loops."""
    config.addinivalue_line("markers", f"{_MARKER}(**options): options of the fixture's Emulator")
    if config.pluginmanager.hasplugin("asyncio"):
        clients = ModuleType("heygen_async_clients")  # pytest looks for fixtures in modules
        for make in (_heygen, _jogg):
            for scope in get_args(_LoopScope):
                setattr(clients, _fixture_name(make, scope), _client_fixture(make, scope))
        config.pluginmanager.register(clients)


@pytest.fixture
def heygen_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """Yield an ``Emulator`` that runs in a thread, with the options of the test's markers."""
    from heygen_async.emulator import Emulator, FaultPlan  # noqa: PLC0415 - only if it is used

    options = _options(request)
    faults = FaultPlan(options.pop("faults", ()), seed=options["seed"])
    with Emulator(**options, faults=faults) as emulator:
        yield emulator


@pytest.fixture
def heygen_client(request: pytest.FixtureRequest) -> HeyGen:
    """Return a ``HeyGen`` on the emulator that looks as often as fits the emulator's speed."""
    client: HeyGen = _client(request, _heygen)
    return client


@pytest.fixture
def jogg_client(request: pytest.FixtureRequest) -> JoggAI:
    """Return a ``JoggAI`` on the emulator that looks as often as fits the emulator's speed."""
    client: JoggAI = _client(request, _jogg)
    return client


def _heygen(emulator: Emulator, poll: PollPolicy) -> HeyGen:
    from heygen_async import HeyGen  # noqa: PLC0415 - only if it is used

    return HeyGen(emulator.api_key, base_url=emulator.url, poll=poll)


def _jogg(emulator: Emulator, poll: PollPolicy) -> JoggAI:
    from heygen_async import JoggAI  # noqa: PLC0415 - only if it is used

    return JoggAI(emulator.jogg_api_key, base_url=emulator.jogg_url, poll=poll)


def _fixture_name(make: _Make, scope: str) -> str:
    return f"{make.__name__}_in_{scope}_loop"


def _client_fixture(make: _Make, scope: _LoopScope) -> Any:
    """Return a fixture that opens a client in the loop of a scope, and closes it there."""
    import pytest_asyncio  # noqa: PLC0415 - optional

    async def opened(
        request: pytest.FixtureRequest, heygen_emulator: Emulator
    ) -> AsyncIterator[Any]:
        async with make(heygen_emulator, _poll_policy(request)) as client:
            yield client

    return pytest_asyncio.fixture(opened, loop_scope=scope, name=_fixture_name(make, scope))


def _client(request: pytest.FixtureRequest, make: _Make) -> Any:
    """Return the client that lives in the loop of the test: a client belongs to one loop."""
    if not request.config.pluginmanager.hasplugin("asyncio"):
        pytest.fail(f"{request.fixturename} needs: pip install pytest-asyncio", pytrace=False)
    marker = request.node.get_closest_marker("asyncio")
    scope = marker and marker.kwargs.get("loop_scope")
    scope = scope or request.config.getini("asyncio_default_test_loop_scope")
    return request.getfixturevalue(_fixture_name(make, scope))


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the options of all markers of the test, the nearest one last."""
    options: dict[str, Any] = dict(_DEFAULTS)
    for mark in reversed([*request.node.iter_markers(_MARKER)]):
        if mark.args:
            raise pytest.UsageError(f"@pytest.mark.{_MARKER} takes its options by name only")
        options |= mark.kwargs
    return options


def _poll_policy(request: pytest.FixtureRequest) -> PollPolicy:
    from heygen_async import PollPolicy  # noqa: PLC0415 - only if it is used

    options = _options(request)
    return PollPolicy().at_speed(options["speed"], options["median"])
