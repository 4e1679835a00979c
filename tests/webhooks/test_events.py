"""What deliveries become: typed events, whichever of its shapes a payload has."""

from __future__ import annotations

import pytest

from heygen_async.models.webhooks import (
    JobEndEvent,
    JoggAvatarEvent,
    JoggMotionEvent,
    JoggPhotoEvent,
    JoggVideoEvent,
    TranslationEvent,
    UnknownEvent,
    VideoEvent,
)
from heygen_async.protocol.deliveries import fold, receive
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.heygen.webhooks import SOURCE as HEYGEN_SOURCE
from heygen_async.protocol.jogg import JOGG
from heygen_async.protocol.jogg.webhooks import SOURCE as JOGG_SOURCE
from tests.webhooks.deliveries import JOGG_VIDEO, NOW, VIDEO, encode


def read(payload, source=HEYGEN_SOURCE, headers=()):
    """Return the event of a payload."""
    return receive(source, encode(payload), fold(headers), [], now=NOW, allow_unsigned=True)


def read_jogg(payload):
    return read(payload, JOGG_SOURCE)


def changed(payload, name, **data):
    """Return the payload with other data."""
    return payload | {name: payload[name] | data}


def test_a_finished_video():
    """All that HeyGen tells is there; null stays None."""
    event = read(VIDEO)
    assert isinstance(event, VideoEvent)
    assert (event.event_type, event.event_id) == ("avatar_video.success", "evt_abc123")
    assert event.created_at == "2026-03-25T12:05:00Z"
    assert (event.video_id, event.callback_id) == ("vid_xyz789", "creative_8842")
    assert event.url == "https://files.heygen.example/vid_xyz789.mp4"
    assert event.folder_id is event.gif_download_url is event.message is None
    assert event.extra == {}
    assert event.job == (("heygen.video", "heygen.template-video", "heygen.v2.video"), "vid_xyz789")


@pytest.mark.parametrize("family", ["avatar_video", "avatar_video_gif", "avatar_video_caption"])
@pytest.mark.parametrize("end", ["success", "fail", "paused"])
def test_all_events_of_a_video_are_video_events(family, end):
    """Gif, captions and what may be added to them: each is about the video."""
    event = read(VIDEO | {"event_type": f"{family}.{end}"})
    assert isinstance(event, VideoEvent)
    assert event.job[1] == "vid_xyz789"


def test_a_failed_video_says_why():
    """The reason is ``message``, also where the vendor calls it ``msg``."""
    data = {"video_id": "v", "callback_id": None}
    for name in ("msg", "message"):
        event = read({"event_type": "avatar_video.fail", "event_data": data | {name: "no voice"}})
        assert event.message == "no voice"
        assert event.callback_id is None


def test_a_delivery_without_envelope():
    """Bare data, as version 1 sent it, is known by the id in it."""
    bare = {"callback_id": None, "video_id": "v1", "url": "https://a.example/v", "folder_id": ""}
    event = read(bare)
    assert isinstance(event, VideoEvent)
    assert (event.event_type, event.event_id, event.created_at) == ("", None, None)
    assert (event.video_id, event.url) == ("v1", "https://a.example/v")
    assert isinstance(read({"video_translate_id": "t1"}), TranslationEvent)
    assert isinstance(read_jogg({"motion_id": "m1"}), JoggMotionEvent)
    flat = {"event_type": "avatar_video.success", "video_id": "v1"}
    assert read(flat).job[1] == "v1"


def test_an_envelope_with_gaps():
    """Id and time may be missing or null; the header's id then stands in for the body's."""
    for payload in (VIDEO | {"event_id": None, "created_at": None}, {"event_id": ""}):
        assert read(payload).event_id is None
        assert read(payload, headers={"Heygen-Event-Id": "evt_h"}).event_id == "evt_h"
        assert read(payload).created_at is None
    assert read(VIDEO, headers={"Heygen-Event-Id": "evt_h"}).event_id == "evt_abc123"


@pytest.mark.parametrize(
    "data",
    [
        {"video_id": "v1"},
        {"project_id": "v1"},
        {"video_id": None, "project_id": "v1"},
        {"video_id": "v1", "project_id": "other"},
    ],
)
def test_a_video_by_either_name(data):
    """``video_id`` counts before ``project_id``, and null before none of them."""
    assert read({"event_type": "avatar_video.success", "event_data": data}).video_id == "v1"
    payload = {"event": "generated_avatar_video_success", "data": data}
    assert read_jogg(payload).video_id == "v1"


def test_unknown_fields_are_kept():
    """They stand in ``extra``, from the data and from the envelope."""
    event = read(changed(VIDEO, "event_data", quality="8k") | {"attempt": 2})
    assert event.extra == {"quality": "8k", "attempt": 2}


def test_an_odd_time_hides_no_event():
    """What is no time stands in ``extra``, also of an event that nobody knows."""
    for name in ("avatar_video.success", "new.thing"):
        event = read(VIDEO | {"event_type": name, "created_at": ["now"]})
        assert (event.created_at, event.extra["created_at"]) == (None, ["now"])


@pytest.mark.parametrize(
    "payload",
    [
        {"event_type": "batch.finished", "event_id": "e", "event_data": {"batch_id": "b"}},
        {"event_type": "photo_avatar_train.success", "event_data": {"name": "x"}},
        {"event_type": "avatar_video.success", "event_data": {"other": 1}},
        {"event_type": "avatar_video.success", "event_data": None},
        {"event_type": "avatar_video.success", "event_data": {"video_id": None}},
        {"event_type": "nonsense", "event_data": {"video_id": "v"}},
        {"event_type": "avatar_video.success", "event_data": {"video_id": 5}},
        {"event_type": "avatar_video.fail", "event_data": {"video_id": {}}},
        {"event_type": "podcast.success", "event_data": {"podcast_id": 5}},
        {},
    ],
)
def test_what_is_unknown_is_kept_whole(payload):
    """Types that nobody knows, and known ones without a usable id, become ``UnknownEvent``.

    To refuse one is to lose it: the vendor gives up after a day.
    """
    event = read(payload)
    assert isinstance(event, UnknownEvent)
    assert event.event_type == payload.get("event_type", "")
    assert event.event_id == payload.get("event_id")
    assert event.data == (payload.get("event_data") or {})
    assert event.job is None


@pytest.mark.parametrize(
    ("event_type", "data", "kinds"),
    [
        ("ai_clipping.success", {"ai_clipping_id": "x"}, ("heygen.clipping",)),
        ("hyperframes_video.fail", {"render_id": "x", "msg": "No"}, ("heygen.hyperframes",)),
        ("filler_word_removal.success", {"id": "x"}, ("heygen.filler-word-removal",)),
        ("podcast.success", {"podcast_id": "x", "video_url": "u"}, ("heygen.podcast",)),
        ("proofread_creation.success", {"proofread_id": "x"}, ("heygen.proofread",)),
        ("instant_avatar.success", {"id": "x", "group_id": "g"}, ("heygen.avatar",)),
        (
            "photo_avatar_generation.success",
            {"generation_id": "x"},
            ("heygen.avatar", "heygen.v2.photos"),
        ),
        ("photo_avatar_train.fail", {"flow_id": "x", "group_id": "g"}, ("heygen.v2.training",)),
        ("photo_avatar_add_motion.success", {"id": "x"}, ("heygen.v2.motion",)),
    ],
)
def test_the_event_of_another_job_names_it(event_type, data, kinds):
    """What may be an id in it besides leads to a look, too: no page says which field it is."""
    event = read({"event_type": event_type, "event_data": data})
    assert isinstance(event, JobEndEvent)
    assert event.job == (kinds, "x")
    assert [each.id for each in event.jobs] == ["x", *(["g"] if "group_id" in data else [])]
    assert event.message == data.get("msg")
    assert event.url == data.get("video_url")


def test_bare_data_with_an_id_is_of_no_type():
    """An ``id`` alone says of nothing what it is; all of it may name a job."""
    event = read({"id": "x", "generation_id": "y"})
    assert isinstance(event, UnknownEvent)
    assert {each.id for each in event.jobs} == {"x", "y"}


def test_a_translation():
    """Its job may have been started by a proofread, too."""
    data = {"video_translate_id": "t1", "message": "too long", "output_language": "French"}
    event = read({"event_type": "video_translate.fail", "event_data": data})
    assert isinstance(event, TranslationEvent)
    assert (event.video_translate_id, event.message) == ("t1", "too long")
    assert event.output_language == "French"
    assert event.job == (("heygen.translation", "heygen.proofread-translation"), "t1")


def test_a_video_of_jogg():
    """Success and failure, in the documented shape and in the one seen live."""
    event = read_jogg(JOGG_VIDEO)
    assert isinstance(event, JoggVideoEvent)
    assert (event.event_id, event.created_at) == ("evt_123456789", 1732806631)
    assert (event.video_id, event.status, event.duration) == ("video_123456", "completed", 30)
    assert event.job == (("jogg.video",), "video_123456")
    live = {"duration": 10, "project_id": "p1", "video_url": "https://a.example/v.mp4"}
    event = read_jogg({"event": "generated_video_success", "data": live})
    assert (event.video_id, event.video_url) == ("p1", "https://a.example/v.mp4")


def test_a_failure_of_jogg_says_why():
    """``error`` is an object for videos and text for the rest; both give ``message``."""
    error = {"code": 50000, "message": "no luck", "hint": "again"}
    data = {"video_id": "v", "status": "failed", "error": error}
    event = read_jogg({"event": "generated_avatar_video_failed", "data": data})
    assert (event.code, event.message, event.status) == (50000, "no luck", "failed")
    assert event.extra == {"hint": "again"}
    data["message"] = None
    event = read_jogg({"event": "generated_avatar_video_failed", "data": data})
    assert event.message == "no luck"
    data = {"photo_id": "p", "error": "no face"}
    event = read_jogg({"event": "generated_image_failed", "data": data})
    assert (event.code, event.message) == (None, "no face")


def test_photos_and_motion_of_jogg():
    """They have no event id; files may go by the names that the status calls use."""
    data = {"photo_id": "p1", "photo_urls": ["https://a.example/1.jpg"]}
    photo = read_jogg({"event": "generated_image_success", "timestamp": 5, "data": data})
    assert isinstance(photo, JoggPhotoEvent)
    assert photo.photo_urls == ("https://a.example/1.jpg",)
    assert (photo.event_id, photo.job) == (None, (("jogg.photo",), "p1"))
    for name in ("motion_url", "motion_preview_url"):
        data = {"motion_id": "m1", name: "https://a.example/m.mp4"}
        motion = read_jogg({"event": "generated_motion_success", "data": data})
        assert isinstance(motion, JoggMotionEvent)
        assert motion.motion_url == "https://a.example/m.mp4"
        assert motion.job == (("jogg.motion", "jogg.product-motion"), "m1")


def test_a_photo_avatar_of_jogg():
    """Its number stays a number, and names no job."""
    data = {"avatar_id": 123, "status": "completed", "preview_url": None}
    event = read_jogg({"event": "generated_photo_avatar_success", "data": data})
    assert isinstance(event, JoggAvatarEvent)
    assert event.avatar_id == 123
    assert event.job is None


def test_the_kinds_that_events_name_are_kinds():
    """Each name is one by which a job can be attached to."""
    videos = [read(VIDEO), read_jogg(JOGG_VIDEO)]
    others = [read_jogg({"photo_id": "p"}), read_jogg({"motion_id": "m"})]
    for event in [*videos, *others]:
        vendor = HEYGEN if isinstance(event, VideoEvent) else JOGG
        for kind in event.job[0]:
            assert vendor.read_token(f"{kind}/0/id")[0].name == kind
