"""A messenger without a network: the three calls of Telegram's Bot API that the bot needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = ("Good morning, Ada!", "", "The train leaves at nine.")


class Telegram:
    """Has some messages to give; ``aiogram`` or ``python-telegram-bot`` has the real ones."""

    async def get_updates(self, offset: int) -> list[dict[str, Any]]:
        """Return the updates from ``offset``; those before it are taken as seen to."""
        return [
            {"update_id": number, "message": {"chat": {"id": 7}, "text": text}}
            for number, text in enumerate(TEXTS)
            if number >= offset
        ]

    async def send_message(self, chat_id: int, text: str) -> None:
        """Say something in a chat."""
        print(f"to {chat_id}: {text}")

    async def send_video(self, chat_id: int, video: Path) -> None:
        """Show a video in a chat."""
        print(f"to {chat_id}: {video}")
