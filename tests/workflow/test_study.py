"""Protocol files: what they expand to, what is wrong with them, and that nothing is done twice."""

from pathlib import Path

import pytest

from glasscli.cli.run import planned
from glasscli.store.reader import open_run

ROOT = Path(__file__).resolve().parents[2]
STUDY = """
folder = "out"
seed = 3
[stages.quench]
replicas = 2
steps = 600
equilibration = 100
inherent-every = 0
[stages.anneal]
after = "quench"
T = [0.4, 0.5]
from = "final"
steps = 200
inherent-every = 0
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text)
    return path


def test_grid_and_names(tmp_path):
    _, tasks = planned(write(tmp_path, STUDY))
    assert [t.output for t in tasks] == [
        "quench-0001.h5", "quench-0002.h5",
        "anneal-T0.4-0001.h5", "anneal-T0.5-0001.h5", "anneal-T0.4-0002.h5", "anneal-T0.5-0002.h5",
    ]  # fmt: skip
    assert tasks[5].inputs == ("quench-0002.h5",)
    seeds = {t.words[t.words.index("--seed") + 1 : t.words.index("--seed") + 4 : 2] for t in tasks[2:]}
    assert len(seeds) == 4  # seed and replica of each anneal are its own


def test_the_file_equals_the_command_lines(tmp_path, glasscli):
    """What is made is what --replicas makes, bit for bit by identity; a second time nothing is done."""
    write(tmp_path, STUDY.replace("[0.4, 0.5]", "0.5"))
    answer = glasscli("run", "study.toml", "--jobs", 2, "--json")
    assert answer.code == 0 and answer.data["done"] == 4, answer.err + answer.out
    quick = ["--seed", 3, "--inherent-every", 0, "--jobs", 2]
    glasscli("quench", *quick, "--replicas", 2, "--steps", 600, "--equilibration", 100)
    starts = ["quench-0001.h5", "quench-0002.h5"]
    glasscli("anneal", *starts, *quick, "--T", 0.5, "--from", "final", "--steps", 200)
    for name in ("quench-0002", "anneal-0001", "anneal-0002"):
        ours = [open_run(f / f"{name}.h5").manifest.identity for f in (tmp_path, tmp_path / "out")]
        assert ours[0] == ours[1], name
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").glob("*.h5")}
    again = glasscli("run", "study.toml", "--json")
    assert again.code == 0 and all(run["seconds"] == 0 for run in again.data["runs"])
    assert before == {p: p.stat().st_mtime_ns for p in before}
    (tmp_path / "out" / "anneal-0002.h5").unlink()
    third = glasscli("run", "study.toml", "--json").data["runs"]
    assert [run["seconds"] > 0 for run in third] == [False, False, False, True]


def test_dry_run_says_the_cost_and_writes_nothing(tmp_path, glasscli):
    write(tmp_path, STUDY)
    answer = glasscli("run", "study.toml", "--dry-run", "--json")
    quench, anneal = answer.data["stages"]
    assert (quench["runs"], quench["steps"], anneal["runs"], anneal["steps"]) == (2, 1400, 4, 800)
    assert anneal["core_hours"] > 0 and quench["core_hours"] > 0
    assert anneal["bytes"] > 4 * 3 * 500 * 8  # frames of 500 atoms
    assert answer.data["bytes"] == quench["bytes"] + anneal["bytes"] and answer.data["memory_bytes"] > 5e7
    assert [p.name for p in tmp_path.iterdir()] == ["study.toml"]


WRONG = [
    (
        "unknown option",
        STUDY.replace("steps = 600", "stepz = 600"),
        "unknown option 'stepz' (did you mean 'steps'?)",
    ),
    ("unknown key", STUDY.replace("seed = 3", "sead = 3"), "unknown key 'sead' (did you mean 'seed'?)"),
    ("unknown command", STUDY.replace("[stages.quench]", "[stages.quensh]"), "did you mean 'quench'"),
    ("unknown stage", STUDY.replace('"quench"', '"quencch"'), "did you mean 'quench'"),
    (
        "bad value",
        STUDY.replace("steps = 200", 'every = "often"\nsteps = 200'),
        "'often' is not a whole number, such as 1000 or 1e6",
    ),
    ("bad replicas", STUDY.replace("replicas = 2", "replicas = 0"), "stages.quench.replicas"),
    ("same name", STUDY.replace("[0.4, 0.5]", '["0.5", 0.5]'), "two runs would be called 'anneal-T0.5-0001'"),
    ("reserved", STUDY.replace("steps = 600", "seed = 600"), "'seed' is set by the study"),
    ("flag", STUDY.replace("steps = 600", "velocities = 3"), "velocities is a flag"),
    ("not TOML", STUDY + "[", "not TOML"),
    ("no stages", "seed = 1", "no stages"),
]


@pytest.mark.parametrize(("text", "says"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_wrong_files(text, says, tmp_path, glasscli):
    write(tmp_path, text)
    answer = glasscli("run", "study.toml")
    assert (answer.code, answer.out) == (2, "") and says in answer.err and answer.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_examples_in_inputs_can_be_planned():
    found = sorted((ROOT / "inputs").glob("*.toml"))
    assert found
    assert all(planned(path)[1] for path in found)
