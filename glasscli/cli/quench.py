"""`glasscli quench`: a melt to a glass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import many

if TYPE_CHECKING:
    from glasscli.model.system import System


@make_command(
    "quench",
    epilog="Examples:\n  glasscli quench\n  glasscli quench --system cuzr --atoms 2000 --rate 5\n"
    "  glasscli quench --composition 0.67 --species-volumes 0.692,0.842 -o rich.h5",
)
@many("quench")
@click.argument("start", required=False, type=click.Path(path_type=Path))
@shared.system_option
@click.option("--atoms", type=int, help="Number of atoms.")
@click.option("--composition", type=float, help="Fraction of the small (second) species.")
@click.option("--volume-per-atom", type=float, help="V/N.")
@click.option("--species-volumes", metavar="SMALL,LARGE", help="Volume of an atom of each species: sets V/N.")
@click.option("--T-start", "T_start", help="Temperature of the melt.")
@click.option("--T-end", "T_end", help="Temperature at the end.")
@click.option("--steps", help="Length of the ramp: steps, or a time such as 0.2us.")
@click.option("--rate", type=float, help="Cooling rate, temperature per unit time, instead of --steps.")
@click.option(
    "--equilibration", type=click.IntRange(0), help="Steps at T-start before the ramp (not counted)."
)
@shared.ensemble_options
@shared.sampling_options
@shared.run_options
def command(
    start: Path | None, system_name: str | None, output: Path | None, force: bool, dry_run: bool, walltime: str | None,
    **wishes: Any,
) -> Outcome:  # fmt: skip
    """Quench a melt to a glass and find its fictive temperature.

    Without arguments: 500 Wahnström atoms from T = 2 to 0.01 in 200000 steps, into quench.h5. START, a structure file
    (LAMMPS data, dump, extended XYZ, GSD, a glasscli file), replaces the random start.
    """
    from dataclasses import replace

    from glasscli.analysis.outcome import make
    from glasscli.model.quantities import parse_steps, parse_temperature
    from glasscli.model.system import load_system
    from glasscli.simulation.plan import QuenchWish, plan_quench
    from glasscli.store.manifest import Parent
    from glasscli.store.run import Run

    system = load_system(system_name or "wahnstrom")
    sampling, launch = shared.sampling_wish(wishes), shared.launch_of(wishes, system)
    for name in ("T_start", "T_end"):
        wishes[name] = parse_temperature(wishes[name], system) if wishes[name] else None
    wishes["steps"] = parse_steps(wishes["steps"], system, "steps") if wishes["steps"] else None
    volumes = wishes["species_volumes"]
    wishes["species_volumes"] = (
        shared.numbers(volumes, "--species-volumes", "SMALL,LARGE such as 0.692,0.842") if volumes else None
    )
    source = shared.open_start(start) if start else None
    if isinstance(source, Run):
        source = (source.inherent_or_frames()[-1], Parent(str(source.path), source.manifest.identity))
    target = output if output and not dry_run else Path("quench.h5")
    job = plan_quench(system, QuenchWish(sampling=sampling, **wishes), target, shared.command_line(), source)
    job = replace(job, launch=launch)
    if dry_run:
        return Outcome(*shared.dry_run(job, output))
    shared.writable(target)
    made = make(job, force=force, stop=shared.stop_for(walltime))
    return Outcome(made.data, _text(made.data, system), notes=made.notes)


def _text(data: dict[str, Any], system: System) -> str:
    e, p, t = system.energy_unit, system.pressure_unit, system.temperature_unit
    fictive = f"{data['T_f']:.3f} ± {data['T_f_error']:.3f} {t}" if data["T_f"] else "not found"
    return "\n".join(
        [
            f"{data['file']}: {data['atoms']} atoms of {data['system']}, {data['steps']} steps, seed {data['seed']}",
            f"  T_f    {fictive}" + "".join(f"   (figure: {f})" for f in data["figures"]),
            f"  E_IS   {shared.number(data['inherent_energy'], '.4f')} {e}/atom   "
            f"P {shared.number(data['pressure'], '.3f')} {p}",
            f"  f_ico  {shared.number(data['icosahedral_fraction'], '.3f')}",
            f"  took {data['wall_seconds']:.0f} s",
        ]
    )
