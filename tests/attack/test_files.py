"""Hostile HDF5 files and broken files of other programs: no crash, no hang, no memory, no traceback, no other numbers.

The oracle is the undamaged file: what ends with 0 gives its numbers or carries a note. `make stress` runs all seeds.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import h5py
import pytest

from tests.attack.foreign_files import KINDS, broken, sound
from tests.attack.hostile_h5 import hostile
from tests.conftest import zygote

# Seconds of a processor, as a busy machine has few of its own; asleep for so many more is a hang too.
SECONDS, ASLEEP, MEMORY = 20, 300, 2 * 10**9
OF_RUNS = {
    "show": ["show", "x.h5"],
    "verify": ["verify", "x.h5"],
    "analyze": ["analyze", "x.h5", "--measure", "pdf", "--jobs", "1"],
    "export": ["export", "x.h5", "-o", "x.data"],
}
SOMETIMES = {
    "anneal": ["anneal", "x.h5", "--T", "0.6", "--steps", "40", "--every", "20", "-o", "child.h5"],
    "repair": ["repair", "x.h5"],
    "resume": ["resume", "x.h5", "--steps", "40", "more"],
    "report": ["report", "x.h5", "-o", "x.html"],
}
OF_FILES = {
    "show": ["show", "x"],
    "analyze": ["analyze", "x", "--measure", "pdf", "--jobs", "1"],
    "export": ["export", "x", "-o", "y.data"],
}
# What a rerun may change, or names a file.
IDLE = {
    "file",
    "files",
    "tables",
    "figures",
    "notes",
    "history",
    "done",
    "changed",
    "wall_seconds",
    "parents",
    "created",
}
IDLE |= {
    "command_line",
    "source",
    "steps_per_second",
    "took",
    "output",
    "written",
    "identity",
    "versions",
    "problems",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """An isotherm with everything that a file holds, measured once."""
    folder = tmp_path_factory.mktemp("attacked")
    for words in (
        ["quench", "--atoms", "200", "--steps", "600", "--equilibration", "100", "--every", "100"],
        ["anneal", "quench.h5", "--T", "0.6", "--steps", "400", "--every", "40", "--inherent-every", "200",
         "-o", "x.h5"],
        ["analyze", "x.h5", "--jobs", "1"],
    ):  # fmt: skip
        code, _, err = zygote().run(words, folder, 120)
        assert code == 0, err
    return folder / "x.h5"


def numbers(said: str) -> Any:
    """The numbers of an answer."""

    def of(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: of(below) for key, below in value.items() if key not in IDLE}
        return [of(below) for below in value] if isinstance(value, list) else value

    return of(json.loads(said))


def written(folder: Path, resumed: bool) -> dict[str, str]:
    """Digests of the numbers in what commands wrote: exported files, tables, runs; pages and figures may differ."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".h5" and (resumed or path.name != "x.h5"):
            with h5py.File(path) as file:
                arrays = [file[f"particles/all/{key}/value"][...].tobytes() for key in ("position", "image")]
            found[path.name] = hashlib.sha256(b"".join(arrays)).hexdigest()
        elif path.suffix in (".data", ".csv"):
            found[path.name] = hashlib.sha256(path.read_bytes().split(b"\n", 1)[1]).hexdigest()
    return found


class Attack:
    """Runs commands on a file and counts what must not be."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.count: Counter[str] = Counter()

    def command(self, words: list[str], folder: Path, label: str) -> tuple[int, str, str] | None:
        """What a command said; None for one that broke a rule, which is noted."""
        self.count["commands"] += 1
        try:
            code, out, err = zygote().run([*words, "--json"], folder, ASLEEP, memory=MEMORY, cpu=SECONDS)
        except subprocess.TimeoutExpired:
            return self._no("hang", label, "")
        if code == -signal.SIGXCPU:
            return self._no("hang", label, "")
        if code < 0:
            return self._no("crash", label, f"signal {-code}")
        if "Traceback" in err or "unexpected" in err or "Warning" in err:
            return self._no("error", label, err)
        if "not enough memory" in err:
            return self._no("memory", label, err)
        if code and not out:
            return self._no("mute", label, err)
        if code and words[0] != "verify" and err.count("\n") != 1:
            return self._no("lines", label, err)
        self.count["refused" if code else "answered"] += 1
        return code, out, err

    def _no(self, what: str, label: str, said: str) -> None:
        self.wrong.append(f"{what}: {label}: {said[-300:]}")

    def compare(self, label: str, found: Any, right: Any) -> None:
        if found != right:
            self._no("numbers", label, f"{str(found)[:200]} for {str(right)[:200]}")


def seeds(config: pytest.Config, all_of_them: int, some: int) -> range:
    return (
        range(all_of_them)
        if config.getoption("--full-stress")
        else range(0, all_of_them, all_of_them // some - 1)
    )


def assert_all_well(attack: Attack, capsys: pytest.CaptureFixture[str], what: str) -> None:
    with capsys.disabled():
        print(f"\n{what}: {dict(attack.count)}, {len(attack.wrong)} wrong")
    assert not attack.wrong, "\n".join(attack.wrong)


@pytest.mark.stress
def test_hostile_runs(run, tmp_path, pytestconfig, capsys):
    attack, original = Attack(), run.read_bytes()
    commands = OF_RUNS | SOMETIMES
    right: dict[str, tuple[Any, dict[str, str]]] = {}
    for name, words in commands.items():
        folder = tmp_path / f"right-{name}"
        folder.mkdir()
        shutil.copy(run, folder / "x.h5")
        said = attack.command(words, folder, f"undamaged, {name}")
        assert said is not None and said[0] == 0, (name, said, attack.wrong)
        right[name] = numbers(said[1]), written(folder, name == "resume")
    for seed in seeds(pytestconfig, 400, 8):
        rare = "report" if seed % 32 == 4 else list(SOMETIMES)[seed // 4 % 3]  # a page takes longest
        often = [*OF_RUNS, rare]
        for name in often:
            folder = tmp_path / f"{seed}-{name}"
            folder.mkdir()
            label = f"seed {seed}, {hostile(original, folder / 'x.h5', seed)}, {name}"
            said = attack.command(commands[name], folder, label)
            if said and said[0] == 0 and "note:" not in said[2]:
                attack.compare(label, numbers(said[1]), right[name][0])
                attack.compare(label, written(folder, name == "resume"), right[name][1])
            shutil.rmtree(folder)
    assert_all_well(attack, capsys, "hostile runs")


@pytest.mark.stress
def test_broken_files(tmp_path, pytestconfig, capsys):
    attack = Attack()
    right: dict[tuple[str, str], Any] = {}
    for kind in KINDS[:3]:
        for name, words in OF_FILES.items():
            folder = tmp_path / f"{kind}-{name}"
            folder.mkdir()
            (folder / f"x.{kind}").write_bytes(sound(kind))
            said = attack.command(
                [w.replace("x", f"x.{kind}") if w == "x" else w for w in words], folder, kind
            )
            assert said is not None and said[0] == 0, (kind, name, said, attack.wrong)
            right[kind, name] = numbers(said[1])
    for seed in seeds(pytestconfig, 200, 8):
        kind = KINDS[seed % len(KINDS)]
        for name, words in OF_FILES.items():
            folder = tmp_path / f"{seed}-{name}"
            folder.mkdir()
            done, same = broken(folder / f"x.{kind}", seed)
            label = f"seed {seed}, {done}, {name}"
            said = attack.command([f"x.{kind}" if w == "x" else w for w in words], folder, label)
            if same and said and said[0] == 0 and "cut off" not in said[2]:
                attack.compare(label, numbers(said[1]), right[kind.removesuffix(".gz"), name])
            shutil.rmtree(folder)
    assert_all_well(attack, capsys, "broken files")
