"""`glasscli doctor`: does this installation work?"""

from __future__ import annotations

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.doctor import examine
from glasscli.errors import EXIT_DONE, EXIT_FAILED


@make_command("doctor", epilog="Example:\n  glasscli doctor")
def command() -> Outcome:
    """Check LAMMPS, HDF5, OVITO and rendering by using them.

    Fails when LAMMPS or HDF5 do not work. Without OVITO quench and anneal still run; their icosahedral fraction
    then waits for `analyze` on another machine.
    """
    found = examine()
    return Outcome(found.data, found.text(), EXIT_DONE if found.ok else EXIT_FAILED)
