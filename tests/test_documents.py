"""What the documents say works: every python block runs against the emulator."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
from pathlib import Path

import pytest

from heygen_async.emulator import Emulator
from tests.conftest import PORTRAIT

ROOT = Path(__file__).parent.parent


def blocks(name):
    """Return the python blocks of a document, each with the line it starts at."""
    text = (ROOT / name).read_text()
    found = re.finditer(r"^```python\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    return [
        pytest.param(match[1], id=f"{name}:{text[: match.start()].count(chr(10)) + 1}")
        for match in found
    ]


@pytest.mark.parametrize("source", blocks("README.md"))
async def test_a_block_of_the_readme_runs(source, tmp_path, monkeypatch):
    """A block does what it says, in a folder with a portrait and the two variables set."""
    shutil.copy(PORTRAIT, tmp_path / "portrait.jpg")
    monkeypatch.chdir(tmp_path)
    code = compile(source, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    async with Emulator() as emulator:
        monkeypatch.setenv("HEYGEN_BASE_URL", emulator.url)
        monkeypatch.setenv("HEYGEN_API_KEY", emulator.api_key)
        running = eval(code, {"__name__": "block"})
        if inspect.iscoroutine(running):
            await running
