"""The views of `glasscli render`: what each shows of a configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.errors import InputError
from glasscli.formats.names import species_words
from glasscli.formats.ovito import data_collection
from glasscli.model.system import two_sizes
from glasscli.observables.displacement import displacements, drift, magnitudes
from glasscli.observables.icosahedra import close_packed_layers, stacking
from glasscli.observables.laves import laves_test
from glasscli.observables.plasticity import local_deformation
from glasscli.observables.polygons import polygons
from glasscli.observables.topology import Network, topology
from glasscli.observables.voronoi import Tessellation, tessellate
from glasscli.report.displacement_figure import red_end
from glasscli.report.networks import ORDER_COLOURS, OTHER_ORDER
from glasscli.report.palette import BLUE, CYCLE, PURPLE, RED, SKY, colour_map
from glasscli.report.scene import Bar, Scene
from glasscli.units import WITHOUT_SYSTEM, UnitNames

SIDE_COLOURS = {5: RED, 6: "#E4E4E4", 7: BLUE}


@dataclass(frozen=True)
class Look:
    """What a view may need: radii of the bond network, the earlier frame of a displacement map, energies, names.

    masses: [n_atoms], None where nobody knows them
    """

    radii: Mapping[int, float]
    before: Configuration | None = None
    energies: Floats | None = None
    names: Mapping[int, str] = field(default_factory=dict)
    masses: Floats | None = None
    units: UnitNames = WITHOUT_SYSTEM


def species(c: Configuration, look: Look) -> Scene:
    """Atoms by species."""
    legend = {species_words(look.names.get(s, s)): _species_colour(s) for s in c.counts}
    return _atoms(c, np.array([_rgb(_species_colour(int(s))) for s in c.species]), look, legend)


def laves(c: Configuration, look: Look) -> Scene:
    """Atoms by surroundings: Laves Z12 stacked as in C15 or not, Laves Z16, close-packed, none of these.

    Close-packed atoms in hcp surroundings are the layers where the stacking of fcc turns.
    """
    cells = tessellate(c, bonds=True)
    found = laves_test(cells, c.species, two_sizes(look.radii))
    cubic, other = stacking(c, cells, found.z12)
    fcc, hcp = close_packed_layers(c)
    kinds = {
        "Z12 as in C15": (cubic, RED),
        "other Z12": (other, PURPLE),
        "Z16": (found.z16, BLUE),
        "fcc": (fcc, "#E6C700"),
        "hcp": (hcp, SKY),
    }
    colours = np.tile(_rgb("#E4E4E4"), (c.n_atoms, 1))
    scale = np.full(c.n_atoms, 0.45)
    legend = {}
    for name, (mask, colour) in kinds.items():
        colours[mask], scale[mask] = _rgb(colour), 1.0
        legend[f"{name}: {100 * mask.mean():.1f} %"] = colour
    return _atoms(c, colours, look, legend, scale)


def icosahedra(c: Configuration, look: Look) -> Scene:
    """Icosahedral atoms and the bonds between them (Derlet & Maass 2019, inset of Fig. 2)."""
    cells = tessellate(c, bonds=True)
    inside = cells.icosahedra
    starts, vectors = _faces(c, cells, inside)
    colours = np.array([_rgb(_species_colour(int(s))) for s in c.species]).reshape(-1, 3)
    legend = {f"icosahedral {species_words(look.names.get(s, s))}": _species_colour(s) for s in c.counts}
    return _sticks(
        c, starts, vectors, np.tile(_rgb("#777777"), (len(starts), 1)), inside, colours, look, legend, 0.14
    )


def surface(c: Configuration, look: Look) -> Scene:
    """Icosahedral atoms with a surface mesh round the regions they fill (Derlet & Maass 2019, Fig. 3b)."""
    scene = icosahedra(c, look)
    inside = tessellate(c).icosahedra
    if inside.sum() < 4:
        return scene
    part = Configuration(c.positions[inside], c.species[inside], c.box)
    # A Gaussian density round the atoms also encloses pieces too thin for a probe sphere.
    data = data_collection(part, {int(s): 0.6 * c.spacing for s in c.counts})
    from ovito.modifiers import ConstructSurfaceModifier

    method = ConstructSurfaceModifier.Method.GaussianDensity
    data.apply(ConstructSurfaceModifier(method=method, radius_scaling=1.0, isolevel=0.5, grid_resolution=60))
    mesh: Any = data.surfaces["surface"]
    points = np.asarray(mesh.vertices["Position"])
    corners = points[np.asarray(mesh.get_face_vertices()).reshape(-1, 3)]
    # Triangles across the boundary are brought together at their first corner.
    corners = corners[:, :1] + c.box.minimum_image(corners - corners[:, :1])
    return Scene(**(vars(scene) | {"triangles": corners}))


def network(c: Configuration, look: Look) -> Scene:
    """The bond network, each bond by its order (Derlet & Maass 2019, Fig. 7a)."""
    return _network(c, look, lambda network: np.ones(len(network.bonds), dtype=bool))


def disclinations(c: Configuration, look: Look) -> Scene:
    """The bond network without the bonds of order 5 (Derlet & Maass 2019, Fig. 7b)."""
    return _network(c, look, lambda network: network.orders != 5)


def displacement(c: Configuration, look: Look) -> Scene:
    """Displacements since an earlier frame as arrows, 0 (blue) to 1.25 σ (red) (Derlet & Maass 2019, Fig. 1c).

    In other units than σ the end is as many spacings of atoms.

    The motion of the centre of mass is taken off.
    """
    if look.before is None:
        raise InputError("displacements need an earlier frame: give --lag, or a file with more frames")
    vectors = displacements(look.before, c)
    vectors -= drift(vectors, look.masses)
    size = magnitudes(vectors)
    order = np.argsort(size)
    spacing = c.spacing
    end = red_end(spacing, look.units)
    colours = _scale(size, 0, end)
    bar = Bar(0, end, f"displacement ({look.units.length_unit})", "max")
    start = look.before.positions
    return Scene(
        c.box, start, colours, np.full(c.n_atoms, 0.12 * spacing), start[order], vectors[order], colours[order],
        0.08 * spacing, True, bar=bar,
    )  # fmt: skip


def strain(c: Configuration, look: Look) -> Scene:
    """Atoms by how far their neighbours were sheared since an earlier frame, little (small, blue) to much (large, red).

    The size of the shear strain of the deformation that is nearest to what the neighbours did (Falk & Langer 1998).
    """
    if look.before is None:
        raise InputError("local strain needs an earlier frame: give --lag, or a file with more frames")
    sheared = local_deformation(look.before, c).shear
    scene = _valued(c, sheared, look, "local shear strain")
    assert scene.bar is not None
    much = np.clip((sheared - scene.bar.low) / (scene.bar.high - scene.bar.low), 0, 1)
    # What gave way inside is seen between the rest.
    return replace(scene, radii=scene.radii * (0.45 + 0.55 * much))


def energy(c: Configuration, look: Look) -> Scene:
    """Atoms by their energy, low (blue) to high (red)."""
    if look.energies is None:
        raise InputError("energies need the potential: give --system NAME")
    return _valued(c, look.energies, look, f"energy ({look.units.energy_unit})")


def volume(c: Configuration, look: Look) -> Scene:
    """Atoms by the volume of their Voronoi cell, in a plane its area, small (blue) to large (red)."""
    if c.box.dimension == 2:
        return _valued(c, polygons(c).areas, look, f"area ({look.units.length_unit}²)")
    return _valued(c, tessellate(c).volumes, look, f"volume ({look.units.volume_unit})")


def sides(c: Configuration, look: Look) -> Scene:
    """Atoms of a plane by the sides of their Voronoi polygons: disclinations have others than six."""
    found = polygons(c).sides
    kinds = {n: SIDE_COLOURS.get(n, PURPLE) for n in sorted(set(found.tolist()))}
    legend = {f"{n} sides: {100 * (found == n).mean():.1f} %": colour for n, colour in kinds.items()}
    return _atoms(c, np.array([_rgb(kinds[n]) for n in found.tolist()]), look, legend)


VIEWS: dict[str, Callable[[Configuration, Look], Scene]] = {
    "species": species,
    "laves": laves,
    "icosahedra": icosahedra,
    "surface": surface,
    "network": network,
    "disclinations": disclinations,
    "displacements": displacement,
    "strain": strain,
    "energy": energy,
    "volume": volume,
    "polygons": sides,
}
OF_PLANES, OF_BOTH = {"polygons"}, {"species", "displacements", "strain", "energy", "volume"}
# Those that show what happened since an earlier frame.
SINCE = {"displacements", "strain"}


def view_of(name: str, dimension: int) -> Callable[[Configuration, Look], Scene]:
    """The view of this name. Raises InputError where it has no meaning in a space of this dimension."""
    if name in OF_BOTH or (name in OF_PLANES) == (dimension == 2):
        return VIEWS[name]
    fitting = [v for v in VIEWS if v in OF_BOTH or (v in OF_PLANES) == (dimension == 2)]
    wanted = "two" if name in OF_PLANES else "three"
    raise InputError(f"the view {name} needs {wanted} dimensions; here are {', '.join(fitting)}")


def _network(c: Configuration, look: Look, which: Callable[[Network], np.ndarray]) -> Scene:
    found = topology(c, tessellate(c, look.radii, bonds=True)).modified
    shown = np.asarray(which(found))
    pairs, orders = found.bonds[shown], found.orders[shown]
    starts = c.positions[pairs[:, 0]]
    vectors = c.box.minimum_image(c.positions[pairs[:, 1]] - starts)
    colours = np.array([_rgb(ORDER_COLOURS.get(int(n), OTHER_ORDER)) for n in orders]).reshape(-1, 3)
    legend = {f"order {n}": ORDER_COLOURS.get(n, OTHER_ORDER) for n in sorted(set(orders.tolist()))}
    atoms = np.zeros(c.n_atoms, dtype=bool)
    atoms[pairs.ravel()] = True
    grey = np.tile(_rgb("#666666"), (c.n_atoms, 1))
    return _sticks(c, starts, vectors, colours, atoms, grey, look, legend, 0.11, 0.13)


def _sticks(
    c: Configuration, starts: Floats, vectors: Floats, line_colours: Floats, shown: np.ndarray, colours: Floats,
    look: Look, legend: dict[str, str], width: float, size: float = 0.28,
) -> Scene:  # fmt: skip
    spacing = c.spacing
    # A bond through the boundary is drawn as two stubs, one at each of its ends.
    outside = ~c.box.contains(starts + vectors)
    far, _ = c.box.folded(starts[outside] + vectors[outside])
    half = np.where(outside[:, None], vectors / 2, vectors)
    return Scene(
        c.box, c.positions[shown], colours[shown], size * spacing * np.ones(int(shown.sum())),
        np.concatenate([starts, far]), np.concatenate([half, -vectors[outside] / 2]),
        np.concatenate([line_colours, line_colours[outside]]), width * spacing, legend=dict(legend),
    )  # fmt: skip


def _faces(c: Configuration, cells: Tessellation, inside: np.ndarray) -> tuple[Floats, Floats]:
    """Starts and vectors of the bonds between atoms that are both `inside`."""
    assert cells.bonds is not None and cells.bond_images is not None
    used = inside[cells.bonds].all(axis=1)
    first, second = cells.bonds[used].T
    near = c.positions[second] + c.box.cartesian(cells.bond_images[used])
    return c.positions[first], near - c.positions[first]


def _atoms(
    c: Configuration, colours: Floats, look: Look, legend: dict[str, str], scale: Floats | None = None
) -> Scene:
    if c.diameters is None:
        radii = np.array([look.radii.get(int(s), 0.5) for s in c.species], dtype=np.float64)
    else:
        radii = c.diameters / 2
    # The network's radii are in proportion; atoms that touch hide what is behind them.
    radii *= 0.42 * c.spacing / radii.mean()
    return Scene(c.box, c.positions, colours, radii if scale is None else radii * scale, legend=dict(legend))


def _valued(c: Configuration, values: Floats, look: Look, name: str) -> Scene:
    low, high = (float(q) for q in np.quantile(values, [0.02, 0.98]))
    high = high if high > low else low + 1.0
    return replace(_atoms(c, _scale(values, low, high), look, {}), bar=Bar(low, high, name))


def _scale(values: Floats, low: float, high: float) -> Floats:
    return np.asarray(colour_map()(np.clip((values - low) / (high - low), 0, 1))[:, :3])


def _species_colour(number: int) -> str:
    return CYCLE[(number - 1) % len(CYCLE)]


def _rgb(colour: str) -> Floats:
    return np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
