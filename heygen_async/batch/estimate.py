"""How much film specs ask for, by a rule of thumb: before anybody pays for a thousand of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

RATES = {
    "kana": (357, re.compile(r"[\u3040-\u30ff]")),
    "hangul": (357, re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")),
    "han": (255, re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")),
    "arabic": (612, re.compile(r"[\u0600-\u06ff\u0750-\u077f]")),
    "hebrew": (833, re.compile(r"[\u0590-\u05ff]")),
}
"""Characters a minute by the writing that a script is in; the first that is found in it counts.

As people read aloud (Trauzettel-Klosinski and Dietz 2012, "Standardized assessment of reading
performance: the new international reading speed texts IReST"); Hangul is taken for as fast as kana.
"""

RATE = 950
"""Characters a minute in all other writings: Latin languages take 885 to 1078, Russian 986."""


@attrs.frozen(kw_only=True)
class Estimate:
    """What specs ask for: how many renders, of how many ``characters``, and ``minutes`` of film.

    ``untimed`` of them say nothing that tells how long they get, as with a recording.
    """

    renders: int = 0
    characters: int = 0
    minutes: float = 0.0
    untimed: int = 0

    def __str__(self) -> str:
        told = f"{self.renders:,} render{'s' * (self.renders != 1)}"
        told += f", {self.characters:,} characters of script"
        if self.untimed < self.renders:
            long = self.minutes >= 1
            span = f"{self.minutes:,.1f} min" if long else f"{self.minutes * 60:.0f} s"
            told += f", about {span} of film"
        if self.untimed:
            told += f" (without {self.untimed:,} whose length no script tells)"
        return told


def estimate(specs: Iterable[Any]) -> Estimate:
    """Return what ``specs`` ask for, by their scripts and the durations that they name."""
    renders, characters, minutes, untimed = 0, 0, 0.0, 0
    for spec in specs:
        parts = [*_timed(spec)]
        renders += 1
        untimed += not parts
        characters += sum(length for length, _ in parts)
        minutes += sum(spoken for _, spoken in parts)
    return Estimate(renders=renders, characters=characters, minutes=minutes, untimed=untimed)


def minutes_of(script: str) -> float:
    """Return about how long a script takes to say."""
    rate = next((rate for rate, letters in RATES.values() if letters.search(script)), RATE)
    return len(script) / rate


def _timed(part: Any) -> Iterable[tuple[int, float]]:
    """Yield characters and minutes of each script, and of each silence, in a spec or a part."""
    script, seconds = getattr(part, "script", None), getattr(part, "duration", None)
    if isinstance(script, str):
        speed = getattr(getattr(part, "voice_settings", None), "speed", None) or 1.0
        yield len(script), minutes_of(script) / speed
    elif isinstance(seconds, int | float):
        yield 0, seconds / 60
    for attribute in attrs.fields(type(part)):
        value = getattr(part, attribute.name)
        for item in value if isinstance(value, tuple) else (value,):
            if attrs.has(type(item)):
                yield from _timed(item)
