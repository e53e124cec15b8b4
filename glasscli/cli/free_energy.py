"""`glasscli free-energy`: absolute free energies of crystals and liquids, melting points, which mixture wins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from glasscli.cli import options as shared
from glasscli.cli.claims import claims, force_option
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.eos import pair_of
from glasscli.cli.many import jobs_option
from glasscli.errors import EXIT_DONE, EXIT_FAILED, EXIT_RESUMABLE, InputError
from glasscli.model.composition import Composition
from glasscli.model.quantities import parse_temperature
from glasscli.model.system import System, load_system
from glasscli.report.beside import Outputs

if TYPE_CHECKING:
    from glasscli.free_energy.crystal import Effort
    from glasscli.free_energy.glass import Relaxation
    from glasscli.simulation.cost import Estimate

BY = {"both": ("ideal gas", "uhlenbeck-ford"), "gas": ("ideal gas",), "fluid": ("uhlenbeck-ford",)}


# The first word that asks for the entropy of a glass-former, from runs; options of that, and of phases.
GLASS = "glass"
# And the one that asks for a crystal beside its melt.
COEXIST = "coexist"
OF_COEXISTENCE = ("temperature", "pressure", "atoms", "system_name")
OF_GLASS = ("structures", "q")
OF_PHASES = (
    "system_name", "temperature", "volume", "atoms", "composition", "liquid_by", "mix", "mix_volume", "liquidus",
    "pressure", "glasses",
)  # fmt: skip


@make_command(
    "free-energy",
    epilog="Examples:\n"
    "  glasscli free-energy c14 liquid --composition 0.6667 --volume 0.706 --temperature 0.8,0.9,1.0\n"
    "  glasscli free-energy c15@0.66,0.7,0.74 hcp-large@0.92,0.97,1.02 liquid@0.767 --temperature 0.64"
    " --mix c15,hcp-large --composition 0.5 --mix-volume 0.767\n"
    "  glasscli free-energy c14 c15 --temperature 0.5 --atoms 400,1000 --dry-run\n"
    "  glasscli free-energy c14@0.64,0.66,0.7 hcp-large@0.9,0.95,1 liquid@0.706 --liquidus 0.4,0.5,0.6667,0.8"
    " --temperature 0.7,0.9,1.1\n"
    "  glasscli free-energy c14@0.64,0.66,0.706 liquid:0.5@0.775,0.82 liquid:0.6667@0.706,0.75 --pressure 10"
    " --temperature 0.8,1.0\n"
    "  glasscli free-energy glass dynamics/T*-1.h5 --q 7.25\n"
    "  glasscli free-energy coexist fcc --system mine.toml --pressure 2.185 --temperature 0.75,0.8,0.85 --atoms 800",
)
@click.argument(
    "phases",
    nargs=-1,
    required=True,
    metavar="PHASE[:X][@V/N,...]... | glass FILE... | coexist PHASE",
)
@shared.system_option
@click.option("--temperature", metavar="T,...", help="As 0.5,0.64 or 300K.  [default: of runs theirs]")
@click.option("--volume", metavar="V/N,...", help="Of phases that name none.  [default: the system's]")
@click.option(
    "--atoms",
    default="500",
    metavar="N,...",
    help="Of each sample; crystals of several sizes are extrapolated.",
)
@click.option(
    "--composition",
    type=shared.COMPOSITION,
    help="Of the liquid and of --mix: share of species 2, or A=0.5,B=0.5.",
)
@click.option(
    "--liquid-by",
    type=click.Choice(list(BY)),
    default="both",
    help="From the ideal gas, the Uhlenbeck-Ford fluid, or both.",
)
@click.option("--mix", metavar="A,B", help="Two of the crystals that share --mix-volume at --composition.")
@click.option("--mix-volume", type=float, help="Of the mixture, per atom.  [default: both at rest]")
@click.option(
    "--liquidus", metavar="X,...", help="Shares of species 2 of liquids, for where each begins to freeze."
)
@click.option(
    "--pressure",
    type=float,
    help="Of --liquidus, and to compare phases at.  [default: each liquid's at its volume]",
)
@click.option(
    "--glass",
    "glasses",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="A run: F of its deepest inherent structure, beside --mix and the liquid.",
)
@click.option(
    "--structures",
    type=click.IntRange(2),
    default=8,
    help="Inherent structures of each temperature of a glass-former, at most.",
)
@click.option("--q", metavar="Q", help="Wave number of tau_alpha.  [default: the first peak of S(q)]")
@click.option("--switches", type=click.IntRange(2), default=6, help="There, and as many back.")
@click.option("--steps", type=click.IntRange(10), default=400, help="Of each switch.")
@click.option(
    "--rounds",
    type=click.IntRange(100),
    default=1000,
    help="Of each mean, and half as many to settle.",
)
@click.option("--seed", type=click.IntRange(1), default=1, help="Of all that is drawn by lot.")
@jobs_option
@click.option(
    "--walltime",
    metavar="[D-]H:M:S",
    help="Stop after what fits (exit code 75).  [default: the batch system's]",
)
@click.option("--dry-run", is_flag=True, help="Say what it costs and do nothing.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("free-energy"),
    metavar="STEM",
    help="Results are kept in STEM.db, tables and figures are STEM-*.",
)
@click.option("--no-figure", is_flag=True, help="Write tables only.")
@shared.format_option
@shared.style_option
@force_option
def command(
    phases: tuple[str, ...], system_name: str | None, temperature: str | None, volume: str | None, atoms: str,
    composition: Composition | None, liquid_by: str, mix: str | None, mix_volume: float | None, liquidus: str | None,
    pressure: float | None, glasses: tuple[Path, ...], structures: int, q: str | None, switches: int, steps: int,
    rounds: int, seed: int, jobs: int | None, walltime: str | None, dry_run: bool, output: Path, no_figure: bool,
    format_: str, force: bool,
) -> Outcome:  # fmt: skip
    """Absolute free energies F(V, T) of PHASES: crystals by name, and `liquid`.

    Crystals are switched to Einstein crystals and back, liquids come from the ideal gas along their isochore and from
    the Uhlenbeck-Ford fluid; `liquid:0.5` is one of that share of the second species, at volumes of its own. A crystal
    and a liquid of its composition give melting points, two crystals a mixture at fixed volume, liquids of several
    compositions and --pressure a liquidus. Every piece of work is kept in STEM.db: the same command goes on where it
    was stopped.

    `glass` and runs at several temperatures (of `dynamics`, `hybrid`, `anneal`) give the entropy of a glass-former:
    that of the liquid, of vibrations, what is left between them, and where it would vanish.

    `coexist` and a crystal put it beside its melt, at --pressure, and say at which temperatures which of them grows.
    """
    from glasscli.analysis.workers import available_cores
    from glasscli.free_energy.crystal import Effort
    from glasscli.free_energy.pieces import cost
    from glasscli.free_energy.question import Question, Wanted
    from glasscli.free_energy.study import answer, pieces_of
    from glasscli.simulation.stopping import stop_for

    glass, effort = phases[0] == GLASS, Effort(switches, steps, rounds)
    shared.given_without_use(
        OF_PHASES if glass else OF_GLASS, "is of PHASES, not of runs" if glass else "is of `glass` and runs"
    )
    kept, cores = output.with_name(output.name + ".db"), jobs or available_cores()
    # Tables beside results that are kept were made of them.
    outputs = Outputs(output, not no_figure, format_, claims(), own=kept.exists())
    if glass:
        from glasscli.free_energy.glass import GlassQuestion, glass_entropy, pieces

        files = tuple(map(Path, phases[1:]))
        of_runs = GlassQuestion(files, structures, effort, seed, _relaxations(files, q, not dry_run))
        if dry_run:
            of_all = pieces(of_runs)
            return _cost(cost(of_all, kept), len(of_all), cores)
        entropies = glass_entropy(
            of_runs, outputs.claim(("entropy",), ("entropy",)), kept, cores, stop_for(walltime)
        )
        code = EXIT_RESUMABLE if entropies.missing else EXIT_DONE
        return Outcome(entropies.data, entropies.text(), code, entropies.notes)
    system = load_system(system_name or "wahnstrom")
    if phases[0] == COEXIST:
        return _coexist(
            system,
            phases[1:],
            temperature,
            pressure,
            atoms,
            effort,
            seed,
            dry_run,
            outputs,
            kept,
            cores,
            walltime,
        )
    if temperature is None:
        raise InputError("free-energy needs temperatures: give --temperature 0.5,0.64")
    unit = system.unit_system.pressure_per_energy_density
    asked = Question(
        tuple(Wanted(name, _numbers(volumes, "V/N") if volumes else ()) for name, volumes in map(_split, phases)),
        _temperatures(temperature, system), _numbers(volume, "--volume") if volume else (),
        tuple(sorted({_whole(n) for n in _numbers(atoms, "--atoms")})), BY[liquid_by], composition, pair_of(mix),
        mix_volume, _shares(liquidus), None if pressure is None else pressure / unit, glasses,
        effort, seed,
    )  # fmt: skip
    if dry_run:
        planned = pieces_of(system, asked)
        return _cost(cost(planned, kept), len(planned), cores)
    found = answer(
        system, asked, outputs.claim(("phases",), ("curves", "liquidus")), kept, cores, stop_for(walltime)
    )
    code = EXIT_RESUMABLE if found.missing else EXIT_DONE if found.rows else EXIT_FAILED
    return Outcome(found.data, found.text(), code, found.notes)


def _coexist(
    system: System, phases: tuple[str, ...], temperature: str | None, pressure: float | None, atoms: str,
    effort: Effort, seed: int, dry_run: bool, outputs: Outputs, kept: Path, cores: int, walltime: str | None,
) -> Outcome:  # fmt: skip
    from glasscli.free_energy.coexistence import coexistence, interfaces
    from glasscli.free_energy.pieces import cost
    from glasscli.simulation.stopping import stop_for

    shared.given_without_use(
        (*OF_GLASS, *(name for name in OF_PHASES if name not in OF_COEXISTENCE), "switches", "steps"),
        "is not of `coexist`",
    )
    if len(phases) != 1 or temperature is None or pressure is None:
        raise InputError(
            "free-energy coexist needs one crystal, --pressure and --temperature: coexist fcc --pressure 2 "
            "--temperature 0.7,0.8,0.9"
        )
    unit = system.unit_system.pressure_per_energy_density
    size = _whole(_numbers(atoms, "--atoms")[-1])
    pieces = interfaces(
        system, phases[0], _temperatures(temperature, system), pressure / unit, size, effort, seed
    )
    if dry_run:
        return _cost(cost(pieces, kept), len(pieces), cores)
    found = coexistence(pieces, outputs.claim(("growth",)), kept, cores, stop_for(walltime))
    code = EXIT_RESUMABLE if found.missing else EXIT_DONE if found.runs else EXIT_FAILED
    return Outcome(found.data, found.text(), code, found.notes)


def _cost(found: Estimate, pieces: int, cores: int) -> Outcome:
    seconds = 3600 * found.core_hours / max(1, min(cores, pieces))
    what, where = "piece" if pieces == 1 else "pieces", "core" if cores == 1 else "cores"
    said = f"{pieces} {what} of work, about {seconds / 60:.1f} minutes on {cores} {where}; nothing was done"
    data = found.data | {"tasks": pieces, "seconds": seconds, "jobs": cores}
    return Outcome(data, f"{said}\n{found.text()}")


def _relaxations(files: tuple[Path, ...], q: str | None, wanted: bool) -> dict[Path, Relaxation]:
    """What the motion in runs says, all at one wave number; nothing of those whose steps are no time."""
    from glasscli.dynamics.choices import DynamicsChoices
    from glasscli.dynamics.ladder import commonest
    from glasscli.dynamics.measured import measure
    from glasscli.free_energy.glass import Relaxation
    from glasscli.store.reader import is_run, open_run

    chosen = None if q is None else _numbers(q, "--q")
    found = dict[Path, Relaxation]()
    for path in files if wanted else ():
        protocol = open_run(path).manifest.protocol if is_run(path) else None
        if protocol is None or not protocol.timed or protocol.constant_temperature is None:
            continue
        liquid = measure(path, None, DynamicsChoices(q=chosen, van_hove=False))
        chosen = chosen or tuple(one.q for one in liquid.taus["all"])
        tau, judged = liquid.taus[commonest(liquid)][0], liquid.equilibrium
        time, error = tau.passage.time, tau.error
        found[path] = Relaxation(
            None if time is None else time * liquid.step, None if error is None else error * liquid.step,
            judged.equilibrated, judged.reason, liquid.unit,
        )  # fmt: skip
    return found


def _shares(text: str | None) -> tuple[float, ...]:
    found = () if text is None else shared.numbers(text, "--liquidus", "shares such as 0.5,0.6667")
    if any(not 0 <= x <= 1 for x in found) or len(set(found)) == 1:
        raise InputError(f"--liquidus {text}: give two shares or more, between 0 and 1")
    return tuple(sorted(set(found)))


def _numbers(text: str, option: str) -> tuple[float, ...]:
    return shared.positive_numbers(text, option, "numbers such as 0.7,0.75")


def _split(word: str) -> tuple[str, str]:
    name, at, volumes = word.partition("@")
    if at and not volumes:
        raise InputError(f"{word!r} names no volume after @, such as c15@0.7,0.74")
    return name.strip(), volumes


def _temperatures(text: str, system: System) -> tuple[float, ...]:
    return tuple(sorted({parse_temperature(word.strip(), system) for word in text.split(",")}))


def _whole(number: float) -> int:
    if number != int(number):
        raise InputError(f"--atoms {number:g} is no whole number")
    return int(number)
