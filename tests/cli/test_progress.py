"""The live picture of a batch: what fits, what it tells, and what stands in its place."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from heygen_async import Balance, JobStatus, State
from heygen_async.cli.progress import WIDTH, BatchProgress


def progress(**changes):
    about = SimpleNamespace(durations={})
    made = BatchProgress(total=1000, concurrency=10, about=lambda: about, **changes)
    for number in range(20):
        status = JobStatus(state=State.RUNNING, raw="processing", progress=50.0)
        job = SimpleNamespace(status=status, token=f"heygen.video/1/{number}")
        made.begin(SimpleNamespace(key=f"row-{number}-with-a-long-name", job=job))
    made.ended.update({"completed": 180, "failed": 20, "error": 3, "uncertain": 1})
    made.failures.append("row-99-with-a-long-name: No face was found in the picture of this row")
    return made


def drawn(made, columns):
    console = Console(file=io.StringIO(), width=columns, force_terminal=True, legacy_windows=False)
    console.print(made.draw())
    return console.file.getvalue()


def plain(text):
    from rich.text import Text

    return Text.from_ansi(text).plain.splitlines()


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_no_line_is_wider_than_sixty_columns(columns):
    """So a window that gets narrower breaks none of them; the figures are all there."""
    lines = plain(drawn(progress(balance=Balance(amount=1234.5, unit="credits")), columns))
    assert max(map(len, lines)) <= min(columns, WIDTH)
    told = " ".join(" ".join(lines).split())
    for word in (
        "204 of 1000",
        "180 completed",
        "20 running",
        "a minute",
        "balance 1234.5 credits",
    ):
        assert word in told
    assert len(lines) <= 8


def test_it_names_the_last_to_start_and_to_fail():
    """The newest first, as far as there is room."""
    lines = plain(drawn(progress(), 60))
    assert any(line.startswith("running: row-19-") for line in lines)
    assert any(line.startswith("row-99-") for line in lines)
    assert not any("balance" in line for line in lines)


def test_no_color_is_obeyed(monkeypatch):
    """The variable that many programs know turns colours off."""
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[31m" in drawn(progress(), 60)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in drawn(progress(), 60)


def test_a_name_cannot_command_the_terminal(capsys):
    """Control characters of a key are blanks, in the picture as in the lines."""
    made = progress()
    made.failures.append("\x1b]0;owned\x07")
    assert "\x1b]" not in drawn(made, 60)
    made.begin(SimpleNamespace(key="\x1b]0;owned\x07", job=SimpleNamespace(token="t")))
    assert "\x1b]" not in capsys.readouterr().err


@pytest.mark.parametrize(("terminal", "moves"), [("dumb", False), ("xterm", True)])
def test_a_terminal_that_cannot_go_back_gets_lines(monkeypatch, terminal, moves):
    """As a log does: a line for each change, and nothing is drawn over."""

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", terminal)
    with progress() as made:
        job = SimpleNamespace(
            token="heygen.video/1/x", status=JobStatus(state=State.QUEUED, raw="")
        )
        made.begin(SimpleNamespace(key="row-x", job=job))
    assert ("\x1b[" in screen.getvalue()) is moves
    assert ("row-x: running, heygen.video/1/x" in screen.getvalue()) is not moves
