"""The commands as functions: what `--json` would print, as a dictionary."""

from __future__ import annotations

from typing import Any

import click

from glasscli.cli import main
from glasscli.cli.edge import Invocation, Outcome, resolve
from glasscli.errors import EXIT_FAILED, GlassError, InputError, near


class CommandFailed(GlassError):
    """A command ended with an exit code other than 0; `data` is what it said."""

    def __init__(self, message: str, data: dict[str, Any], exit_code: int) -> None:
        super().__init__(message)
        self.data = data
        self.exit_code = exit_code or EXIT_FAILED


def call(command: str, *arguments: object, **options: object) -> dict[str, Any]:
    """Do what a command line does and return its --json object.

        call("anneal", "quench.h5", T="0.95Tf", inherent_every=500)
        call("theory levels", K1=-4)

    options: names without dashes, - as _; True and False for flags, a list to repeat an option. Raises GlassError
    with the command's one line; CommandFailed, which carries the object, where the command ends with another exit
    code than 0.
    """
    found, rest = resolve(main, command.split())
    if isinstance(found, click.Group):
        known = found.list_commands(click.Context(found))
        raise InputError(
            f"{command} is several commands{near('', known)}"
            if not rest
            else f"no command {command!r}{near(rest[0], known)}"
        )
    if rest:
        raise InputError(f"no command {command!r}: {found.name} has none below it")
    words = [*map(str, arguments), *(w for key, value in options.items() for w in _words(found, key, value))]
    called = Invocation.of([*command.split(), *words])
    try:
        outcome = found.main(words, f"glasscli {command}", standalone_mode=False, obj=called)
    except click.ClickException as error:
        raise InputError(" ".join(error.format_message().split())) from error
    if not isinstance(outcome, Outcome):
        return {}
    if outcome.exit_code:
        raise CommandFailed(
            str(outcome.data.get("error", outcome.text)).splitlines()[0], outcome.data, outcome.exit_code
        )
    return outcome.data


def _words(command: click.Command, key: str, value: object) -> list[str]:
    """An option of a command line, in words."""
    options = {
        name: o for o in command.params if isinstance(o, click.Option) for name in (o.name, *_plain(o))
    }
    if key not in options:
        raise InputError(f"no option {key!r}{near(key, [name for name in options if name])}")
    option = options[key]
    longest = max(option.opts, key=len)
    if option.is_flag:
        if not isinstance(value, bool):
            raise InputError(f"{key} is a flag: give True or False")
        return [longest] if value else []
    values = value if isinstance(value, list | tuple) else [value]
    return [word for one in values if one is not None for word in (longest, str(one))]


def _plain(option: click.Option) -> list[str]:
    return [name.lstrip("-").replace("-", "_") for name in option.opts]
