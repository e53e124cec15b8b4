"""Equations of state: the paper's numbers, mixtures against brute force, tangents that touch."""

from contextlib import ExitStack

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from glasscli.engine.forces import Forces
from glasscli.eos.curves import EnergyCurve, find_minimum, phase_curve
from glasscli.eos.mixture import enthalpy, fractions, mixture, tangent, transition
from glasscli.errors import InputError
from glasscli.model.system import load_system
from glasscli.structures.phases import phase_named
from tests.lattice_sum import wahnstrom_energy

VOLUME = 0.767


@pytest.fixture(scope="module")
def curves(wahnstrom):
    names = ("c15", "hcp-large", "fcc-large", "b2", "bcc-small", "c14")
    # The curves' exact energies need their LAMMPS instances until the last test.
    with ExitStack() as stack:
        yield {
            name: phase_curve(
                phase_named(name, wahnstrom),
                stack.enter_context(Forces(wahnstrom)),
                VOLUME,
                include=(VOLUME,),
            ).curve
            for name in names
        }


def test_minima_are_the_known_ones(curves):
    """C15 -7.885 at 0.658 and -7.313 at 0.767, hcp -7.472 at 0.932, from an independent program."""
    assert curves["c15"].minimum == pytest.approx((0.658, -7.885), abs=1e-3)
    assert curves["c15"].energy(VOLUME) == pytest.approx(-7.313, abs=1e-3)
    assert curves["hcp-large"].minimum == pytest.approx((0.932, -7.472), abs=1e-3)


def test_the_minimum_of_c15_is_that_of_a_lattice_sum(curves, wahnstrom):
    """Volume, energy and bulk modulus from a direct sum over images and its own search."""
    phase = phase_named("c15", wahnstrom)

    def energy(volume):
        cell = phase.cell(volume)
        return wahnstrom_energy(cell.positions, cell.species, cell.box.edges)

    best = minimize_scalar(energy, bounds=(0.64, 0.68), method="bounded", options={"xatol": 1e-8})
    assert curves["c15"].minimum == pytest.approx((best.x, best.fun), abs=1e-6)
    h = 1e-3
    bulk = best.x * (energy(best.x + h) - 2 * best.fun + energy(best.x - h)) / h**2
    assert curves["c15"].bulk_modulus == pytest.approx(bulk, rel=1e-3)


def test_table_pressures_are_slopes(curves):
    c = curves["b2"]
    slopes = [-(c.energy(v + 1e-5) - c.energy(v - 1e-5)) / 2e-5 for v in c.volumes[::8]]
    assert c.pressures[::8] == pytest.approx(slopes, abs=1e-4)


def test_the_fixed_volume_mixture_is_the_papers(curves):
    """Derlet & Maass 2019, Eqs. 2-3: -7.7 at V_Laves = 0.69 and V_hcp = 1.00; to three digits by their equations."""
    m = mixture(curves["c15"], curves["hcp-large"], 0.5, VOLUME)
    assert m.fractions == pytest.approx({"c15": 0.75, "hcp-large": 0.25})
    assert m.energy == pytest.approx(-7.699, abs=1e-3)
    assert (m.volumes["c15"], m.volumes["hcp-large"]) == pytest.approx((0.687, 1.006), abs=1e-3)
    assert sum(m.fractions[n] * m.volumes[n] for n in m.phases) == pytest.approx(VOLUME, abs=1e-12)
    assert sum(m.fractions[n] * m.energies[n] for n in m.phases) == pytest.approx(m.energy, abs=1e-12)


def test_the_mixture_is_the_lowest_of_all_divisions(curves):
    a, b = curves["c15"], curves["fcc-large"]
    m = mixture(a, b, 0.4, VOLUME)
    f = m.fractions["c15"]
    assert f == pytest.approx(0.6)
    divisions = np.linspace(0.58, 0.72, 57)
    energies = [f * a.energy(v) + (1 - f) * b.energy((VOLUME - f * v) / (1 - f)) for v in divisions]
    assert m.energy <= min(energies) + 1e-9
    assert min(energies) - m.energy < 1e-3
    # Neither phase could gain by giving volume to the other: one pressure.
    slopes = [
        -(c.energy(v + 1e-5) - c.energy(v - 1e-5)) / 2e-5
        for c, v in ((a, m.volumes["c15"]), (b, m.volumes["fcc-large"]))
    ]
    assert slopes[0] == pytest.approx(slopes[1], abs=1e-3)
    assert m.pressure == pytest.approx(slopes[0], abs=1e-3)


def test_without_a_volume_both_phases_rest(curves):
    m = mixture(curves["c15"], curves["hcp-large"], 0.5, None)
    assert m.energy == pytest.approx(0.75 * -7.8847 + 0.25 * -7.4721, abs=2e-4)
    assert abs(m.pressure) < 1e-3


def test_compositions_that_no_mixture_has_are_refused(curves):
    with pytest.raises(InputError, match=r"ask between 0 and 0\.6667"):
        mixture(curves["c15"], curves["hcp-large"], 0.9, VOLUME)
    assert fractions(curves["b2"], curves["bcc-small"], 0.75) == pytest.approx((0.5, 0.5))
    with pytest.raises(InputError, match="out of reach"):
        mixture(curves["c15"], curves["hcp-large"], 0.5, 0.1)


def test_the_common_tangent_bounds_the_phases_below_it(curves):
    """Chemical potentials: the line through both enthalpies; every other phase is measured from it."""
    a, b = curves["c15"], curves["hcp-large"]
    line = tangent(a, b, -3.696, list(curves.values()))
    large, small = line.chemical_potentials
    assert line.enthalpies["hcp-large"] == pytest.approx(large)
    assert line.enthalpies["c15"] == pytest.approx(large / 3 + 2 * small / 3)
    assert line.above["fcc-large"] == pytest.approx(
        enthalpy(curves["fcc-large"], -3.696)[1] - large, abs=1e-9
    )
    assert line.above["c14"] < 0 < line.above["b2"]
    assert "bcc-small" not in line.above


def test_a_transition_touches_both_curves():
    """Two parabolas whose common tangent is known: y = (x-1)^2 and (x-2)^2 + 1 have slope 1 at 1.5 and 2.5."""

    def parabola(name, centre, height):
        v = np.linspace(0.2, 4, 77)
        e = lambda x: (x - centre) ** 2 + height  # noqa: E731
        return EnergyCurve(name, 0.5, v, e(v), -2 * (v - centre), e, (centre, height), 2 * centre)

    line = transition(parabola("a", 1, 0), parabola("b", 2, 1))
    assert line.pressure == pytest.approx(-1)
    assert line.volumes == pytest.approx({"a": 1.5, "b": 2.5}, abs=1e-5)
    shared = mixture(parabola("a", 1, 0), parabola("b", 2, 1), 0.5, 1.75)
    assert shared.fractions == pytest.approx({"a": 0.75, "b": 0.25}, abs=1e-4)
    assert shared.energy == pytest.approx(0.25 + 0.25, abs=1e-6)
    alone = mixture(parabola("a", 1, 0), parabola("b", 2, 1), 0.5, 1.2)
    assert alone.fractions == {"a": 1.0, "b": 0.0} and alone.energy == pytest.approx(0.04)


def test_the_lowest_of_two_dips_is_found():
    """A kinked curve with a shallow and a deep dip, the deep one nearly hidden between two table points."""

    def energy(v):
        return np.minimum((v - 1) ** 2, 40 * (v - 1.511) ** 2 - 0.05)

    volumes = np.linspace(0.5, 2, 31)
    assert find_minimum(volumes, energy(volumes), energy) == pytest.approx((1.511, -0.05), abs=1e-6)
    assert find_minimum(volumes, 1 / volumes, lambda v: 1 / v) is None


def test_a_repulsive_system_has_a_curve_and_no_minimum():
    system = load_system("soft-sphere")
    with Forces(system) as forces:
        curve = phase_curve(phase_named("fcc", system), forces, 1.0, points=15).curve
    assert curve.minimum is None and curve.bulk_modulus is None
    assert (np.diff(curve.energies) < 0).all() and (curve.pressures > 0).all()


def test_the_metal_has_its_known_elements():
    """Cu of the embedded-atom potential: fcc at 3.64 A (experiment 3.61), B = 145 GPa (137)."""
    system = load_system("cuzr")
    with Forces(system) as forces:
        curve = phase_curve(phase_named("fcc-small", system), forces, 16.5, points=15).curve
    assert (4 * curve.minimum[0]) ** (1 / 3) == pytest.approx(3.61, abs=0.05)
    assert curve.bulk_modulus / 0.0062415 == pytest.approx(140, abs=20)
