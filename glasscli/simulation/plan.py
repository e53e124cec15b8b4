"""From what a user asks to a complete, frozen job: where it starts, what LAMMPS reads, impossible starts refused.

The same for every protocol: from random positions, from a stored run, from a bare configuration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.engine.deck import FileStart, RandomStart, Start
from glasscli.engine.launch import IN_PROCESS, OWN, Launch
from glasscli.engine.restart import checked_restart
from glasscli.engine.start import LaunchWish, version_of
from glasscli.errors import InputError, MissingFileError
from glasscli.formats.foreign import open_any
from glasscli.formats.source import Source, check_by_hand, remarks, start_of, system_of, wanted_system
from glasscli.formats.writers import lammps_data
from glasscli.model.protocol import Approach
from glasscli.model.quantities import NoFictiveTemperature
from glasscli.model.system import System, load_system
from glasscli.protocols.protocol import Protocol
from glasscli.protocols.wish import Sample, Wish
from glasscli.simulation.job import Job
from glasscli.store.manifest import Parent
from glasscli.store.results import stored_fictive_reason, stored_fictive_temperature
from glasscli.store.run import Run

DEFAULT_SYSTEM = "wahnstrom"


@dataclass(frozen=True)
class _Origin:
    """Where a run starts: its atoms, how LAMMPS gets them, the file they are from; where they are, unless at random."""

    sample: Sample
    start: Start
    parents: tuple[Parent, ...]
    configuration: Configuration | None = None


def job_of(
    wish: Wish, start: Path | None, output: Path, *, system: str | None = None,
    species: Sequence[str] | None = None, launch: LaunchWish | None = None, command_line: str = "",
    expected: Job | None = None,
) -> Job:  # fmt: skip
    """Return the job of a wish that starts from a file, or from none.

    system: name or TOML file, by default that of the file it starts from, Wahnström's where it starts from none.
    species: names of the file's types 1, 2, ..., by hand. command_line: what the file is to say of how it was made.
    expected: the run that will make the file, where it is not there yet; then the job is one to be estimated, not made.
    Raises InputError for what cannot be, also for a file that names no system or is not of this one; MissingFileError.
    """
    if start is None or start.exists():
        expected = None
    if str(start) == "quench.h5" and expected is None and not Path("quench.h5").exists():
        raise MissingFileError(
            "no quench.h5 in this folder: run `glasscli quench` first, or name the file to start from"
        )
    source: Source | None = None
    notes: list[str] = []
    if start is None:
        chosen = load_system(system or DEFAULT_SYSTEM)
    elif expected is not None:
        chosen = load_system(system) if system else expected.system
    else:
        found = open_any(start)
        check_by_hand(found, species)
        if isinstance(found, Run) and wish.keeps_state:
            source, chosen = found, system_of(found, system)
        else:
            if not isinstance(found, Run):
                check_overlaps(found[-1])  # broken in any system
            chosen = wanted_system(start, system)
            source = start_of(found, start, chosen, species)
            notes = remarks(found, chosen, species)
            if not isinstance(found, Run):
                notes += found.asides
    how = (launch or LaunchWish()).of(chosen, exchanging=wish.exchanges_here(chosen))
    job = plan(chosen, wish, output, command_line, source, how, expected)
    return replace(job, notes=(*notes, *job.notes))


def plan(
    system: System, wish: Wish, output: Path, command_line: str = "", source: Source | None = None,
    launch: Launch = IN_PROCESS, expected: Job | None = None,
) -> Job:  # fmt: skip
    """Return the job of a wish. Raises InputError for what cannot be.

    From a run with a ramp: its last full state before the temperature at which the protocol begins, the ramp repeated
    to exactly there. From any other, or with `wish.from_final`: its last state, with new velocities where the
    temperature changes. From a configuration: its positions, with new velocities.
    """
    wish = wish.launched(launch)
    if expected is not None:
        origin = _of_expected(system, wish, expected)
    elif source is None:
        origin = _at_random(system, wish)
    else:
        wish.check_with_file()
        if isinstance(source, Run) and not wish.keeps_state:
            source = (
                source.inherent_or_frames()[-1],
                Parent(str(source.path), source.manifest.identity),
            )
        if isinstance(source, Run):
            origin = _of_run(system, wish, source, version_of(launch))
        else:
            origin = _of_configuration(system, wish, *source)
    protocol = wish.plan(system, origin.sample)
    if protocol.ensemble.kind == "npt" and origin.configuration and origin.sample.box.tilted:
        # LAMMPS's barostat goes on with no box that is tilted far: the same copies by other vectors.
        atoms = origin.configuration.leaning_as()
        if not atoms.box.matches(origin.sample.box):
            origin = replace(
                origin,
                sample=replace(origin.sample, box=atoms.box),
                start=_data(atoms, system),
                configuration=None,
            )
            protocol = wish.plan(system, origin.sample)
    check_timestep(protocol.timestep, system)
    system.check_space(origin.sample.box.dimension, "the start")
    box = origin.sample.box
    if protocol.moves is not None and protocol.moves.kernel == "local":
        if not box.layer(1.0).plain:
            raise InputError(
                f"our exchanges are for rectangular, periodic boxes, this one is {box.words}: use --engine-mc lammps"
            )
        check_box(box, system)
    if launch.accelerator == OWN and not box.closed:
        raise InputError(
            f"--forces own is for boxes that are periodic everywhere, this one is {box.words}: leave it out, or use "
            "--forces lammps"
        )
    small = (
        f"the box is {box.width:.4g} {system.length_unit} wide, less than two cutoffs ({2 * system.cutoff:g}): "
        "atoms see copies of each other and of themselves"
    )
    notes = (small,) if box.width < 2 * system.cutoff else ()
    return Job(
        system, protocol, output, origin.start, origin.parents, command_line, launch, notes=notes, box=box
    )  # fmt: skip


def _at_random(system: System, wish: Wish) -> _Origin:
    counts, box = wish.at_random(system)
    system.check_neutral(counts, getattr(wish, "composition", None))
    check_box(box, system)
    sample = Sample(counts, box, wish.first_temperature(system, None, wish.fictive), fictive=wish.fictive)
    return _Origin(sample, RandomStart(), ())


def _of_expected(system: System, wish: Wish, made: Job) -> _Origin:
    """The end of a run that is not made yet, of which its own T_f is guessed: the middle of where it is looked for."""
    before, windows, box = made.protocol, system.fictive, made.box
    assert box is not None
    fictive = wish.fictive or before.fictive
    if fictive is None:
        bounds = (windows.glass_below, windows.liquid_above) if windows else before.temperatures
        fictive = sum(bounds) / 2
    temperature = wish.first_temperature(system, before, fictive)
    sample = Sample(before.counts, box, temperature, before if wish.keeps_state else None, fictive=fictive)
    return _Origin(sample, FileStart("start.restart" if wish.keeps_state else "start.data", b""), ())


def _of_configuration(system: System, wish: Wish, configuration: Configuration, parent: Parent) -> _Origin:
    """A crystal, another program's glass, a run of which only the positions count."""
    check_overlaps(configuration, system)
    temperature = wish.first_temperature(system, None, wish.fictive)
    counts = _counts(configuration, system)
    sample = Sample(counts, configuration.box, temperature, fictive=wish.fictive)
    return _Origin(sample, _data(configuration, system), (parent,), configuration)


def _of_run(system: System, wish: Wish, run: Run, lammps_version: int) -> _Origin:
    """A full state of a run: its velocities and its thermostat go on where the LAMMPS is the same."""
    before = run.manifest.protocol
    fictive = wish.fictive
    if fictive is None:
        found = stored_fictive_temperature(run)
        fictive = found[0] if found else before.fictive
    try:
        temperature = wish.first_temperature(system, before, fictive)
    except NoFictiveTemperature as error:
        reason = stored_fictive_reason(run)
        if reason is None:
            raise
        raise NoFictiveTemperature(error.text, f"and {run.path} has none ({reason})") from error
    if before.ramp is not None and not wish.from_final:
        index, approach = _halted(run, before, temperature)
        new_velocities = False
    else:
        if not len(run.state_steps):
            raise InputError(
                f"{run.path} has no stored state to start from; finish it first (glasscli resume)"
            )
        index, approach = -1, None
        new_velocities = wish.from_final or before.temperatures[1] != temperature
    state = run.state(index)
    sample = Sample(
        _counts(state.configuration, system), state.configuration.box, temperature, before, approach,
        new_velocities or wish.new_velocities, fictive,
    )  # fmt: skip
    if state.lammps_version == lammps_version:
        start: Start = FileStart(
            "start.restart", checked_restart(state.restart, f"{run.path}: state {index}")
        )
    else:  # another LAMMPS cannot read the restart: positions and velocities, a thermostat without memory
        start = _data(state.configuration, system)
    return _Origin(sample, start, (Parent(str(run.path), run.manifest.identity),), state.configuration)


def _halted(run: Run, before: Protocol, temperature: float) -> tuple[int, Approach | None]:
    """Which state of a run's ramp comes last before a temperature, and the piece of the ramp from there to it."""
    ramp = before.ramp
    assert ramp is not None
    low, high = sorted((ramp.T_start, ramp.T_end))
    if not low <= temperature <= high:
        raise InputError(
            f"T = {temperature:g} is outside the {before.kind}'s range {low:g} ... {high:g}; "
            "choose one inside, or --from final to reheat the cold glass"
        )
    target = ramp.step_at(temperature)
    index = int(np.searchsorted(run.state_steps, target, side="right")) - 1
    if index < 0:
        raise InputError(f"{run.path} has no stored state at or above T = {temperature:g}")
    first = int(run.state_steps[index])
    if first == target:
        return index, None
    return index, Approach(
        first_step=first, last_step=target, ramp_steps=ramp.steps, timestep=before.timestep, T_start=ramp.T_start,
        T_end=ramp.T_end,
    )  # fmt: skip


def check_timestep(timestep: float, system: System) -> None:
    """Raise InputError for a time step in which nothing moves, or everything flies."""
    if not 1e-6 <= timestep / system.timestep <= 1e4:
        raise InputError(
            f"the time step {timestep:g} is no time step of {system.name}, whose own is {system.timestep:g}"
        )


def check_box(box: Box, system: System) -> None:
    """Raise InputError when an edge is shorter than two cutoffs: an atom would see another twice."""
    if box.width < 2 * system.cutoff:
        raise InputError(
            f"the box of edge {box.width:.4g} {system.length_unit} is smaller than two cutoffs "
            f"({2 * system.cutoff:g}): use more atoms"
        )


def check_overlaps(configuration: Configuration, system: System | None = None) -> None:
    """Raise InputError when two atoms are so close that no integrator could start: a third of the mean spacing.

    Of a dilute sample that spacing is the system's; where no system says it, only what is much closer is broken in any.
    """
    c = configuration
    reach = c.spacing / 30
    if system is not None:
        reach = min(c.spacing, system.spacing) / 3
    pairs = c.box.tree(c.positions).pairs(reach)
    if len(pairs):
        first, second = c.identifiers[pairs[0]]
        raise InputError(
            f"atoms {first} and {second} overlap ({len(pairs)} such pairs): minimise it first, or check its box"
        )


def _data(configuration: Configuration, system: System) -> FileStart:
    # A run begins in the box, whether or not a file says how its atoms got there, and counts its atoms from 1.
    images = (
        np.zeros((configuration.n_atoms, 3), np.int32)
        if configuration.images is None
        else configuration.images
    )
    return FileStart(
        "start.data", lammps_data(replace(configuration, images=images, ids=None), system).encode()
    )


def _counts(configuration: Configuration, system: System) -> tuple[int, ...]:
    """Atoms of each species."""
    counts = configuration.counts
    if max(counts) > system.n_species:
        raise InputError(
            f"the file has species {max(counts)}, but {system.name} has {system.n_species}: wrong --system?"
        )
    found = tuple(counts.get(s, 0) for s in range(1, system.n_species + 1))
    system.check_neutral(found)
    return found
