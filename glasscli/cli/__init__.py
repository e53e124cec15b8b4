"""The command line. One file a command; each imports its library function when it runs."""

from __future__ import annotations

import importlib

import click

from glasscli import __version__
from glasscli.cli.edge import Cli

# In the order a study goes; the help lists them so. Each name is a module here with a `command` of that name.
COMMANDS = (
    "doctor",
    "validate",
    "reproduce",
    "build",
    "eos",
    "quench",
    "anneal",
    "hybrid",
    "run",
    "submit",
    "status",
    "cancel",
    "resubmit",
    "work",
    "resume",
    "analyze",
    "modes",
    "landscape",
    "render",
    "report",
    "show",
    "export",
    "verify",
    "repair",
    "theory",
)


@click.group(cls=Cli, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="glasscli")
def main() -> None:
    """Make glasses with LAMMPS, anneal them, and see what happened.

    Start with `glasscli quench`, then `glasscli anneal --T 0.95Tf`, then `glasscli analyze`.
    """


main.list_commands = lambda ctx: list(main.commands)  # type: ignore[method-assign]
for _name in COMMANDS:
    main.add_command(importlib.import_module(f"glasscli.cli.{_name}").command, _name)
