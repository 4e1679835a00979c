"""``heygen-async batch``: a table, a ledger, and as many runs as it takes."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
from types import SimpleNamespace

import pytest
from rich.console import Console

from heygen_async import HeyGen, ImageVideo, ItemState, JobStatus, Ledger, LedgerItem, State
from heygen_async.batch.files import spec_digest
from heygen_async.cli.batch import BatchRun
from heygen_async.cli.progress import BatchProgress
from heygen_async.emulator import Emulator, Fault
from tests.cli.conftest import keys_of, rows_of, start
from tests.conftest import PORTRAIT, image_video

CREATE = "POST /v3/videos"


def specs(count):
    return [image_video(title=f"Row {number}") for number in range(count)]


@pytest.fixture
def batch(emulator, tmp_path, monkeypatch):
    """Run a batch in virtual time and return its exit code."""
    monkeypatch.setenv("HEYGEN_API_KEY", emulator.api_key)

    def make(rows, **changes):
        values = {
            "rows": rows_of(rows),
            "client": HeyGen,
            "options": {"base_url": emulator.url, "max_concurrent_jobs": 3},
            "ledger": tmp_path / "run.sqlite",
            "out": tmp_path / "out",
            "max_jobs": None,
            "as_json": False,
        }
        return BatchRun(**values | changes)

    return make


async def test_it_saves_more_than_the_film(batch, tmp_path):
    """What ``--assets`` names, each under its row's name."""
    assert await batch(specs(1), assets=["video", "gif"]).go() == 0
    names = sorted(path.suffix for path in (tmp_path / "out").iterdir())
    assert names == [".gif", ".mp4"]


async def test_it_renders_each_row_once_however_often_it_is_run(batch, emulator, tmp_path, capsys):
    """Files are named after title and digest, the summary is on stdout, changes on stderr."""
    assert await batch(specs(5)).go() == 0
    told = capsys.readouterr()
    assert told.out.startswith("5 rows: 5 completed; ")
    assert told.err.count(": running, heygen.video/") == 5
    assert told.err.count(": completed, ") == 5
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert [name[:6] for name in names] == [f"row-{number}-" for number in range(5)]
    assert await batch(specs(5)).go() == 0
    assert capsys.readouterr().err == ""
    assert emulator.count(CREATE) == len(emulator.wallet.charges) == 5


def test_a_rows_key_is_what_it_says_wherever_it_stands():
    """Order, other rows and other files of the same content do not matter; equal rows do count."""
    one, two = specs(2)
    keys = keys_of([one, two, one])
    assert len(set(keys)) == 3
    assert keys[2] == f"{keys[0]}-2"
    assert set(keys_of([two, one, one])) == set(keys)


async def test_new_rows_and_changed_rows_are_rendered_and_the_others_left(batch, emulator):
    """A table that has grown costs what is new in it."""
    await batch(specs(2)).go()
    await batch([*specs(1), image_video(title="Row 1", script="Changed"), *specs(4)[2:]]).go()
    assert emulator.count(CREATE) == 2 + 3


async def test_max_jobs_takes_on_so_many_unfinished_rows(batch, emulator, capsys):
    """Finished rows do not count; what is left is said, and is exit code 3."""
    assert await batch(specs(5), max_jobs=2).go() == 3
    assert "5 rows: 3 open, 2 completed" in capsys.readouterr().out
    assert await batch(specs(5), max_jobs=2).go() == 3
    assert emulator.count(CREATE) == 4
    assert await batch(specs(5), max_jobs=2).go() == 0


@pytest.mark.parametrize(("status", "code"), [(402, 6), (401, 5)])
async def test_without_credit_or_key_nothing_more_is_submitted(
    batch, emulator, capsys, status, code
):
    """The breaker: what runs is seen out, and the summary says first why it stopped."""
    emulator.faults.add(Fault(route=CREATE, nth=tuple(range(3, 100)), status=status))
    assert await batch(specs(50)).go() == code
    out = capsys.readouterr().out
    assert out.startswith(f"stopped, nothing more was submitted: POST /v3/videos: {status}")
    assert "48 open, 2 completed" in out
    assert emulator.count(CREATE) <= 2 + 3


async def test_a_failed_row_is_exit_code_7_and_named(batch, emulator, capsys):
    """The vendor's reason stands in the summary; the next run does not pay for it again."""
    running = batch(specs(2))
    going = asyncio.create_task(running.go())
    while len(emulator.videos) < 2:
        await asyncio.sleep(0.1)
    emulator.fail(next(iter(emulator.videos)), "face", "No face found")
    assert await going == 7
    out = capsys.readouterr().out
    assert "1 completed, 1 failed" in out
    assert "failed, No face found" in out
    assert await batch(specs(2)).go() == 7
    assert emulator.count(CREATE) == 2


async def test_an_uncertain_row_is_exit_code_4_and_how_to_go_on(batch, tmp_path, capsys):
    """It outweighs all but a Ctrl-C."""
    (spec,), (key,) = specs(1), keys_of(specs(1))
    async with Ledger(tmp_path / "run.sqlite") as ledger:
        await ledger.put(
            LedgerItem(
                key=key, digest=spec_digest(spec), state=ItemState.UNCERTAIN, kind="heygen.video"
            )
        )
    assert await batch(specs(2)).go() == 4
    out = capsys.readouterr().out
    assert "1 completed, 1 uncertain" in out
    assert f"batch retry {tmp_path / 'run.sqlite'} --uncertain" in out


async def test_json_lines_go_to_stdout_and_text_to_stderr(batch, capsys):
    """One object for each row."""
    await batch(specs(3), as_json=True).go()
    told = capsys.readouterr()
    rows = [json.loads(line) for line in told.out.splitlines()]
    assert {row["state"] for row in rows} == {"completed"}
    assert all(row["token"].startswith("heygen.video/") for row in rows)
    assert all(row["path"].endswith(".mp4") for row in rows)
    assert "3 rows: 3 completed" in told.err


async def test_the_first_ctrl_c_waits_for_what_runs(batch, emulator, capsys):
    """Nothing more is submitted; the summary says how to go on."""
    going = asyncio.create_task(batch(specs(50)).go())
    while len(emulator.videos) < 3:
        await asyncio.sleep(0.1)
    os.kill(os.getpid(), signal.SIGINT)
    assert await going == 130
    told = capsys.readouterr()
    assert "what runs is waited for" in told.err
    assert "47 open, 3 completed" in told.out
    assert "the same command goes on" in told.out
    assert emulator.count(CREATE) == 3


async def test_the_second_ctrl_c_leaves_at_once(nothing_left, batch, emulator, capsys, tmp_path):
    """What runs stays in the ledger, and the next run attaches to it."""
    going = asyncio.create_task(batch(specs(3)).go())
    while len(emulator.videos) < 3:
        await asyncio.sleep(0.1)
    clock = asyncio.get_running_loop().time
    start = clock()
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.1)
    with pytest.raises(asyncio.CancelledError):
        await going
    assert clock() - start < 5
    assert await batch(specs(3)).go() == 0
    assert emulator.count(CREATE) == 3


async def test_sigterm_writes_what_is_on_the_wire(batch, emulator):
    """Who sends it kills soon after; each charge is in the ledger, and the next run goes on."""
    emulator.faults.add(Fault(route=CREATE, nth=3, delay=5))
    going = asyncio.create_task(batch(specs(50)).go())
    while emulator.count(CREATE) < 3:
        await asyncio.sleep(0.1)
    clock = asyncio.get_running_loop().time
    start = clock()
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(asyncio.CancelledError):
        await going
    assert clock() - start < 10
    assert len(emulator.wallet.charges) == 3
    assert await batch(specs(3)).go() == 0
    assert len(emulator.wallet.charges) == 3


def test_the_picture_tells_counts_rate_time_left_and_failures(capsys):
    """On a terminal: a bar, a line of figures, the last failures."""
    from heygen_async import Durations, Statistics

    def about():
        empty = dict.fromkeys(
            ("requests", "retries", "rate_limited", "polls", "bulk_polls", "bulk_rows"), 0
        )
        rest = dict.fromkeys(
            (
                "bulk_fill",
                "details",
                "pages",
                "jobs_submitted",
                "jobs_waiting",
                "jobs_ended",
                "lag",
            ),
            0,
        )
        known = {"heygen.video": Durations(jobs=4, p10=60.0, p50=100.0, p90=200.0)}
        return Statistics(**empty, **rest, durations=known)

    progress = BatchProgress(total=100, concurrency=10, about=about)
    progress.started_at -= 60
    progress.running = 3
    progress.ended.update({"completed": 18, "failed": 2})
    progress.failures.append("row-1: no face")
    line = progress.figures()
    assert "20 of 100, 18 completed, 2 failed, 3 running, 20.0 a minute" in line
    assert line.endswith("about 13 min 20 s left")  # 80 rows, 10 at a time, 100 s each
    Console(stderr=True).print(progress.draw())
    assert "row-1: no face" in capsys.readouterr().err


@pytest.fixture
def table(tmp_path):
    """Return a table of two rows beside its picture."""
    (tmp_path / "ada.jpg").write_bytes(PORTRAIT.read_bytes())
    path = tmp_path / "table.csv"
    path.write_text("title,image,script,voice_id\nA,ada.jpg,Hi,v1\nB,ada.jpg,Ho,v1\n")
    return path


@pytest.mark.real_time
async def test_a_dry_run_checks_and_sends_nothing(shell, table, tmp_path):
    """It needs no key, makes no ledger, and says what a run would do."""
    ended = await shell(
        "batch", "run", table, "--ledger", tmp_path / "l.sqlite", "--dry-run", "--max-jobs", "1"
    )
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[:2] == [
        "2 rows: 0 finished, 0 on their way, 2 to submit",
        "to render: 1 render, 2 characters of script, about 0 s of film",
    ]
    assert lines[2].startswith("the balance is not known: no HeyGen API key")
    assert lines[3:] == ["a run would submit 1; nothing was submitted"]
    assert not (tmp_path / "l.sqlite").exists()


@pytest.mark.real_time
async def test_all_mistakes_of_a_table_are_told_at_once(shell, table, tmp_path):
    """Exit code 2, a line for each, and nothing is sent."""
    table.write_text("title,image,script,voise_id\nA,gone.jpg,,v1\n")
    ended = await shell("batch", "run", table, "--ledger", tmp_path / "l.sqlite")
    assert ended.code == 2
    assert "line 1, column voise_id" in ended.err
    assert "voice_id" in ended.err
    assert "line 2, column image" in ended.err
    assert len(ended.err.splitlines()) >= 3


@pytest.mark.real_time
async def test_killed_it_is_taken_up_by_the_same_command(table, tmp_path):
    """The process dies with its jobs submitted; the next one submits nothing."""
    async with Emulator(speed=1) as emulator:
        command = ("batch", "run", table, "--ledger", tmp_path / "l.sqlite")
        variables = {"HEYGEN_API_KEY": emulator.api_key, "HEYGEN_BASE_URL": emulator.url}
        for _ in range(2):
            process = await start(*command, **variables)
            while (line := (await process.stderr.readline()).decode()) and "running" not in line:
                pass
            assert "heygen.video/" in line
            await process.stderr.readline()
            process.kill()
            await process.communicate()
        assert emulator.count(CREATE) == len(emulator.wallet.charges) == 2


@pytest.fixture
async def written(tmp_path):
    """Return the path of a ledger with an item in each state that matters."""
    path = tmp_path / "l.sqlite"
    async with Ledger(path) as ledger:
        for state in (ItemState.COMPLETED, ItemState.FAILED, ItemState.UNCERTAIN):
            await ledger.put(
                LedgerItem(
                    key=state,
                    digest="d",
                    state=state,
                    kind="heygen.video",
                    labels=("Grüß",),
                    error="No face" if state is ItemState.FAILED else None,
                )
            )
    return path


@pytest.mark.real_time
async def test_status_tells_counts_and_what_went_wrong(shell, written):
    """As text, and as JSON."""
    ended = await shell("batch", "status", written)
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "3 items: 1 completed, 1 failed, 1 uncertain",
        "failed: failed, No face",
        "uncertain: uncertain, its job is not known",
    ]
    counts = json.loads((await shell("batch", "status", written, "--json")).out)
    assert counts["failed"] == 1
    missing = await shell("batch", "status", f"{written}.no")
    assert (missing.code, missing.out) == (2, "")
    assert "there is no such ledger" in missing.err


@pytest.mark.real_time
async def test_export_prints_every_item(shell, written):
    """The same in both formats."""
    lines = (await shell("batch", "export", written, "--format", "jsonl")).out.splitlines()
    items = [json.loads(line) for line in lines]
    assert [item["key"] for item in items] == ["completed", "failed", "uncertain"]
    assert items[1]["error"] == "No face"
    table = (await shell("batch", "export", written, "--format", "csv")).out
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["state"] for row in rows] == ["completed", "failed", "uncertain"]
    assert json.loads(rows[0]["labels"]) == ["Grüß"]


@pytest.mark.real_time
async def test_retry_reopens_what_it_is_told_to(shell, written):
    """Without a word of which it is refused."""
    assert (await shell("batch", "retry", written)).code == 2
    ended = await shell("batch", "retry", written, "--failed")
    assert ended.out == "1 items will be submitted by the next run\n"
    async with Ledger(written, read_only=True) as ledger:
        assert (await ledger.get("failed")).state is ItemState.OPEN
        assert (await ledger.get("uncertain")).state is ItemState.UNCERTAIN


def test_each_kind_is_a_spec_that_a_table_can_hold():
    """The words of ``--kind`` are the package's specs."""
    from heygen_async.cli.run import KINDS

    assert KINDS["image"] is ImageVideo
    assert len(set(KINDS.values())) == len(KINDS)


def test_the_bar_counts_what_running_jobs_have_done():
    """A job at 50 % is half a row; one whose vendor tells nothing is none."""
    progress = BatchProgress(total=4, concurrency=2, about=lambda: None)
    for key, share in (("half", 50.0), ("silent", None)):
        status = JobStatus(State.RUNNING, "processing", progress=share)
        progress.begin(SimpleNamespace(key=key, job=SimpleNamespace(token=key, status=status)))
    progress.ended["completed"] = 1
    assert progress.work_done == 1.5
