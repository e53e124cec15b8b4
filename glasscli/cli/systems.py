"""`glasscli systems`: which systems there are, what is in them, what they can do."""

from __future__ import annotations

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.errors import InputError
from glasscli.model.listed import listed, shown
from glasscli.model.system import load_system

CHECK = "check"


@make_command(
    "systems",
    epilog="Examples:\n  glasscli systems\n  glasscli systems silica\n  glasscli systems check my.toml",
)
@click.argument("what", nargs=-1, metavar="[NAME|FILE.toml | check NAME|FILE.toml]")
def command(what: tuple[str, ...]) -> Outcome:
    """List the systems that --system takes, show one, or check one by 100 steps of its melt.

    `check` says what a system can and cannot do before a long run pays for it: its energy, whether its atoms can be
    exchanged and how, what its Hessian is made of, whether its landscape has sharp saddles.
    """
    if not what:
        every = listed()
        return Outcome(every.data, every.text(), notes=every.notes)
    if what[0] == CHECK and len(what) == 2:
        from glasscli.checkup import checkup  # LAMMPS and compiled kernels: a list needs neither

        found = checkup(load_system(what[1]))
        return Outcome(found.data, found.text(), notes=found.notes)
    if len(what) != 1 or what[0] == CHECK:
        raise InputError("systems takes one NAME or FILE.toml, or check and one of them")
    one = shown(what[0])
    return Outcome(one.data, one.text())
