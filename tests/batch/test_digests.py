"""The digest of a spec, which tells one render from another."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import attrs
import pytest

from heygen_async import AvatarVideo, InvalidRequestError, VoiceSettings
from heygen_async.batch.digests import Digests, reads_files
from tests.conftest import PORTRAIT, image_video


def digest(spec):
    return Digests().digest(spec)


def test_it_is_the_same_in_every_process_and_version():
    """A ledger on a user's disk has to stay readable, so what is digested is spelled out here."""
    spec = AvatarVideo(avatar_id="a", script="Grüß Gott!", voice_settings=VoiceSettings(speed=1.1))
    text = (
        '{"AvatarVideo": {"avatar_id": "a", "script": "Grüß Gott!", '
        '"voice_settings": {"VoiceSettings": {"speed": 1.1}}}}'
    )
    assert digest(spec) == hashlib.sha256(text.encode()).hexdigest()[:32]


def test_each_field_counts_and_a_default_does_not():
    """Another script, voice or kind is another render; a default written out is not."""
    spec = image_video()
    changed = [image_video(script="Bye!"), image_video(voice_id="v2"), image_video(title="t")]
    avatar = AvatarVideo(avatar_id="a", script="Hello!", voice_id="v1")
    assert len({digest(each) for each in (spec, *changed, avatar)}) == 5
    assert digest(attrs.evolve(spec, title=None)) == digest(spec)


def test_a_file_counts_by_what_is_in_it(tmp_path):
    """A copy elsewhere is the same picture; the same name with other bytes is not."""
    copy = Path(shutil.copy(PORTRAIT, tmp_path / "copy.jpg"))
    digests = Digests()
    assert digests.digest(image_video(image=copy)) == digest(image_video(image=PORTRAIT))
    assert digests.digest(image_video(image=copy)) == digest(
        image_video(image=PORTRAIT.read_bytes())
    )
    copy.write_bytes(PORTRAIT.read_bytes()[:-1])
    assert digests.digest(image_video(image=copy)) != digest(image_video(image=PORTRAIT))


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    """The error names the file."""
    with pytest.raises(InvalidRequestError, match=r"gone\.png cannot be read: No such file"):
        digest(image_video(image=tmp_path / "gone.png"))


def test_it_knows_whether_files_have_to_be_read():
    """Only local media need a thread."""
    assert reads_files(image_video(image=PORTRAIT))
    assert not reads_files(image_video())
