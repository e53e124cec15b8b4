"""`glasscli doctor`: does this installation work?"""

from __future__ import annotations

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.doctor import examine
from glasscli.errors import EXIT_DONE, EXIT_FAILED


@make_command("doctor", epilog="Examples:\n  glasscli doctor\n  glasscli doctor --lmp 'mpirun -n 2 lmp'")
@click.option(
    "--lmp", default="", metavar='"srun lmp"', help="Look at this LAMMPS program, too, by starting it."
)
def command(lmp: str) -> Outcome:
    """Check LAMMPS, HDF5, OVITO and rendering by using them.

    Fails when LAMMPS or HDF5 do not work. Without OVITO quench and anneal still run; their icosahedral fraction
    then waits for `analyze` on another machine.
    """
    found = examine(lmp)
    return Outcome(found.data, found.text(), EXIT_DONE if found.ok else EXIT_FAILED)
