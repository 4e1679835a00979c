"""What the documents say works: every python block runs against the emulator."""

from __future__ import annotations

import ast
import asyncio
import inspect

import pytest

from heygen_async import HeyGen, JoggAI
from tests.blocks import ROOT, fill, paste, python_blocks, run_block
from tests.operations_table import FILE, calls, namespaces, write

README = (ROOT / "README.md").read_text()
PAGES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))
# What makes no request of its own, or an operation that the documents of the suite do not have.
LONELY = {"heygen.videos.download", "jogg.assets.upload"}


@pytest.mark.filterwarnings("ignore:HeyGen retired:DeprecationWarning")
async def test_the_page_of_operations_is_what_the_clients_do():
    """Each operation of the documents stands there with its call, or as not there yet."""
    assert FILE.read_text() == write(await calls()), "run python -m tests.operations_table"


def test_each_call_stands_in_the_page_of_operations():
    """A method that no tour calls would be in no document."""
    page = FILE.read_text()
    clients = {"heygen": HeyGen("key"), "jogg": JoggAI("key")}
    for path, client in clients.items():
        for way, namespace in namespaces(path, client):
            for name, _ in inspect.getmembers(namespace, inspect.ismethod):
                call = f"{way}.{name}"
                assert name.startswith("_") or call in LONELY or f"`{call}(" in page, call


@pytest.mark.filterwarnings("ignore:HeyGen retired:DeprecationWarning")
@pytest.mark.parametrize("block", python_blocks("README.md"))
async def test_a_block_of_the_readme_runs(block, tmp_path, monkeypatch, emulator):
    """A block does what it says, in a folder with a portrait, a table, and the variables set."""
    fill(tmp_path, "README.md")
    monkeypatch.chdir(tmp_path)
    await run_block(block, monkeypatch, emulator)


@pytest.mark.parametrize("block", python_blocks("README.md", *PAGES))
def test_a_block_can_be_pasted(block):
    """Each statement arrives whole at the prompt of ``python -m asyncio``, as far back as 3.11."""
    statements = ast.parse("\n".join(paste(block.source)))
    assert ast.dump(statements) == ast.dump(ast.parse(block.source))


@pytest.mark.real_time
@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
async def test_the_first_look_is_quick(page, tmp_path, monkeypatch, emulator):
    """What a reader tries first, on an emulator, is there within 5 s of a real clock."""
    (block,) = (b.values[0] for b in python_blocks(page) if "import Emulator" in b.values[0].source)
    async with asyncio.timeout(5):
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
