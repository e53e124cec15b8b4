"""`glasscli landscape`: what lies between inherent structures."""

from __future__ import annotations

import os

import click

from glasscli.cli.landscape import barriers, events, two_level


@click.group("landscape")
def command() -> None:
    """Events between inherent structures, the barriers between them, and the two-level systems they make."""
    # Matrices here are of one sample; several processes side by side do better than threads of the linear algebra.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


command.list_commands = lambda ctx: list(command.commands)  # type: ignore[method-assign]
for _module in (events, barriers, two_level):
    command.add_command(_module.command)
