"""What every benchmark needs: timed processes, the machine beside the number, results kept as they come."""

from __future__ import annotations

import json
import os
import platform
import resource
import signal
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().with_name("results")
DOCS = RESULTS.parents[1] / "docs"
BIN = Path(sys.executable).parent
GLASSCLI = [sys.executable, "-m", "glasscli"]


@dataclass(frozen=True)
class Took:
    """Wall and processor seconds of a process; on a machine that others use, the second says more."""

    wall: float
    cpu: float


def seconds(command: list[Any], cwd: Path) -> Took:
    """Time a process that must succeed."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")
    return Took(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def glasscli(folder: Path, *words: Any) -> dict[str, Any]:
    """The answer of a command that must succeed."""
    done = subprocess.run([*GLASSCLI, *map(str, words), "--json"], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words}: {done.stderr}{done.stdout}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def tree(root: int) -> list[int]:
    """A process and all that it started, those before what they started."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended
        parents.setdefault(parent, []).append(int(path.parent.name))
    found = [root]
    for process in found:
        found += parents.get(process, [])
    return found


def signal_tree(root: int, number: int) -> None:
    """Send a signal to a process and all that it started, in whatever session."""
    for process in tree(root):
        with suppress(ProcessLookupError):
            os.kill(process, number)


def sliced(commands: list[tuple[list[Any], Path]], slice_s: float = 0.1, cores: int = 1) -> list[Took]:
    """Time processes that take turns of a tenth of a second on the same cores, the others stopped meanwhile.

    A machine whose speed changes by tens of per cent from second to second (shared hosts do) is the same for all.
    """
    allowed = set(sorted(os.sched_getaffinity(0))[:cores])
    if len(allowed) < cores:
        raise SystemExit(f"this needs {cores} cores")
    running: list[subprocess.Popen[bytes]] = []
    for command, cwd in commands:
        process = subprocess.Popen(
            [str(word) for word in command], cwd=cwd, stdin=subprocess.DEVNULL, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        signal_tree(process.pid, signal.SIGSTOP)
        os.sched_setaffinity(process.pid, allowed)
        running.append(process)
    wall, cpu = [0.0] * len(running), [0.0] * len(running)
    left = set(range(len(running)))
    while left:
        for k in sorted(left):
            pid = running[k].pid
            signal_tree(pid, signal.SIGCONT)
            began = time.perf_counter()
            while time.perf_counter() - began < slice_s:
                ended, status, usage = os.wait4(pid, os.WNOHANG)
                if ended:
                    if status:
                        raise SystemExit(f"{commands[k][0]} failed with status {status}")
                    cpu[k] = usage.ru_utime + usage.ru_stime
                    left.discard(k)
                    break
                time.sleep(0.002)
            else:
                signal_tree(pid, signal.SIGSTOP)
            wall[k] += time.perf_counter() - began
            if k in left:
                signal_tree(pid, signal.SIGSTOP)  # what was started while the first went round
    return [Took(*took) for took in zip(wall, cpu, strict=True)]


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    return {"processor": model, "cores": os.cpu_count(), "python": platform.python_version()}


class Kept:
    """Rows of one benchmark, on disk after each, so that an interrupted one goes on where it stopped."""

    def __init__(self, name: str) -> None:
        self.path = RESULTS / f"{name}.json"
        RESULTS.mkdir(exist_ok=True)
        self.data: dict[str, Any] = json.loads(self.path.read_text()) if self.path.exists() else {"rows": []}

    @property
    def rows(self) -> list[dict[str, Any]]:
        return self.data["rows"]

    def add(self, row: dict[str, Any]) -> None:
        """Keep one row."""
        self.rows.append(row)
        self.write()

    def write(self, **summary: Any) -> None:
        """Write rows and summary."""
        self.data |= {"machine": machine()} | summary
        self.path.write_text(json.dumps(self.data, indent=1) + "\n")

    def median(self, key: str) -> float:
        """Median of a column."""
        return statistics.median(row[key] for row in self.rows)
