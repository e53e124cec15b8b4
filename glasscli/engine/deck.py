"""Decks of LAMMPS commands, and the pieces of them that protocols share.

Pure text: the same for a run in process and for `lmp -in` alone.

A deck is cut into legs; a leg is cut at fixed steps by checkpoints. Writing a restart forces LAMMPS to set up its
next run afresh, so the cuts are part of the trajectory and belong in the deck.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from glasscli import __version__
from glasscli.configuration import Box
from glasscli.engine.boxes import box_commands, space_commands
from glasscli.engine.random_atoms import APART
from glasscli.model.protocol import PLAIN, Approach, Ensemble, Exchange, Sampling, Space
from glasscli.model.strain import Straining
from glasscli.model.system import System

THERMO_COLUMNS = ("step", "temp", "pe", "ke", "press", "vol")
STRESS_COLUMNS = ("step", "pxx", "pyy", "pzz", "pxy", "pxz", "pyz")
TILT_COLUMNS = ("step", "xy", "xz", "yz")
EDGE_COLUMNS = ("step", "lx", "ly", "lz")
# A fix gets its state back from a restart when it is declared with the same name: a run's first leg goes on with
# the THERMOSTAT of its parent. Until the first `run` LAMMPS would give that state to any later fix of the name as well,
# so a leg that starts afresh has another name than the one before it.
THERMOSTAT, MELT, HOLD = "thermostat", "melt", "hold"
RESUME = "resume"


@dataclass(frozen=True)
class RandomStart:
    """Atoms at random without overlap, their energy then lowered until the integrator can take over."""


@dataclass(frozen=True)
class FileStart:
    """A file the deck reads: start.restart (velocities, images, thermostat included) or start.data."""

    name: str
    content: bytes


Start = RandomStart | FileStart


@dataclass(frozen=True)
class Leg:
    """One `run`.

    enter   commands when coming from the leg before, not when resuming within this one
    fixes   commands in either case
    ramp    the steps between which a temperature ramp is stretched (run's start and stop)
    kept    whether its frames and thermodynamics are stored
    moves   the exchanges between its steps that glasscli makes itself
    trials  whether it makes the steps, too, and judges them
    loop    commands for `lmp` alone where the steps are no `run`
    """

    name: str
    enter: tuple[str, ...]
    fixes: tuple[str, ...]
    first_step: int
    last_step: int
    ramp: tuple[int, int]
    kept: bool
    moves: Exchange | None = None
    trials: bool = False
    loop: tuple[str, ...] = ()

    @property
    def renewed(self) -> tuple[str, ...]:
        """Those of its fixes that are declared again at each checkpoint."""
        return tuple(line for line in self.fixes if " langevin " in line)

    @property
    def flows(self) -> bool:
        """Whether atoms that cross an edge get the velocity of its other side."""
        return any(" remap v" in line for line in self.fixes)

    @property
    def steps(self) -> int:
        """Length of the leg."""
        return self.last_step - self.first_step


@dataclass(frozen=True)
class Deck:
    """LAMMPS commands in the order they are issued."""

    title: str
    header: tuple[str, ...]
    create: tuple[str, ...]
    interactions: tuple[str, ...]
    prepare: tuple[str, ...]
    legs: tuple[Leg, ...]
    sampling: Sampling

    @property
    def entered(self) -> tuple[str, ...]:
        """Commands before the first leg."""
        return (*self.header, *self.create, *self.interactions, *self.prepare)

    @property
    def resumed(self) -> tuple[str, ...]:
        """Commands before the leg of a checkpoint, whose LAMMPS restart lies in the file RESUME."""
        return (*self.header, f"read_restart {RESUME}", *self.interactions)

    def rebuilt(self, step: int) -> tuple[str, ...]:
        """The same from positions and velocities, a data file RESUME; the thermostat's memory is lost."""
        return (*self.header, f"read_data {RESUME}", *self.interactions, f"reset_timestep {step}")

    def text(self) -> str:
        """The complete input for `lmp -in`, checkpoints and frames included."""
        lines = [f"# {self.title}", f"# written by glasscli {__version__}; run it with: lmp -in FILE", ""]
        lines += self.entered
        for leg in self.legs:
            lines += ["", f"# {leg.name}", *leg.enter, *leg.fixes]
            if leg.trials:
                lines.append(
                    "# glasscli makes these steps in trials of hybrid Monte Carlo; lmp alone keeps the energy"
                )
            if leg.moves:
                lines.append(
                    f"# after every {leg.moves.md_per_mc} steps glasscli makes {leg.moves.attempts} exchange "
                    "attempts here; lmp alone does not"
                )
            if leg.kept and leg is next(one for one in self.legs if one.kept):
                lines += [*_dumps(self.sampling), f"write_restart {leg.name}.{leg.first_step}.restart"]
            if leg.loop:
                lines += [*leg.loop, f"write_restart {leg.name}.end.restart"]
                continue
            start, stop = leg.ramp
            checkpoints = " ".join(
                f'"{line}"' for line in (f"write_restart {leg.name}.*.restart", *leg.renewed)
            )
            lines.append(
                f"run {leg.steps} start {start} stop {stop} every {self.sampling.checkpoint_every} {checkpoints}"
            )
            lines.append(f"write_restart {leg.name}.end.restart")
        return "\n".join(lines) + "\n"


def make_deck(
    title: str, system: System, start: Start, sampling: Sampling, timestep: float, prepare: Sequence[str],
    legs: Sequence[Leg], create: Sequence[str] = (), space: Space = PLAIN,
) -> Deck:  # fmt: skip
    """The deck of legs; `timestep` is that of the first, `create` is needed where the start is no file."""
    if isinstance(start, FileStart):
        create = (f"{'read_restart' if start.name == 'start.restart' else 'read_data'} {start.name}",)
    elif not create:
        raise ValueError(f"{title}: only a melt can start from random positions")
    return Deck(
        title, _header(system, space), tuple(create), _interactions(system, timestep, sampling), tuple(prepare),
        tuple(legs), sampling,
    )  # fmt: skip


def evaluation_commands(system: System, box: Box, data: str = "", ranks: int = 1) -> list[str]:
    """Commands of an instance that only evaluates and minimises configurations in this box.

    data: the data file with its atoms; '' where they are created. Over several `ranks` atoms are sorted in space, which
    large samples need; they come afresh with each configuration, so that the result depends on nothing before.
    """
    # Elsewhere atoms keep their order, for the same reason.
    order = [] if ranks > 1 else [f"atom_modify {'' if data else 'map array '}sort 0 0"]
    atoms = [f"read_data {data}"] if data else box_commands(box, system.n_species)
    return [
        *_header(system, Space.of(box)),
        *order,
        *atoms,
        *_masses(system),
        *(atom_properties(system) if data else ()),
        *system.commands,
        f"neighbor {system.skin:g} bin",
        f"thermo_style custom {' '.join(THERMO_COLUMNS)} fmax",
        "thermo_modify norm yes lost error",
        "min_style cg",
        "min_modify norm max",
    ]


def _header(system: System, space: Space) -> tuple[str, ...]:
    return (f"units {system.units}", f"atom_style {system.atom_style}", *space_commands(space), "suffix opt")


def _masses(system: System) -> tuple[str, ...]:
    """Of species; atoms with diameters have masses of their own."""
    if system.sized:
        return ()
    return tuple(f"mass {i} {s.mass:g}" for i, s in enumerate(system.species, start=1))


def atom_properties(system: System) -> tuple[str, ...]:
    """Commands that give the atoms there are what their species carries: charge, diameter and with it mass.

    Diameters that vary from atom to atom come with the atoms, from a file or from `random_atoms`.
    """
    lines: list[str] = []
    for i, s in enumerate(system.species, start=1):
        if system.charged:
            lines.append(f"set type {i} charge {s.charge:.17g}")
        if s.diameter is not None:
            lines.append(f"set type {i} diameter {s.diameter:.17g}")
        if system.sized:
            lines.append(f"set type {i} mass {s.mass:.17g}")
    return tuple(lines)


def _interactions(system: System, timestep: float, sampling: Sampling) -> tuple[str, ...]:
    return (
        *_masses(system),
        *atom_properties(system),
        *system.commands,
        f"neighbor {system.skin:g} bin",
        "neigh_modify every 1 delay 0 check yes",
        f"timestep {timestep:.10g}",
        f"thermo {sampling.thermo_every}",
        f"thermo_style custom {' '.join(THERMO_COLUMNS)}",
        "thermo_modify norm yes lost error format float %20.15g",
    )


def prepare(
    start: Start, seed: int, temperature: float, new_velocities: bool, apart: int = APART
) -> tuple[str, ...]:
    """Commands that make atoms ready for the integrator: apart from each other (in so many iterations), and moving."""
    lines: list[str] = []
    if isinstance(start, RandomStart):
        lines += ["min_style cg", f"minimize 0 1e-3 {apart} {10 * apart}", "reset_timestep 0"]
    if new_velocities:
        lines.append(f"velocity all create {temperature:.17g} {seed} mom yes rot no dist gaussian")
    return tuple(lines)


def integrate(
    name: str, ensemble: Ensemble, hot: float, cold: float, timestep: float, seed: int,
    pressures: tuple[float, float] | None = None, space: Space = PLAIN,
) -> tuple[str, ...]:  # fmt: skip
    """Fixes of an ensemble, the thermostat called `name`, from one temperature to another over a leg's ramp.

    pressures: those of npt at the two ends of the ramp, where they are not the ensemble's one.
    """
    # Fixes act in the order in which they were first declared: each thermostat has a plane of its own after it.
    plane = (f"fix plane_{name} all enforce2d",) if space.dimension == 2 else ()
    temp = f"{hot:.17g} {cold:.17g} {ensemble.thermostat_steps * timestep:.10g}"
    if ensemble.kind == "nvt":
        return (f"fix {name} all nvt temp {temp}", *plane)
    if ensemble.kind == "langevin":
        # Its random numbers are in no restart: declared again at every checkpoint, with a seed made of the step.
        return (
            "fix integrate all nve",
            f"fix {name} all langevin {temp} $(1+({seed}+step)%900000000:%.0f)",
            *plane,
        )
    first, last = pressures or (ensemble.pressure or 0.0, ensemble.pressure or 0.0)
    damping = ensemble.barostat_steps * timestep
    # A tilt of more than half an edge would be flipped at once: the vectors are to stay what they are called.
    flip = " flip no" if space.tilted else ""
    # Space grows from here, and not from the middle of the box that there is, which a restart rounds anew.
    fixed = "fixedpoint 0 0 0"
    return (
        f"fix {name} all npt temp {temp} iso {first:.17g} {last:.17g} {damping:.10g} {fixed}{flip}",
        *plane,
    )


def straining(how: Straining, most: int) -> tuple[str, ...]:
    """Steps of strain in LAMMPS's own words: the box deformed, the atoms taken along, conjugate gradients to rest.

    most: iterations of each. LAMMPS alone bisects no rearrangement. Free sides go down with the atoms, by a fix that
    asks the tolerance of V times their stress.
    """
    rest = [f"minimize 0 {how.force:g} {most} {10 * most}"]
    lines = ["min_style cg", "min_modify norm max", *rest]
    if sides := ["xyz"[k] for k in how.strain.giving]:
        if how.pressure is None:  # that of the start at rest
            mean = "+".join(f"p{a}{a}" for a in sides)
            lines.append(f"variable held equal $(({mean})/{len(sides)}:%.17g)")
        else:
            lines.append(f"variable held equal {how.pressure:.17g}")
        kept = " ".join(f"{a} ${{held}}" for a in sides)
        rest = [f"fix sides all box/relax {kept}", *rest, "unfix sides"]
        lines += rest
    vectors, generator = np.array(how.box), how.strain.generator
    for k, (first, last, steps) in enumerate(how.path.pieces):
        lines += [f"variable step{k} loop {steps}", f"label piece{k}"]
        lines.append(f"variable strain equal {first:.17g}+({last - first:.17g})*v_step{k}/{steps}")
        words = []
        for d, axis in enumerate("xyz"[: how.strain.dimension]):
            if rate := generator[d, d]:
                words.append(f"{axis} final 0 $({vectors[d, d]:.17g}*exp({rate:.17g}*v_strain):%.17g)")
        for name, row, column in (("xy", 1, 0), ("xz", 2, 0), ("yz", 2, 1)):
            tilt, shear, stretch = vectors[row, column], generator[column, row], generator[column, column]
            if shear:
                tilt = f"{tilt:.17g}+{shear:.17g}*v_strain*{vectors[row, row]:.17g}"
            elif tilt and stretch:
                tilt = f"{tilt:.17g}*exp({stretch:.17g}*v_strain)"
            else:
                continue
            words.append(f"{name} final $({tilt}:%.17g)")
        lines += [
            f"change_box all {' '.join(words)} remap units box",
            *rest,
            f"next step{k}",
            f"jump SELF piece{k}",
        ]
    return tuple(lines)


def approaching(approach: Approach, ensemble: Ensemble, seed: int, space: Space = PLAIN) -> Leg:
    """The leg that repeats a piece of the parent's ramp, with the parent's own thermostat."""
    a = approach
    fixes = integrate(THERMOSTAT, a.ensemble or ensemble, a.T_start, a.T_end, a.timestep, seed, space=space)
    return Leg("approach", (), fixes, a.first_step, a.last_step, (0, a.ramp_steps), False)


def swaps(exchange: Exchange, counts: Sequence[int], start: Start) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Names of the fixes with which LAMMPS itself makes exchanges, and the species (from 1) that each is for.

    counts: atoms of each species. One a pair of species that there are and is to be exchanged, because fix atom/swap
    exchanges two; one for all where atoms change species. The names are the run's own: a parent's counters and random
    state are not wanted.
    """
    name = f"swap{zlib.crc32(start.content) if isinstance(start, FileStart) else 0:08x}"
    species = tuple(range(1, len(counts) + 1))
    if exchange.chemical_potentials is not None or len(species) == 2:
        return ((name, species),)
    there = [s for s in species if counts[s - 1]]
    return tuple((f"{name}_{a}_{b}", (a, b)) for a, b in combinations(there, 2) if exchange.weight(a, b) > 0)


def swap(
    exchange: Exchange, counts: Sequence[int], seed: int, temperature: float, start: Start
) -> tuple[str, ...]:
    """The fixes of `swaps`, each with random numbers of its own and as many attempts as its weight says, at least one.

    Each is a Markov chain that keeps the equilibrium by itself, whatever the others do.
    """
    mu = exchange.chemical_potentials
    more = "" if mu is None else f" semi-grand yes mu {' '.join(f'{value:.17g}' for value in mu)}"
    return tuple(
        f"fix {name} all atom/swap {exchange.md_per_mc} {_attempts(exchange, types)} {seed + k} "
        f"{temperature:.17g} ke yes types {' '.join(map(str, types))}{more}"
        for k, (name, types) in enumerate(swaps(exchange, counts, start))
    )


def _attempts(exchange: Exchange, types: tuple[int, ...]) -> int:
    """Attempts of a fix for two species, or for all."""
    return exchange.attempts if len(types) > 2 else max(1, round(exchange.attempts * exchange.weight(*types)))


def restart_clock(before: str | None) -> tuple[str, ...]:
    """Steps count from zero at the start of a kept leg, which follows one with the fix `before`."""
    return (f"unfix {before}", "reset_timestep 0") if before else ()


def _dumps(sampling: Sampling) -> list[str]:
    """Text dumps of the frames that glasscli stores; log-spaced blocks take one file an offset."""
    lines = []
    every = sampling.frames.every
    for offset in sampling.frames.offsets:
        name = f"frames{offset}" if offset else "frames"
        lines.append(f"dump {name} all custom {every} {name}.dump id type x y z ix iy iz")
        lines.append(f"dump_modify {name} sort id format float %.10g" + ("" if offset else " first yes"))
        if offset:
            lines += [
                f"variable {name} equal stagger({every},{offset})",
                f"dump_modify {name} every v_{name}",
            ]
    return lines
