"""Puts an emulator together: its world, and the three servers that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.emulator import _files, _heygen, _jogg, _legacy, _middlewares
from heygen_async.emulator._assets import Assets
from heygen_async.emulator._avatars import Avatars
from heygen_async.emulator._clock import Clock
from heygen_async.emulator._errors import refuse_v3
from heygen_async.emulator._faults import JOGG
from heygen_async.emulator._herald import HERALD, Herald
from heygen_async.emulator._heygen.catalogue import GROUPS, LOOKS
from heygen_async.emulator._heygen.events import HEYGEN
from heygen_async.emulator._idempotency import IdempotencyStore
from heygen_async.emulator._jobs import JobBook, Slots
from heygen_async.emulator._jogg.account import ACCOUNT, Account
from heygen_async.emulator._jogg.answers import refuse as refuse_jogg
from heygen_async.emulator._jogg.events import JOGGAI
from heygen_async.emulator._legacy.answers import refuse as refuse_heygen
from heygen_async.emulator._signing import Signer
from heygen_async.emulator._site import Site
from heygen_async.emulator._uploads import Uploads
from heygen_async.emulator._wallet import Wallet
from heygen_async.emulator._world import Face, World

if TYPE_CHECKING:
    from heygen_async.emulator._courier import Courier
    from heygen_async.emulator._drift import Drift
    from heygen_async.emulator._faults import FaultPlan


def make_world(
    book: JobBook,
    *,
    max_concurrent_jobs: int,
    max_upload: int,
    max_motions: int,
    balance: float,
    url_ttl: float,
    latency: float,
    faults: FaultPlan,
    drift: Drift,
) -> World:
    """Return a world in which nothing has happened yet."""
    clock = Clock()
    return World(
        latency=latency,
        max_upload=max_upload,
        max_motions=max_motions,
        clock=clock,
        wallet=Wallet(balance),
        book=book,
        slots=Slots(max_concurrent_jobs),
        assets=Assets(),
        uploads=Uploads(),
        avatars=Avatars(book, GROUPS, LOOKS),
        faults=faults,
        drift=drift,
        idempotency=IdempotencyStore(),
        signer=Signer(clock, url_ttl),
    )


def make_heralds(world: World, courier: Courier) -> tuple[Herald, Herald]:
    """Return those who announce the jobs of HeyGen and of JoggAI."""
    return Herald(world, HEYGEN, courier), Herald(world, JOGGAI, courier)


def make_sites(
    world: World,
    jogg: Account,
    heralds: tuple[Herald, Herald],
    ports: tuple[int, int],
    api_keys: tuple[str, str],
) -> tuple[Site, Site, Site]:
    """Return the file server, HeyGen and JoggAI; each pair belongs to the latter two."""
    files = Site(
        _files.ROUTES,
        _middlewares.FILE_SERVER,
        face=Face(refuse=lambda _, error: refuse_v3(error)),
        world=world,
    )
    heygen_api = Site(
        (*_heygen.ROUTES, *_legacy.ROUTES),
        _middlewares.HEYGEN,
        face=Face(refuse=refuse_heygen, api_key=api_keys[0], bearer=True),
        world=world,
        port=ports[0],
    )
    jogg_api = Site(
        _jogg.ROUTES,
        _jogg.MIDDLEWARES,
        face=Face(refuse=refuse_jogg, api_key=api_keys[1], mark=JOGG),
        world=world,
        port=ports[1],
    )
    files.state[HERALD] = heygen_api.state[HERALD] = heralds[0]
    jogg_api.state |= {ACCOUNT: jogg, HERALD: heralds[1]}
    return files, heygen_api, jogg_api
