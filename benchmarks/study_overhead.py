"""What does a run cost besides its steps when it is one of many, and what does `status` cost over many files?

A study of so many quenches of 500 atoms, 1000 steps each, through `glasscli run --jobs 2`, and the same with 6000 steps
a quench for the price of a step. Overhead is the processor time of a run less that of its steps. The resident memory of
the process that hands out the runs is read after a quarter of them and at the end. Then `glasscli status` in a folder
of 2000 finished runs, copies of one, with a plan and a record for each.

    python benchmarks/study_overhead.py [--runs 200] [--files 2000]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import GLASSCLI, Kept, Took, seconds

from glasscli.workflow.task import Ended, Task, write_ended, write_tasks

SHORT, LONG = 1000, 6000
STUDY = """folder = "{steps}"
[stages.quench]
replicas = {runs}
steps = {steps}
equilibration = 0
inherent-every = 0
"""


def resident(pid: int) -> float:
    """Resident memory of a process in MB."""
    line = next(x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def watched(folder: Path, runs: int) -> tuple[Took, list[float]]:
    """Run the study of short runs; MB of its process after a quarter of the runs and near the end."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [*GLASSCLI, "run", "short.toml", "--jobs", "2"], cwd=folder,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    found: list[float] = []
    while len(found) < 2:
        if len(list((folder / str(SHORT)).glob("*.h5"))) >= (runs - 2 if found else runs // 4):
            found.append(resident(process.pid))
        time.sleep(0.2)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("the study failed")
    return Took(time.perf_counter() - began, usage.ru_utime + usage.ru_stime), found


def overhead(runs: int) -> dict[str, Any]:
    """Processor seconds of a run besides its steps."""
    with tempfile.TemporaryDirectory() as name:
        folder, few = Path(name), max(4, runs // 20)
        for file, steps, n in (("short", SHORT, runs), ("long", LONG, few)):
            (folder / f"{file}.toml").write_text(STUDY.format(steps=steps, runs=n))
        short, mb = watched(folder, runs)
        long = seconds([*GLASSCLI, "run", "long.toml", "--jobs", "2"], folder)
    step = (long.cpu / few - short.cpu / runs) / (LONG - SHORT)
    return {
        "runs": runs, "wall": short.wall, "cpu_a_run": short.cpu / runs, "cpu_a_step": step,
        "overhead_a_run": short.cpu / runs - SHORT * step, "parent_mb": mb,
    }  # fmt: skip


def status(files: int) -> dict[str, Any]:
    """Seconds of `status` over so many finished runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds([*GLASSCLI, "quench", "--steps", SHORT, "--inherent-every", "0", "-o", "one.h5"], folder)
        tasks = []
        for k in range(files):
            stem = f"quench-{k:04d}"
            shutil.copy(folder / "one.h5", folder / f"{stem}.h5")
            tasks.append(
                Task(stem, "quench", ("quench", "--steps", str(SHORT), "-o", f"{stem}.h5"), f"{stem}.h5")
            )
        write_tasks(folder, tasks)
        for task in tasks:
            write_ended(folder, task, Ended([*task.words], 0))
        took = seconds([*GLASSCLI, "status"], folder)
    return {"files": files, "wall": took.wall, "cpu": took.cpu}


def main() -> None:
    """Measure both once."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--files", type=int, default=2000)
    wish = parser.parse_args()
    kept = Kept("study_overhead")
    kept.add({"status": status(wish.files), "study": overhead(wish.runs)})
    json.dump(kept.rows[-1], sys.stdout, indent=1)


if __name__ == "__main__":
    main()
