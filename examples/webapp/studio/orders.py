"""What people have ordered, on disk: a folder for each order, whole or absent."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from attrs import frozen

from heygen_async import ImageVideo

if TYPE_CHECKING:
    from studio.forms import Form

logger = logging.getLogger(__name__)


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
                _sync(file)
            text = {"script": form.script, "voice_id": form.voice_id, "placed_at": time.time()}
            with (draft / "order.json").open("w", encoding="utf-8") as file:
                json.dump(text, file)
                _sync(file)
            _sync_folder(draft)
            # One rename makes the order: whoever is cut off before has ordered nothing. What it
            # names is on the disk before, else a power loss leaves an order of empty files.
            order = _read(draft.rename(self._folder / form.id))
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        _sync_folder(self._folder)
        return order

    def remove(self, order: Order, video: Path | None) -> None:
        """Delete an order and its video; whoever is cut off here has deleted the order."""
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=self._folder))
        (self._folder / order.id).rename(draft / order.id)
        if video:
            video.unlink(missing_ok=True)
        shutil.rmtree(draft)

    def all(self) -> list[Order]:
        """Return all orders, oldest first; sweep up what was never finished.

        An order that cannot be read is set aside as ``damaged-…``, where nothing looks again.
        """
        for draft in self._folder.glob("draft-*"):
            shutil.rmtree(draft)
        orders = []
        for folder in self._folder.iterdir():
            if not folder.is_dir() or folder.name.startswith("damaged-"):
                continue
            try:
                orders.append(_read(folder))
            except (OSError, TypeError, ValueError) as error:
                aside = Path(tempfile.mkdtemp(prefix="damaged-", dir=self._folder))
                folder.rename(aside / folder.name)
                line = "order %s cannot be read and is set aside in %s: %s"
                logger.warning(line, folder.name, aside, error)
        return sorted(orders, key=lambda order: order.placed_at)


def _read(folder: Path) -> Order:
    """Return the order of a folder; raises ``OSError``, ``TypeError`` or ``ValueError``."""
    text = json.loads((folder / "order.json").read_text(encoding="utf-8"))
    portrait = next(folder.glob("portrait.*"), None)
    if portrait is None:
        raise ValueError("it has no portrait")
    order = Order(id=folder.name, portrait=portrait, **text)
    if not isinstance(order.placed_at, float | int):
        raise TypeError("it has no time")
    _ = order.spec  # which says what is wrong with script or voice
    return order


def _sync(file: IO[Any]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, where the system can do that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
