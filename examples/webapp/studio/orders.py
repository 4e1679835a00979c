"""What people have ordered, on disk: a folder for each order, whole or absent."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from heygen_async import ImageVideo

if TYPE_CHECKING:
    from studio.forms import Form


@frozen(kw_only=True)
class Order:
    """A portrait and what it shall say; ``placed_at`` is in Unix seconds."""

    id: str
    portrait: Path
    script: str
    voice_id: str
    placed_at: float

    @property
    def spec(self) -> ImageVideo:
        """The render; its title is the order's id, by which the ledger knows it."""
        return ImageVideo(
            title=self.id, image=self.portrait, script=self.script, voice_id=self.voice_id
        )


class Orders:
    """The orders of one folder; its methods touch the disk, call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, form: Form) -> Order:
        """Save what was sent as a new order."""
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=self._folder))
        try:
            with (draft / f"portrait{form.suffix}").open("wb") as file:
                shutil.copyfileobj(form.portrait, file)
            text = {"script": form.script, "voice_id": form.voice_id, "placed_at": time.time()}
            (draft / "order.json").write_text(json.dumps(text), encoding="utf-8")
            # One rename makes the order: whoever is cut off before has ordered nothing.
            return _read(draft.rename(self._folder / form.id))
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def all(self) -> list[Order]:
        """Return all orders, oldest first, and sweep up what was never finished."""
        for draft in self._folder.glob("draft-*"):
            shutil.rmtree(draft)
        orders = [_read(path.parent) for path in self._folder.glob("*/order.json")]
        return sorted(orders, key=lambda order: order.placed_at)


def _read(folder: Path) -> Order:
    text = json.loads((folder / "order.json").read_text(encoding="utf-8"))
    return Order(id=folder.name, portrait=next(folder.glob("portrait.*")), **text)
