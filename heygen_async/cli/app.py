"""The command ``heygen-async``: its groups, its version, and what an error ends in."""

from __future__ import annotations

import signal
import threading
import warnings
from typing import TYPE_CHECKING, Any

import click

from heygen_async import (
    HeyGenError,
    InvalidRequestError,
    JobFailedError,
    NotFoundError,
    __version__,
)
from heygen_async.cli.batch import batch
from heygen_async.cli.catalog import avatars, upload, voices
from heygen_async.cli.doctor import doctor
from heygen_async.cli.emulator import demo, emulator
from heygen_async.cli.options import one_line
from heygen_async.cli.render import jobs, motion, render
from heygen_async.cli.run import run
from heygen_async.cli.webhook import webhook

if TYPE_CHECKING:
    from types import FrameType

ERROR, BAD_INPUT, RESUMABLE, INTERRUPTED = 1, 2, 3, 130

EXIT_CODES = """\b
Exit codes:
  0    all went well
  1    a job failed, or the API answered with an error
  2    bad input; nothing was sent
  3    the wait ended but the job goes on, its token is printed; or rows of a table are left
  4    rows of a table are uncertain: they may have been paid for
  130  ended by Ctrl-C
"""


class ErrorGroup(click.Group):
    """A group that turns the package's errors into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _interrupt)
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings(
                    "always", category=DeprecationWarning, module="heygen_async"
                )
                warnings.showwarning = _say
                return super().invoke(ctx)
        except HeyGenError as error:
            code = _exit_code(error)
            text = str(error) if code == BAD_INPUT else one_line(error)
            click.echo(f"Error: {text}", err=True)
            if code == RESUMABLE:
                click.echo(f"token: {error.job.token}", err=True)
            ctx.exit(code)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Take SIGTERM for a Ctrl-C: what is on its way may be paid, so it is seen through."""
    signal.raise_signal(signal.SIGINT)


def _say(message: Warning | str, *_place: object, **_line: object) -> None:
    """Show a warning as one line for people, without where it was raised."""
    click.echo(f"Warning: {message}", err=True)


def _exit_code(error: HeyGenError) -> int:
    if isinstance(error, InvalidRequestError):
        return BAD_INPUT
    if error.job is not None and not isinstance(error, JobFailedError | NotFoundError):
        return RESUMABLE
    return ERROR


@click.group(
    cls=ErrorGroup, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="heygen-async")
def app() -> None:
    """Render AI-avatar videos with HeyGen and JoggAI.

    The API keys are read from HEYGEN_API_KEY and JOGG_API_KEY.
    """


for command in (
    avatars,
    batch,
    demo,
    doctor,
    emulator,
    jobs,
    motion,
    render,
    run,
    upload,
    voices,
    webhook,
):
    app.add_command(command)
