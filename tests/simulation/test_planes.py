"""Glasses in two dimensions, from a system's file to its modes: what LAMMPS does is what a plane must do."""

import json
from itertools import product

import h5py
import numpy as np
import pytest
from scipy.optimize import brentq

from glasscli.box import Box
from glasscli.cli import analyze, anneal, build, eos, export, hybrid, modes, quench, render, report, show
from glasscli.configuration import Configuration
from glasscli.engine.forces import Forces
from glasscli.engine.pair_tables import tabulate
from glasscli.errors import InputError, StoppedEarly
from glasscli.model.system import load_system, same_model
from glasscli.modes.elastic import debye
from glasscli.modes.hessian import Curvature
from glasscli.modes.hessian_differences import by_differences
from glasscli.modes.spectrum import masses
from glasscli.modes.spectrum import modes as spectrum
from glasscli.protocols.kinds.quench import QuenchWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.kernel import Sites
from glasscli.simulation.plan import plan
from glasscli.simulation.resume import resume
from glasscli.simulation.run import run
from glasscli.simulation.stopping import Stop
from glasscli.store.reader import open_run
from tests.conftest import in_process
from tests.planes import leaning, triangular

KA, FL = load_system("kob-andersen-2d"), load_system("falk-langer")
SAMPLING = SamplingWish(every=100, inherent_every=200, checkpoint_every=100, thermo_every=20, velocities=True)


def answer(command, name, folder, monkeypatch, *words):
    return in_process(name, command.command, folder, monkeypatch)(*words)


def by(command, name, folder, monkeypatch, *words):
    code, out, err = answer(command, name, folder, monkeypatch, *words, "--json")
    assert code == 0, err
    return json.loads(out)


def job(output, system=KA, **how):
    wish = QuenchWish(atoms=150, steps=400, equilibration=100, sampling=SAMPLING, seed=5, **how)
    return plan(system, wish, output)


def test_the_systems_are_those_of_the_papers():
    assert KA.dimension == FL.dimension == 2
    assert KA.counts(100) == (65, 35) and 1 / KA.defaults.volume_per_atom == pytest.approx(1.2)
    assert not same_model(KA, load_system("kob-andersen"))  # though every pair has the same energy
    large, small = FL.counts(10_000)
    assert large / small == pytest.approx((1 + np.sqrt(5)) / 4, rel=1e-3)
    assert 10_000 * FL.defaults.volume_per_atom == pytest.approx(98.8045**2, rel=1e-6)


@pytest.mark.parametrize("crystal", [triangular((4, 3)), leaning(6), leaning(1)])
def test_energy_of_a_monolayer_is_its_lattice_sum(crystal):
    """A triangular lattice of Kob and Andersen's A atoms, summed by hand; also in cells below two cutoffs."""
    a, b = 1.1 * np.array([1, 0]), 1.1 * np.array([0.5, np.sqrt(3) / 2])
    energy = 0.0
    for i, j in product(range(-4, 5), repeat=2):
        r = np.linalg.norm(i * a + j * b)
        if 0 < r < 2.5:
            energy += 2 * (r**-12 - r**-6 - 2.5**-12 + 2.5**-6)
    with Forces(KA) as forces:
        found = forces.evaluate(crystal)
    assert found.energy == pytest.approx(energy, rel=1e-12)
    assert found.stress.shape == (2,) and found.stress[0] == pytest.approx(found.stress[1])


@pytest.mark.parametrize("kind", ["nvt", "langevin", "npt"])
def test_atoms_stay_in_their_plane_with_two_degrees_of_freedom_each(kind, tmp_path):
    found = run(job(tmp_path / "a.h5", FL, ensemble=kind))
    thermo, n = found.thermo, sum(found.manifest.protocol.counts)
    assert len(found.frames) == 5
    for frame in list(found.frames)[1:]:
        assert frame.box.dimension == 2
        assert not frame.positions[:, 2].any() and not frame.velocities[:, 2].any()
        kinetic = 0.5 * (frame.velocities**2).sum()  # masses are 1
        row = int(np.flatnonzero(thermo["step"] == frame.step)[0])
        # The centre of mass is at rest: 2 N - 2 degrees of freedom with kT / 2 each.
        assert thermo["temperature"][row] == pytest.approx(2 * kinetic / (2 * n - 2), rel=1e-6)
        assert frame.volume == pytest.approx(np.prod(frame.box.lengths[:2]))
        assert thermo["volume"][row] == pytest.approx(frame.volume, rel=1e-9)  # LAMMPS's, which is an area
    for structure in found.inherent:
        assert not structure.positions[:, 2].any()
    assert found.inherent_table["inherent_max_force"].max() < 1e-5


def test_a_killed_quench_goes_on_with_the_same_bits(tmp_path):
    whole = run(job(tmp_path / "whole.h5", ensemble="langevin"))
    with pytest.raises(StoppedEarly):
        run(job(tmp_path / "cut.h5", ensemble="langevin"), stop=Stop(reason="test"))
    resume(tmp_path / "cut.h5")
    cut = open_run(tmp_path / "cut.h5")
    assert cut.manifest.history[-1].start_step == 100  # gone on with
    assert np.array_equal(whole.frames[-1].positions, cut.frames[-1].positions)


def test_sites_in_a_plane_have_lammpss_energy():
    rng = np.random.default_rng(2)
    c = triangular((12, 7))
    species = (1 + (np.arange(c.n_atoms) % 3 == 0)).astype(np.int32)
    moved = c.box.wrap(c.positions + rng.normal(0, 0.05, c.positions.shape) * [1, 1, 0])
    c = Configuration(moved, species, c.box)
    sites = Sites(c.positions, species - 1, c.box, tabulate(KA))
    with Forces(KA) as forces:
        before = forces.evaluate(c).energy
        assert sites.total() / c.n_atoms == pytest.approx(before, rel=1e-9)
        changed = species.copy()
        changed[[0, 1]] = changed[[1, 0]]
        after = forces.evaluate(Configuration(c.positions, changed, c.box)).energy
    assert sites.change(0, 1) / c.n_atoms == pytest.approx(after - before, abs=1e-9)


def test_hessian_of_a_plane_by_pairs_and_by_differences():
    rng = np.random.default_rng(4)
    c = triangular((6, 4), a=1.3)
    c = Configuration(
        c.box.wrap(c.positions + rng.normal(0, 0.02, c.positions.shape) * [1, 1, 0]), c.species, c.box
    )
    with Forces(FL) as forces:
        ours = spectrum(Curvature(forces).hessian(c).matrix, c, FL)
        matrix = by_differences(c, forces, FL.cutoff)[0]
        theirs = spectrum(matrix, c, FL)
        few = spectrum(Curvature(forces).hessian(c).matrix, c, FL, count=12)
    assert len(ours.squares) == 2 * c.n_atoms and ours.complete and ours.zero.sum() == 2
    assert not ours.vectors[:, :, 2].any()
    assert ours.squares == pytest.approx(theirs.squares, abs=1e-6 * ours.largest)
    assert few.method == "filtered"
    assert few.squares == pytest.approx(ours.squares[:12], abs=1e-8 * ours.largest)


def test_a_triangular_crystal_without_pressure_obeys_cauchy():
    """Central forces and no pressure: lambda = mu, so that K = 2 mu and c_L^2 = 3 c_T^2; isotropic by symmetry."""
    with Forces(FL) as forces:

        def pressure(a):
            return float(forces.evaluate(triangular((8, 5), a)).stress.mean())

        c = triangular((8, 5), brentq(pressure, 1.25, 1.35, xtol=1e-13))
        matrix = Curvature(forces).hessian(c).matrix
        found = debye(c, matrix, masses(c, FL), forces)
    assert found.bulk == pytest.approx(2 * found.shear, rel=1e-4)
    assert found.longitudinal**2 == pytest.approx(3 * found.transverse**2, rel=1e-4)
    density = c.n_atoms / c.volume
    # 2 N waves, k^2 / 4 pi an area each up to the Debye frequency.
    counted = found.frequency**2 / (4 * np.pi) * (found.longitudinal**-2 + found.transverse**-2)
    assert counted == pytest.approx(2 * density)


def test_a_glass_from_its_melt_to_its_modes(tmp_path, monkeypatch):
    def call(command, name, *words):
        return by(command, name, tmp_path, monkeypatch, *words)

    made = call(quench, "quench", "--system", "kob-andersen-2d", "--atoms", "150", "--steps", "3000",
                "--equilibration", "1000", "--seed", "3")  # fmt: skip
    assert made["icosahedral_fraction"] is None and made["inherent_energy"] < -3
    held = call(anneal, "anneal", "quench.h5", "--T", "0.5", "--steps", "2000", "--every", "100")
    assert held["inherent_energy"] < -3
    call(hybrid, "hybrid", "quench.h5", "--T", "1.5", "--steps", "500", "-o", "local.h5")
    call(
        hybrid,
        "hybrid",
        "quench.h5",
        "--T",
        "1.5",
        "--steps",
        "500",
        "--engine-mc",
        "lammps",
        "-o",
        "their.h5",
    )
    with h5py.File(tmp_path / "anneal.h5") as file:
        assert file["particles/all/box"].attrs["dimension"] == 2
    told = call(show, "show", "anneal.h5")
    assert told["box"]["dimension"] == 2
    measured = call(analyze, "analyze", "anneal.h5", "--measure", "all")
    assert measured["icosahedral_fraction"]["last"] is None
    order = measured["hexatic"]
    assert 0 < order["psi_6"] < 1 and sum(order["sides"].values()) == pytest.approx(1)
    assert sum(int(n) * share for n, share in order["sides"].items()) == pytest.approx(6)
    moved = measured["displacements"]["motion"]
    assert len(moved["msd_cage_relative"]) == len(moved["msd"]) > 5
    assert measured["pdf"]["total"] and measured["pdf"]["icosahedral"] == {}
    assert measured["structure-factor"]["q"]
    for name in ("icosahedra", "network", "topology", "definitions", "relaxation"):
        assert measured[name] == {}
        assert any(note.startswith("no ") and name in note for note in measured["notes"])
    assert sum("three dimensions, anneal.h5 has two" in note for note in measured["notes"]) == 1
    assert "hexatic" in call(analyze, "analyze", "anneal.h5")  # by default too
    found = call(modes, "modes", "quench.h5")
    assert (found["modes"], found["zero_modes"], found["unstable"]) == (300, 2, 0)
    assert found["debye"]["bulk"] > found["debye"]["shear"] > 0
    call(render, "render", "quench.h5")
    call(report, "report", "quench.h5", "anneal.h5")


def test_files_of_planes(tmp_path, monkeypatch):
    run(job(tmp_path / "a.h5", FL))
    for name in ("b.dump", "b.xyz", "b.lammps"):
        by(export, "export", tmp_path, monkeypatch, "a.h5", "-o", name)
        found = by(
            analyze, "analyze", tmp_path, monkeypatch, name, "--system", "falk-langer", "--measure", "hexatic"
        )
        own = by(analyze, "analyze", tmp_path, monkeypatch, "a.h5", "--measure", "hexatic")
        assert found["box"]["dimension"] == 2
        assert found["hexatic"]["psi_6"] == pytest.approx(own["hexatic"]["psi_6"], abs=1e-6)
        assert found["potential_energy"]["last"] == pytest.approx(own["potential_energy"]["last"], abs=1e-6)
    again = by(anneal, "anneal", tmp_path, monkeypatch, "b.lammps", "--T", "0.3", "--steps", "100")
    assert again["inherent_energy"] < 0


@pytest.mark.parametrize(
    ("command", "name", "words", "said"),
    [
        (
            analyze,
            "analyze",
            "a.h5 --system kob-andersen --reinterpret",
            "has two dimensions, kob-andersen has three",
        ),
        (analyze, "analyze", "a.h5 --measure icosahedra", "needs three dimensions, a.h5 has two"),
        (build, "build", "fcc --system falk-langer", "build needs three dimensions; falk-langer has two"),
        (eos, "eos", "fcc --system falk-langer", "eos needs three dimensions; falk-langer has two"),
        (
            hybrid,
            "hybrid",
            "a.h5 --T 0.5 --forces own",
            "falk-langer is two-dimensional, where forces are LAMMPS's",
        ),
    ],
)
def test_what_a_plane_cannot_is_one_line(command, name, words, said, tmp_path, monkeypatch):
    run(job(tmp_path / "a.h5", FL))
    code, _, err = answer(command, name, tmp_path, monkeypatch, *words.split())
    assert code != 0 and said in err and err.count("\n") == 1 and "Traceback" not in err


def test_a_system_of_a_plane_and_atoms_in_space_do_not_meet(tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    rows = "\n".join(f"L {x} {y} {z}" for x, y, z in rng.random((64, 3)) * 9)
    (tmp_path / "c.xyz").write_text(
        '64\nLattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3 pbc="T T T"\n' + rows + "\n"
    )
    code, _, err = answer(analyze, "analyze", tmp_path, monkeypatch, "c.xyz", "--system", "falk-langer")
    assert code != 0 and "c.xyz: its atoms are at several z" in err and err.count("\n") == 1


def test_a_plane_has_no_sum_over_images(tmp_path):
    with pytest.raises(InputError, match="a plane has no kspace_style"):
        path = tmp_path / "s.toml"
        text = (
            'name = "s"\nunits = "lj"\ndimension = 2\ntimestep = 0.004\ncutoff = 2.5\nskin = 0.3\n'
            'commands = ["pair_style coul/long 2.5", "kspace_style ewald 1e-4"]\n'
            '[[species]]\nname = "A"\nmass = 1.0\nfraction = 1.0\n'
            "[defaults]\nvolume_per_atom = 1.0\nT_start = 1.0\nT_end = 0.1\n"
        )
        path.write_text(text)
        load_system(str(path))


def test_boxes_of_a_plane_as_layers():
    box = Box(np.array([5.0, 4.0, 1.0]), dimension=2)
    assert box.layer(9.0).plain and box.layer(9.0).lengths == pytest.approx([5, 4, 9])
    assert Box(np.array([5.0, 4.0, 1.0])).layer(9.0).lengths == pytest.approx([5, 4, 1])
