"""Laws of relaxation over temperatures find what data were made of, and say nothing where data do not."""

import numpy as np
import pytest

from glasscli.observables.temperature_laws import LAWS, fit_laws, fragility, onset, preferred

T = np.array([2.0, 1.5, 1.2, 1.0, 0.8, 0.7, 0.6, 0.55, 0.5, 0.475])
TRUE = {
    "arrhenius": (-1.0, 4.0),
    "vft": (-1.0, 1.2, 0.33),
    "mct": (0.0, 2.4, 0.435),
    "parabolic": (0.0, 2.0, 2.1),
}


def made(law, noise=0.03):
    rng = np.random.default_rng(1)
    return np.exp(LAWS[law].value(T, *TRUE[law])) * np.exp(noise * rng.standard_normal(len(T)))


@pytest.mark.parametrize("law", TRUE)
def test_the_law_that_made_the_data_is_preferred(law):
    y = made(law)
    fits = fit_laws(T, y, 0.03 * y)
    best, reason = preferred(fits)
    assert best == law and "AICc" in reason
    for found, error, true in zip(
        fits[law].parameters.values(), fits[law].errors.values(), TRUE[law], strict=True
    ):
        assert found == pytest.approx(true, abs=3 * error)
    assert fits[law].T == (0.475, 2.0)


def test_few_points_decide_nothing():
    y = made("vft")
    fits = fit_laws(T[:4], y[:4], 0.2 * y[:4])
    assert preferred(fits)[0] is None
    fits = fit_laws(T[:3], y[:3], 0.1 * y[:3])
    assert fits["vft"].parameters is None and "3 temperatures for 3 parameters" in fits["vft"].reason


def test_a_law_sees_only_what_lies_below_the_onset():
    y = made("parabolic")
    assert fit_laws(T, y, 0.03 * y, below=1.0)["vft"].T == (0.475, 1.0)


def test_fragility_is_within_the_data():
    y = made("vft")
    fits = fit_laws(T, y, 0.03 * y)
    found = fragility(fits, "vft")
    assert found.kinetic == pytest.approx(0.33 / 1.2, abs=3 * found.kinetic_error)
    B, T0 = 1.2, 0.33
    assert found.at == 0.475
    assert found.steepness == pytest.approx(B * 0.475 / (0.475 - T0) ** 2 / np.log(10), rel=0.03)


def test_onset_is_where_the_inherent_energy_bends():
    rng = np.random.default_rng(2)
    error = np.full(len(T), 0.001)
    bent = -7 - 0.1 * np.maximum(0, 1 / T - 1) + 0.001 * rng.standard_normal(len(T))
    found = onset(T, bent, error)
    assert found.value == pytest.approx(1.0, abs=0.05)
    straight = -7 - 0.1 / T + 0.001 * rng.standard_normal(len(T))
    assert onset(T, straight, error).value is None
    assert "at least five" in onset(T[:4], bent[:4], error[:4]).reason
