"""A wheel holds all that glasscli needs outside a checkout: modules, systems, schedulers, the papers' studies."""

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from glasscli.reproduce import catalogue

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    """The wheel of this tree, unpacked somewhere else."""
    if int(version("setuptools").partition(".")[0]) < 77:
        pytest.skip("setuptools 77 or later builds the wheel: pip install 'glasscli[test]'")
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("made")
    # As a build from the source distribution does: the link to inputs/ is a folder there.
    shutil.copytree(ROOT / "glasscli", source / "glasscli", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / name, source)
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", build, str(made)], cwd=source, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = made.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(made / "unpacked")
    return made / "unpacked"


def test_nothing_is_missing(unpacked):
    def files(root: Path) -> set[str]:
        found = [p for ending in ("py", "toml") for p in root.rglob(f"*.{ending}")]
        return {str(p.relative_to(root)) for p in found}

    inputs = {f"inputs/{path.relative_to(ROOT / 'inputs')}" for path in (ROOT / "inputs").rglob("*.toml")}
    assert {f"inputs/{name}.toml" for name in catalogue.ITEMS} <= inputs
    assert files(ROOT / "glasscli") | inputs == files(unpacked / "glasscli")


def test_it_works_outside_the_checkout(unpacked, tmp_path):
    probe = (
        "import glasscli; from glasscli.reproduce import catalogue; from glasscli.system import load_system;"
        "load_system('cuzr'); data = glasscli.call('reproduce', list=True);"
        "print(glasscli.__file__, len(data['items']), catalogue.study_of('derlet2019/fig5').exists())"
    )
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=tmp_path, capture_output=True, text=True,
        env=environment | {"PYTHONPATH": str(unpacked)},
    )  # fmt: skip
    assert done.stdout.split() == [
        str(unpacked / "glasscli/__init__.py"),
        str(len(catalogue.ITEMS)),
        "True",
    ], done.stderr
