"""`glasscli doctor`: does this installation work?"""

from __future__ import annotations

from dataclasses import asdict

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.errors import EXIT_DONE, EXIT_FAILED


@make_command("doctor", epilog="Example:\n  glasscli doctor")
def command() -> Outcome:
    """Check LAMMPS, HDF5, OVITO and rendering by using them.

    Fails when LAMMPS or HDF5 do not work. Without OVITO quench and anneal still run; their icosahedral fraction
    then waits for `analyze` on another machine.
    """
    from glasscli.doctor import examine

    checks = examine()
    marks = {True: "ok  ", False: "FAIL"}
    lines = [f"{marks[c.ok] if c.ok or c.essential else 'none'}  {c.name:16} {c.message}" for c in checks]
    ok = all(c.ok for c in checks if c.essential)
    return Outcome(
        {"ok": ok, "checks": [asdict(c) for c in checks]}, "\n".join(lines), EXIT_DONE if ok else EXIT_FAILED
    )
