import numpy as np
import pytest

from glasscli.errors import InputError
from glasscli.observables.first_passage import Kohlrausch, kohlrausch_or_reason
from glasscli.observables.relaxation import energy_against_icosahedra, fit_line


def test_exact_line():
    x = np.linspace(0.05, 0.3, 8)
    fit = energy_against_icosahedra(x, -7.0 - 1.6 * x)
    assert fit.slope == pytest.approx(-1.6)
    assert fit.intercept == pytest.approx(-7.0)
    assert fit.slope_error < 1e-12
    assert fit.n_points == 8


@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_errors_cover_the_truth(memory):
    """Slopes of noisy series stray from the truth by their stated error, also when the noise has a memory."""
    strays = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        noise = rng.standard_normal(200)
        for k in range(1, 200):
            noise[k] = memory * noise[k - 1] + noise[k] * np.sqrt(1 - memory**2)
        x = np.linspace(0, 0.2, 200)
        fit = fit_line(x, -1.6 * x + 0.01 * noise)
        strays.append((fit.slope + 1.6) / fit.slope_error)
    assert 0.8 < np.std(strays) < 1.5


def test_what_points_do_not_determine_is_none():
    assert fit_line([], []).slope is None
    one = fit_line([0.1], [-7.0])
    assert (one.slope, one.intercept, one.slope_error, one.n_points) == (None, None, None, 1)
    same = fit_line([0.1, 0.1, 0.1], [-7.0, -7.1, -7.2])
    assert (same.slope, same.slope_error, same.n_points) == (None, None, 3)
    two = fit_line([0.1, 0.2], [-7.0, -7.2])
    assert two.slope == pytest.approx(-2) and two.slope_error is None
    steps = fit_line([0.0] * 39 + [0.1], np.linspace(0, 1, 40))  # no spread without the last group
    assert steps.slope is not None and np.isfinite(steps.slope_error)
    gaps = fit_line([0.1, np.nan, 0.2, 0.3], [1.0, 2.0, 2.0, np.nan])
    assert gaps.n_points == 2 and gaps.slope == pytest.approx(10)


def test_a_slope_that_its_error_drowns_is_no_fit():
    """By hand: through (0, 0), (1, 1), (2, 0), (3, 1) the slope is 0.2 and its error 0.28; two points have none."""
    unclear = energy_against_icosahedra([0, 1, 2, 3], [0, 1, 0, 1])
    assert (unclear.slope, unclear.slope_error, unclear.intercept) == (None, None, None)
    assert "the slope is 0.2 ± 0.28, an error of more than 50%" in unclear.reason
    two = energy_against_icosahedra([0.1, 0.2], [-7.0, -7.2])
    assert two.slope is None and two.reason == "no fit: 2 points, at least three are needed"
    same = energy_against_icosahedra([0.1] * 3, [1, 2, 3])
    assert same.slope is None and "same icosahedral fraction" in same.reason
    clear = energy_against_icosahedra([0, 1, 2, 3], [0, 1, 2, 3.1])
    assert clear.slope == pytest.approx(1.03) and clear.reason is None


def test_unequal_lengths_are_refused():
    with pytest.raises(InputError, match="as many x as y"):
        fit_line([1, 2, 3], [1, 2])


def test_the_law_of_F_s_is_found_again_with_its_errors():
    """0.85 exp[-(t/300)^0.6] with noise of 0.01; below 1/e it must have come, else the reason is said."""
    lag = np.geomspace(1, 20000, 40)
    noise = np.random.default_rng(2).normal(0, 0.01, len(lag))
    found = kohlrausch_or_reason(lag, 0.85 * np.exp(-((lag / 300) ** 0.6)) + noise)
    assert isinstance(found, Kohlrausch)
    for value, error, truth in zip(
        (found.amplitude, found.time, found.exponent), found.errors, (0.85, 300, 0.6), strict=True
    ):
        assert abs(value - truth) < 3 * error < 0.3 * truth
    early = kohlrausch_or_reason(lag[:10], np.exp(-(lag[:10] / 300)))
    assert early == "no fit: F_s does not fall to 1/e"
