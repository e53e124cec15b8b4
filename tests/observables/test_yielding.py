"""Tension and compression: the line, the offset yield and the largest stress of curves that are known, with noise."""

import numpy as np
import pytest

from glasscli.errors import InputError
from glasscli.observables.yielding import largest, tension

MODULUS, RATIO, YIELDS, SOFTENS = 70.0, 0.36, 0.03, 4.0


def curve(furthest=0.2, count=4000, noise=0.05, seed=0):
    """Strain, stress, strain across: a straight line that ends at YIELDS and softens; noise that hangs together."""
    rng = np.random.default_rng(seed)
    strain = furthest * np.arange(1, count + 1) / count
    size = np.abs(strain)
    stress = MODULUS * np.minimum(size, YIELDS) - SOFTENS * np.maximum(size - YIELDS, 0) + 0.1
    wild = np.convolve(rng.normal(size=count + 9), np.ones(10) / np.sqrt(10), "valid")
    across = -RATIO * strain + 1e-4 * rng.normal(size=count)
    return strain, np.sign(furthest) * stress + noise * wild, across


@pytest.mark.parametrize("sign", [1, -1])
def test_a_known_curve_has_its_numbers(sign):
    """A stress that is there before is no part of the modulus, nor of the offset."""
    found = tension(*curve(sign * 0.2))
    assert found.modulus.value == pytest.approx(MODULUS, abs=4 * found.modulus.error)
    assert 0 < found.modulus.error < 2 and found.poisson.error < 0.01
    assert found.poisson.value == pytest.approx(RATIO, abs=4 * found.poisson.error)
    # E (e - 0.002) meets E Y - S (e - Y) there.
    meets = (MODULUS * (YIELDS + 0.002) + SOFTENS * YIELDS) / (MODULUS + SOFTENS)
    at, top = found.offset.at, found.largest.at
    assert at[0] == pytest.approx(sign * meets, abs=1.5e-3) and at[1] == pytest.approx(sign * 2.19, abs=0.06)
    assert sign * top[0] == pytest.approx(YIELDS, abs=4e-3) and sign * top[1] == pytest.approx(2.2, abs=0.06)
    assert found.offset.reason is None and found.largest.reason is None
    # The mean of the last half, 0.1 to 0.2.
    assert found.flow.value == pytest.approx(sign * (2.2 - SOFTENS * 0.12), abs=0.05)
    assert not found.flow.steady


def test_errors_are_the_spread_of_samples():
    found = [tension(*curve(seed=k)).modulus for k in range(40)]
    spread = np.std([one.value for one in found])
    assert np.mean([one.error for one in found]) == pytest.approx(spread, rel=0.5)


def test_what_does_not_yield_says_why():
    strain, stress, across = curve(furthest=0.025, noise=0.0)
    found = tension(strain, stress, across)
    assert found.largest.at is None and "go further" in found.largest.reason and found.largest.data is None
    assert found.offset.at is None and "0.002" in found.offset.reason and found.flow is None
    assert found.modulus.value == pytest.approx(MODULUS)
    assert tension(strain, stress, None).poisson is None


def test_what_only_falls_does_not_yield():
    strain = np.linspace(0, 0.1, 11)
    assert "where the path begins" in largest(strain, -strain).reason and largest(strain, -strain).at is None


def test_a_path_is_judged_whichever_way_it_goes():
    strain = -np.linspace(0, 0.1, 11)
    stress = -np.array([0, 1, 2, 3, 2, 2, 2, 2, 2, 2, 2.0])
    assert largest(strain, stress).data == {"strain": pytest.approx(-0.03), "stress": -3.0}
    assert largest(strain, -np.arange(11.0)).reason is not None


def test_few_values_are_refused():
    strain = np.linspace(0.01, 0.2, 20)
    with pytest.raises(InputError, match="--stress-every"):
        tension(strain, strain, None)
