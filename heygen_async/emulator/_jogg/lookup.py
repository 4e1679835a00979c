"""What a request points at: jobs and voices, which have to exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.emulator._errors import invalid, not_found
from heygen_async.emulator._jogg.catalogue import CUSTOM_VOICES, VOICES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._jobs import RenderJob
    from heygen_async.emulator._kinds import Kind
    from heygen_async.emulator._world import World


def find_job(world: World, given: Mapping[str, str], name: str, kind: Kind) -> RenderJob:
    """Return the job that the parameter *name* is the id of: required, and it has to exist."""
    if not given.get(name):
        raise invalid(name, "Field required.")
    if job := world.book.of(kind).get(given[name]):
        return job
    raise not_found(kind.name, given[name], param=name)


def require_voice(voice_id: str, at: str) -> None:
    """Require a voice of the catalogue or of the account."""
    if voice_id not in {voice["voice_id"] for voice in (*VOICES, *CUSTOM_VOICES)}:
        raise invalid(at, f"Voice {voice_id} does not exist.")
