"""Many runs in one table: what each row says, which runs are samples of one protocol, what a bad file is."""

import csv
import io
import json
import shutil

import h5py
import numpy as np
import pytest

import glasscli as package
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
inherent-every = 100
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


def test_from_python(study):
    found = package.table(study[0]).where("protocol=quench").sort("inherent_energy")
    assert len(found) == 6 and found.groups[0]["n"] == 3 and not found.failed
    assert "mean ± error over samples" in repr(found) and found._repr_html_().count("<tr>") == 1 + 6 + 1 + 2
    with pytest.raises(InputError, match="rows and groups"):
        found.frame("columns")
