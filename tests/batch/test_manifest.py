"""Tables of specs: what is read from each format, and how each mistake is told."""

from __future__ import annotations

import csv
import io
import json

import pytest

from heygen_async import (
    AddMotion,
    AssetId,
    AvatarScene,
    AvatarVideo,
    Background,
    CinematicVideo,
    ElevenLabsSettings,
    Engine,
    FishSettings,
    ImageScene,
    ImageVideo,
    InvalidRequestError,
    JoggMotion,
    JoggVideo,
    PhotoAvatar,
    Playback,
    StarfishSettings,
    StudioVideo,
    VideoScene,
    VoiceSettings,
)
from heygen_async.batch import manifest
from heygen_async.batch.manifest import read_manifest
from tests.conftest import PORTRAIT, image_video

from .tables import LEAST, ROW, URL, problems, write

SCENES = {StudioVideo: {"scenes": (ImageScene(source=URL, duration=1),)}}
CSV = f"image,script,voice_id\n{URL},Hello!,v1\n{URL},Bye!,v1\n"
LINES = json.dumps(ROW) + "\n"
ARRAY = json.dumps([ROW, {**ROW, "script": "Bye!"}], indent=1)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", CSV),
        ("t.CSV", CSV.replace("Bye!,v1", "Bye!,v1\n\n,,\n")),
        ("t.jsonl", LINES + "\n" + LINES.replace("Hello", "Bye")),
        ("t.ndjson", LINES + LINES.replace("Hello", "Bye")),
        ("t.json", ARRAY),
    ],
)
def test_each_format_gives_the_specs_in_order(tmp_path, name, content, end, mark):
    """CSV, JSON Lines and JSON are read alike, with a BOM or not, whatever ends their lines."""
    path = write(tmp_path, mark + content.replace("\n", end).encode(), name)
    assert read_manifest(str(path), ImageVideo) == (image_video(), image_video(script="Bye!"))


@pytest.mark.parametrize("cls", LEAST, ids=lambda cls: cls.__name__)
def test_every_spec_can_be_read(tmp_path, cls):
    """A row with the required fields of a spec gives that spec."""
    expected = cls(**{**LEAST[cls], **SCENES.get(cls, {})})
    assert read_manifest(write(tmp_path, LEAST[cls]), cls) == (expected,)


def test_cells_are_read_by_the_type_of_their_field(tmp_path):
    """True and false have several words, numbers may stand between blanks, text is as it is."""
    content = (
        "prompt,avatar_id,duration,auto_duration,enhance_prompt,title\n"
        ' a  b ,look-1, 7 ,NO,1," 12"\n'
        'c," [""d"", ""e""]",,Yes,false,true\n'
    )
    path = write(tmp_path, content)
    assert read_manifest(path, CinematicVideo) == (
        CinematicVideo(
            prompt=" a  b ",
            avatar_id="look-1",
            duration=7,
            auto_duration=False,
            enhance_prompt=True,
            title=" 12",
        ),
        CinematicVideo(
            prompt="c",
            avatar_id=("d", "e"),
            auto_duration=True,
            enhance_prompt=False,
            title="true",
        ),
    )


def test_the_other_numbers_in_cells(tmp_path):
    """An id and a choice that are whole numbers in the spec are so in a table."""
    path = write(tmp_path, "avatar_id,voice_id,script,screen_style\n81,7,Hello!,3\n")
    spec = JoggVideo(avatar_id=81, voice_id="7", script="Hello!", screen_style=3)
    assert read_manifest(path, JoggVideo) == (spec,)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("seven", int, "must be a whole number, not 'seven'"),
        (" 7.5 ", int, "must be a whole number, not '7.5'"),
        ("1,5", float, "must be a number, not '1,5'"),
        ("on", bool, "must be true or false, not 'on'"),
    ],
)
def test_a_cell_that_is_no_number_or_word_is_refused(text, kind, expected):
    """What cannot be read as the type of the field is quoted beside what is wanted."""
    with pytest.raises(InvalidRequestError) as caught:
        manifest.cell_value(text, [kind])
    assert str(caught.value) == expected
    assert manifest.cell_value(" 1 ", [kind]) == 1
    assert type(manifest.cell_value(" 1 ", [kind])) is kind


def test_cells_with_parts_are_json(tmp_path):
    """What has parts is JSON in its cell, and an engine may be a bare name."""
    rows = [
        ("avatar_id", "script", "voice_id", "engine", "background", "voice_settings"),
        ("a", "b", "v", "avatar_iv", '{"type": "color", "value": "#00ff88"}', '{"speed": 1.2}'),
        ("a", "b", "v", '{"type": "avatar_v", "reference_look_id": "r"}', "", ""),
    ]
    content = io.StringIO(newline="")
    csv.writer(content).writerows(rows)
    assert read_manifest(write(tmp_path, content.getvalue()), AvatarVideo) == (
        AvatarVideo(
            avatar_id="a",
            script="b",
            voice_id="v",
            engine="avatar_iv",
            background=Background(type="color", value="#00ff88"),
            voice_settings=VoiceSettings(speed=1.2),
        ),
        AvatarVideo(
            avatar_id="a",
            script="b",
            voice_id="v",
            engine=Engine(type="avatar_v", reference_look_id="r"),
        ),
    )


@pytest.mark.parametrize(
    ("fields", "settings"),
    [
        ({"engine_type": "elevenlabs", "model": None}, ElevenLabsSettings()),
        ({"engine_type": "fish", "model": "s1"}, FishSettings(model="s1")),
        ({"engine_type": "starfish"}, StarfishSettings()),
    ],
)
def test_scenes_and_engine_settings_say_what_they_are(tmp_path, fields, settings):
    """An object that may be of several classes is of the one that its tag names."""
    voice = {"script": "Hello!", "voice_settings": {"engine_settings": fields}}
    scenes = [
        {"type": "avatar_video", "avatar_id": "a", "engine": "avatar_v", **voice},
        {"type": "video", "source": "asset:1", "playback": {"mute": True}},
    ]
    (spec,) = read_manifest(write(tmp_path, {"scenes": scenes}), StudioVideo)
    assert spec.scenes == (
        AvatarScene(
            avatar_id="a",
            script="Hello!",
            engine="avatar_v",
            voice_settings=VoiceSettings(engine_settings=settings),
        ),
        VideoScene(source=AssetId("1"), playback=Playback(mute=True)),
    )


def test_all_problems_are_told_at_once(tmp_path):
    """Each bad field of each row has its line, also after cells that span lines."""
    path = write(
        tmp_path,
        "image,script,voice_id,caption,output_format,remove_background\n"
        f'{URL},"one\ntwo",v1,,avi,perhaps\n'
        "\n"
        f"ftp://x/y,,v1,[,,\n"
        f"{URL},Hello!,,,,\n"
        f"{URL},Fine,v1,,,\n"
        ",Hello!,v1,[1],,\n",
    )
    assert problems(path) == [
        "  line 2, column remove_background: must be true or false, not 'perhaps'",
        (
            "  line 2, column output_format: output_format must be one of 'mp4', 'webm', not 'avi' "
            "(the kind of file)"
        ),
        "  line 5, column caption: broken JSON at character 2: Expecting value",
        "  line 5, column image: 'ftp://x/y' is no http(s) URL with a host",
        "  line 6: a script needs a voice_id; heygen.voices.list() has them all",
        "  line 8, column image: is missing",
        (
            "  line 8, column caption: caption must be Caption, not [1] "
            "(subtitles, as a file or burnt in)"
        ),
    ]


def test_media_are_urls_assets_or_files_beside_the_table(tmp_path, monkeypatch):
    """A file is found from the table's folder, wherever the process is, and its path is whole."""
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "ada.jpg").write_bytes(PORTRAIT.read_bytes())
    cells = [URL, "asset:a1", "pictures/ada.jpg", str(PORTRAIT)]
    rows = [{**ROW, "image": cell} for cell in cells]
    (tmp_path / "t.json").write_text(json.dumps(rows))
    monkeypatch.chdir(tmp_path)
    specs = read_manifest("t.json", ImageVideo)
    found = [URL, AssetId("a1"), tmp_path / "pictures" / "ada.jpg", PORTRAIT]
    assert [spec.image for spec in specs] == found


def test_files_are_checked_each_once(tmp_path, monkeypatch):
    """Each row with a bad file says so, and no file is looked at twice for the same purpose."""
    looked = []

    def inspect(file, *how, **options):
        looked.append(file.name)
        return manifest_inspect(file, *how, **options)

    manifest_inspect = manifest.inspect_file
    monkeypatch.setattr(manifest, "inspect_file", inspect)
    (tmp_path / "text.jpg").write_text("Hello!")
    (tmp_path / "ada.jpg").write_bytes(PORTRAIT.read_bytes())
    names = ["ada.jpg", "text.jpg", "gone.jpg", "ada.jpg", "text.jpg", *["a\0b"] * 2]
    watermark = {"watermark": {"image": "ada.jpg"}}
    rows = [{**ROW, **watermark, "image": name} for name in names]
    bad_text = "text.jpg is of an unknown type by its first bytes"
    reasons = [bad_text, "gone.jpg cannot be read: No such file", bad_text, *["null byte"] * 2]
    lines = problems(write(tmp_path, "\n".join(map(json.dumps, rows)), "t.jsonl"))
    assert len(lines) == len(reasons)
    for number, line, reason in zip((2, 3, 5, 6, 7), lines, reasons, strict=True):
        assert line.startswith(f"  line {number}, column image: ")
        assert reason in line
    assert looked == ["ada.jpg", "text.jpg", "gone.jpg", "a\0b"]


def test_a_file_is_checked_for_each_purpose(tmp_path):
    """A picture that is fine as a picture is none the better as a sound."""
    (tmp_path / "ada.jpg").write_bytes(PORTRAIT.read_bytes())
    (line,) = problems(write(tmp_path, {"image": "ada.jpg", "audio": "ada.jpg"}))
    assert line.startswith("  line 1, column audio: ")
    assert "is image/jpeg by its first bytes" in line


def test_a_file_is_measured_by_the_vendor_of_the_spec(tmp_path):
    """A picture that HeyGen takes may be too large for JoggAI."""
    with (tmp_path / "ada.jpg").open("wb") as file:
        file.write(PORTRAIT.read_bytes())
        file.truncate(11 * 1024 * 1024)
    read_manifest(write(tmp_path, {"name": "Ada", "file": "ada.jpg"}), PhotoAvatar)
    row = {**LEAST[JoggMotion], "image_url": "ada.jpg"}
    (line,) = problems(write(tmp_path, row), JoggMotion)
    assert "11,534,336 bytes, at most 10,485,760 are taken" in line


def test_an_undocumented_motion_type_warns_once(tmp_path):
    """A row is made into a spec once, so what a spec warns of is said once."""
    with pytest.warns(UserWarning, match="not documented") as caught:
        read_manifest(write(tmp_path, {"id": "look", "motion_type": "waltz"}), AddMotion)
    assert len(caught) == 1
