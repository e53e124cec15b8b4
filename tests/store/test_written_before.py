"""Files and folders of the first release: they open and go on, with the numbers recorded when they were made."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from glasscli.store.reader import open_run
from glasscli.store.verify import check
from tests.conftest import run_glasscli

DATA = Path(__file__).with_name("data")
NAMES = ("quench", "anneal", "swaps", "rung-01", "unfinished")


def digest(values) -> str:
    """Of the bits of an array, all of its numbers as float64."""
    return hashlib.sha256(np.ascontiguousarray(values, dtype="<f8").tobytes()).hexdigest()[:16]


def contents(run) -> dict:
    """All that a run holds, in digests."""
    tables = {
        kind: {name: [len(values), digest(values)] for name, values in table.items()}
        for kind, table in {
            "thermo": run.thermo,
            "inherent": run.inherent_table,
            "exchange": run.exchange_table,
            "tempering": run.tempering_table,
        }.items()
        if len(table["step"])
    }

    def arrays(c):
        return c.positions, c.images, c.species, c.box.edges, c.velocities

    frames = {
        kind: [
            [c.step, *(digest(values) for values in arrays(c) if values is not None)] for c in configurations
        ]
        for kind, configurations in (("frames", run.frames), ("inherent", run.inherent))
    }
    states = [run.state(i) for i in range(len(run.state_steps))]
    return {
        "identity": run.manifest.identity,
        "tables": tables,
        **frames,
        "states": [[s.step, digest(s.configuration.positions), len(s.restart)] for s in states],
    }


@pytest.fixture
def folder(tmp_path):
    """A copy to work on."""
    for path in DATA.iterdir():
        if path.is_dir():
            shutil.copytree(path, tmp_path / path.name)
        else:
            shutil.copy(path, tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def recorded():
    """What was in them when they were written."""
    return json.loads((DATA / "contents.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_they_hold_what_they_held(name, recorded):
    path = DATA / (f"{name}.h5.partial" if name == "unfinished" else f"{name}.h5")
    run = open_run(path)
    assert json.loads(json.dumps(contents(run))) == recorded[name]
    assert check(run) == []


@pytest.mark.parametrize("name", NAMES)
def test_they_are_shown(name, folder, recorded):
    answer = run_glasscli("show", f"{name}.h5", "--json", cwd=folder)
    assert answer.code == 0, answer.err
    data = answer.data
    assert data["identity"] == recorded[name]["identity"]
    assert data["frames"] == len(recorded[name]["frames"])
    assert data["inherent_structures"] == len(recorded[name]["inherent"])


def test_they_are_measured(folder, recorded):
    answer = run_glasscli("analyze", "anneal.h5", "--measure", "pdf", "--json", cwd=folder)
    assert answer.code == 0, answer.err
    for pair, values in recorded["coordination"].items():
        assert answer.data["coordination"][pair] == pytest.approx(values, rel=1e-9), pair


def test_a_finished_one_is_lengthened(folder, recorded):
    answer = run_glasscli("resume", "anneal.h5", "--steps", "200", "more", cwd=folder)
    assert answer.code == 0, answer.err
    run = open_run(folder / "anneal.h5")
    assert check(run) == [] and run.frames.steps.tolist() == [0, 100, 200, 300, 400]
    held = contents(run)
    for kind in ("frames", "inherent", "states"):
        assert held[kind][: len(recorded["anneal"][kind])] == recorded["anneal"][kind]


def test_an_unfinished_one_goes_on(folder, recorded):
    answer = run_glasscli("resume", "unfinished.h5", cwd=folder)
    assert answer.code == 0, answer.err
    run = open_run(folder / "unfinished.h5")
    assert run.finished and check(run) == [] and run.frames.steps.tolist() == [0, 200, 400]
    assert contents(run)["frames"][:2] == recorded["unfinished"]["frames"]
    assert not (folder / "unfinished.h5.partial").exists()


def test_a_rung_of_a_ladder_is_not_lengthened_alone(folder):
    """And the refusal leaves nothing behind."""
    answer = run_glasscli("resume", "rung-01.h5", "--steps", "200", "more", cwd=folder)
    assert answer.code != 0 and "ladder" in answer.err and answer.err.count("\n") == 1
    assert not (folder / "rung-01.h5.partial").exists()


def test_an_unfinished_rung_does_not_go_on_alone(folder):
    """Without its trades it would end in other bits, and the ladder could not go on either."""
    manifest = json.loads((folder / "unfinished.h5.partial" / "run.json").read_text())
    manifest["command_line"] = "glasscli hybrid --exchange-replicas 0.9:1.0:2"
    (folder / "unfinished.h5.partial" / "run.json").write_text(json.dumps(manifest))
    answer = run_glasscli("resume", "unfinished.h5", cwd=folder)
    assert answer.code != 0 and "one of a ladder" in answer.err and "--exchange-replicas" in answer.err
    assert answer.err.count("\n") == 1


def test_a_removal_that_was_killed_is_ended(folder):
    """The file was made, of its folder the manifest is left: nothing is run again, whatever else is gone."""
    manifest = (folder / "unfinished.h5.partial" / "run.json").read_bytes()
    assert run_glasscli("resume", "unfinished.h5", cwd=folder).code == 0
    made = (folder / "unfinished.h5").read_bytes()
    (folder / "unfinished.h5.partial").mkdir()
    (folder / "unfinished.h5.partial" / "run.json").write_bytes(manifest)
    answer = run_glasscli("resume", "unfinished.h5", cwd=folder)
    assert answer.code == 0, answer.err
    assert (folder / "unfinished.h5").read_bytes() == made
    assert not (folder / "unfinished.h5.partial").exists()


def test_leftovers_of_a_killed_removal_do_not_get_into_a_longer_run(folder):
    """Checkpoints without a manifest, whose journal is gone, are not gone on from."""
    leftover = folder / "anneal.h5.partial"
    (folder / "unfinished.h5.partial").rename(leftover)
    (leftover / "run.json").unlink()
    assert run_glasscli("resume", "anneal.h5", "--steps", "200", "more", cwd=folder).code == 0
    assert check(open_run(folder / "anneal.h5")) == [] and not leftover.exists()
