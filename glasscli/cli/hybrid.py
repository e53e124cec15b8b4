"""`glasscli hybrid`: molecular dynamics and exchanges of atoms in turns."""

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
    from glasscli.simulation.job import Job
    from glasscli.simulation.plan import ExchangeWish
    from glasscli.simulation.stopping import Stop

STEPS_BETWEEN_TRADES = 1000


@make_command(
    "hybrid",
    epilog="Examples:\n  glasscli hybrid --T 0.95Tf --steps 1000000\n"
    "  glasscli hybrid c15.lammps --T 0.5 --engine-mc lammps\n"
    "  glasscli hybrid quench.h5 --T 0.52 --md-per-mc 20 --attempts 20000 -o deep.h5",
)
@many("hybrid", "quench.h5")
@isotherm.options
@click.option(
    "--engine-mc", type=click.Choice(["local", "lammps"]),
    help="Our own kernel (pairwise potentials), or LAMMPS's fix atom/swap.  [default: local where it can]",
)  # fmt: skip
@click.option(
    "--md-per-mc", type=click.IntRange(1), help="MD steps between batches.  [default: 10; lammps: 100]"
)
@click.option(
    "--attempts", type=click.IntRange(1), help="Exchange attempts a batch.  [default: 20 an atom; lammps: 1]"
)
@click.option("--mu", metavar="LARGE,SMALL", help="Chemical potentials: atoms change species (semi-grand).")
@click.option(
    "--exchange-replicas", metavar="0.70Tf:1.2Tf:8",
    help="Parallel tempering: lowest and highest temperature and how many, in processes side by side.",
)  # fmt: skip
@click.option(
    "--tune", metavar="SECONDS", type=click.FloatRange(min=1),
    help="Try settings, so many processor seconds each, and say which relaxes most; run nothing.",
)  # fmt: skip
@shared.run_options
def command(
    output: Path | None, force: bool, dry_run: bool, walltime: str | None, engine_mc: str | None,
    md_per_mc: int | None, attempts: int | None, mu: str | None, tune: float | None, exchange_replicas: str | None,
    temperature: str | None, **wishes: Any,
) -> Outcome:  # fmt: skip
    """Relax a glass far beyond what molecular dynamics alone can reach.

    Molecular dynamics at T in turns with Monte Carlo exchanges of unlike atoms, which keep the equilibrium and its
    composition but have no time: the axis is steps and attempts. START is as for `glasscli anneal`.
    """
    from glasscli.analysis.outcome import make
    from glasscli.errors import InputError
    from glasscli.simulation.plan import ExchangeWish

    exchange = ExchangeWish(
        engine_mc, md_per_mc, attempts, shared.numbers(mu, "--mu", "numbers such as 0,0.5") if mu else None
    )
    target = output if output and not dry_run else Path("hybrid.h5")
    if exchange_replicas:
        if temperature or tune or dry_run:
            raise InputError(
                "--exchange-replicas brings its temperatures: leave out --T, --tune and --dry-run"
            )
        jobs = _rungs(exchange_replicas, target, exchange, wishes)
        for rung in jobs:
            shared.writable(rung.output)
        return _tempered(jobs, force, shared.stop_for(walltime))
    if temperature is None:
        raise InputError("hybrid needs a temperature: --T 0.95Tf, or --exchange-replicas 0.7Tf:1.2Tf:8")
    job = isotherm.plan(target=target, exchange=exchange, duration=None, temperature=temperature, **wishes)
    if tune:
        return _tuned(job, tune)
    if dry_run:
        return Outcome(*shared.dry_run(job, output))
    shared.writable(target)
    made = make(job, force=force, stop=shared.stop_for(walltime))
    return Outcome(made.data, _text(made.data, job.system), notes=made.notes)


def _rungs(text: str, target: Path, exchange: ExchangeWish, wishes: dict[str, Any]) -> list[Job]:
    """A job a temperature: LOW:HIGH:COUNT, evenly spaced in the logarithm."""
    from glasscli.errors import InputError
    from glasscli.model.quantities import split

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
    if wishes.get("checkpoint_every") is None:
        wishes = wishes | {"checkpoint_every": STEPS_BETWEEN_TRADES}
    ratio = (high / low) ** (1 / (count - 1))
    return [
        isotherm.plan(
            target=target.with_name(f"{target.stem}-{k + 1:02d}{target.suffix}"), exchange=exchange, duration=None,
            temperature=f"{low * ratio**k:.17g}{unit}", **wishes,
        )
        for k in range(count)
    ]  # fmt: skip


def _tempered(jobs: list[Job], force: bool, stop: Stop) -> Outcome:
    from glasscli.analysis.outcome import describe
    from glasscli.simulation.tempering import ladder, temper

    runs = temper(jobs, stop, force)
    found = ladder(runs)
    made = [describe(run) for run in runs]
    data = vars(found) | {"replicas": [m.data for m in made]}
    rows = [f"{len(runs)} replicas, {found.round_trips} round trips between the coldest and the hottest"]
    for m, share in zip(made, [*found.acceptance, None], strict=True):
        energy = shared.number(m.data["inherent_energy"]["mean_last_half"], ".4f")
        trades = "" if share is None else f"   trades with the next: {share:.0%}"
        rows.append(f"  {m.data['file']}: T = {m.data['temperature']:.4g}, E_IS {energy} (last half){trades}")
    return Outcome(data, "\n".join(rows), notes=list(dict.fromkeys(note for m in made for note in m.notes)))


def _tuned(job: Job, seconds: float) -> Outcome:
    from glasscli.errors import InputError
    from glasscli.progress import progress
    from glasscli.simulation.tune import candidates, tune

    if job.protocol.kind != "hybrid" or job.protocol.exchange.kernel != "local":
        raise InputError("--tune is for the local kernel: leave out --engine-mc lammps")
    jobs = candidates(job)
    with progress("tuning", len(jobs), "settings") as advance:
        trials = tune(jobs, seconds, advance)
    rows = [
        f"  --md-per-mc {t.md_per_mc:4}  --attempts {t.attempts:8}   E_IS {t.inherent_energy:.4f} ± {t.error:.4f} "
        f"after {t.md_steps} steps"
        for t in trials
    ]
    head = f"after {seconds:g} s of processor time each, deepest first (neighbours in the list may differ by chance):"
    return Outcome({"seconds": seconds, "trials": [vars(t) for t in trials]}, "\n".join([head, *rows]))


def _text(data: dict[str, Any], system: System) -> str:
    energy, icosahedra, audit, verdict = (
        data[key] for key in ("inherent_energy", "icosahedral_fraction", "audit", "verdict")
    )
    pairs = ", ".join(
        f"{pair} {share:.2%}" for pair, share in data["acceptance"].items() if share is not None
    )

    def course(values: dict[str, Any], form: str) -> str:
        first, last, half = (shared.number(values[k], form) for k in ("first", "last", "mean_last_half"))
        return f"{first} -> {last} (last half {half})"

    rows = [
        f"{data['file']}: {data['parent']} at T = {data['temperature']:.4g} {system.temperature_unit}, "
        "molecular dynamics and exchanges (steps are no time)",
        f"  {data['md_steps']} MD steps, {data['attempts']} attempts, {data['accepted']} accepted ({pairs})",
        f"  audit  {audit['checked']} energies against LAMMPS, worst relative error "
        f"{audit['worst_relative_error']:.1e}",
        f"  E_IS   {course(energy, '.4f')} {system.energy_unit}/atom",
        f"  f_ico  {course(icosahedra, '.3f')}",
    ]
    if verdict["label"]:
        rows.append(f"  {verdict['label']}: {verdict['reason']}")
    rows.append(f"  took {data['wall_seconds']:.0f} s ({data['attempts_per_second']:.3g} attempts/s)")
    return "\n".join(rows)
