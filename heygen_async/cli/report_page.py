"""The page of ``batch report``: one HTML file without scripts, whatever keys and errors hold."""

from __future__ import annotations

import bisect
import heapq
import math
from collections import Counter
from datetime import datetime
from html import escape
from importlib import resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import attrs

from heygen_async.protocol.sniff import SORTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from heygen_async import Durations
    from heygen_async.cli.report import FailureGroup, Report, Row

MOST_FILMS = 200
"""How many players a page has: each costs a browser more than a line of a table."""

MOST_ROWS = 20_000
"""How many items the table names."""

MOST_BARS, MOST_LANES = 600, 40
"""Up to so many jobs, and so many at once, are drawn as bars; more are drawn as their number."""

_BINS = 24
"""How many bars a histogram has at most, or one more."""

_TAIL = 4.0
"""Durations beyond so many times that of nine in ten are counted in the last bar."""

_POINTS = 240
"""How many parts of the time have a number of jobs of their own."""

_WIDTH = 1000
_LONGEST_ERROR = 300
_NICE = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 90, 120, 180, 300, 600, 900, 1800, 3600)
_PAUSE, _PAUSE_SHOWN = 0.2, 0.03  # shares of the busy time: gaps longer than the one get the other

# Nothing but what is in the page and beside it is loaded, and nothing is run.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file:; media-src 'self' file:"
)

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="generator" content="heygen-async">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p class="soft">{when}</p>
</header>
<main>
{sections}
</main>
</body>
</html>
"""


@attrs.frozen
class Link:
    """Relative URLs, as seen from the page: of a file, and of the picture that stands for it."""

    file: str
    picture: str | None = None


def page(report: Report, links: Mapping[str, Link]) -> str:
    """Return the page; ``links`` lead to the files that are there, by key."""
    style = resources.files("heygen_async.cli").joinpath("report.css").read_text("utf-8")
    sections = (
        _figures(report),
        _histogram(report),
        _timeline(report),
        _failures(report.failures),
        _films(report.rows, links),
        _table(report.rows, links),
    )
    return _PAGE.format(
        policy=_POLICY,
        title=escape(f"Batch {report.ledger}"),
        style=style,
        when=escape(_when(report)),
        sections="\n".join(filter(None, sections)),
    )


def _when(report: Report) -> str:
    zone = datetime.fromtimestamp(report.made_at).astimezone().strftime("%z")
    made = f"as of {_moment(report.made_at)} {zone}"
    if report.began_at is None:
        return f"{made}; no job was started"
    ended = f" to {_moment(report.ended_at)}" if report.ended_at is not None else ""
    return f"{_moment(report.began_at)}{ended}; {made}"


def _figures(report: Report) -> str:
    """Return what counts as numbers: items by state, durations, films, cost."""
    total = sum(report.counts.values())
    told = [("items", f"{total:,}", "")]
    told += [(state, f"{number:,}", state) for state, number in report.counts.items() if number]
    if report.durations is not None:
        told.append(("half took up to", _span(report.durations.p50), ""))
        told.append(("nine of ten up to", _span(report.durations.p90), ""))
    if report.films:
        told.append((f"of film, in {report.films:,} files", _span(report.film_seconds), ""))
    if report.cost is not None:
        price = f"{report.price_per_minute:g} a minute"
        told.append((f"cost at {price}, of {report.films:,} films", f"{report.cost:,.2f}", ""))
    boxes = "".join(
        f'<div><dt>{escape(name)}</dt><dd class="{escape(kind)}">{escape(value)}</dd></div>'
        for name, value, kind in told
    )
    return f'<section><h2>In numbers</h2><dl class="figures">{boxes}</dl></section>'


def _histogram(report: Report) -> str:
    """Return how many jobs took how long, as bars."""
    seconds = [row.seconds for row in report.rows if row.seconds is not None]
    if not seconds or report.durations is None:
        return ""
    # One job that was noticed a day late is not to press all others into the first bar.
    longest = min(max(seconds), _TAIL * report.durations.p90)
    width = _nice(longest / _BINS)
    bins = Counter(int(min(took, longest) // width) for took in seconds)
    most, number = max(bins.values()), max(bins) + 1
    step = _WIDTH / number
    bars = "".join(
        f'<rect x="{each * step:.1f}" y="{100 - 95 * count / most:.1f}" '
        f'width="{step * 0.9:.1f}" height="{95 * count / most:.1f}">'
        f"<title>{count:,} took {_span(each * width)} to {_span((each + 1) * width)}</title></rect>"
        for each, count in sorted(bins.items())
    )
    told = f"{_spread(report.durations)} The highest bar stands for {most:,}."
    end = f"{_span(number * width)}{' and longer' if max(seconds) > longest else ''}"
    marks = ("0 s", _span(number * width / 2), end)
    return _figure("How long jobs took, from submission to end", bars, told, marks, height=140)


def _spread(known: Durations) -> str:
    return (
        f"{known.jobs:,} jobs: one of ten took less than {_span(known.p10)}, half less than "
        f"{_span(known.p50)}, one of ten more than {_span(known.p90)}."
    )


def _timeline(report: Report) -> str:
    """Return when jobs were on their way: a bar for each, or how many they were at once."""
    jobs = [
        (row.submitted_at, max(row.submitted_at, row.ended_at or report.made_at), row)
        for row in report.rows
        if row.submitted_at is not None
    ]
    if not jobs:
        return ""
    jobs.sort(key=lambda job: job[:2])
    scale = _Scale([job[:2] for job in jobs])
    lanes = _lanes([job[:2] for job in jobs])
    many = max(lanes) + 1
    if len(jobs) <= MOST_BARS and many <= MOST_LANES:
        marks = "".join(
            f'<rect class="{row.state}" x="{scale(begun):.1f}" y="{100 * lane / many:.1f}" '
            f'width="{max(scale(ended) - scale(begun), 1):.1f}" height="{85 / many:.2f}">'
            f"<title>{escape(row.key)}: {row.state}, {_span(ended - begun)}</title></rect>"
            for (begun, ended, row), lane in zip(jobs, lanes, strict=True)
        )
        told = "A bar is a job, from its submission to its end."
        height = min(24 * many, 400)
    else:
        marks = _area(scale, [job[:2] for job in jobs])
        told = f"Jobs on their way at once, of {len(jobs):,}; the most were {many:,}."
        height = 140
    if scale.pauses:
        marks += "".join(
            f'<line class="pause" x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="100"/>'
            for at in scale.pauses
        )
        told += " A dashed line is a pause, which is not drawn in full."
    ends = (_moment(jobs[0][0]), _moment(max(ended for _, ended, _ in jobs)))
    return _figure("When they were on their way", marks, told, ends, height=height)


class _Scale:
    """Maps Unix seconds to the width of a picture; long times without a job are cut short.

    ``pauses`` are the places of the cuts.
    """

    def __init__(self, jobs: Sequence[tuple[float, float]]) -> None:
        spans: list[list[float]] = []
        for begun, ended in jobs:
            if spans and begun <= spans[-1][1]:
                spans[-1][1] = max(spans[-1][1], ended)
            else:
                spans.append([begun, ended])
        busy = sum(ended - begun for begun, ended in spans) or 1.0
        self._moments: list[float] = []
        self._places: list[float] = []
        self.pauses: list[float] = []
        place, last = 0.0, spans[0][0]
        for begun, ended in spans:
            gap = begun - last
            if gap > busy * _PAUSE:
                gap = busy * _PAUSE_SHOWN
                self.pauses.append(place + gap / 2)
            self._moments += [begun, ended]
            self._places += [place + gap, place + gap + ended - begun]
            place, last = self._places[-1], ended
        factor = _WIDTH / (place or 1.0)
        self._places = [each * factor for each in self._places]
        self.pauses = [each * factor for each in self.pauses]

    def __call__(self, moment: float) -> float:
        """Return the place of a moment on the line through the known ones."""
        right = bisect.bisect_left(self._moments, moment, 1, len(self._moments) - 1)
        x0, x1 = self._moments[right - 1 : right + 1]
        y0, y1 = self._places[right - 1 : right + 1]
        return y0 + (y1 - y0) * (moment - x0) / (x1 - x0) if x1 > x0 else y0


def _lanes(jobs: Iterable[tuple[float, float]]) -> list[int]:
    """Return for each job, by their start, the first lane that is free then."""
    free: list[int] = []
    taken: list[tuple[float, int]] = []
    lanes = []
    for begun, ended in jobs:
        while taken and taken[0][0] <= begun:
            heapq.heappush(free, heapq.heappop(taken)[1])
        lane = heapq.heappop(free) if free else len(taken)
        heapq.heappush(taken, (ended, lane))
        lanes.append(lane)
    return lanes


def _area(scale: _Scale, jobs: Sequence[tuple[float, float]]) -> str:
    """Return the most jobs that were on their way in each part of the time, as one shape."""
    changes = sorted([(begun, 1) for begun, _ in jobs] + [(ended, -1) for _, ended in jobs])
    peaks, running, part = [0] * (_POINTS + 1), 0, 0
    for moment, change in changes:
        now = int(scale(moment) / _WIDTH * _POINTS)
        peaks[part + 1 : now + 1] = [running] * (now - part)
        part, running = now, running + change
        peaks[part] = max(peaks[part], running)
    step, most = _WIDTH / (_POINTS + 1), max(peaks)
    tops = "".join(f"V{100 - 95 * peak / most:.1f}h{step:.2f}" for peak in peaks)
    return f'<path d="M0 100{tops}V100Z"/>'


def _figure(title: str, marks: str, told: str, ends: Sequence[str], *, height: int) -> str:
    """Return a picture as wide as its place, with the axis below it as text that stays legible."""
    axis = "".join(f"<span>{escape(end)}</span>" for end in ends)
    return (
        f"<section><h2>{escape(title)}</h2><figure>"
        f'<svg viewBox="0 0 {_WIDTH} 100" preserveAspectRatio="none" style="height:{height}px" '
        f'role="img" aria-label="{escape(told)}">{marks}</svg>'
        f'<figcaption><div class="axis">{axis}</div>{escape(told)}</figcaption></figure></section>'
    )


def _failures(groups: Iterable[FailureGroup]) -> str:
    """Return what went wrong, the most frequent first, and what to do."""
    cards = []
    for group in groups:
        rest = group.count - len(group.keys)
        more = f" and {rest:,} more" if rest else ""
        lines = [
            f'<h3>{escape(group.code)} <span class="soft">{_items(group.count)}</span></h3>',
            f"<p>{escape(group.what_to_do)}</p>" if group.what_to_do else "",
            f'<p class="soft">{escape(_short(group.error))}</p>' if group.error else "",
            f'<p class="soft">{escape(", ".join(group.keys))}{more}</p>',
        ]
        cards.append(f'<div class="card">{"".join(lines)}</div>')
    return f"<section><h2>What went wrong</h2>{''.join(cards)}</section>" if cards else ""


def _films(rows: Iterable[Row], links: Mapping[str, Link]) -> str:
    """Return a player for each file, as many as a browser bears."""
    saved = [row for row in rows if row.key in links]
    if not saved:
        return ""
    cards = "".join(
        f"<li>{_player(links[row.key])}<h3>{escape(row.key)}</h3>"
        f'<p class="soft">{escape(_told(row))}</p></li>'
        for row in saved[:MOST_FILMS]
    )
    rest = len(saved) - MOST_FILMS
    more = f'<p class="soft">{rest:,} more are in the table.</p>' if rest > 0 else ""
    return f'<section><h2>Files</h2><ul class="films">{cards}</ul>{more}</section>'


def _player(link: Link) -> str:
    """Return what shows a file, which is not loaded before somebody asks for it."""
    name = PurePosixPath(link.file)
    sort, source = SORTS.get(name.suffix.lower()), escape(link.file)
    if sort in ("video", "audio"):
        poster = f' poster="{escape(link.picture)}"' if link.picture else ""
        return f'<{sort} controls preload="none"{poster} src="{source}"></{sort}>'
    if sort == "image":
        return f'<img loading="lazy" alt="" src="{source}">'
    return f'<p><a href="{source}">{escape(name.suffix or "file")}</a></p>'


def _told(row: Row) -> str:
    parts = [] if row.film_seconds is None else [f"{_span(row.film_seconds)} of film"]
    if row.seconds is not None:
        parts.append(f"took {_span(row.seconds)}")
    if row.cost is not None:
        parts.append(f"cost {row.cost:,.2f}")
    return ", ".join(parts) or row.kind


def _table(rows: Sequence[Row], links: Mapping[str, Link]) -> str:
    """Return a line for each item, folded up."""
    lines = "".join(
        f"<tr><td>{_name(row, links)}<td class={row.state}>{row.state}"
        f"<td>{'' if row.seconds is None else _span(row.seconds)}<td>{escape(_short(row.error))}"
        for row in rows[:MOST_ROWS]
    )
    rest = len(rows) - MOST_ROWS
    more = f'<p class="soft">{rest:,} more: --csv has them.</p>' if rest > 0 else ""
    return (
        f"<section><h2>All items</h2><details><summary>{_items(len(rows))}</summary><table>"
        f"<thead><tr><th>item<th>state<th>took<th>error</thead><tbody>{lines}</tbody></table>"
        f"</details>{more}</section>"
    )


def _name(row: Row, links: Mapping[str, Link]) -> str:
    name = escape(row.key)
    return f'<a href="{escape(links[row.key].file)}">{name}</a>' if row.key in links else name


def _items(number: int) -> str:
    return "1 item" if number == 1 else f"{number:,} items"


def _short(text: str | None) -> str:
    text = text or ""
    return text if len(text) <= _LONGEST_ERROR else f"{text[:_LONGEST_ERROR]}…"


def _nice(seconds: float) -> float:
    """Return the next round number of seconds from ``seconds`` on."""
    for each in _NICE:
        if seconds <= each:
            return each
    return math.ceil(seconds / _NICE[-1]) * _NICE[-1]


def _span(seconds: float) -> str:
    """Return a duration for people."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
