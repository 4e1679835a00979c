"""What a notebook shows of a result: its picture, film or sound, and a few lines of text."""

from __future__ import annotations

from heygen_async.models._checks import is_http_url

_STYLE = "max-width:24em;overflow-wrap:anywhere"


def card(
    title: object,
    *lines: object,
    video: str | None = None,
    picture: str | None = None,
    sound: str | None = None,
) -> str:
    """Return HTML with what there is of the media, and with the lines that say something.

    Text is escaped, and only an http(s) URL is loaded. A film is not loaded before it is played;
    ``picture`` stands in its place until then.
    """
    from html import escape  # noqa: PLC0415 - only a notebook wants it

    poster = f' poster="{escape(picture)}"' if picture and is_http_url(picture) else ""
    size = 'style="width:100%"'
    media = ""
    if video and is_http_url(video):
        media = f'<video controls preload="none" {size}{poster} src="{escape(video)}"></video>'
    elif picture and poster:
        media = f'<img alt="" {size} src="{escape(picture)}">'
    if sound and is_http_url(sound):
        media += f'<audio controls preload="none" {size} src="{escape(sound)}"></audio>'
    told = "<br>".join(escape(str(line)) for line in lines if line)
    return f'<div style="{_STYLE}">{media}<b>{escape(str(title))}</b><br>{told}</div>'
