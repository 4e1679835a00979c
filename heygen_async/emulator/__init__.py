"""A local HeyGen and JoggAI to test against: strict, and written from the vendors' pages.

It imports nothing of the rest of the package, so that a mistake there cannot repeat itself
here and pass unseen.
"""

from heygen_async.emulator._deliveries import Attempt, Deliveries
from heygen_async.emulator._drift import Drift
from heygen_async.emulator._faults import FILES, Fault, FaultPlan
from heygen_async.emulator._journal import Received
from heygen_async.emulator._server import Emulator
from heygen_async.emulator._wallet import Charge, Wallet

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
