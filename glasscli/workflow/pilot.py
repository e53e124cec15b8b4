"""What a study will cost, from a short pilot on this machine: never a table of other people's numbers."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from glasscli.errors import EngineError
from glasscli.family import Guardian
from glasscli.model.quantities import parse_steps
from glasscli.model.system import System
from glasscli.protocols.registry import protocol_class
from glasscli.protocols.wish import SamplingWish
from glasscli.store.finished import FileRun
from glasscli.workflow.task import Task, error_of, stages_of

PILOT_STEPS = 2000


@dataclass(frozen=True)
class Speed:
    """What the pilot measured: one core's steps a second; bytes of a frame or inherent structure, and of a state."""

    system: System
    atoms: int
    steps_per_second: float
    frame_bytes: float
    state_bytes: float


@dataclass(frozen=True)
class Cost:
    """Estimate of one stage."""

    stage: str
    runs: int
    steps: int
    core_hours: float
    disk_bytes: float


@dataclass(frozen=True)
class Costs:
    """Estimates of the stages of a study.

    tasks   all of them; they say the command lines
    known   {stage: its estimate}, of those that the pilot could say something about
    """

    folder: Path
    tasks: tuple[Task, ...]
    known: Mapping[str, Cost]

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        return {"folder": str(self.folder), "stages": self._rows, "commands": self._commands}

    def text(self) -> str:
        """A table of the stages, and the command lines."""
        lines = [f"{'stage':12} {'runs':>5} {'steps':>12} {'core-hours':>11} {'disk/MB':>9}"]
        for row in self._rows:
            cost = self.known.get(row["stage"])
            hours, disk = (f"{cost.core_hours:.3f}", f"{cost.disk_bytes / 1e6:.1f}") if cost else ("-", "-")
            lines.append(f"{row['stage']:12} {row['runs']:5} {row['steps'] or '-':>12} {hours:>11} {disk:>9}")
        return "\n".join([*lines, "", *self._commands])

    @property
    def _rows(self) -> list[dict[str, Any]]:
        rows = []
        for stage, members in stages_of(self.tasks).items():
            row: dict[str, Any] = {"stage": stage, "runs": len(members)}
            cost = self.known.get(stage)
            row |= {"steps": cost and cost.steps, "core_hours": cost and cost.core_hours}
            rows.append(row | {"disk": cost and cost.disk_bytes})
        return rows

    @property
    def _commands(self) -> list[str]:
        return [shlex.join(["glasscli", *task.words]) for task in self.tasks]


def costs(folder: Path, tasks: Sequence[Task]) -> Costs:
    """What a study will cost: its quenches measured by a pilot each, what follows from them by their speed.

    Raises EngineError when a pilot cannot run.
    """
    speeds: dict[str, Speed] = {}
    known: dict[str, Cost] = {}
    for stage, members in stages_of(tasks).items():
        first = members[0]
        parent = next((t.stage for t in tasks if t.output in first.inputs), None)
        if first.is_run and protocol_class(first.words[0]).from_nothing and not first.inputs:
            speeds[stage] = probe(first, Path())
        elif parent in speeds and first.is_run:
            speeds[stage] = speeds[parent]
        if stage in speeds:
            known[stage] = cost(stage, members, speeds[stage])
    return Costs(folder, tuple(tasks), known)


def probe(quench: Task, folder: Path) -> Speed:
    """Run the first moments of a quench, elsewhere; raises EngineError with its own line when it cannot run."""
    words = list(quench.words)
    for option in ("--steps", "--rate", "--equilibration", "--every", "--inherent-every", "-o"):
        if option in words:
            del words[words.index(option) : words.index(option) + 2]
    with tempfile.TemporaryDirectory(prefix="glasscli-pilot-") as name:
        output = Path(name) / "pilot.h5"
        words += [
            "--steps",
            str(PILOT_STEPS),
            "--equilibration",
            "0",
            "--every",
            "500",
            "--inherent-every",
            "0",
        ]
        command = [sys.executable, "-P", "-m", "glasscli", *words, "-o", str(output), "--json"]
        answer, code = _answer_of(command, folder)
        if code:
            raise EngineError(f"the pilot of {quench.name} failed: {error_of(answer, code)}")
        run = FileRun(output)
        protocol = run.manifest.protocol
        return Speed(
            run.manifest.system, sum(protocol.counts), PILOT_STEPS / run.manifest.wall_seconds,
            _stored_bytes(run.path, "particles/all/position") / len(run.frames),
            _stored_bytes(run.path, "glasscli/states") / len(run.state_steps),
        )  # fmt: skip


def _answer_of(command: Sequence[str], folder: Path) -> tuple[str, int]:
    """Output and exit code of a process that ends when this one does."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    guardian = Guardian(process.pid)
    try:
        answer, _ = process.communicate()
        return answer, process.returncode
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        guardian.release()


def cost(stage: str, tasks: Sequence[Task], speed: Speed) -> Cost:
    """Estimate the runs of one stage, of the pilot's system and size."""
    steps, disk = 0, 0.0
    for task in tasks:
        protocol = protocol_class(task.words[0])
        length = _steps(task, speed, protocol.default_steps(speed.system))
        melt = speed.system.defaults.equilibration_steps if protocol.from_nothing else 0
        melt = _option(task, "--equilibration", melt)
        wish = SamplingWish(
            every=_option(task, "--every", 0) or None,
            inherent_every=_option(task, "--inherent-every", -1)
            if "--inherent-every" in task.words
            else None,
            checkpoint_every=_option(task, "--checkpoint-every", 0) or None,
        )
        sampling = wish.plan(length, speed.atoms, protocol.kept)
        frames = length // sampling.frames.every + 2
        frames += length // sampling.inherent.every + 2 if sampling.inherent else 0
        states = (length // sampling.state_every if sampling.state_every else 0) + 2
        disk += frames * speed.frame_bytes + states * speed.state_bytes
        steps += length + melt
    return Cost(stage, len(tasks), steps, steps / speed.steps_per_second / 3600, disk)


def _steps(task: Task, speed: Speed, default: int) -> int:
    words = task.words
    for option in ("--steps", "--time"):
        if option in words:
            return parse_steps(words[words.index(option) + 1], speed.system)
    if "--rate" in words:
        d = speed.system.defaults
        rate = float(words[words.index("--rate") + 1])
        return round((d.T_start - d.T_end) / rate / speed.system.timestep)
    return default


def _option(task: Task, name: str, default: int) -> int:
    return int(task.words[task.words.index(name) + 1]) if name in task.words else default


def _stored_bytes(path: Path, group: str) -> int:
    """Bytes that the datasets of a group take in a file, compressed."""
    total = 0

    def add(_: str, thing: object) -> None:
        nonlocal total
        if isinstance(thing, h5py.Dataset):
            total += thing.id.get_storage_size()

    with h5py.File(path, "r") as file:
        file[group].visititems(add)
    return total
