"""What is shipped: the wheel, the source archive, and how they say what they are."""

from __future__ import annotations

import configparser
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import heygen_async

ROOT = Path(__file__).parent.parent
NAME = f"heygen_async-{heygen_async.__version__}"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """Build both archives once, without an index."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True, timeout=50)
    return folder


@pytest.fixture(scope="module")
def wheel(shipped):
    with zipfile.ZipFile(shipped / f"{NAME}-py3-none-any.whl") as archive:
        yield archive


@pytest.fixture(scope="module")
def sources(shipped):
    """Return the names in the source archive."""
    with tarfile.open(shipped / f"{NAME}.tar.gz") as archive:
        return {name.removeprefix(f"{NAME}/") for name in archive.getnames()}


def tracked(folder):
    """Return the files of a folder of the repository that belong to it."""
    files = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    return {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    """Every file of the package is in it, ``py.typed`` and the media too, and no test."""
    names = set(wheel.namelist())
    assert {"heygen_async/py.typed", "heygen_async/emulator/media/video.mp4"} <= names
    metadata = {name for name in names if name.startswith(f"{NAME}.dist-info/")}
    assert names - metadata == tracked("heygen_async")


def test_the_source_archive_can_be_tested_and_documented(sources):
    """Package, tests, examples, benchmarks and documents are in it, and so is what runs them."""
    for folder in ("heygen_async", "tests", "examples", "benchmarks", "docs"):
        assert tracked(folder) <= sources
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile"} <= sources
    assert {"noxfile.py", "pyproject.toml"} <= sources


def test_the_entry_points_lead_to_what_they_name(wheel):
    """There is a script and a pytest plugin, each under a name that can be loaded."""
    points = configparser.ConfigParser()
    points.read_string(wheel.read(f"{NAME}.dist-info/entry_points.txt").decode())
    assert dict(points["console_scripts"]) == {"heygen-async": "heygen_async.__main__:main"}
    assert dict(points["pytest11"]) == {"heygen_async": "heygen_async.pytest_plugin"}


def test_the_metadata_says_what_an_index_shows(wheel):
    """Version, licence, lowest Python and the README are there; only the extras ask for more."""
    metadata = Parser().parsestr(wheel.read(f"{NAME}.dist-info/METADATA").decode())
    assert metadata["Version"] == heygen_async.__version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata.get_payload().strip() == (ROOT / "README.md").read_text().strip()
    needed = {line for line in metadata.get_all("Requires-Dist") if "extra ==" not in line}
    names = {line.partition(">=")[0] for line in needed}
    assert names == {"aiohttp", "attrs", "cattrs", "python-backoff"}
