"""Plans of histories: plain data, drawn from a seed or written by hand, and cut down."""

from __future__ import annotations

import random

import attrs

from heygen_async import AddMotion, ImageVideo, JoggMotion, JoggVideo, LegacyVideo
from tests.torture.server import GETS, POSTS

PICTURE = "https://example.com/ada.png"
HOUR = 3600.0


_LABELS = {
    ImageVideo: "title",
    LegacyVideo: "title",
    AddMotion: "prompt",
    JoggMotion: "name",
    JoggVideo: "video_name",
}


@attrs.frozen
class Event:
    """Something that happens at a moment: seconds into the life, or at a POST of the history.

    ``at`` is "time", "post" (one has arrived) or "answer" (its work is done, not its answer).
    """

    what: str
    at: str
    when: float
    who: int = 0


@attrs.frozen(kw_only=True)
class Plan:
    """What happens in a history, all of it."""

    kind: str = "video"
    mode: str = "submit"
    specs: int = 1
    slots: int = 10
    attempts: int = 8
    base_delay: float = 0.5
    callbacks: bool = False
    posts: tuple[str, ...] = ()
    gets: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    timeouts: tuple[float | None, ...] = ()
    waits: tuple[float | None, ...] = ()  # run(timeout=…)
    breaks: tuple[int | None, ...] = ()  # for each life, the outcomes after which it is left
    patience: float | None = None  # of wait_for(anext(outcomes)), which is called again
    ledger_first: bool = False  # whether the ledger is closed after the client
    gaps: tuple[float, ...] = ()  # seconds from each life to the next one


def drawn(seed: int) -> Plan:
    """Return the plan of ``seed``."""
    luck = random.Random(seed)
    kind = luck.choice(
        ("video", "video", "video", "v2-video", "motion", "jogg-motion", "jogg-video")
    )
    mode = luck.choice(("submit", "run", "map", "ledger", "ledger"))
    specs = luck.choice((1, 1, 2, 2, 3, 4, 6))
    if kind.startswith("jogg") and luck.random() < 0.05:
        specs = 24  # more than JoggAI takes in a minute: some wait for their turn
    ledger = mode == "ledger"
    lives = luck.choice((1, 2, 3)) if ledger else 1
    trouble = luck.choice((0.3, 0.6, 0.9))
    names = tuple(POSTS)
    count = luck.randint(1, 3 + specs)
    posts = tuple(luck.choice(names) if luck.random() < trouble else "good" for _ in range(count))
    gets = ()
    if luck.random() < 0.3:
        gets = tuple(luck.choice((None, *GETS)) for _ in range(luck.randint(1, 6)))
    events = [_event(luck, mode, specs) for _ in range(luck.choice((0, 0, 1, 1, 2, 3)))]
    return Plan(
        kind=kind,
        mode=mode,
        specs=specs,
        slots=luck.choice((1, 2, 10)),
        attempts=luck.choice((1, 2, 4, 8)),
        base_delay=luck.choice((0.5, 0.5, 5.0)),
        callbacks=kind == "video" and luck.random() < 0.4,
        posts=posts,
        gets=gets,
        fails=tuple(label(n) for n in range(specs) if luck.random() < 0.1),
        events=tuple(events),
        timeouts=_some(luck, specs) if mode in ("submit", "run") and luck.random() < 0.4 else (),
        waits=_some(luck, specs) if mode == "run" and luck.random() < 0.3 else (),
        breaks=tuple(luck.choice((None, None, 0, 1, 2)) for _ in range(lives))
        if mode in ("map", "ledger")
        else (),
        patience=luck.choice((None, None, None, 0.3, 3.0)) if mode in ("map", "ledger") else None,
        ledger_first=luck.random() < 0.3,
        gaps=tuple(luck.choice((0.0, 60.0, 25 * HOUR)) for _ in range(lives)) if ledger else (),
    )


def _some(luck: random.Random, specs: int) -> tuple[float | None, ...]:
    return tuple(
        luck.choice((None, luck.uniform(0, 0.01), luck.uniform(0, 20))) for _ in range(specs)
    )


def _event(luck: random.Random, mode: str, specs: int) -> Event:
    whats = {
        "submit": ("cancel", "cancel", "sleep", "close", "shutdown"),
        "run": ("cancel", "cancel", "sleep", "close", "shutdown"),
        "map": ("cancel", "sleep", "close", "stop", "shutdown"),
        "ledger": ("cancel", "sleep", "close", "stop", "shutdown", "gone", "die", "die", "die"),
    }
    what = luck.choice(whats[mode])
    if what != "die" and mode == "ledger" and luck.random() < 0.3:
        what = "stranger"
    at = luck.choice(("time", "post", "answer"))
    when = (
        luck.choice((luck.uniform(0, 1), luck.uniform(0, 30)))
        if at == "time"
        else luck.randint(0, 7)
    )
    return Event(what, at, when, luck.randrange(specs))


def label(number: int) -> str:
    """Return the label by which the spec of that number is known."""
    return f"s{number}"


def spec_of(plan: Plan, number: int):
    """Return the spec of that number; all of one plan differ in their labels only."""
    name = label(number)
    if plan.kind == "video":
        callback = {"callback_id": f"cb-{name}"} if plan.callbacks else {}
        return ImageVideo(image=PICTURE, script="Hello!", voice_id="v1", title=name, **callback)
    if plan.kind == "v2-video":
        return LegacyVideo(image_url=PICTURE, script="Hello!", voice_id="v1", title=name)
    if plan.kind == "motion":
        return AddMotion(id="photo_ada", prompt=name)
    if plan.kind == "jogg-motion":
        return JoggMotion(image_url=PICTURE, name=name, voice_id="v1", model="2.0")
    return JoggVideo(avatar_id=7, voice_id="v1", script="Hello!", video_name=name)


def label_of(spec) -> str:
    """Return the label of a spec."""
    return getattr(spec, _LABELS[type(spec)])


def smaller(plan: Plan):
    """Yield plans that are a little less than this one, the greatest cuts first."""
    if plan.specs > 1:
        yield attrs.evolve(plan, specs=plan.specs - 1)
    for name in ("events", "posts", "gets", "gaps"):
        items = getattr(plan, name)
        for at in range(len(items)):
            yield attrs.evolve(plan, **{name: items[:at] + items[at + 1 :]})
    for at, met in enumerate(plan.posts):
        if met != "good":
            yield attrs.evolve(plan, posts=(*plan.posts[:at], "good", *plan.posts[at + 1 :]))
    plain = Plan()
    for name in ("fails", "timeouts", "waits", "breaks", "patience", "slots", "attempts",
                 "base_delay", "ledger_first", "callbacks"):  # fmt: skip
        if getattr(plan, name) != getattr(plain, name):
            yield attrs.evolve(plan, **{name: getattr(plain, name)})
