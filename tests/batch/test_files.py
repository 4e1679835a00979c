"""The files of a batch: the digest of a spec, and the names of what is saved."""

from __future__ import annotations

import hashlib
import re
import shutil
import unicodedata
from pathlib import Path, PureWindowsPath

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import AvatarVideo, InvalidRequestError, VoiceSettings
from heygen_async.batch.files import OutputPaths, file_digest, safe_name, spec_digest
from heygen_async.transport.uploads import MOST_REMEMBERED
from tests.conftest import PORTRAIT, image_video

URL = "https://files.example/v/abc.mp4?Signature=secret"


def test_it_is_the_same_in_every_process_and_version():
    """A ledger on a user's disk has to stay readable, so what is digested is spelled out here."""
    spec = AvatarVideo(avatar_id="a", script="Grüß Gott!", voice_settings=VoiceSettings(speed=1.1))
    text = (
        '{"AvatarVideo": {"avatar_id": "a", "script": "Grüß Gott!", '
        '"voice_settings": {"VoiceSettings": {"speed": 1.1}}}}'
    )
    assert spec_digest(spec) == hashlib.sha256(text.encode()).hexdigest()[:32]


def test_each_field_counts_and_a_default_does_not():
    """Another script, voice or kind is another render; a default written out is not."""
    spec = image_video()
    changed = [image_video(script="Bye!"), image_video(voice_id="v2"), image_video(title="t")]
    avatar = AvatarVideo(avatar_id="a", script="Hello!", voice_id="v1")
    assert len({spec_digest(each) for each in (spec, *changed, avatar)}) == 5
    assert spec_digest(attrs.evolve(spec, title=None)) == spec_digest(spec)


def test_a_file_counts_by_what_is_in_it(tmp_path):
    """A copy elsewhere is the same picture; the same name with other bytes is not."""
    copy = Path(shutil.copy(PORTRAIT, tmp_path / "copy.jpg"))
    assert spec_digest(image_video(image=copy)) == spec_digest(image_video(image=PORTRAIT))
    assert spec_digest(image_video(image=copy)) == spec_digest(
        image_video(image=PORTRAIT.read_bytes())
    )
    copy.write_bytes(PORTRAIT.read_bytes()[:-1])
    assert spec_digest(image_video(image=copy)) != spec_digest(image_video(image=PORTRAIT))


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    """The error names the file."""
    with pytest.raises(InvalidRequestError, match=r"gone\.png cannot be read: No such file"):
        spec_digest(image_video(image=tmp_path / "gone.png"))


def test_what_is_remembered_of_files_is_bounded(tmp_path):
    """Each file is read once; the digest is kept for the last used ones."""
    file_digest.cache_clear()
    for number in (0, 1, 2, 0, 1, 2):
        path = tmp_path / f"{number}.png"
        path.write_bytes(bytes([number])) if not path.exists() else None
        spec_digest(image_video(image=path))
    info = file_digest.cache_info()
    assert (info.hits, info.currsize, info.maxsize) == (3, 3, MOST_REMEMBERED)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ada", r"ada\.mp4"),
        ("ada_1-2", r"ada_1-2\.mp4"),
        ("Intro", r"Intro-[0-9a-f]{8}\.mp4"),
        ("Guten Tag!", r"Guten-Tag-[0-9a-f]{8}\.mp4"),
        ("../../etc/passwd", r"etc-passwd-[0-9a-f]{8}\.mp4"),
        ("日本", r"日本\.mp4"),
        ("مرحبا", r"مرحبا\.mp4"),
        ("हिन्दी", r"हिन्दी\.mp4"),
        ("Über uns", r"Über-uns-[0-9a-f]{8}\.mp4"),
        ("u\u0308ber", r"über-[0-9a-f]{8}\.mp4"),
        ("con", r"con_-[0-9a-f]{8}\.mp4"),
        ("LPT1.txt", r"LPT1_-txt-[0-9a-f]{8}\.mp4"),
        ("bye. .", r"bye-[0-9a-f]{8}\.mp4"),
        ("ada-1a2b3c4d", r"ada-1a2b3c4d-[0-9a-f]{8}\.mp4"),
        (".hidden", r"hidden-[0-9a-f]{8}\.mp4"),
        ("x" * 300, r"x{120}-[0-9a-f]{8}\.mp4"),
        ("語" * 100, r"語{40}-[0-9a-f]{8}\.mp4"),
        (None, r"00008\.mp4"),
    ],
)
def test_a_file_is_named_after_its_key(tmp_path, key, name):
    """A key that is a name everywhere stays so; others get a hash; without one it is counted."""
    path = OutputPaths(tmp_path).path(7, key, URL)
    assert re.fullmatch(name, path.name)
    assert path.parent == tmp_path


@given(keys=st.lists(st.text(min_size=1), min_size=2, max_size=20, unique=True))
def test_no_two_keys_share_a_file_and_none_leaves_the_folder(keys):
    """Whatever the keys are, also where large letters are small ones and accents are apart."""
    names = OutputPaths(Path("out"))
    paths = [names.path(0, key, URL) for key in [*keys, *map(str.upper, keys)]]
    folded = {unicodedata.normalize("NFD", path.name.casefold()) for path in paths}
    assert len(folded) == len({*keys, *map(str.upper, keys)})
    assert {path.parent.name for path in paths} == {"out"}
    assert max(len(path.name.encode()) for path in paths) < 255


@given(text=st.text())
def test_a_name_is_one_on_every_system(text):
    """It has no sign that some system keeps for itself, and no device's name."""
    name = safe_name(text)
    assert not set(name) & set('<>:"/\\|?*\0 ')
    assert not name.startswith((".", "-"))
    assert not name.endswith((".", "-"))
    assert safe_name(name) == name
    assert not PureWindowsPath(name).is_reserved()


def test_a_file_of_before_is_one_that_is_there(tmp_path):
    """What an earlier version has saved under its name is not paid again."""
    for name in ("Intro.mp4", "ber-uns-b7defbf9.mp4"):
        (tmp_path / name).write_bytes(b"paid")
    for key in ("Intro", "Über uns"):
        with pytest.raises(InvalidRequestError, match="already"):
            OutputPaths(tmp_path).claim(0, key)


def test_a_name_may_be_given(tmp_path):
    """It is made safe, and is one file however its letters are written."""
    names = OutputPaths(tmp_path, {"a": "Ada: Intro", "b": "ada: intro"}.__getitem__)
    assert names.path(0, "a", URL).name == "Ada-Intro.mp4"
    names.claim(0, "a")
    with pytest.raises(InvalidRequestError, match="has a file 'ada-intro' already"):
        names.claim(1, "b")


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
    assert OutputPaths(tmp_path).path(0, "a", url).suffix == suffix


def test_a_file_that_is_there_is_never_replaced(tmp_path):
    """An item whose file exists, or is in flight for another, is refused before it is paid for."""
    (tmp_path / "ada.webm").write_bytes(b"paid")
    names = OutputPaths(tmp_path)
    names.prepare()
    with pytest.raises(InvalidRequestError, match="has a file 'ada' already"):
        names.claim(0, "ada")
    names.claim(0, "bob")
    with pytest.raises(InvalidRequestError, match="has a file 'bob' already"):
        names.claim(1, "bob")
    names.release(1, "bob")  # it never had it
    with pytest.raises(InvalidRequestError, match="has a file 'bob' already"):
        names.claim(2, "bob")
    names.release(0, "bob")
    names.claim(3, "bob")


def test_the_folder_is_made_or_refused(tmp_path):
    """Missing folders are made; a file in the place of one is an error that names it."""
    OutputPaths(tmp_path / "a" / "b").prepare()
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InvalidRequestError, match=r"file' is no folder to save to"):
        OutputPaths(tmp_path / "file").prepare()
