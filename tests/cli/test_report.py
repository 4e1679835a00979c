"""``batch report``: what is told of a ledger, as a page, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import attrs
import pytest
from click.testing import CliRunner

from heygen_async import ItemState, Ledger, LedgerItem
from heygen_async.cli import report_page
from heygen_async.cli.app import app
from heygen_async.cli.report import PICTURES, links_of, summarize
from heygen_async.cli.report_page import Link, page

NOW = 1_790_000_000.0
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def item(key, state=ItemState.COMPLETED, *, begun=0.0, took=60.0, **changes):
    values = {
        "digest": "d",
        "kind": "heygen.video",
        "submitted_at": NOW + begun,
        "ended_at": NOW + begun + took,
    }
    return LedgerItem(key=key, state=state, **(values | changes))


def told(*items, price=None):
    return summarize(items, ledger="run.sqlite", now=NOW + 3600, price=price)


def test_it_counts_states_and_durations():
    """All items by state; durations are of jobs that have ended."""
    jobs = [item(f"{took}", took=float(took)) for took in range(1, 12)]
    report = told(*jobs, item("f", ItemState.FAILED, took=1.0), item("s", ItemState.SUBMITTED))
    assert report.counts[ItemState.COMPLETED] == 11
    assert report.counts[ItemState.OPEN] == 0
    assert (report.durations.jobs, report.durations.p50) == (12, 6.0)
    assert report.rows[-1].ended_at is None
    assert report.began_at == NOW
    assert report.ended_at == NOW + 11


def test_times_of_an_earlier_job_are_not_told():
    """An item that is open again, or was submitted again, has not ended."""
    report = told(
        item("o", ItemState.OPEN), item("s", ItemState.SUBMITTED, begun=100.0, took=-90.0)
    )
    assert [row.seconds for row in report.rows] == [None, None]
    assert report.rows[0].submitted_at is None


def test_cost_is_of_the_films_whose_length_is_known():
    """No price is made up, nor a length."""

    def film(key, duration):
        return item(key, result={"duration": duration})

    films = film("a", 90.0), film("b", None), item("c"), film("d", "long"), film("e", 30)
    assert told(*films).cost is None
    report = told(*films, price=2.0)
    assert (report.films, report.film_seconds, report.cost) == (2, 120.0, 4.0)
    assert [row.cost for row in report.rows] == [3.0, None, None, None, 1.0]
    assert told(item("c"), price=2.0).cost is None


def test_failures_are_grouped_by_code_with_what_to_do():
    """The vendor's code, also of a refusal that the message names; an unknown one as it is."""
    refused = "POST /v3/videos: 402 insufficient_credit: Not enough. [request r1]"
    report = told(
        item("a", ItemState.FAILED, error="No face", error_code="no_face_2031"),
        item("b", ItemState.OPEN, error=refused),
        item("c", ItemState.OPEN, error=refused),
        item("d", ItemState.UNCERTAIN, error="its outcome is not known"),
        item("e", error="the disk has room for less"),
        item("f", ItemState.OPEN, error="POST /v3/videos: 503: try later"),
        item("g", ItemState.FAILED),
        item("h"),
    )
    groups = {group.code: group for group in report.failures}
    assert next(iter(groups)) == "insufficient_credit"
    assert groups["insufficient_credit"].keys == ("b", "c")
    assert "Top up" in groups["insufficient_credit"].what_to_do
    assert groups["no_face_2031"].what_to_do is None
    assert groups["no_face_2031"].error == "No face"
    assert "paid" in groups["uncertain"].what_to_do
    assert "only fetches the file" in groups["file not saved"].what_to_do
    assert set(groups) >= {"503", "no code"}
    assert sum(group.count for group in report.failures) == 7


class Reader(HTMLParser):
    """Collects the elements of a page, their attributes and its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = set(), [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def test_whatever_keys_and_errors_hold_is_text(tmp_path):
    """Markup of users and vendors is shown, not run; links cannot be scripts."""
    film = tmp_path / "javascript:alert(1).mp4"
    film.write_bytes(b"")
    report = told(
        item(EVIL, path=str(film), kind=EVIL, submitted_at=None),
        item(f"2 {EVIL}", ItemState.FAILED, error=EVIL, error_code=EVIL),
    )
    report = attrs.evolve(report, ledger=EVIL)
    read = Reader(page(report, links_of(report.rows, tmp_path)))
    assert not read.tags & {"script", "img"}
    assert read.text.count(EVIL) >= 8
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    assert ("src", "javascript%3Aalert%281%29.mp4") in read.attributes


def test_files_are_named_as_seen_from_the_page(tmp_path):
    """Blanks and signs are quoted, and what is not there has no player."""
    (tmp_path / "out").mkdir()
    film = tmp_path / "out" / "Über uns #1.mp4"
    film.write_bytes(b"")
    rows = told(item("a", path=str(film)), item("b", path=str(tmp_path / "gone.mp4"))).rows
    assert links_of(rows, tmp_path) == {"a": Link("out/%C3%9Cber%20uns%20%231.mp4")}
    assert links_of(rows, tmp_path / "pages")["a"].file.startswith("../out/")


@pytest.mark.parametrize("end", PICTURES)
def test_a_thumbnail_beside_a_film_stands_in_its_place(tmp_path, end):
    """``batch run --assets video,thumbnail`` puts it there, whatever sort of picture it is."""
    (tmp_path / "a.mp4").write_bytes(b"")
    (tmp_path / f"a{end}").write_bytes(b"")
    report = told(item("a", path=str(tmp_path / "a.mp4")))
    assert f' poster="a{end}"' in page(report, links_of(report.rows, tmp_path))


def test_a_pause_of_a_night_is_cut_short():
    """A run that goes on the next day is drawn with both days legible."""
    day = 86_400.0
    report = told(*(item(f"{n}", begun=day * (n // 10) + n % 10) for n in range(20)))
    text = page(report, {})
    assert text.count('class="pause"') == 1
    places = [float(x) for x in re.findall(r'class="completed" x="([\d.]+)"', text)]
    assert max(places) - min(places) > 500
    assert sum(place < 400 for place in places) == sum(place > 500 for place in places) == 10


def test_a_job_that_was_noticed_a_day_late_does_not_hide_the_others():
    """It is counted in the last bar, and the axis says so."""
    report = told(*(item(f"{n}", took=60.0 + n) for n in range(60)), item("late", took=86_400.0))
    text = page(report, {})
    assert text.count(" took ") > 5
    assert "and longer</span>" in text
    assert "and longer" not in page(told(*(item(f"{n}", took=60.0 + n) for n in range(60))), {})


@pytest.mark.parametrize("jobs", [1, report_page.MOST_BARS, report_page.MOST_BARS + 1])
def test_many_jobs_are_drawn_as_their_number(jobs):
    """A bar each, up to a bound; a job without a length is one, too."""
    text = page(told(*(item(f"{n}", begun=n * 6.0, took=60.0 * (n > 0)) for n in range(jobs))), {})
    bars = text.count('<rect class="completed"')
    assert bars == (jobs if jobs <= report_page.MOST_BARS else 0)
    if not bars:
        assert "the most were 10." in text
    assert "nan" not in re.sub(r"<style>.*</style>", "", text, flags=re.DOTALL)


def test_ten_thousand_items_are_a_page_of_a_few_megabytes():
    """Players and bars are bounded, errors are cut; the table has all items."""
    items = [item(f"row-{n:05}-0123456789abcdef", error="E" * 9000, begun=n) for n in range(10_000)]
    text = page(told(*items), {each.key: Link(f"out/{each.key}.mp4") for each in items})
    assert len(text) < 6_000_000
    assert text.count("<video") == report_page.MOST_FILMS
    assert "9,800 more are in the table" in text
    assert text.count("<tr><td>") == 10_000


def test_an_empty_ledger_is_a_page_too():
    """Nothing was started, and that is said."""
    assert "no job was started" in page(told(), {})


@pytest.fixture
async def written(tmp_path):
    path = tmp_path / "run.sqlite"
    async with Ledger(path) as ledger:
        await ledger.put(item("a"), item("b", ItemState.FAILED, error="No face"))
    return path


@pytest.mark.real_time
def test_machines_get_the_same_as_json_and_as_csv(written, monkeypatch):
    """One object, or a line for each item, on stdout; the price may come from the environment."""
    monkeypatch.setenv("HEYGEN_PRICE_PER_MINUTE", "1.5")
    said = CliRunner().invoke(app, ["batch", "report", str(written), "--json"])
    report = json.loads(said.stdout)
    assert report["counts"]["failed"] == 1
    assert report["price_per_minute"] == 1.5
    assert [row["key"] for row in report["rows"]] == ["a", "b"]
    said = CliRunner().invoke(app, ["batch", "report", str(written), "--csv"])
    rows = list(csv.DictReader(io.StringIO(said.stdout)))
    assert [(row["state"], row["error"]) for row in rows] == [
        ("completed", ""),
        ("failed", "No face"),
    ]


@pytest.mark.real_time
def test_a_page_replaces_nothing_but_a_page(written, tmp_path):
    """Its name ends in .html; without a place there is a hint."""

    def report(*options):
        return CliRunner().invoke(app, ["batch", "report", str(written), *map(str, options)])

    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    assert report("-o", film).exit_code == 2
    assert film.read_bytes() == b"film"
    assert report().exit_code == report("--csv", "--json").exit_code == 2
    for _ in range(2):
        assert report("-o", tmp_path / "report.html").exit_code == 0
    assert "No face" in (tmp_path / "report.html").read_text()
    said = report("-o", tmp_path / "none" / "report.html")
    assert (said.exit_code, "cannot write" in said.stderr) == (2, True)
