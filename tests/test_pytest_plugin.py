"""The pytest plugin as its users have it: pytest runs of their own, in child processes."""

from __future__ import annotations

import inspect
import sys
import textwrap
import time

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


def test_tests_without_asyncio_have_the_emulator(run):
    """Requests of urllib and ``TestClient``, a command and ``asyncio.run`` are all answered."""
    run(
        """
        import asyncio
        import urllib.error
        import urllib.request

        import click
        import pytest
        from app import greet
        from click.testing import CliRunner
        from fastapi import FastAPI
        from fastapi.testclient import TestClient
        from heygen_async import HeyGen, PollPolicy
        from heygen_async.emulator import Fault


        @pytest.fixture(autouse=True)
        def settings(monkeypatch, heygen_emulator):
            monkeypatch.setenv("HEYGEN_API_KEY", heygen_emulator.api_key)
            monkeypatch.setenv("HEYGEN_BASE_URL", heygen_emulator.url)


        async def make():
            async with HeyGen(poll=PollPolicy().at_speed(1000)) as heygen:
                return (await greet(heygen, "Ada")).video_url


        def test_asyncio_run(heygen_emulator):
            assert asyncio.run(make())
            assert asyncio.run(make())
            assert len(heygen_emulator.wallet.charges) == 2


        def test_a_command(heygen_emulator):
            @click.command
            def command():
                click.echo(asyncio.run(make()))

            assert CliRunner().invoke(command).output.startswith(heygen_emulator.files_url)


        def test_a_service(heygen_emulator):
            app = FastAPI()
            app.get("/")(make)
            assert TestClient(app).get("/").json().startswith(heygen_emulator.files_url)


        def test_faults_and_ends_from_the_thread_of_the_test(heygen_emulator):
            request = urllib.request.Request(
                heygen_emulator.url + "/v3/users/me", headers={"X-Api-Key": heygen_emulator.api_key}
            )
            assert urllib.request.urlopen(request, timeout=5).status == 200
            heygen_emulator.faults.add(Fault(route="GET /v3/users/me", status=503))
            with pytest.raises(urllib.error.HTTPError, match="503"):
                urllib.request.urlopen(request, timeout=5)
            assert heygen_emulator.count("GET /v3/users/me") == 2
            job_id = heygen_emulator.add_video(3600)
            heygen_emulator.fail(job_id, "no_face")
            assert heygen_emulator.videos[job_id].failure[0] == "no_face"
        """
    ).assert_outcomes(passed=4)


def test_a_client_lives_in_the_loop_of_its_test(run):
    """Under each scope of loops, by marker or by setting; other fixtures live in another one."""
    source = """
        import pytest
        from app import greet

        @pytest.fixture
        def twice(heygen_emulator):
            yield
            assert len(heygen_emulator.wallet.charges) == 2

        async def check(heygen_client):
            assert await greet(heygen_client, "Ada")
            assert await greet(heygen_client, "Grace")
        """
    for scope in ("function", "class", "module", "session"):
        source += f"""
        @pytest.mark.asyncio(loop_scope="{scope}")
        async def test_{scope}(heygen_client, twice):
            await check(heygen_client)
        """
    source += """
        async def test_default(heygen_client, twice):
            await check(heygen_client)
        """
    run(source, "-o", "asyncio_default_test_loop_scope=module").assert_outcomes(passed=5)


@pytest.mark.real_time
@pytest.mark.parametrize(
    "speed",
    [pytest.param(s, marks=pytest.mark.heygen_emulator(speed=s)) for s in (400, 1000, 5000)],
)
async def test_the_client_looks_as_often_as_fits_the_speed(heygen_client, heygen_emulator, speed):
    """At each speed a render is noticed soon after its end, with few looks."""
    job = await heygen_client.submit(image_video())
    start = time.monotonic()
    await job.wait()
    duration = heygen_emulator.jobs[job.id].duration
    assert time.monotonic() - start < 1.1 * duration + 0.2
    assert heygen_client.statistics().polls < 60


@pytest.mark.real_time
async def test_the_client_of_jogg_is_on_the_same_emulator(jogg_client, heygen_emulator):
    """A motion is made by the emulator's JoggAI, and paid from its wallet."""
    voice = await anext(jogg_client.voices.list())
    picture = "https://example.com/ada.jpg"
    motion = JoggMotion(image_url=picture, name="Ada", voice_id=voice.voice_id, model="2.0")
    assert (await jogg_client.run(motion)).avatar_id
    assert len(heygen_emulator.jogg_wallet.charges) == 1
