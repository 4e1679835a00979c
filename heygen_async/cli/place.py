"""Where a ledger is: a file's path or a URL, of which nothing that is shown has the password."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs
import click

from heygen_async import Ledger

if TYPE_CHECKING:
    import os

    from heygen_async import LedgerItem

VARIABLE = "HEYGEN_LEDGER"
"""The variable that names the ledger where no command does."""

_SCHEMES = ("postgresql", "postgres")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/?/?")
_USER = re.compile(r"(?<=://)[^\s/@]*:.*@")


@attrs.frozen
class LedgerPlace:
    """A ledger that is not open; as text it has no password."""

    given: Path | str = attrs.field(repr=False)
    """A path, or a URL as it was given."""
    shown: str = attrs.field(init=False)
    """What messages call it."""

    @shown.default
    def _name(self) -> str:
        return Ledger(self.given, read_only=True).where

    @property
    def is_file(self) -> bool:
        """Whether it is a file of one process, and no table of many."""
        return isinstance(self.given, Path)

    def open(self, *, read_only: bool = False, adopt: bool = False) -> Ledger:
        """Return the ledger, to be opened by ``async with``."""
        return Ledger(self.given, read_only=read_only, adopt=adopt)

    def __str__(self) -> str:
        return self.shown


def ledger_place(place: LedgerPlace | Path | str) -> LedgerPlace:
    """Return the place of a path, of a URL, or of itself."""
    return place if isinstance(place, LedgerPlace) else LedgerPlace(place)


class LedgerPlaceType(click.Path):
    """Takes the path of a ledger's file, or the URL of one in PostgreSQL."""

    name = "ledger"

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)
        self.name = "ledger"

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Return a ``LedgerPlace``; what is refused may have a password, and is not repeated."""
        found = _SCHEME.match(str(value))
        scheme = found[1] if found else ""
        if "://" not in str(value) and scheme not in _SCHEMES:
            return LedgerPlace(Path(str(super().convert(value, param, ctx))))
        if scheme not in _SCHEMES:
            self.fail(
                f"{scheme}:// leads to no ledger; it is a path, or postgresql://…", param, ctx
            )
        try:
            parts = urlsplit(str(value))
            fits = parts.hostname is not None and parts.port != 0
        except ValueError:
            fits = False
        if not fits or "@" in parts.path + parts.query + parts.fragment:
            self.fail(
                "it is no URL as postgresql://user@host:port/database#name; in a password "
                "/ ? # and @ are written %2F %3F %23 and %40",
                param,
                ctx,
            )
        return LedgerPlace(str(value))


async def read_items(place: LedgerPlace) -> list[LedgerItem]:
    """Return all items of a ledger, which may be in use."""
    async with place.open(read_only=True) as ledger:
        return [item async for item in ledger.items()]


def without_passwords(text: str) -> str:
    """Return text with user and password left out of each URL in it."""
    return _USER.sub("…@", text)


ledger_argument = click.argument("ledger", type=LedgerPlaceType(), envvar=VARIABLE)
