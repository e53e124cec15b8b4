"""Crystals of a wanted size, volume and composition, and random liquids."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from glasscli.configuration import Box, Configuration, Floats
from glasscli.engine.forces import Forces
from glasscli.errors import InputError
from glasscli.limits import SAMPLE
from glasscli.model.composition import Composition
from glasscli.model.system import System
from glasscli.structures.phases import Phase, phase_named
from glasscli.structures.relax import CrystalEnergy
from glasscli.structures.stacked import along_diagonal, stacked_atoms

# Boxes longer than this many times their width are left out as long as there are others.
MAX_ASPECT = 2.0
SCAN_LOW, SCAN_HIGH, SCAN_POINTS = 0.5, 2.2, 26


@dataclass(frozen=True)
class Crystal:
    """A crystal in a box. `repeats` counts unit cells, `parameters` are c/a and internal coordinates."""

    phase: Phase
    configuration: Configuration
    repeats: tuple[int, int, int]
    parameters: dict[str, float]


def build_crystal(
    system: System,
    phase: Phase,
    atoms: int | None = None,
    volume: float | None = None,
    edges: tuple[float, ...] | None = None,
    relaxed: bool = True,
    two_cutoffs: bool = False,
    composition: Composition | None = None,
    seed: int = 1,
    cells: tuple[int, ...] | None = None,
    box: tuple[float, ...] | None = None,
    stacked: bool = False,
) -> Crystal:
    """Return a crystal in the cell nearest to a number of atoms.

    atoms: wanted number; None takes the smallest box with edges of two cutoffs. cells: how often the unit cell is
    repeated along each axis, instead of a number of atoms. box: the edges of the whole box of these cells, into which
    the crystal is stretched, instead of a volume. volume: per atom; None takes the
    energy minimum (a repulsive system's default volume). edges: (a,) or (a, c) of the conventional cell instead of a
    volume, taken as they are. relaxed: c/a and internal coordinates minimise the energy at that volume.
    stacked: of a face-centred cubic phase the cell with [111] along z.
    two_cutoffs: every edge at least two cutoffs. composition: share of species 2, or shares by name, reached by
    substitution at random with the seed. Raises InputError for numbers that cannot be.
    """
    if volume is not None and not (np.isfinite(volume) and volume > 0):
        raise InputError(f"volume per atom {volume:g} is not positive")
    parameters = dict(phase.prototype.parameters)
    in_cell = stacked_atoms(phase) if stacked else phase.prototype.atoms
    if cells is not None:  # counted before energies are asked for
        check_count(in_cell, _whole(cells))
    if box is not None:
        if len(box) != 3 or not all(np.isfinite(e) and e > 0 for e in box):
            raise InputError(f"box {','.join(f'{e:g}' for e in box)} is not three positive lengths")
        if cells is None:
            raise InputError("a box needs the number of cells along each edge: give --cells too")
        volume = float(np.prod(box) / (math.prod(_whole(cells)) * in_cell))
    if edges is not None:
        volume, parameters = _from_edges(phase, edges, parameters)
    elif volume is None or (relaxed and parameters):
        with Forces(system) as forces:
            crystal = CrystalEnergy(phase, forces)
            volume = volume or rest_volume(crystal, system.defaults.volume_per_atom, relaxed)
            if relaxed and parameters:
                parameters = crystal.relaxed(volume).parameters
    cell = phase.cell(volume, parameters)
    if stacked:
        cell = along_diagonal(cell)
    shortest = 2 * system.cutoff if two_cutoffs or atoms is None else 0.0
    repeats = choose_repeats(phase.name, cell, atoms, shortest) if cells is None else _whole(cells)
    configuration = replicate(cell, repeats)
    if box is not None:
        whole = Box(np.array(box))
        stretched = whole.cartesian(configuration.box.fractional(configuration.positions))
        configuration = Configuration(stretched, configuration.species, whole)
    if composition is not None:
        configuration = substitute(configuration, system.counts(configuration.n_atoms, composition), seed)
    return Crystal(phase, configuration, repeats, parameters)


def rest_volume(crystal: CrystalEnergy, volume: float, relaxed: bool = True) -> float:
    """Return the volume per atom of lowest energy, looked for around `volume`; `volume` itself when there is none."""
    volumes = np.geomspace(SCAN_LOW, SCAN_HIGH, SCAN_POINTS) * volume
    energies = crystal.scan(volumes)
    dips = [i for i in range(1, len(volumes) - 1) if energies[i - 1] > energies[i] < energies[i + 1]]
    if not dips:
        return volume
    middle = min(dips, key=lambda i: energies[i])
    low, high = volumes[middle - 1], volumes[middle + 1]
    step = volumes[1] / volumes[0]
    found = float(volumes[middle])
    for _ in volumes:
        result = minimize_scalar(
            lambda v: crystal.relaxed(v).energy if relaxed else crystal.ideal(v),
            bounds=(low, high), method="bounded", options={"xatol": 1e-7 * volume},
        )  # fmt: skip
        found, near = float(result.x), 1e-4 * (high - low)
        # The ideal structure may dip elsewhere than the relaxed one: a lowest energy at an end goes on beyond it.
        if high - found < near and high < volumes[-1]:
            low, high = high / step, high * step
        elif found - low < near and low > volumes[0]:
            low, high = low / step, low * step
        else:
            break
    return found


def choose_repeats(
    name: str, cell: Configuration, atoms: int | None, shortest: float
) -> tuple[int, int, int]:
    """Return how often a unit cell is repeated along each axis for the count nearest to `atoms`.

    shortest: least length of an edge. Among equal counts the box nearest to a cube is taken. Raises InputError when
    not even one cell has so few atoms.
    """
    least = cell.box.repeats_for(shortest * (1 - 1e-9))
    if atoms is None:
        return int(least[0]), int(least[1]), int(least[2])
    n = cell.n_atoms
    smallest = n * math.prod(map(int, least))
    if atoms < n or (shortest and atoms < 0.75 * smallest):
        why = f"the cell of {name} has {n} atoms"
        if smallest > n:
            why += f", a box of two cutoffs {smallest}"
        raise InputError(f"{name} of {atoms} atoms cannot be: {why}; ask for {smallest} or more")
    # Enough room above the cube root for every box within the aspect ratio.
    most = np.maximum(least, cell.box.repeats_for((atoms / n * cell.volume) ** (1 / 3) * MAX_ASPECT))
    x, y, z = (np.arange(lo, hi + 1) for lo, hi in zip(least, most, strict=True))
    off = np.abs(n * x[:, None, None] * y[:, None] * z - atoms).ravel()
    order = np.argsort(off, kind="stable")
    starts = [0, *(np.flatnonzero(np.diff(off[order])) + 1), len(order)]

    def boxes(group: NDArray[np.intp]) -> list[tuple[float, tuple[int, int, int]]]:
        """Aspect ratio and repeats of the boxes of one count."""
        found = []
        for i, j, k in zip(*np.unravel_index(group, (len(x), len(y), len(z))), strict=True):
            repeats = int(x[i]), int(y[j]), int(z[k])
            box = cell.box.repeated(repeats)
            found.append((float(box.length / box.width), repeats))
        return found

    nearest = (min(boxes(order[begin:end])) for begin, end in pairwise(starts))
    best = next((one for one in nearest if one[0] <= MAX_ASPECT), None)
    return (best or min(boxes(order[: starts[1]])))[1]


def check_count(atoms: int, repeats: tuple[int, int, int]) -> None:
    """Raise InputError for more atoms, in so many cells of `atoms`, than are simulated."""
    SAMPLE.check(atoms * math.prod(repeats), " x ".join(map(str, repeats)) + " cells", InputError)


def replicate(cell: Configuration, repeats: tuple[int, int, int]) -> Configuration:
    """Return a periodic box of whole cells. Raises InputError for more atoms than are simulated."""
    check_count(cell.n_atoms, repeats)
    shifts = cell.box.cartesian(np.array(list(product(*map(range, repeats))), dtype=np.float64))
    positions = (cell.positions[None] + shifts[:, None]).reshape(-1, 3)
    return Configuration(positions, np.tile(cell.species, len(shifts)), cell.box.repeated(repeats))


def substitute(configuration: Configuration, counts: tuple[int, ...], seed: int) -> Configuration:
    """Return the same sites with exactly these numbers of atoms of each species.

    Atoms of species that are too many, drawn at random, become species that are too few: a C15 crystal made 50:50 gets
    large atoms on small sites (Derlet & Maass 2019, Sec. III B, with the direction that the composition needs).
    """
    rng = np.random.default_rng(seed)
    species = configuration.species.copy()
    freed: list[int] = []
    for number, wanted in enumerate(counts, start=1):
        sites = np.flatnonzero(species == number)
        if len(sites) > wanted:
            freed += rng.choice(sites, len(sites) - wanted, replace=False).tolist()
    rng.shuffle(freed)
    for number, wanted in enumerate(counts, start=1):
        missing = wanted - int((configuration.species == number).sum())
        for _ in range(max(0, missing)):
            species[freed.pop()] = number
    return Configuration(configuration.positions, species, configuration.box)


def _whole(cells: tuple[int, ...]) -> tuple[int, int, int]:
    """Three numbers of unit cells."""
    if len(cells) != 3 or min(cells) < 1:
        raise InputError(
            f"cells {','.join(map(str, cells))} are not three numbers of at least 1, such as 2,2,6"
        )
    return cells[0], cells[1], cells[2]


def _from_edges(
    phase: Phase, edges: tuple[float, ...], parameters: dict[str, float]
) -> tuple[float, dict[str, float]]:
    """Volume per atom and parameters of given lattice constants a (and c)."""
    if not all(np.isfinite(e) and e > 0 for e in edges) or len(edges) > 2:
        raise InputError(f"lattice {','.join(f'{e:g}' for e in edges)} is not A or A,C with positive lengths")
    if len(edges) == 2:
        if "ca" not in parameters:
            raise InputError(f"{phase.name} is cubic: its lattice is one length, not two")
        parameters = parameters | {"ca": edges[1] / edges[0]}
    return float(np.prod(phase.prototype.edges(parameters) * edges[0]) / phase.prototype.atoms), parameters


def contact_distances(system: System) -> Floats:
    """[n_species, n_species] distance s_ab below which atoms overlap.

    The diameter of a species is the neighbour distance of its close-packed crystal at rest, divided by 2^(1/6) as for
    Lennard-Jones atoms; unlike pairs take the mean. Close to sigma_ab of any Lennard-Jones system. Species that carry
    charges have no crystal alone: they take twice their radius. Raises InputError where they state none.
    """
    if system.charged:
        radii = [s.radius for s in system.species if s.radius]
        if len(radii) < system.n_species:
            raise InputError(
                f"{system.name} has charges: give each [[species]] a radius, by which atoms are packed"
            )
        return np.add.outer(radii, radii).astype(np.float64)
    diameters = []
    with Forces(system) as forces:
        for number in range(1, system.n_species + 1):
            crystal = CrystalEnergy(phase_named("fcc", system, large=number), forces)
            volume = rest_volume(crystal, system.defaults.volume_per_atom)
            diameters.append((np.sqrt(2) * volume) ** (1 / 3) / 2 ** (1 / 6))
    d = np.array(diameters)
    return np.asarray((d[:, None] + d[None]) / 2)
