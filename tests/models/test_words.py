"""What a field means stands below it, once, and comes from there to whoever asks."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import pydoc
import re
import subprocess
import sys

import attrs
import pytest

from heygen_async import (
    AddMotion,
    AvatarVideo,
    HyperframesRender,
    ImageVideo,
    InvalidRequestError,
    JoggVideo,
    LedgerItem,
    Outcome,
    PollPolicy,
    RetryPolicy,
    StudioVideo,
    Submitted,
    VoiceSettings,
    models,
)
from heygen_async.models._checks import text
from heygen_async.models._words import Described, FieldWords, describe, docstring
from tests.models.least_fields import LEAST_FIELDS, make


def described():
    """Return each public attrs class of the models and of a batch."""
    modules = [
        importlib.import_module(f"{models.__name__}.{found.name}")
        for found in pkgutil.iter_modules(models.__path__)
    ]
    found = {
        cls
        for module in modules
        for name, cls in vars(module).items()
        if inspect.isclass(cls) and attrs.has(cls) and cls.__module__.startswith(models.__name__)
        if not name.startswith("_") and not cls.__module__.rpartition(".")[2].startswith("_")
    }
    return sorted(found | {LedgerItem, Outcome, Submitted}, key=lambda cls: cls.__name__)


BOUND = re.compile(r"(at most|from|above) -?[\d.,]+|one of '|[\d,]+ characters|\bdefault\b")
CLASSES = [cls for cls in described() if issubclass(cls, Described)]


@pytest.mark.parametrize("cls", described(), ids=lambda cls: cls.__name__)
def test_every_field_has_words(cls):
    """Each field of each class says in a sentence what it is."""
    missing = [name for name, each in describe(cls).items() if not each.words]
    assert describe(cls).keys() == attrs.fields_dict(cls).keys()
    assert not missing
    assert all(each.words.endswith(".") for each in describe(cls).values())


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_words_do_not_repeat_what_a_check_says(cls):
    """Bounds and defaults stand in the declaration, and are added to the words from there."""
    for name, each in describe(cls).items():
        assert not (each.bounds and BOUND.search(each.words)), name
        assert not (each.default and "left out" in each.words), name


def test_help_says_what_a_field_means():
    """``help()`` has words, choices, bounds and defaults, those of a base among them."""
    told = " ".join(pydoc.plain(pydoc.render_doc(ImageVideo)).replace("|", " ").split())
    assert "fit: How the picture fills the frame" in told
    assert "(one of 'contain', 'cover')" in told
    assert "expressiveness: How lively" in told
    assert "either this or audio (at most 5,000 characters)" in told
    assert "callback_id: Your own id" in told
    assert "interval: The shortest delay" in inspect.getdoc(PollPolicy)
    assert "(from 1 to 100; default 8)" in " ".join(RetryPolicy.__doc__.split())


def test_a_docstring_without_its_fields_can_be_had():
    """It is what stands in the source; a subclass without one does not get that of its base."""
    assert docstring(VoiceSettings) == "How a script is spoken."

    class Mine(VoiceSettings):
        pass

    assert Mine.__doc__ is None
    assert docstring(Mine) == ""
    assert describe(Mine).keys() == describe(VoiceSettings).keys()


def test_facts_come_from_the_declaration():
    """Bounds of the check, required or not, and a default that is none of None."""
    assert describe(VoiceSettings)["speed"].bounds == "from 0.5 to 1.5"
    assert describe(VoiceSettings)["speed"].default == "1.0"
    assert describe(StudioVideo)["scenes"].bounds == "1 to 50 items"
    assert describe(StudioVideo)["scenes"].required
    assert describe(AddMotion)["motion_type"].default == "'consistent'"
    assert describe(JoggVideo)["avatar_id"].bounds == ""
    assert not describe(HyperframesRender)["variables"].required
    assert str(FieldWords("Its size.", "0 to 1", "1.0")) == "Its size (0 to 1; default 1.0)."
    assert str(FieldWords("Its size.")) == "Its size."


def test_a_refusal_says_what_the_field_is():
    """The words' first clause stands after the problem, in one line."""
    with pytest.raises(InvalidRequestError) as caught:
        make(ImageVideo, fit="x")
    assert str(caught.value) == (
        "ImageVideo: fit must be one of 'contain', 'cover', not 'x' "
        "(how the picture fills the frame)"
    )
    with pytest.raises(InvalidRequestError, match=r"\(the picture\)"):
        make(ImageVideo, image="portrait.jpg")


def test_a_refusal_of_what_has_no_words_is_as_short():
    """A class that is not described, or a field without words, adds nothing."""

    class Other:
        pass

    name = attrs.fields_dict(AvatarVideo)["title"]
    with pytest.raises(InvalidRequestError) as caught:
        text(Other(), name, 5)
    assert str(caught.value) == "Other: title must be a non-empty str, not 5"


def test_without_source_there_are_no_words_and_no_error():
    """Compiled or frozen programs have none: specs, refusals and ``help()`` work as ever."""
    code = (
        "import inspect; inspect.getsource = lambda _: (_ for _ in ()).throw(OSError())\n"
        "from heygen_async import VoiceSettings\n"
        "print(VoiceSettings.__doc__)\n"
        "try: VoiceSettings(speed=9)\n"
        "except ValueError as error: print(error)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert told.splitlines()[0] == "How a script is spoken."
    assert told.endswith("speed must be a number from 0.5 to 1.5, not 9\n")


def test_every_spec_can_be_made_as_before():
    """The base that tells words adds no field, and no ``__dict__`` to classes with slots."""
    for cls in LEAST_FIELDS:
        if issubclass(cls, Described):
            assert make(cls) == make(cls)
    assert not hasattr(VoiceSettings(), "__dict__")
