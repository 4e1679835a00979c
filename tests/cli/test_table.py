"""``heygen-async batch`` with tables as people have them."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from types import SimpleNamespace

import openpyxl
import pytest
from click.testing import CliRunner

from heygen_async import HeyGenError, InvalidRequestError, ItemState, Ledger
from heygen_async.cli.app import app
from heygen_async.cli.batch import BatchRun
from heygen_async.cli.errors import ExitCode
from tests.conftest import PORTRAIT
from tests.transport.test_pictures import heic

CREATE = "POST /v3/videos"
PEOPLE = (
    "First Name;E-Mail;City\n"
    "Ada;ada@example.com;London\n"
    "Grace;grace@example.com;New York\n"
    "Joan;joan@example.com;Paris\n"
)
MADE = (
    *("--set", "script=Hello {first_name}!", "--set", "voice_id=v1"),
    *("--set", "image=ada.jpg", "--key", "E-Mail", "--file-name", "{first_name}"),
)


@pytest.fixture
def people(tmp_path):
    """Return a table of three people beside a picture."""
    (tmp_path / "ada.jpg").write_bytes(PORTRAIT.read_bytes())
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return path


@pytest.fixture
def command(emulator, tmp_path, monkeypatch, capsys):
    """Run ``heygen-async batch`` in virtual time; return its exit code and what it printed."""
    monkeypatch.setenv("HEYGEN_API_KEY", emulator.api_key)
    monkeypatch.setenv("HEYGEN_BASE_URL", emulator.url)
    made = []

    class Run(BatchRun):
        async def go(self):
            made.append(super().go())
            return 0

        async def plan(self):
            made.append(super().plan())

    monkeypatch.setattr("heygen_async.cli.batch.BatchRun", Run)

    async def run(name, *words):
        if name == "run":
            words = (*words, "--ledger", tmp_path / "l", "--out", tmp_path / "out")
        invoke = CliRunner().invoke
        ended = await asyncio.to_thread(invoke, app, ["batch", name, *map(str, words)])
        code = ended.exit_code
        if made:
            try:
                code = await made.pop() or 0
            except HeyGenError as error:
                code = error
        out, err = capsys.readouterr()
        return code, SimpleNamespace(stdout=ended.stdout + out, stderr=ended.stderr + err)

    return run


def rows_in(text, separator=";"):
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=separator))


async def test_a_table_of_people_is_rendered(command, people, emulator, tmp_path):
    """What was assumed is said, and files have the names that they are to have."""
    code, ended = await command("run", people, *MADE)
    assert code == 0
    assert ended.stderr.splitlines()[:2] == [
        "people.csv: ';' is taken for what separates the cells",
        "people.csv: nothing is made of these columns: City",
    ]
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["Ada.mp4", "Grace.mp4", "Joan.mp4"]
    assert emulator.count(CREATE) == 3


async def test_a_corrected_row_is_told_and_not_rendered(command, people, emulator, tmp_path):
    """Unless it is said what becomes of it; the file of before stays."""
    await command("run", people, *MADE)
    people.write_text(PEOPLE.replace("Grace;", "Amazing Grace;"))
    error, _ = await command("run", people, *MADE)
    assert isinstance(error, InvalidRequestError)
    assert "1 row has changed" in str(error)
    assert "line 3: grace@example.com" in str(error)
    _, ended = await command("run", people, *MADE, "--dry-run")
    first, second, *_ = ended.stdout.splitlines()
    assert first == "3 rows: 2 finished, 0 on their way, 1 to submit"
    assert second.startswith("1 of those to submit look like rows that are done, and have chang")
    assert emulator.count(CREATE) == 3
    code, _ = await command("run", people, *MADE, "--on-change", "keep")
    assert (code, emulator.count(CREATE)) == (0, 3)
    assert (await command("run", people, *MADE))[0] == 0  # it is kept from now on
    people.write_text(PEOPLE)
    (tmp_path / "out" / "Grace.mp4").write_bytes(b"before")
    code, _ = await command("run", people, *MADE, "--on-change", "render")
    assert (code, emulator.count(CREATE)) == (0, 4)
    assert (tmp_path / "out" / "Grace.mp4").read_bytes() == b"before"
    assert len(list((tmp_path / "out").glob("Grace-*.mp4"))) == 1
    assert (await command("run", people, *MADE))[0] == 0
    assert emulator.count(CREATE) == 4


async def test_a_table_that_is_signed_anew_is_not_paid_again(command, tmp_path, emulator):
    """Each export of it has other queries; the rows are told, and done."""
    lines = ["image,script,voice_id"]
    lines += [f"https://example.com/{n}.png?Expires=NUMBER,Hello {n}!,v1" for n in range(3)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines).replace("NUMBER", "1"))
    assert (await command("run", path))[0] == 0
    path.write_text("\n".join(lines).replace("NUMBER", "2"))
    error, _ = await command("run", path)
    assert "3 rows have changed" in str(error)
    _, ended = await command("run", path, "--dry-run")
    assert "3 of those to submit look like rows that are done" in ended.stdout
    assert (await command("run", path, "--on-change", "keep"))[0] == 0
    assert emulator.count(CREATE) == 3


async def test_a_sample_is_the_first_rows(command, people, emulator):
    """Also if it is asked for twice; the others are known as not begun."""
    for _ in range(2):
        code, _ = await command("run", people, *MADE, "--sample", "2")
        assert (code, emulator.count(CREATE)) == (ExitCode.GOES_ON, 2)
    _, ended = await command("status", people.parent / "l")
    assert ended.stdout == "3 items: 1 open, 2 completed\n"
    assert (await command("run", people, *MADE))[0] == 0
    assert emulator.count(CREATE) == 3


async def test_bad_rows_are_left_out_and_written_down(command, people, emulator, tmp_path):
    """With what is wrong with them, into a file that replaces none; a second run makes no other."""
    people.write_text(PEOPLE.replace("Grace;", ";") + "Ada;ada@example.com;Rome\n")
    code, ended = await command("run", people, *MADE)
    assert code == 2
    assert "line 3, column first_name: is empty, and script needs it" in ended.stderr
    assert "line 5: the key 'ada@example.com' is that of line 2, too" in ended.stderr
    (tmp_path / "people.bad.csv").write_text("mine")
    for _ in range(2):
        code, ended = await command("run", people, *MADE, "--skip-bad")
        assert (code, emulator.count(CREATE)) == (ExitCode.GOES_ON, 2)
        assert f"2 bad rows are left out; they are in {tmp_path}" in ended.stderr
    assert (tmp_path / "people.bad.csv").read_text() == "mine"
    assert not (tmp_path / "people.bad-3.csv").exists()
    bad = rows_in((tmp_path / "people.bad-2.csv").read_text())
    assert [row["E-Mail"] for row in bad] == ["grace@example.com", "ada@example.com"]
    assert "is empty, and script needs it" in bad[0]["problems"]
    people.write_text("First Name;E-Mail\n;x\n")
    assert (await command("run", people, *MADE, "--skip-bad"))[0] == 2


async def test_an_export_is_the_table_with_its_results(command, people, tmp_path):
    """In its order and with its separator; a column that has the name of a result keeps it."""
    people.write_text(PEOPLE.replace("City", "State"))
    await command("run", people, *MADE, "--sample", "2")
    output = tmp_path / "done.csv"
    words = ("export", tmp_path / "l", "--table", people, *MADE)
    assert (await command(*words, "-o", output))[0] == 0
    ada, _, joan = rows_in(output.read_text())
    assert ada["First Name"] == "Ada"
    assert (ada["State"], ada["render state"]) == ("London", "completed")
    assert (ada["row"], ada["key"]) == ("2", "ada@example.com")
    assert ada["file"] == str(tmp_path / "out" / "Ada.mp4")
    assert ada["url"].startswith("http")
    assert "?" not in ada["url"]
    assert float(ada["duration"]) > 0
    assert (joan["render state"], joan["file"], joan["url"]) == ("open", "", "")
    code, ended = await command(*words, "-o", output)
    assert (code, "pass --overwrite" in ended.stderr) == (2, True)
    assert (await command(*words, "-o", output, "--overwrite"))[0] == 0
    _, printed = await command(*words)
    assert rows_in(printed.stdout) == rows_in(output.read_text())
    assert (await command("export", tmp_path / "l"))[0] == 2
    _, ended = await command("export", tmp_path / "l", "--format", "jsonl")
    assert json.loads(ended.stdout.splitlines()[0])["key"] == "ada@example.com"


async def test_rows_that_are_gone_are_forgotten_if_they_were_never_sent(command, people, tmp_path):
    """What was rendered stays."""
    await command("run", people, *MADE, "--sample", "1")
    people.write_text("First Name;E-Mail\nTim;tim@example.com\n")
    await command("run", people, *MADE, "--max-jobs", "0")
    async with Ledger(tmp_path / "l", read_only=True) as ledger:
        states = {item.key: item.state async for item in ledger.items()}
    assert states == {
        "ada@example.com": ItemState.COMPLETED,
        "tim@example.com": ItemState.OPEN,
    }


async def test_a_workbook_is_a_table(command, people, emulator):
    """With the sheet that is named."""
    book = openpyxl.Workbook()
    for line in PEOPLE.splitlines():
        book.create_sheet("People") if "People" not in book.sheetnames else None
        book["People"].append(line.split(";"))
    path = people.with_suffix(".xlsx")
    book.save(path)
    assert (await command("run", path, *MADE))[0] == 2
    assert (await command("run", path, *MADE, "--sheet", "People"))[0] == 0
    assert emulator.count(CREATE) == 3


async def test_options_that_make_no_sense_are_refused(command, people):
    """Exit code 2, and what to write."""
    for words, told in (
        (("--set", "script"), "--set is FIELD=TEXT, not 'script'"),
        ((*MADE, "--strict"), "column City: no such field"),
        ((*MADE, "--key", "City2"), "there is no such column, which key needs"),
        ((*MADE, "--sheet", "x"), "has no sheets"),
        (
            (*MADE, "--set", "title=TODO"),
            "'TODO' looks like a mistake; if it is meant, pass --allow-odd",
        ),
    ):
        code, ended = await command("run", people, *words)
        assert code == 2
        assert told in ended.stderr
    assert (await command("run", people, *MADE, "--set", "title=TODO", "--allow-odd"))[0] == 0


@pytest.mark.real_time
async def test_no_letter_is_one_that_a_terminal_cannot_print(shell, tmp_path):
    """Output of another encoding shows it in another way."""
    path = tmp_path / "t.csv"
    path.write_text("image,script,voice_id,Größe 日\nhttps://example.com/a.png,Hi,v1,1\n")
    words = ("batch", "run", path, "--ledger", tmp_path / "l", "--dry-run")
    ended = await shell(*words, PYTHONIOENCODING="cp1252")
    assert (ended.code, "\\u65e5" in ended.err) == (0, True)


async def test_pictures_of_phones_are_prepared(command, emulator, tmp_path):
    """``--prepare`` lets the table have them, and the client sends a JPEG."""
    (tmp_path / "ada.heic").write_bytes(heic())
    path = tmp_path / "phones.csv"
    path.write_text("image,script,voice_id\nada.heic,Hi,v1\n")
    code, _ = await command("run", path)
    assert code == 2
    code, _ = await command("run", path, "--prepare")
    assert code == 0
    (asset,) = emulator.assets.values()
    assert asset.content.startswith(b"\xff\xd8")
