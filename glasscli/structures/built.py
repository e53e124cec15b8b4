"""What `glasscli build` makes: a crystal, a random liquid or a nanocomposite, at rest where it has to be, in a file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from glasscli.configuration import Configuration, Ints
from glasscli.engine.minimiser import InherentStructure, Minimiser
from glasscli.errors import InputError, near
from glasscli.formats.names import SpeciesPair, by_pair
from glasscli.formats.writers import writer
from glasscli.limits import SAMPLE
from glasscli.model.composition import Composition
from glasscli.model.protocol import Minimisation
from glasscli.model.system import System
from glasscli.progress import progress
from glasscli.store.convergence import judged
from glasscli.store.kind import structure_kind
from glasscli.store.outputs import Claims
from glasscli.structures.build import Crystal, build_crystal, contact_distances
from glasscli.structures.nanocomposite import Nanocomposite, build_nanocomposite
from glasscli.structures.packing import closest_pairs, random_liquid
from glasscli.structures.phases import phase_named, species_number
from glasscli.structures.prototypes import PROTOTYPES
from glasscli.structures.settle import Settling, settle
from glasscli.structures.stacked import stacked_atoms
from glasscli.structures.write import write_structure

RANDOM, NANOCOMPOSITE = "random", "nanocomposite"


@dataclass(frozen=True)
class Wish:
    """What is to be built.

    phase                  a crystal such as c15 or fcc-Cu, random or nanocomposite
    atoms, cells           wanted number, or unit cells along each edge
    volume, lattice, box   per atom; a or (a, c) of the cell; edges of the box of these cells: one of them
    composition            share of species 2, or shares by name
    large, small           species by name or number on the large and the small sites
    ideal, two_cutoffs     not relaxed; edges of at least two cutoffs
    stacked                a face-centred cubic crystal with [111] along z
    grain_radius ...       of nanocomposites, see `build_nanocomposite`
    settling               dynamics before the minimum of what is not a crystal; unrelaxed: as packed instead
    """

    phase: str
    atoms: int | None = None
    cells: tuple[int, ...] | None = None
    box: tuple[float, ...] | None = None
    volume: float | None = None
    lattice: tuple[float, ...] | None = None
    composition: Composition | None = None
    large: str | None = None
    small: str | None = None
    ideal: bool = False
    two_cutoffs: bool = False
    stacked: bool = False
    seed: int = 1
    grain_radius: float | None = None
    grains: int | None = None
    c15_volume: float | None = None
    thickness: float | None = None
    settling: Settling = field(default_factory=Settling)
    unrelaxed: bool = False


@dataclass(frozen=True)
class Built:
    """A structure and what is known of it.

    grain               [n_atoms] of a nanocomposite, None else
    crystal, composite  what it was made as; rest: its energy, of what is no crystal
    closest             smallest distance of each pair of species
    files               written
    """

    phase: str
    system: System
    configuration: Configuration
    closest: dict[SpeciesPair, float]
    notes: list[str]
    crystal: Crystal | None = None
    composite: Nanocomposite | None = None
    rest: InherentStructure | None = None
    path: Path = Path()
    files: list[str] = field(default_factory=list)

    @property
    def grain(self) -> Ints | None:
        """[n_atoms] grain of each atom from 1, 0 in the boundary; None of what has no grains."""
        return self.composite.grain if self.composite else None

    @property
    def species_counts(self) -> dict[str, int]:
        """Atoms of each species, by its name."""
        counts = self.configuration.counts
        return {name: counts.get(s, 0) for s, name in self.system.names.items()}

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        c = self.configuration
        data: dict[str, Any] = {
            "phase": self.phase,
            "atoms": c.n_atoms,
            "composition": c.counts.get(2, 0) / c.n_atoms,
            "volume_per_atom": c.volume / c.n_atoms,
            "species_counts": self.species_counts,
            "box": c.box.edges.tolist(),
            "minimum_distance": min(self.closest.values(), default=None),
            "minimum_distances": by_pair(self.closest, self.system.names),
            "file": str(self.path),
            "files": self.files,
        }
        if self.crystal:
            data |= {"repeats": list(self.crystal.repeats), "parameters": self.crystal.parameters}
        if self.rest:
            data |= {
                "energy": self.rest.energy, "pressure": self.rest.pressure, "max_force": self.rest.max_force,
            }  # fmt: skip
        if n := self.composite:
            data |= {
                "grains": [{"atoms": a, "radius": r} for a, r in zip(n.atoms, n.radii, strict=True)],
                "boundary_atoms": n.configuration.n_atoms - sum(n.atoms),
                "boundary_volume_per_atom": n.boundary_volume,
                "thickness": n.thickness,
                "c15_volume": n.crystal_volume,
            }
        return data

    def text(self) -> str:
        """Lines for people, in the system's units."""
        c, unit = self.configuration, self.system.length_unit
        counts = ", ".join(f"{n} {name}" for name, n in self.species_counts.items())
        box = " x ".join(f"{edge:.4g}" for edge in c.box.edges)
        closest = f"{min(self.closest.values()):.4g}" if self.closest else "-"
        lines = [
            f"{self.path}: {self.phase}, {c.n_atoms} atoms ({counts})",
            f"  V/N {c.volume / c.n_atoms:.6g} {unit}³   box {box} {unit}   closest pair {closest} {unit}",
        ]
        if self.rest:
            lines.append(
                f"  E {self.rest.energy:.5f} {self.system.energy_unit}/atom   largest force {self.rest.max_force:.1e}"
            )
        if self.crystal and (found := self.crystal.parameters):
            lines.append("  " + "   ".join(f"{k.replace('ca', 'c/a')} {v:.5g}" for k, v in found.items()))
        if n := self.composite:
            radius = sum(n.radii) / len(n.radii)
            lines.append(
                f"  {len(n.atoms)} grains of {min(n.atoms)} to {max(n.atoms)} atoms (radius {radius:.3g} {unit}), "
                f"{n.configuration.n_atoms - sum(n.atoms)} atoms in a boundary {n.thickness:.3g} {unit} thick"
            )
        return "\n".join(lines)


def build(system: System, wish: Wish, path: Path, force: bool = False) -> Built:
    """Build a structure and write it in the format of the path's ending; force: replace what is there.

    Raises InputError for wishes that cannot be, GlassError for densities beyond random packing, FileError for a path
    that cannot be written.
    """
    writer(path.suffix)
    system.in_space("build")
    SAMPLE.check(wish.atoms or 0, "--atoms", InputError)
    Claims(force=force).check(path, structure_kind(path.suffix), anew=False)
    make = {RANDOM: _random, NANOCOMPOSITE: _nanocomposite}.get(wish.phase.lower(), _crystal)
    if make is not _crystal and (wish.cells or wish.box or wish.stacked):
        raise InputError(f"--cells, --box and --stacked belong to crystals, not to {wish.phase}")
    built = make(system, wish)
    files = write_structure(path, built.configuration, system, built.grain, force)
    return replace(built, path=path, files=files)


def _sites(system: System, wish: Wish) -> tuple[int | None, int | None]:
    """Species numbers on the large and the small sites."""
    large, small = (species_number(name, system) if name else None for name in (wish.large, wish.small))
    return large, small


def _crystal(system: System, wish: Wish) -> Built:
    for name in ("grain_radius", "grains", "c15_volume", "thickness"):
        if getattr(wish, name) is not None:
            raise InputError(
                f"--{name.replace('_', '-')} belongs to `build nanocomposite`, not to {wish.phase}"
            )
    if wish.phase.lower().partition("-")[0] not in PROTOTYPES:
        known = [*PROTOTYPES, RANDOM, NANOCOMPOSITE]
        raise InputError(f"unknown phase {wish.phase!r}{near(wish.phase.lower(), known)}")
    chosen = phase_named(wish.phase, system, *_sites(system, wish))
    if sum(given is not None for given in (wish.lattice, wish.box, wish.volume)) > 1:
        raise InputError("give one of --lattice, --box and --volume-per-atom")
    if wish.atoms is not None and wish.cells:
        raise InputError("give --atoms or --cells, not both")
    built = build_crystal(
        system, chosen, wish.atoms, wish.volume, wish.lattice, not wish.ideal, wish.two_cutoffs, wish.composition,
        wish.seed, wish.cells, wish.box, wish.stacked,
    )  # fmt: skip
    c, notes = built.configuration, []
    if wish.atoms is not None and c.n_atoms != wish.atoms:
        n = stacked_atoms(chosen) if wish.stacked else chosen.prototype.atoms
        notes.append(
            f"{c.n_atoms} atoms: {wish.phase} comes in cells of {n}, and this box is the nearest to {wish.atoms}"
        )
    if c.box.width < 2 * system.cutoff:
        notes.append(
            f"the shortest edge {c.box.width:.4g} is below two cutoffs ({2 * system.cutoff:g}): quench and anneal "
            "refuse it; --two-cutoffs builds a larger box"
        )
    return Built(chosen.name, system, c, closest_pairs(c), notes, crystal=built)


def _random(system: System, wish: Wish) -> Built:
    volume = wish.volume or system.defaults.volume_per_atom
    if volume <= 0:
        raise InputError(f"volume per atom {volume:g} is not positive")
    atoms = system.defaults.atoms if wish.atoms is None else wish.atoms
    counts = system.counts(atoms, wish.composition)
    system.check_neutral(counts, wish.composition)
    liquid = random_liquid(counts, volume, contact_distances(system), wish.seed)
    c, rest = _settled(system, liquid, wish)
    return Built(RANDOM, system, c, closest_pairs(c), _convergence(rest, wish), rest=rest)


def _nanocomposite(system: System, wish: Wish) -> Built:
    if wish.grain_radius is None:
        raise InputError("a nanocomposite needs --grain-radius")
    phase = phase_named("c15", system, *_sites(system, wish))
    composition = system.second_share(0.5 if wish.composition is None else wish.composition)
    n = build_nanocomposite(
        system, phase, contact_distances(system), wish.grain_radius, wish.grains, wish.atoms, wish.volume, composition,
        wish.c15_volume, wish.thickness, wish.seed,
    )  # fmt: skip
    c, rest = _settled(system, n.configuration, wish)
    given, follows = ("thickness", "C15 volume") if wish.thickness else ("C15 volume", "thickness")
    value = n.crystal_volume if wish.thickness else n.thickness
    notes = [f"the {follows} {value:.4g} follows from the {given}, V/N and the composition"]
    notes += _convergence(rest, wish)
    return Built(NANOCOMPOSITE, system, c, closest_pairs(c), notes, composite=n, rest=rest)


def _convergence(rest: InherentStructure, wish: Wish) -> list[str]:
    """Notes of a minimum that was not reached."""
    return [] if wish.unrelaxed else judged([rest.max_force], [rest.iterations], Minimisation()).notes


def _settled(
    system: System, built: Configuration, wish: Wish
) -> tuple[Configuration, InherentStructure]:  # fmt: skip
    """The structure relaxed as asked for, with its energy."""
    if wish.unrelaxed:
        with Minimiser(system) as minimiser:
            found = minimiser.evaluate(built)
    else:
        with progress("settling", max(1, wish.settling.steps), "steps") as advance:
            found = settle(system, built, wish.settling, advance)
    # Where atoms wandered through the boundary before the file begins is nobody's concern.
    return replace(found.configuration, images=None), found
