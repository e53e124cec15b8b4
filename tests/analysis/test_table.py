"""Many runs in one table: what each row says, which runs are samples of one protocol, what a bad file is."""

import csv
import io
import json
import shutil
from dataclasses import replace

import h5py
import numpy as np
import pytest

import glasscli as package
from glasscli.analysis.average import mean_of
from glasscli.analysis.result import Curve
from glasscli.analysis.table import Table, read_table
from glasscli.analysis.table_plot import plotted
from glasscli.errors import InputError
from glasscli.observables.samples import widening
from glasscli.store.reader import open_run
from tests.conftest import run_glasscli

STUDY = """
folder = "study"
seed = 5
[stages.quench]
replicas = 3
atoms = 180
rate = [5.0, 10.0]
equilibration = 100
T-end = 0.1
inherent-every = 100
[stages.anneal]
after = "quench"
from = "final"
T = "0.9Tf"
Tf = 0.5
steps = 100
inherent-every = 25
every = 25
[stages.table]
after = "quench"
plot = "inherent_energy:rate"
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Three quenches at each of two rates, each of them annealed; what `run` said of it."""
    folder = tmp_path_factory.mktemp("table")
    (folder / "study.toml").write_text(STUDY)
    answer = run_glasscli("run", "study.toml", "--jobs", 2, "--json", cwd=folder)
    assert answer.code == 0, answer.err
    return folder / "study", answer.data


def told(study, *words):
    answer = run_glasscli("table", *words, "--json", cwd=study[0])
    assert answer.code == 0, answer.err
    return answer.data


def test_a_row_is_what_the_file_says(study):
    row = next(row for row in told(study)["rows"] if row["file"] == "quench-rate5.0-0002.h5")
    run = open_run(study[0] / row["file"])
    assert row["seed"] == run.manifest.protocol.seed and row["atoms"] == 180 and row["system"] == "wahnstrom"
    assert row["inherent_energy"] == run.inherent_table["inherent_energy"][-1]
    assert row["pressure"] == run.inherent_table["inherent_pressure"][-1]
    assert row["rate"] == pytest.approx(5.0, rel=0.01) and row["steps"] == run.manifest.protocol.steps
    assert row["icosahedral_fraction"] == run.result("summary")["icosahedral_fraction"]
    assert row["T_f"] is None and row["T_f_reason"]  # so fast that it has none
    assert row["volume_per_atom"] == pytest.approx(0.767) and row["wall_seconds"] > 0 and row["parents"] == []


def test_groups_are_samples_of_one_protocol_and_their_means_those_by_hand(study):
    data = told(study)
    quenches = [group for group in data["groups"] if group["by"]["protocol"] == "quench"]
    assert [round(group["by"]["rate"]) for group in quenches] == [5, 10] and {g["n"] for g in quenches} == {3}
    assert all(
        set(group["by"]) == {"protocol", "rate"} for group in quenches
    )  # its steps follow from the rate
    for group in quenches:
        rows = [
            r
            for r in data["rows"]
            if r["protocol"] == "quench" and abs(r["rate"] - group["by"]["rate"]) < 1e-6
        ]
        energies = [open_run(study[0] / r["file"]).inherent_table["inherent_energy"][-1] for r in rows]
        found = group["inherent_energy"]
        assert found["mean"] == pytest.approx(np.mean(energies), rel=1e-12)
        # What redrawing three of three gives, counted out, widened for there being three alone.
        means = [np.mean([a, b, c]) for a in energies for b in energies for c in energies]
        assert found["error"] == pytest.approx(np.std(means) * np.sqrt(3 / 2) * widening(3), rel=1e-9)


def test_anneals_of_samples_are_samples(study):
    """Their parents are drawn by lot as well; parents of two rates are two protocols only where it is known."""
    (group,) = told(study, "anneal-rate5.0-0001.h5", "anneal-rate5.0-0003.h5")["groups"]
    assert group["n"] == 2 and group["by"] == {}


def test_runs_of_two_structure_files_are_no_samples_of_one(study, tmp_path):
    glass = study[0] / "quench-rate5.0-0001.h5"
    for name in "ab":
        assert run_glasscli("export", glass, "-o", f"{name}.lammps", cwd=tmp_path).code == 0
        for seed in (1, 2):
            words = [
                "anneal",
                f"{name}.lammps",
                "--T",
                "0.3",
                "--steps",
                20,
                "--inherent-every",
                0,
                "--seed",
                seed,
            ]
            assert run_glasscli(*words, "-o", f"{name}{seed}.h5", cwd=tmp_path).code == 0
    data = run_glasscli("table", "--json", cwd=tmp_path).data
    assert [(g["by"], g["n"]) for g in data["groups"]] == [
        ({"parent_file": f"{name}.lammps"}, 2) for name in "ab"
    ]


def test_a_temperature_by_its_share_of_T_f_is_one_protocol(study, tmp_path):
    """Chosen as 0.9 T_f it differs from sample to sample; chosen in units it does not, and its share does."""
    for name, Tf in (("a", "0.5"), ("b", "0.6")):
        words = ["anneal", study[0] / "quench-rate5.0-0001.h5", "--from", "final", "--steps", 20, "--Tf", Tf]
        for T, kind in (("0.9Tf", "share"), ("0.4", "fixed")):
            out = run_glasscli(
                *words, "--T", T, "--inherent-every", 0, "-o", f"{kind}-{name}.h5", cwd=tmp_path
            )
            assert out.code == 0, out.err
    shares = run_glasscli("table", "share-a.h5", "share-b.h5", "--json", cwd=tmp_path).data
    assert [g["n"] for g in shares["groups"]] == [2] and {r["T_over_Tf"] for r in shares["rows"]} == {0.9}
    fixed = run_glasscli("table", "fixed-a.h5", "fixed-b.h5", "--json", cwd=tmp_path).data
    assert [g["n"] for g in fixed["groups"]] == [2]
    both = run_glasscli("table", "share-a.h5", "fixed-a.h5", "--json", cwd=tmp_path).data
    assert [g["n"] for g in both["groups"]] == [1, 1]


def test_run_status_and_table_say_the_same(study):
    folder, answer = study
    ours = run_glasscli("table", "study", "--json", cwd=folder.parent).data
    status = run_glasscli("status", "study", "--results", "--json", cwd=folder.parent).data
    stage = json.loads((folder / "table.json").read_text())
    assert stage["groups"] and stage["written"] == ["table-inherent_energy-rate.png"]
    assert [g["inherent_energy"] for g in stage["groups"]] == [
        g["inherent_energy"] for g in ours["groups"] if g["by"]["protocol"] == "quench"
    ]
    assert answer["table"]["groups"] == status["table"]["groups"] == ours["groups"]
    text = run_glasscli("status", "study", "--results", cwd=folder.parent).out
    assert "quench: 6 runs, wahnstrom, 180 atoms\n" in text and "mean ± error over samples:" in text
    replicas = run_glasscli(
        "quench", "--replicas", 2, "--atoms", 180, "--steps", 60, "--equilibration", 10, "--jobs", 2, "--json",
        cwd=folder.parent,
    )  # fmt: skip
    assert [group["n"] for group in replicas.data["table"]["groups"]] == [2], replicas.err


def test_damaged_unfinished_and_foreign_files_are_named(study, tmp_path):
    for name in ("whole", "cut", "changed"):
        shutil.copy(study[0] / "quench-rate5.0-0001.h5", tmp_path / f"{name}.h5")
    content = (tmp_path / "cut.h5").read_bytes()
    (tmp_path / "cut.h5").write_bytes(content[: len(content) // 2])
    with h5py.File(tmp_path / "changed.h5", "r+") as file:
        file["observables/inherent_energy/value"][-1] -= 0.1
    (tmp_path / "other.h5").write_text("no run")
    killed = run_glasscli(
        "quench", "--atoms", 180, "--steps", 5000000, "--walltime", "3", "--inherent-every", 0,
        "--checkpoint-every", 500, "--equilibration", 0, "-o", "long.h5", cwd=tmp_path,
    )  # fmt: skip
    assert killed.code == 75
    data = run_glasscli("table", "--json", cwd=tmp_path).data
    assert [row["file"] for row in data["rows"]] == ["whole.h5"]
    reasons = {one["file"]: one["reason"] for one in data["failed"]}
    assert set(reasons) == {"cut.h5", "changed.h5", "other.h5", "long.h5"}
    assert (
        reasons["long.h5"].startswith("unfinished, step ") and "other numbers than" in reasons["changed.h5"]
    )
    assert "cut.h5: not an HDF5 file, or truncated" in run_glasscli("table", cwd=tmp_path).out
    (tmp_path / "empty").mkdir()
    empty = run_glasscli("table", "empty", cwd=tmp_path)
    assert empty.code == 2 and empty.err == "glasscli: no run in empty\n"


def test_rows_are_filtered_sorted_and_grouped(study):
    data = told(study, "--where", "protocol=quench", "--where", "rate<7", "--sort", "-inherent_energy")
    energies = [row["inherent_energy"] for row in data["rows"]]
    assert len(energies) == 3 and energies == sorted(energies, reverse=True)
    (group,) = told(study, "--where", "protocol=quench", "--by", "atoms")["groups"]
    assert group["by"] == {"atoms": 180} and group["n"] == 6
    for words in (["--where", "rat<7"], ["--sort", "rat"], ["--by", "rat"], ["--columns", "rat"]):
        bad = run_glasscli("table", *words, cwd=study[0])
        assert bad.code == 2 and "there is no column 'rat' (did you mean 'rate'?)" in bad.err


def test_it_is_written_and_drawn(study, tmp_path):
    words = ["table", study[0], "--where", "protocol=quench"]
    drawn = run_glasscli(*words, "--plot", "inherent_energy:rate", "-o", "t.csv", "--json", cwd=tmp_path)
    assert drawn.data["written"] == ["t.csv", "t-groups.csv", "table-inherent_energy-rate.png"], drawn.err
    with (tmp_path / "t-groups.csv").open() as file:
        rows = list(csv.DictReader(io.StringIO("".join(file.readlines()[1:]))))
    groups = drawn.data["groups"]
    assert [float(r["inherent_energy (ε)"]) for r in rows] == [g["inherent_energy"]["mean"] for g in groups]
    assert [float(r["inherent_energy (ε)_error"]) for r in rows] == [
        g["inherent_energy"]["error"] for g in groups
    ]
    assert run_glasscli(*words, "-o", "t.json", cwd=tmp_path).code == 0
    assert json.loads((tmp_path / "t.json").read_text())["groups"] == groups
    assert run_glasscli(*words, "-o", "t.md", cwd=tmp_path).code == 0
    assert (tmp_path / "t.md").read_text().startswith("| file | ")
    again = run_glasscli(*words, "-o", "t.txt", cwd=tmp_path)
    assert again.code == 2 and "written as .csv, .md, .json" in again.err
    (tmp_path / "mine.md").write_text("notes of my own")
    assert "exists: give --force" in run_glasscli(*words, "-o", "mine.md", cwd=tmp_path).err


def test_the_line_of_T_f_against_the_rate_and_its_activation_energy(study, tmp_path):
    """Rows as of quenches of three rates whose T_f obeys d ln q / d(1/T_f) = -E/k with E/k = 12."""
    (row,) = read_table([study[0] / "quench-rate5.0-0001.h5"]).rows
    rates = np.repeat([1e-3, 1e-2, 1e-1], 2)
    T_f = 1 / (2.0 - np.log(rates / 1e-2) / 12) + np.tile([-1e-3, 1e-3], 3)
    made = tuple(
        replace(row, values={**row.values, "rate": float(rate), "T_f": float(T)}, identity=str(k))
        for k, (rate, T) in enumerate(zip(rates, T_f, strict=True))
    )
    points = plotted(Table(made), "T_f:rate")
    (fit,) = points.fits()
    assert fit.along == "log10(rate)" and fit.line.n == 3
    assert fit.line.slope == pytest.approx(np.ptp(T_f[[0, 4]]) / 2, rel=1e-3)
    assert fit.activation[0] == pytest.approx(12, rel=0.05)
    assert points.draw(tmp_path / "fit.png", [fit]).stat().st_size > 5000
    alone = run_glasscli("table", "--fit", cwd=study[0])
    assert alone.code == 2 and "--plot Y:X" in alone.err
    two = told(study, "--where", "protocol=quench", "--plot", "inherent_energy:rate", "--fit", "--figure",
               str(tmp_path / "two.png"))  # fmt: skip
    assert two["fits"][0]["slope"] is None and "fewer than three" in two["fits"][0]["reason"]


def test_functions_are_averaged_over_samples_of_one_protocol(study, tmp_path):
    """As by hand from what is said of each file; two protocols stay side by side, a copy is no sample."""
    names = [f"anneal-rate{rate}-000{k}.h5" for rate in ("5.0", "10.0") for k in (1, 2, 3)]
    for name in names:
        shutil.copy(study[0] / name, tmp_path)
        shutil.copy(study[0] / name.replace("anneal", "quench"), tmp_path)  # what tells the protocols apart
    shutil.copy(study[0] / names[0], tmp_path / "copy.h5")
    words = ["--measure", "pdf,displacements", "--average", "--jobs", 1, "--json"]
    answer = run_glasscli("analyze", *names, "copy.h5", *words, cwd=tmp_path)
    assert answer.code == 0, answer.err
    files = {one["file"]: one for one in answer.data["files"]}
    assert [group["n"] for group in answer.data["averages"]] == [3, 3]
    assert len({round(group["by"]["parent_rate"]) for group in answer.data["averages"]}) == 2
    for group in answer.data["averages"]:
        mine = [files[file] for file in group["files"]]
        by_hand = {
            ("pdf", "g_total"): [one["pdf"]["total"] for one in mine],
            ("pdf", "g_L-S"): [one["pdf"]["partials"]["L-S"] for one in mine],
            ("displacements", "F_s"): [one["displacements"]["motion"]["scattering"] for one in mine],
            ("displacements", "msd"): [one["displacements"]["motion"]["msd"] for one in mine],
        }
        for (measure, name), values in by_hand.items():
            found = group["functions"][measure][name]
            assert found["mean"] == pytest.approx(np.mean(values, axis=0), abs=1e-12), name
            error = np.std(values, axis=0, ddof=1) / np.sqrt(3) * widening(3)
            assert found["error"] == pytest.approx(error, abs=1e-12), name
    assert len({one["displacements"]["motion"]["q"] for one in files.values()}) == 1
    table = tmp_path / next(t for t in answer.data["average_tables"] if t.endswith("-pdf.csv"))
    header = table.read_text().splitlines()[1]
    assert header.startswith("r (σ),g_total,g_total_error,g_L-L,")


def test_a_mean_of_functions_is_on_the_arguments_that_all_have():
    x = np.arange(10.0)
    short = Curve("f", "r", x[:8], 2 * x[:8], "f")
    found = mean_of([Curve("f", "r", x, x**2, "f"), short])
    assert found.curve.x.tolist() == x[:8].tolist() and found.n == 2
    assert found.curve.y == pytest.approx((x[:8] ** 2 + 2 * x[:8]) / 2)


def test_errors_of_functions_hold_the_truth_in_68_of_100_cases():
    """Five samples of a wave with noise, four hundred times over."""
    rng, x = np.random.default_rng(3), np.linspace(0, 6, 40)
    inside = []
    for _ in range(400):
        drawn = np.sin(x) + rng.normal(0, 0.2, (5, 1)) + rng.normal(0, 0.1, (5, len(x)))
        found = mean_of([Curve("f", "r", x, y, "f") for y in drawn])
        inside.append(np.abs(found.curve.y - np.sin(x)) < found.error)
    assert np.mean(inside) == pytest.approx(0.683, abs=0.05)


def test_from_python(study):
    found = package.table(study[0]).where("protocol=quench").sort("inherent_energy")
    assert len(found) == 6 and found.groups[0]["n"] == 3 and not found.failed
    assert "mean ± error over samples" in repr(found) and found._repr_html_().count("<tr>") == 1 + 6 + 1 + 2
    with pytest.raises(InputError, match="rows and groups"):
        found.to_pandas("columns")
