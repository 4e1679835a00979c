"""HeyGen's videos on the wire: created, looked at one by one and many at once."""

from __future__ import annotations

import pytest

from heygen_async import CinematicVideo, ImageVideo, ResponseError, Video
from heygen_async.protocol.heygen import videos
from heygen_async.protocol.heygen.videos import VIDEO

from .reading import answer

URL = "https://f.example/v.mp4"
CREATE = videos.VIDEO.create(CinematicVideo(prompt="A walk", avatar_id="look"))
LOOK = videos.VIDEO.get_status("v1")


def words(*rows: object) -> object:
    return answer(VIDEO.get_statuses(["a", "b"]), {"data": list(rows), "has_more": False})


def row(video_id: object, status: object) -> dict[str, object]:
    return {"video_id": video_id, "status": status, "error": None, "batch_id": None}


def look(**fields: object) -> object:
    return answer(LOOK, {"data": {"id": "v1", "status": "completed", **fields}})


def test_rows_are_matched_by_id():
    """The order of the rows does not matter, nor does a row that is missing."""
    assert words(row("b", "failed"), row("a", "pending")) == {"a": "pending", "b": "failed"}
    assert words(row("b", "failed")) == {"b": "failed"}
    assert words() == {}


def test_words_are_passed_on_as_they_are():
    """Words that nobody knows are data."""
    assert words(row("a", "rendering_v9"), row("b", "")) == {"a": "rendering_v9", "b": ""}


def test_an_id_that_is_not_found_has_no_word():
    """``not_found`` says nothing of a job, least of all that it has ended."""
    assert words(row("a", "not_found"), row("b", "pending")) == {"b": "pending"}
    assert words(row("a", "completed"), row("a", "not_found")) == {"a": "completed"}


def test_rows_that_nobody_asked_for_do_no_harm():
    """A row of another id says nothing about the ids that were asked for."""
    found = words(row("z", "failed"), row("a", "pending"))
    assert (found.get("a"), found.get("b")) == ("pending", None)


@pytest.mark.parametrize("end", ["completed", "failed", "Completed"])
@pytest.mark.parametrize("other", ["pending", "processing", "new"])
def test_of_repeated_rows_the_end_wins(end, other):
    """A repeated row counts once, and one that says the video has ended wins."""
    assert words(row("a", end), row("a", other)) == {"a": end}
    assert words(row("a", other), row("a", end)) == {"a": end}
    assert words(row("a", "pending"), row("a", other)) == {"a": other}


@pytest.mark.parametrize(
    "bad",
    [
        *(None, "x", 5, []),
        {},
        {"status": "failed"},
        {"video_id": "a"},
        row(None, "failed"),
        row("a", None),
        row(5, "failed"),
        row("a", 5),
        row("a", True),
        row(["a"], "failed"),
        row("a", {"code": "failed"}),
    ],
)
def test_a_row_without_id_or_word_is_passed_over(bad):
    """A row that says nothing spoils no other."""
    assert words(bad, row("b", "pending"), bad) == {"b": "pending"}


@pytest.mark.parametrize("data", [None, 5, True, "", {}])
def test_an_answer_without_rows_makes_no_sense(data):
    """No rows at all is a ``ResponseError``."""
    with pytest.raises(ResponseError, match="GET /v3/videos/statuses: unexpected answer"):
        answer(VIDEO.get_statuses(["a"]), {"data": data})
    with pytest.raises(ResponseError, match="'data'"):
        answer(VIDEO.get_statuses(["a"]), {})


def test_ids_are_asked_for_in_one_parameter():
    """The ids stand in ``video_ids``, with commas between."""
    request = VIDEO.get_statuses(["a", "b", "c"])
    assert (request.path, request.params) == ("/v3/videos/statuses", {"video_ids": "a,b,c"})
    assert VIDEO.statuses_limit == 100


def test_a_look_at_a_finished_video_has_it_whole():
    """The detail has the video, and how long it took."""
    detail = look(video_url="https://f.example/v.mp4", created_at=100, completed_at=280)
    assert detail.result == Video(
        id="v1",
        status="completed",
        video_url="https://f.example/v.mp4",
        created_at=100,
        completed_at=280,
    )
    assert (detail.word, detail.duration) == ("completed", 180.0)
    assert (detail.code, detail.message) == (None, None)
    assert VIDEO.download_url(detail.result) == "https://f.example/v.mp4"


def test_a_look_at_a_failed_video_tells_why():
    """The vendor's code and message are passed on."""
    detail = look(status="failed", failure_code="rendering_failed", failure_message="No face.")
    assert (detail.word, detail.result) == ("failed", None)
    assert (detail.code, detail.message) == ("rendering_failed", "No face.")


def test_a_completed_video_without_a_file_has_no_result_yet():
    """The file may come a few seconds after the word."""
    assert look(video_url=None).result is None
    assert look(video_url="").result is None
    assert look().result is None


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"created_at": 1},
        {"completed_at": 1},
        {"created_at": None, "completed_at": 5},
        {"created_at": 5, "completed_at": 4},
        {"created_at": 0, "completed_at": 10**400},  # more than a float can hold
    ],
)
def test_without_two_sensible_times_the_duration_is_not_known(times):
    """A duration is never made up, and nonsense in it does not withhold the file."""
    found = look(video_url=URL, **times)
    assert (found.duration, found.result.video_url) == (None, URL)


def test_a_created_video_has_its_id_and_first_word():
    """The answer to a create gives the new job."""
    made = answer(CREATE, {"data": {"video_id": "v1", "status": "waiting", "output_format": "mp4"}})
    assert (made.id, made.word) == ("v1", "waiting")


@pytest.mark.parametrize("status", [{}, {"status": None}, {"status": ""}])
def test_a_created_video_need_not_have_a_word(status):
    """Without a word the job is known all the same, for it costs money."""
    made = answer(CREATE, {"data": {"video_id": "v1", **status}})
    assert (made.id, made.word) == ("v1", "pending")


@pytest.mark.parametrize("video_id", [None, "", " ", "a b", "a\n", "..", True, 5.0, ["a"], {}])
def test_a_created_video_without_a_usable_id_makes_no_sense(video_id):
    """An id that could stand in no token is refused."""
    with pytest.raises(ResponseError, match="no usable id"):
        answer(CREATE, {"data": {"video_id": video_id, "status": "waiting"}})


def test_the_length_of_the_script_predicts_the_duration():
    """A script has its length as size; what has no script has none."""
    spoken = ImageVideo(image="https://a.example/b", script="Hello", voice_id="v")
    recorded = ImageVideo(image="https://a.example/b", audio="https://a.example/c")
    assert VIDEO.size(spoken) == 5.0
    assert VIDEO.size(recorded) is None
    assert VIDEO.size(CinematicVideo(prompt="A walk", avatar_id="look")) is None


def test_only_a_create_is_paid():
    """Looking and deleting cost nothing, so a lost answer to them is no unknown submission."""
    free = (LOOK, videos.VIDEOS.get("a"), videos.VIDEOS.delete("a"), VIDEO.get_statuses(["a"]))
    assert CREATE.paid
    assert not any(request.paid for request in free)


def test_a_delete_answers_nothing():
    """What a delete answers is of no use."""
    assert answer(videos.VIDEOS.delete("a"), {"data": {"id": "a", "deleted": True}}) is None


@pytest.mark.parametrize("word", [5, True, {"x": 1}, ["waiting"]])
def test_an_odd_first_word_is_no_end(word):
    """A create answer with an odd status still gives its job: it is paid by now."""
    sub = answer(CREATE, {"data": {"video_id": "v1", "status": word}})
    assert not videos.VIDEO.status(sub.word).terminal
