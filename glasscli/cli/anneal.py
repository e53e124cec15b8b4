"""`glasscli anneal`: hold a glass at a temperature."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command

if TYPE_CHECKING:
    from glasscli.system import System


@make_command(
    "anneal",
    epilog="Examples:\n  glasscli anneal --T 0.95Tf\n  glasscli anneal quench.h5 --T 1.2Tf --time 1us -o hot.h5\n"
    "  glasscli anneal crystal.lammps --system wahnstrom --T 0.5 --steps 50000",
)
@click.argument("start", default="quench.h5", type=click.Path(path_type=Path))
@click.option("--T", "temperature", required=True, metavar="0.95Tf|0.52|300K", help="Temperature to hold.")
@click.option("--time", "duration", metavar="0.1us|30ns|250tau|STEPS", help="How long to hold it.")
@click.option("--steps", help="How long, in MD steps.  [default: 100000]")
@click.option(
    "--Tf", "fictive", type=click.FloatRange(min=0, min_open=True), help="T_f, instead of the file's."
)
@click.option(
    "--from", "origin", type=click.Choice(["ramp", "final"]), default="ramp", show_default=True,
    help="Halt the quench's ramp at T, or reheat its cold glass.",
)  # fmt: skip
@shared.system_option
@shared.ensemble_options
@shared.sampling_options
@shared.run_options
def command(
    start: Path, temperature: str, duration: str | None, steps: str | None, fictive: float | None, origin: str,
    system_name: str | None, output: Path | None, force: bool, dry_run: bool, walltime: str | None, **wishes: Any,
) -> Outcome:  # fmt: skip
    """Hold a glass at a constant temperature.

    START is the quench (default: quench.h5 here), halted at T as it was there: its nearest stored state above, the
    ramp repeated to exactly T. Any other glasscli file goes on from its last state, a structure file from its
    positions.
    """
    from glasscli.errors import InputError, MissingFileError
    from glasscli.measure import stored_fictive_temperature
    from glasscli.plan import AnnealWish, plan_anneal, plan_anneal_of
    from glasscli.quantities import parse_steps, parse_temperature
    from glasscli.stages import make
    from glasscli.store.reader import Run
    from glasscli.system import load_system

    if duration and steps:
        raise InputError("give --time or --steps, not both")
    if str(start) == "quench.h5" and not start.exists():
        raise MissingFileError(
            "no quench.h5 in this folder: run `glasscli quench` first, or name the file to start from"
        )
    source = shared.open_start(start)
    stored = isinstance(source, Run)
    system = shared.system_of(source, system_name) if stored else load_system(system_name or "wahnstrom")
    if stored and fictive is None:
        found = stored_fictive_temperature(source)
        inherited = getattr(source.manifest.protocol, "fictive_temperature", None)
        fictive = found[0] if found else inherited
    length = parse_steps(duration or steps or "100000", system, "time" if duration else "steps")
    wish = AnnealWish(
        parse_temperature(temperature, system, fictive), fictive, length, from_final=origin == "final",
        sampling=shared.sampling_wish(wishes), **wishes,
    )  # fmt: skip
    target = output if output and not dry_run else Path("anneal.h5")
    line = shared.command_line()
    job = (
        plan_anneal(system, wish, target, line, source)
        if stored
        else plan_anneal_of(system, wish, target, line, source)
    )
    if dry_run:
        return Outcome(*shared.dry_run(job, output))
    shared.writable(target)
    made = make(job, force=force, stop=shared.stop_for(walltime))
    return Outcome(made.data, _text(made.data, system), notes=made.notes)


def _text(data: dict[str, Any], system: System) -> str:
    from glasscli.quantities import describe_steps

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
