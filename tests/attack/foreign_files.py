"""Broken files of other programs by seed: dumps, data files, extended XYZ, plain and packed."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import numpy as np

ATOMS, FRAMES, EDGE = 60, 3, 5.2
KINDS = ("dump", "data", "xyz", "dump.gz", "xyz.gz")


def sound(kind: str) -> bytes:
    """A file that is as it should be: 60 atoms of two types in a box of 5.2, three frames where the format has some."""
    places = np.random.default_rng(7).random((FRAMES, ATOMS, 3)) * EDGE
    lines: list[str] = []
    if kind.startswith("data"):
        lines += ["# made by hand", "", f"{ATOMS} atoms", "2 atom types", ""]
        lines += [f"0 {EDGE} {a}lo {a}hi" for a in "xyz"] + [
            "",
            "Masses",
            "",
            "1 2.0",
            "2 1.0",
            "",
            "Atoms # atomic",
            "",
        ]
        lines += [f"{i + 1} {1 + i % 2} {x:.6f} {y:.6f} {z:.6f}" for i, (x, y, z) in enumerate(places[0])]
    for step, frame in enumerate(places if not kind.startswith("data") else []):
        if kind.startswith("dump"):
            lines += ["ITEM: TIMESTEP", str(100 * step), "ITEM: NUMBER OF ATOMS", str(ATOMS)]
            lines += ["ITEM: BOX BOUNDS pp pp pp", *[f"0 {EDGE}"] * 3, "ITEM: ATOMS id type x y z"]
            lines += [f"{i + 1} {1 + i % 2} {x:.6f} {y:.6f} {z:.6f}" for i, (x, y, z) in enumerate(frame)]
        else:
            cell = f"{EDGE} 0 0 0 {EDGE} 0 0 0 {EDGE}"
            lines += [str(ATOMS), f'Lattice="{cell}" Properties=species:S:1:pos:R:3 pbc="T T T"']
            lines += [f"{'AB'[i % 2]} {x:.6f} {y:.6f} {z:.6f}" for i, (x, y, z) in enumerate(frame)]
    return ("\n".join(lines) + "\n").encode()


def broken(path: Path, seed: int) -> tuple[str, bool]:
    """Write the file of a seed; return what was done, and whether the numbers are still those of the sound file.

    Digits that become other digits make another file, which nobody can tell from a sound one.
    """
    rng = random.Random(seed)
    kind = KINDS[seed % len(KINDS)]
    content = bytearray(sound(kind))
    lines = content.split(b"\n")
    at = rng.randrange(len(content))
    line = rng.randrange(len(lines) - 1)
    how = rng.choice(["truncate", "truncate", "declare", "drop", "repeat", "nul", "bytes", "huge", "nan", "edge",
                      "flip", "packed", "header", "type", "id", "bomb", "words", "long"])  # fmt: skip
    same = how in ("truncate", "declare", "drop", "nul", "packed", "bomb")
    if how == "truncate":
        content = content[:at]
    elif how == "declare":
        number = str(rng.choice([ATOMS + 40, ATOMS - 20, 2 * ATOMS, 1, 0, -5, 10**9, 10**30]))
        content = bytearray(bytes(content).replace(f"{ATOMS}".encode(), number.encode(), 1))
    elif how == "drop":
        content = bytearray(b"\n".join(lines[:line] + lines[line + 1 :]))
        same = kind != "data" or line > 15
        same = (
            same and b"ITEM" not in lines[line] and len(lines[line].split()) > 3 and b"=" not in lines[line]
        )
    elif how == "repeat":
        content = bytearray(b"\n".join(lines[: line + 1] + lines[line:]))
    elif how == "nul":
        content[at : at + 5] = bytes(5)
    elif how == "bytes":
        content[at : at + 3] = b"\xff\xfe\xe4"
    elif how in ("huge", "nan", "edge", "type", "id", "words"):
        words = lines[line].split(b" ")
        word = rng.randrange(len(words))
        words[word] = rng.choice({
            "huge": [b"1e30", b"-1e308", b"1e999"], "nan": [b"nan", b"inf", b"-inf"],
            "edge": [b"1e-12", b"1e300", b"-7"], "type": [b"2147483647", b"0", b"-3", b"99999"],
            "id": [b"1", b"0", b"9223372036854775808"], "words": [b"x", b"", b"0x1p3", b"1,5", "µ".encode()],
        }[how])  # fmt: skip
        lines[line] = b" ".join(words)
        content = bytearray(b"\n".join(lines))
    elif how == "flip":
        content[at] ^= 1 << rng.randrange(8)
    elif how == "header":
        content = content[rng.randrange(300) :]
    elif how == "bomb" and kind.endswith("gz"):
        content += b"0" * 80_000_000
    elif how == "long":
        content[at:at] = b"7" * 200_000
    packed = bytearray(gzip.compress(bytes(content), mtime=0)) if kind.endswith("gz") else content
    if how == "packed" and kind.endswith("gz"):
        packed[rng.randrange(len(packed))] ^= 1 << rng.randrange(8)
        packed = packed[: rng.randrange(len(packed))] if rng.random() < 0.5 else packed
    path.write_bytes(packed)
    return f"{kind}: {how} at {at}, line {line}", same
