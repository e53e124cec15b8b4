"""Energies of charged systems against published constants, sums by hand and `lmp` by itself."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import erfc

from glasscli.configuration import Configuration
from glasscli.engine.forces import Forces
from glasscli.engine.installed import load_lammps
from glasscli.engine.launch import environment
from glasscli.engine.minimiser import Minimiser
from glasscli.errors import InputError
from glasscli.formats.writers import lammps_data
from glasscli.model.system import load_system
from glasscli.structures.build import replicate
from glasscli.structures.phases import phase_named
from tests.charges import salts
from tests.lattices import ideal

# Of rock salt, per ion and nearest distance: C. Kittel, Introduction to Solid State Physics.
MADELUNG = 1.747565
COULOMB = {"metal": 14.399645, "real": 332.06371}  # LAMMPS's constants, energy x length of two unit charges

ROCK_SALT = """
name = "rock-salt"
units = "{units}"
timestep = 0.001
cutoff = 6.0
skin = 1.0
commands = ["pair_style coul/long 6.0", "pair_coeff * *", "kspace_style ewald 1e-8"]
"""


@pytest.mark.parametrize("units", ["metal", "real"])
def test_rock_salt_has_madelungs_constant(tmp_path, units):
    text = ROCK_SALT.format(units=units) + salts.SPECIES.format(
        plus=1.0, minus=-1.0, more="", volume=20.0, hot=1000.0, cold=300.0
    )
    system = salts.loaded(tmp_path, text)
    with Forces(system) as forces:
        found = forces.evaluate(salts.rock_salt(5.64, 2))
    per_pair = 2 * found.energy * 2.82 / COULOMB[units]
    assert per_pair == pytest.approx(-MADELUNG, abs=1e-5)
    # What scales as 1/r pushes with a third of its energy density.
    density = found.energy / 2.82**3
    assert found.stress == pytest.approx([density / 3] * 3, rel=1e-5)


def dsf(distances, charges, alpha, cutoff):
    """C. J. Fennell and J. D. Gezelter, J. Chem. Phys. 124, 234104 (2006): energy of all.

    As Wolf has it, the shift at the cutoff is a charge's image there, and half of it belongs to the charge itself.
    """
    end = erfc(alpha * cutoff) / cutoff
    slope = end / cutoff + 2 * alpha / np.sqrt(np.pi) * np.exp(-((alpha * cutoff) ** 2)) / cutoff
    i, j = np.triu_indices(len(charges), 1)
    r = distances[i, j]
    near = r < cutoff
    pairs = charges[i] * charges[j] * (erfc(alpha * r) / r - end + slope * (r - cutoff))
    return pairs[near].sum() - ((end + slope * cutoff) / 2 + alpha / np.sqrt(np.pi)) * (charges**2).sum()


def test_screened_charges_have_the_energy_of_their_formula(tmp_path):
    commands = ["pair_style coul/dsf 0.5 2.5", "pair_coeff * *"]
    system = salts.loaded(tmp_path, salts.salt(commands, charge=0.7))
    c = salts.scattered(60, 3, 5.5)
    vectors = c.box.minimum_image(c.positions[:, None] - c.positions[None])
    expected = dsf(np.linalg.norm(vectors, axis=2), np.where(c.species == 1, 0.7, -0.7), 0.5, 2.5)
    with Forces(system) as forces:
        assert forces.evaluate(c).energy * 60 == pytest.approx(expected, rel=1e-5)  # LAMMPS's erfc
        # Other species on the same places, in the same instance: charges go with species.
        other = replace(c, species=np.roll(c.species, 7))
        expected = dsf(np.linalg.norm(vectors, axis=2), np.where(other.species == 1, 0.7, -0.7), 0.5, 2.5)
        assert forces.evaluate(other).energy * 60 == pytest.approx(expected, rel=1e-5)  # LAMMPS's erfc


LMP = """
units {units}
atom_style {style}
boundary p p p
read_data start.data
{commands}
neighbor {skin} bin
compute f all property/atom fx fy fz
thermo_style custom step pe
thermo_modify norm yes format float %.17g
dump 1 all custom 1 forces.dump id fx fy fz
dump_modify 1 sort id format float %.17g
run 0
print "$(pe:%.17g)" file energy
"""


def of_lmp(folder, configuration, system):
    """Energy per atom and forces [n, 3] by `lmp` alone, of the data file that we write."""
    load_lammps()
    (folder / "start.data").write_text(lammps_data(configuration, system))
    text = LMP.format(
        skin=system.skin, units=system.units, style=system.atom_style, commands="\n".join(system.commands)
    )
    (folder / "in").write_text(text)
    lmp = Path(sys.executable).with_name("lmp")
    done = subprocess.run(
        [lmp, "-in", "in", "-log", "none"], cwd=folder, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-500:]
    return float((folder / "energy").read_text()), np.loadtxt(folder / "forces.dump", skiprows=9)[:, 1:]


def test_silica_has_the_energy_and_forces_of_lmp(tmp_path):
    """648 atoms of cristobalite, shaken: BKS with its charges summed by meshes, to 1e-10."""
    crystal = ideal("cristobalite", 7.16**3 / 24, (3, 3, 3))
    shift = 0.05 * np.random.default_rng(1).standard_normal(crystal.positions.shape)
    species = (3 - crystal.species).astype(np.int32)  # silicon is the first of the system's species
    c = Configuration(crystal.box.wrap(crystal.positions + shift), species, crystal.box)
    system = load_system("silica")
    energy, forces = of_lmp(tmp_path, c, system)
    with Forces(system) as ours:
        found = ours.evaluate(c)
    assert c.n_atoms == 648 and found.energy < -18.5
    assert found.energy == pytest.approx(energy, rel=1e-10)
    assert found.forces == pytest.approx(forces, abs=1e-10 * np.abs(forces).max())


@pytest.mark.parametrize("diameter", [None, 1.0])
@pytest.mark.parametrize("commands", [salts.DSF, salts.EWALD], ids=["dsf", "ewald"])
def test_our_energies_and_forces_are_those_of_lmp_on_the_data_file_we_write(tmp_path, commands, diameter):
    system = salts.loaded(tmp_path, salts.salt(commands, diameter=diameter))
    c = salts.scattered(100, 5, 5.2)
    energy, theirs = of_lmp(tmp_path, c, system)
    with Forces(system) as forces:
        found = forces.evaluate(c)
    assert found.energy == pytest.approx(energy, rel=1e-10)
    assert found.forces == pytest.approx(theirs, abs=1e-10 * np.abs(theirs).max())


def test_a_net_charge_is_refused_where_it_is_summed_over_all_images(tmp_path):
    system = salts.loaded(tmp_path, salts.salt(salts.EWALD))
    c = salts.scattered(100, 5, 5.2)
    with (
        Minimiser(system) as minimiser,
        pytest.raises(InputError, match=r"have the charge \+100: its species must come in shares"),
    ):
        minimiser.evaluate(replace(c, species=np.r_[np.int32([1]), c.species[1:]] * 0 + np.int32(1)))


def test_how_many_atoms_would_be_neutral_is_said(tmp_path):
    text = salts.salt(salts.EWALD).replace("fraction = 0.5", "fraction = 0.3333333333333333", 1)
    text = text.replace("fraction = 0.5", "fraction = 0.6666666666666667").replace(
        "charge = -1.0", "charge = -0.5"
    )
    system = salts.loaded(tmp_path, text)
    system.check_neutral(system.counts(648))
    with pytest.raises(
        InputError, match=r"1000 atoms of salt \(333 P, 667 M\) have the charge -0.5: 999 atoms are"
    ):
        system.check_neutral(system.counts(1000))


def test_atoms_are_as_large_as_their_species(tmp_path):
    """Harmonic spheres, whose pair style reads diameters from the atoms: E = 10 (1 - 2r/(d_i + d_j))^2 in contact."""
    commands = [
        "pair_style lepton/sphere 2.5",
        'pair_coeff * * "10*(1-r/(radi+radj))^2*step(radi+radj-r)"',
    ]
    text = salts.salt(commands, diameter=0.8)
    text = "diameter = 1.4".join(text.rsplit("diameter = 0.8", 1))
    system = salts.loaded(tmp_path, text)
    assert [s.diameter for s in system.species] == [0.8, 1.4]
    c = salts.scattered(60, 3, 4.5)
    i, j = np.triu_indices(60, 1)
    r = np.linalg.norm(c.box.minimum_image(c.positions[i] - c.positions[j]), axis=1)
    with Forces(system) as forces:
        for one in (c, replace(c, species=np.roll(c.species, 7)[::-1].copy())):
            radii = np.where(one.species == 1, 0.4, 0.7)
            touch = radii[i] + radii[j]
            expected = (10 * np.clip(1 - r / touch, 0, None) ** 2).sum()
            assert expected > 1
            assert forces.evaluate(one).energy * 60 == pytest.approx(expected, rel=1e-9)


def test_a_silica_cell_below_two_cutoffs_is_its_supercell():
    """96 atoms of cristobalite, shaken, 7 to 14 angstroms wide under a cutoff of 10: eight of them say the same."""
    system = load_system("silica")
    crystal = replicate(phase_named("cristobalite", system).cell(system.defaults.volume_per_atom), (2, 2, 1))
    noise = np.random.default_rng(6).normal(0, 0.05, crystal.positions.shape)
    cell = replace(crystal, positions=crystal.box.wrap(crystal.positions + noise))
    assert cell.n_atoms == 96 and cell.box.width < system.cutoff
    whole = replicate(cell, (2, 2, 2))
    with Forces(system) as one, Forces(system) as eight:
        small, large = one.evaluate(cell), eight.evaluate(whole)
    assert small.energy == pytest.approx(large.energy, rel=1e-6)
    # The mesh errs by 1e-6 of the force between two unit charges one angstrom apart.
    copies = [
        np.argmin(np.abs(whole.box.minimum_image(whole.positions - x)).sum(axis=1)) for x in cell.positions
    ]
    assert small.forces == pytest.approx(large.forces[copies], abs=1e-4)
