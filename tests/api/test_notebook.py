"""What a notebook shows, and functions of a file as Python has them."""

import numpy as np
import pytest

import glasscli
from glasscli.errors import InputError
from glasscli.observables.dynamics import motion
from tests.conftest import ROOT


def test_a_run_shows_itself(runs):
    run = glasscli.open(runs / "quench.h5")
    assert repr(run).startswith(
        "quench.h5: quench of 500 atoms of wahnstrom from T = 2 to 0.01 in 20000 steps; "
    )
    shown = run._repr_html_()
    assert "<table>" in shown and "T_f" in shown and "data:image/png;base64," in shown
    assert run.plot()._repr_png_()[:4] == b"\x89PNG"
    documented = (ROOT / "docs" / "python.md").read_text()
    new = ("g_of_r", "s_of_q", "msd", "plot", "to_pandas", "columns")
    assert set(new) <= set(dir(run)) and all(f".{name}(" in documented for name in new)
    assert "table" in dir(glasscli)


def test_functions_are_those_of_the_library(runs):
    run = glasscli.open(runs / "anneal.h5")
    g = run.g_of_r(frames=4)
    # Atoms of two species, half and half: the total is what its partials make.
    total = 0.25 * g["g_L-L"] + 0.5 * g["g_L-S"] + 0.25 * g["g_S-S"]
    assert g["g_total"] == pytest.approx(total, abs=1e-9) and len(g.errors["g_total"]) == len(g)
    found = run.msd(q=7.0)
    reach = 0.3 * run.inherent[-1].spacing
    masses = np.array([run.system.species[s - 1].mass for s in run.frames[-1].species])
    ours = motion(run.frames, run.frames.steps, 7.0, reach, masses)
    assert found["msd"] == pytest.approx(ours.msd) and found["F_s"] == pytest.approx(ours.scattering)
    assert found.along == "time (τ)" and found.x == pytest.approx(ours.lag * run.protocol.timestep)
    assert 0.5 * (found["msd_L"] + found["msd_S"]) == pytest.approx(found["msd"])
    assert list(found.columns())[:2] == ["time (τ)", "msd"] and "msd: " in repr(found)
    with pytest.raises(InputError, match="did you mean 'msd'"):
        found["mds"]
    with pytest.raises(InputError, match="the temperature changes"):
        glasscli.open(runs / "quench.h5").msd()


def test_another_programs_file_is_measured_too(third_party_glass):
    glass = glasscli.open(third_party_glass)
    assert "32000 atoms" in repr(glass)
    g = glass.g_of_r(cutoff=2.0)
    assert g["g_total"][g.x < 0.7].max() == 0 and g["g_total"].max() > 2
