"""The pytest plugin: an emulator, and clients on it, for the tests of programs that render.

It comes with the package and needs pytest-asyncio, in auto or in strict mode. No test pays::

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

import importlib.util
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from heygen_async import HeyGen, JoggAI, PollPolicy
    from heygen_async.emulator import Emulator

_MARKER = "heygen_emulator"
_DEFAULTS = {"speed": 1000.0, "median": 180.0, "seed": 1}


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", f"{_MARKER}(**options): options of the fixture's Emulator")


def _async_fixture(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a fixture with pytest-asyncio; without it, one that says what is missing."""
    if importlib.util.find_spec("pytest_asyncio"):
        import pytest_asyncio  # noqa: PLC0415 - optional

        return pytest_asyncio.fixture(function)

    def missing() -> None:
        pytest.fail(f"{function.__name__} needs: pip install pytest-asyncio", pytrace=False)

    return pytest.fixture(name=function.__name__)(missing)


@_async_fixture
async def heygen_emulator(request: pytest.FixtureRequest) -> AsyncIterator[Emulator]:
    """Yield a running ``Emulator`` with the options of the test's markers."""
    from heygen_async.emulator import Emulator, FaultPlan  # noqa: PLC0415 - only if it is used

    options = _options(request)
    faults = FaultPlan(options.pop("faults", ()), seed=options["seed"])
    async with Emulator(**options, faults=faults) as emulator:
        yield emulator


@_async_fixture
async def heygen_client(
    request: pytest.FixtureRequest, heygen_emulator: Emulator
) -> AsyncIterator[HeyGen]:
    """Yield a ``HeyGen`` on the emulator that looks as often as fits the emulator's speed."""
    from heygen_async import HeyGen  # noqa: PLC0415 - only if it is used

    key, url = heygen_emulator.api_key, heygen_emulator.url
    async with HeyGen(key, base_url=url, poll=_poll_policy(request)) as client:
        yield client


@_async_fixture
async def jogg_client(
    request: pytest.FixtureRequest, heygen_emulator: Emulator
) -> AsyncIterator[JoggAI]:
    """Yield a ``JoggAI`` on the emulator that looks as often as fits the emulator's speed."""
    from heygen_async import JoggAI  # noqa: PLC0415 - only if it is used

    key, url = heygen_emulator.jogg_api_key, heygen_emulator.jogg_url
    async with JoggAI(key, base_url=url, poll=_poll_policy(request)) as client:
        yield client


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
