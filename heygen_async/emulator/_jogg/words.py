"""JoggAI's words for the state of a job: those of its pages, live ones, and odd ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.emulator._kinds import JOGG_MOTION, JOGG_PHOTO, JOGG_VIDEO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._jobs import RenderJob
    from heygen_async.emulator._world import World

_PHOTO = {"pending": "in_progress", "processing": "in_progress"}
_LIVE = {"completed": "success", "failed": "fail"}

WORDS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "documented": {
        JOGG_PHOTO.name: {**_PHOTO, "completed": "success", "failed": "error"},
        JOGG_MOTION.name: {},
        JOGG_VIDEO.name: {},
    },
    "live": {
        JOGG_PHOTO.name: {**_PHOTO, **_LIVE},
        JOGG_MOTION.name: _LIVE,
        JOGG_VIDEO.name: _LIVE,
    },
    "odd": {
        JOGG_PHOTO.name: {**_PHOTO, "completed": "Completed", "failed": "FAILED"},
        JOGG_MOTION.name: {"pending": "Queued", "completed": "SUCCESS", "failed": "Error"},
        JOGG_VIDEO.name: {"pending": "WAITING", "completed": "Succeeded", "failed": "Canceled"},
    },
}
"""By drift and kind of job; a state that is missing is its own word."""

NUMBERS: Mapping[str, int] = {"pending": 0, "processing": 0, "completed": 1, "failed": 2}
"""The states as the list of photo avatars has them."""

FILTERS: Mapping[int, str] = {0: "processing", 1: "completed", 2: "failed"}
"""The words of that list's own filter."""


def state_of(world: World, job: RenderJob) -> str:
    """Return the state of a job now, in the emulator's words."""
    return job.status(world.clock.now())


def word_of(world: World, job: RenderJob) -> str:
    """Return the status of a job now, in the words that the drift asks for."""
    state = state_of(world, job)
    return WORDS[world.drift.jogg_words][job.kind.name].get(state, state)


def failure_of(world: World, job: RenderJob) -> tuple[str, str] | None:
    """Return code and message of a job that has failed by now."""
    return job.failure if state_of(world, job) == "failed" else None
