"""The pytest plugin as its users have it: pytest runs of their own, in child processes."""

from __future__ import annotations

import asyncio
import inspect
import sys
import textwrap

import pytest

from heygen_async import JoggMotion, pytest_plugin
from tests.conftest import image_video

pytest_plugins = ["pytester"]

APP = """
from heygen_async import ImageVideo

async def greet(heygen, name):
    picture = "https://example.com/ada.png"
    return await heygen.run(ImageVideo(image=picture, script=f"Hello, {name}!", voice_id="v1"))
"""
SETTINGS = """
[pytest]
asyncio_mode = {mode}
asyncio_default_fixture_loop_scope = function
addopts = --strict-markers
filterwarnings = error
"""


@pytest.fixture
def run(pytester):
    """Run one file of tests as a user does, with every warning an error."""

    def run(source, *args, mode="auto"):
        pytester.makeini(SETTINGS.format(mode=mode))
        pytester.makepyfile(app=APP, test_app=textwrap.dedent(source))
        return pytester.runpytest_subprocess(*args, timeout=30)

    return run


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_the_example_of_the_docstring_runs(run, mode):
    """Both tests of the docstring pass in either mode of pytest-asyncio, without a warning."""
    _, _, rest = inspect.getdoc(pytest_plugin).partition("::\n\n")
    example, _, _ = rest.partition("\n\nThe marker")
    run(example, mode=mode).assert_outcomes(passed=2)


def test_the_marker_hands_its_options_to_the_emulator(run):
    """The nearest marker wins option by option; faults and drift arrive; each test starts anew."""
    run(
        """
        import pytest
        from heygen_async import NotFoundError
        from heygen_async.emulator import Drift, Fault

        pytestmark = pytest.mark.heygen_emulator(balance=5.0, drift=Drift(extra_fields=True))
        missing = Fault(route="GET /v3/users/me", nth=1, status=404)

        @pytest.mark.heygen_emulator(api_key="class", faults=[missing])
        class TestMarkers:
            @pytest.mark.heygen_emulator(balance=7.0)
            async def test_all_three(self, heygen_emulator, heygen_client):
                assert heygen_emulator.api_key == "class"
                assert heygen_emulator.wallet.balance == 7.0
                with pytest.raises(NotFoundError):
                    await heygen_client.users.me()
                assert "unheard_of" in str(await heygen_client.request("GET", "/v3/users/me"))

            async def test_two(self, heygen_emulator, heygen_client):
                assert heygen_emulator.wallet.balance == 5.0
                with pytest.raises(NotFoundError):
                    await heygen_client.users.me()

        async def test_one(heygen_emulator, heygen_client):
            assert heygen_emulator.api_key == "emulator-key"
            await heygen_client.users.me()
        """
    ).assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("options", "said"),
    [("60", "*takes its options by name only*"), ("sped=60", "*unexpected keyword*'sped'*")],
)
def test_a_wrong_marker_is_an_error(run, options, said):
    """Options without a name, and names that the emulator does not know, are refused."""
    result = run(
        f"""
        import pytest

        @pytest.mark.heygen_emulator({options})
        async def test_nothing(heygen_emulator):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([said])


def test_without_pytest_asyncio_the_fixture_says_what_to_install(pytester, monkeypatch):
    """The test fails with one line that names the missing package, and no traceback."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile("def test_nothing(heygen_client): pass")
    code = (
        "import sys; sys.modules['pytest_asyncio'] = None\n"
        "import pytest; sys.exit(pytest.main(['-p', 'heygen_async.pytest_plugin']))"
    )
    result = pytester.run(sys.executable, "-c", code, timeout=30)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["heygen_client needs: pip install pytest-asyncio"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_run_that_does_not_use_it_pays_for_no_server(run):
    """Loading the plugin loads neither the emulator nor what it is made of."""
    run(
        """
        import sys

        def test_nothing_is_loaded():
            assert "heygen_async.pytest_plugin" in sys.modules
            assert not {"heygen_async.emulator", "aiohttp.web"} & set(sys.modules)
        """
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "speed",
    [pytest.param(s, marks=pytest.mark.heygen_emulator(speed=s)) for s in (1, 60, 1000, 5000)],
)
async def test_the_client_looks_as_often_as_fits_the_speed(heygen_client, heygen_emulator, speed):
    """At each speed a render is noticed soon after its end, with the same few looks."""
    clock = asyncio.get_running_loop()
    job = await heygen_client.submit(image_video())
    start = clock.time()
    await job.wait()
    duration = heygen_emulator.jobs[job.id].duration
    assert clock.time() - start < 1.1 * duration
    assert heygen_client.statistics().polls < 60


async def test_the_client_of_jogg_is_on_the_same_emulator(jogg_client, heygen_emulator):
    """A motion is made by the emulator's JoggAI, and paid from its wallet."""
    voice = await anext(jogg_client.voices.list())
    picture = "https://example.com/ada.jpg"
    motion = JoggMotion(image_url=picture, name="Ada", voice_id=voice.voice_id, model="2.0")
    assert (await jogg_client.run(motion)).avatar_id
    assert len(heygen_emulator.jogg_wallet.charges) == 1
