"""Every command that can take long says so first: nothing is written, and refused what it would refuse itself."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.conftest import run_glasscli

KEYS = {"core_hours", "bytes", "memory_bytes", "scaling", "core_hours_of"}
DRY = {
    "analyze": ["analyze", "still.h5"],
    "minimise": ["analyze", "moving.h5", "--minimise", "--measure", "icosahedra"],
    "report": ["report", "still.h5"],
    "two pages": ["report", "still.h5", "moving.h5", "-o", "both.html"],
    "dynamics": ["dynamics", "moving.h5"],
    "modes": ["modes", "still.h5", "--count", "12"],
    "events": ["landscape", "events", "still.h5"],
    "search": ["landscape", "barriers", "still.h5", "--search", "activation-relaxation", "--n", "2", "--no-rates"],
    "eos": ["eos", "fcc-large", "--points", "9", "--table", "eos.csv"],
    "free energies": ["eos", "fcc-large", "--points", "9", "--temperature", "0.5"],
    "animation": ["render", "still.h5", "-o", "still.gif"],
    "build": ["build", "random", "--atoms", "300", "--md-steps", "500", "--temperature", "1.0"],
    "export": ["export", "moving.h5", "--kind", "frames", "--frame", "all", "-o", "moving.xyz"],
}  # fmt: skip
REFUSED = {
    "no file": ["report", "nowhere.h5"],
    "measure": ["report", "still.h5", "--measure", "icosahedron"],
    "page": ["report", "still.h5", "-o", "still.h5"],
    "frames": ["dynamics", "still.h5", "--q", "-1"],
    "no barriers": ["landscape", "two-level", "still.h5"],
    "frame": ["landscape", "barriers", "still.h5", "--search", "activation-relaxation", "--frame", "99"],
    "no events": ["landscape", "events", "nowhere.h5"],
    "phases": ["eos", "c15", "--mix", "c15,c15"],
    "volume": ["eos", "c15", "--at", "-1"],
    "item": ["reproduce", "derlet2019/fig99"],
    "grain": ["build", "c15", "--grain-radius", "4"],
    "shape": ["build", "random", "--atoms", "300", "--cells", "2,2,2"],
    "range": ["export", "still.h5", "--frame", "7:7", "-o", "none.xyz"],
    "format": ["export", "still.h5", "--frame", "all", "-o", "all.lammps"],
    "picture": ["render", "still.h5", "--frame", "99", "-o", "a.png"],
    "few frames": ["render", "still.h5", "--view", "strain", "--lag", "99", "-o", "a.gif"],
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two small runs: inherent structures of a quench, frames of a liquid."""
    folder = tmp_path_factory.mktemp("dry")
    none = ["--inherent-every", "0"]
    quench = [
        "quench",
        "--atoms",
        "200",
        "--steps",
        "600",
        "--equilibration",
        "100",
        "--inherent-every",
        "200",
    ]
    anneal = ["anneal", "still.h5", "--T", "1.0", "--steps", "400", "--every", "10", *none]
    for command in ([*quench, "-o", "still.h5"], [*anneal, "-o", "moving.h5"]):
        answer = run_glasscli(*command, cwd=folder)
        assert answer.code == 0, answer.err
    return folder


def contents(folder):
    """What is where, and when it was written."""
    return {
        path.relative_to(folder): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("name", DRY)
def test_a_dry_run_says_what_it_takes_and_leaves_the_folder_as_it_was(made, name):
    before = contents(made)
    answer = run_glasscli(*DRY[name], "--dry-run", "--json", cwd=made)
    assert answer.code == 0, answer.err
    assert contents(made) == before
    data = json.loads(answer.out)
    assert data.keys() >= KEYS and data["scaling"]
    assert data["core_hours"] > 0 and data["memory_bytes"] > 5e7
    assert sum(data["core_hours_of"].values()) == pytest.approx(data["core_hours"])


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_by_the_same_line(made, name):
    words, before = REFUSED[name], contents(made)
    real, dry = (run_glasscli(*words, *more, cwd=made) for more in ([], ["--dry-run"]))
    assert real.code == dry.code != 0
    assert dry.err.splitlines()[-1] == real.err.splitlines()[-1]
    assert "Traceback" not in dry.err and contents(made) == before


def test_kept_results_are_counted_and_not_touched(made, tmp_path):
    for name in ("still.h5", "moving.h5"):
        (tmp_path / name).write_bytes((made / name).read_bytes())

    def said(*words):
        answer = run_glasscli(*words, "--dry-run", "--json", cwd=tmp_path)
        assert answer.code == 0, answer.err
        return answer.data

    minimise = ["analyze", "moving.h5", "--minimise", "--measure", "icosahedra"]
    first = said(*minimise)
    assert first["core_hours_of"]["inherent structures"] > 0
    assert any("are to be made" in note for note in first["estimate_notes"])
    assert run_glasscli(*minimise, "--jobs", "1", cwd=tmp_path).code == 0
    before = contents(tmp_path)
    then = said(*minimise)
    assert then["core_hours_of"]["inherent structures"] == then["core_hours_of"]["frames"] == 0
    assert any("measured already" in note for note in then["estimate_notes"])
    assert contents(tmp_path) == before


def test_a_figure_of_a_paper_is_priced_without_a_folder(tmp_path):
    answer = run_glasscli("reproduce", "buchenau1992/fig8", "--dry-run", "--json", cwd=tmp_path)
    assert answer.code == 0, answer.err
    assert answer.data.keys() >= {"core_hours", "bytes", "memory_bytes", "stages", "name"}
    assert not list(Path(tmp_path).iterdir())
