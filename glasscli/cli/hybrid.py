"""`glasscli hybrid`: molecular dynamics and exchanges of atoms in turns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from glasscli.analysis.certificate import certificate as certificate_of
from glasscli.analysis.outcome import describe
from glasscli.cli import isotherm, making
from glasscli.cli import options as shared
from glasscli.cli.claims import place
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.many import many
from glasscli.errors import InputError
from glasscli.model.quantities import split
from glasscli.progress import progress
from glasscli.protocols.kinds.hybrid import HybridWish, parse_weights
from glasscli.protocols.samplers import SAMPLERS
from glasscli.report.beside import number
from glasscli.simulation.cost import estimate, total
from glasscli.simulation.job import Job
from glasscli.simulation.pilot import measure
from glasscli.simulation.run import Standing, standing
from glasscli.simulation.stopping import Stop, stop_for
from glasscli.simulation.tempering import ladder, temper
from glasscli.store.outputs import check_run, check_unnamed
from glasscli.store.reader import open_run

STEPS_BETWEEN_TRADES = 1000
DEEP_TEMPERATURE = "0.82Tf"


@make_command(
    "hybrid",
    epilog="Examples:\n  glasscli hybrid --T 0.95Tf --steps 1000000\n"
    "  glasscli hybrid c15.lammps --T 0.5 --engine-mc lammps\n"
    "  glasscli hybrid quench.h5 --T 0.52 --md-per-mc 20 --attempts 100 -o held.h5\n"
    "  glasscli hybrid --deep --T 0.45 --steps 1000000 -o deep.h5\n"
    "  glasscli hybrid crystal.h5 --T 0.8 --steps 200000 --certificate liquid.h5",
)
@many("hybrid", "quench.h5")
@isotherm.options
@click.option(
    "--engine-mc", type=click.Choice(["local", "lammps"]),
    help="Our own kernel (pairwise potentials), or LAMMPS's fix atom/swap.  [default: local where it can]",
)  # fmt: skip
@click.option(
    "--md-per-mc",
    type=click.IntRange(1),
    help="MD steps between batches.  [default: 24, any: 10; of diameters 50, lammps 100]",
)
@click.option(
    "--attempts",
    type=click.IntRange(1),
    help="Attempts a batch.  [default: 0.1 an atom, any: 20; of diameters 10 an atom, lammps 1]",
)
@click.option(
    "--mu", metavar="MU1,MU2", help="Chemical potentials of the species: atoms change species (semi-grand)."
)
@click.option(
    "--pair-weights", metavar="A-B=1,A-C=2",
    help="How often each pair of species is tried.  [default: all pairs of unlike atoms alike]",
)  # fmt: skip
@click.option(
    "--width", type=click.FloatRange(min=0, min_open=True), metavar="LENGTH",
    help="Where diameters vary: those of two that exchange differ by less.  [default: 0.2 mean distances]",
)  # fmt: skip
@click.option(
    "--partners", type=click.Choice(["ready", "any"]),
    help="Who is tried: atoms that would fit where the other is, or any.  [default: ready, of our own kernel]",
)  # fmt: skip
@click.option(
    "--sampler", type=click.Choice(SAMPLERS),
    help="What moves atoms between exchanges: trials, exact at any step, or LAMMPS.  [default: hmc where it can]",
)  # fmt: skip
@click.option(
    "--deep", is_flag=True,
    help="Come to T slowly, from 1.1 T, over three quarters of the steps.  [default T: 0.82Tf]",
)  # fmt: skip
@click.option(
    "--certificate", metavar="RUN.h5", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Is it equilibrium? Compare with a finished run at the same T that came from the other side.",
)  # fmt: skip
@click.option(
    "--exchange-replicas", metavar="0.70Tf:1.2Tf:8",
    help="Parallel tempering: lowest and highest temperature and how many, in processes side by side.",
)  # fmt: skip
@click.option(
    "--tune", metavar="SECONDS", type=click.FloatRange(1, 86400),
    help="Try settings, so many processor seconds each, and say which relaxes most; run nothing.",
)  # fmt: skip
@shared.keep_going_option
@shared.run_options
def command(
    tune: float | None, exchange_replicas: str | None, certificate: Path | None, **options: Any
) -> Outcome:  # fmt: skip
    """Relax a glass far beyond what molecular dynamics alone can reach.

    Molecular dynamics at T in turns with Monte Carlo exchanges of unlike atoms, which keep the equilibrium and its
    composition but have no time: the axis is steps and attempts. START is as for `glasscli anneal`.
    """
    if options["mu"]:
        options["mu"] = shared.numbers(options["mu"], "--mu", "numbers such as 0,0.5")
    if options["pair_weights"]:
        options["pair_weights"] = parse_weights(options["pair_weights"])
    temperature, output, dry_run = (options[name] for name in ("temperature", "output", "dry_run"))
    if exchange_replicas:
        if temperature or tune or certificate or options["deep"]:
            raise InputError(
                "--exchange-replicas brings its temperatures: leave out --T, --deep, --tune and --certificate"
            )
        jobs = _rungs(exchange_replicas, output or Path("hybrid.h5"), options)
        if dry_run:
            return _dry(jobs, options["force"])
        for rung in jobs:
            check_unnamed(rung.output, options["force"])
            check_run(rung.output, rung.made_of)
        return _tempered(jobs, options["force"], stop_for(options["walltime"]))
    if temperature is None and options["deep"]:
        temperature = options["temperature"] = DEEP_TEMPERATURE
    if temperature is None:
        raise InputError("hybrid needs a temperature: --T 0.95Tf, or --exchange-replicas 0.7Tf:1.2Tf:8")
    wish = making.wish_of(HybridWish, options)
    if tune:
        return _tuned(making.plan(wish, place(output, Path("hybrid.h5")), options), tune)
    found = making.make(wish, options)
    return found if dry_run else _certified(found, certificate)


def _certified(made: Outcome, other: Path | None) -> Outcome:
    """With the certificate, where another run was named to compare with."""
    if other is None:
        return replace(made, data=made.data | {"certificate": None})
    found = certificate_of(open_run(Path(made.data["file"])), other)
    return replace(made, data=made.data | {"certificate": found.data}, text=f"{made.text}\n{found.text()}")


def _rungs(text: str, target: Path, options: dict[str, Any]) -> list[Job]:
    """A job a temperature: LOW:HIGH:COUNT, evenly spaced in the logarithm."""
    words = text.split(":")
    if len(words) != 3 or not words[2].isdigit() or int(words[2]) < 2:
        raise InputError(f"--exchange-replicas {text!r} is not LOW:HIGH:COUNT such as 0.70Tf:1.2Tf:8")
    (low, unit), (high, other), count = (
        split(words[0], "temperature"),
        split(words[1], "temperature"),
        int(words[2]),
    )
    if unit != other or not 0 < low < high:
        raise InputError(
            f"--exchange-replicas {text!r}: two ascending temperatures in the same unit are needed"
        )
    if options["checkpoint_every"] is None:
        options = options | {"checkpoint_every": STEPS_BETWEEN_TRADES}
    ratio = (high / low) ** (1 / (count - 1))
    jobs = []
    for k in range(count):
        rung = options | {"temperature": f"{low * ratio**k:.17g}{unit}"}
        wish = making.wish_of(HybridWish, rung)
        jobs.append(making.plan(wish, target.with_name(f"{target.stem}-{k + 1:02d}{target.suffix}"), rung))
    return jobs


def _dry(jobs: list[Job], force: bool) -> Outcome:
    """What replicas will take: alike but for their temperatures, so that one is timed."""
    standings = [standing(job, force) for job in jobs]
    speeds = measure(jobs[0]) if set(standings) != {Standing.DONE} else None
    cost = total((estimate(job, there, speeds), 1) for job, there in zip(jobs, standings, strict=True))
    return Outcome(cost.data | {"replicas": len(jobs)}, f"{len(jobs)} replicas side by side\n{cost.text()}")


def _tempered(jobs: list[Job], force: bool, stop: Stop) -> Outcome:

    runs = temper(jobs, stop, force)
    found = ladder(runs)
    made = [describe(run) for run in runs]
    data = vars(found) | {"replicas": [m.data for m in made]}
    rows = [f"{len(runs)} replicas, {found.round_trips} round trips between the coldest and the hottest"]
    for m, share in zip(made, [*found.acceptance, None], strict=True):
        energy = number(m.data["inherent_energy"]["mean_last_half"], ".4f")
        trades = "" if share is None else f"   trades with the next: {share:.0%}"
        rows.append(f"  {m.data['file']}: T = {m.data['temperature']:.4g}, E_IS {energy} (last half){trades}")
    notes = [note for job in jobs for note in job.notes] + [note for m in made for note in m.notes]
    return Outcome(data, "\n".join(rows), notes=list(dict.fromkeys(notes)))


def _tuned(job: Job, seconds: float) -> Outcome:
    from glasscli.simulation.tune import candidates, tune  # numba takes its time to load

    if job.protocol.moves is None or job.protocol.moves.kernel != "local":
        raise InputError("--tune is for the local kernel: leave out --engine-mc lammps")
    jobs = candidates(job)
    with progress("tuning", len(jobs), "settings") as advance:
        trials = tune(jobs, seconds, advance)
    rows = [
        f"  --md-per-mc {t.md_per_mc:4}  --attempts {t.attempts:8}   E_IS {t.inherent_energy:.4f} ± {t.error:.4f} "
        f"over samples after {t.md_steps} steps"
        for t in trials
    ]
    head = f"after {seconds:g} s of processor time each, deepest first (neighbours in the list may differ by chance):"
    return Outcome({"seconds": seconds, "trials": [vars(t) for t in trials]}, "\n".join([head, *rows]))
