"""The C code under the sanitizers of addresses and of undefined behaviour, on the configurations of the other tests."""

import os
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from glasscli.engine.own import compiled

ROOT = Path(__file__).resolve().parents[3]
SOURCES = {"_pairs": ROOT / "glasscli/engine/own/source", "_cells": ROOT / "glasscli/observables/source"}
FLAGS = [
    "-shared",
    "-fPIC",
    "-O0",
    "-g",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-Wno-psabi",
]
SANITIZERS = ("address", "undefined")
PLUGIN = """from glasscli.engine.own import compiled
from glasscli.observables import cells
compiled.__file__ = cells.__file__ = {beside!r}
"""
CRASHING = "int main(void) {{ volatile int a[2] = {{0}}, k = {k}; return a[k]; }}"


def runtime(name: str) -> str:
    """Where the compiler keeps a library."""
    return subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def sanitized(tmp_path_factory) -> dict[str, str]:
    """An environment in which Python takes the sanitized library."""
    if not compiled.built():
        pytest.skip("glasscli was installed without a compiler")
    folder = tmp_path_factory.mktemp("sanitized")
    libraries = [runtime("libasan.so"), runtime("libubsan.so")]
    if not all(Path(path).is_absolute() for path in libraries):
        pytest.skip("this compiler has no sanitizers: Debian has them in libgcc-12-dev or later")
    command = ["gcc", *FLAGS, f"-fsanitize={','.join(SANITIZERS)}", "-fno-sanitize-recover=all"]
    for name, source in SOURCES.items():
        made = folder / f"{name}{EXTENSION_SUFFIXES[0]}"
        subprocess.run([*command, "-o", str(made), *map(str, sorted(source.glob("*.c"))), "-lm"], check=True)
    (folder / "sanitized.py").write_text(PLUGIN.format(beside=str(folder / "compiled.py")))
    return os.environ | {
        "LD_PRELOAD": " ".join(libraries),
        # Python frees little at its end; LAMMPS takes memory by one name and gives it back by another.
        "ASAN_OPTIONS": "detect_leaks=0:alloc_dealloc_mismatch=0",
        "PYTHONPATH": f"{folder}:{ROOT}",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "tests",
    [
        ("test_forces.py", "-k", "not minima_are"),
        ("test_dynamics.py", "-k", "stopped_at_every and own"),
        ("test_ready.py", "-k", "every_instruction or batch or stay"),
        ("../../observables/test_cells.py", "-k", "not glass and not kind"),
    ],
)
def test_nothing_is_read_or_written_where_it_should_not_be(sanitized, tests):
    where, *rest = tests
    probe = "import sanitized as s; print(s.compiled.library()._name, s.cells.library()._name)"
    done = subprocess.run([sys.executable, "-c", probe], env=sanitized, text=True, capture_output=True)
    assert [Path(one).parent.name.startswith("sanitized") for one in done.stdout.split()] == [True, True], (
        done.stderr
    )
    command = [sys.executable, "-m", "pytest", "-p", "sanitized", "-p", "no:cacheprovider", "-q", "-s"]
    done = subprocess.run(
        [*command, str(Path(__file__).parent / where), *rest],
        env=sanitized,
        text=True,
        capture_output=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_the_sanitizer_would_have_told(tmp_path):
    """A read beyond an array ends such a program; one within does not."""
    for k, expected in ((1, 0), (7, 1)):
        (tmp_path / "a.c").write_text(CRASHING.format(k=k))
        made = subprocess.run(
            ["gcc", f"-fsanitize={','.join(SANITIZERS)}", "-fno-sanitize-recover=all", "a.c", "-o", "a"],
            cwd=tmp_path,
        )
        if made.returncode:
            pytest.skip("this compiler has no sanitizers")
        assert subprocess.run([tmp_path / "a"], capture_output=True).returncode == expected
