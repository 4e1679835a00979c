"""A thousand people in a spreadsheet, each with a video of their own, as it goes in real life."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import signal
from pathlib import Path

import openpyxl
import pytest

from heygen_async import InvalidRequestError
from heygen_async.emulator import Emulator
from tests.conftest import PORTRAIT

from .test_table import command  # noqa: F401 - a fixture

CREATE = "POST /v3/videos"
PEOPLE = 1000
MADE = (
    *("--set", "script=Grüß Gott {Vorname} {Nachname}, willkommen in {Ort}!"),
    *("--set", "title={vorname} {nachname}", "--set", "image=ada.jpg", "--set", "voice_id=v1"),
    *("--key", "E-Mail", "--file-name", "{Kundennummer}-{Nachname}", "--concurrency", "100"),
)


@pytest.fixture
async def emulator():
    """Run an emulator whose renders are done at the first look, of which this is no test."""
    async with Emulator(seed=1, median=1, max_concurrent_jobs=PEOPLE) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_sync(monkeypatch):
    """Do not wait for the disk at each of a thousand files."""
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


def people():
    """Return a header and the rows of people, as they stand in a sheet."""
    rows = [
        [10_000 + n, f"Jürgen {n}", "Müller" if n % 2 else "Åström", f"{n}@example.com", "Köln"]
        for n in range(PEOPLE)
    ]
    return [["Kundennummer", "Vorname", "Nachname", "E-Mail", "Ort"], *rows]


def save_csv(path, rows):
    """Save a sheet as LibreOffice does with Western European letters and semicolons."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(rows)
    path.write_bytes(text.getvalue().encode("cp1252"))


def save_xlsx(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


@pytest.mark.timeout(180)
async def test_a_thousand_people_get_their_videos(command, emulator, tmp_path):  # noqa: F811
    """Looked at, stopped, gone on with, corrected, and told, each row is paid once."""
    (tmp_path / "ada.jpg").write_bytes(PORTRAIT.read_bytes())
    old, new, rows = tmp_path / "people.csv", tmp_path / "people.xlsx", people()
    save_csv(old, rows)
    save_xlsx(new, rows)
    for table in (old, new):
        code, ended = await command("run", table, *MADE, "--dry-run")
        assert code == 0
        first, *_, last = ended.stdout.splitlines()
        assert first == f"{PEOPLE} rows: 0 finished, 0 on their way, {PEOPLE} to submit"
        assert last == f"a run would submit {PEOPLE}; nothing was submitted"
        told = "people.csv: this is not UTF-8 and is read as Windows-1252, which has 'ü' in line 2"
        assert (told in ended.stderr) == (table is old)

    going = asyncio.create_task(command("run", old, *MADE))
    while emulator.count(CREATE) < PEOPLE // 3:
        await asyncio.sleep(0.1)
    os.kill(os.getpid(), signal.SIGINT)
    code, _ = await going
    begun = emulator.count(CREATE)
    assert (code, PEOPLE // 3 <= begun < PEOPLE) == (130, True)
    _, ended = await command("status", tmp_path / "l")
    assert ended.stdout == f"{PEOPLE} items: {PEOPLE - begun} open, {begun} completed\n"

    assert (await command("run", new, *MADE))[0] == 0  # the same people are the same rows
    assert emulator.count(CREATE) == len(emulator.wallet.charges) == PEOPLE

    for row in rows[5:8]:
        row[4] = "Zürich"
    save_xlsx(new, rows)
    error, _ = await command("run", new, *MADE)
    assert isinstance(error, InvalidRequestError)
    assert "\n  line 6: 4@example.com\n  line 7: 5@example.com\n  line 8: 6@" in str(error)
    assert emulator.count(CREATE) == PEOPLE
    assert (await command("run", new, *MADE, "--on-change", "render"))[0] == 0
    assert emulator.count(CREATE) == len(emulator.wallet.charges) == PEOPLE + 3
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert len(files) == PEOPLE + 3
    assert {"10000-Åström.mp4", "10001-Müller.mp4"} <= files

    page = tmp_path / "report.html"
    assert (await command("report", tmp_path / "l", "-o", page))[0] == 0
    text = page.read_text()
    assert text.startswith("<!doctype html>")
    assert "10000-%C3%85str%C3%B6m.mp4" in text or "10000-Åström.mp4" in text

    output = tmp_path / "done.csv"
    read = MADE[:-2]  # all but --concurrency
    assert (await command("export", tmp_path / "l", "--table", new, *read, "-o", output))[0] == 0
    done = list(csv.DictReader(io.StringIO(output.read_text("utf-8-sig"))))
    assert [row["Kundennummer"] for row in done] == [str(row[0]) for row in rows[1:]]
    assert {row["state"] for row in done} == {"completed"}
    assert {Path(row["file"]).name for row in done} < files
