"""The recipes of docs/files.md run as they stand, on a run, with OVITO and MDAnalysis themselves."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from glasscli.store.reader import open_run
from tests.conftest import ROOT, run_glasscli
from tests.formats.installed import metadata

PAGE = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def said(recipe, folder):
    path = os.pathsep.join([str(metadata(folder / "installed")), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", recipe], cwd=folder, capture_output=True, text=True, timeout=300,
        env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_there_are_two():
    assert [("MDAnalysis" in recipe, "ovito" in recipe) for recipe in RECIPES] == [
        (True, False),
        (False, True),
    ]


def test_mdanalysis(runs, tmp_path):
    run = open_run(runs / "quench.h5")
    command = re.search(r"^    glasscli (export .*quench\.gsd)$", PAGE, re.MULTILINE)[1]
    shutil.copy(runs / "quench.h5", tmp_path)
    assert run_glasscli(*command.split(), cwd=tmp_path).code == 0
    first, *rows = (line.split() for line in said(RECIPES[0], tmp_path))
    last = run.frames[-1]
    large = last.positions[last.species == 1]
    assert (int(first[0]), float(first[1])) == (len(large), run.manifest.system.species[0].mass)
    assert [int(row[0]) for row in rows] == run.frames.steps.tolist()
    squares = ((last.box.minimum_image(large - one) ** 2).sum(axis=1) for one in large)
    nearest = min(square[square > 0].min() for square in squares) ** 0.5
    assert float(rows[-1][1]) == pytest.approx(nearest, rel=1e-4)


def test_ovito(runs, tmp_path):
    run = open_run(runs / "quench.h5")
    shutil.copy(runs / "quench.h5", tmp_path)
    attributes, kinds = said(RECIPES[1], tmp_path)
    step, energy = attributes.split()
    assert int(step) == run.inherent[-1].step and float(energy) == run.inherent_table["inherent_energy"][-1]
    assert kinds == str([(s.name, s.mass, s.radius) for s in run.manifest.system.species])
