"""A thousand runs through a real SLURM on this machine, three failures among them, and nothing lost.

A study of short quenches is submitted as an array whose parts do many runs each. While it goes on one run is killed
(SIGKILL), one part is cancelled and the node is taken down; `glasscli status` is timed all the while. What did not end
well is submitted again until all is there; then every file is opened and some are verified.

    python benchmarks/thousand.py [--runs 1000] [--pack 50] [--home FOLDER]     as root, with Debian's SLURM
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from common import GLASSCLI, Kept, seconds

START = Path(__file__).parents[1] / "tests/workflow/start_slurm.sh"
STUDY = """
folder = "many"
[stages.quench]
replicas = {runs}
atoms = 200
steps = 400
equilibration = 100
inherent-every = 0
"""
CLUSTER = """
scheduler = "slurm"
cores = 1
pack = {pack}
walltime = "0:30:00"
"""
VERIFIED = 20


def glasscli(home: Path, *words: Any) -> dict[str, Any]:
    """The answer of a command; status and resubmit say by their exit code that not all is well."""
    done = subprocess.run([*GLASSCLI, *map(str, words), "--json"], cwd=home, capture_output=True, text=True)
    if not done.stdout.startswith("{"):
        raise SystemExit(f"{words}: {done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def busy(home: Path) -> int | None:
    """A process that a run of the study has: of those that write into its folder, the youngest."""
    found = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            opened = str(link.readlink())
            if opened.startswith(f"{home / 'many'}/") and ".partial/" in opened:
                found.append(int(link.parts[2]))
        except OSError:
            continue  # it has ended
    return max(found, default=None)


def watched(home: Path, looks: list[float], until: Any, patience: float) -> dict[str, Any]:
    """Ask for the state until it is so, each look timed as a whole process."""
    began = time.monotonic()
    while True:
        looks.append(seconds([*GLASSCLI, "status", "many", "--json"], home).wall)
        answer = glasscli(home, "status", "many")
        counts = {key: answer[key] for key in ("done", "running", "queued", "waiting", "stopped", "failed")}
        print(f"{time.monotonic() - began:6.0f} s {counts} status {looks[-1]:.2f} s", flush=True)
        if until(answer):
            return answer
        if time.monotonic() - began > patience:
            raise SystemExit(f"still so after {patience:.0f} s: {counts}")
        time.sleep(2)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--pack", type=int, default=50)
    parser.add_argument("--home", type=Path)
    wish = parser.parse_args()
    subprocess.run(["sh", str(START)], check=True)
    home = (wish.home or Path(tempfile.mkdtemp())).resolve()
    home.mkdir(exist_ok=True)
    (home / "study.toml").write_text(STUDY.format(runs=wish.runs))
    (home / "ours.toml").write_text(CLUSTER.format(pack=wish.pack))
    glasscli(home, "trust", "ours.toml")
    looks: list[float] = []
    began = time.monotonic()
    submitting = seconds([*GLASSCLI, "submit", "study.toml", "--cluster", "ours.toml"], home)
    node = subprocess.run(
        ["sinfo", "-hN", "-o", "%N"], capture_output=True, text=True, check=True
    ).stdout.split()[0]

    def after(share: float) -> None:
        watched(home, looks, lambda s: s["done"] >= share * wish.runs, 3600)

    after(0.05)
    while (victim := busy(home)) is None:
        time.sleep(0.05)
    os.kill(victim, signal.SIGKILL)
    after(0.2)
    job = json.loads((home / "many/glasscli-tasks/jobs.json").read_text())[0]["job"]
    last = wish.runs // wish.pack
    subprocess.run(["scancel", f"{job}_{last}"], check=True)
    after(0.4)
    down = ["scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=test"]
    subprocess.run(down, check=True)
    time.sleep(5)
    subprocess.run([*down[:3], "State=RESUME"], capture_output=True)  # unless it came back by itself
    ended = watched(home, looks, lambda s: s["running"] == s["queued"] == 0, 7200)
    rounds = 0
    while ended["done"] < wish.runs:
        rounds += 1
        glasscli(home, "resubmit", "many", "--cluster", "ours.toml", "--failed")
        again = watched(home, looks, lambda s: s["running"] == s["queued"] == 0, 7200)
        if again["done"] == ended["done"]:
            raise SystemExit(f"nothing gained: {again}")
        ended = again
    took = time.monotonic() - began
    files = sorted((home / "many").glob("quench-*.h5"))
    rows = glasscli(home, "table", "many")["rows"]
    for path in files[:: max(1, wish.runs // VERIFIED)]:
        subprocess.run([*GLASSCLI, "verify", str(path)], check=True, capture_output=True)
    left = [path.name for path in (home / "many").glob("*.partial")]
    row = {
        "runs": wish.runs, "pack": wish.pack, "files": len(files), "rows": len(rows), "left_unfinished": left,
        "submitted_again": rounds, "submit_s": submitting.wall, "wall_s": took, "status_looks": len(looks),
        "status_median_s": sorted(looks)[len(looks) // 2], "status_longest_s": max(looks),
    }  # fmt: skip
    Kept("thousand").add(row)
    print(json.dumps(row, indent=1))


if __name__ == "__main__":
    main()
