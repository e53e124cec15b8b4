"""`glasscli theory ...`: the keys promised, the files written, one line for every mistake."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from glasscli.cli.theory import command
from glasscli.theory import kinetics

CASES = {
    "levels": (["--K1", "-4"], {"energies", "splitting", "wkb"}),
    "spectrum": (["--distribution", "flat"], {"T", "C", "C_over_T3", "T_star", "n_E"}),
    "participation": (["--glass", "silica"], {"Ns_a2_A2", "eps0_eV", "W_K"}),
    "stability": (["--beta-eps", "3"], {"eta1", "eta2", "ratio", "branch"}),
    "electrons": ([], {"W1", "W2", "U", "x1", "x2"}),
    "kinetics": (["--gain", "20", "--Gamma", "10"], {"t_half", "t_90", "inflections", "eta_at"}),
    "fragment": ([], {"eta", "xi", "A"}),
    "coupling": (["--K2", "0.1"], {"b_eV", "dE_dDelta", "classes_eV", "estimates_eV"}),
}


@pytest.mark.parametrize("name", CASES)
def test_keys_csv_and_figure(run, name):
    words, keys = CASES[name]
    code, data, err = run(name, *words)
    assert code == 0 and keys <= set(data), err
    assert data["files"] == [f"theory-{name}.csv", f"theory-{name}.png"]
    with Path(f"theory-{name}.csv").open() as file:
        rows = list(csv.reader(file))
    assert len(rows) > 10 and len({len(row) for row in rows}) == 1
    assert Path(f"theory-{name}.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", CASES)
def test_text_output_name_and_no_figure(run, name, tmp_path):
    words = ["--model", "tunnelling"] if name == "spectrum" else CASES[name][0]  # the quickest
    code, text, _ = run(name, *words, "-o", "deep", "--no-figure", json_too=False)
    assert code == 0 and len(text.splitlines()) > 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep.csv"]


def test_every_command_has_help_with_an_example(run):
    for name in command.list_commands(None):
        one = command.get_command(None, name)
        assert one.help and "Example" in (one.epilog or "") and f"glasscli theory {name}" in one.epilog
        code, text, _ = run(name, "--help", json_too=False)
        assert code == 0 and "Examples:" in text


def test_levels_values(run):
    _, data, _ = run("levels", "--K1", "0", "--K2", "0", "-n", "3", "--no-figure")
    assert data["energies"] == pytest.approx([1.060362, 3.799673, 7.455698], abs=5e-7)
    assert data["splitting"] == pytest.approx(data["energies"][1] - data["energies"][0])
    assert data["wkb"] == pytest.approx([2.18507 * (n + 0.5) ** (4 / 3) for n in range(3)], rel=1e-5)
    _, data, _ = run("levels", "--K1", "-40", "-n", "2", "--no-figure")
    assert 0 < data["splitting"] < 1e-30 and data["splitting_method"] == "mpmath"
    _, data, _ = run("levels", "--eta", "-0.0568", "--xi", "0", "--no-figure")
    assert data["K1"] == pytest.approx(-4, abs=0.01) and data["class"] == "two-well-1"
    _, data, _ = run("levels", "--K1", "1", "--no-figure")
    assert data["J"] is None and data["Delta"] is None
    _, data, _ = run("levels", "--map", "--no-figure")
    assert [s["K2"] for s in data["saddles"]] == pytest.approx([-1.894, 1.894], abs=5e-4)
    assert np.array(data["gap"]).shape == (len(data["K2"]), len(data["K1"]))


def test_slopes_of_a_two_level_system_are_those_of_its_energy(run):
    _, data, _ = run("coupling", "--K1", "-4", "--K2", "0.1", "--no-figure")
    assert (
        data["dE_dDelta"] ** 2 + data["dE_dJ"] ** 2 == pytest.approx(4)
        and data["dE_dDelta"] > data["dE_dJ"] > 1
    )
    code, data, _ = run("coupling", "--K1", "-400", "--no-figure")
    assert code == 0 and data["dE_dJ"] is None


def test_numbers_of_the_other_commands(run):
    _, data, _ = run(
        "participation",
        "--nu-c",
        "2.879THz",
        "--T-star",
        "2.057K",
        "--mass",
        "20.03u",
        "--a",
        "1A",
        "--no-figure",
    )
    assert (round(data["Ns_a2_A2"]), round(data["eps0_eV"]), round(data["Ns"])) == (162, 55, 162)
    _, data, _ = run("stability", "--beta-eps", "3", "--eta", "0.05", "--no-figure")
    assert (data["ratio"], data["branch"]) == (pytest.approx(252.03, abs=0.006), "lower")
    _, data, _ = run("stability", "--beta-eps", "0.5", "--no-figure")
    assert data["eta1"] is None and data["branch"] == "single"
    _, data, _ = run("electrons", "--Q0", "3eV", "--no-figure")
    assert data["W2"] / data["W1"] == pytest.approx(2.52, abs=5e-4)
    _, data, _ = run("kinetics", "--at", "1,4.12", "--pump", "2,0.5,1.3,0.7,1.5", "--no-figure")
    assert data["t_half"] == pytest.approx(4.12, abs=5e-3)
    assert data["eta_at"]["4.12"] == pytest.approx(0.5, abs=1e-3)
    assert data["threshold"] == pytest.approx(2 * 0.5 / 1.3**2) and data["condensate"] > 0
    orders = list(data["induced_order_at"].values())
    assert orders == sorted(orders) and orders[-1] > orders[0] >= 0  # Eqs. 18-19: relaxation raises it
    _, data, _ = run("kinetics", "--Omega", "3", "--gain", "2", "--Gamma", "1", "--no-figure")
    assert set(data["eta_off_resonance_at"]) == {"1", "2", "5", "10"}


def test_spectra_of_all_kinds(run, tmp_path):
    _, data, _ = run("spectrum", "--glass", "silica", "--cutoff", "10", "--no-figure")
    assert 1.6 < data["W_over_kT_star"] < 2.0
    assert data["T_star"] == pytest.approx(1.6 * 2.057 / data["W_over_kT_star"])
    assert len(data["T"]) == len(data["C"]) == len(data["C_over_T3"]) and len(data["E"]) == len(data["n_E"])
    last = {}
    for more in ([], ["--pressure", "50kbar"]):
        words = ["--distribution", "exponential", "--time", "1ms", "--no-figure", *more]
        code, data, _ = run("spectrum", *words)
        assert code == 0 and min(data["C"]) > 0
        assert all(slow <= full * (1 + 1e-9) for slow, full in zip(data["C_t"], data["C"], strict=True))
        assert data["concentrations"]["c_a"] > data["concentrations"]["two_well_1"] > 0
        ratio = data["C"][0] / last.get("C", data["C"])[0]
        assert ratio == pytest.approx(np.exp(-2) if more else 1)
        last = data
    words = ["--distribution", "exponential", "--T-g", "300K", "--no-figure"]
    code, _, err = run("spectrum", *words)
    assert code == 2 and "--T-g-reference" in err and err.count("\n") == 1
    code, data, _ = run("spectrum", *words, "--T-g-reference", "450K", "--beta", "2", "--neutron-T", "20K")
    assert data["concentrations"]["c_a"] == pytest.approx(
        last["concentrations"]["c_a"] * np.exp(2 + 2.25 - 1), rel=1e-6
    )
    assert data["neutron_peak_at_T_K"] >= data["neutron_peak_K"] > 0 and data["T0_star_eV"] > 0
    code, _, err = run("spectrum", *words, "--T-g-reference", "900K", "--beta", "3", "--F0", "0.5")
    assert code == 2 and "more soft atoms than atoms" in err
    for more in (
        ["--T-g", "50K", "--glass", "silica"],
        ["--model", "tunnelling", "--T-g", "5K", "--glass", "silica"],
    ):
        code, _, err = run("spectrum", *more, "--no-figure")
        assert code == 2 and "than atoms; lower --" in err and err.count("\n") == 1
    rng = np.random.default_rng(0)
    np.savetxt("some.csv", rng.normal(0, 0.05, (300, 2)), delimiter=",", header="eta,xi", comments="")
    code, data, _ = run("spectrum", "--distribution", "some.csv")
    assert code == 0 and len(data["n_E"]) == len(data["E"])
    code, data, _ = run("spectrum", "--model", "tunnelling", "--time", "1ms", "-o", "law")
    assert code == 0 and data["kappa_exponent_at_T_min"] == pytest.approx(2, abs=0.01)


def test_fit_of_a_csv(run):
    t = np.linspace(0, 50, 40)
    y = 1 + 0.5 * kinetics.order_parameter(0.2 * t, 20, 10) + np.random.default_rng(0).normal(0, 1e-3, 40)
    np.savetxt("relaxation.csv", np.column_stack([t, y]), delimiter=",", header="time,R", comments="")
    code, data, _ = run("kinetics", "--fit", "relaxation.csv", "-o", "fit")
    assert code == 0 and data["better"] == "eta" and data["points"] == 40
    assert set(data["eta"]["parameters"]) == {"y0", "y1", "g", "gain", "Gamma"} == set(data["eta"]["errors"])
    assert set(data["stretched_exponential"]["parameters"]) == {"y0", "y1", "tau", "beta"}
    assert Path("fit.png").exists()


def test_volumes_become_samples_for_spectrum(run):
    Path("volumes.csv").write_text("volume\n" + "\n".join(f"{v:.4f}" for v in np.linspace(0.9, 1.1, 50)))
    code, _, _ = run("fragment", "--volumes", "volumes.csv", "-o", "samples")
    assert code == 0
    assert run("spectrum", "--distribution", "samples.csv", "--no-figure")[0] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["participation", "--nu-c", "12meV", "--T-star", "2K", "--mass", "20u"], "write 2.90159THz"),
        (["participation", "--nu-c", "3THz"], "together"),
        (["participation", "--glass", "silica", "--ratio", "-1"], "greater than zero"),
        (["levels", "--K1", "nan"], "finite"),
        (["levels", "--K1", "1", "--eta", "0.1"], "not both"),
        (["stability", "--eta", "0.5"], "between eta2"),
        (["stability", "--curves", "a,b"], "list of numbers"),
        (["electrons", "--gap", "2THz"], "is a frequency, not an energy"),
        (["electrons", "--A", "0"], "greater than zero"),
        (["kinetics", "--Gamma", "0"], "Gamma"),
        (["kinetics", "--at", "1,nan"], "finite"),
        (["kinetics", "--pump", "1,2"], "5 finite numbers"),
        (["kinetics", "--fit", "absent.csv"], "is not there"),
        (["kinetics", "--fit", "words.csv"], "line 3"),
        (["kinetics", "--fit", "wide.csv"], "4 columns"),
        (["spectrum", "--distribution", "gausian"], "did you mean 'gaussian'"),
        (["spectrum", "--T-max", "1e9K"], "suffice"),
        (["spectrum", "--w", "3THz"], "is a frequency, not an energy"),
        (["spectrum", "--cutoff", "-3"], "cutoff"),
        (["fragment", "--angle", "400"], "angle"),
    ],
)
def test_mistakes_are_one_line_and_a_code(run, words, message):
    Path("words.csv").write_text("t,y\n1,2\n3,x\n")
    Path("wide.csv").write_text("1,2,3,4\n")
    code, data, err = run(*words)
    assert code == 2
    assert message in err and len(err.strip().splitlines()) == 1
    assert data["exit_code"] == 2 and message in data["error"]


def test_an_output_folder_that_is_not_there(run):
    code, _, err = run("stability", "-o", "no/such/folder")
    assert code == 1 and "does not exist" in err


def test_help_needs_no_numerics():
    script = (
        "import sys, glasscli.cli.theory; "
        "sys.exit(any(m in sys.modules for m in ('numpy', 'scipy', 'mpmath', 'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_fit_of_a_run_takes_its_inherent_energies_from_the_first_on(run, monkeypatch):
    from types import SimpleNamespace

    steps = np.arange(5000, 45000, 1000)
    energy = -7.0 - 0.1 * (1 - np.exp(-(((steps - 5000) / 9000) ** 0.7)))
    table = {"step": steps, "inherent_energy": energy + np.random.default_rng(1).normal(0, 1e-3, 40)}
    monkeypatch.setattr(
        "glasscli.analysis.measured_relaxation.open_run", lambda path: SimpleNamespace(inherent_table=table)
    )
    code, data, err = run("kinetics", "--fit", "anneal.h5", "--no-figure")
    assert code == 0 and data["points"] == 40, err
    found = data["stretched_exponential"]
    assert abs(found["parameters"]["tau"] - 9000) < 4 * found["errors"]["tau"]
    table["step"] = steps[:1]
    assert "no inherent structures" in run("kinetics", "--fit", "anneal.h5")[2]


def test_a_run_gives_relaxation_parameters_and_excitations(runs, run):
    from glasscli.analysis.measured_relaxation import measured_relaxation

    names, (steps, values) = measured_relaxation(runs / "quench.h5", "R")
    assert names == ["steps", "R"] and len(steps) == len(values) >= 5
    assert values[0] == 0 and (values[1:] > 0.01).all() and values[-1] > values[1] / 2
    code, data, err = run("excitations", str(runs / "quench.h5"))
    assert code == 0, err
    assert data["atoms"] == 500 and data["c"] == 0.5 and abs(data["alpha_mean"]) < 0.2


EXTREME = [
    ("levels", "--K1", "1e9"),
    ("levels", "--K1", "1e300"),
    ("levels", "--K1", "-1e9"),
    ("levels", "--K2", "1e5"),
    ("levels", "--eta", "-0.05", "--A", "1e300eV"),
    ("levels", "--eta", "-0.05", "--eps0", "1e-9K"),
    ("participation", "--glass", "silica", "--nu-c", "1e-300THz"),
    ("participation", "--glass", "silica", "--a", "1e300A"),
    ("stability", "--beta-eps", "1e300"),
    ("electrons", "--Q0", "1e300eV"),
    ("kinetics", "--gain", "1e9"),
    ("kinetics", "--Gamma", "1e-300"),
    ("kinetics", "--seed", "1e300"),
    ("kinetics", "--Omega", "2", "--at", "-1e9"),
    ("fragment", "--range", "1e9"),
    ("fragment", "--angle", "1e-300"),
    ("fragment", "--a0", "1e-300A"),
]


@pytest.mark.parametrize("words", EXTREME, ids=" ".join)
def test_numbers_far_from_any_glass_are_one_line(run, words):
    code, text, err = run(*words, "--no-figure", json_too=False)
    assert code == 2 and not text and len(err.strip().splitlines()) == 1, err
    assert "unexpected" not in err and "Warning" not in err


def test_kinetics_far_off_resonance_is_an_answer(run):
    """Where Omega is far above all rates, Eq. 14 holds; the full equations oscillate too fast to be followed."""
    code, data, err = run("kinetics", "--Omega", "1e9", "--at", "1,2,5", "--no-figure")
    assert code == 0 and "no curve of Eqs. 9" in err
    expected = kinetics.far_off_resonance(np.array([1.0, 2.0, 5.0]), 10.0, 1e9)
    assert list(data["eta_off_resonance_at"].values()) == pytest.approx(expected, abs=1e-6)
    code, data, _ = run("kinetics", "--Omega", "1e-90", "--at", "1,2,5", "--no-figure")
    assert data["eta_off_resonance_at"] == pytest.approx(data["eta_at"])


def test_a_single_well_has_no_barrier(run):
    for K1 in ("0", "4"):
        code, text, err = run("levels", "--K1", K1, "--no-figure", json_too=False)
        assert code == 0 and "nan" not in text, err
    code, text, _ = run("levels", "--K1", "0", "--no-figure", json_too=False)
    assert "barrier" in text and "none: there is one well" in text
