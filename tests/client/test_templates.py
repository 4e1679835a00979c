"""Templates and comparisons of videos, through the public face."""

from __future__ import annotations

import pytest

from heygen_async import (
    BadRequestError,
    ImageVariable,
    InvalidRequestError,
    TemplateVideo,
    TextVariable,
    VoiceVariable,
)
from tests.conftest import PORTRAIT
from tests.contracts.rest_operations import COMPARISON


async def test_a_template_is_filled_in_with_a_local_picture(heygen, emulator, tmp_path):
    """The picture goes up first; the job is a video's, with its file."""
    template = await heygen.templates.get("template-1")
    spec = template.video(
        {"greeting": "Good day", "background": ImageVariable(asset=PORTRAIT)}, title="Hi"
    )
    assert spec.variables["greeting"] == TextVariable("Good day")
    job = await heygen.submit(spec)
    assert job.token.startswith("heygen.template-video/")
    path = await job.download(tmp_path / "a.mp4")
    assert path.read_bytes()[4:8] == b"ftyp"
    assert (await heygen.videos.get(job.id)).title == "Hi"
    assert len(emulator.assets) == len(emulator.wallet.charges) == 1


@pytest.mark.parametrize(
    ("variables", "options", "said"),
    [
        ({"greetings": "Hi"}, {}, r"no variable 'greetings'; it has background, greeting, speaker"),
        ({"background": "Hi"}, {}, r"'background' is of type image, not a TextVariable"),
        ({"greeting": VoiceVariable(voice_id="v")}, {}, r"is of type text, not a VoiceVariable"),
        ({}, {"scene_ids": ["scene-1", "scene-9"]}, r"no scenes scene-9"),
        ({"greeting": 5}, {}, r"variables must be TextVariable or"),
    ],
)
async def test_what_a_template_does_not_have_is_refused(heygen, variables, options, said):
    """It is refused before anything is sent, where the template was fetched."""
    template = await heygen.templates.get("template-1")
    with pytest.raises(InvalidRequestError, match=said):
        template.video(variables, **options)


async def test_a_listed_template_tells_too_little_to_judge(heygen):
    """A row of a list has no variables, so nothing is refused by it: the server does."""
    row = await anext(heygen.templates.list())
    spec = row.video({"greetings": "Hi"})
    with pytest.raises(BadRequestError, match="greetings"):
        await heygen.submit(spec)


def test_variables_are_a_dict():
    """A list is refused with what to write."""
    with pytest.raises(InvalidRequestError, match="variables must be a dict"):
        TemplateVideo(template_id="t", variables=["Hi"])


async def test_two_videos_are_compared(heygen, emulator):
    """The verdict is the result; a batch of them has a job for each."""
    verdict = (await heygen.run(COMPARISON)).result
    assert (verdict.winner, verdict.winner_side) == ("one", "a")
    batch = await heygen.video_quality.create_batch([COMPARISON] * 3)
    assert [(await job).result.winner for job in await batch.jobs()] == ["one"] * 3
    assert len(emulator.wallet.charges) == 4
