"""``heygen-async run``: a command for each spec there is, made from its fields."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import click

from heygen_async import HeyGen, JoggAI
from heygen_async.batch.manifest import cell_value, options_of, read_fields
from heygen_async.batch.rows import Cell
from heygen_async.batch.tables import decode_json
from heygen_async.cli.errors import EPILOG
from heygen_async.cli.options import job_options, with_options
from heygen_async.cli.wording import in_shell_words
from heygen_async.models._words import describe, docstring
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.jogg import JOGG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from heygen_async import Spec
    from heygen_async.cli.options import JobOptions
    from heygen_async.models._words import FieldWords

_NOISE = re.compile(r"^(Add|Video)(?=[A-Z])|(?<!^Legacy)(?<!^Jogg)Video$")


def name_of(spec: type) -> str:
    """Return what the command line calls a spec: its class in kebab-case, less what adds nothing.

    That is ``Add`` or ``Video`` at the start, and at the end ``Video``, unless only the name of
    an API stands before it.
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "-", _NOISE.sub("", spec.__name__)).lower()


KINDS: Mapping[str, type[Spec[Any]]] = {
    name_of(spec): spec for vendor in (HEYGEN, JOGG) for spec in vendor.specs
}


class SpecGroup(click.Group):
    """Makes the command of a spec when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click has it
        """Return the names of all specs."""
        return sorted(KINDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command of one spec."""
        return _command(cmd_name, KINDS[cmd_name]) if cmd_name in KINDS else None


@click.group(cls=SpecGroup)
def run() -> None:
    """Run a job of any kind, wait for it, and save its files or print its result as JSON.

    The options are the fields of the spec; what has parts is JSON. Media are a URL, asset:<id>,
    or a file. A list is an option given several times, or words with commas between. With --spec
    they all come from a JSON file instead.
    """


def _command(name: str, spec: type[Spec[Any]]) -> click.Command:
    jogg = spec in JOGG.specs
    kind = (JOGG if jogg else HEYGEN).kind_for(spec)

    @job_options(saves="all" if kind.file_fields else "never")
    def command(*, options: JobOptions, spec_file: str | None, **given: Any) -> None:
        told = {name: value for name, value in given.items() if value not in (None, ())}
        if options.output is None:
            options = attrs.evolve(options, as_json=True)
        if spec_file is not None:
            made = _read_file(spec_file, spec, told, prepare=options.prepare)
        else:
            cells = {n: _given(spec, n, value) for n, value in told.items()}
            made = read_fields(cells, spec, prepare=options.prepare)
        if options.output is not None and kind.parts(made) > 1:
            options = attrs.evolve(options, folder=True)
        asyncio.run(options.submit(JoggAI if jogg else HeyGen, made))

    attributes = fields_of(spec)
    hints = get_type_hints(spec)
    words = describe(spec)
    added = [_option(each, hints[each.name], words[each.name]) for each in reversed(attributes)]
    told = docstring(spec).replace("``", "")
    first, _, more = told.partition("\n\n")
    told = f"{first}\n\n\b\n{more}" if more else first
    return click.command(name, help=told, epilog=EPILOG)(
        with_options(command, (_spec_option, *added))
    )


def _spec_instead(context: click.Context, _option: click.Parameter, path: str | None) -> str | None:
    """Let the file be all that is needed; the command is this invocation's own."""
    if path is not None:
        for parameter in context.command.params:
            parameter.required = False
    return path


_spec_option = click.option(
    "--spec",
    "spec_file",
    metavar="FILE",
    is_eager=True,
    callback=_spec_instead,
    help="A JSON object with all fields instead of their options; - reads stdin. Local files in it "
    "are seen from its own folder.",
)


def _read_file(
    path: str, spec: type[Spec[Any]], told: Mapping[str, Any], *, prepare: bool
) -> Spec[Any]:
    if told:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in told)
        raise click.UsageError(f"--spec tells all fields: leave out {options}, or write it there")
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text("utf-8-sig")
        fields = decode_json(text)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:  # also of what is not UTF-8
        raise click.UsageError(f"{path} is no JSON: {error}") from None
    if not isinstance(fields, dict):
        raise click.UsageError(f"{path} must hold one JSON object, the fields of the spec")
    folder = Path(path).parent
    return read_fields(fields, spec, name=path, folder=folder, prepare=prepare)


def fields_of(spec: type[Spec[Any]]) -> list[attrs.Attribute[Any]]:
    """Return the fields of a spec, those that it needs first."""

    def rank(attribute: attrs.Attribute[Any]) -> int:
        return 2 if attribute.name == "extra_body" else attribute.default is not attrs.NOTHING

    return sorted(attrs.fields(spec), key=rank)


def _option(attribute: attrs.Attribute[Any], hint: Any, words: FieldWords) -> Any:
    """Return the option of a field; what it is given is read as a cell of a table would be."""
    flag = "--" + attribute.name.replace("_", "-")
    choices = _choices(hint)
    # click itself tells choices, and what is required
    told = attrs.evolve(words, required=False, bounds="" if choices else words.bounds)
    required = attribute.default is attrs.NOTHING
    settings: dict[str, Any] = {"required": required, "help": in_shell_words(str(told))}
    options = options_of(hint)
    if bool in options:
        return click.option(f"{flag}/--no-{flag[2:]}", attribute.name, default=None, **settings)
    if choices:
        settings["type"] = click.Choice(choices)
    elif _is_list(options):
        settings |= {"multiple": True, "metavar": "LIST"}
    elif "media" in attribute.metadata:
        settings["metavar"] = "FILE|URL"
    elif str not in options:
        known = [name for kind, name in ((int, "INTEGER"), (float, "NUMBER")) if kind in options]
        settings["metavar"] = known[0] if known else "JSON"
    return click.option(flag, attribute.name, **settings)


def _given(spec: type, name: str, value: Any) -> Any:
    if isinstance(value, str):
        return Cell(value)
    if not isinstance(value, tuple):
        return value
    field = attrs.fields_dict(spec)[name]
    kinds = options_of(get_type_hints(spec)[name])
    items: list[Any] = []
    for text in value:
        # The name of a file and a URL may have a comma in it, the first of several words may not.
        whole = "media" in field.metadata and not text.lstrip().startswith("[")
        read = text if whole else cell_value(text, kinds)
        items += read if isinstance(read, list) else [read]
    return items


def _is_list(options: Sequence[Any]) -> bool:
    return any(get_origin(option) is tuple for option in options)


def _choices(hint: Any) -> list[str]:
    """Return the words of a field that takes no others, none if it takes any."""
    if get_origin(hint) is Literal:
        return [str(word) for word in get_args(hint)]
    parts = [part for part in get_args(hint) if part is not type(None)]
    is_union = get_origin(hint) is Union or type(hint).__name__ == "UnionType"
    return _choices(parts[0]) if is_union and len(parts) == 1 else []
