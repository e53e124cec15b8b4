"""What --dry-run said of work, and what that then took: processor seconds, bytes of its files, peak memory.

One process each, the estimate first. Runs are of some samples; what is done with finished runs (analyses, pages, modes,
barriers, ...) is of a small and a larger one, each in a folder of its own, and its bytes are those by which that grows.
Rows are kept as they come: start it again to go on.

    python benchmarks/estimates.py FOLDER [--part runs|analyses|others] [--rows "quench 500;report 500;..."]
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from big import took
from common import Kept, glasscli

NONE = ["--inherent-every", 0]
# Each begins with what rows above it left.
ROWS: dict[str, list[Any]] = {
    "quench 500": ["quench", "--steps", 20000, "--equilibration", 2000, "--inherent-every", 2000, "-o", "a.h5"],
    "quench 500 compact": ["quench", "--steps", 8000, "--equilibration", 500, "--every", 100, "--precision", 1e-4,
                           *NONE, "-o", "b.h5"],
    "anneal 500": ["anneal", "a.h5", "--T", "0.95Tf", "--steps", 8000, "--inherent-every", 1000, "-o", "c.h5"],
    "hybrid 500": ["hybrid", "a.h5", "--T", "0.95Tf", "--steps", 12000, "-o", "d.h5"],
    "heat 500": ["heat", "a.h5", "--steps", 8000, *NONE, "-o", "e.h5"],
    "flow 500": ["flow", "a.h5", "--T", 0.4, "--rate", 0.02, "--strain-max", 0.2, "-o", "f.h5"],
    "shear 500": ["shear", "a.h5", "--strain-max", 0.01, "--strain-step", 1e-4, "-o", "g.h5"],
    "quench 500 cuzr": ["quench", "--system", "cuzr", "--atoms", 500, "--steps", 1000, "--equilibration", 200,
                        "--inherent-every", 0, "-o", "h.h5"],
    "quench 4100": ["quench", "--atoms", 4100, "--steps", 1000, "--equilibration", 200, "--inherent-every", 1000,
                    "--every", 100, "-o", "i.h5"],
    "quench 32000": ["quench", "--atoms", 32000, "--steps", 200, "--equilibration", 200, "--every", 100, *NONE, "-o",
                     "j.h5"],
    "quench 200000": ["quench", "--atoms", 200000, "--steps", 100, "--equilibration", 50, "--every", 50, "--forces",
                      "own", *NONE, "-o", "l.h5"],
}  # fmt: skip

# What is done with files: which one, made when it is first wanted, and the command.
FILES: dict[str, list[Any]] = {
    "small.h5": ["quench", "--atoms", 500, "--steps", 4000, "--equilibration", 500, "--every", 200,
                 "--inherent-every", 400],
    "large.h5": ["quench", "--atoms", 4000, "--steps", 400, "--equilibration", 300, "--every", 200,
                 "--inherent-every", 100],
    "moving.h5": ["anneal", "small.h5", "--T", 0.6, "--steps", 6000, "--every", 20, *NONE],
    "further.h5": ["anneal", "large.h5", "--T", 0.6, "--steps", 600, "--every", 20, *NONE],
    "few.h5": ["quench", "--atoms", 200, "--steps", 2000, "--equilibration", 300, *NONE],
    "hops.h5": ["anneal", "few.h5", "--T", 0.4, "--steps", 1500, "--inherent-every", 100],
}  # fmt: skip
ANALYSES: dict[str, list[Any]] = {
    "analyze 500": ["analyze", "small.h5"],
    "analyze 500, 301 frames": ["analyze", "moving.h5"],
    "analyze 4000": ["analyze", "large.h5"],
    "analyze 4000 minimise": ["analyze", "large.h5", "--minimise", "--jobs", 1],
    "report 500": ["report", "small.h5", "--jobs", 1],
    "report 4000": ["report", "large.h5", "--jobs", 1],
    "dynamics 500": ["dynamics", "moving.h5"],
    "dynamics 4000": ["dynamics", "further.h5"],
}  # fmt: skip
OTHERS: dict[str, list[Any]] = {
    "modes 500": ["modes", "small.h5"],
    "modes 4000": ["modes", "large.h5", "--count", 12],
    "events 200": ["landscape", "events", "hops.h5"],
    "barriers 200": ["landscape", "barriers", "hops.h5", "--jobs", 1, "--limit", 4],
    "search 200": ["landscape", "barriers", "hops.h5", "--jobs", 1, "--search", "activation-relaxation", "--n", 6],
    "eos c15": ["eos", "c15", "--table", "eos.csv"],
    "eos of three at T": ["eos", "c15", "c14", "hcp-large", "--temperature", 0.5, "--figure", "eos.png"],
    "export 4000": ["export", "further.h5", "--kind", "frames", "--frame", "all", "-o", "further.xyz"],
    "render 500": ["render", "small.h5", "-o", "small.gif"],
}  # fmt: skip
PARTS = {"runs": ROWS, "analyses": ANALYSES, "others": OTHERS}


def size_of(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(
        path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != "last.log"
    )


def made(name: str, folder: Path) -> Path:
    """A file that something is done with, after what it is made of."""
    path = folder / name
    if not path.exists():
        words = FILES[name]
        if str(words[1]) in FILES:
            made(words[1], folder)
        glasscli(folder, *words, "-o", name)
    return path


def compared(name: str, words: list[Any], folder: Path) -> tuple[dict[str, Any], dict[str, float]]:
    """What the dry run said of a command about a file, and what it took, in a folder of its own."""
    place = folder / name.replace(" ", "-").replace(",", "")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for word in words:
        if str(word) in FILES:
            shutil.copy(made(word, folder), place)
    said, before = glasscli(place, *words, "--dry-run"), size_of(place)
    found = took(words, place)
    return said, {"seconds": found["seconds"], "memory": found["bytes"], "bytes": size_of(place) - before}


def measured(words: list[Any], folder: Path) -> dict[str, float]:
    """Processor seconds, peak memory and bytes of the file of one command that must succeed."""
    found = took(words, folder)
    return {
        "seconds": found["seconds"],
        "memory": found["bytes"],
        "bytes": (folder / words[-1]).stat().st_size,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", choices=list(PARTS))
    parser.add_argument("--rows", help="some rows, by name, with a semicolon between")
    wish = parser.parse_args()
    wish.folder.mkdir(parents=True, exist_ok=True)
    kept = Kept("estimates")
    asked = PARTS[wish.part] if wish.part else ROWS | ANALYSES | OTHERS
    for name in wish.rows.split(";") if wish.rows else asked:
        if any(row["run"] == name for row in kept.rows):
            continue
        real: dict[str, float]
        if name in ROWS:
            said = glasscli(wish.folder, ROWS[name][0], "--dry-run", *ROWS[name][1:], "--force")
            real = measured([*ROWS[name][:-2], "--force", *ROWS[name][-2:]], wish.folder)
        else:
            said, real = compared(name, (ANALYSES | OTHERS)[name], wish.folder)
        pairs = {
            "seconds": 3600 * said["core_hours"],
            "bytes": said["bytes"],
            "memory": said["memory_bytes"],
        }
        row = {"run": name} | {f"{k} said": v for k, v in pairs.items()} | real
        kept.add(row)
        kept.write()
        print(name, {k: round(v / real[k], 2) for k, v in pairs.items()}, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
