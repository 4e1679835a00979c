"""What the fields of a class mean: the docstrings below them, read when somebody asks."""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import re
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

_WIDTH = 78


@attrs.frozen
class FieldWords:
    """What a field means, and what its check and its default add to that."""

    words: str
    bounds: str = ""
    default: str = ""
    required: bool = False

    @property
    def brief(self) -> str:
        """The first clause, to go on with in a sentence."""
        clause = re.split(r"[.;:](?:\s|$)", self.words, maxsplit=1)[0]
        return clause[:1].lower() + clause[1:]

    def __str__(self) -> str:
        default = f"default {self.default}" if self.default else ""
        facts = [self.bounds, "required" if self.required else default]
        told = "; ".join(filter(None, facts))
        return f"{self.words.removesuffix('.')} ({told})." if told else self.words


class _Docstring:
    """A class docstring that ends with what the fields mean, put together when it is read."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __get__(self, instance: object, owner: type) -> str:
        told = describe(owner).items()
        lines = [f"{name}: {words}" for name, words in told if words.words]
        listed = [textwrap.fill(line, _WIDTH, subsequent_indent="    ") for line in lines]
        return "\n\n".join(filter(None, (inspect.cleandoc(self.text), "\n".join(listed))))


class Described:
    """The base of classes whose ``help()`` says what each field means."""

    __slots__ = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        text = cls.__dict__.get("__doc__")
        if isinstance(text, str):  # else attrs makes its class anew, with slots
            docstring: Any = _Docstring(text)
            cls.__doc__ = docstring


def docstring(cls: type) -> str:
    """Return the docstring of a class as it was written, without its fields."""
    text = cls.__dict__.get("__doc__")
    return inspect.cleandoc((text.text if isinstance(text, _Docstring) else text) or "")


def describe(cls: type) -> Mapping[str, FieldWords]:
    """Return what each field of a ``Described`` class means; without source there are no words."""
    told: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if issubclass(base, Described):
            told |= _words_in(base.__module__).get(base.__name__, {})
    if not attrs.has(cls):
        return {name: FieldWords(words) for name, words in told.items()}
    return {
        each.name: FieldWords(told.get(each.name, ""), **_facts(each)) for each in attrs.fields(cls)
    }


def _facts(attribute: attrs.Attribute[Any]) -> dict[str, Any]:
    """Return what stands in a declaration; where nothing is checked, nobody writes the field."""
    if attribute.validator is None:
        return {}
    check = getattr(attribute.validator, "validator", attribute.validator)  # that of an optional
    default = attribute.default
    told = default not in (None, attrs.NOTHING) and not isinstance(default, attrs.Factory)  # type: ignore[arg-type]
    return {
        "bounds": getattr(check, "bounds", ""),
        "default": repr(default) if told else "",
        "required": default is attrs.NOTHING,
    }


@functools.lru_cache(maxsize=128)
def _words_in(module: str) -> Mapping[str, Mapping[str, str]]:
    """Return the docstrings below the fields of each class of a module."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, TypeError, SyntaxError):  # without source, or with a broken one
        return {}
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    return {node.name: dict(_words_below(node.body)) for node in classes}


def _words_below(body: list[ast.stmt]) -> Any:
    for field, below in itertools.pairwise(body):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(words))),
            ):
                yield name, " ".join(words.replace("``", "").split())
