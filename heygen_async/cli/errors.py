"""What a command can end in: its exit codes, and an error as a line or as JSON."""

from __future__ import annotations

import io
import json
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import click

from heygen_async import (
    AuthenticationError,
    BudgetError,
    HeyGenError,
    InsufficientCreditError,
    InvalidRequestError,
    JobFailedError,
    NotFoundError,
    PermissionDeniedError,
    SubmissionUnknownError,
)
from heygen_async.cli.options import one_line, say_before_paying_again
from heygen_async.cli.place import without_passwords
from heygen_async.cli.wording import in_shell_words

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExitCode(IntEnum):
    """How a command ended; the meanings stand in ``EXIT_CODES``."""

    ALL_DONE = 0
    ERROR = 1
    BAD_INPUT = 2
    GOES_ON = 3
    UNCERTAIN = 4
    KEY_REFUSED = 5
    NO_CREDIT = 6
    JOB_FAILED = 7
    INTERRUPTED = 130
    PIPE_CLOSED = 141


EXIT_CODES: Mapping[ExitCode, str] = {
    ExitCode.ALL_DONE: "all went well",
    ExitCode.ERROR: "any other error: of the API, the network, a file",
    ExitCode.BAD_INPUT: "bad input; nothing was sent",
    ExitCode.GOES_ON: "a job goes on, its token is printed; or rows of a table are left, as after "
    "batch stop",
    ExitCode.UNCERTAIN: "may have been paid: an answer was lost, or rows are uncertain",
    ExitCode.KEY_REFUSED: "the API key is refused (401), or may not do this (403)",
    ExitCode.NO_CREDIT: "the account has not enough credit (402)",
    ExitCode.JOB_FAILED: "the vendor could not render it",
    ExitCode.INTERRUPTED: "ended by Ctrl-C or SIGTERM",
    ExitCode.PIPE_CLOSED: "nobody reads the output any more, as with | head",
}

EPILOG = "\b\nExit codes:\n" + "\n".join(f"  {c:<3}  {text}" for c, text in EXIT_CODES.items())

_CODES = (
    (click.Abort, ExitCode.INTERRUPTED),
    (InvalidRequestError, ExitCode.BAD_INPUT),
    ((AuthenticationError, PermissionDeniedError), ExitCode.KEY_REFUSED),
    (InsufficientCreditError, ExitCode.NO_CREDIT),
    (SubmissionUnknownError, ExitCode.UNCERTAIN),
    (JobFailedError, ExitCode.JOB_FAILED),
)

Failure = HeyGenError | click.ClickException | click.Abort
"""What ``report`` can tell; click raises ``Abort`` for Ctrl-C."""


def report(error: Failure, *, as_json: bool) -> ExitCode | int:
    """Say an error on stderr, for people or as one object, and return its exit code."""
    code = exit_code(error)
    if as_json:
        click.echo(json.dumps(_fields(error, code)), err=True)
    elif isinstance(error, click.ClickException):
        told = io.StringIO()
        error.show(told)
        click.echo(without_passwords(told.getvalue()), err=True, nl=False)
    elif isinstance(error, click.Abort):
        click.echo("interrupted", err=True)
    else:
        text = _message(error) if code == ExitCode.BAD_INPUT else one_line(error)
        click.echo(f"Error: {text}", err=True)
        if isinstance(error, SubmissionUnknownError):
            say_before_paying_again(error.idempotency_key)
        if _goes_on(error):
            click.echo(f"token: {error.job.token}", err=True)
    return code


def exit_code(error: Failure) -> ExitCode | int:
    """Return what the command ends in."""
    if isinstance(error, click.ClickException):
        return error.exit_code
    known = (code for kinds, code in _CODES if isinstance(error, kinds))
    return next(known, ExitCode.GOES_ON if _goes_on(error) else ExitCode.ERROR)


def account_code(error: HeyGenError) -> ExitCode:
    """Return what a batch ends in that the account, or its owner, has stopped."""
    if isinstance(error, AuthenticationError):
        return ExitCode.KEY_REFUSED
    return ExitCode.GOES_ON if isinstance(error, BudgetError) else ExitCode.NO_CREDIT


def _goes_on(error: Failure) -> bool:
    """Whether the error has ended a wait, but not the job."""
    ended = isinstance(error, JobFailedError | NotFoundError)
    return getattr(error, "job", None) is not None and not ended


def _fields(error: Failure, code: int) -> dict[str, Any]:
    job = getattr(error, "job", None)
    name = type(error).__name__
    if isinstance(error, click.ClickException):  # click has many, and others in each version
        name = "UsageError"
    return {
        "error": "Interrupted" if isinstance(error, click.Abort) else name,
        "code": getattr(error, "code", None),
        "message": _message(error),
        "status": getattr(error, "status", None),
        "request_id": getattr(error, "request_id", None),
        "token": job and job.token,
        "idempotency_key": getattr(error, "idempotency_key", None),
        "exit_code": code,
    }


def _message(error: Failure) -> str:
    """Return the vendor's own words where there are some, else ours."""
    if isinstance(error, click.Abort):
        return "interrupted"
    text = getattr(error, "message", None) or in_shell_words(str(error))
    # click repeats words that it cannot use, which may be the URL of a ledger
    return without_passwords(text) if isinstance(error, click.ClickException) else text
