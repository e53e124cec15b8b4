"""`glasscli schema`: what may stand in study, system and cluster files."""

from __future__ import annotations

from collections.abc import Iterator

import click

from glasscli.cli import main
from glasscli.cli.edge import Outcome, resolve
from glasscli.cli.edge import command as make_command
from glasscli.workflow.expand import KINDS
from glasscli.workflow.schema import Option, Schema, cluster_schema, study_schema, system_schema

FILES = ("study", "system", "cluster")


@make_command(
    "schema",
    epilog="Examples:\n  glasscli schema study\n  glasscli schema system --json > system.schema.json",
)
@click.argument("file", type=click.Choice(FILES), required=False)
def command(file: str | None) -> Outcome:
    """Say which keys study, system and cluster files have: types, defaults, help.

    FILE is study, system or cluster (default: all three). With --json it is the JSON Schema by which an editor
    completes and checks the file.
    """
    found = [_schema(name) for name in ([file] if file else FILES)]
    data = found[0].json if file else {one.kind: one.json for one in found}
    return Outcome(data, "\n\n".join(one.text() for one in found))


def _schema(name: str) -> Schema:
    if name == "study":
        return study_schema({command: list(_options(command)) for command in _stages()})
    return system_schema() if name == "system" else cluster_schema()


def _stages() -> Iterator[str]:
    """Commands that can be stages, those below a group by both words."""
    for name in KINDS:
        found = main.get_command(click.Context(main), name)
        if isinstance(found, click.Group):
            yield from (f"{name} {below}" for below in found.list_commands(click.Context(found)))
        else:
            yield name


def _options(command: str) -> Iterator[Option]:
    found, _ = resolve(main, command.split())
    for option in found.params:
        if isinstance(option, click.Option):
            name = max(option.opts, key=len).removeprefix("--")
            said, _, stated = (option.help or "").partition("  [default: ")
            own = option.default if isinstance(option.default, str | int | float) else stated.rstrip("]")
            default = "" if option.required else "false" if option.is_flag else str(own or "none")
            yield Option(name, _type(option), default, said, _choices(option))


def _choices(option: click.Option) -> list[str]:
    return [str(one) for one in option.type.choices] if isinstance(option.type, click.Choice) else []


def _type(option: click.Option) -> str | list[str]:
    """In JSON; what is read as text here may be written as a number."""
    if option.is_flag:
        return "boolean"
    if isinstance(option.type, click.types.IntParamType):
        return "integer"
    if isinstance(option.type, click.types.FloatParamType):
        return "number"
    return ["string", "number"]
