"""The files of a result, each by its name."""

from __future__ import annotations

import pytest

from heygen_async import Caption, DownloadError, InvalidRequestError
from heygen_async.protocol.sniff import sort_of
from tests.conftest import image_video
from tests.every_kind import KINDS, SPECS

pytestmark = pytest.mark.filterwarnings("ignore:HeyGen retired:DeprecationWarning")

SORT_OF = {
    "video": "video",
    "captioned": "video",
    "subtitles": "subtitles",
    "thumbnail": "image",
    "gif": "image",
}
CAPTION = Caption(file_format="srt", style="default")


@pytest.mark.parametrize("name", SORT_OF)
async def test_each_file_of_a_video_has_a_short_name(heygen, tmp_path, name):
    """By the job, and by the id of its video."""
    job = await heygen.submit(image_video(caption=CAPTION))
    first = await job.download(tmp_path / "first", asset=name)
    assert sort_of(first.read_bytes()[:512]) == SORT_OF[name]
    second = await heygen.videos.download(job.id, tmp_path / "second", asset=name)
    assert second.read_bytes() == first.read_bytes()


@pytest.mark.parametrize("name", ["subtitle_url", "subtitle", "subtitles"])
async def test_a_file_has_the_name_of_its_field_as_well(heygen, tmp_path, name):
    """As it stands in the result, or as ``download_all`` has it."""
    job = await heygen.submit(image_video(caption=CAPTION))
    assert b" --> " in (await job.download(tmp_path / "a.srt", asset=name)).read_bytes()


@pytest.mark.parametrize(
    ("kind", "name", "field", "suffix"),
    [
        ("heygen.video", "video", "video_url", ".mp4"),
        ("heygen.video", "captioned", "captioned_video_url", ".mp4"),
        ("heygen.video", "captioned_video", "captioned_video_url", ""),
        ("heygen.video", "subtitles", "subtitle_url", ".srt"),
        ("heygen.lipsync", "subtitles", "caption_url", ".srt"),
        ("heygen.translation", "subtitles", "srt_caption_url", ".srt"),
        ("heygen.translation", "vtt_caption", "vtt_caption_url", ""),
        ("heygen.clipping", "video", "clips.video_url", ".mp4"),
        ("heygen.clipping", "thumbnail", "clips.thumbnail_url", ".jpg"),
        ("heygen.clipping", "clips-2-thumbnail", "clips.thumbnail_url", ""),
        ("heygen.background-removal", "mask", None, ""),
        ("heygen.background-removal", "layers.mask", "layers.mask", ""),
        ("heygen.v2.motion", "video", "motion_preview_url", ".mp4"),
        ("heygen.v2.photos", "image_url_list-3", "image_url_list", ""),
        ("jogg.translation", "video", "url", ".mp4"),
        ("jogg.lip-sync", "gif", None, ""),
        ("jogg.script", "video", None, ""),
    ],
)
def test_a_name_is_that_of_a_field_and_of_a_suffix(kind, name, field, suffix):
    """Or the error says which names there are."""
    if field is not None:
        assert KINDS[kind].asset(name) == (field, suffix)
        return
    with pytest.raises(InvalidRequestError, match=r"there are [a-z]|it has none at all"):
        KINDS[kind].asset(name)


async def test_a_name_that_no_result_has_is_refused_before_the_wait(heygen, emulator, tmp_path):
    """Whoever waits an hour is not told then."""
    job = await heygen.submit(image_video())
    seen = len(emulator.received)
    with pytest.raises(InvalidRequestError, match="'captions'; there are video, captioned, sub"):
        await job.download(tmp_path / "a.srt", asset="captions")
    with pytest.raises(InvalidRequestError, match="clipping has no file 'gif'"):
        await heygen.job("heygen.clipping", "c1").download(tmp_path / "a.gif", asset="gif")
    with pytest.raises(InvalidRequestError, match="model-voice has no file to save"):
        await heygen.job("heygen.model-voice", "v1").download(tmp_path / "a.mp3")
    assert len(emulator.received) == seen


async def test_a_file_that_was_not_asked_for_is_missed_clearly(heygen, emulator, tmp_path):
    """The error has the job, and comes after one fresh look; nothing is left on disk."""
    job = await heygen.submit(image_video())
    await job
    seen = len(emulator.received)
    with pytest.raises(DownloadError, match="has no subtitles file: it was not asked for") as told:
        await job.download(tmp_path / "a.srt", asset="subtitles")
    assert told.value.job is job
    assert len(emulator.received) == seen + 1
    assert not list(tmp_path.iterdir())


async def test_the_second_of_several_is_had_by_its_number(heygen, tmp_path):
    """Without one it is the first; one too many is missed."""
    job = await heygen.submit(SPECS["heygen.v2.photos"])
    await job.download(tmp_path / "1.jpg", asset="image_url_list")
    await job.download(tmp_path / "2.jpg", asset="image_url_list-2")
    with pytest.raises(DownloadError, match="has no image_url_list-9 file"):
        await job.download(tmp_path / "9.jpg", asset="image_url_list-9")


async def test_all_files_are_saved_or_none_is_begun(heygen, emulator, tmp_path):
    """One that is there already may be another job's: it is neither replaced nor taken for it."""
    job = await heygen.submit(image_video(caption=CAPTION))
    (tmp_path / "gif.gif").write_bytes(b"another job's")
    with pytest.raises(DownloadError, match=r"gif\.gif exists already"):
        await job.download_all(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["gif.gif"]
    saved = await job.download_all(tmp_path, overwrite=True)
    assert len(saved) == len(set(saved)) == 5
