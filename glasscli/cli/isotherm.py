"""What `anneal` and `hybrid` share: where to start, which temperature, how long."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import options as shared

if TYPE_CHECKING:
    from glasscli.simulation.job import Job
    from glasscli.simulation.plan import ExchangeWish

options = shared.stack(
    click.argument("start", nargs=-1, type=click.Path(path_type=Path)),
    click.option("--T", "temperature", metavar="0.95Tf|0.52|300K", help="Temperature to hold."),
    click.option("--steps", help="How long, in MD steps.  [default: 100000]"),
    click.option(
        "--Tf", "fictive", type=click.FloatRange(min=0, min_open=True), help="T_f, instead of the file's."
    ),
    click.option(
        "--from", "origin", type=click.Choice(["ramp", "final"]), default="ramp", show_default=True,
        help="Halt the quench's ramp at T, or reheat its cold glass.",
    ),
    click.option("--new-velocities", is_flag=True, help="Maxwellian ones of --seed at the start."),
    shared.system_option,
    shared.ensemble_options,
    shared.sampling_options,
)  # fmt: skip


def plan(
    start: Path, target: Path, temperature: str, duration: str | None, steps: str | None, fictive: float | None,
    origin: str, system_name: str | None, exchange: ExchangeWish | None, **wishes: Any,
) -> Job:  # fmt: skip
    """The job of holding what lies in `start` at a temperature, into `target`."""
    from dataclasses import replace

    from glasscli.analysis.summary import stored_fictive_temperature
    from glasscli.engine.start import version_of
    from glasscli.errors import InputError, MissingFileError
    from glasscli.model.quantities import parse_steps, parse_temperature
    from glasscli.model.system import load_system
    from glasscli.simulation.plan import AnnealWish, plan_anneal, plan_anneal_of
    from glasscli.store.run import Run

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
    launch = shared.launch_of(wishes, system)
    wish = AnnealWish(
        parse_temperature(temperature, system, fictive), fictive, length, from_final=origin == "final",
        sampling=shared.sampling_wish(wishes), exchange=exchange, **wishes,
    )  # fmt: skip
    line = shared.command_line()
    if stored:
        job = plan_anneal(system, wish, target, line, source, version_of(launch))
    else:
        job = plan_anneal_of(system, wish, target, line, source)
    return replace(job, launch=launch)
