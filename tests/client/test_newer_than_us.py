"""What a vendor added yesterday: fields, operations and jobs that this version does not know."""

from __future__ import annotations

import pytest

from heygen_async import (
    BadRequestError,
    Caption,
    DownloadError,
    HeyGen,
    InvalidRequestError,
    Ledger,
    LedgerError,
    Lipsync,
    SubmissionUnknownError,
)
from heygen_async.emulator import Fault
from tests.conftest import image_video

LIPSYNC = {
    "video": {"type": "url", "url": "https://example.com/a.mp4"},
    "audio": {"type": "url", "url": "https://example.com/a.mp3"},
}
POST = "POST /v3/lipsyncs"


async def test_extra_fields_go_along_as_they_are(heygen, emulator):
    """They stand beside those of the spec, or in their place."""
    video = await heygen.run(image_video(title="One", extra_body={"title": "Two"}))
    assert video.title == "Two"
    with pytest.raises(BadRequestError, match="unheard_of"):
        await heygen.submit(image_video(extra_body={"unheard_of": 1}))


@pytest.mark.parametrize("value", [5, [], {1: 2}, {"a": object()}, {"a": float("nan")}])
def test_extra_fields_have_to_be_json(value):
    """Else it is said before anything is sent."""
    with pytest.raises(InvalidRequestError, match="extra_body"):
        image_video(extra_body=value)


async def test_extra_fields_are_part_of_what_a_ledger_knows(heygen, emulator, tmp_path):
    """Another value makes another spec, which needs a key of its own."""

    async def render(**extra):
        async with Ledger(tmp_path / "run.sqlite") as ledger:
            specs = [image_video(extra_body=extra)]
            return [each async for each in heygen.map(specs, key=lambda _: "a", ledger=ledger)]

    for _ in range(2):
        assert [outcome.ok for outcome in await render(title="One")] == [True]
    assert len(emulator.wallet.charges) == 1
    with pytest.raises((LedgerError, InvalidRequestError), match="another spec"):
        raise next(iter(await render(title="Two"))).error
    assert len(emulator.wallet.charges) == 1


async def test_a_key_of_ones_own_makes_any_post_repeatable(heygen, emulator):
    """A lost answer is asked for again, and paid once; without a key it is not known."""
    emulator.faults.add(Fault(route=POST, nth=1, reset="after"))
    answer = await heygen.request(
        "POST", "/v3/lipsyncs", json=LIPSYNC, idempotency_key="mine", headers={"X-Trace": "t1"}
    )
    assert len(emulator.wallet.charges) == 1
    assert emulator.count(POST) == 2
    job = heygen.job("heygen.lipsync", answer["data"]["lipsync_id"])
    assert (await job).video_url
    emulator.faults.add(Fault(route="POST /v3/voices/clone", reset="after"))
    with pytest.raises(SubmissionUnknownError):
        await heygen.request("POST", "/v3/voices/clone", json={})


@pytest.mark.parametrize("headers", [{"X-Api-Key": "k"}, {"idempotency-key": "k"}, {"a": "b\nc"}])
async def test_headers_that_are_the_clients_own_are_refused(heygen, emulator, headers):
    """The key stays where it is, and nobody smuggles a header in."""
    with pytest.raises(InvalidRequestError, match="cannot be sent as a header"):
        await heygen.request("GET", "/v3/users/me", headers=headers)
    assert not emulator.received


def test_a_job_of_an_unknown_kind_is_refused():
    """The error names the kinds there are."""
    with pytest.raises(InvalidRequestError, match=r"no kind of job of HeyGen; .*heygen\.video"):
        HeyGen("key").job("heygen.dance", "d1")


async def test_all_files_of_a_result_are_saved(heygen, tmp_path, caplog):
    """They are named after its fields, the main one first; none is replaced unasked."""
    caplog.set_level("INFO", "heygen_async.jobs")
    job = await heygen.submit(image_video(caption=Caption(file_format="srt")))
    saved = await job.download_all(tmp_path)
    assert [path.name for path in saved][:1] == ["video.mp4"]
    assert {path.name for path in saved} >= {"subtitle.srt", "thumbnail.jpg", "gif.gif"}
    assert all(path.stat().st_size > 10 for path in saved)
    with pytest.raises(DownloadError, match="exists already"):
        await job.download_all(tmp_path)
    await job.download_all(tmp_path, overwrite=True)
    await job.download(tmp_path / "one.mp4")
    assert "subtitle" in caplog.text


async def test_a_result_with_one_file_is_one_file(heygen, tmp_path):
    """A lip sync without captions has no other."""
    job = await heygen.submit(Lipsync(video=LIPSYNC["video"]["url"], audio="https://e.com/a.mp3"))
    assert [path.name for path in await job.download_all(tmp_path)] == ["video.mp4"]
