"""What ``docs/`` says works: its code runs, and what it names is there."""

from __future__ import annotations

import contextlib
import re
import shlex

import click
import pytest
from aiohttp.test_utils import TestServer

import heygen_async
from heygen_async import HeyGen, JoggAI, PollPolicy, emulator, errors, webhooks
from heygen_async.batch.item import ItemState
from heygen_async.cli.app import app as command_line
from heygen_async.emulator import Fault
from heygen_async.jobs.schedule import PRIOR_SIGMA, REFERENCE_DURATION, next_delay
from heygen_async.protocol.deliveries import sign
from tests.blocks import ROOT, blocks_of, fill, python_blocks, run_block
from tests.cli_page import PAGE, cli_page

pytest_plugins = ["pytester"]

PAGES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))
SECRET = "whsec_…"
EVENT = {"event_type": "avatar_video.success", "event_data": {"video_id": "0123"}}

MOVING = [block for block in blocks_of("docs/migrating.md") if block.language == "python"]

retired = pytest.mark.filterwarnings("ignore:HeyGen retired:DeprecationWarning")


def text_of(name):
    return (ROOT / "docs" / name).read_text()


def first_cells(name, heading):
    """Return the first cells of the table whose first column has a heading, without quotes."""
    table = text_of(name).split(f"| {heading} |")[1].split("\n\n")[0]
    return re.findall(r"^\| `?([^`|]+?)`? \|", table, flags=re.MULTILINE)[1:]


def block_with(page, words):
    """Return the one block of a page that has some words in it."""
    (found,) = (block for block in blocks_of(page) if words in block.source)
    return found


@retired
@pytest.mark.parametrize("block", python_blocks(*PAGES))
async def test_a_block_runs(block, tmp_path, monkeypatch, emulator):
    """A block of python does what it says, in a folder with the files that its page names."""
    fill(tmp_path, block.place.partition(":")[0])
    monkeypatch.chdir(tmp_path)
    await run_block(block, monkeypatch, emulator)


def shell_lines():
    """Return each call of ``heygen-async`` in the shell blocks."""
    for page in PAGES:
        for block in blocks_of(page):
            if block.language == "sh":
                source = block.source.replace("\\\n", " ")
                for line in re.findall(r"^heygen-async .*", source, flags=re.MULTILINE):
                    yield pytest.param(page, line, id=line)


@pytest.mark.parametrize(("page", "line"), list(shell_lines()))
def test_a_command_is_one_that_click_takes(page, line, tmp_path, monkeypatch):
    """Commands, options and the files they read exist; nothing that is required is missing."""
    fill(tmp_path, page)
    monkeypatch.chdir(tmp_path)
    _, *words = shlex.split(line, comments=True)
    command = command_line
    parent = click.Context(command, **command.context_settings)
    while isinstance(command, click.Group):
        _, (name, *words), _ = command.make_parser(parent).parse_args(words)
        command = command.get_command(parent, name)
    command.make_context(command.name, words, parent=parent)


def test_the_tests_of_the_page_on_testing_pass(pytester):
    """They pass as a user runs them, with the plugin and pytest-asyncio as they come."""
    fill(pytester.path, "docs/testing.md")
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    pytester.runpytest_subprocess("--strict-markers", timeout=30).assert_outcomes(passed=4)


def test_the_page_of_the_command_line_is_what_click_prints():
    """If this fails, ``python -m tests.cli_page`` writes the page anew."""
    assert PAGE.read_text() == cli_page()


def test_the_table_of_errors_is_complete():
    """Each error has a line, and each line is that of an error."""
    assert sorted(first_cells("errors.md", "error")) == sorted(errors.__all__)


def test_the_table_of_the_ledger_is_complete():
    """Each state has a line, in the order in which an item goes through them."""
    assert first_cells("batches.md", "state") == list(ItemState)


def test_the_reference_is_complete():
    """Every public name of the package, of the emulator and of the webhooks stands in it."""
    listed = re.findall(
        r"^::: (\S+)$",
        "\n".join(
            text_of(f"reference/{path.name}") for path in (ROOT / "docs/reference").iterdir()
        ),
        flags=re.MULTILINE,
    )
    wanted = {
        f"{module.__name__}.{name}"
        for module in (heygen_async, emulator, webhooks)
        for name in module.__all__
    } - {"heygen_async.__version__"}
    assert len(listed) == len(set(listed))
    assert wanted <= set(listed)


@retired
@pytest.mark.parametrize("page", PAGES)
def test_names_in_the_text_exist(page):
    """Calls of a client, classes and files of the package that a page names are there."""
    clients = {"heygen": HeyGen("key"), "jogg": JoggAI("key")}
    prose = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(), flags=re.DOTALL | re.MULTILINE)
    for code in re.findall(r"`([^`\n]+)`", prose):
        if match := re.match(r"(heygen|jogg)\.([a-z]\w+(?:\.\w+)*)", code):
            value = clients[match[1]]
            for name in match[2].split("."):
                value = getattr(value, name)
        elif match := re.match(r"([A-Z]\w+)\.(\w+)$", code):
            assert hasattr(getattr(heygen_async, match[1]), match[2]), code
        elif re.match(r"\w+/[\w/]*(\.py)?$", code) and page == "docs/design.md":
            assert (ROOT / "heygen_async" / code).exists(), code


def test_the_picture_of_a_wait_shows_the_schedule():
    """The looks it draws are those of the default policy at a video of 204 s, without jitter."""
    drawn = re.findall(r'data-age="([\d.]+)"', text_of("images/one-wait.svg"))
    ages = [0.0]
    while ages[-1] < 204:
        delay = next_delay(
            PollPolicy(jitter=0.0),
            age=ages[-1],
            median=REFERENCE_DURATION,
            sigma=PRIOR_SIGMA,
            random=0.5,
        )
        ages.append(ages[-1] + delay)
    assert drawn == [f"{age:.1f}" for age in ages[1:]]


@pytest.mark.parametrize(("number", "secrets"), [(0, 1), (1, 0)], ids=["before", "after"])
async def test_the_loop_sends_the_key_to_the_file_server_and_we_do_not(
    number, secrets, emulator, monkeypatch, tmp_path
):
    """What the page on moving says of its first block is so, and the second does better."""
    monkeypatch.chdir(tmp_path)
    await run_block(MOVING[number], monkeypatch, emulator)
    (download,) = emulator.files_received
    assert sum(value == emulator.api_key for value in download.headers.values()) == secrets


@pytest.mark.parametrize(("number", "survives"), [(0, False), (1, True)], ids=["before", "after"])
async def test_the_loop_dies_of_one_503_and_we_do_not(
    number, survives, emulator, monkeypatch, tmp_path
):
    """It does so when the video is paid for."""
    monkeypatch.chdir(tmp_path)
    emulator.faults.add(Fault(route="GET /v3/videos/{video_id}", nth=1, status=503))
    with contextlib.nullcontext() if survives else pytest.raises(KeyError, match="data"):
        await run_block(MOVING[number], monkeypatch, emulator)
    assert len(emulator.wallet.charges) == 1
    assert (tmp_path / "hello.mp4").exists() == survives


async def test_the_second_run_of_the_ledger_pays_for_nothing(
    emulator, monkeypatch, capsys, tmp_path
):
    """The block on the ledger renders three videos, and finds them finished when it runs again."""
    monkeypatch.chdir(tmp_path)
    fill(tmp_path, "docs/batches.md")
    block = block_with("docs/batches.md", "for attempt in")
    await run_block(block, monkeypatch, emulator)
    assert capsys.readouterr().out.endswith(" 0 submitted\n")
    assert len(emulator.wallet.charges) == 3


async def test_the_aiohttp_application_takes_signed_deliveries(emulator, monkeypatch, capsys):
    """A signed event is answered with 200 and reaches the handler, an unsigned one gets 401."""
    names = await run_block(
        block_with("docs/webhooks.md", "web.Application()"), monkeypatch, emulator
    )
    async with TestServer(names["app"], host="127.0.0.1") as server:
        url = str(server.make_url("/hooks/heygen"))
        assert await emulator.deliver(url, EVENT, secret=SECRET) == 200
        assert await emulator.deliver(url, EVENT) == 401
    assert capsys.readouterr().out == "avatar_video.success 0123\n"


async def test_the_fastapi_application_takes_signed_deliveries(emulator, monkeypatch):
    """With the slash at the end a signed event is answered with 200, in its second life too."""
    names = await run_block(block_with("docs/webhooks.md", "FastAPI("), monkeypatch, emulator)
    app = names["app"]
    for _ in range(2):
        async with app.router.lifespan_context(app):
            assert await post(app, "/hooks/heygen/") == 200
            assert await post(app, "/hooks/heygen") == 307


async def post(application, path):
    """Deliver a signed event to an ASGI application and return the status of the answer."""
    answers = []

    async def receive():
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message):
        answers.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "path": path,
        "query_string": b"",
        "headers": [(b"signature", sign(b"{}", SECRET.encode()))],
    }
    await application(scope, receive, send)
    return answers[0]["status"]


async def test_deliveries_by_hand_are_answered_with_a_status(emulator, monkeypatch):
    """A signed one gets 200, also when it comes again; a wrong signature gets 401."""
    names = await run_block(
        block_with("docs/webhooks.md", "def deliver(body, headers)"), monkeypatch, emulator
    )
    headers = {"Heygen-Signature": sign(b"{}", SECRET.encode()).decode()}
    assert await names["deliver"](b"{}", headers) == 200
    assert await names["deliver"](b"{}", headers) == 200
    assert await names["deliver"](b"{ }", headers) == 401
