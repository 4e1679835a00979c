"""What the documents say works: every python block runs against the emulator."""

from __future__ import annotations

import inspect
import re

import pytest

from heygen_async import HeyGen, JoggAI
from tests.blocks import ROOT, fill, python_blocks, run_block

README = (ROOT / "README.md").read_text()
OPERATIONS = re.findall(r"^\| .* \| `((?:heygen|jogg)\.[\w.]+)\(", README, flags=re.MULTILINE)


def test_the_table_of_operations_is_complete():
    """Each call of the table exists, and each call of a namespace stands in the table."""
    clients = {"heygen": HeyGen("key"), "jogg": JoggAI("key")}
    there = {
        f"{path}.{name}"
        for path, namespace in _namespaces(clients)
        for name, _ in inspect.getmembers(namespace, inspect.ismethod)
        if not name.startswith("_")
    }
    assert set(OPERATIONS) == there - {"heygen.videos.download"}


def _namespaces(clients):
    """Yield every namespace of the clients, with the path that leads to it."""
    for path, client in clients.items():
        names = [name for name in vars(client) if not name.startswith("_")]
        waiting = [(f"{path}.{name}", getattr(client, name)) for name in names]
        lazy = [name for name in vars(type(client)) if not name.startswith("_")]
        waiting += [(f"{path}.{name}", getattr(client, name)) for name in lazy]
        while waiting:
            here, namespace = waiting.pop()
            yield here, namespace
            waiting += [
                (f"{here}.{name}", value)
                for name, value in vars(namespace).items()
                if not name.startswith("_")
            ]


@pytest.mark.parametrize("call", OPERATIONS)
def test_each_operation_is_executed_in_the_tests(call):
    """A call of the table stands in a test that runs against the emulator, as a call."""
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "client").glob("*.py"))
    spelled = call.replace("heygen.v2.photo_avatars", "avatars") + "("
    assert call + "(" in tests or spelled in tests


@pytest.mark.filterwarnings("ignore:HeyGen retired:DeprecationWarning")
@pytest.mark.parametrize("block", python_blocks("README.md"))
async def test_a_block_of_the_readme_runs(block, tmp_path, monkeypatch, emulator):
    """A block does what it says, in a folder with a portrait, a table, and the variables set."""
    fill(tmp_path, "README.md")
    monkeypatch.chdir(tmp_path)
    await run_block(block, monkeypatch, emulator)


@pytest.mark.parametrize("block", python_blocks("CONTRIBUTING.md"))
async def test_a_worked_example_runs(block, monkeypatch, emulator):
    """Each is short and does what it says."""
    assert len(block.source.splitlines()) < 30
    await run_block(block, monkeypatch, emulator)


def rows_of(name):
    """Return the rows of a document's tables."""
    lines = (ROOT / name).read_text().splitlines()
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines if line[:1] == "|"]


def test_the_figures_of_the_readme_are_those_of_the_benchmarks():
    """Each row of the comparison is the beginning of a row that ``make bench`` wrote."""
    compared = README[README.index("## How it compares") : README.index("## Operations")]
    lines = [line for line in compared.splitlines() if line[:1] == "|"]
    measured = rows_of("benchmarks/README.md")
    for line in lines:
        cells = [cell.strip() for cell in line[1:-1].split("|")]
        assert cells in [row[: len(cells)] for row in measured], line
