"""Seconds that each `glasscli theory` command takes, started anew, figure included: the best of three."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMANDS = (
    "levels --K1 -4",
    "levels --K1 -40",
    "levels --map",
    "participation --glass silica",
    "stability",
    "electrons",
    "kinetics",
    "kinetics --Omega 3",
    "kinetics --fit relaxation.csv",
    "fragment",
    "spectrum",
    "spectrum --distribution gaussian --time 1ms",
    "spectrum --model tunnelling",
)
PROGRAM = (
    "import sys; from glasscli.cli.edge import Cli; from glasscli.cli.theory import command; "
    "Cli(commands={'theory': command}).main(['theory', *sys.argv[1:]])"
)


def seconds(words: str, folder: str) -> tuple[float, float]:
    """Return wall and processor seconds of one run."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", PROGRAM, *words.split()], cwd=folder, check=True, capture_output=True
    )
    wall, after = time.perf_counter() - start, os.times()
    return wall, after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    """Print one line a command."""
    with tempfile.TemporaryDirectory() as folder:
        rows = (f"{t},{1 - 2.718281828 ** -((t / 9) ** 0.6):.6f}" for t in range(0, 60))
        (Path(folder) / "relaxation.csv").write_text("\n".join(rows) + "\n")
        print(f"{'wall':>6} {'cpu':>6}")
        for words in COMMANDS:
            wall, cpu = min(seconds(words, folder) for _ in range(3))
            print(f"{wall:6.2f} {cpu:6.2f}  glasscli theory {words}", flush=True)


if __name__ == "__main__":
    main()
