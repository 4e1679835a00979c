"""The web app: its routes, its handlers, and what lives as long as it."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from heygen_async import HeyGen, HeyGenError, Ledger
from studio.account import Account, Terms
from studio.forms import MAX_FORM, read_form
from studio.guards import add_headers, same_origin
from studio.orders import Orders
from studio.renders import Renders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from studio.board import Card

STATIC = Path(__file__).parent / "static"
KEEP_ALIVE = 15.0
"""Seconds of silence after which a stream of events says that it is still there."""

VOICES = 20
"""How many voices the page offers."""

MAX_TABS = 50
"""Streams of events at once; each costs a connection and a queue of changes."""

CONNECTION = web.AppKey("CONNECTION", AbstractAsyncContextManager[HeyGen])
DATA = web.AppKey("DATA", Path)
LEDGER = web.AppKey("LEDGER", Ledger)
CLIENT = web.AppKey("CLIENT", HeyGen)
RENDERS = web.AppKey("RENDERS", Renders)
TERMS = web.AppKey("TERMS", Terms)
ACCOUNT = web.AppKey("ACCOUNT", Account)
WORK = web.AppKey("WORK", asyncio.Task[None])

logger = logging.getLogger(__name__)


def make_app(
    heygen: AbstractAsyncContextManager[HeyGen],
    data: Path,
    terms: Terms = Terms(),  # noqa: B008
) -> web.Application:
    """Return the app; it opens ``heygen`` and keeps orders, ledger and videos under ``data``."""
    app = web.Application(client_max_size=MAX_FORM, middlewares=[same_origin])
    app[CONNECTION] = heygen
    app[DATA] = data
    app[TERMS] = terms
    # Each emulator is an account of its own, so its ledger is adopted from the one before.
    app[LEDGER] = Ledger(data / "ledger.sqlite", adopt=terms.emulated)
    app.cleanup_ctx.append(_render)
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(_end_streams)
    app.add_routes(
        [
            web.get("/", page),
            web.get("/account", account),
            web.get("/voices", voices),
            web.get("/events", events),
            web.put("/orders/{id:[0-9a-f]{32}}", place),
            web.delete("/orders/{id:[0-9a-f]{32}}", remove),
            web.get("/portraits/{id}", portrait),
            web.get("/videos/{id}", video),
            web.static("/static", STATIC),
        ]
    )
    return app


async def page(_request: web.Request) -> web.FileResponse:
    """Show the page."""
    return web.FileResponse(STATIC / "index.html")


async def account(request: web.Request) -> web.Response:
    """Return what is left to spend, what was taken, and how long a render takes."""
    return web.json_response(await request.app[ACCOUNT].public())


async def voices(request: web.Request) -> web.Response:
    """Return the first voices as JSON."""
    found: list[dict[str, str | None]] = []
    try:
        async for voice in request.app[CLIENT].voices.list():
            name = f"{voice.name or voice.voice_id} ({voice.language or 'any language'})"
            sound = voice.preview_audio_url
            found.append({"id": voice.voice_id, "name": name, "preview": sound})
            if len(found) == VOICES:
                break
    except HeyGenError as error:
        logger.warning("no voices: %s", error)
        raise web.HTTPBadGateway(text="HeyGen does not tell its voices now.") from None
    return web.json_response(found)


async def place(request: web.Request) -> web.Response:
    """Place an order under the id that the page has drawn, once however often it is sent."""
    if request.app[WORK].done():
        raise web.HTTPServiceUnavailable(text="The app has stopped rendering; its log says why.")
    card = await request.app[RENDERS].place(await read_form(request))
    return web.json_response(card.public(), status=201)


async def remove(request: web.Request) -> web.Response:
    """Delete an order that has ended, and its video."""
    if not await request.app[RENDERS].remove(_card(request)):
        raise web.HTTPConflict(text="It is being made, and paid for: wait until it has ended.")
    return web.Response(status=204)


async def portrait(request: web.Request) -> web.FileResponse:
    """Return the picture of an order."""
    return web.FileResponse(_card(request).order.portrait)


async def video(request: web.Request) -> web.FileResponse:
    """Return the video of an order, or the part of it that ``Range`` names."""
    path = _card(request).video
    if path is None:
        raise web.HTTPNotFound
    headers = {}
    if "download" in request.query:
        headers["Content-Disposition"] = f'attachment; filename="portrait-{path.name}"'
    return web.FileResponse(path, headers=headers)


async def events(request: web.Request) -> web.StreamResponse:
    """Stream the ids of all cards, every card as it is, then every change.

    It ends when the tab or the app closes.
    """
    board = request.app[RENDERS].board
    if board.tabs >= MAX_TABS:
        raise web.HTTPServiceUnavailable(text="Too many tabs are open.")
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    with board.tab() as cards, suppress(ConnectionResetError, TimeoutError):
        await response.prepare(request)
        ids = json.dumps([*board.cards])
        message: bytes | None = f"retry: 1000\nevent: ids\ndata: {ids}\n\n".encode()
        while message is not None:
            async with asyncio.timeout(KEEP_ALIVE):  # a tab that reads nothing holds no place
                await response.write(message)
            message = await _next_message(cards)
    return response


async def _next_message(cards: asyncio.Queue[Card | None]) -> bytes | None:
    try:
        async with asyncio.timeout(KEEP_ALIVE):
            card = await cards.get()
    except TimeoutError:
        return b": still here\n\n"
    return None if card is None else f"data: {json.dumps(card.public())}\n\n".encode()


def _card(request: web.Request) -> Card:
    """Return the card of a request; names are looked up, never made into a path."""
    card = request.app[RENDERS].board.cards.get(request.match_info["id"])
    if card is None:
        raise web.HTTPNotFound
    return card


async def _render(app: web.Application) -> AsyncIterator[None]:
    """Render for as long as the app runs."""
    data = app[DATA]
    orders = await asyncio.to_thread(Orders, data / "orders")
    async with app[CONNECTION] as heygen, app[LEDGER] as ledger:
        app[CLIENT] = heygen
        app[ACCOUNT] = Account(heygen, app[TERMS])
        app[RENDERS] = renders = Renders(heygen, ledger, orders, data / "videos")
        await renders.resume()
        app[WORK] = work = asyncio.create_task(renders.run())
        work.add_done_callback(_report)
        yield
        work.cancel()
        await asyncio.wait({work})


def _report(work: asyncio.Task[None]) -> None:
    if not work.cancelled() and (error := work.exception()) is not None:
        logger.critical("rendering has stopped", exc_info=error)


async def _end_streams(app: web.Application) -> None:
    app[RENDERS].board.close()
