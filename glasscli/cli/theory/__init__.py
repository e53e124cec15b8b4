"""`glasscli theory`: the papers' models."""

from __future__ import annotations

import os

import click

from glasscli.cli.theory import (
    electrons,
    excitations,
    fragment,
    glass,
    kinetics,
    levels,
    participation,
    spectrum,
    stability,
)


@click.group("theory")
def command() -> None:
    """Compute with the papers' models: soft potentials, stability, self-trapping, relaxation kinetics."""
    # Matrices here are small: threads of the linear algebra only wait for each other. Read when numpy is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


command.list_commands = lambda ctx: list(command.commands)  # type: ignore[method-assign]
for _module in (
    levels,
    spectrum,
    participation,
    stability,
    electrons,
    kinetics,
    excitations,
    fragment,
    glass,
):
    command.add_command(_module.command)
