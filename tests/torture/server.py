"""The vendors, as far as a history needs them: they count what they charge, and misbehave by plan.

``POSTS`` names the ways in which the answer to a paid call goes wrong, ``GETS`` those of a read.
A charge is work that was done; whatever becomes of its answer, somebody has to own it.
"""

from __future__ import annotations

import asyncio
import json

import attrs
from aiohttp import web

EPOCH = 1_790_000_000.0
KEY_WINDOW = 24 * 3600.0
STRANGERS = (7200.0, 0.0, 30.0)
"""How many seconds ago the videos of strangers were made."""
URL = "https://files.example.com/result.mp4"
HTML = "<html><body>Please sign in</body></html>"


@attrs.frozen(kw_only=True)
class Kind:
    """A paid call: where it goes, where its spec's label stands, and how it answers."""

    name: str
    path: str
    label: str
    id: str
    jogg: bool = False
    keyed: bool = False
    seconds: float = 5.0


KINDS = {
    kind.name: kind
    for kind in (
        Kind(name="video", path="/v3/videos", label="title", id="video_id", keyed=True),
        Kind(name="v2-video", path="/v2/videos", label="title", id="video_id"),
        Kind(name="motion", path="/v2/photo_avatar/add_motion", label="prompt", id="id"),
        Kind(
            name="jogg-motion",
            path="/v2/photo_avatar/add_motion",
            label="name",
            id="motion_id",
            jogg=True,
        ),
        Kind(
            name="jogg-video",
            path="/v2/create_video_from_avatar",
            label="video_name",
            id="video_id",
            jogg=True,
        ),
    )
}


@attrs.define(eq=False)
class Charge:
    """A job that was paid for; ``number`` counts them. A stranger's has no label of ours."""

    id: str
    label: str | None
    key: str | None
    created_at: float
    ends_at: float
    failed: bool
    title: str | None
    callback_id: str | None = None
    answered: bool = False  # its id has reached a client


@attrs.frozen
class Post:
    """A paid call as it arrived: when, for which spec, with which key, and what it met."""

    at: float
    label: str
    key: str | None
    met: str


# What happens to a paid call. "front" is decided before the key is looked at and does no work;
# "refuse" after it: a known key is answered as it was the first time; "back" has done its work.
POSTS = {
    "good": ("back", "good"),
    "warning": ("back", "warning"),
    "slow": ("back", "slow"),
    "too-slow": ("back", "too-slow"),
    "lost-after": ("back", "reset"),
    "cut": ("back", "cut"),
    "503-after": ("back", "503"),
    "html-302-after": ("back", "html-302"),
    "html-404-after": ("back", "html-404"),
    "html-502-after": ("back", "html-502"),
    "html-200-after": ("back", "html-200"),
    "unknown-code-after": ("back", "unknown-code"),
    "odd-id-after": ("back", "odd-id"),
    "empty-after": ("back", "empty"),
    "in-progress": ("later", "reset"),
    "lost-before": ("front", "reset"),
    "503-before": ("front", "503"),
    "html-302": ("front", "html-302"),
    "html-402": ("front", "html-402"),
    "html-404": ("front", "html-404"),
    "html-413": ("front", "html-413"),
    "html-421": ("front", "html-421"),
    "html-503": ("front", "html-503"),
    "unknown-code": ("front", "unknown-code"),
    "429": ("front", "429"),
    "429-wait": ("front", "429-wait"),
    "401": ("front", "401"),
    "403": ("front", "403"),
    "refused": ("refuse", "400"),
    "no-credit": ("refuse", "402"),
}

GETS = ("503", "reset", "html-200", "html-404", "429-wait", "slow", "lag")

_REFUSALS = {
    400: ("invalid_parameter", 40000),
    401: ("unauthorized", 10105),
    402: ("insufficient_credit", 18020),
    403: ("forbidden", 18025),
    429: ("rate_limit_exceeded", 429),
    503: ("internal_error", 50000),
}
_ODD_IDS = (None, "", ["x"], {"id": "x"}, False)
_UNKNOWN = ((200, 99999), (400, "0x17"), (200, None), (409, 20001))


class World:
    """One vendor during one history."""

    def __init__(self, loop, kind, plan, *, say):
        self.loop = loop
        self.kind = kind
        self.charges = []
        self.strangers = []
        self.posts = []
        self.dead = False
        self.slept = 0.0  # seconds by which the wall clock is ahead of the loop's
        self.callbacks = plan.callbacks
        self.happen = lambda *_where: None
        self._plan = list(plan.posts)
        self._gets = list(plan.gets)
        self._fails = plan.fails
        self.say = say
        self._keys = {}
        self._busy = set()
        self._later = set()
        self._odd = 0

    def wall(self):
        """Return what the clocks on the wall show."""
        return EPOCH + self.loop.time() + self.slept

    def behave(self):
        """Answer well from now on."""
        self._plan, self._gets = [], []

    async def settled(self):
        """Return when all work has been done that was begun."""
        while self._later:
            await asyncio.wait(self._later)

    async def handle(self, request):
        if self.dead:
            return _reset(request)
        if request.method == "POST":
            return await self._post(request)
        return await self._get(request)

    def charge(self, label, key, *, title, callback_id=None):
        number = len(self.charges)
        job_id = f"job{number:02}-{label}"
        now = self.wall()
        ends_at = now + self.kind.seconds
        failed = label in self._fails
        charge = Charge(job_id, label, key, now, ends_at, failed, title, callback_id)
        self.charges.append(charge)
        self.say(f"server: CHARGED {job_id} (key {_short(key)})")
        return charge

    def stranger(self, title):
        """Somebody else of the account makes a video of the same title, now or a while ago."""
        now = self.wall() - STRANGERS[len(self.strangers) % len(STRANGERS)]
        job_id = f"stranger{len(self.strangers)}"
        self.say(f"server: somebody else makes {job_id}, titled {title!r}")
        self.strangers.append(Charge(job_id, None, None, now, now, False, title))

    async def _post(self, request):
        body = await request.json()
        label = body[self.kind.label]
        key = request.headers.get("Idempotency-Key") if self.kind.keyed else None
        name = self._plan.pop(0) if self._plan else "good"
        number = len(self.posts)
        when, how = POSTS[name]
        known, charged_at = self._keys.get(key, (None, 0.0))
        if self.wall() - charged_at >= KEY_WINDOW:
            known = None
        self.posts.append(Post(self.loop.time(), label, key, "replay" if known else name))
        self.say(f"server: POST {number} for {label}, key {_short(key)}: {name}")
        self.happen("post", number)
        if self.dead:
            return _reset(request)
        if when != "front" and key in self._busy:
            return self._refusal(409, "request_in_progress", 0)
        job, title = None, body.get("title")
        if when == "later" and known is None:
            self._busy.add(key)
            work = asyncio.ensure_future(self._work(label, key, body))
            self._later.add(work)
            work.add_done_callback(self._later.discard)
        elif when == "back" or (when == "refuse" and known is not None):
            job = known
            if job is None:
                job = self.charge(label, key, title=title, callback_id=body.get("callback_id"))
                if key is not None:
                    self._keys[key] = job, self.wall()
            if when == "refuse":
                how = "good"
        self.happen("answer", number)
        return await self._answer(request, how, job)

    async def _work(self, label, key, body):
        await asyncio.sleep(3.0)
        job = self.charge(label, key, title=body.get("title"), callback_id=body.get("callback_id"))
        self._busy.discard(key)
        if key is not None:
            self._keys[key] = job, self.wall()

    async def _answer(self, request, how, job):  # noqa: PLR0911 - one for each way
        if how in ("slow", "too-slow"):
            await asyncio.sleep(20.0 if how == "slow" else 125.0)
            how = "good"
        if self.dead or how == "reset":
            return _reset(request)
        if how == "cut":
            return await _cut(request)
        if how.startswith("html-"):
            status = int(how[5:])
            headers = {"Location": "https://login.example.com/"} if status == 302 else {}
            return web.Response(status=status, text=HTML, content_type="text/html", headers=headers)
        if how in ("429", "429-wait"):
            return self._refusal(429, *_REFUSALS[429], wait=7 if how == "429-wait" else None)
        if how.isdigit():
            return self._refusal(int(how), *_REFUSALS[int(how)])
        self._odd += 1
        if how == "unknown-code":
            status, code = _UNKNOWN[self._odd % len(_UNKNOWN)]
            return self._refusal(status, "brand_new_code", code)
        if how == "empty":
            return web.json_response({} if self._odd % 2 else self._envelope(None))
        if how == "odd-id":
            odd = _ODD_IDS[self._odd % len(_ODD_IDS)]
            return web.json_response(self._envelope({self.kind.id: odd, "status": "pending"}))
        job.answered = request.transport is not None and not request.transport.is_closing()
        document = self._envelope({self.kind.id: job.id, "status": "pending"})
        if how == "warning" and self.kind.jogg:
            document["code"] = (99999, "0", None)[self._odd % 3]
        elif how == "warning":
            document["error"] = {"code": "deprecated_voice", "message": "The voice goes away."}
        return web.json_response(document, status=202 if how == "warning" else 200)

    def _envelope(self, data):
        return {"code": 0, "msg": "success", "data": data} if self.kind.jogg else {"data": data}

    def _refusal(self, status, code, number, *, wait=None):
        headers = {} if wait is None else {"Retry-After": str(wait)}
        if not self.kind.jogg:
            document = {"error": {"code": code, "message": "as the history has it"}}
        else:
            document = {"code": number, "msg": "as the history has it", "data": None}
            if status not in (401, 429):
                status = 200
        return web.json_response(document, status=status, headers=headers)

    async def _get(self, request):  # noqa: PLR0911 - one for each path
        quirk = self._gets.pop(0) if self._gets else None
        if quirk not in (None, "lag"):
            self.say(f"server: GET {request.path_qs}: {quirk}")
        if quirk == "slow":
            await asyncio.sleep(35.0)
            return _reset(request)
        if quirk is not None and quirk != "lag":
            return await self._answer(request, quirk, None)
        path = request.path
        if path == "/v3/videos/statuses":
            rows = [self._row(id_) for id_ in request.query["video_ids"].split(",")]
            return web.json_response({"data": rows, "has_more": False, "next_token": None})
        if path in ("/v3/videos", "/v2/videos"):
            wanted = request.query.get("title", "")
            found = [job for job in self._all() if wanted in (job.title or "")]
            return self._list([self._video(job) for job in reversed(found)])
        if path == "/v3/webhooks/events":
            return self._list(self._events() if self.callbacks else [])
        job = self._find(request.query.get("motion_id") or path.rpartition("/")[2])
        if job is None or quirk == "lag":
            return self._missing()
        return web.json_response(self._envelope(self._detail(job)))

    def _all(self):
        return [*self.charges, *self.strangers]

    def _find(self, job_id):
        return next((job for job in self._all() if job.id == job_id), None)

    def _missing(self):
        if self.kind.jogg:
            return web.json_response({"code": 10104, "msg": "record not found", "data": None})
        error = {"code": "not_found", "message": "Video not found."}
        return web.json_response({"error": error}, status=404)

    def _list(self, rows):
        return web.json_response({"data": rows, "has_more": False, "next_token": None})

    def _word(self, job):
        if self.wall() < job.ends_at:
            return "processing"
        return "failed" if job.failed else "completed"

    def _row(self, job_id):
        job = self._find(job_id)
        word = "not_found" if job is None else self._word(job)
        return {"video_id": job_id, "status": word, "error": None}

    def _video(self, job):
        word = self._word(job)
        done = word == "completed"
        return {
            "id": job.id,
            "title": job.title,
            "status": word,
            "created_at": int(job.created_at),
            "completed_at": int(job.ends_at) if done else None,
            "video_url": URL if done else None,
            "failure_code": "rendering_failed" if word == "failed" else None,
            "failure_message": "as the history has it" if word == "failed" else None,
        }

    def _events(self):
        ended = [job for job in self._all() if self.wall() >= job.ends_at]
        return [
            {
                "event_id": f"evt-{job.id}",
                "event_type": "avatar_video.fail" if job.failed else "avatar_video.success",
                "event_data": {"video_id": job.id, "url": URL, "callback_id": job.callback_id},
                "created_at": "2026-11-26T12:05:00Z",
            }
            for job in ended
        ]

    def _detail(self, job):
        word = self._word(job)
        if self.kind.name in ("video", "v2-video"):
            return self._video(job)
        if self.kind.name == "motion":
            url = URL if word == "completed" else None
            return {"id": job.id, "status": word, "is_motion": True, "motion_preview_url": url,
                    "image_url": "", "created_at": job.created_at, "name": "Ada",
                    "group_id": "group"}  # fmt: skip
        if self.kind.name == "jogg-motion":
            url = URL if word == "completed" else ""
            return {"motion_id": job.id, "avatar_id": 7, "status": word, "motion_preview_url": url}
        url = URL if word == "completed" else None
        return {"video_id": job.id, "status": word, "video_url": url}


def _reset(request):
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut(request):
    """Break off in the middle of the answer."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = 1000
    await response.prepare(request)
    await response.write(json.dumps({"data": {}}).encode())
    return _reset(request)


def _short(key):
    return "-" if key is None else key[:6]
