"""Starts the web app: ``python examples/webapp [--port 8080] [--data out/webapp]``.

It renders at HeyGen with the key in ``HEYGEN_API_KEY``. With ``HEYGEN_EMULATOR=1`` it brings a
HeyGen of its own that costs nothing, ``HEYGEN_EMULATOR_SPEED`` (20) times as fast as the real one.
With ``HEYGEN_PRICE_PER_MINUTE`` the page says what a video will cost, about. Where
``heygen-async[prepare]`` is installed, pictures are taken as phones make them.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path

from aiohttp import web
from studio.account import Terms
from studio.app import make_app
from studio.emulated import emulated

from heygen_async import HeyGen, InvalidRequestError


def main() -> None:
    """Serve the app on this machine until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python examples/webapp", description="Talking portraits")
    parser.add_argument("--port", type=int, default=8080, help="8080 by default")
    parser.add_argument("--data", type=Path, help="the folder of orders, ledger and videos")
    args = parser.parse_args()
    try:
        price = float(os.environ.get("HEYGEN_PRICE_PER_MINUTE") or 0) or None
    except ValueError:
        sys.exit("HEYGEN_PRICE_PER_MINUTE is the price of a minute of film, such as 1.5")
    prepare = importlib.util.find_spec("pillow_heif") is not None
    try:
        if os.environ.get("HEYGEN_EMULATOR") == "1":
            speed = float(os.environ.get("HEYGEN_EMULATOR_SPEED", "20"))
            data = args.data or Path("out/webapp-emulator")
            terms = Terms(emulated=True, seconds=180 / speed, price=price)
            app = make_app(emulated(speed, prepare=prepare), data, terms)
        else:
            data = args.data or Path("out/webapp")
            app = make_app(HeyGen(prepare=prepare), data, Terms(price=price))
    except InvalidRequestError as error:
        sys.exit(f"{error}; or set HEYGEN_EMULATOR=1 to try the app without one")
    web.run_app(app, host="127.0.0.1", port=args.port, shutdown_timeout=5.0)


if __name__ == "__main__":
    main()
