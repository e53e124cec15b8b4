"""Nanocomposites: grains of randomly oriented C15 in a disordered boundary of large atoms.

P. M. Derlet and R. Maaß (2019), Sec. III B and Fig. 3b: planar boundary regions of finite thickness between Voronoi
grains, filled with large atoms so that composition and volume per atom come out globally.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from glasscli.configuration import Box, Configuration, Floats, Ints
from glasscli.errors import GlassError, InputError
from glasscli.limits import SAMPLE
from glasscli.model.system import System
from glasscli.structures.grains import Grains, even_grains
from glasscli.structures.packing import fill
from glasscli.structures.phases import Phase

C15_VOLUME = 0.687  # per atom, sigma^3: V_Laves of the fixed-volume mixture at 0.767 (Eqs. 2-3)
GLASS_VOLUME = 0.767
# Thinner than this no atom fits between two grains; in contact distances.
THINNEST = 0.4


@dataclass(frozen=True)
class Nanocomposite:
    """Grains in a boundary.

    configuration   crystal atoms first, grain by grain, then the boundary
    grain           [n_atoms] grain of each atom from 1, 0 in the boundary
    atoms           [n_grains] crystal atoms of each grain
    thickness       of the boundary, length
    crystal_volume  per atom of the crystal lattice
    boundary_volume per atom of what is left to the boundary
    """

    configuration: Configuration
    grain: Ints
    atoms: list[int]
    thickness: float
    crystal_volume: float
    boundary_volume: float

    @property
    def radii(self) -> list[float]:
        """[n_grains] radius of the sphere with the volume of a grain's crystal."""
        return [(3 * n * self.crystal_volume / (4 * np.pi)) ** (1 / 3) for n in self.atoms]


def build_nanocomposite(
    system: System,
    phase: Phase,
    contact: Floats,
    radius: float,
    grains: int | None = None,
    atoms: int | None = None,
    volume: float | None = None,
    composition: float = 0.5,
    crystal_volume: float | None = None,
    thickness: float | None = None,
    seed: int = 1,
) -> Nanocomposite:
    """Return grains of a compound whose crystals have the volume of spheres of `radius`, not yet relaxed.

    contact: [n_species, n_species] contact distances. grains or atoms: how many (default 8 grains). volume: per atom of
    the whole. composition: share of species 2; all of it sits in the crystals, so it fixes their share of the atoms.
    crystal_volume: per atom of the crystal; the boundary's thickness follows (0.28 radius at 50:50), or, when
    `thickness` is given, the crystal's volume follows. Raises InputError for what cannot be.
    """
    volume = volume or system.defaults.volume_per_atom
    if thickness is not None and crystal_volume is not None:
        raise InputError("give the thickness or the C15 volume, not both: one follows from the other")
    share = composition / phase.small_fraction if 0 < phase.small_fraction < 1 else 0.0
    if not 0 < share < 1:
        raise InputError(
            f"composition {composition:g} cannot be: {phase.name} grains in a boundary of large atoms have "
            f"between 0 and {phase.small_fraction:.4g}"
        )
    scale = (volume / GLASS_VOLUME) if crystal_volume is None else 1.0
    crystal = crystal_volume or C15_VOLUME * scale
    if thickness is not None:
        if thickness <= 0:
            raise InputError(f"boundary thickness {thickness:g} is not positive")
        # A sphere's estimate of the crystal's share of space; the exact one follows from the grains themselves.
        crystal = volume / share * (radius / (radius + thickness / 2)) ** 3
    if share * crystal >= volume:
        raise InputError(
            f"C15 at {crystal:g} per atom leaves no room for a boundary at {volume:g}: lower it or raise the volume"
        )
    if not radius > contact.max():
        raise InputError(f"grain radius {radius:g} is smaller than an atom ({contact.max():.3g})")
    crystal_atoms = 4 / 3 * np.pi * radius**3 / crystal
    if atoms is not None and grains is not None:
        raise InputError("give --grains or --atoms, not both: one follows from the other")
    count = grains if grains is not None else 8
    if atoms is not None:
        count = round(atoms * share / crystal_atoms)
        edge = (max(atoms, 0) * volume) ** (1 / 3)
        if count < 1 or 2 * radius > edge:
            raise InputError(
                f"grains of radius {radius:g} do not fit into the box of {atoms} atoms, edge {edge:.3g}: ask for at "
                f"least {int(np.ceil(crystal_atoms / share))} atoms or a smaller radius"
            )
    if count < 1:
        raise InputError(f"{count} grains are no nanocomposite; give a positive number")
    total = atoms if atoms is not None else round(count * crystal_atoms / share)
    SAMPLE.check(total, "the nanocomposite", InputError)
    counts = system.counts(total, composition)
    box = Box.cube((total * volume) ** (1 / 3))
    if box.width < 2 * system.cutoff:
        raise InputError(
            f"the box of edge {box.width:.4g} is smaller than two cutoffs ({2 * system.cutoff:g}): use more grains"
        )
    rng = np.random.default_rng(seed)
    layout = even_grains(count, box, rng)
    frames = [_Frame.random(rng) for _ in range(count)]

    def cut(v: float) -> _Cut:
        return _cut(layout, frames, phase, v, counts[phase.small - 1])

    if thickness is not None:
        crystal = _volume_for(cut, thickness, crystal)
    chosen = cut(crystal)
    if chosen.thickness < THINNEST * contact.max():
        raise InputError(
            f"the boundary would be {chosen.thickness:.2g} thick, less than an atom: "
            f"lower the C15 volume ({crystal:.4g}) or the composition"
        )
    return _filled(system, phase, contact, layout, chosen, counts, crystal, rng)


@dataclass(frozen=True)
class _Frame:
    """Orientation of a grain's lattice and where its cell begins, in cell edges."""

    rotation: Floats
    offset: Floats

    @staticmethod
    def random(rng: np.random.Generator) -> _Frame:
        # A normal quaternion has a uniform orientation.
        return _Frame(Rotation.from_quat(rng.standard_normal(4)).as_matrix(), rng.random(3))


@dataclass(frozen=True)
class _Cut:
    """The crystals: unwrapped positions, species, grain (from 1), and twice the depth at which they were cut."""

    positions: Floats
    species: Ints
    grain: Ints
    thickness: float


def _cut(layout: Grains, frames: list[_Frame], phase: Phase, volume: float, small: int) -> _Cut:
    """Crystals of a volume per atom, cut at the one depth that leaves exactly `small` small atoms."""
    cell = phase.cell(volume)
    # No Voronoi cell reaches further than half the box's diagonal.
    reach = 0.5 * layout.box.diagonal
    n = cell.box.repeats_for(reach) + 1
    ticks = [np.arange(-k, k + 1) for k in n]
    shifts = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1).reshape(-1, 3)
    parts: list[tuple[Floats, Ints, Floats, Ints]] = []
    for g, frame in enumerate(frames):
        fractions = cell.box.fractional(cell.positions) + frame.offset
        lattice = cell.box.cartesian(shifts[:, None] + fractions[None]).reshape(-1, 3)
        species = np.tile(cell.species, len(shifts))
        near = (lattice**2).sum(axis=1) < reach**2
        # Not BLAS, whose round-off depends on the processor: dynamics would make another structure of it.
        points = np.einsum("nj,ij->ni", lattice[near], frame.rotation) + layout.seeds[g]
        inside = layout.owned_by(g, points)
        depth = np.zeros(len(points))
        depth[inside] = layout.depth_in(g, points[inside])
        parts.append(
            (
                points[inside],
                species[near][inside],
                depth[inside],
                np.full(inside.sum(), g + 1, dtype=np.int32),
            )
        )
    positions, kinds, depth, grain = (np.concatenate(column) for column in zip(*parts, strict=True))
    depths = np.sort(depth[kinds == phase.small])[::-1]
    if small >= len(depths):
        raise InputError(
            f"C15 at {volume:.4g} per atom has no room for {small} small atoms: lower it or raise the volume per atom"
        )
    limit = (depths[small - 1] + depths[small]) / 2
    kept = depth > limit
    return _Cut(positions[kept], kinds[kept], grain[kept], float(2 * limit))


def _volume_for(cut: Callable[[float], _Cut], thickness: float, guess: float) -> float:
    """C15 volume at which the boundary is `thickness` thick; a larger volume makes it thinner."""
    low, high = 0.5 * guess, 1.5 * guess
    for _ in range(40):
        middle = (low + high) / 2
        try:
            thin = cut(middle).thickness < thickness
        except InputError:
            thin = True
        low, high = (low, middle) if thin else (middle, high)
        if high - low < 1e-5 * guess:
            break
    found = (low + high) / 2
    if min(found - 0.5 * guess, 1.5 * guess - found) < 1e-4 * guess:
        raise InputError(f"no C15 volume leaves a boundary {thickness:g} thick: choose another thickness")
    return found


def _filled(
    system: System, phase: Phase, contact: Floats, layout: Grains, cut: _Cut, counts: tuple[int, ...], volume: float,
    rng: np.random.Generator,
) -> Nanocomposite:  # fmt: skip
    box, half = layout.box, cut.thickness / 2
    crystals = Configuration(box.wrap(cut.positions), cut.species.astype(np.int32), box)
    large = counts[phase.large - 1] - int((cut.species == phase.large).sum())
    total = sum(counts)
    if large < 0:
        raise GlassError(
            f"the grains' cut took {-large} large atoms too many: use another seed or more grains"
        )

    def sample(n: int, generator: np.random.Generator) -> Floats:
        found: list[Floats] = []
        while sum(map(len, found)) < n:
            points = box.cartesian(generator.random((4 * n, 3)))
            found.append(points[layout.locate(points)[1] < half])
        return np.concatenate(found)[:n]

    whole = fill(crystals, np.full(large, phase.large, dtype=np.int32), sample, contact, rng)
    room = box.volume - crystals.n_atoms * volume
    return Nanocomposite(
        whole,
        np.concatenate([cut.grain, np.zeros(large, dtype=np.int32)]),
        np.bincount(cut.grain, minlength=len(layout.seeds) + 1)[1:].tolist(),
        cut.thickness, volume, room / max(1, total - crystals.n_atoms),
    )  # fmt: skip
