"""The names of a batch's files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import InvalidRequestError
from heygen_async.batch.targets import Targets

URL = "https://files.example/v/abc.mp4?Signature=secret"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ada", r"ada\.mp4"),
        ("Ada_1-2", r"Ada_1-2\.mp4"),
        ("Guten Tag!", r"Guten-Tag-[0-9a-f]{8}\.mp4"),
        ("../../etc/passwd", r"etc-passwd-[0-9a-f]{8}\.mp4"),
        ("日本", r"[0-9a-f]{8}\.mp4"),
        (".hidden", r"hidden-[0-9a-f]{8}\.mp4"),
        ("x" * 300, r"x{60}-[0-9a-f]{8}\.mp4"),
        (None, r"00008\.mp4"),
    ],
)
def test_a_file_is_named_after_its_key(tmp_path, key, name):
    """A key that is a name stays as it is; any other is made one; without a key it is counted."""
    path = Targets(tmp_path).path(7, key, URL)
    assert re.fullmatch(name, path.name)
    assert path.parent == tmp_path


@given(keys=st.lists(st.text(min_size=1), min_size=2, max_size=20, unique=True))
def test_no_two_keys_share_a_file_and_none_leaves_the_folder(keys):
    """Whatever the keys are."""
    targets = Targets(Path("out"))
    paths = [targets.path(0, key, URL) for key in keys]
    assert len(set(paths)) == len(keys)
    assert {path.parent.name for path in paths} == {"out"}


@pytest.mark.parametrize(
    ("url", "suffix"),
    [
        ("https://f.example/a.WEBM", ".webm"),
        ("https://f.example/a", ".bin"),
        ("https://f.example/a.b/c", ".bin"),
        ("https://f.example/a.thisisnosuffix", ".bin"),
    ],
)
def test_the_suffix_is_that_of_the_url(tmp_path, url, suffix):
    """The query does not count, and nonsense becomes .bin."""
    assert Targets(tmp_path).path(0, "a", url).suffix == suffix


def test_a_file_that_is_there_is_never_replaced(tmp_path):
    """An item whose file exists, or is in flight for another, is refused before it is paid for."""
    (tmp_path / "ada.webm").write_bytes(b"paid")
    targets = Targets(tmp_path)
    targets.prepare()
    with pytest.raises(InvalidRequestError, match="has a file 'ada' already"):
        targets.claim(0, "ada")
    targets.claim(0, "bob")
    with pytest.raises(InvalidRequestError, match="has a file 'bob' already"):
        targets.claim(1, "bob")
    targets.release(1, "bob")  # it never had it
    with pytest.raises(InvalidRequestError, match="has a file 'bob' already"):
        targets.claim(2, "bob")
    targets.release(0, "bob")
    targets.claim(3, "bob")


def test_the_folder_is_made_or_refused(tmp_path):
    """Missing folders are made; a file in the place of one is an error that names it."""
    Targets(tmp_path / "a" / "b").prepare()
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InvalidRequestError, match=r"file' is no folder to save to"):
        Targets(tmp_path / "file").prepare()
