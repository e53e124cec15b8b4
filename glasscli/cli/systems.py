"""`glasscli systems`: which systems there are, what is in them, what they can do."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.claims import write_input
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.errors import InputError
from glasscli.model.listed import copied, listed, shown
from glasscli.model.system import load_system

CHECK = "check"


@make_command(
    "systems",
    epilog="Examples:\n  glasscli systems\n  glasscli systems silica\n"
    "  glasscli systems kob-andersen-ternary -o my.toml\n  glasscli systems check my.toml",
)
@click.argument("what", nargs=-1, metavar="[NAME|FILE.toml | check NAME|FILE.toml]")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE.toml",
    help="Write the system's file there, to make your own of.  [default: only show it]",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace an existing file.")
def command(what: tuple[str, ...], output: Path | None, force: bool) -> Outcome:
    """List the systems that --system takes, show one, or check one by 100 steps of its melt.

    `check` says what a system can and cannot do before a long run pays for it: its energy, whether its atoms can be
    exchanged and how, what its Hessian is made of, whether its landscape has sharp saddles.
    """
    if output is not None and (len(what) != 1 or what[0] == CHECK):
        raise InputError("-o writes the file of one system: name it")
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
    if output is None:
        return Outcome(one.data, one.text())
    write_input(output, copied(what[0], output.stem), "a system", force)
    said = f"wrote {output}: {what[0]} under the name {output.stem}; change it, then\n  glasscli systems check {output}"
    return Outcome(one.data | {"written": str(output)}, said)
