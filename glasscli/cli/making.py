"""What the command of every protocol does with its options: plan the run, print its deck or make it, say what came."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from glasscli.cli import options as shared
from glasscli.cli.claims import place
from glasscli.cli.edge import Outcome, invocation
from glasscli.formats.species import by_hand
from glasscli.protocols.wish import Wish
from glasscli.simulation.dry_run import dry_run
from glasscli.simulation.job import Job
from glasscli.simulation.plan import job_of
from glasscli.simulation.stopping import stop_for
from glasscli.store.outputs import check_run

W = TypeVar("W", bound=Wish)


# Of a protocol that goes on from a file: it can be halted on its way, or begin anew. The second has an ensemble.
begin_options = shared.stack(
    click.argument("start", nargs=-1, type=click.Path(path_type=Path)),
    click.option(
        "--Tf", "fictive", type=click.FloatRange(min=0, min_open=True), help="T_f.  [default: the file's]"
    ),
    click.option(
        "--from", "origin", type=click.Choice(["ramp", "final"]), default="ramp",
        help="Halt the quench's ramp at T, or reheat its cold glass.",
    ),
    click.option("--new-velocities", is_flag=True, help="Maxwellian ones of --seed at the start."),
    shared.own_system_option,
    shared.species_option,
)  # fmt: skip
start_options = shared.stack(begin_options, shared.ensemble_options, shared.sampling_options)


def wish_of(kind: type[W], options: dict[str, Any]) -> W:
    """Take a protocol's options out of a command's: those named like the fields of its wish."""
    if "origin" in options:
        options["from_final"] = options.pop("origin") == "final"
    sampling = shared.sampling_wish(options)
    names = {field.name for field in fields(kind)} & options.keys()
    return kind(sampling=sampling, **{name: options.pop(name) for name in names})


def plan(wish: Wish, output: Path, options: dict[str, Any]) -> Job:
    """The job of a wish, from the file, in the system and with the launch that a command's options say."""
    start = options["start"]
    job = job_of(
        wish, start, output, system=options["system_name"],
        species=by_hand(options["species"]), launch=shared.launch_wish(dict(options)),
        command_line=shared.command_line(), expected=invocation().expected.get(str(start)),
    )  # fmt: skip
    return replace(job, keep_going=options.get("keep_going", False))


def make(wish: Wish, options: dict[str, Any]) -> Outcome:
    """Make the run of a wish into -o, by default a file named like the protocol; with --dry-run say what it is."""
    output, default = options["output"], Path(f"{wish.kind}.h5")
    if not options["dry_run"]:
        return made(plan(wish, place(output, default), options), options)
    # -o names the folder of the deck, or the run itself, as it does without --dry-run.
    named = output is not None and output.suffix == default.suffix
    job = plan(wish, output if named else default, options)
    laid_down = invocation().planned
    if laid_down is not None:
        laid_down.append(job)
        return Outcome({}, "")
    found = dry_run(job, None if named else output, options["force"], named)
    return Outcome(found.data, found.text(), notes=job.notes)


def made(job: Job, options: dict[str, Any]) -> Outcome:
    """Make the run of a job and say what came of it."""
    from glasscli.analysis import outcome  # a dry run says nothing of a sample

    check_run(job.output, job.made_of)
    found = outcome.make(job, force=options["force"], stop=stop_for(options["walltime"]))
    return Outcome(found.data, found.text(), notes=list(found.notes))
