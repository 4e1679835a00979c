"""A small vendor that misbehaves as it is told, and counts what it charges.

It plays HeyGen v3 and v2 and JoggAI as far as one render needs them. Each POST that is worked on is
charged and makes a job, unless its idempotency key was seen in the last 24 hours of its own wall
clock; what is answered then is up to the plan.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque

import attrs
from aiohttp import web
from aiohttp.test_utils import TestServer

from heygen_async import HeyGen, JoggAI

DAY = 24 * 3600.0
LOGIN = "<html><body>Log in to the hotel Wi-Fi</body></html>"


@attrs.define(kw_only=True, eq=False)
class Answer:
    """How one POST is answered; ``work`` says whether it makes a job, ``body`` sees its id."""

    work: bool = True
    lost: bool = False
    status: int = 200
    headers: dict = attrs.field(factory=dict)
    body: object = None
    delay: float = 0.0
    before: object = None


@attrs.define(eq=False, slots=False)
class Vendor:
    """The server; ``charges`` has the id of each job that was paid, ``posts`` each POST."""

    plan: deque = attrs.field(factory=deque)
    charges: list = attrs.field(factory=list)
    posts: list = attrs.field(factory=list)
    gets: list = attrs.field(factory=list)
    events: list = attrs.field(factory=list)
    jobs: dict = attrs.field(factory=dict)
    _keys: dict = attrs.field(factory=dict)
    _ids: object = attrs.field(factory=itertools.count)

    async def __aenter__(self):
        app = web.Application()
        app.router.add_route("POST", "/{path:.*}", self.post)
        app.router.add_route("GET", "/{path:.*}", self.get)
        self.server = TestServer(app)
        await self.server.start_server()
        self.url = str(self.server.make_url("/"))
        return self

    async def __aexit__(self, *error):
        await self.server.close()

    def heygen(self, **options):
        return HeyGen("the-secret-key", base_url=self.url, **options)

    def jogg(self, **options):
        return JoggAI("the-secret-key", base_url=self.url, **options)

    def work(self, request, body):
        key = request.headers.get("Idempotency-Key")
        known = self._keys.get(key)
        if key is not None and known is not None and time.time() - known[1] < DAY:
            return known[0]
        job_id = f"j{next(self._ids)}"
        self.charges.append(job_id)
        self.jobs[job_id] = {"created_at": int(time.time()), "body": body}
        self._keys[key] = (job_id, time.time())
        return job_id

    async def post(self, request):
        if request.content_type == "multipart/form-data":
            return await self.upload(request)
        body = await request.json()
        self.posts.append((request.path, request.headers.get("Idempotency-Key"), body))
        answer = self.plan.popleft() if self.plan else Answer()
        if answer.before is not None:
            answer.before()
        await asyncio.sleep(answer.delay)
        job_id = self.work(request, body) if answer.work else None
        if answer.lost:
            request.transport.abort()
            return web.Response()
        told = answer.body(job_id) if callable(answer.body) else answer.body
        if told is None:
            told = accepted(request.path, job_id)
        if isinstance(told, str):
            return web.Response(
                status=answer.status, text=told, content_type="text/html", headers=answer.headers
            )
        return web.json_response(told, status=answer.status, headers=answer.headers)

    async def upload(self, request):
        await request.read()
        answer = self.plan.popleft() if self.plan else Answer()
        return web.json_response(answer.body, status=answer.status)

    async def get(self, request):
        self.gets.append(request.path_qs)
        if request.path == "/v3/webhooks/events":
            return web.json_response({"data": self.events, "has_more": False, "next_token": None})
        if request.path == "/v3/videos/statuses":
            ids = request.query["video_ids"].split(",")
            rows = [{"video_id": each, "status": "completed"} for each in ids]
            return web.json_response({"data": rows, "has_more": False, "next_token": None})
        job_id = request.query.get("motion_id") or request.path.rpartition("/")[2]
        if job_id not in self.jobs:
            return web.json_response({"error": {"code": "not_found", "message": "no"}}, status=404)
        return web.json_response(await self.look(request))

    async def look(self, request):
        job_id = request.query.get("motion_id") or request.path.rpartition("/")[2]
        return self.finished(request.path, job_id)

    def finished(self, path, job_id):
        url = f"{self.url}files/{job_id}.mp4"
        if path == "/v2/photo_avatar":
            return {
                "code": 0,
                "msg": "success",
                "data": {
                    "motion_id": job_id,
                    "avatar_id": 1,
                    "status": "success",
                    "motion_preview_url": url,
                },
            }
        if path.startswith("/v2/photo_avatar/"):
            look = {"id": job_id, "status": "completed", "image_url": url, "name": "x"}
            look |= {"group_id": "g", "is_motion": True, "motion_preview_url": url}
            return {"error": None, "data": look}
        created = self.jobs[job_id]["created_at"]
        return {
            "data": {"id": job_id, "status": "completed", "video_url": url, "created_at": created}
        }


def accepted(path, job_id):
    """Return the vendor's answer to a POST that made ``job_id``."""
    if path in {"/v3/videos", "/v2/videos"}:
        return {"data": {"video_id": job_id, "status": "waiting"}}
    if path == "/v2/photo_avatar/add_motion":  # both vendors', told apart by what else is there
        data = {"id": job_id, "motion_id": job_id, "avatar_id": 1, "status": "processing"}
        return {"code": 0, "msg": "success", "error": None, "data": data}
    return {"code": 0, "msg": "Success", "data": {"video_id": job_id, "photo_id": job_id}}
