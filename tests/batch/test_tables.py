"""The files that tables are in: names, columns, broken ones, and whatever else they may hold."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from heygen_async import AddLooks, AddMotion, ImageVideo, InvalidRequestError, StudioVideo
from heygen_async.batch.manifest import read_manifest

from .tables import ROW, problems, write

HEADER = "image,script,voice_id\n"
GOOD = "https://example.com/ada.png,Hello!,v1\n"
LINE = json.dumps(ROW)
DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("t.csv", "", ["line 1: the table has no rows"]),
        ("t.csv", HEADER + "\n,,\n", ["line 1: the table has no rows"]),
        ("t.jsonl", "\n", ["line 1: the table has no rows"]),
        ("t.json", " [\n]", ["line 1: the table has no rows"]),
        ("t.json", "", ["line 1: broken JSON at character 1: '[' is expected here; the rest"]),
        ("t.json", LINE, ["line 1: broken JSON at character 1: '[' is expected here"]),
        ("t.csv", (HEADER + GOOD).encode() + b"\n\xf1\x81", ["line 4: this is not UTF-8"]),
        ("t.csv", b"\xef\xbb\xbfid\n\xff", ["line 2: this is not UTF-8"]),
        ("t.csv", HEADER.encode("utf-16") + b"\n", ["line 2: this is not UTF-16"]),
        ("t.xlsx", HEADER, ["line 1: this is no workbook"]),
        ("t.csv", HEADER + GOOD + 'a,"b"c,d\n' + GOOD, ["line 3: broken CSV, the rest is not"]),
        ("t.csv", HEADER + GOOD + '"a\n' + GOOD, ["line 3: broken CSV, the rest is not read"]),
        ("t.csv", HEADER + GOOD[:-1] + ",,x\n" + GOOD, ["line 2: 5 cells, but 3 columns"]),
        ("t.csv", "script," + HEADER + "," + GOOD, ["line 1, column script: there are several"]),
        ("t.csv", "," + HEADER + "x," + GOOD, ["line 2: column number 1 has no name"]),
        ("t.csv", "Voice ID," + HEADER + "," + GOOD, ["line 1, column voice_id: there are"]),
        ("t.jsonl", f"{LINE}\n[1]\n{LINE}\n5", ["line 2: a row is an object", "line 4: a row"]),
        ("t.json", f"[{LINE},\n\n null,\n5]", ["line 3: a row is an object", "line 4: a row"]),
        ("t.json", f"[{LINE},\n{LINE}\n {LINE}]", ["line 3: broken JSON at character 2: ','"]),
        ("t.json", f"[{LINE},\n]", ["line 2: broken JSON at character 1: Expecting value"]),
        ("t.json", f"[{LINE}]\n {LINE}", ["line 2: broken JSON at character 2: the end is"]),
        ("t.json", f"[{LINE}", ["line 1: broken JSON at character"]),
        ("t.jsonl", f"{LINE}\n {{]\n{LINE}{LINE}", ["line 2: broken JSON", "line 3: broken"]),
        ("t.jsonl", '{"a": 1, "a": 2}', ["line 1: broken JSON at character 1: an object has the"]),
        ("t.jsonl", f'{{"a": {"9" * 5000}}}', ["line 1: broken JSON at character 1: Exceeds"]),
        ("t.jsonl", DEEP, ["line 1: broken JSON at character 1: too many levels"]),
        ("t.json", DEEP, ["line 1: broken JSON at character 2: too many levels"]),
    ],
)
def test_a_file_that_is_no_table_says_where(tmp_path, name, content, expected):
    """Whatever cannot be read has its line, and the rows around it are read nevertheless."""
    lines = problems(write(tmp_path, content, name))
    assert len(lines) == len(expected)
    for line, start in zip(lines, expected, strict=True):
        assert line.startswith(f"  {start}")


def test_an_unknown_column_is_told_once(tmp_path):
    """If it is to be a field, it is told where it is named, with the field that was meant."""
    content = f"\n{HEADER[:-1]},titles,zzz\n{GOOD}{GOOD}"
    title, other = problems(write(tmp_path, content), strict=True)
    assert title == "  line 2, column titles: ImageVideo has no such field; did you mean title?"
    assert other.startswith("  line 2, column zzz: ImageVideo has no such field; there are script,")


def test_an_unknown_key_is_told_once(tmp_path):
    """In JSON a key that is no field is told where it is first seen."""
    rows = [ROW, {**ROW, "voiceId": "v"}, {**ROW, "voiceId": "v", "": 1, "a\nb": 2}]
    path = write(tmp_path, "\n".join(map(json.dumps, rows)), "t.jsonl")
    voice, empty, odd = problems(path, strict=True)
    assert "line 2, column voiceId: ImageVideo has no such field; did you mean voice_id?" in voice
    assert "line 3, column '': ImageVideo has no such field; there are " in empty
    assert "line 3, column a\\nb: ImageVideo has no such field" in odd


def test_the_name_says_the_format(tmp_path):
    """A file with another ending, or none that is there, is refused before anything is read."""
    with pytest.raises(InvalidRequestError, match=r"t.txt must end in .csv, .*, .xlsx"):
        read_manifest(tmp_path / "t.txt", ImageVideo)
    with pytest.raises(InvalidRequestError, match=r"t.csv cannot be read: No such file"):
        read_manifest(tmp_path / "t.csv", ImageVideo)
    with pytest.raises(InvalidRequestError, match="null byte"):
        read_manifest(tmp_path / "\0.csv", ImageVideo)


def test_what_is_no_spec_is_refused(tmp_path):
    """A class that starts no job has no table."""
    with pytest.raises(InvalidRequestError, match="AddLooks is no spec"):
        read_manifest(write(tmp_path, "a\nb\n"), AddLooks)


words = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)
specs = st.builds(AddMotion, id=words.map(str.strip), prompt=st.none() | words)


@given(specs=st.lists(specs, min_size=1))
def test_what_a_csv_writer_wrote_comes_back(tmp_path_factory, specs):
    """Specs written as CSV are read as they were, whatever their texts hold."""
    content = io.StringIO(newline="")
    writer = csv.writer(content)
    writer.writerow(["prompt", "id"])
    writer.writerows([spec.prompt, spec.id] for spec in specs)
    path = write(tmp_path_factory.getbasetemp(), content.getvalue(), "written.csv")
    assert read_manifest(path, AddMotion, allow_odd=True) == tuple(specs)


scalars = st.none() | st.booleans() | st.floats() | st.integers() | st.text() | words
names = st.sampled_from(["type", "source", "scenes", "duration", "image", "video", "caption"])
values = st.recursive(
    scalars | names,
    lambda parts: st.lists(parts) | st.dictionaries(names | st.text(), parts),
    max_leaves=20,
)
files = (
    st.binary()
    | st.text().map(lambda text: text.encode(errors="surrogatepass"))
    | values.map(lambda value: json.dumps(value).encode())
    | st.lists(st.dictionaries(names, values)).map(lambda rows: json.dumps(rows).encode())
    | st.lists(st.lists(st.sampled_from([*"\"',\n\r{[]}:", "scenes", "caption", "\ufeff"]))).map(
        lambda rows: "\n".join(map("".join, rows)).encode()
    )
)


@given(content=files, name=st.sampled_from(["any.csv", "any.jsonl", "any.json"]))
@example(content=b'"scenes"\n"[]"\r"', name="any.csv")
def test_any_file_gives_specs_or_one_error(tmp_path_factory, content, name):
    """Whatever bytes a file holds, nothing else is raised, and each problem has its one line."""
    path = write(tmp_path_factory.getbasetemp(), content, name)
    try:
        read_manifest(path, StudioVideo)
    except InvalidRequestError as error:
        first, *lines = str(error).split("\n")
        assert first.startswith(f"{name}: {len(lines)} problem")
        assert all(line.startswith("  line ") and line.isprintable() for line in lines)


@pytest.mark.parametrize("step", range(0, 1000, 100))
def test_no_depth_of_json_is_too_much(tmp_path, step):
    """However deep a value is, the row is refused like any other."""
    for depth in range(step + 1, step + 101):
        value = "[" * depth + "1" + "]" * depth
        (line,) = problems(write(tmp_path, f'{{"id": {value}}}', "t.jsonl"), AddMotion)
        assert "must be a non-empty str" in line or "too many levels" in line
