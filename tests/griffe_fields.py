"""What griffe does not see for the reference: constructors of attrs classes, bounds of fields."""

from __future__ import annotations

import importlib
from typing import Any

import attrs
import griffe

import heygen_async
from heygen_async.models._words import describe

# Bases of other names are an affair of the package's own.
PUBLIC = {*heygen_async.__all__, "Generic", "StrEnum", "Protocol", "Exception"}


class Fields(griffe.Extension):
    """Shows classes as their users see them: what a hidden base has stands in the class itself."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Go through all classes, once all are loaded."""
        classes = list(_classes(pkg))
        for cls, real in classes:
            if attrs.has(real):
                _add_bounds(cls, real)
                cls.set_member("__init__", _constructor(cls, real))
        hidden = [(cls, _hidden(cls)) for cls, _ in classes]  # while all bases are there
        for cls, bases in hidden:
            for base in bases:
                _take_over(cls, base)
            cls.bases = [base for base in cls.bases if _name(base) in PUBLIC]


def _classes(module: griffe.Module) -> Any:
    for member in module.members.values():
        if member.is_alias:
            continue
        if member.is_module:
            yield from _classes(member)
        elif member.is_class:
            yield member, getattr(importlib.import_module(module.path), member.name)


def _add_bounds(cls: griffe.Class, real: type) -> None:
    for name, words in describe(real).items():
        docstring = name in cls.members and cls.members[name].docstring
        if docstring and words.bounds:
            docstring.value = f"{docstring.value.removesuffix('.')} ({words.bounds})."


def _take_over(cls: griffe.Class, base: griffe.Class) -> None:
    for name, member in base.members.items():
        shown = name == "__init__" or not name.startswith("_")
        if shown and name not in cls.members:
            cls.set_member(name, griffe.Alias(name, member, parent=cls))


def _hidden(cls: griffe.Class) -> list[griffe.Class]:
    try:
        return [base for base in cls.mro() if base.name not in PUBLIC]
    except ValueError:  # griffe cannot order some bases
        return []


def _name(base: Any) -> str:
    return str(base).partition("[")[0].rpartition(".")[2]


def _constructor(cls: griffe.Class, real: type) -> griffe.Function:
    """Return the constructor that attrs makes, with the defaults that it has."""
    kinds = griffe.ParameterKind
    parameters = [griffe.Parameter("self", kind=kinds.positional_or_keyword)]
    parameters += [
        griffe.Parameter(
            each.alias,
            annotation=cls.all_members[each.name].annotation,
            kind=kinds.keyword_only if each.kw_only else kinds.positional_or_keyword,
            default=_default(each.default),
        )
        for each in sorted(attrs.fields(real), key=lambda each: each.default is not attrs.NOTHING)
        if each.init
    ]
    return griffe.Function("__init__", parameters=griffe.Parameters(*parameters), parent=cls)


def _default(value: Any) -> str | None:
    if isinstance(value, attrs.Factory):  # type: ignore[arg-type]
        return f"{value.factory.__name__}()"
    return None if value is attrs.NOTHING else repr(value)
