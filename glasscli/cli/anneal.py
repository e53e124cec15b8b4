"""`glasscli anneal`: hold a glass at a temperature."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import isotherm
from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import many

if TYPE_CHECKING:
    from glasscli.model.system import System


@make_command(
    "anneal",
    epilog="Examples:\n  glasscli anneal --T 0.95Tf\n  glasscli anneal quench.h5 --T 1.2Tf --time 1us -o hot.h5\n"
    "  glasscli anneal crystal.lammps --system wahnstrom --T 0.5 --steps 50000\n"
    "  glasscli anneal --T 0.95Tf --inherent-every 1000 --harvest",
)
@many("anneal", "quench.h5")
@isotherm.options
@click.option("--time", "duration", metavar="0.1us|30ns|250tau|STEPS", help="How long to hold it.")
@click.option(
    "--harvest", is_flag=True,
    help="Between inherent structures that differ, bisect the time until one transition lies between.",
)  # fmt: skip
@shared.run_options
def command(output: Path | None, force: bool, dry_run: bool, walltime: str | None, **wishes: Any) -> Outcome:
    """Hold a glass at a constant temperature.

    START is the quench (default: quench.h5 here), halted at T as it was there: its nearest stored state above, the
    ramp repeated to exactly T. Any other glasscli file goes on from its last state, a structure file from its
    positions.
    """
    from glasscli.analysis.outcome import make

    if wishes["temperature"] is None:
        raise click.UsageError("Missing option '--T'.")
    target = output if output and not dry_run else Path("anneal.h5")
    job = isotherm.plan(target=target, exchange=None, **wishes)
    if dry_run:
        return Outcome(*shared.dry_run(job, output))
    shared.writable(target)
    made = make(job, force=force, stop=shared.stop_for(walltime))
    return Outcome(made.data, _text(made.data, job.system), notes=made.notes)


def _text(data: dict[str, Any], system: System) -> str:
    from glasscli.model.quantities import describe_steps

    ratio = f" = {data['T_over_Tf']:.3f} T_f" if data["T_over_Tf"] else ""
    return "\n".join(
        [
            f"{data['file']}: {data['parent']} held at T = {data['temperature']:.4g} {system.temperature_unit}{ratio}",
            f"  {data['steps']} steps ({describe_steps(data['steps'], system)}), {data['frames']} frames",
            f"  E_IS   {shared.number(data['inherent_energy'], '.4f')} {system.energy_unit}/atom",
            f"  f_ico  {shared.number(data['icosahedral_fraction'], '.3f')}",
            f"  took {data['wall_seconds']:.0f} s ({data['steps_per_second']:.0f} steps/s)",
        ]
    )
