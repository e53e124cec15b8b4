"""`glasscli propensity`: its contract, and that runs of one configuration are found again."""

from pathlib import Path

import numpy as np
import pytest

from glasscli.cli.call import call
from glasscli.errors import InputError
from glasscli.store.reader import open_run


def test_an_ensemble_of_one_configuration(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call("quench", atoms=200, steps=400, equilibration=200, inherent_every=0, T_end=0.9, output="melt.h5")
    with pytest.raises(InputError, match="not in the range x>=3"):
        call("propensity", "melt.h5", runs=2, steps=100)
    found = call("propensity", "melt.h5", runs=4, steps=200, jobs=1, no_figure=True)
    assert found["atoms"] == 200 and found["runs"] == 4 and found["T"] == 0.9
    files = sorted(Path("melt-runs").glob("*.h5"))
    runs = [open_run(path) for path in files]
    start = runs[0].frames[0].unwrapped
    gone = []
    for run in runs:
        assert np.array_equal(run.frames[0].positions, runs[0].frames[0].positions)
        moved = run.frames[len(run.frames) - 1].unwrapped - start
        mass = np.where(run.frames[0].species == 1, 1.0, 0.5)[:, None]
        gone.append(np.linalg.norm(moved - (mass * moved).sum(axis=0) / mass.sum(), axis=1))
    table = np.load("melt-propensity.npz")
    assert table["propensity"] == pytest.approx(np.mean(gone, axis=0), rel=1e-9)
    assert table["propensity_error"] == pytest.approx(np.std(gone, axis=0, ddof=1) / 2, rel=1e-9)
    names = list(table["feature_names"])
    assert {"energy", "volume", "icosahedron", "Z", "softness", "q6", "s2", "tetrahedrality"} <= set(names)
    assert table["features"].shape == (200, len(names)) and set(found["spearman"]) == set(names)
    assert found["ridge"] is not None and found["ridge"]["score"] < 1
    before = {path: path.stat().st_mtime_ns for path in files}
    again = call("propensity", "melt.h5", runs=4, steps=200, jobs=1, no_figure=True)
    assert again == found and before == {path: path.stat().st_mtime_ns for path in files}
