"""`glasscli build`: crystals, disordered crystals, random liquids and nanocomposites."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command

if TYPE_CHECKING:
    from glasscli.configuration import Configuration
    from glasscli.model.system import System


@make_command(
    "build",
    epilog="Examples:\n  glasscli build c15 --atoms 500 --volume-per-atom 0.767 -o c15.lammps\n"
    "  glasscli build c15 --composition 0.5 --cells 2,2,8 --box 5.09,5.09,22.74\n"
    "  glasscli build hcp-small --two-cutoffs -o hcp.xyz\n"
    "  glasscli build nanocomposite --grain-radius 4 --grains 8",
)
@click.argument("phase")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write.  [default: PHASE.lammps]"
)
@click.option("--force", is_flag=True, help="Replace an existing output.")
@shared.system_option
@click.option("--atoms", type=int, help="Wanted number; the nearest cell that fits is built.")
@click.option("--cells", metavar="NX,NY,NZ", help="Unit cells along each edge, instead of --atoms.")
@click.option(
    "--box", metavar="LX,LY,LZ", help="Edges of the box of these --cells: the crystal is stretched to fit."
)
@click.option("--volume-per-atom", "volume", type=float, help="V/N.  [default: where the energy is lowest]")
@click.option("--composition", type=float, help="Fraction of species 2, by substitution at random.")
@click.option("--large", metavar="SPECIES", help="Name or number on the large sites.  [default: 1]")
@click.option("--small", metavar="SPECIES", help="Name or number on the small sites.  [default: 2]")
@click.option("--lattice", metavar="A[,C]", help="Lattice constants, instead of a volume.")
@click.option("--ideal", is_flag=True, help="Ideal c/a and coordinates instead of relaxed ones.")
@click.option("--two-cutoffs", is_flag=True, help="Edges of at least two cutoffs, as `anneal` needs.")
@click.option("--seed", type=click.IntRange(1), default=1, show_default=True, help="Of all that is random.")
@click.option("--grain-radius", type=float, help="Nanocomposite: radius of a grain's crystal.")
@click.option("--grains", type=int, help="Nanocomposite: how many, instead of --atoms.  [default: 8]")
@click.option(
    "--c15-volume", type=float, help="Nanocomposite: V/N of the crystals.  [default: 0.687 at 0.767]"
)
@click.option("--thickness", type=float, help="Nanocomposite: of the boundary; the C15 volume follows.")
@click.option(
    "--md-steps", type=click.IntRange(0), default=0, help="Nanocomposite, random: dynamics to settle."
)
@click.option("--temperature", type=float, help="Of these dynamics.")
@click.option(
    "--swap-every", type=click.IntRange(0), default=100, show_default=True, help="Steps between exchanges."
)
@click.option("--unrelaxed", is_flag=True, help="Nanocomposite, random: as packed, not minimised.")
def command(phase: str, system_name: str | None, output: Path | None, force: bool, **wishes: Any) -> Outcome:
    """Build PHASE: fcc, hcp, bcc, b2, c11b, a15, c14, c15, c36, random or nanocomposite.

    Elements are made of the large species; fcc-small and the like of the small one. Hexagonal crystals come in
    orthogonal boxes. The file can be given to quench, anneal and analyze.
    """
    from glasscli.errors import FileError, InputError
    from glasscli.formats.writers import writer
    from glasscli.model.system import load_system
    from glasscli.structures.write import write_structure

    system = load_system(system_name or "wahnstrom")
    target = output or Path(f"{phase.lower()}.lammps")
    writer(target.suffix)
    shared.writable(target)
    if target.exists() and not force:
        raise FileError(f"{target} exists: give --force to replace it, or another -o")
    make = {"random": _random, "nanocomposite": _nanocomposite}.get(phase.lower(), _crystal)
    if make is not _crystal and (wishes["cells"] or wishes["box"]):
        raise InputError(f"--cells and --box belong to crystals, not to {phase}")
    configuration, grain, more, notes = make(system, phase, wishes)
    files = write_structure(target, configuration, system, grain, force)
    data = _describe(configuration, system, phase.lower()) | {"file": str(target), "files": files} | more
    return Outcome(data, _text(data, system), notes=notes)


Built = tuple["Configuration", Any, dict[str, Any], list[str]]


def _describe(configuration: Configuration, system: System, phase: str) -> dict[str, Any]:
    from glasscli.structures.packing import closest_pairs

    c, pairs = configuration, closest_pairs(configuration)
    counts = {s.name: c.counts.get(i, 0) for i, s in enumerate(system.species, start=1)}
    return {
        "phase": phase,
        "atoms": c.n_atoms,
        "composition": c.counts.get(2, 0) / c.n_atoms,
        "volume_per_atom": c.volume / c.n_atoms,
        "species_counts": counts,
        "box": c.box.edges.tolist(),
        "minimum_distance": min(pairs.values(), default=None),
        "minimum_distances": pairs,
    }


def _crystal(system: System, phase: str, wishes: dict[str, Any]) -> Built:
    from glasscli.errors import InputError, near
    from glasscli.structures.build import build_crystal
    from glasscli.structures.phases import phase_named, species_number
    from glasscli.structures.prototypes import PROTOTYPES

    for name in ("grain_radius", "grains", "c15_volume", "thickness"):
        if wishes[name] is not None:
            raise InputError(f"--{name.replace('_', '-')} belongs to `build nanocomposite`, not to {phase}")
    if phase.lower().partition("-")[0] not in PROTOTYPES:
        known = [*PROTOTYPES, "random", "nanocomposite"]
        raise InputError(f"unknown phase {phase!r}{near(phase.lower(), known)}")
    large, small = (species_number(wishes[k], system) if wishes[k] else None for k in ("large", "small"))
    chosen = phase_named(phase, system, large, small)
    edges = _lengths(wishes["lattice"]) if wishes["lattice"] else None
    box = _lengths(wishes["box"], "box") if wishes["box"] else None
    if sum(given is not None for given in (edges, box, wishes["volume"])) > 1:
        raise InputError("give one of --lattice, --box and --volume-per-atom")
    cells = _cells(wishes["cells"]) if wishes["cells"] else None
    atoms = wishes["atoms"]
    if atoms is not None and cells:
        raise InputError("give --atoms or --cells, not both")
    built = build_crystal(
        system, chosen, atoms, wishes["volume"], edges, not wishes["ideal"], wishes["two_cutoffs"],
        wishes["composition"], wishes["seed"], cells, box,
    )  # fmt: skip
    c, notes = built.configuration, []
    if atoms is not None and c.n_atoms != atoms:
        n = chosen.prototype.atoms
        notes.append(
            f"{c.n_atoms} atoms: {phase} comes in cells of {n}, and this box is the nearest to {atoms}"
        )
    if c.box.width < 2 * system.cutoff:
        notes.append(
            f"the shortest edge {c.box.width:.4g} is below two cutoffs ({2 * system.cutoff:g}): quench and anneal "
            "refuse it; --two-cutoffs builds a larger box"
        )
    more = {"phase": chosen.name, "repeats": list(built.repeats), "parameters": built.parameters}
    return c, None, more, notes


def _random(system: System, phase: str, wishes: dict[str, Any]) -> Built:
    from glasscli.errors import InputError
    from glasscli.structures.build import contact_distances
    from glasscli.structures.packing import random_liquid

    volume = wishes["volume"] or system.defaults.volume_per_atom
    if volume <= 0:
        raise InputError(f"volume per atom {volume:g} is not positive")
    atoms = system.defaults.atoms if wishes["atoms"] is None else wishes["atoms"]
    counts = system.counts(atoms, wishes["composition"])
    liquid = random_liquid(counts, volume, contact_distances(system), wishes["seed"])
    settled, more = _settled(system, liquid, wishes)
    return settled, None, more, []


def _nanocomposite(system: System, phase: str, wishes: dict[str, Any]) -> Built:
    from glasscli.errors import InputError
    from glasscli.structures.build import contact_distances
    from glasscli.structures.nanocomposite import build_nanocomposite
    from glasscli.structures.phases import phase_named, species_number

    if wishes["grain_radius"] is None:
        raise InputError("a nanocomposite needs --grain-radius")
    large, small = (species_number(wishes[k], system) if wishes[k] else None for k in ("large", "small"))
    composition = 0.5 if wishes["composition"] is None else wishes["composition"]
    n = build_nanocomposite(
        system, phase_named("c15", system, large, small), contact_distances(system), wishes["grain_radius"],
        wishes["grains"], wishes["atoms"], wishes["volume"], composition, wishes["c15_volume"], wishes["thickness"],
        wishes["seed"],
    )  # fmt: skip
    configuration, more = _settled(system, n.configuration, wishes)
    more |= {
        "grains": [{"atoms": a, "radius": r} for a, r in zip(n.atoms, n.radii, strict=True)],
        "boundary_atoms": n.configuration.n_atoms - sum(n.atoms),
        "boundary_volume_per_atom": n.boundary_volume,
        "thickness": n.thickness,
        "c15_volume": n.crystal_volume,
    }
    given, follows = ("thickness", "C15 volume") if wishes["thickness"] else ("C15 volume", "thickness")
    value = n.crystal_volume if wishes["thickness"] else n.thickness
    note = f"the {follows} {value:.4g} follows from the {given}, V/N and the composition"
    return configuration, n.grain, more, [note]


def _settled(
    system: System, built: Configuration, wishes: dict[str, Any]
) -> tuple[Configuration, dict[str, Any]]:
    """The structure relaxed as asked for, with its energy."""
    from dataclasses import replace

    from glasscli.engine.minimiser import Minimiser
    from glasscli.progress import progress
    from glasscli.structures.settle import Settling, settle

    if wishes["unrelaxed"]:
        with Minimiser(system) as minimiser:
            found = minimiser.evaluate(built)
    else:
        steps = wishes["md_steps"]
        settling = Settling(steps, wishes["temperature"], wishes["swap_every"], wishes["seed"])
        with progress("settling", max(1, steps), "steps") as advance:
            found = settle(system, built, settling, advance)
    # Where atoms wandered through the boundary before the file begins is nobody's concern.
    configuration = replace(found.configuration, images=None)
    return configuration, {"energy": found.energy, "pressure": found.pressure, "max_force": found.max_force}


def _lengths(text: str, option: str = "lattice") -> tuple[float, ...]:
    from glasscli.errors import InputError

    shapes = {"lattice": "A or A,C, such as 2.51 or 1.1,1.8", "box": "LX,LY,LZ, such as 5.1,5.1,17.2"}
    try:
        return tuple(float(word) for word in text.split(","))
    except ValueError as error:
        raise InputError(f"--{option} {text!r} is not {shapes[option]}") from error


def _cells(text: str) -> tuple[int, ...]:
    from glasscli.errors import InputError

    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError as error:
        raise InputError(f"--cells {text!r} is not NX,NY,NZ, such as 2,2,6") from error


def _text(data: dict[str, Any], system: System) -> str:
    unit = system.length_unit
    counts = ", ".join(f"{n} {name}" for name, n in data["species_counts"].items())
    box = " x ".join(f"{edge:.4g}" for edge in data["box"])
    rows = [
        f"{data['file']}: {data['phase']}, {data['atoms']} atoms ({counts})",
        f"  V/N {data['volume_per_atom']:.6g} {unit}³   box {box} {unit}   "
        f"closest pair {shared.number(data['minimum_distance'], '.4g')} {unit}",
    ]
    if "energy" in data:
        rows.append(
            f"  E {data['energy']:.5f} {system.energy_unit}/atom   largest force {data['max_force']:.1e}"
        )
    if data.get("parameters"):
        rows.append(
            "  " + "   ".join(f"{k.replace('ca', 'c/a')} {v:.5g}" for k, v in data["parameters"].items())
        )
    if "grains" in data:
        grains = data["grains"]
        sizes = [g["atoms"] for g in grains]
        radius = sum(g["radius"] for g in grains) / len(grains)
        rows.append(
            f"  {len(grains)} grains of {min(sizes)} to {max(sizes)} atoms (radius {radius:.3g} {unit}), "
            f"{data['boundary_atoms']} atoms in a boundary {data['thickness']:.3g} {unit} thick"
        )
    return "\n".join(rows)
