"""``python -m tests.torture --histories 100000 --seed 0``: play histories, say what is wrong.

``--seed N --only`` plays one and tells it; ``--shrink`` cuts it down to what still goes wrong.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.torture.check import faults
from tests.torture.histories import playing
from tests.torture.plans import drawn, smaller

CHUNK = 250


def played(seeds: range) -> list[tuple[int, list[tuple[str, str]]]]:
    """Play the histories of ``seeds``; return those that went wrong, and how."""
    with tempfile.TemporaryDirectory(dir=memory()) as folder, playing(Path(folder)) as player:
        results = [(seed, faults(player.play(drawn(seed), seed))) for seed in seeds]
    return [(seed, found) for seed, found in results if found]


def memory() -> str | None:
    """Return a folder in memory, where there is one: a ledger syncs a lot."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def shrunk(plan, seed: int, sort: str):
    """Return the least plan that goes wrong in the same way."""
    with tempfile.TemporaryDirectory(dir=memory()) as folder, playing(Path(folder)) as player:

        def goes_wrong(candidate) -> bool:
            return any(kind == sort for kind, _ in faults(player.play(candidate, seed)))

        while better := next(filter(goes_wrong, smaller(plan)), None):
            plan = better
    return plan


def tell(plan, seed: int) -> bool:
    """Play one plan and print all that happens in it; tell whether it went well."""
    with tempfile.TemporaryDirectory(dir=memory()) as folder, playing(Path(folder)) as player:
        history = player.play(plan, seed)
    found = faults(history)
    lines = [repr(plan), *history.trace]
    lines += [f"row: {key} {row.state} {row.token}" for key, row in history.rows.items()]
    lines += [f"WRONG: {sort}: {line}" for sort, line in found] or ["all is well"]
    sys.stdout.write("\n".join(lines) + "\n")
    return not found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="store_true", help="play this seed alone, and tell it")
    parser.add_argument("--shrink", action="store_true", help="cut it down first")
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    given = parser.parse_args()
    if given.only:
        plan = drawn(given.seed)
        if given.shrink:
            [(_, found)] = played(range(given.seed, given.seed + 1)) or [(0, [("", "")])]
            plan = shrunk(plan, given.seed, found[0][0])
        return 0 if tell(plan, given.seed) else 1
    began = time.monotonic()
    last = given.seed + given.histories
    chunks = [range(at, min(at + CHUNK, last)) for at in range(given.seed, last, CHUNK)]
    bad, sorts = [], Counter()
    with multiprocessing.Pool(given.jobs) as pool:
        for some in pool.imap(played, chunks):
            bad += some
    for seed, found in bad:
        sorts.update({sort for sort, _ in found})
        sys.stdout.write(f"seed {seed}: " + "; ".join(f"{s}: {line}" for s, line in found) + "\n")
    took = time.monotonic() - began
    sys.stdout.write(
        f"{given.histories} histories in {took:.0f} s, {len(bad)} went wrong: {dict(sorts)}\n"
        "play one again with: python -m tests.torture --only --seed N [--shrink]\n"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
