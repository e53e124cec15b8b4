"""Tension and compression at a temperature: edges go as the rate says, sides are at their pressure, a crystal answers
with its elastic constants, bits survive a stop."""

import numpy as np
import pytest

from glasscli.analysis.tensile import tensile
from glasscli.configuration import Box, Configuration
from glasscli.engine.forces import Forces
from glasscli.engine.launch import Launch
from glasscli.engine.minimiser import Minimiser
from glasscli.errors import InputError, StoppedEarly
from glasscli.model.system import load_system
from glasscli.modes.elastic_tensor import from_hessian
from glasscli.modes.hessian import Curvature
from glasscli.protocols.kinds.flow import FlowWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.plan import plan
from glasscli.simulation.resume import resume
from glasscli.simulation.run import run
from glasscli.simulation.stopping import Stop
from glasscli.store.manifest import Parent
from glasscli.store.reader import open_run
from glasscli.store.schema import EDGES, STRESS
from glasscli.store.verify import check
from tests.stress.same import assert_same_run

SYSTEM = load_system("soft-sphere")
LJ, EDGE = load_system("wahnstrom-smooth"), 1.56  # its first species alone
SLOWLY = {"system": LJ, "temperature": 0.01, "strain_max": 0.02, "rest": 500}
RATE = 4e-3
FCC = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])


def job(start, output, every=500, checkpoint=1000, launch=None, system=SYSTEM, **how):
    sampling = SamplingWish(every=every, thermo_every=every, checkpoint_every=checkpoint)
    wish = FlowWish(**{"temperature": 0.3, "mode": "uniaxial", "sampling": sampling} | how)
    return plan(system, wish, output, "", (start, Parent("glass", "")), launch or Launch())


def assert_same_tension(path, reference):
    """Also what only these runs have."""
    assert_same_run(path, reference)
    one, other = open_run(path), open_run(reference)
    for series in (STRESS, EDGES):
        ours, theirs = one.table(series), other.table(series)
        assert len(theirs["step"]) and all(np.array_equal(ours[name], theirs[name]) for name in theirs)


def atoms(places, box):
    return Configuration(places, np.ones(len(places), np.int32), box, np.zeros((len(places), 3), np.int32))


@pytest.fixture(scope="module")
def crystal():
    """256 Lennard-Jones atoms of fcc, their pressure, and their C11 and C12, which have that pressure in them."""
    cells = np.stack(np.meshgrid(*[np.arange(4)] * 3, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    start = atoms(((cells + FCC) * EDGE).reshape(-1, 3), Box.cube(4 * EDGE))
    with Forces(LJ) as forces:
        curvature = Curvature(forces)
        C = from_hessian(start, curvature.hessian(start), curvature, forces).C
        pressure = float(np.trace(forces.evaluate(start).tensor)) / 3
    return start, pressure, C[0, 0], C[0, 1]


@pytest.fixture(scope="module")
def glass():
    edge = (200 * SYSTEM.defaults.volume_per_atom) ** (1 / 3)
    places = np.random.default_rng(2).uniform(0, edge, (200, 3))
    with Minimiser(SYSTEM) as minimiser:
        return minimiser.minimise(atoms(places, Box.cube(edge))).configuration


@pytest.fixture(scope="module")
def stretched(crystal, tmp_path_factory):
    path = tmp_path_factory.mktemp("uniaxial") / "stretched.h5"
    return run(job(crystal[0], path, pressure=crystal[1], rate=RATE, axis="y", **SLOWLY))


@pytest.fixture(scope="module")
def compressed(crystal, tmp_path_factory):
    path = tmp_path_factory.mktemp("uniaxial") / "compressed.h5"
    return run(job(crystal[0], path, pressure=crystal[1], rate=-RATE, **SLOWLY))


def test_a_cold_crystal_has_the_modulus_and_the_ratio_of_its_constants(crystal, stretched, compressed):
    """E = (C11 - C12)(C11 + 2 C12)/(C11 + C12) and nu = C12/(C11 + C12) along a cube's edge; what the square of the
    strain adds has the other sign in compression."""
    _, _, c11, c12 = crystal
    pair = [tensile(one).found for one in (stretched, compressed)]
    for name, exact in (
        ("modulus", (c11 - c12) * (c11 + 2 * c12) / (c11 + c12)),
        ("poisson", c12 / (c11 + c12)),
    ):
        one, other = (getattr(found, name) for found in pair)
        assert max(one.error, other.error) < 0.06 * exact
        error = np.hypot(one.error, other.error) / 2
        assert (one.value + other.value) / 2 == pytest.approx(exact, abs=3 * error + 0.01 * exact)


def test_edges_go_as_the_rate_says_and_sides_are_at_their_pressure(crystal, stretched):
    p, edges, stress = stretched.manifest.protocol, stretched.table(EDGES), stretched.table(STRESS)
    begun = stretched.frames[0].box.lengths
    along = np.log(edges["edge_y"] / begun[1])
    assert along == pytest.approx([p.strain_at(int(step)) for step in edges["step"]], abs=1e-12)
    assert np.array_equal(edges["step"], stress["step"]) and p.strain_at(p.steps) == pytest.approx(
        0.02, rel=1e-3
    )
    shown = dict(zip(edges["step"], edges["edge_x"], strict=True))
    for step, frame in zip(stretched.frames.steps[1:], list(stretched.frames)[1:], strict=True):
        assert frame.box.lengths[0] == pytest.approx(shown[step], rel=1e-12) and not frame.box.tilted
    along_it = stress["pressure_yy"].mean() - crystal[1]
    for side in "xz":  # beside what the stress along becomes
        assert abs(stress[f"pressure_{side * 2}"].mean() - crystal[1]) < 0.03 * abs(along_it)
        assert np.log(edges[f"edge_{side}"] / begun["xyz".index(side)])[-1] < -0.002
    assert check(stretched) == []


def test_what_is_compressed_pushes_back(compressed, stretched):
    """Strain and stress are below zero, modulus and Poisson's ratio not; a path that still rises has no yield."""
    data, other = tensile(compressed).data, tensile(stretched).data
    assert (data["axis"], other["axis"]) == ("z", "y") and data["strain_max"] == pytest.approx(
        -0.02, rel=1e-3
    )
    for found, sign in ((data, -1), (other, 1)):
        assert sign * found["stress"]["value"][-1] > 0 and sign * found["stress"]["strain"][-1] > 0
        assert found["modulus"] > 0 and 0 < found["poisson"] < 0.5
        assert (
            found["yield"] is None and "go further" in found["yield_reason"] and found["flow_stress"] is None
        )
        assert found["offset_yield"] is None and found["offset_yield_reason"]


def test_a_volume_that_is_kept_is_that_of_shear_at_rest(crystal, tmp_path):
    """The slope is that of `shear --mode uniaxial`, 3 (C11 - C12)/2 along a cube's edge; sides go as exp(-strain/2)."""
    start, _, c11, c12 = crystal
    both = [
        run(job(start, tmp_path / f"{sign}.h5", sides="volume", rate=sign * RATE, **{**SLOWLY, "rest": None}))
        for sign in (1, -1)
    ]
    found = [tensile(one) for one in both]
    assert np.mean([one.found.modulus.value for one in found]) == pytest.approx(1.5 * (c11 - c12), rel=0.02)
    for one, made in zip(found, both, strict=True):
        assert one.found.poisson is None and made.manifest.protocol.ensemble.kind == "nvt"
        assert one.sides["x"] == pytest.approx(-one.strain / 2, abs=1e-9)
        assert np.ptp(made.thermo["volume"]) < 1e-9 * made.thermo["volume"][0]


HOW = {"rate": 0.01, "strain_max": 0.12, "pressure": 7.0, "rest": 300}


@pytest.mark.parametrize("sides", ["pressure", "volume"])
def test_what_is_stopped_at_every_checkpoint_has_the_same_bits(glass, tmp_path, sides):
    """Past the thousand steps after which an unpinned barostat is another."""
    how = HOW if sides == "pressure" else {"rate": 0.015, "strain_max": 0.12, "sides": "volume"}
    whole = run(job(glass, tmp_path / "whole.h5", every=100, checkpoint=250, **how))
    assert whole.manifest.protocol.steps >= 600
    cut, pieces = job(glass, tmp_path / "cut.h5", every=100, checkpoint=250, **how), 1
    with pytest.raises(StoppedEarly):
        run(cut, stop=Stop(reason="test"))
    while True:
        try:
            made = resume(cut.output, stop=Stop(reason="test"))
            break
        except StoppedEarly:
            pieces += 1
    assert pieces > 2
    assert_same_tension(made.path, whole.path)


def test_a_plane_is_stretched_along_its_own_axes(tmp_path):
    """It has one side, and the unit of its stress is that of a plane."""
    system = load_system("kob-andersen-2d")
    edge = (150 * system.defaults.volume_per_atom) ** 0.5
    places = np.zeros((150, 3))
    places[:, :2] = np.random.default_rng(3).uniform(0, edge, (150, 2))
    box = Box(np.array([edge, edge, 1.0]), dimension=2)
    species = np.repeat([1, 2], system.counts(150)).astype(np.int32)
    with Minimiser(system) as minimiser:
        start = minimiser.minimise(
            Configuration(places, species, box, np.zeros((150, 3), np.int32))
        ).configuration
    how = {
        "system": system,
        "temperature": 0.1,
        "pressure": 8.0,
        "rest": 200,
        "rate": 0.05,
        "strain_max": 0.05,
    }
    with pytest.raises(InputError, match="along x or y"):
        job(start, tmp_path / "no.h5", **how)
    found = tensile(run(job(start, tmp_path / "p.h5", axis="x", **how)))
    assert list(found.sides) == ["y"] and found.sides["y"][-1] < 0 < found.stress[-100:].mean()
    assert found.run.manifest.system.unit_system.gigapascals is None
    assert "sides at pressure 8" in found.protocol.title(system)


def test_our_own_forces_stretch_as_lammps_does(glass, tmp_path):
    ours, theirs = (
        tensile(run(job(glass, tmp_path / f"{name or 'lammps'}.h5", launch=Launch(accelerator=name), **HOW)))
        for name in ("own", "")
    )
    assert ours.stress[:200] == pytest.approx(theirs.stress[:200], abs=1e-6)


def test_what_cannot_be_is_one_line(glass, crystal, tmp_path):
    for how, words in (
        ({"rate": 0.1}, "say --pressure"),
        ({"pressure": 1.0}, "needs --rate"),
        ({"rate": 0.0, "pressure": 1.0}, "never comes to a strain"),
        ({"rate": 0.1, "pressure": 1.0, "strain_max": 2.0}, "at most 1.5"),
        ({"rate": 0.1, "pressure": 1.0, "plane": "xy"}, "--plane is of --mode simple"),
        ({"amplitude": 0.1, "period": 400, "pressure": 1.0}, "--amplitude is of --mode simple"),
        ({"rate": 0.1, "sides": "volume", "pressure": 1.0}, "--pressure is of --sides pressure"),
        ({"rate": 0.1, "sides": "volume", "rest": 10}, "--rest is of --sides pressure"),
        ({"rate": 0.1, "mode": "simple", "pressure": 1.0}, "--pressure is of --mode uniaxial"),
        ({"rate": 0.1, "mode": "simple", "axis": "x"}, "--axis is of --mode uniaxial"),
        ({"rate": 0.1, "mode": "simple", "cycles": 3}, "--period and --cycles are of --amplitude"),
    ):
        with pytest.raises(InputError, match=words):
            job(glass, tmp_path / "no.h5", **how)
    start = crystal[0]
    leaning = Configuration(start.positions, start.species, Box(start.box.vectors + np.eye(3, k=-1)))
    with pytest.raises(InputError, match="rectangular box"):
        job(leaning, tmp_path / "no.h5", rate=0.1, pressure=1.0)
