"""Crystals: energies against an independent lattice sum, Voronoi cells, sizes, substitution."""

import numpy as np
import pytest

from glasscli.configuration import Configuration
from glasscli.engine.forces import Forces
from glasscli.engine.minimiser import Minimiser
from glasscli.errors import InputError
from glasscli.model.system import load_system
from glasscli.observables.laves import laves_test, local_means
from glasscli.observables.voronoi import census, index_counts, tessellate
from glasscli.structures.build import build_crystal, replicate, substitute
from glasscli.structures.phases import default_phases, phase_named, species_number
from glasscli.structures.prototypes import PROTOTYPES
from glasscli.structures.relax import CrystalEnergy
from tests.lattice_sum import wahnstrom_energy

ALL = ["c15", "c14", "c36", "b2", "c11b", "a15"] + [
    f"{e}-{r}" for e in ("fcc", "bcc", "hcp") for r in ("large", "small")
]
MIDDLE = {
    "fcc-small": 0.54,
    "bcc-small": 0.55,
    "hcp-small": 0.54,
    "c15": 0.66,
    "c14": 0.66,
    "c36": 0.66,
    "a15": 0.69,
}


def test_all_phases_of_a_binary_system_are_offered(wahnstrom):
    assert sorted(default_phases(wahnstrom)) == sorted(ALL)
    assert default_phases(load_system("soft-sphere")) == ["fcc-A", "bcc-A", "hcp-A"]


@pytest.mark.parametrize("name", ALL)
def test_energy_equals_an_independent_lattice_sum(name, wahnstrom, forces):
    """LAMMPS in a unit cell smaller than its cutoff against a direct sum, relaxed shapes, five volumes, 1e-9."""
    crystal = CrystalEnergy(phase_named(name, wahnstrom), forces)
    for volume in MIDDLE.get(name, 0.9) * np.linspace(0.9, 1.25, 5):
        cell = crystal.relaxed(float(volume))
        c = cell.configuration
        assert c.volume / c.n_atoms == pytest.approx(volume, rel=1e-12)
        assert cell.energy == pytest.approx(wahnstrom_energy(c.positions, c.species, c.box.edges), abs=1e-9)


@pytest.mark.parametrize(("name", "atoms", "small"), [
    ("fcc", 4, 0), ("bcc", 2, 0), ("hcp", 4, 0), ("b2", 2, 1), ("c11b", 6, 2), ("a15", 8, 6),
    ("c14", 24, 16), ("c15", 24, 16), ("c36", 48, 32), ("cristobalite", 24, 8), ("quartz", 18, 6),
])  # fmt: skip
def test_cells_hold_the_atoms_of_their_formula(name, atoms, small):
    roles = PROTOTYPES[name].roles
    assert (len(roles), roles.count("small")) == (atoms, small)


def test_the_cubic_laves_phase_sits_on_diamond_and_16d_sites(wahnstrom):
    """Against the coordinates as textbooks list them."""
    fcc = np.array([(0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)])
    diamond = np.concatenate([fcc, fcc + 0.25])
    corners = np.array([(5, 5, 5), (5, 7, 7), (7, 5, 7), (7, 7, 5)]) / 8
    sixteen = (fcc[:, None] + corners[None]).reshape(-1, 3) % 1
    cell = phase_named("c15", wahnstrom).cell(1.0)
    for species, sites in ((1, diamond), (2, sixteen)):
        found = cell.box.fractional(cell.positions)[cell.species == species]
        gaps = np.abs((d := found[:, None] - sites[None]) - np.round(d)).max(axis=-1)
        assert (gaps.min(axis=1) < 1e-12).all() and (gaps.min(axis=0) < 1e-12).all()


@pytest.mark.parametrize("name", ["c14", "c36", "c11b", "hcp-large"])
def test_relaxation_leaves_no_force_along_any_free_parameter(name, wahnstrom, forces):
    """A relaxed cell is a minimum: small changes of each parameter, at the same volume, only raise the energy."""
    phase = phase_named(name, wahnstrom)
    volume = MIDDLE.get(name, 0.93)
    relaxed = CrystalEnergy(phase, forces).relaxed(volume)
    ideal = forces.evaluate(phase.cell(volume)).energy
    assert relaxed.energy < ideal
    for key, value in relaxed.parameters.items():
        for change in (-2e-3, 2e-3):
            moved = phase.cell(volume, relaxed.parameters | {key: value + change})
            assert wahnstrom_energy(moved.positions, moved.species, moved.box.edges) > relaxed.energy
    # What symmetry forbids is not there either: no atom feels any force.
    assert np.abs(forces.evaluate(relaxed.configuration).forces).max() < 1e-4


def test_pressure_is_the_slope_of_the_energy(wahnstrom, forces):
    crystal = CrystalEnergy(phase_named("c14", wahnstrom), forces)
    h = 1e-4
    slope = (crystal.relaxed(0.66 + h).energy - crystal.relaxed(0.66 - h).energy) / (2 * h)
    assert crystal.relaxed(0.66).pressure == pytest.approx(-slope, abs=1e-4)


def shaken(configuration, share, seed=0):
    """Normal noise of a share of the mean spacing."""
    noise = (
        share
        * configuration.spacing
        * np.random.default_rng(seed).standard_normal(configuration.positions.shape)
    )
    box = configuration.box
    return Configuration(box.wrap(configuration.positions + noise + 0.01), configuration.species, box)


def indices(configuration, edge_threshold=0.0):
    rows = census(
        [index_counts(tessellate(configuration, edge_threshold=edge_threshold), configuration.species)]
    )
    return {row.index: row.by_species for row in rows}


@pytest.mark.parametrize("noise", [0.0, 0.01])
@pytest.mark.parametrize("name", ["c14", "c15", "c36"])
def test_laves_phases_are_icosahedra_and_z16(name, noise, wahnstrom):
    """Every small atom <0,0,12,0>, every large one <0,0,12,4>; no threshold is needed, with noise or without."""
    crystal = build_crystal(wahnstrom, phase_named(name, wahnstrom), volume=0.687).configuration
    crystal = shaken(crystal, noise)
    found = indices(crystal)
    assert found == {(0, 0, 12, 0): {1: 0.0, 2: 1.0}, (0, 0, 12, 4): {1: 1.0, 2: 0.0}}
    local = laves_test(tessellate(crystal, bonds=True), crystal.species)
    assert local.fraction == 1.0
    assert local.z12.sum() == 2 * local.z16.sum()


def test_the_laves_test_refuses_what_is_icosahedral_but_of_other_species(wahnstrom):
    crystal = build_crystal(wahnstrom, phase_named("c15", wahnstrom), volume=0.687).configuration
    swapped = Configuration(crystal.positions, (3 - crystal.species).astype(np.int32), crystal.box)
    assert laves_test(tessellate(swapped, bonds=True), swapped.species).fraction == 0
    with pytest.raises(InputError, match="bonds=True"):
        laves_test(tessellate(crystal), crystal.species)


def test_bcc_and_fcc_cells_and_what_noise_does_to_them(wahnstrom):
    """bcc stays <0,6,0,8>; fcc's fourfold vertices shatter unless edges below 0.1 spacings are dropped."""
    bcc = build_crystal(wahnstrom, phase_named("bcc", wahnstrom), 250, volume=1.0).configuration
    fcc = build_crystal(wahnstrom, phase_named("fcc", wahnstrom), 256, volume=1.0).configuration
    assert indices(bcc) == indices(shaken(bcc, 0.01)) == {(0, 6, 0, 8): {1: 1.0}}
    assert indices(fcc) == indices(shaken(fcc, 0.01), edge_threshold=0.1) == {(0, 12, 0, 0): {1: 1.0}}
    assert indices(shaken(fcc, 0.01)).get((0, 12, 0, 0), {1: 0.0})[1] < 0.1


@pytest.mark.parametrize(
    ("name", "asked", "direction"), [("c15", 0.5, (1, 2)), ("c15", 0.75, (2, 1)), ("fcc", 0.3, (2, 1))]
)
def test_substitution_gives_the_composition_to_one_atom_in_the_direction_needed(
    name, asked, direction, wahnstrom
):
    """50:50 C15 puts large atoms on small sites; the other sites keep their species."""
    phase = phase_named(name, wahnstrom)
    pure = build_crystal(wahnstrom, phase, 500, volume=0.767).configuration
    mixed = build_crystal(wahnstrom, phase, 500, volume=0.767, composition=asked, seed=3).configuration
    assert abs(mixed.counts[2] - asked * mixed.n_atoms) <= 1
    changed = pure.species != mixed.species
    new, old = direction
    assert changed.any() and (mixed.species[changed] == new).all() and (pure.species[changed] == old).all()
    again = build_crystal(wahnstrom, phase, 500, volume=0.767, composition=asked, seed=3).configuration
    assert (again.species == mixed.species).all()
    other = substitute(pure, (pure.n_atoms - mixed.counts[2], mixed.counts[2]), seed=4)
    assert (other.species != mixed.species).any() and other.counts == mixed.counts


def test_boxes_are_the_nearest_and_wide_enough(wahnstrom):
    c15 = phase_named("c15", wahnstrom)
    assert build_crystal(wahnstrom, c15, 648, volume=0.767).repeats == (3, 3, 3)
    near = build_crystal(wahnstrom, c15, 500, volume=0.767)
    assert near.configuration.n_atoms == 432
    for name in ("hcp", "c36", "b2"):
        wide = build_crystal(wahnstrom, phase_named(name, wahnstrom), 300, volume=0.767, two_cutoffs=True)
        assert wide.configuration.box.width >= 5.0
        assert wide.configuration.box.length / wide.configuration.box.width <= 2.0
    for atoms in (10, 0, -5):
        with pytest.raises(InputError, match="the cell of c15 has 24 atoms"):
            build_crystal(wahnstrom, c15, atoms, volume=0.767)
    with pytest.raises(InputError, match="a box of two cutoffs 192"):
        build_crystal(wahnstrom, c15, 48, volume=0.767, two_cutoffs=True)


def test_a_built_crystal_has_the_energy_of_its_cell(wahnstrom):
    """Replication changes nothing: the box of 192 atoms has the unit cell's energy per atom, and no forces."""
    crystal = build_crystal(wahnstrom, phase_named("c15", wahnstrom))
    with Minimiser(wahnstrom) as minimiser:
        found = minimiser.evaluate(crystal.configuration)
    assert found.energy == pytest.approx(-7.885, abs=0.001)
    assert crystal.configuration.volume / 192 == pytest.approx(0.658, abs=0.001)
    assert abs(found.pressure) < 1e-4 and found.max_force < 1e-9


def test_lattice_constants_are_taken_as_given(wahnstrom):
    hcp = build_crystal(wahnstrom, phase_named("hcp", wahnstrom), 64, edges=(1.1, 1.8))
    cell = hcp.configuration.box.edges / hcp.repeats
    assert cell == pytest.approx([1.1, 1.1 * np.sqrt(3), 1.8])
    for bad in ((1.1, 1.8, 2.0), (-1.0,), (float("nan"),)):
        with pytest.raises(InputError):
            build_crystal(wahnstrom, phase_named("hcp", wahnstrom), 64, edges=bad)
    with pytest.raises(InputError, match="cubic"):
        build_crystal(wahnstrom, phase_named("fcc", wahnstrom), 64, edges=(1.5, 1.6))


def test_a_crystal_is_stretched_into_its_box(wahnstrom):
    c15, box = phase_named("c15", wahnstrom), (5.09, 5.09, 17.05)
    built = build_crystal(wahnstrom, c15, composition=0.5, cells=(2, 2, 6), box=box)
    c = built.configuration
    assert built.repeats == (2, 2, 6) and c.n_atoms == 24 * 24 and c.counts == {1: 288, 2: 288}
    assert c.box.edges == pytest.approx(box)
    cubic = build_crystal(wahnstrom, c15, composition=0.5, cells=(2, 2, 6), edges=(2.6,)).configuration
    assert c.box.fractional(c.positions) == pytest.approx(cubic.box.fractional(cubic.positions))


def test_local_energies_and_volumes_add_up_to_the_whole(wahnstrom):
    cell = phase_named("c15", wahnstrom).cell(0.658)
    whole = replicate(cell, (2, 2, 2))
    with Minimiser(wahnstrom) as minimiser:
        energies = minimiser.energies(whole)
    means = local_means(energies, tessellate(whole), whole.species)
    energy = wahnstrom_energy(cell.positions, cell.species, cell.box.edges)
    assert (2 * means[2].energy + means[1].energy) / 3 == pytest.approx(energy, abs=1e-9)
    assert (2 * means[2].volume + means[1].volume) / 3 == pytest.approx(0.658, abs=1e-9)
    assert means[1].volume > means[2].volume


def test_metals_are_built_too():
    """The relaxed B2 CuZr of the embedded-atom potential: a = 3.24 A from E(V), 3.26 A in experiment."""
    system = load_system("cuzr")
    crystal = build_crystal(system, phase_named("b2", system), 2)
    assert crystal.configuration.box.edges[0] == pytest.approx(3.24, abs=0.03)
    with Forces(system) as forces:
        assert abs(forces.evaluate(crystal.configuration).stress).max() < 1e-5


def test_unknown_phases_and_species_are_refused_with_the_near_name(wahnstrom):
    with pytest.raises(InputError, match="did you mean 'c15'"):
        phase_named("c51", wahnstrom)
    with pytest.raises(InputError, match="unknown phase 'c15-small'"):
        phase_named("c15-small", wahnstrom)
    one = load_system("soft-sphere")
    with pytest.raises(InputError, match="needs a large and a small species; soft-sphere has one"):
        phase_named("c15", one)
    with pytest.raises(InputError, match="no species 3"):
        phase_named("c15", wahnstrom, small=3)
    with pytest.raises(InputError, match="two different species"):
        phase_named("c15", wahnstrom, large=2)
    assert species_number("S", wahnstrom) == species_number("2", wahnstrom) == 2
    with pytest.raises(InputError, match="'X' is not in wahnstrom"):
        species_number("X", wahnstrom)
