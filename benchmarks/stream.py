"""A long run as a file: open to others throughout, killed at 40 moments, and what its end costs.

Runs are written without physics (tests/store/fast_writer.py: 4000 atoms that shake and walk), as fast as they can be
stored, a checkpoint every 64 frames. While the largest goes on it is killed (SIGKILL) at moments drawn beforehand, four
of them at its end, and gone on with; meanwhile h5py opens its file up to five times a second and compares a frame drawn
at random with what was written. The finished file is compared, all numbers of it, with that of a run that nobody
killed. Runs of an eighth, a quarter and a half of it say how the end scales. Beside that the other ways to end, each
from what it would have while the run goes on, on the same frames:

    former        the journal of the whole run is compressed into a file
    raw copies    closed files of a segment each, whose chunks are copied as they are stored into one file
    virtual       the same files, and one of virtual datasets over them, which is then the run's file, and needs all
    growing       what glasscli does: the file of segments is given its last one and renamed

    python benchmarks/stream.py [--megabytes 400] [--kills 40]

With --alone only the run that is killed is written, in a folder that stays: all its frames are compared with what was
to be written. Start it again to go on. For 20 GB some 25 minutes of a core, and as many in turns of the disk.

    python benchmarks/stream.py --alone --folder FOLDER --megabytes 20000
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from common import Kept

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from glasscli.store.closing import finish  # noqa: E402
from glasscli.store.finished import FileRun  # noqa: E402
from glasscli.store.recorder import partial_folder  # noqa: E402
from glasscli.store.so_far import SO_FAR_FILE, VARIABLE, only_unnamed  # noqa: E402
from glasscli.store.verify import check  # noqa: E402
from glasscli.store.working import clear, clear_scratch, remove_empty, working  # noqa: E402
from tests.store.fast_writer import ROWS, begin, configuration, rows  # noqa: E402

ATOMS, EVERY = 4000, 64
FRAME = 59_800  # bytes that a frame of 4000 atoms takes in the file, its share of minima and states included
GLANCE = 0.2
GROUPS = ("position", "image")


def written() -> int:
    """Bytes that this process has given to files so far."""
    found = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(found["wchar"])


def peak_memory() -> int:
    """Bytes that this process has had at most; `getrusage` would count those of whoever started it."""
    found = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(found["VmHWM"].split()[0]) * 1024


def end_of(folder: Path, output: Path) -> dict[str, float]:
    """Finish a run, and say what that cost."""
    before, cpu, began = written(), time.process_time(), time.perf_counter()
    finish(folder, output)
    wall = time.perf_counter() - began
    return {"end_s": wall, "end_cpu_s": time.process_time() - cpu, "end_written": written() - before}


def writer(output: Path, frames: int) -> None:
    """A process that writes a run or goes on with it; what its end cost is printed."""
    folder = partial_folder(output)
    folder.mkdir(exist_ok=True)
    with working(folder):
        clear_scratch(folder)
        if output.exists():
            clear(folder)  # killed while its folder was removed
            print("{}", flush=True)
            return
        begin(folder, frames, ATOMS, EVERY)
        cpu = time.process_time()
        if not only_unnamed(folder):
            rows(folder, frames, ATOMS, EVERY)
        cpu = time.process_time() - cpu
        found = end_of(folder, output) | {"rows_cpu_s": cpu}
        clear(folder)
    remove_empty(folder)
    found["peak_memory"] = peak_memory()
    print(json.dumps(found), flush=True)


def disk(*places: Path) -> int:
    """Bytes on the disk of files and of those in folders; what is being renamed counts once."""
    seen: dict[int, int] = {}
    for place in places:
        for path in [place, *(place.iterdir() if place.is_dir() else ())]:
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            seen[stat.st_ino] = stat.st_blocks * 512
    return sum(seen.values())


@dataclass
class Reader:
    """Somebody else, with h5py alone. lag: frames at the newest checkpoint that could not be read yet, the most."""

    output: Path
    frames: int
    opened: int = 0
    failed: list[str] = field(default_factory=list)
    shorter: int = 0
    lag: int = 0
    last: int = 0
    peak: int = 0
    peak_at_end: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(2))

    def look(self) -> int:
        """Open the file, read a frame; return the frame of the newest checkpoint."""
        folder = partial_folder(self.output)
        try:
            names = [path.name for path in folder.glob("checkpoint-*")]
        except FileNotFoundError:
            names = []
        reached = max([0, *(int(name.split("-")[2]) // ROWS for name in names)])
        now = disk(folder, self.output)
        self.peak = max(self.peak, now)
        if reached == self.frames or not names:
            self.peak_at_end = max(self.peak_at_end, now)
        path = folder / SO_FAR_FILE
        if not path.exists():
            path = self.output
        try:
            with h5py.File(path) as file:
                steps = file["particles/all/position/step"][()]
                index = self.rng.randrange(len(steps))
                values, time_of = file["particles/all/position/value"], file["particles/all/position/time"]
                found, at = values[index], time_of[index]
                whole = len(values) == len(steps) == len(time_of)
        except FileNotFoundError:
            return reached  # there is none yet, or it is just being renamed
        except (OSError, KeyError, RuntimeError, ValueError) as error:
            self.failed.append(str(error)[:200])
            return reached
        self.opened += 1
        right = configuration(int(steps[index]) // ROWS, ATOMS).positions.astype("<f4")
        if not whole or not np.array_equal(found, right) or at != steps[index] * 0.005:
            self.failed.append(f"frame {index} of {len(steps)} is another than was written")
        self.shorter += len(steps) < self.last
        self.last = len(steps)
        self.lag = max(self.lag, reached - len(steps))
        return reached


def start(output: Path, frames: int) -> subprocess.Popen[str]:
    """A writer of the run."""
    words = [sys.executable, __file__, "--writer", str(output), str(frames)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def stream(output: Path, frames: int, kills: int, note: Path | None = None) -> dict[str, Any]:
    """Write a run with a reader beside it, killed at so many moments; how many were is kept in the note."""
    rng = random.Random(1)
    moments = sorted(rng.randrange(1, frames) for _ in range(max(0, kills - 4))) + [frames] * min(4, kills)
    reader = Reader(output, frames)
    done = int(note.read_text()) if note and note.exists() else 0
    process = start(output, frames)
    glanced = 0.0
    while process.poll() is None:
        if time.monotonic() < glanced + GLANCE and done == len(moments):
            time.sleep(0.02)
            continue
        glanced = time.monotonic()
        reached = reader.look()
        if done < len(moments) and reached >= moments[done]:
            time.sleep(rng.uniform(0, 0.5))
            process.kill()
            process.wait()
            done += process.returncode == -9
            if note:
                note.write_text(str(done))
            if output.exists() and process.returncode == 0:
                break
            process = start(output, frames)
        time.sleep(0.02)
    said = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"the writer failed: {said}")
    size = output.stat().st_size
    row = {"bytes": size, "frames": frames, "kills": done} | (json.loads(said) if said else {})
    row |= {
        "opened": reader.opened,
        "failed": reader.failed,
        "became_shorter": reader.shorter,
        "lag": reader.lag,
    }
    return row | {"peak_disk": reader.peak / size, "peak_disk_at_end": reader.peak_at_end / size}


def digest(path: Path) -> str:
    """Of all datasets but those that name processes, in order."""
    found = hashlib.sha256()
    with h5py.File(path) as file:

        def take(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset) and name not in (
                "glasscli/manifest",
                "glasscli/sums",
                "glasscli/checks",
            ):
                found.update(name.encode())
                for start in range(0, item.shape[0], 1000):
                    found.update(item[start : start + 1000].tobytes())

        file.visititems(take)
    return found.hexdigest()


def other_frames(path: Path) -> int:
    """How many frames are others than were to be written."""
    found = 0
    with h5py.File(path) as file:
        values, images = (file[f"particles/all/{name}/value"] for name in GROUPS)
        for start in range(0, len(values), 50):
            part, turns = values[start : start + 50], images[start : start + 50]
            for k in range(len(part)):
                right = configuration(start + k, ATOMS)
                same = np.array_equal(part[k], right.positions.astype("<f4"))
                found += not (same and np.array_equal(turns[k], right.images))
    return found


def alone(folder: Path, frames: int, kills: int, kept: Kept) -> None:
    """The killed run by itself, gone on with where an earlier call left it."""
    folder.mkdir(exist_ok=True)
    output = folder / "alone.h5"
    row = stream(output, frames, kills, folder / "kills") | {"way": "growing, killed, alone"}
    with h5py.File(output) as file:
        row["stored"] = len(file["particles/all/position/value"])
    row["other_frames"] = other_frames(output)
    row["problems"] = check(FileRun(output))
    kept.rows[:] = [one for one in kept.rows if one["way"] != row["way"]]
    kept.add(row)
    print(json.dumps(row), flush=True)


def in_use(path: Path) -> float:
    """The share of a file that its datasets take; the rest is indices, and what older ones leave behind."""
    total = 0
    seen = set()
    with h5py.File(path) as file:

        def take(_: str, item: Any) -> None:
            nonlocal total
            if isinstance(item, h5py.Dataset) and item.id not in seen:
                seen.add(item.id)
                total += item.id.get_storage_size()

        file.visititems(take)
    return total / path.stat().st_size


def segments_of(path: Path, folder: Path, count: int) -> list[Path]:
    """What closed files of a segment each would hold: the frames of a run in so many files, chunks as they are."""
    found = []
    with h5py.File(path) as whole:
        chunks = whole["particles/all/position/value"].id.get_num_chunks()
        for k, part in enumerate(np.array_split(np.arange(chunks), count)):
            found.append(folder / f"segment-{k:04d}.h5")
            with h5py.File(found[-1], "w", libver=("v110", "v110")) as file:
                for name in GROUPS:
                    copy_chunks(whole, file, f"particles/all/{name}/value", part, -int(part[0]))
    return found


def copy_chunks(source: h5py.File, target: h5py.File, path: str, part: np.ndarray, shift: int) -> None:
    """Chunks as they are stored, from one file to another, where they are moved by so many."""
    one = source[path]
    rows_ = one.chunks[0]
    if path not in target:
        length = min(one.shape[0], int(part[-1] + 1) * rows_) + shift * rows_
        target.create_dataset(
            path,
            (length, *one.shape[1:]),
            one.dtype,
            chunks=one.chunks,
            compression="gzip",
            shuffle=True,
            fletcher32=True,
        )
    for chunk in part:
        at = (int(chunk) * rows_, 0, 0)
        mask, raw = one.id.read_direct_chunk(at)
        target[path].id.write_direct_chunk(((int(chunk) + shift) * rows_, 0, 0), raw, mask)


def raw_copies(files: list[Path], output: Path, shape: tuple[int, ...]) -> None:
    """One file of many, synced."""
    with h5py.File(output, "w", libver=("v110", "v110")) as file:
        for name in GROUPS:
            path, done = f"particles/all/{name}/value", 0
            for one in files:
                with h5py.File(one) as source:
                    values = source[path]
                    if path not in file:
                        file.create_dataset(
                            path, shape, values.dtype, chunks=values.chunks, compression="gzip", shuffle=True,
                            fletcher32=True,
                        )  # fmt: skip
                    count = values.id.get_num_chunks()
                    copy_chunks(source, file, path, np.arange(count), done)
                    done += count
    sync(output)


def virtual(files: list[Path], output: Path, shape: tuple[int, ...]) -> None:
    """A file of virtual datasets over many, synced."""
    with h5py.File(output, "w", libver=("v110", "v110")) as file:
        for name in GROUPS:
            path, done = f"particles/all/{name}/value", 0
            layout = None
            for one in files:
                with h5py.File(one) as source:
                    values = source[path]
                    layout = layout or h5py.VirtualLayout(shape, values.dtype)
                    layout[done : done + len(values)] = h5py.VirtualSource(one.name, path, values.shape)
                    done += len(values)
            file.create_virtual_dataset(path, layout)
    sync(output)


def sync(path: Path) -> None:
    """Make a file durable."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def reading(path: Path) -> float:
    """Processor seconds to read all positions."""
    began = time.process_time()
    with h5py.File(path) as file:
        values = file["particles/all/position/value"]
        for start in range(0, len(values), 50):
            _ = values[start : start + 50]
    return time.process_time() - began


def ways(folder: Path, path: Path, frames: int) -> list[dict[str, Any]]:
    """Other ways to end the same run."""
    size, found = path.stat().st_size, []
    with h5py.File(path) as file:
        shape = file["particles/all/position/value"].shape
    files = segments_of(path, folder, max(2, size // 30_000_000))
    total = sum(one.stat().st_size for one in files)
    sync(files[-1])
    for name, way, output in (
        ("raw copies", raw_copies, folder / "raw.h5"),
        ("virtual", virtual, folder / "virtual.h5"),
    ):
        before, cpu, began = written(), time.process_time(), time.perf_counter()
        way(files, output, shape)
        row = {
            "way": name,
            "bytes": total,
            "end_s": time.perf_counter() - began,
            "end_cpu_s": time.process_time() - cpu,
        }
        row |= {"end_written": written() - before, "peak_disk_at_end": disk(*files, output) / total}
        row |= {"files": 1 + len(files) * (way is virtual), "read_cpu_s": reading(output)}
        found.append(row)
        output.unlink()
    for one in files:
        one.unlink()
    former = folder / "former.h5"
    os.environ[VARIABLE] = "1e15"
    begin_folder = partial_folder(former)
    begin_folder.mkdir()
    begin(begin_folder, frames, ATOMS, EVERY)
    rows(begin_folder, frames, ATOMS, EVERY)
    row = {"way": "former"} | end_of(begin_folder, former)
    row |= {"bytes": former.stat().st_size, "files": 1, "read_cpu_s": reading(former)}
    row["peak_disk_at_end"] = disk(begin_folder, former) / former.stat().st_size
    del os.environ[VARIABLE]
    found.append(row)
    shutil.rmtree(begin_folder)
    same = digest(former) == digest(path)
    former.unlink()
    return [one | {"same_content": same} if one["way"] == "former" else one for one in found]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=float, default=400)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--writer", nargs=2, metavar=("OUTPUT", "FRAMES"))
    wish = parser.parse_args()
    if wish.writer:
        writer(Path(wish.writer[0]), int(wish.writer[1]))
        return
    kept = Kept("stream")
    frames = int(wish.megabytes * 1e6 / FRAME)
    if wish.alone:
        if not wish.folder:
            parser.error("--alone needs a --folder that stays")
        alone(wish.folder, frames, wish.kills, kept)
        return
    kept.data = {"rows": [], "atoms": ATOMS, "checkpoint_frames": EVERY}
    with tempfile.TemporaryDirectory(dir=wish.folder) as name:
        folder = Path(name)
        for share in (8, 4, 2, 1):
            output = folder / f"calm-{share}.h5"
            row = stream(output, frames // share, 0)
            row |= {"way": "growing", "in_use": in_use(output), "read_cpu_s": reading(output)}
            kept.add(row)
            print(json.dumps(row), flush=True)
            if share == 4:
                for row in ways(folder, output, frames // share):
                    kept.add(row)
                    print(json.dumps(row), flush=True)
            if share > 1:
                output.unlink()
        killed = folder / "killed.h5"
        row = stream(killed, frames, wish.kills) | {"way": "growing, killed"}
        row["same_content"] = digest(killed) == digest(folder / "calm-1.h5")
        row["problems"] = check(FileRun(killed))
        kept.add(row)
        print(json.dumps(row), flush=True)
    kept.write()


if __name__ == "__main__":
    main()
