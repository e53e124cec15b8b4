"""What a frame costs: bytes, error, seconds to write and to read, by our store and by what others use.

A supercooled liquid of 2000 Wahnstroem atoms at T = 0.6, 200 frames two time units apart, is kept as float32 (our
default), with precisions of 1e-4 and 1e-3, as copies in H5MD, as XTC of the same errors by MDAnalysis (a reduced length
taken for a nanometre), and as LAMMPS's text dump through gzip. Writing takes configurations from memory, reading brings
all of them back there; processor seconds, the least of three, everything in one run.

    python benchmarks/store.py [--atoms 2000] [--frames 200]
"""

from __future__ import annotations

import argparse
import gzip
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from common import Kept, glasscli
from MDAnalysis.lib.formats.libmdaxdr import XTCFile

from glasscli.configuration import Configuration
from glasscli.formats.foreign import open_any
from glasscli.formats.h5md_file import H5mdFile
from glasscli.formats.writers import lammps_dump
from glasscli.grid import Grid, differences, group_of, restored
from glasscli.model.system import load_system
from glasscli.store.assemble import create
from glasscli.store.target import empty

TIMES = 3
Way = tuple[Callable[[Path], None], Callable[[Path], list[np.ndarray]], Callable[[Path], int]]


def sampled(folder: Path, atoms: int, frames: int) -> list[Configuration]:
    """Frames of a liquid that moves, in float64 again by noise below what float32 keeps."""
    words = ("--system", "wahnstrom", "--forces", "own", "--inherent-every", 0)
    glasscli(folder, "quench", *words, "--atoms", atoms, "--T-end", 0.6, "--steps", 20000, "-o", "melt.h5")
    glasscli(folder, "anneal", "melt.h5", *words[2:], "--T", 0.6, "--from", "final", "--steps", frames * 500,
             "--every", 500, "-o", "liquid.h5")  # fmt: skip
    rng = np.random.default_rng(1)
    found = list(open_any(folder / "liquid.h5").frames)[1:]
    noise = float(np.spacing(np.float32(found[0].box.length))) / 2
    return [
        replace(c, positions=c.box.wrap(c.positions + rng.uniform(-noise, noise, c.positions.shape)))
        for c in found
    ]


def ours(frames: list[Configuration], precision: float | None) -> Way:
    """As `store.assemble` lays frames down, without what a run has beside them."""
    n, atoms, box = len(frames), frames[0].n_atoms, frames[0].box
    group = group_of(atoms)

    def write(path: Path) -> None:
        with create(path) as file:
            if precision is None:
                position = empty(file, "position", (n, atoms, 3), "<f4")
                image = empty(file, "image", (n, atoms, 3), "<i4")
                size = position.chunks[0]
                for k in range(0, n, size):
                    position[k : k + size] = [c.positions for c in frames[k : k + size]]
                    image[k : k + size] = [c.images for c in frames[k : k + size]]
                return
            grid = empty(file, "grid", (n, atoms, 3), "<u8", group)
            for k in range(0, n, group):
                whole = np.array([Grid(precision).of(c) for c in frames[k : k + group]])
                grid[k : k + group] = differences(whole)

    def read(path: Path) -> list[np.ndarray]:
        with h5py.File(path) as file:
            if precision is None:
                position, image = file["position"], file["image"]
                size = position.chunks[0]
                found = []
                for k in range(0, n, size):
                    found += list(position[k : k + size] + box.cartesian(image[k : k + size]))
                return found
            found = []
            for k in range(0, n, group):
                for whole in restored(file["grid"][k : k + group], group):
                    inside, images = Grid(precision).places(whole, box)
                    found.append(inside + box.cartesian(images))
            return found

    def size(path: Path) -> int:
        with h5py.File(path) as file:
            return sum(int(dataset.id.get_storage_size()) for dataset in file.values())

    return write, read, size


def copies(frames: list[Configuration], precision: float | None) -> Way:
    """H5MD for other programs."""

    def write(path: Path) -> None:
        with H5mdFile(path, "lj", ("L", "S"), None, precision) as file:
            for c in frames:
                file.add(c, c.step * 0.004)

    def read(path: Path) -> list[np.ndarray]:
        with h5py.File(path) as file:
            group = file["particles/all"]
            positions, images = group["position/value"][()], group["image/value"][()]
        return [p + frames[0].box.cartesian(i) for p, i in zip(positions, images, strict=True)]

    def size(path: Path) -> int:
        with h5py.File(path) as file:
            names = ("position/value", "image/value")
            return sum(int(file[f"particles/all/{name}"].id.get_storage_size()) for name in names)

    return write, read, size


def xtc(frames: list[Configuration], precision: float) -> Way:
    """By MDAnalysis, continuous positions."""

    def write(path: Path) -> None:
        with XTCFile(str(path), "w") as file:
            for c in frames:
                file.write(c.unwrapped.astype("f4"), c.box.vectors.astype("f4"), c.step, 0.0, 0.5 / precision)

    def read(path: Path) -> list[np.ndarray]:
        with XTCFile(str(path)) as file:
            return [frame.x.copy() for frame in file]

    return write, read, lambda path: path.stat().st_size


def dump(frames: list[Configuration]) -> Way:
    """LAMMPS's text through gzip, read by our reader (OVITO's)."""
    system = load_system("wahnstrom")

    def write(path: Path) -> None:
        with gzip.open(path, "wt", compresslevel=6) as file:
            for c in frames:
                file.write(lammps_dump(c, system))

    def read(path: Path) -> list[np.ndarray]:
        found: Any = open_any(path)
        return [found[k].unwrapped for k in range(len(frames))]

    return write, read, lambda path: path.stat().st_size


def least(what: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds, the least of some, and what came of it."""
    times = []
    for _ in range(TIMES):
        began = time.process_time()
        found = what()
        times.append(time.process_time() - began)
    return min(times), found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--atoms", type=int, default=2000)
    parser.add_argument("--frames", type=int, default=200)
    wish = parser.parse_args()
    kept = Kept("store")
    kept.data["rows"] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frames = sampled(folder, wish.atoms, wish.frames)
        true = [c.unwrapped for c in frames]
        ways = {
            "float32": (ours(frames, None), ".h5"),
            "--precision 1e-4": (ours(frames, 1e-4), ".h5"),
            "--precision 1e-3": (ours(frames, 1e-3), ".h5"),
            "H5MD copy": (copies(frames, None), ".h5md"),
            "H5MD copy, 1e-4": (copies(frames, 1e-4), ".h5md"),
            "XTC, 1e-4": (xtc(frames, 1e-4), ".xtc"),
            "XTC, 1e-3": (xtc(frames, 1e-3), ".xtc"),
            "dump.gz": (dump(frames), ".dump.gz"),
        }
        print(
            "| kept as | bytes an atom and frame | largest error | written, s | read, s |\n|---|---|---|---|---|"
        )
        for k, (title, ((write, read, size), ending)) in enumerate(ways.items()):
            path = folder / f"{k}{ending}"
            written, _ = least(lambda w=write, p=path: w(p))
            took, found = least(lambda r=read, p=path: r(p))
            error = max(float(np.abs(a - b).max()) for a, b in zip(found, true, strict=True))
            each = size(path) / (len(frames) * wish.atoms)
            kept.add({"kept_as": title, "bytes": each, "error": error, "write_s": written, "read_s": took})
            print(f"| {title} | {each:.2f} | {error:.1e} | {written:.3f} | {took:.3f} |", flush=True)
    kept.write(atoms=wish.atoms, frames=wish.frames)


if __name__ == "__main__":
    main()
