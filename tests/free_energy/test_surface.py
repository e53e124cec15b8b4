"""What follows from free energies at points: the fit of F, U and P together, melting points, infinite size."""

from dataclasses import replace

import numpy as np
import pytest

from glasscli.free_energy.census import PRESSURE, VOLUME, census
from glasscli.free_energy.liquidus import Mixed, freezing
from glasscli.free_energy.melting import melting, root
from glasscli.free_energy.rows import infinite
from glasscli.free_energy.surface import Point, Surface

COLD, HOT, VOLUMES = 0.4, 0.8, (0.9, 1.0, 1.1)


def points(energy, gas, stiff):
    """F = e + b (V - 1)^2 - T g ln V - 3 T ln T: modes that do not change, a gas, or between."""
    for v in VOLUMES:
        for t in (COLD, HOT):
            free = energy + stiff * (v - 1) ** 2 - t * gas * np.log(v) - 3 * t * np.log(t) + (3 - gas) * t
            pressure = -2 * stiff * (v - 1) + t * gas / v
            internal = energy + stiff * (v - 1) ** 2 + 3 * t
            yield Point(v, t, free, 1e-3, internal, 1e-3, pressure, 1e-3)


def larger(p, by):
    """The same at a volume that is larger."""
    return replace(p, volume=p.volume * by, pressure=p.pressure / by)


def test_three_kinds_of_numbers_are_one_function_and_their_errors_are_kept():
    solid = Surface("solid", 0.0, list(points(-1.0, 1.0, 5.0)))
    exact = -1.0 + 5.0 * 0.05**2 - 0.6 * np.log(1.05) - 1.8 * np.log(0.6) + 1.2
    assert solid.free(1.05, 0.6) == pytest.approx(exact, abs=2e-4)
    assert solid.pressure(1.05, 0.6) == pytest.approx(-0.5 + 0.6 / 1.05, abs=2e-3)
    assert solid.entropy(1.0, 0.6) == pytest.approx(3 * np.log(0.6) + 3 - 2, abs=2e-3)
    assert solid.chi_squared < 0.1 and 1e-4 < solid.error(1.0, COLD) < 1e-3
    wrong = [replace(p, free=p.free + 0.1 * (p.volume > 1)) for p in points(-1.0, 1.0, 5.0)]
    assert Surface("solid", 0.0, wrong).chi_squared > 10


def test_a_crystal_melts_where_its_free_energy_is_the_liquids():
    """F_liquid - F_solid = 0.6 - T at V = 1, so that both meet there at T = 0.6."""
    solid = Surface("solid", 0.0, list(points(-1.0, 2.0, 5.0)))
    liquid = Surface("liquid", 0.0, list(points(-0.4, 3.0, 5.0)))
    found = {(m.at, m.volume): m for m in melting(solid, liquid)}
    here = found["volume", 1.0]
    assert here.T_m == pytest.approx(0.6, abs=1e-3) and 0 < here.error < 5e-3
    free = liquid.free(1.0, here.T_m) - solid.free(1.0, here.T_m)
    assert free == pytest.approx(0, abs=1e-9)
    cooled, heated = found["liquid", 1.0], found["crystal", 1.0]
    for one in (cooled, heated):
        assert solid.pressure(one.crystal_volume, one.T_m) == pytest.approx(one.pressure, abs=1e-6)
        assert liquid.pressure(one.liquid_volume, one.T_m) == pytest.approx(one.pressure, abs=1e-6)
    assert heated.T_m < here.T_m < cooled.T_m and cooled.crystal_volume < 1.0 < heated.liquid_volume
    assert melting(Surface("solid", 0.5, list(points(-1.0, 2.0, 5.0))), liquid) == []
    third = Surface("solid", 0.0, list(points(-1.0, 2.0, 5.0)), (0.9, 0.0, 0.1))
    assert melting(third, Surface("liquid", 0.0, liquid.points, (1.0, 0.0, 0.0))) == [], (
        "a third species counts"
    )


def test_phases_of_one_composition_are_ranked_at_one_volume_and_at_one_pressure():
    """Energies -1 and -0.9, as stiff, so that G too differs by 0.1 where volumes do; the softer third has another
    volume at P = 1, where G = F + PV; one of another composition is no rival."""
    names = {"a": (-1.0, 5.0), "b": (-0.9, 5.0), "soft": (-0.95, 2.5)}
    surfaces = [Surface(name, 0.0, list(points(e, 2.0, stiff))) for name, (e, stiff) in names.items()]
    surfaces.append(Surface("other", 0.5, list(points(-3.0, 2.0, 5.0))))
    found = census(surfaces, 1.0)
    assert {(one.at, one.T) for one in found} == {(at, t) for at in (VOLUME, PRESSURE) for t in (COLD, HOT)}
    at_rest = next(one for one in found if (one.at, one.T, one.value) == (VOLUME, COLD, 1.0))
    assert at_rest.stable == "a" and set(at_rest.above) == {"b", "soft"}
    assert at_rest.above["b"][0] == pytest.approx(0.1, abs=1e-4) and 0 < at_rest.above["b"][1] < 3e-3
    pressed = next(one for one in found if (one.at, one.T) == (PRESSURE, COLD))
    soft = surfaces[2]
    v = pressed.volumes["soft"]
    assert soft.pressure(v, COLD) == pytest.approx(1.0, abs=1e-6)
    exact = -0.95 + 2.5 * (v - 1) ** 2 - 2 * COLD * np.log(v) + v
    stable = -1.0 + 5 * (pressed.volumes["a"] - 1) ** 2 - 2 * COLD * np.log(pressed.volumes["a"])
    assert pressed.above["soft"][0] == pytest.approx(exact - stable - pressed.volumes["a"], abs=5e-4)
    assert pressed.above["b"][0] == pytest.approx(0.1, abs=2e-4)
    assert all(one.at == VOLUME for one in census(surfaces, None)) and census(surfaces[2:], 1.0) == []


def test_sizes_are_extrapolated_beside_the_logarithm():
    kT = 0.5
    sizes = [
        {"atoms": n, "F": -2.0 + 0.7 / n - kT * np.log(n) / (2 * n), "F_error": 1e-4, "translations": n}
        for n in (100, 300, 900)
    ]
    value, error = infinite(sizes, kT)
    assert value == pytest.approx(-2.0, abs=1e-12) and 0 < error < 3e-4
    assert infinite(sizes[:1], kT)[0] == pytest.approx(-2.0 + 0.007)
    # Atoms of every other site are called B: half as many translations, and nothing else but a name.
    named = sizes[0] | {"F": sizes[0]["F"] - kT * np.log(2) / 100, "translations": 50}
    assert infinite([named], kT)[0] == pytest.approx(-2.0 + 0.007)


def test_an_ideal_solution_freezes_by_the_entropy_of_mixing():
    """A crystal of A and a solution 0.6 - T above it: T = 0.6 / (1 - ln(1 - x)), at a volume or a pressure."""
    solid = Surface("solid", 0.0, list(points(-1.0, 2.0, 5.0)))
    liquids = []
    for x in (0.0, 0.2, 0.35):
        mixing = x * np.log(x) + (1 - x) * np.log(1 - x) if x else 0.0
        rows = points(-0.4, 2.0, 5.0)
        liquids.append(
            Surface("liquid", x, [replace(p, free=p.free + p.temperature * (mixing - 1)) for p in rows])
        )
    for held in ((1.0, None), (None, 1.0)):
        found = freezing(Mixed(liquids, 1.0), [solid], *held)
        assert [one.x for one in found] == [0.0, 0.2, 0.35]
        for one in found:
            assert pytest.approx(0.6 / (1 - np.log(1 - one.x)), abs=1e-3) == one.T
            assert one.phase == "solid" and 0 < one.error < 0.01
            assert one.crystal_volume == pytest.approx(one.liquid_volume, abs=1e-6)
    assert found[0].at == "pressure" and found[0].pressure == 1.0
    # Each liquid at volumes of its own: larger by a factor, which at no pressure leaves its chemical potentials.
    sizes = {0.0: 1.0, 0.2: 1.3, 0.35: 1.7}
    own = [
        Surface("liquid", s.small_fraction, [larger(p, sizes[s.small_fraction]) for p in s.points])
        for s in liquids
    ]
    for one in freezing(Mixed(own, 1.0), [solid], None, 0.0):
        assert pytest.approx(0.6 / (1 - np.log(1 - one.x)), abs=1e-3) == one.T
        assert one.liquid_volume == pytest.approx(sizes[one.x] * one.crystal_volume, abs=1e-4)
    assert len(freezing(Mixed(own, 1.0), [solid], None, 0.0)) == 3
    assert freezing(Mixed(own, 1.0), [solid], None, 50.0) == []
    hard = Surface("hard", 0.0, list(points(1.0, 2.0, 5.0)))
    assert freezing(Mixed(liquids, 1.0), [hard], 1.0, None) == []


def test_a_volume_at_a_pressure_is_where_pressure_falls():
    """A fit that turns up again beyond what was measured has the pressure there a second time: that is no state."""

    def excess(v):
        return (v - 1) * (v - 2)

    assert root(excess, 0.55, 2.5) == pytest.approx(2) and root(
        excess, 0.55, 2.5, falling=True
    ) == pytest.approx(1)


def test_a_liquid_beyond_the_pressure_is_left_out_of_the_others_tangent():
    liquids = [Surface("liquid", x, list(points(-1.0, 3.0, 5.0))) for x in (0.2, 0.5, 0.8)]
    mixed = Mixed(liquids, 1.0)
    whole, error = mixed.tangent(0.5, [1.0, 1.0, 1.0], 1.0, 0.5)
    less, wider = mixed.tangent(0.5, [None, 1.0, 1.0], 1.0, 0.5)
    assert less == pytest.approx(whole, abs=1e-6) and wider >= error > 0
