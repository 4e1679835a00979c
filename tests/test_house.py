"""The house itself: layers, public surface, docstrings, types, start-up time."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import heygen_async
from heygen_async import errors

ROOT = Path(__file__).parent.parent
PACKAGE = Path(heygen_async.__file__).parent
LAYERS = [
    "models",
    "protocol",
    "transport",
    "jobs",
    "batch",
    "resources",
    "client",
    "webhooks",
    "cli",
]
MODULES = sorted(PACKAGE.rglob("*.py"))


def part_of(module: str) -> str:
    """Return the second word of a dotted name of this package."""
    return [*module.split("."), ""][1]


def imports_of(path: Path):
    """Yield the part of this package that each import of a module names."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            names = [module]
            if module == "heygen_async":
                names = [f"heygen_async.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (part_of(name) for name in names if name.split(".")[0] == "heygen_async")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_its_left(path):
    """Models, protocol, transport, jobs, batch, resources, client, webhooks, cli: never back."""
    layer = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for imported in imports_of(path):
        if layer == "emulator":
            assert imported == "emulator"
        elif layer == "pytest_plugin":
            assert imported == "emulator" or imported in heygen_async.__all__
        elif layer in LAYERS:
            left = LAYERS[: LAYERS.index(layer) + 1]
            emulator = ["emulator"] if layer == "cli" else []
            public = [""] if layer == "cli" else []
            assert imported in [*left, "errors", "__version__", *emulator, *public] or (
                layer == "cli" and imported in dir(heygen_async)
            )


def test_the_layers_are_all_there_is():
    """Every part of the package is a layer, or one of the few that stand beside them."""
    beside = {"__init__", "__main__", "errors", "emulator", "pytest_plugin"}
    beside |= {"py.typed", "__pycache__"}
    assert {path.stem if path.suffix == ".py" else path.name for path in PACKAGE.iterdir()} <= {
        *LAYERS,
        *beside,
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_says_what_it_is_for(path):
    """Each module has a docstring."""
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_models_and_protocol_need_no_loop():
    """The pure layers import neither asyncio nor aiohttp nor a clock."""
    for layer in ("models", "protocol"):
        for path in (PACKAGE / layer).rglob("*.py"):
            words = set(re.findall(r"^(?:import|from) (\w+)", path.read_text(), re.MULTILINE))
            assert not words & {"asyncio", "aiohttp", "time", "datetime", "random"}, path


def test_the_public_surface_is_what_all_says():
    """``__all__`` is sorted, complete and importable; nothing public is missing from it."""
    for name in heygen_async.__all__:
        assert getattr(heygen_async, name) is not None
    public = {
        name
        for name, value in vars(heygen_async).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert set(heygen_async.__all__) - {"__version__"} == public - {"TYPE_CHECKING"}
    assert heygen_async.__all__ == sorted(heygen_async.__all__)
    with pytest.raises(AttributeError, match="Nonsense"):
        _ = heygen_async.Nonsense
    assert set(errors.__all__) <= public


def test_every_public_name_has_a_docstring():
    """What users hold explains itself, members included."""
    for name in heygen_async.__all__:
        value = getattr(heygen_async, name)
        if not inspect.isclass(value):
            continue
        assert inspect.getdoc(value), name
        for member, function in vars(value).items():
            if callable(function) and not member.startswith("_"):
                assert inspect.getdoc(function), f"{name}.{member}"


@pytest.mark.timeout(240)
def test_users_see_the_right_types(tmp_path):
    """A type checker knows what each spec becomes, and refuses what is wrong."""
    sample = Path(__file__).parent / "typing_sample.py"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--warn-unused-ignores",
            "--cache-dir",
            str(tmp_path),
            str(sample),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_import_is_quick():
    """Importing a client takes at most 1.5 times what ``import aiohttp`` takes.

    Processor time, the least of some runs each, in turns: noise only adds, so more runs bring
    the least nearer to the truth, and a budget that is really broken fails all thirty.
    """

    def cost(statement):
        clock = "import time; s = time.process_time()"
        code = f"{clock}; {statement}; print(time.process_time() - s)"
        return float(subprocess.check_output([sys.executable, "-I", "-c", code]))

    ours, theirs = [], []
    for run in range(30):
        ours.append(cost("from heygen_async import HeyGen"))
        theirs.append(cost("import aiohttp"))
        if run >= 4 and min(ours) <= 1.5 * min(theirs):
            break
    assert min(ours) <= 1.5 * min(theirs)


def test_optional_things_are_not_imported():
    """Neither the command line's libraries nor the emulator come with a client."""
    code = "import sys; from heygen_async import HeyGen; HeyGen('key'); print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-I", "-c", code], text=True).split()
    assert not {"click", "rich", "sqlite3", "heygen_async.emulator", "aiohttp.web"} & set(loaded)


def test_the_tree_in_the_errors_docstring_is_the_tree():
    """Every error stands in the drawing, and the drawing has no other."""
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__))
    assert drawn == set(errors.__all__) - {"HeyGenError"}
    assert all(issubclass(getattr(errors, name), errors.HeyGenError) for name in drawn)
