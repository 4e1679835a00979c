"""A synchronous program: anyio's portal runs the client in a thread, with no second library.

``pip install anyio``. The portal is the client's loop; any thread may call through it.
"""

from __future__ import annotations

from _session import PICTURE, out, session
from anyio.from_thread import start_blocking_portal

from heygen_async import HeyGen, ImageVideo


def main() -> None:
    """Render two videos at the same time, without a coroutine in sight."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(session(HeyGen)) as heygen,
    ):
        voice = portal.call(anext, heygen.voices.list(language="English"))
        scripts = {"hello": "Hello! Nobody has to wait for me.", "bye": "See you soon!"}
        specs = [
            ImageVideo(image=PICTURE, script=script, voice_id=voice.voice_id, title=title)
            for title, script in scripts.items()
        ]
        futures = [portal.start_task_soon(heygen.run, spec) for spec in specs]
        for future in futures:  # of concurrent.futures
            made = future.result()
            path = portal.call(heygen.videos.download, made, out(f"portal_{made.title}.mp4"))
            print(f"{path}: {made.duration} seconds")


main()
