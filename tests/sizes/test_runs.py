"""Samples whose diameters vary, from quench to analysis: what is stored, resumed bit for bit, exported, refused."""

import signal
import subprocess
import sys

import numpy as np
import pytest

from glasscli.engine.forces import Forces
from glasscli.engine.own.compiled import built
from glasscli.formats.foreign import open_any
from glasscli.landscape.surface import LammpsSurface, SizedSurface, surface
from glasscli.model.system import load_system
from glasscli.modes.hessian import Curvature
from glasscli.store.reader import open_run
from tests.conftest import run_glasscli
from tests.stress.same import assert_same_run

pytestmark = pytest.mark.skipif(not built(), reason="glasscli was installed without a compiler")
SHORT = [
    "--T",
    "0.15",
    "--steps",
    "600",
    "--every",
    "100",
    "--inherent-every",
    "300",
    "--checkpoint-every",
    "200",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a small quench and a hybrid of it."""
    where = tmp_path_factory.mktemp("sizes")
    words = [
        "quench",
        "--system",
        "polydisperse",
        "--atoms",
        "125",
        "--steps",
        "600",
        "--equilibration",
        "400",
    ]
    answer = run_glasscli(*words, "--inherent-every", "300", cwd=where)
    assert answer.code == 0, answer.err
    answer = run_glasscli("hybrid", *SHORT, "--json", cwd=where)
    assert answer.code == 0, answer.err
    assert answer.data["acceptance"] == {"A-A": answer.data["accepted"] / answer.data["attempts"]}
    assert answer.data["audit"]["checked"] >= 18 and answer.data["audit"]["worst_relative_error"] < 1e-10
    return where


def test_every_atom_keeps_its_diameter_while_atoms_exchange_places(folder):
    own = load_system("polydisperse").sizes.of(125)
    for name in ("quench.h5", "hybrid.h5"):
        run = open_run(folder / name)
        assert (run.diameters == own).all()
        for c in (*run.frames, *run.inherent, run.state(-1).configuration):
            assert (c.diameters == own).all()
    # Half a box is further than any atom moves by itself in so few steps.
    first, last = run.frames[0], run.frames[-1]
    away = np.linalg.norm(first.box.minimum_image(first.positions - last.positions), axis=1)
    assert np.median(away) > 1.0
    assert run_glasscli("verify", "hybrid.h5", cwd=folder).code == 0


def test_a_killed_hybrid_goes_on_bit_for_bit(folder, tmp_path):
    words = ["hybrid", str(folder / "quench.h5"), *SHORT, "-o", "cut.h5"]
    process = subprocess.Popen(
        [sys.executable, "-m", "glasscli", *words], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    checkpoint = tmp_path / "cut.h5.partial" / "checkpoint-1-000000000000200"
    while process.poll() is None and not checkpoint.exists():
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "cut.h5").exists()
    answer = run_glasscli("resume", "cut.h5", cwd=tmp_path)
    assert answer.code == 0, answer.err
    assert_same_run(tmp_path / "cut.h5", folder / "hybrid.h5")
    assert (open_run(tmp_path / "cut.h5").diameters == open_run(folder / "hybrid.h5").diameters).all()


@pytest.mark.parametrize("ending", [".data", ".dump", ".xyz", ".gsd"])
def test_exports_state_diameters_and_start_runs(ending, folder, tmp_path):
    if ending == ".gsd":
        pytest.importorskip("gsd")
    path = tmp_path / f"glass{ending}"
    assert run_glasscli("export", "hybrid.h5", "-o", str(path), cwd=folder).code == 0
    atoms, run = open_any(path)[-1], open_run(folder / "hybrid.h5")
    # OVITO reads radii in single precision.
    assert atoms.diameters == pytest.approx(run.diameters, rel=1e-6)
    if ending == ".data":
        words = ["anneal", str(path), "--system", "polydisperse", "--T", "0.05", "--steps", "20"]
        answer = run_glasscli(*words, "--inherent-every", "0", cwd=tmp_path)
        assert answer.code == 0, answer.err
        assert open_run(tmp_path / "anneal.h5").diameters == pytest.approx(run.diameters, rel=1e-6)


def test_measures_tell_thirds_of_the_atoms_apart(folder):
    answer = run_glasscli(
        "analyze", "hybrid.h5", "--measure", "pdf,topology", "--jobs", "1", "--json", cwd=folder
    )
    assert answer.code == 0, answer.err
    assert "thirds of their diameters" in " ".join(answer.data["notes"])
    header = next(
        line for line in (folder / "hybrid-pdf.csv").read_text().splitlines() if line.startswith("r ")
    )
    assert {"g_S-S", "g_S-M", "g_S-L", "g_M-M", "g_M-L", "g_L-L"} <= set(header.split(","))


@pytest.mark.parametrize(
    "words, said",
    [
        ("eos fcc --system polydisperse", "a diameter of its own"),
        ("build random --system polydisperse --atoms 100 -o a.data", "a diameter of its own"),
        ("hybrid quench.h5 --T 0.1 --mu 0 -o x.h5", "--mu is of species"),
        ("hybrid quench.h5 --T 0.1 --engine-mc lammps -o x.h5", "differ by diameter"),
        ("hybrid quench.h5 --T 0.1 --width 1e-6 -o x.h5", "no two atoms"),
        ("analyze hybrid.h5 --radii 0.5 --measure topology", "leave --radii out"),
    ],
)
def test_what_cannot_be_is_one_line(words, said, folder):
    answer = run_glasscli(*words.split(), cwd=folder)
    assert answer.code != 0 and said in answer.err and len(answer.err.splitlines()) == 1


def test_passes_of_atoms_that_differ_in_size_are_looked_for_with_our_own_forces(folder):
    """Forces and curvature of a search are LAMMPS's, as the energies are that it reports."""
    run = open_run(folder / "hybrid.h5")
    atoms, system = run.inherent[-1], run.manifest.system
    with Forces(system) as forces:
        ours, theirs = (surface(atoms, forces, Curvature(forces), whose) for whose in (None, "lammps"))
        assert type(ours) is SizedSurface and type(theirs) is LammpsSurface
        moved = atoms.positions + 0.05 * np.random.default_rng(1).standard_normal(atoms.positions.shape)
        energies, pulls = zip(*(of.evaluate(moved) for of in (ours, theirs)), strict=True)
        assert energies[0] == pytest.approx(energies[1], rel=1e-11)
        assert np.abs(pulls[0] - pulls[1]).max() < 1e-9 * np.abs(pulls[1]).max()
        along = np.random.default_rng(2).standard_normal(moved.size)
        exact = ours.matrix(moved) @ along
        assert np.abs(ours.product(moved)(along) - exact).max() < 1e-5 * np.abs(exact).max()
    words = [
        "landscape",
        "barriers",
        "hybrid.h5",
        "--search",
        "activation-relaxation",
        "--n",
        "3",
        "--jobs",
        "1",
    ]
    answer = run_glasscli(*words, "--no-rates", "--no-figure", "--json", cwd=folder)
    assert answer.code == 0 and answer.data["attempts"] == 3 and answer.data["forces"] == "own", answer.err
    assert all(one["end_error"] < 1e-8 for one in answer.data["barriers"])
