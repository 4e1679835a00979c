"""A FastAPI service whose waits are cut short by webhooks; HeyGen reaches it at PUBLIC_URL."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from _session import portrait, session
from fastapi import FastAPI, HTTPException

from heygen_async import HeyGen, HeyGenError, JobTimeoutError
from heygen_async.webhooks import WebhookReceiver

PORT = int(os.environ.get("PORT", "8000"))
CALLBACK_URL = os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{PORT}") + "/hooks/heygen"
SECRETS = os.environ.get("HEYGEN_WEBHOOK_SECRET", "").split()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the client and the receiver; callbacks are not signed, so they are not believed."""
    async with (
        session(HeyGen) as heygen,
        WebhookReceiver(heygen, SECRETS, allow_unsigned=True, on_event=print) as receiver,
    ):
        app.state.heygen, app.state.receiver = heygen, receiver
        yield


app = FastAPI(lifespan=lifespan)
# Not bound here: each time that the service is started it has another receiver.
app.mount("/hooks", lambda *call: app.state.receiver.asgi(*call))  # noqa: PLW0108


@app.post("/videos", status_code=202)
async def submit(script: str) -> dict[str, str]:
    """Start a video and return its token."""
    spec = await portrait(app.state.heygen, script, callback_url=CALLBACK_URL)
    return {"token": (await app.state.heygen.submit(spec)).token}


@app.get("/videos")
async def wait(token: str) -> dict[str, str | None]:
    """Return the video's URL, or that it is not ready after half a minute: ask again then."""
    try:
        video = await app.state.heygen.attach(token).wait(timeout=30)
    except JobTimeoutError:
        return {"status": "running", "url": None}
    except HeyGenError as error:
        raise HTTPException(502, str(error)) from None
    return {"status": video.status, "url": video.video_url}


if __name__ == "__main__":
    uvicorn.run(app, port=PORT)
