"""A local HeyGen and JoggAI to test against: strict, and driven by the vendors' documents.

It imports nothing of the rest of the package, so that a mistake there cannot repeat itself
here and pass unseen.
"""

from heygen_async.emulator._deviations import Drift
from heygen_async.emulator._emulator import Emulator
from heygen_async.emulator._faults import FILES, Fault, FaultPlan
from heygen_async.emulator._sender import Attempt, Deliveries
from heygen_async.emulator._server import Received
from heygen_async.emulator._state import Charge, Wallet

__all__ = [
    "FILES",
    "Attempt",
    "Charge",
    "Deliveries",
    "Drift",
    "Emulator",
    "Fault",
    "FaultPlan",
    "Received",
    "Wallet",
]
