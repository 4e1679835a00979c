"""A bot: each message comes back as a video, also if the bot was stopped in between."""

from __future__ import annotations

import asyncio
from contextlib import closing

from _session import out, portrait, session
from _telegram import Telegram
from _tokens import Tokens

from heygen_async import APIError, HeyGen, InvalidRequestError, JobFailedError


class Bot:
    """Submits before it confirms an update, and keeps a token until its video was sent."""

    def __init__(self, heygen: HeyGen, telegram: Telegram, tokens: Tokens) -> None:
        self._heygen, self._telegram, self._tokens = heygen, telegram, tokens

    async def run(self) -> None:
        """Go on with what was left, then answer updates until there are none."""
        async with asyncio.TaskGroup() as deliveries:
            for order, token in self._tokens.all():
                deliveries.create_task(self._deliver(order, token))
            offset = 0  # Telegram itself remembers what was confirmed
            while updates := await self._telegram.get_updates(offset):
                for update in updates:
                    chat, text = update["message"]["chat"]["id"], update["message"]["text"]
                    order = f"{chat}:{update['update_id']}"
                    try:
                        spec = await portrait(self._heygen, text)
                        token = (await self._heygen.submit(spec, idempotency_key=order)).token
                    except (InvalidRequestError, APIError) as error:
                        await self._telegram.send_message(chat, f"Sorry: {error}")
                    else:
                        await asyncio.to_thread(self._tokens.put, order, token)
                        deliveries.create_task(self._deliver(order, token))
                    offset = update["update_id"] + 1

    async def _deliver(self, order: str, token: str) -> None:
        chat, file = int(order.partition(":")[0]), out(f"bot_{order.replace(':', '_')}.mp4")
        try:
            await self._heygen.attach(token).download(file, overwrite=True)
            await self._telegram.send_video(chat, file)
        except JobFailedError as error:
            await self._telegram.send_message(chat, f"Sorry: {error}")
        await asyncio.to_thread(self._tokens.remove, order)


async def main() -> None:
    """Run the bot."""
    async with session(HeyGen) as heygen:
        with closing(Tokens(out("bot.sqlite"))) as tokens:
            await Bot(heygen, Telegram(), tokens).run()


asyncio.run(main())
