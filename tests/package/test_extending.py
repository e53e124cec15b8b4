"""docs/extending.md taken at its word: what it shows is put into a copy of the package, and works."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from glasscli.observables.topology import unique_bonds
from glasscli.observables.voronoi import tessellate
from glasscli.store.reader import open_run

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")


def block_with(words: str) -> str:
    """The one block of code of the page that has these words."""
    blocks = re.findall(r"(?:^    .*\n|^\n)+", PAGE, re.MULTILINE)
    (found,) = (block for block in blocks if words in block)
    return "\n".join(line.removeprefix("    ") for line in found.strip("\n").splitlines()) + "\n"


class Copy:
    """A copy of the package in a folder of its own, which files can be put into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # With what was compiled: a copy keeps the times of the sources, so it is believed.
        shutil.copytree(ROOT / "glasscli", folder / "package" / "glasscli")
        (folder / "work").mkdir()

    def add(self, path: str, content: str) -> None:
        """Put a file into the package."""
        file = self.folder / "package" / "glasscli" / path
        assert not file.exists() and file.parent.is_dir()
        file.write_text(content, encoding="utf-8")

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        """`glasscli words` of the copy, in its folder `work`."""
        return subprocess.run(
            [sys.executable, "-m", "glasscli", *map(str, words)],
            cwd=self.folder / "work",
            env=os.environ | {"PYTHONPATH": str(self.folder / "package")},
            capture_output=True,
            text=True,
            timeout=300,
        )

    def said(self, *words: object):
        """What it says with --json."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def copy(tmp_path) -> Copy:
    return Copy(tmp_path)


def test_a_measure_is_one_file(copy, runs):
    work = copy.folder / "work"
    shutil.copy(runs / "anneal.h5", work / "anneal.h5")
    copy.add("analysis/measures/radical_bonds.py", block_with("MEASURE = Measure("))
    listed = copy.said("analyze", "--list")["measures"]["radical-bonds"]
    assert listed == {"explanation": "bonds of the radical tessellation", "default": False}

    data = copy.said("analyze", "anneal.h5", "--measure", "radical-bonds", "--jobs", "2")
    counts = [
        len(unique_bonds(tessellate(c, {1: 0.55, 2: 0.45}, bonds=True)))
        for c in open_run(work / "anneal.h5").inherent
    ]
    assert data["radical-bonds"]["last"] == counts[-1]
    assert data["radical-bonds"]["mean"] == pytest.approx(sum(counts) / len(counts))
    rows = (work / "anneal-radical-bonds.csv").read_text().splitlines()
    assert rows[0] == "step,bonds" and [int(row.partition(",")[2]) for row in rows[1:]] == counts
    assert "anneal-radical-bonds.png" in data["figures"] and "anneal-radical-bonds.csv" in data["tables"]
    assert open_run(work / "anneal.h5").result("radical_bonds") == data["radical-bonds"]
    lines = copy.run("analyze", "anneal.h5", "--measure", "radical-bonds").stdout
    assert f"  radical bonds: {counts[-1]} last" in lines

    assert copy.run("report", "anneal.h5", "--measure", "radical-bonds").returncode == 0
    page = (work / "anneal-report.html").read_text(encoding="utf-8")
    assert "<figcaption>Bonds of the radical tessellation in time.</figcaption>" in page
    assert f"<td>radical bonds, last</td><td>{counts[-1]}</td>" in page
