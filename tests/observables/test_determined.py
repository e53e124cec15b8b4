"""Fits of noise are no fits; minima that are none are counted."""

import json

import numpy as np
import pytest

from glasscli.engine.minimiser import Minimiser
from glasscli.model.protocol import Minimisation
from glasscli.modes.samples import _tail
from glasscli.observables.determined import undetermined
from glasscli.observables.first_passage import log_fit_or_reason, stretched_fit_or_reason
from glasscli.store.convergence import judged
from glasscli.store.reader import open_run
from glasscli.theory.relaxation_fit import fit
from tests.conftest import ROOT, run_glasscli

STORED = ROOT / "tests" / "store" / "data" / "anneal.h5"


def test_noise_about_a_constant_is_no_relaxation():
    """Of 60 series of white noise none is a stretched exponential, few are lines: half of |slope| is two errors."""
    t = np.linspace(0, 1000, 60)
    rng = np.random.default_rng(1)
    found = [-7 + 0.01 * rng.standard_normal(60) for _ in range(60)]
    assert all(isinstance(stretched_fit_or_reason(t, e), str) for e in found)
    # Beyond two standard errors lie 4.6 % of Student's t with 57 degrees of freedom: 2.8 of 60, 8 once in 200 times.
    assert sum(not isinstance(log_fit_or_reason(t, e), str) for e in found) <= 8


def test_reasons_say_what_is_undetermined():
    assert undetermined("exponent", 0.7, 0.02, (0.05, 2.0)) is None
    assert undetermined("exponent", 2.0, 1.3, (0.05, 2.0)) == (
        "no fit: the exponent is 2 ± 1.3, at the end of its range 0.05 ... 2"
    )
    assert undetermined("exponent", 1.0, 0.6) == "no fit: the exponent is 1 ± 0.6, an error of more than 50%"
    assert undetermined("slope", -1.0, 0.4) is None
    assert "do not determine" in undetermined("slope", 1.0, float("nan"))
    assert "eight" in stretched_fit_or_reason([0, 1], [0, 1])


def test_parameters_that_data_do_not_determine_are_none():
    """Exact data determine all parameters; a straight line determines neither time nor end."""
    t = np.linspace(0, 5, 60)
    exact = fit(t, 1 - 0.5 * np.exp(-((t / 1.3) ** 0.7)))[1]
    assert not exact.reasons and exact.parameters["beta"] == pytest.approx(0.7, abs=1e-3)
    rng = np.random.default_rng(2)
    noise = fit(t, 1 + 0.01 * rng.standard_normal(60))[1]
    assert noise.reasons and all(reason.startswith("no fit: ") for reason in noise.reasons.values())


def test_the_tail_of_few_modes_is_none():
    class OfSample:
        def __init__(self, w):
            self.tail = (np.asarray(w), 1.0)

    assert _tail([OfSample(np.full(5, 0.5))]) == (None, "no fit: fewer than ten modes below the first phonon")
    # b + 1 = 12/(12 ln 2) = 1.443: b = 0.443 with an error of 1.443/sqrt(12) = 0.416
    found, why_not = _tail([OfSample(np.full(12, 0.5))])
    assert found is None and "0.443 ± 0.42" in why_not


def test_minima_above_the_tolerance_are_counted():
    found = judged([1e-7, 2e-6, 5e-4], [10, 20, 300], Minimisation(force_tolerance=1e-6, max_iterations=300))
    assert (found.not_converged, found.worst, found.limited) == (2, 5e-4, 1)
    assert "2 of 3 inherent structures" in found.notes[0] and "5.0e-04" in found.notes[0]
    assert not judged([1e-7], [3], Minimisation()).notes


def test_commands_say_how_many_minima_are_none(tmp_path):
    """Of the stored anneal's two inherent structures one is left with 1.7e-6, above its tolerance of 1e-6."""
    force = open_run(STORED).inherent_table["inherent_max_force"]
    count = int((force > 1e-6).sum())
    assert count == 1
    for command in ("show", "verify"):
        answer = run_glasscli(command, STORED, "--json", cwd=tmp_path)
        assert answer.code == 0 and answer.data["not_converged"] == count
        assert any("1 of 2 inherent structures have not converged" in note for note in answer.data["notes"])
    copy = tmp_path / "anneal.h5"
    copy.write_bytes(STORED.read_bytes())
    answer = run_glasscli("analyze", copy, "--json", cwd=tmp_path)
    assert answer.code == 0, answer.err
    assert answer.data["not_converged"] == count and "not converged" in json.dumps(answer.data["notes"])
    assert sum("converge" in note for note in answer.data["notes"]) == 1
    # Moving frames are no minima; those made here are counted themselves, not the stored ones.
    run = open_run(STORED)
    with Minimiser(run.manifest.system) as minimiser:
        made = sum(minimiser.minimise(frame).max_force > 1e-6 for frame in run.frames)
    for option, expected in (("--moving", None), ("--minimise", made)):
        other = run_glasscli("analyze", copy, "--json", "--measure", "relaxation", option, cwd=tmp_path)
        assert other.code == 0 and other.data["not_converged"] == expected
    assert answer.data["relaxation"]["stretched_exponential"] is None
    assert answer.data["relaxation"]["stretched_exponential_reason"].startswith("no fit: 2 points")
