"""``heygen-async emulator``: a local HeyGen for programs in any language."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import signal
from pathlib import Path

import click

from heygen_async.emulator import Emulator, FaultPlan


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes any free one.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="How many times as fast as HeyGen it renders.",
)
@click.option(
    "--faults",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file of what goes wrong: a list of objects with the fields of Fault.",
)
@click.option(
    "--api-key", default="emulator-key", show_default=True, help="The only key it accepts."
)
def emulator(port: int, speed: float, faults: Path | None, api_key: str) -> None:
    """Run a local HeyGen until Ctrl-C or SIGTERM (exit code 0).

    Prints the two lines that point a shell at it.
    """
    try:
        plan = FaultPlan.load(faults) if faults else None
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    asyncio.run(_serve(Emulator(port=port, speed=speed, faults=plan, api_key=api_key)))


async def _serve(emulator: Emulator) -> None:
    try:
        await emulator.start()
    except OSError as error:
        raise click.UsageError(f"cannot serve: {error.strerror or error}") from None
    try:
        click.echo(f"export HEYGEN_BASE_URL={shlex.quote(emulator.url)}")
        click.echo(f"export HEYGEN_API_KEY={shlex.quote(emulator.api_key)}")
        await _stopped()
    finally:
        await emulator.aclose()


async def _stopped() -> None:
    stop = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows: there Ctrl-C cancels the task
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
