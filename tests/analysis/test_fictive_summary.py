"""T_f of runs: what is said of quenches that have none, of its errors, of files of the first release."""

import json
import math

import numpy as np
import pytest

from glasscli.analysis.sections import FictiveTemperature
from glasscli.analysis.summary import Summary, fictive_series
from glasscli.api import files as api
from glasscli.model.fictive import FictiveWindows, SampleSpread
from glasscli.model.system import load_system, sample_spread
from glasscli.store.reader import open_run

SHORT = ["--atoms", "200", "--equilibration", "200", "--inherent-every", "0", "--json"]
SPREAD = SampleSpread(atoms=(500, 1000), rates=(0.004, 0.04), deviation=0.03, rate_exponent=0.5, quenches=30)


def test_an_evaporating_gas_has_no_fictive_temperature(glasscli, tmp_path):
    """At zero pressure and T = 2 the mixture is far above its critical point: it becomes a gas, then a foam."""
    answer = glasscli(
        "quench", *SHORT, "--ensemble", "npt", "--pressure", "0", "--steps", "12000", "-o", "gas.h5"
    )
    assert answer.code == 0, answer.err
    found = answer.data
    assert found["T_f"] is found["T_f_error"] is found["T_f_fit_error"] is None and found["figures"] == []
    assert "the box evaporated" in found["T_f_reason"] and "\n" not in found["T_f_reason"]
    held = glasscli("anneal", "gas.h5", "--T", "0.95Tf", "--steps", "10")
    assert held.code != 0 and "--Tf to set it" in held.err and "the box evaporated" in held.err
    assert len(held.err.strip().splitlines()) == 1
    said = glasscli("show", "gas.h5", "--json").data
    assert said["T_f"] is None and "evaporated" in said["T_f_reason"]
    assert "none: the box evaporated" in glasscli("show", "gas.h5").out
    assert api.open(tmp_path / "gas.h5").fictive_temperature is None


def test_a_ramp_too_fast_for_its_windows_has_none(glasscli):
    found = glasscli("quench", *SHORT, "--steps", "2000", "-o", "fast.h5").data
    assert found["T_f"] is None and "too fast for its windows" in found["T_f_reason"]
    few = glasscli("quench", *SHORT, "--steps", "200", "-o", "few.h5").data
    assert few["T_f"] is None and few["T_f_reason"]
    text = glasscli("quench", *SHORT[:-1], "--steps", "2000", "-o", "fast.h5").out
    assert "T_f    none: the ramp is too fast" in text


@pytest.mark.parametrize(
    ("ensemble", "names"),
    [("nvt", ["energy", "pressure"]), ("langevin", ["energy", "pressure"]), ("npt", ["enthalpy", "volume"])],
)
def test_the_series_are_those_of_the_ensemble(ensemble, names, glasscli, tmp_path):
    """Langevin's forces leave the volume as it is: a constant volume never crosses itself."""
    answer = glasscli("quench", *SHORT, "--ensemble", ensemble, "--steps", "300", "-o", "q.h5")
    assert answer.code == 0, answer.err
    run = open_run(tmp_path / "q.h5")
    _, series = fictive_series(run)
    assert list(series) == names
    if ensemble == "langevin":
        assert np.ptp(run.thermo["volume"]) == 0
        np.testing.assert_array_equal(series["energy"], run.thermo["potential_energy"])


def test_the_error_is_that_of_a_difference():
    """Two samples whose T_f scatters by 0.03 differ by √2 of it; a fit that is less sure than that counts instead."""
    assert SPREAD.error(500, 0.004, 0.0) == pytest.approx(0.03 * math.sqrt(2))
    assert SPREAD.error(2000, 0.004, 0.0) == pytest.approx(0.015 * math.sqrt(2))
    assert SPREAD.error(500, 0.016, 0.0) == pytest.approx(0.06 * math.sqrt(2))
    assert SPREAD.error(500, 0.004, 0.04) == pytest.approx(0.04 * math.sqrt(2))
    assert SPREAD.error(500, 0.004, 0.01) == SPREAD.error(500, 0.004, 0.0)
    draws = np.random.default_rng(0).normal(0.55, 0.04, (20000, 2))
    far = np.abs(np.diff(draws)) > 2 * SPREAD.error(500, 0.004, 0.04)
    assert far.mean() == pytest.approx(0.0455, abs=0.005)
    assert SPREAD.covers(750, 0.01) and not SPREAD.covers(2000, 0.01) and not SPREAD.covers(500, 0.4)


def test_what_is_calibrated_is_said_and_what_is_not():
    wahnstrom = load_system("wahnstrom")
    sure = FictiveTemperature(0.5331, 0.0487, 0.0124, None, ["q-Tf.png"])
    assert sure.lines(wahnstrom) == [
        "  T_f    0.533 ± 0.049 (sample to sample; fit ± 0.012) ε/k   (figure: q-Tf.png)"
    ]
    unsure = FictiveTemperature(0.5331, None, 0.0124, None, [])
    assert unsure.lines(wahnstrom) == ["  T_f    0.533 (sample to sample: not calibrated; fit ± 0.012) ε/k"]
    assert FictiveTemperature(None, None, None, "why", []).lines(wahnstrom) == ["  T_f    none: why"]


def test_the_form_of_the_liquid_and_the_spread_leave_old_identities_as_they_are():
    plain = FictiveWindows(glass_below=0.3, liquid_above=0.7)
    rich = FictiveWindows(glass_below=0.3, liquid_above=0.7, spread=SPREAD)
    straight = FictiveWindows(glass_below=0.3, liquid_above=0.7, liquid_exponent=1.0)
    assert (
        json.loads(rich.model_dump_json()) == plain.model_dump() == {"glass_below": 0.3, "liquid_above": 0.7}
    )
    assert straight.model_dump(exclude_defaults=True)["liquid_exponent"] == 1.0
    assert FictiveWindows.model_validate_json(straight.model_dump_json()) == straight


def test_a_run_that_carries_no_spread_has_that_of_its_model():
    wahnstrom = load_system("wahnstrom")
    stored = type(wahnstrom).model_validate_json(wahnstrom.model_dump_json())
    assert stored.fictive.spread is None and sample_spread(stored) == wahnstrom.fictive.spread is not None
    assert sample_spread(load_system("kob-andersen")) is None


def test_summaries_of_the_first_release_are_read():
    old = {
        "fictive_temperature": {"value": 0.55, "error": 0.02, "by_property": {"energy": [0.55, 0.02]},
                                "from_inherent_energy": None, "windows": [0.3, 0.7]},
        "icosahedral_fraction": 0.1,
    }  # fmt: skip
    found = Summary.of(old)
    assert found.fictive_temperature.value == 0.55 and found.fictive_reason is None
    old["fictive_temperature"]["value"] = 0.25
    none = Summary.of(old)
    assert none.fictive_temperature is None and "outside the gap" in none.fictive_reason
    assert Summary.of({"fictive_temperature": None, "icosahedral_fraction": None}).fictive_reason is None
