"""``heygen-async demo`` from end to end, and its two views."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from heygen_async.cli.app import app
from heygen_async.cli.emulator import DemoItem, DemoRun, LineView, Stage, read_items
from heygen_async.cli.live_table import LiveTable
from tests.cli.conftest import ROOT
from tests.conftest import PORTRAIT, image_video

SCRIPTS = ROOT / "examples" / "scripts.csv"


def numbers(output):
    """Return the bill as numbers by their names."""
    bill = output[output.rindex("\n\n") :]
    found = {
        name: int(value)
        for pattern in (r"(submissions|uploads|status|details) (\d+)", r"(429): (\d+)")
        for name, value in re.findall(pattern, bill)
    }
    for name in ("requests", "retries", "bulk"):
        found[name] = int(re.search(rf"{name} +(\d+)", bill)[1])
    paid = re.search(r"(\d+) credits in (\d+)", bill)
    return found | {"credits": int(paid[1]), "charges": int(paid[2])}


@pytest.fixture
def demo(tmp_path, monkeypatch):
    """Run the demo at high speed, away from the repository's folder."""
    monkeypatch.chdir(tmp_path)

    def run(*args):
        return CliRunner().invoke(app, ["demo", "--speed", "1000", *map(str, args)])

    return run


def test_the_demo_renders_all_scripts_and_saves_videos(demo, tmp_path):
    """Each of the 24 rows becomes a file that begins as an MP4 does, and is paid once."""
    result = demo()
    assert result.exit_code == 0, result.output
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == 24
    assert all(file.read_bytes()[4:8] == b"ftyp" for file in files)
    assert "24 of 24 videos in" in result.output
    bill = numbers(result.output)
    assert bill["charges"] == bill["credits"] == bill["submissions"] == 24
    assert bill["uploads"] == 1
    assert bill["429"] == bill["retries"] == 0


def test_json_is_the_bill_alone(demo):
    """With ``--json`` stdout is one object, and the changes are lines of stderr."""
    result = demo("--json")
    bill = json.loads(result.stdout)
    assert bill["completed"] == bill["videos"] == bill["charges"] == 24
    assert "completed" in result.stderr


def test_the_bill_adds_up(demo):
    """The client's total is the sum of the sorts that the emulator and the client counted."""
    bill = numbers(demo().output)
    parts = ("submissions", "uploads", "status", "details")
    assert bill["requests"] == sum(bill[part] for part in parts)
    assert 0 < bill["bulk"] <= bill["status"]


def test_away_from_a_terminal_each_change_is_a_plain_line(demo):
    """There are no control codes, and every job is seen to begin and to end."""
    result = demo()
    assert "\x1b" not in result.output
    for stage in ("rendering", "saving", "completed"):
        line = re.compile(rf"^ *[\d.]+ s  (\d\d) .+: {stage}", re.MULTILINE)
        assert len(set(line.findall(result.output))) == 24


def test_no_more_jobs_are_shown_at_once_than_the_semaphore_allows(demo):
    """With a concurrency of 3 never more than 3 rows render at a time."""
    running, most = set(), 0
    for line in demo("--concurrency", "3").output.splitlines():
        if found := re.search(r"s  (\d\d) .+: (rendering|saving)", line):
            (running.add if found[2] == "rendering" else running.discard)(found[1])
        most = max(most, len(running))
    assert most == 3


def test_more_jobs_than_the_account_allows_cost_retries_and_nothing_else(demo):
    """Beyond the emulator's ten jobs there are answers 429, and still 24 charges."""
    result = demo("--concurrency", "24")
    assert result.exit_code == 0, result.output
    bill = numbers(result.output)
    assert bill["charges"] == 24
    assert bill["429"] == bill["submissions"] - 24 > 0


def test_a_job_that_fails_is_told_and_ends_in_one(demo, tmp_path):
    """The other jobs are rendered all the same, and only they are paid."""
    table = tmp_path / "two.csv"
    table.write_text("title,script,voice_id\nGood,Hello!,v1\nBad,Hello!,no-such-voice\n")
    result = demo("--scripts", table)
    assert result.exit_code == 1
    assert "02 Bad: failed, POST /v3/videos: 4" in result.output
    assert "1 of 2 videos" in result.output
    assert numbers(result.output)["charges"] == 1
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["01-good.mp4"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("title,script\nA,Hello!\n", "voice_id"),
        ("title,script,voice_id\n", "voice_id"),
        ("title,script,voice_id\nA,,v1\n", "script"),
        ("title,script,voice_id\nA\n", "script"),
        ("script,voice_id,title\nHello!,v1\n", "title"),
    ],
)
def test_a_table_that_cannot_be_rendered_is_refused(demo, tmp_path, content, said):
    """A missing column, an empty table and an empty script end in 2 before anything starts."""
    table = tmp_path / "bad.csv"
    table.write_text(content)
    result = demo("--scripts", table)
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "out").exists()


def test_without_the_examples_it_says_how_to_get_them(demo, tmp_path, monkeypatch):
    """Where the package stands alone, one line names the two ways out."""
    monkeypatch.setattr("heygen_async.__file__", str(tmp_path / "lib" / "x" / "__init__.py"))
    result = demo()
    assert result.exit_code == 2
    line = result.output.splitlines()[-1]
    assert "clone" in line
    assert "--picture and --scripts" in line


def test_the_scripts_are_24_of_varied_lengths():
    """The demo's table has what its README says."""
    with SCRIPTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lengths = [len(row["script"]) for row in rows]
    assert len(rows) == len({row["title"] for row in rows}) == 24
    assert max(lengths) > 10 * min(lengths)


def item(number, title, **fields):
    return DemoItem(spec=image_video(title=title), number=number, **fields)


def rows(count):
    """Return items of which the middle ones render."""
    found = [item(number, f"Job {number}") for number in range(1, count + 1)]
    for row in found[: count // 2]:
        row.stage, row.word, row.file = Stage.COMPLETED, "completed", f"{row.number:02}.mp4"
        row.started, row.ended = 0.0, float(row.number)
    for row in found[count // 2 : count // 2 + 10]:
        row.stage, row.started = Stage.RENDERING, 1.0
    return found


def drawn(table, console):
    console.print(table.draw())
    return console.file.getvalue()


@pytest.mark.parametrize(("width", "height"), [(100, 40), (80, 24), (60, 12)])
def test_the_table_fits_the_terminal(width, height):
    """The picture is never larger than the terminal, and the sums are always on it."""
    console = Console(width=width, height=height, file=io.StringIO())
    picture = drawn(LiveTable(rows(24), console, clock=lambda: 5.0), console).splitlines()
    assert len(picture) < height
    assert max(map(len, picture)) <= width
    assert picture[-1] == "24 jobs: 2 waiting, 10 rendering, 12 completed; 0.0 s"


def test_a_small_terminal_shows_what_runs():
    """Where not all rows fit, those that render stay, and then the last to end."""
    console = Console(width=80, height=19, file=io.StringIO())
    picture = drawn(LiveTable(rows(24), console, clock=lambda: 5.0), console)
    shown = [int(number) for number in re.findall(r"Job (\d+)", picture)]
    assert shown == list(range(11, 25))
    assert re.search(r"13  Job 13 +rendering +4\.0 s", picture)


def test_at_the_end_all_rows_are_drawn():
    """What stays on the screen is the whole table, however small the terminal."""
    console = Console(width=80, height=12, file=io.StringIO(), force_terminal=True)
    with LiveTable(rows(24), console, clock=lambda: 5.0):
        pass
    last = console.file.getvalue()
    assert all(f"Job {number}" in last for number in range(1, 25))


def test_markup_in_a_title_is_shown_as_it_stands():
    """A title is text: brackets do not vanish and do not colour."""
    console = Console(width=80, height=24, file=io.StringIO())
    picture = drawn(LiveTable([item(1, "[red]A[/]")], console), console)
    assert "[red]A[/]" in picture


def keep(picture, path):
    """Write a picture down, without the fonts that it would fetch from elsewhere."""
    local = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    Path(os.environ.get("HEYGEN_SCREENSHOT") or path).write_text(local)
    return local


@pytest.mark.real_time
async def test_the_picture_of_a_run(tmp_path):
    """The live view halfway through; with ``HEYGEN_SCREENSHOT=docs/demo.svg`` it is kept."""
    items = read_items(SCRIPTS, PORTRAIT)
    view = LiveTable(items, Console(height=40, file=io.StringIO()))
    running = asyncio.create_task(DemoRun(items, tmp_path, 10, view).run(100.0))
    async with asyncio.timeout(50):
        while sum(item.stage is Stage.COMPLETED for item in items) < 8:
            await asyncio.sleep(0.05)
    recitem = Console(width=96, record=True, file=io.StringIO(), force_terminal=True)
    recitem.print(view.draw())
    picture = keep(recitem.export_svg(title="heygen-async demo"), tmp_path / "demo.svg")
    await running
    assert "processing" in picture
    assert picture.count(".mp4") >= 8


def test_a_plain_line_says_the_error(capsys):
    """A failed row says why, at its time."""
    now = iter([10.0, 12.5])
    lines = LineView(clock=lambda: next(now))
    lines.changed(item(7, "Ada", stage=Stage.FAILED, error="no credit"))
    assert capsys.readouterr().out == "   2.5 s  07 Ada: failed, no credit\n"
