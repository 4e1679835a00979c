"""The blocks of code in documents, and how one of python is run: as it stands, on an emulator."""

from __future__ import annotations

import ast
import codeop
import inspect
import re
import shutil
from pathlib import Path

import attrs
import pytest

from tests.conftest import PORTRAIT

ROOT = Path(__file__).parent.parent
_FENCE = re.compile(
    r'^(?P<indent> *)```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n'
    r"(?P<source>.*?)^(?P=indent)```$",
    flags=re.DOTALL | re.MULTILINE,
)


@attrs.frozen
class Block:
    """One block of a document; a ``title`` makes it a file in the folder where others run."""

    language: str
    title: str | None
    source: str
    place: str


def blocks_of(name):
    """Return all fenced blocks of a document."""
    text = (ROOT / name).read_text()
    return [
        Block(
            language=match["language"],
            title=match["title"],
            source=inspect.cleandoc("\n" + match["source"]) + "\n",
            place=f"{name}:{text[: match.start()].count(chr(10)) + 1}",
        )
        for match in _FENCE.finditer(text)
    ]


def python_blocks(*names):
    """Return the parameters of a test that runs each python block of some documents."""
    return [
        pytest.param(block, id=block.place)
        for name in names
        for block in blocks_of(name)
        if block.language == "python" and block.title is None
    ]


def fill(folder, name):
    """Put into a folder a portrait, a table, and the files among the blocks of a document."""
    shutil.copy(PORTRAIT, folder / "portrait.jpg")
    shutil.copy(PORTRAIT.parent / "scripts.csv", folder)
    for block in blocks_of(name):
        if block.title is not None:
            (folder / block.title).write_text(block.source)


def paste(source):
    """Feed lines to the prompt of ``python -m asyncio``; return the statements that it ran.

    There a block ends with an empty line, and only there. Raises ``SyntaxError`` as it would.
    """
    compiler = codeop.CommandCompiler()
    compiler.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    statements, lines = [], []
    for line in [*source.splitlines(), ""]:
        lines.append(line)
        if compiler("\n".join(lines), symbol="single"):
            statements.append("\n".join(lines))
            lines.clear()
    assert not lines
    return statements


async def run_block(block, monkeypatch, emulator):
    """Run a python block in the current folder and return the names that it has defined.

    The variables of both APIs lead to the emulator.
    """
    monkeypatch.setenv("HEYGEN_BASE_URL", emulator.url)
    monkeypatch.setenv("HEYGEN_API_KEY", emulator.api_key)
    monkeypatch.setenv("JOGG_BASE_URL", emulator.jogg_url)
    monkeypatch.setenv("JOGG_API_KEY", emulator.jogg_api_key)
    names = {"__name__": "block"}
    code = compile(block.source, block.place, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    running = eval(code, names)
    if inspect.iscoroutine(running):
        await running
    return names
