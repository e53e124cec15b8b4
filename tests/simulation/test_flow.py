"""Shear at a temperature: planes go as the rate says, bits survive a stop, a cold glass answers as its Hessian says."""

import numpy as np
import pytest

from glasscli.analysis.flowing import flowing
from glasscli.configuration import Box, Configuration
from glasscli.engine.forces import Forces
from glasscli.engine.launch import Launch
from glasscli.engine.minimiser import Minimiser
from glasscli.errors import InputError, StoppedEarly
from glasscli.model.system import load_system
from glasscli.modes.elastic_tensor import from_hessian
from glasscli.modes.hessian import Curvature
from glasscli.modes.minimum import settle
from glasscli.observables.rheology import Level
from glasscli.protocols.kinds.flow import FlowWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.plan import plan
from glasscli.simulation.resume import resume
from glasscli.simulation.run import run
from glasscli.simulation.stopping import Stop
from glasscli.store.manifest import Parent
from glasscli.store.reader import open_run
from glasscli.store.schema import STRESS, TILT
from tests.conftest import run_glasscli

SYSTEM = load_system("soft-sphere")
ATOMS = 125


def job(start, output, every=100, checkpoint=150, launch=None, **how):
    sampling = SamplingWish(every=every, thermo_every=every, checkpoint_every=checkpoint)
    wish = FlowWish(**{"temperature": 0.5, "sampling": sampling} | how)
    return plan(SYSTEM, wish, output, "", (start, Parent("glass", "")), launch or Launch())


@pytest.fixture(scope="module")
def glass():
    """Atoms at random, at rest."""
    edge = (ATOMS * SYSTEM.defaults.volume_per_atom) ** (1 / 3)
    places = np.random.default_rng(1).uniform(0, edge, (ATOMS, 3))
    start = Configuration(
        places, np.ones(ATOMS, dtype=np.int32), Box.cube(edge), np.zeros((ATOMS, 3), np.int32)
    )
    with Minimiser(SYSTEM) as minimiser:
        return minimiser.minimise(start).configuration


@pytest.fixture(scope="module")
def sheared(glass, tmp_path_factory):
    return run(job(glass, tmp_path_factory.mktemp("flow") / "s.h5", rate=0.25, strain_max=1.5, plane="xz"))


def test_planes_go_as_the_rate_says_and_heat_is_beside_it(sheared):
    """The box by its strain; the temperature noted is that of the velocities without the flow's; stress resists it."""
    p = sheared.manifest.protocol
    for step, frame in zip(sheared.frames.steps, sheared.frames, strict=True):
        leaning = frame.box.vectors[2, 0] / frame.box.vectors[2, 2]
        assert (leaning - p.strain_at(int(step)) + 0.5) % 1 - 0.5 == pytest.approx(0, abs=1e-12)
    last = sheared.state(-1).configuration
    v = last.velocities.copy()
    v[:, 0] -= 0.25 * last.positions[:, 2]
    assert (v**2).sum() / (3 * ATOMS - 3) == pytest.approx(sheared.thermo["temperature"][-1], rel=1e-5)
    slopes = np.polyfit(last.positions[:, 2], last.velocities[:, 0], 1, cov=True)
    assert slopes[0][0] == pytest.approx(0.25, abs=4 * np.sqrt(slopes[1][0, 0]))
    found = flowing(sheared)
    assert isinstance(found.found, Level) and found.found.value > 3 * found.found.error > 0
    assert found.data["viscosity"] == pytest.approx(found.found.value / 0.25)


@pytest.mark.parametrize(
    "how",
    [
        {"rate": -0.25, "strain_max": 1.5},
        {"amplitude": 0.05, "period": 400, "cycles": 2, "plane": "yz"},
        {"stress": 0.8, "steps": 400, "recovery": 250},
    ],
    ids=["steady", "oscillation", "creep"],
)
def test_what_is_stopped_at_every_checkpoint_has_the_same_bits(glass, tmp_path, how):
    whole = run(job(glass, tmp_path / "whole.h5", **how))
    cut, pieces = job(glass, tmp_path / "cut.h5", **how), 1
    with pytest.raises(StoppedEarly):
        run(cut, stop=Stop(reason="test"))
    while True:
        try:
            made = resume(cut.output, stop=Stop(reason="test"))
            break
        except StoppedEarly:
            pieces += 1
    assert pieces >= 2
    for series in (STRESS, TILT):
        one, other = whole.table(series), made.table(series)
        assert all(np.array_equal(one[name], other[name]) for name in one)
    assert whole.frames.digests() == made.frames.digests()
    assert np.array_equal(whole.state(-1).configuration.velocities, made.state(-1).configuration.velocities)
    p, found = whole.manifest.protocol, flowing(whole)
    if p.leans:
        seen = [frame.box.vectors[1, 0] / frame.box.vectors[1, 1] for frame in whole.frames]
        strain = dict(zip(whole.table(TILT)["step"], found.strain, strict=True))
        there = [strain[int(step)] for step in whole.frames.steps[1:]]
        assert there == pytest.approx(seen[1:], abs=1e-9) and found.found.recovered is not None
        assert max(strain.values()) > 0
    else:
        a, b = ("xyz".index(axis) for axis in p.plane)
        for step, frame in zip(whole.frames.steps, whole.frames, strict=True):
            leaning = frame.box.vectors[b, a] / frame.box.vectors[b, b]
            assert (leaning - p.strain_at(int(step)) + 0.5) % 1 - 0.5 == pytest.approx(0, abs=1e-12)


def test_a_cold_glass_that_is_shaken_slowly_has_the_modulus_of_its_hessian(glass, tmp_path):
    slowly = {"temperature": 1e-7, "amplitude": 1e-3, "period": 5000, "cycles": 3}
    made = run(job(glass, tmp_path / "o.h5", every=10**6, checkpoint=10**6, **slowly))
    found = flowing(made).found
    with Forces(SYSTEM) as forces:
        curvature = Curvature(forces)
        rest = settle(glass, forces, curvature)
        exact = from_hessian(rest.configuration, rest.hessian, curvature, forces)
        stress = -forces.evaluate(rest.configuration).tensor
    turned = (stress[1, 1] - stress[0, 0]) / 2  # simple shear also turns the stress there is
    assert found.storage == pytest.approx(exact.C[5, 5] + turned, rel=0.03)
    assert abs(found.loss) < 0.1 * found.storage and found.third < 0.05


def test_what_cannot_be_is_one_line(glass, tmp_path):
    for how, words in (
        ({}, "say what drives it"),
        ({"rate": 0.1, "stress": 1.0}, "one of --rate, --amplitude, --stress; there are --rate and --stress"),
        ({"rate": 0.0}, "never comes to a strain"),
        ({"rate": 1e9}, "in fewer than 32 steps"),
        ({"rate": 1e-14}, "in more than 1e.12 steps"),
        ({"rate": 50.0, "strain_max": 100.0}, "in one step: at most 0.1"),
        ({"amplitude": 1000.0, "period": 1000}, "in one step: at most 0.1"),
        ({"rate": 0.1, "steps": 100}, "has a length of its own"),
        ({"amplitude": 0.1}, "needs --period"),
        ({"amplitude": 0.1, "period": 20}, "too short for an oscillation"),
        ({"stress": 0.1, "strain_max": 1.0}, "--strain-max is of --rate"),
        ({"stress": 0.0}, "nothing creeps"),
        ({"rate": 0.1, "ensemble": "npt"}, "thermostat of its own"),
        ({"rate": 0.1, "sampling": SamplingWish(stress_every=1000)}, "too seldom"),
    ):
        with pytest.raises(InputError, match=words):
            job(glass, tmp_path / "no.h5", **how)
    film = Configuration(glass.positions, glass.species, Box(glass.box.edges, (True, True, False)))
    with pytest.raises(InputError, match="periodic everywhere"):
        job(film, tmp_path / "no.h5", rate=0.1)


def test_our_own_forces_flow_as_lammps_does(glass, tmp_path):
    """To rounding, until the box turns over: LAMMPS's box is behind its atoms by the strain of a step, here 0.01."""
    ours, theirs = (
        run(
            job(
                glass,
                tmp_path / f"{name or 'lammps'}.h5",
                launch=Launch(accelerator=name),
                rate=1.0,
                strain_max=0.8,
            )
        )
        for name in ("own", "")
    )
    (turned,) = ours.manifest.protocol.flips
    off = np.abs(ours.stress["pressure_xy"] - theirs.stress["pressure_xy"])
    assert off[:turned].max() < 1e-9 and off.max() < 0.03


@pytest.mark.parametrize(
    "drive",
    [
        ("--rate", 0.05, "--strain-max", 0.1),
        ("--amplitude", 0.05, "--period", 400, "--cycles", 2),
        ("--stress", 0.5, "--steps", 600),
    ],
    ids=["steady", "oscillation", "creep"],
)
def test_a_glass_whose_ramp_is_repeated_leans_in_what_is_kept(drive, tmp_path):
    """The box of the ramp stands upright, that of the flow does not: frames, states and energies are of the latter."""
    made = ("quench", "--system", "soft-sphere", "--atoms", 250, "--steps", 1500, "--equilibration", 100)
    assert run_glasscli(*made, "--inherent-every", 0, "-o", "q.h5", cwd=tmp_path).code == 0
    words = ("flow", "q.h5", "--T", 0.1, *drive, "--every", 100, "-o", "f.h5")
    answer = run_glasscli(*words, cwd=tmp_path)
    assert answer.code == 0, answer.err
    found = open_run(tmp_path / "f.h5")
    tilts = [c.box.vectors[1, 0] for c in found.frames]
    protocol = found.manifest.protocol
    if protocol.drive == "creep":
        noted = dict(zip(found.table(TILT)["step"], found.table(TILT)["tilt_xy"], strict=True))
        expected = [noted.get(int(step)) for step in found.frames.steps]
    else:
        expected = [
            protocol.strain_at(int(s)) * found.frames[0].box.vectors[1, 1] for s in found.frames.steps
        ]
    pairs = [(a, b) for a, b in zip(tilts, expected, strict=True) if b is not None]
    assert len(pairs) > 2 and max(abs(a) for a, _ in pairs) > 0.01
    assert all(a == pytest.approx(b, abs=1e-6) for a, b in pairs)
    last = found.frames[-1]
    with Forces(SYSTEM) as forces:  # atoms wrapped by another box would lie upon each other
        energy = forces.evaluate(last).energy
    assert energy == pytest.approx(found.thermo["potential_energy"][-1], rel=1e-4)
    assert run_glasscli("verify", "f.h5", cwd=tmp_path).code == 0
