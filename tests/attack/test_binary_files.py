"""Broken binary and packed files of other programs: read, or refused in one line; never the end of the process."""

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.formats import test_everyones_files as everyone

KINDS = {
    "full.dump.bin": everyone.READ["full.dump.bin"][0],
    "a.nc": everyone.READ["a.nc"][0],
    "a.gsd": everyone.by_gsd,
    "a.h5md": lambda path: everyone.by_h5md(path, names=True),
    "a.xyz.xz": lambda path: packed(path, ".xz"),
    "a.xyz.bz2": lambda path: packed(path, ".bz2"),
}
SEEDS = 40
# In a process of its own, which such a file might end, and with as much memory as a sound one needs many times over.
SCRIPT = """
import json, random, resource, sys
from pathlib import Path
from glasscli.errors import GlassError
from glasscli.formats.foreign import ForeignTrajectory
resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, 4 << 30))
path, seeds = Path(sys.argv[1]), int(sys.argv[2])
sound, lines = path.read_bytes(), []
for seed in range(seeds):
    print(seed, file=sys.stderr, flush=True)
    rng, content = random.Random(seed), bytearray(sound)
    how = rng.choice(["flip", "flip", "zero", "huge", "cut"])
    for _ in range(rng.choice([1, 1, 4])):
        at = rng.randrange(min(len(sound), rng.choice([300, 3000, 10**9])))
        if how == "flip":
            content[at] ^= 1 << rng.randrange(8)
        elif how in ("zero", "huge"):
            content[at : at + 8] = bytes(8) if how == "zero" else b"\\xff" * 7 + b"\\x7f"
    path.write_bytes(content[: rng.randrange(len(sound))] if how == "cut" else content[: len(sound)])
    try:
        for frame in ForeignTrajectory(path):
            assert frame.n_atoms
    except GlassError as error:
        lines.append(str(error))
print(json.dumps(lines))
"""


def packed(path, ending):
    plain = path.with_name("plain.xyz")
    everyone.by_ase(plain, format="extxyz")
    path.write_bytes(everyone.PACKED[ending](plain.read_bytes()))


@pytest.mark.stress
@pytest.mark.parametrize("kind", KINDS)
def test_broken_binary_files(kind, tmp_path):
    KINDS[kind](tmp_path / kind)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, tmp_path / kind, str(SEEDS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = json.loads(done.stdout.splitlines()[-1])
    assert all("\n" not in line and kind in line for line in lines), lines
