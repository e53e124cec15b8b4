"""The protocols as functions: options are those of the command line, the answer is the run, opened.

Temperatures and lengths are numbers or what the command line takes ("0.95Tf", "0.1us"); None means the default. A
finished run is only opened, an unfinished one gone on with. All raise GlassError with the command's one line.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from glasscli.analysis.outcome import make
from glasscli.api.files import OpenRun
from glasscli.engine.start import LaunchWish
from glasscli.formats.species import by_hand
from glasscli.model.composition import Composition, parse_composition
from glasscli.protocols.kinds.anneal import AnnealWish
from glasscli.protocols.kinds.hybrid import HybridWish
from glasscli.protocols.kinds.quench import QuenchWish
from glasscli.protocols.wish import SamplingWish, Wish
from glasscli.simulation.plan import job_of
from glasscli.simulation.stopping import stop_for

EnsembleName = Literal["nvt", "npt", "langevin"]
ForcesName = Literal["own", "lammps"]
# Options whose names on the command line are others.
_NAMES = {"origin": "from", "output": "-o"}


def quench(
    start: str | Path | None = None, *, system: str | None = None, species: str | None = None, atoms: int | None = None,
    composition: Composition | str | None = None, volume_per_atom: float | None = None,
    species_volumes: tuple[float, ...] | None = None, T_start: float | str | None = None,
    T_end: float | str | None = None, steps: int | str | None = None, rate: float | None = None,
    equilibration: int | None = None, ensemble: EnsembleName | None = None, pressure: float | None = None,
    timestep: float | None = None, seed: int = 1, every: int | None = None, log_spaced: bool = False,
    inherent_every: int | None = None, thermo_every: int | None = None, checkpoint_every: int | None = None,
    velocities: bool = False, stress_every: int | None = None, precision: float | None = None,
    ranks: int | None = None, lmp: str | None = None, accelerator: str | None = None,
    forces: ForcesName | None = None,
    output: str | Path = "quench.h5", force: bool = False, walltime: str | None = None,
    command_line: str | None = None,
) -> OpenRun:  # fmt: skip
    """Quench a melt to a glass and find its fictive temperature (`glasscli quench`).

    start: a structure file instead of random positions; species: what its types are ("Zr,Cu"). command_line: what the
    file is to say of how it was made, by default the same as a command line.
    """
    line = command_line or _line("quench", locals())
    if isinstance(composition, str):
        composition = parse_composition(composition)
    wish = QuenchWish(
        atoms=atoms, composition=composition, volume_per_atom=volume_per_atom, species_volumes=species_volumes,
        T_start=T_start, T_end=T_end, steps=steps, rate=rate, equilibration=equilibration, ensemble=ensemble,
        pressure=pressure, timestep=timestep, seed=seed,
        sampling=SamplingWish(
            every, log_spaced, inherent_every, thermo_every, checkpoint_every, velocities, stress_every=stress_every,
            precision=precision,
        ),
    )  # fmt: skip
    return _run(
        wish,
        start,
        output,
        system,
        species,
        LaunchWish(ranks, lmp, accelerator, forces),
        force,
        walltime,
        line,
    )


def anneal(
    start: str | Path = "quench.h5", *, T: float | str, time: str | None = None, steps: int | str | None = None,
    Tf: float | None = None, origin: Literal["ramp", "final"] = "ramp", new_velocities: bool = False,
    system: str | None = None, species: str | None = None, ensemble: EnsembleName | None = None,
    pressure: float | None = None, timestep: float | None = None, seed: int = 1, every: int | None = None,
    log_spaced: bool = False,
    inherent_every: int | None = None, thermo_every: int | None = None, checkpoint_every: int | None = None,
    velocities: bool = False, stress_every: int | None = None, precision: float | None = None,
    harvest: bool = False, ranks: int | None = None, lmp: str | None = None,
    accelerator: str | None = None,
    forces: ForcesName | None = None, output: str | Path = "anneal.h5", force: bool = False,
    walltime: str | None = None, command_line: str | None = None,
) -> OpenRun:  # fmt: skip
    """Hold a glass at a constant temperature (`glasscli anneal`).

    origin: --from. species: what the types of a structure file are ("Zr,Cu").
    command_line: what the file is to say of how it was made, by default the same as a command line.
    """
    line = command_line or _line("anneal", locals())
    wish = AnnealWish(
        T, steps=steps, duration=time, fictive=Tf, from_final=origin == "final", new_velocities=new_velocities,
        ensemble=ensemble, pressure=pressure, timestep=timestep, seed=seed,
        sampling=SamplingWish(
            every, log_spaced, inherent_every, thermo_every, checkpoint_every, velocities, harvest, stress_every,
            precision,
        ),
    )  # fmt: skip
    return _run(
        wish,
        start,
        output,
        system,
        species,
        LaunchWish(ranks, lmp, accelerator, forces),
        force,
        walltime,
        line,
    )


def hybrid(
    start: str | Path = "quench.h5", *, T: float | str, steps: int | str | None = None, Tf: float | None = None,
    origin: Literal["ramp", "final"] = "ramp", new_velocities: bool = False, system: str | None = None,
    species: str | None = None,
    ensemble: EnsembleName | None = None, pressure: float | None = None, timestep: float | None = None,
    seed: int = 1, every: int | None = None, log_spaced: bool = False, inherent_every: int | None = None,
    thermo_every: int | None = None, checkpoint_every: int | None = None, velocities: bool = False,
    stress_every: int | None = None, precision: float | None = None,
    engine_mc: Literal["local", "lammps"] | None = None, md_per_mc: int | None = None,
    attempts: int | None = None, mu: tuple[float, ...] | None = None,
    pair_weights: Mapping[str, float] | None = None, width: float | None = None,
    partners: Literal["ready", "any"] | None = None,
    sampler: Literal["hmc", "nvt", "npt", "langevin"] | None = None, deep: bool = False, ranks: int | None = None,
    keep_going: bool = False, lmp: str | None = None, accelerator: str | None = None,
    forces: ForcesName | None = None,
    output: str | Path = "hybrid.h5", force: bool = False, walltime: str | None = None, command_line: str | None = None,
) -> OpenRun:  # fmt: skip
    """Relax a glass by dynamics and exchanges of atoms in turns (`glasscli hybrid`).

    origin: --from. species: what the types of a structure file are ("Zr,Cu").
    command_line: what the file is to say of how it was made, by default the same as a command line.
    """
    line = command_line or _line("hybrid", locals())
    wish = HybridWish(
        T, steps=steps, fictive=Tf, from_final=origin == "final", new_velocities=new_velocities,
        ensemble=ensemble, pressure=pressure, timestep=timestep, seed=seed, engine_mc=engine_mc,
        md_per_mc=md_per_mc, attempts=attempts, mu=mu,
        pair_weights=None if pair_weights is None else dict(pair_weights), width=width, partners=partners,
        sampler=sampler, deep=deep,
        sampling=SamplingWish(
            every, log_spaced, inherent_every, thermo_every, checkpoint_every, velocities, stress_every=stress_every,
            precision=precision,
        ),
    )  # fmt: skip
    return _run(
        wish,
        start,
        output,
        system,
        species,
        LaunchWish(ranks, lmp, accelerator, forces),
        force,
        walltime,
        line,
        keep_going,
    )


def _run(
    wish: Wish, start: str | Path | None, output: str | Path, system: str | None, species: str | None,
    launch: LaunchWish, force: bool, walltime: str | None, line: str, keep_going: bool = False,
) -> OpenRun:  # fmt: skip
    """Make the run as its command does, measured, and open it."""
    path = None if start is None else Path(start)
    job = job_of(
        wish, path, Path(output), system=system, species=by_hand(species), launch=launch,
        command_line=line,
    )  # fmt: skip
    job = replace(job, keep_going=keep_going)
    return OpenRun(make(job, force=force, stop=stop_for(walltime)).run)


def _line(kind: str, given: Mapping[str, object]) -> str:
    """The command line that does the same; `given` has all arguments by name."""
    words = ["glasscli", kind, *([str(given["start"])] if given["start"] is not None else [])]
    for name, value in given.items():
        if name in ("start", "command_line") or value is None or value is False:
            continue
        plain = _NAMES.get(name, name.replace("_", "-"))
        words.append(plain if plain.startswith("-") else f"--{plain}")
        if value is not True:
            if isinstance(value, Mapping):
                value = tuple(f"{key}={number}" for key, number in value.items())
            words.append(",".join(map(str, value)) if isinstance(value, tuple) else str(value))
    return shlex.join(words)
