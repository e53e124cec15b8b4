"""Source distribution and wheel hold all that glasscli needs elsewhere: modules, systems, schedulers, studies."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
from importlib.metadata import version
from pathlib import Path

import pytest

from glasscli import __version__
from glasscli.reproduce import catalogue

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from setuptools import build_meta; getattr(build_meta, sys.argv[1])(sys.argv[2])"


def built(kind: str, source: Path, target: Path, **more: str) -> Path:
    """The one file that `build_sdist` or `build_wheel` makes of a source tree, `more` in its environment."""
    target.mkdir()
    command = [sys.executable, "-c", BUILD, kind, str(target)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, env=os.environ | more)
    assert done.returncode == 0, done.stderr
    (file,) = target.iterdir()
    return file


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """The source distribution of this tree, unpacked."""
    if int(version("setuptools").partition(".")[0]) < 77:
        pytest.skip("setuptools 77 or later builds the wheel: pip install 'glasscli[test]'")
    folder = tmp_path_factory.mktemp("sdist")
    junk = shutil.ignore_patterns(
        "__pycache__", ".*", "*.egg-info", "*.h5", "work-*", "demo", "reproduced", "site", "build", "dist"
    )
    shutil.copytree(ROOT, folder / "tree", symlinks=True, ignore=junk)
    archive = built("build_sdist", folder / "tree", folder / "made")
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def installed(wheel: Path, folder: Path) -> Path:
    """An empty environment with a wheel; what glasscli depends on is lent to it."""
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv/bin/python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps"]
    # No index: nothing is fetched. No compiling: it would take longer than everything else.
    subprocess.run([*install, "--no-index", "--no-compile", str(wheel)], check=True, capture_output=True)
    (site,) = (folder / "venv/lib").glob("python*/site-packages")
    lent = next(path for path in map(Path, sys.path) if (path / "ovito").is_dir())
    (site / "lent.pth").write_text(f"{lent}\n")
    return folder / "venv"


@pytest.fixture(scope="module")
def environment(source, tmp_path_factory) -> Path:
    """An empty environment with the wheel of the source distribution."""
    folder = tmp_path_factory.mktemp("wheel")
    return installed(built("build_wheel", source, folder / "made"), folder)


def said(environment: Path, folder: Path, *words: str) -> dict:
    """What a command says as JSON where there is no compiler and no checkout."""
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [str(environment / "bin/glasscli"), *words, "--json"]
    # The programs of the environment alone are found.
    clean["PATH"] = str(environment / "bin")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=clean)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


SMALL = ("--atoms", "200", "--steps", "500", "--equilibration", "100")


def files(root: Path) -> set[str]:
    """Modules and TOML files below a folder; glasscli/inputs is a link in a checkout."""
    return {
        str(Path(folder, name).relative_to(root))
        for folder, _, names in os.walk(root, followlinks=True)
        for name in names
        if name.endswith((".py", ".toml"))
    }


def test_nothing_is_missing(source, environment):
    (site,) = environment.glob("lib/python*/site-packages")
    whole = files(ROOT / "glasscli")
    assert {f"inputs/{name}.toml" for name in catalogue.ITEMS} <= whole
    assert files(site / "glasscli") == whole
    assert (source / "inputs/quickstart.toml").exists() and (source / "docs/index.md").exists()
    assert (source / "tests/conftest.py").exists() and (source / "Makefile").exists()


def test_it_works_outside_the_checkout(environment, tmp_path):
    assert len(said(environment, tmp_path, "reproduce", "--list")["items"]) == len(catalogue.ITEMS)
    assert said(environment, tmp_path, "quench", *SMALL, "--inherent-every", "0")
    rows = said(environment, tmp_path, "reproduce", "buchenau1992/fig8")["rows"]
    assert rows and all(row["verdict"] == "agrees" for row in rows)
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    probe = (
        "import glasscli; from glasscli.model.system import load_system; load_system('cuzr');"
        "print(glasscli.__file__, glasscli.__version__)"
    )
    done = subprocess.run(
        [str(environment / "bin/python"), "-c", probe],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=clean,
    )
    where, number = done.stdout.split()
    assert Path(where).is_relative_to(environment) and number == __version__, done.stderr


@pytest.mark.skipif(not shutil.which("gcc"), reason="without a compiler no wheel has forces of its own")
def test_a_wheel_has_the_forces_that_were_built_into_it(environment, tmp_path):
    made = said(environment, tmp_path, "quench", *SMALL, "--forces", "own")
    assert made["forces"] == "own"


def test_without_a_compiler_it_is_installed_all_the_same_and_says_what_it_lacks(source, tmp_path):
    """The source distribution where every compiler fails: on LAMMPS's forces everything works."""
    shutil.copytree(source, tmp_path / "source", ignore=shutil.ignore_patterns("build"))
    wheel = built("build_wheel", tmp_path / "source", tmp_path / "made", CC="false", CXX="false")
    environment = installed(wheel, tmp_path)
    assert not list(environment.rglob("_pairs*"))
    assert said(environment, tmp_path, "quench", *SMALL, "--output", "q.h5")["forces"] == "lammps"
    made = said(environment, tmp_path, "hybrid", "q.h5", "--T", "0.8", "--steps", "200", "--output", "h.h5")
    assert made["forces"] == "lammps"
    checks = {check["name"]: check for check in said(environment, tmp_path, "doctor")["checks"]}
    assert not checks["forces"]["ok"] and "installed without a compiler" in checks["forces"]["message"]
