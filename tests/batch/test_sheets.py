"""Tables as people have them: what spreadsheets write, columns of their own, and mistakes."""

from __future__ import annotations

import datetime as dt
import json
import sys

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import AvatarVideo, ImageVideo, InvalidRequestError, TemplateVideo, VoiceSettings
from heygen_async.batch.manifest import read_manifest, read_table
from heygen_async.batch.patterns import is_odd, parse_pattern
from tests.conftest import PORTRAIT, image_video

from .tables import ROW, URL, problems, write

PEOPLE = "First Name,E-Mail,Score\nAda,ada@example.com,7\nGrace,grace@example.com,\n"
SET = {"image": URL, "voice_id": "v1", "script": "Hello {first_name}!"}


@pytest.fixture
def workbook(tmp_path):
    """Make an .xlsx of rows, and return its path."""

    def make(*rows, more=()):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        for name in more:
            book.create_sheet(name).append(["image", "script", "voice_id"])
        book.save(tmp_path / "table.xlsx")
        return tmp_path / "table.xlsx"

    return make


def notes(path, spec=ImageVideo, **options):
    return read_table(path, spec, **options).reading.notes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_csv_is_read_whatever_wrote_it(tmp_path, separator, encoding):
    """Separators and encodings are found out, and blanks, capitals and empty rows do not matter."""
    cells = [
        (" Voice ID ", "IMAGE", '"Script"', ""),
        ("", "", " ", ""),
        ("v1 ", URL, '"Grüße, ;|"'),
    ]
    content = "\n".join(separator.join(row) for row in (*cells, ("",) * 4)) + "\n"
    path = write(tmp_path, content.encode(encoding), "t.csv")
    assert read_manifest(path, ImageVideo) == (image_video(script="Grüße, ;|"),)
    told = [f"t.csv: {separator!r} is taken for what separates the cells".replace("\t", "\\t")]
    assert [note for note in notes(path) if "separates" in note] == told * (separator != ",")


def test_windows_1252_is_the_last_resort(tmp_path, caplog):
    """It is said with a letter that would be another one if it were wrong."""
    path = write(tmp_path, f"image,script,voice_id\n{URL},Grüße,v1\n".encode("cp1252"))
    assert read_manifest(path, ImageVideo)[0].script == "Grüße"
    (record,) = caplog.records
    assert "is read as Windows-1252, which has 'ü' in line 2; if that is wrong" in record.message


def test_a_workbook_is_read_as_it_looks(workbook):
    """Whole numbers have no point, dates are ISO, true and false are words, empty rows are none."""
    path = workbook(
        [],
        ["Voice ID", "image", "script", "title", "remove background", "day", "at"],
        [1, URL, 1.5, 2.0, True, dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 3, 4)],  # noqa: DTZ001 - as in a sheet
        [],
        ["v", URL, "{day}", None, False],
    )
    table = read_table(path, ImageVideo, file_name="{day} {at}", key="day", allow_odd=True)
    one, two = table.rows
    assert one.spec == image_video(script="1.5", title="2", voice_id="1", remove_background=True)
    assert (one.line, one.key, one.file_name) == (3, "2026-01-02", "2026-01-02 2026-01-02T03:04:00")
    assert two.line == 5
    assert two.problems == (
        "line 5, column day: is empty, and key needs it",
        "line 5, column day: is empty, and file name needs it",
        "line 5, column at: is empty, and file name needs it",
    )


def test_what_a_workbook_could_not_work_out_is_told(workbook):
    """An error in a cell, and a formula that nobody has worked out."""
    path = workbook(
        ["image", "script", "voice_id", "title"], [URL, "#REF!", "v1"], [URL, "Hi", "v1", "=A2&B2"]
    )
    told = "looks like a mistake; if it is meant, pass allow_odd=True"
    assert problems(path) == [
        f"  line 2, column script: '#REF!' {told}",
        f"  line 3, column title: '=A2&B2' {told}",
    ]


def test_a_sheet_is_the_first_or_the_one_that_is_named(workbook, tmp_path):
    """If there are several, it is said which is read."""
    path = workbook(["image", "script", "voice_id"], [URL, "Hello!", "v1"], more=["Old"])
    assert read_manifest(path, ImageVideo) == (image_video(),)
    assert notes(path) == ["table.xlsx: 'Sheet' is read, the first of 2 sheets"]
    assert notes(path, sheet="Sheet") == []
    assert problems(path, sheet="Old") == ["  line 1: the table has no rows"]
    with pytest.raises(InvalidRequestError, match="has no sheet 'New'; it has Sheet, Old"):
        read_manifest(path, ImageVideo, sheet="New")
    with pytest.raises(InvalidRequestError, match=r"t\.csv has no sheets"):
        read_manifest(write(tmp_path, PEOPLE, "t.csv"), ImageVideo, sheet="Old")


def test_without_openpyxl_it_is_said_what_to_install(workbook, monkeypatch):
    """It is an extra."""
    path = workbook(["image"])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InvalidRequestError, match=r"pip install 'heygen-async\[excel\]'"):
        read_manifest(path, ImageVideo)


def test_a_decimal_comma_is_refused_with_its_cell(tmp_path):
    """It is not guessed whether it stands between thousands."""
    path = write(tmp_path, "avatar_id;script;voice_id;Voice Settings.Speed\na;b;v;1,1\n")
    assert problems(path, AvatarVideo) == [
        "  line 2, column voice_settings.speed: must be a number, not '1,1'"
    ]


def test_columns_of_parts_are_put_together(tmp_path):
    """If all of them are empty, there is no such field; with the whole, it is said twice."""
    header = "avatar_id,script,voice_id,voice_settings.speed,voice_settings.locale,voice_settings\n"
    path = write(tmp_path, header + 'a,b,v,1.1,en-US,\na,b,v,,,\na,b,v,,,"{""pitch"": 2}"\n')
    settings = [each.voice_settings for each in read_manifest(path, AvatarVideo)]
    assert settings == [
        VoiceSettings(speed=1.1, locale="en-US"),
        None,
        VoiceSettings(pitch=2),
    ]
    path = write(tmp_path, header + 'a,b,v,1.1,,"{""pitch"": 2}"\n')
    assert problems(path, AvatarVideo) == [
        "  line 2, column voice_settings: is given twice, as a whole and in parts"
    ]
    path = write(tmp_path, "avatar_id,script,voice_id,voice_settings.sped\na,b,v,1\na,b,v,1\n")
    told = problems(path, AvatarVideo)
    for number, line in zip((2, 3), told, strict=True):
        assert line.startswith(f"  line {number}, column voice_settings.sped: VoiceSettings has")


def test_fields_are_made_of_ones_own_columns(tmp_path, caplog):
    """By the heading as it is written, or without regard to how; what is not used is named once."""
    path = write(tmp_path, PEOPLE)
    specs = read_manifest(path, ImageVideo, set=SET | {"title": "{{ {E-Mail} }}", "image": URL})
    assert specs == (
        image_video(script="Hello Ada!", title="{ ada@example.com }"),
        image_video(script="Hello Grace!", title="{ grace@example.com }"),
    )
    assert [record.message for record in caplog.records] == [
        "table.csv: nothing is made of these columns: Score"
    ]


def test_a_set_field_replaces_its_column(tmp_path):
    """The column may be a part of what replaces it, and a part of a field may be set."""
    path = write(tmp_path, "avatar_id,script,voice_id\na,Ada,v\n")
    made = {"script": "Hello {script}!", "voice_settings.speed": "1.2"}
    (spec,) = read_manifest(path, AvatarVideo, set=made)
    assert spec.script == "Hello Ada!"
    assert spec.voice_settings == VoiceSettings(speed=1.2)


def test_in_json_columns_are_keys(tmp_path):
    """Numbers are text there, what has parts is none, and each row has its own keys."""
    rows = [{"first_name": 7}, {"first_name": ["Ada"]}, {"name": "Ada"}, {"first_name": True}]
    path = write(tmp_path, "\n".join(map(json.dumps, rows)), "t.jsonl")
    assert problems(path, set=SET) == [
        "  line 2, column first_name: has parts, and script needs a text",
        "  line 3, column first_name: there is no such column, which script needs",
    ]
    table = read_table(path, ImageVideo, set=SET)
    assert [row.spec and row.spec.script for row in table.rows] == [
        "Hello 7!",
        None,
        None,
        "Hello true!",
    ]


def test_what_a_pattern_lacks_is_told_with_its_line(tmp_path):
    """A column that is not there once, an empty cell in its row."""
    path = write(tmp_path, PEOPLE)
    (line,) = problems(path, set=SET | {"script": "{first_nme}"})
    problem = "there is no such column, which script needs; did you mean first_name?"
    assert line == f"  line 1, column first_nme: {problem}"
    assert problems(path, set=SET | {"title": "{score}"}) == [
        "  line 3, column score: is empty, and title needs it"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{first_name.__class__}", "no such column"),
        ("{first_name[0]}", "no such column"),
        ("{first_name!r}", "the name of a column alone"),
        ("{first_name:>9}", "the name of a column alone"),
        ("{}", "the name of a column alone"),
        ("{first_name", "expected '}'"),
        ("{{first_name}}", "write {first_name} for the column"),
    ],
)
def test_a_pattern_takes_nothing_but_names(tmp_path, text, problem):
    """No attribute, index, conversion or format is looked at."""
    with pytest.raises(InvalidRequestError, match=problem):
        read_manifest(write(tmp_path, PEOPLE), ImageVideo, set=SET | {"script": text})


@given(text=st.text())
def test_any_pattern_is_one_or_is_refused(text):
    """Nothing else is raised, and without braces it is the text itself."""
    try:
        pattern = parse_pattern(text)
    except InvalidRequestError:
        return
    if not set(text) & set("{}"):
        assert pattern.fill({}) == text


def test_a_field_that_is_set_has_to_be_one(tmp_path):
    """With the one that was meant."""
    with pytest.raises(InvalidRequestError, match=r"set scirpt: .*did you mean script\?"):
        read_manifest(write(tmp_path, PEOPLE), ImageVideo, set={"scirpt": "Hello"})


def test_a_column_that_looks_like_a_field_is_a_mistake(tmp_path):
    """Unless it is said that it is meant, or the field is there as well."""
    path = write(tmp_path, f"image,script,voise_id\n{URL},Hello!,v1\n")
    assert problems(path)[0] == (
        "  line 1, column voise_id: ImageVideo has no such field; did you mean voice_id?"
    )
    path = write(tmp_path, f"image,script,voice_id,scripts\n{URL},Hello!,v1,2\n")
    assert read_manifest(path, ImageVideo) == (image_video(),)


def test_rows_have_keys_and_files_of_their_own(tmp_path):
    """Two of one name are told with both lines."""
    path = write(tmp_path, PEOPLE + "ada,ADA@example.com,1\nJoan,ada@example.com,2\n!,x,3\n")
    table = read_table(path, ImageVideo, set=SET, key="E-Mail", file_name="{first_name}")
    assert [row.key for row in table.rows][:3] == [
        "ada@example.com",
        "grace@example.com",
        "ADA@example.com",
    ]
    assert [problem for row in table.rows for problem in row.problems] == [
        "line 4: the file name 'ada' is that of line 2, too",
        "line 5: the key 'ada@example.com' is that of line 2, too",
        "line 6: '!' is no file name",
    ]
    rows = [{"k": 1, **ROW}, {"k": 1, **ROW}]
    table = read_table(write(tmp_path, json.dumps(rows), "t.json"), ImageVideo, key="k")
    assert table.rows[1].problems == ("line 1: the key '1' is that of line 1, too",)


@pytest.mark.parametrize(
    "text",
    [
        *("#REF!", "Total: #N/A", "#name?", "#VALUE!", "#DIV/0!", "=A2&B2", ' =SUM(A1)&"!"'),
        *("Hi {{first_name}}", "{{ x }}!", "nan", " NULL ", "undefined", "TODO", "None"),
    ],
)
def test_what_nobody_means_is_a_mistake(tmp_path, text):
    """In a field, in a part, in a column that is used, and in JSON; but it may be allowed."""
    row = {**ROW, "script": text}
    assert "looks like a mistake" in problems(write(tmp_path, row))[0]
    assert read_manifest(write(tmp_path, row), ImageVideo, allow_odd=True)[0].script == text
    assert "looks like" in problems(write(tmp_path, {"first_name": text}), set=SET)[0]
    unused = write(tmp_path, {**ROW, "note": text})
    assert read_manifest(unused, ImageVideo) == (image_video(),)


@pytest.mark.parametrize("text", ["= )", "none of it", "#hash", "{x}", "a todo list", '{"a": {}}'])
def test_what_may_be_meant_is_none(text):
    """A word in a sentence, a brace, a sign."""
    assert not is_odd(text)


def test_what_nobody_means_is_a_mistake_in_a_variable(tmp_path):
    """The variables of a template are columns, too."""
    path = write(tmp_path, "template_id,variables.name\nt,#REF!\nt, Ada\n")
    one, two = read_table(path, TemplateVideo).rows
    assert "column variables: '#REF!' looks like a mistake" in one.problems[0]
    assert two.spec.variables["name"].content == " Ada"


@pytest.mark.parametrize(
    ("url", "direct"),
    [
        ("https://drive.google.com/file/d/SECRET/view?usp=sharing", "uc?export=download&id=…"),
        ("https://www.dropbox.com/scl/fi/SECRET/a.jpg?rlkey=SECRET&dl=0", "dl=1"),
    ],
)
def test_a_page_to_share_a_file_is_warned_of(tmp_path, url, direct):
    """With what to write in its place, and without the link itself."""
    (note,) = notes(write(tmp_path, {**ROW, "image": url}))
    assert "leads to a page" in note
    assert direct in note
    assert "SECRET" not in note
    better = url.replace("/file/d/SECRET/view?", "/uc?export=download&id=SECRET&").replace(
        "dl=0", "dl=1"
    )
    assert notes(write(tmp_path, {**ROW, "image": better})) == []


def test_media_are_seen_from_the_tables_folder_also_when_set(tmp_path):
    """As they are in a cell."""
    (tmp_path / "ada.jpg").write_bytes(PORTRAIT.read_bytes())
    made = SET | {"image": "{first_name}.jpg"}
    path = write(tmp_path, "first_name\nada\n")
    assert read_manifest(path, ImageVideo, set=made)[0].image == tmp_path / "ada.jpg"
