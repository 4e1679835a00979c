"""The command ``heygen-async``: its groups, its version, and what an error ends in."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn

import click

from heygen_async import HeyGenError, __version__
from heygen_async.cli.account import account, request, videos
from heygen_async.cli.batch import batch
from heygen_async.cli.catalog import avatars, upload, voices
from heygen_async.cli.completion import completion
from heygen_async.cli.doctor import doctor
from heygen_async.cli.emulator import demo, emulator
from heygen_async.cli.env_file import env_file_option
from heygen_async.cli.errors import EPILOG, ExitCode, report
from heygen_async.cli.jobs import jobs
from heygen_async.cli.options import one_line
from heygen_async.cli.render import motion, render
from heygen_async.cli.run import run
from heygen_async.cli.webhook import webhook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType


class ErrorGroup(click.Group):
    """A group that turns errors into a line, or into JSON, and into an exit code.

    The table of the codes stands in the help of each of its commands.
    """

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command, which may be a group that is whole by now."""
        super().add_command(cmd, name)
        _add_epilog(cmd)

    def main(  # type: ignore[override] # it always ends the process
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run a command and exit."""
        as_json = "--json" in (sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        try:
            code = super().main(args, prog_name, **extra)
        except (HeyGenError, click.ClickException, click.Abort) as error:
            with suppress(BrokenPipeError):
                code = report(error, as_json=as_json)
        sys.exit(code)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the options of the group itself."""
        with _ended_by_its_reader():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _interrupt)
        with _warnings_for_people(), _ended_by_its_reader():
            try:
                return super().invoke(ctx)
            except KeyboardInterrupt:
                raise click.Abort from None


def _add_epilog(command: click.Command) -> None:
    command.epilog = EPILOG
    for inner in getattr(command, "commands", {}).values():
        _add_epilog(inner)


@contextmanager
def _ended_by_its_reader() -> Iterator[None]:
    """End quietly, and with a code of its own, when nobody reads the output any more."""
    try:
        yield
        click.echo(nl=False)  # flushes here, for at the interpreter's exit nobody catches anything
    except BrokenPipeError:
        pass
    except SystemExit as end:  # so does rich tell it
        if not isinstance(end.__context__, BrokenPipeError):
            raise
    except BaseExceptionGroup as group:
        if group.split(BrokenPipeError)[1] is not None:
            raise
    else:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):  # what is still in their buffers goes there
        os.dup2(nowhere, number)
    raise click.exceptions.Exit(ExitCode.PIPE_CLOSED)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Take SIGTERM for a Ctrl-C: what is on its way may be paid, so it is seen through."""
    signal.raise_signal(signal.SIGINT)


@contextmanager
def _warnings_for_people() -> Iterator[None]:
    """Show warnings, and what is logged as one, as lines without where they come from."""
    logger, handler = logging.getLogger("heygen_async"), _WarningLines(logging.WARNING)
    if not os.environ.get("HEYGEN_LOG"):  # who sets it wants the log as it is
        logger.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("always", category=DeprecationWarning, module="heygen_async")
            warnings.showwarning = _say
            yield
    finally:
        logger.removeHandler(handler)


class _WarningLines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _say(record.getMessage())


def _say(message: Warning | str, *_place: object, **_line: object) -> None:
    click.echo(f"Warning: {one_line(message)}", err=True)


@click.group(
    cls=ErrorGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="heygen-async")
@env_file_option
def app() -> None:
    """Render AI-avatar videos with HeyGen and JoggAI.

    The API keys are read from HEYGEN_API_KEY and JOGG_API_KEY. Results go to stdout; progress,
    tokens, warnings and errors to stderr, an error with --json as one object on its last line.
    """


for command in (
    account,
    avatars,
    batch,
    completion,
    demo,
    doctor,
    emulator,
    jobs,
    motion,
    render,
    request,
    run,
    upload,
    videos,
    voices,
    webhook,
):
    app.add_command(command)
