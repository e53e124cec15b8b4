"""The machine code that Numba keeps: whatever became of its files, kernels are compiled anew and give the same."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import run_glasscli

MODULE = """
from glasscli.compiled import njit

@njit()
def cubed(x):
    return x * x * x

assert cubed(7) == 343
print(sum(cubed.stats.cache_hits.values()))
"""


def overwritten(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes(byte ^ 1 for byte in content[middle : middle + 9]) + content[middle + 9 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda content: content[: len(content) // 2],
    "cut in its head": lambda content: content[:20],
    "empty": lambda content: b"",
    "garbage": lambda content: os.urandom(3000),
    "of Numba alone": lambda content: content[32:],
    "overwritten": overwritten,
}


def hits(folder: Path) -> int:
    """How many kernels a process takes from the cache."""
    environment = os.environ | {
        "NUMBA_CACHE_DIR": str(folder / "cache"),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "m.py"], cwd=folder, capture_output=True, text=True, timeout=300, env=environment
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_a_damaged_cache_is_made_anew(ending, how, tmp_path):
    (tmp_path / "m.py").write_text(MODULE)
    assert [hits(tmp_path) for _ in range(2)] == [0, 1]
    (path,) = (tmp_path / "cache").rglob(f"*.{ending}")
    path.write_bytes(DAMAGES[how](path.read_bytes()))
    assert [hits(tmp_path) for _ in range(2)] == [0, 1], "it is used again once it is mended"


@pytest.mark.parametrize("what", ["cut", "no folder"])
def test_a_command_with_a_damaged_cache(what, tmp_path):
    """All kernels that it needs; where no folder can be made there is no cache."""
    rows = "".join(f"{i} 1 {i % 6} {i // 6 % 6} {i // 36}\n" for i in range(216))
    box = "ITEM: BOX BOUNDS pp pp pp\n0 6\n0 6\n0 6\n"
    (tmp_path / "f.dump").write_text(
        f"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n216\n{box}ITEM: ATOMS id type x y z\n{rows}"
    )
    cache = tmp_path / "cache"
    words = ["analyze", "f.dump", "--measure", "local-order", "--jobs", "1", "-o", "t"]
    if what == "cut":
        assert run_glasscli(*words, cwd=tmp_path, NUMBA_CACHE_DIR=str(cache)).code == 0
        kept = [path for path in cache.rglob("*.nb?") if path.write_bytes(path.read_bytes()[:50])]
        assert kept
        for path in tmp_path.glob("t-*"):
            path.unlink()
    else:
        cache.touch()
    answer = run_glasscli(*words, cwd=tmp_path, NUMBA_CACHE_DIR=str(cache))
    assert answer.code == 0 and answer.err.startswith("note: no energies") and answer.err.count("\n") == 1, (
        answer
    )
