"""Thirteen Lennard-Jones atoms in free space through every command that takes them: no box that is merely wide."""

import json
from itertools import product

import numpy as np
import pytest

from glasscli.box import Box
from glasscli.cli import analyze, anneal, export, landscape, modes, render, show
from glasscli.configuration import Configuration
from glasscli.engine.minimiser import Minimiser
from glasscli.landscape.descent import descend
from glasscli.model.system import load_system
from glasscli.store.reader import open_run
from tests.conftest import in_process
from tests.landscape.conftest import CLUSTER

# M. R. Hoare and P. Pal, Adv. Phys. 20, 161 (1971); the Cambridge Cluster Database. The next minima of 13 atoms lie at
# -41.471979, -41.444597 and -41.394398 (D. J. Wales and others): an atom on a face of the icosahedron that lacks one.
LOWEST, NEXT = -44.326801, (-41.471979, -41.444597, -41.394398)
CUT = 12.0
FREE = (False, False, False)


def icosahedron():
    golden = (1 + 5**0.5) / 2
    signs = list(product((1, -1), (golden, -golden)))
    shell = [(0, a, b) for a, b in signs] + [(a, b, 0) for a, b in signs] + [(b, 0, a) for a, b in signs]
    return 1.09 * np.array([(0.0, 0.0, 0.0), *shell]) / (1 + golden**2) ** 0.5


def capped():
    """One atom of the shell on the far side, above a face."""
    x = icosahedron()
    order = np.argsort(np.linalg.norm(x[1:] - x[1], axis=1))
    a = 1 + order[-1]
    near = [k for k in range(1, 13) if 0 < np.linalg.norm(x[k] - x[a]) < 1.4]
    b = near[0]
    c = next(k for k in near[1:] if np.linalg.norm(x[k] - x[b]) < 1.4)
    out = x.copy()
    out[1] = x[a] + x[b] + x[c]
    out[1] *= 1.75 / np.linalg.norm(out[1])
    return out


def by_hand(x):
    """Energy and Hessian [39, 39] of the bare sum over pairs, 4 (r^-12 - r^-6)."""
    n, energy, hessian = len(x), 0.0, np.zeros((len(x), 3, len(x), 3))
    for i, j in product(range(n), repeat=2):
        if i >= j:
            continue
        d = x[i] - x[j]
        r = np.linalg.norm(d)
        energy += 4 * (r**-12 - r**-6)
        first, second = 4 * (-12 * r**-13 + 6 * r**-7), 4 * (156 * r**-14 - 42 * r**-8)
        u = np.outer(d, d) / r**2
        block = (second - first / r) * u + first / r * np.eye(3)
        hessian[i, :, i] += block
        hessian[j, :, j] += block
        hessian[i, :, j] -= block
        hessian[j, :, i] -= block
    return energy, hessian.reshape(3 * n, 3 * n)


def write_xyz(path, *frames):
    text = "".join(
        f"{len(x)}\nin free space\n" + "".join(f"A {a!r} {b!r} {c!r}\n" for a, b, c in x.tolist())
        for x in frames
    )
    path.write_text(text)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "cluster.toml").write_text(CLUSTER)
    write_xyz(tmp_path / "lj13.xyz", icosahedron())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(command, name, folder, monkeypatch, *words):
    code, out, err = in_process(name, command, folder, monkeypatch)(*words)
    assert code == 0, err
    return json.loads(out)


def test_the_published_energy_wherever_it_stands(cluster_system):
    """Far from the origin, turned, in whatever vectors its file has: free space has no place."""
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    for x, box in (
        (icosahedron(), Box([1.0, 1.0, 1.0], FREE)),
        (icosahedron() @ turn - 57.0, Box([3.0, 90.0, 5.0], FREE)),
        (icosahedron() + 20.0, Box(np.array([[9.0, 0, 0], [4.0, 9.0, 0], [-3.0, 2.0, 9.0]]), FREE)),
    ):
        with Minimiser(cluster_system) as minimiser:
            found = minimiser.minimise(Configuration(x, np.ones(13, np.int32), box))
            assert 13 * found.energy == pytest.approx(LOWEST, abs=2e-6)
            moved = found.configuration.positions.mean(axis=0) - x.mean(axis=0)
            assert np.abs(moved).max() < 1e-6 and found.configuration.box is box
            again = minimiser.evaluate(Configuration(x + 33.0, np.ones(13, np.int32), box))
            assert again.energy == pytest.approx(
                minimiser.evaluate(Configuration(x, np.ones(13, np.int32), box)).energy
            )


def test_analyze(folder, monkeypatch):
    data = call(
        analyze.command,
        "analyze",
        folder,
        monkeypatch,
        "lj13.xyz",
        "--system",
        "cluster.toml",
        "--minimise",
        "--json",
    )
    assert 13 * data["potential_energy"]["last"] == pytest.approx(LOWEST, abs=2e-6)
    assert data["box"]["boundary"] == "s s s" and data["pressure"] is None
    found = data["icosahedra"]
    assert found["percolates"] == [None] * 3
    shares = {row["index"]: row["fraction"] for row in found["census"]}
    assert shares == {"<0,0,0,0>": pytest.approx(12 / 13), "<0,0,12,0>": pytest.approx(1 / 13)}
    said = " ".join(data["notes"])
    for words in (
        "taken for a cluster in free space",
        "no pdf: it needs a box that is periodic",
        "no percolation along x, y, z",
    ):
        assert words in said


def test_what_a_cluster_has_not_is_one_line(folder, monkeypatch):
    for measure in ("structure-factor", "pdf", "topology"):
        words = ("lj13.xyz", "--system", "cluster.toml", "--measure", measure, "--json")
        code, _, err = in_process("analyze", analyze.command, folder, monkeypatch)(*words)
        assert code != 0 and "Traceback" not in err
        assert "needs a box that is periodic everywhere; this one is free along x, y, z" in err


def test_a_picture_of_the_one_icosahedral_atom(folder, monkeypatch):
    """Which has no extent, and free space no box."""
    words = ("lj13.xyz", "--system", "cluster.toml", "--view", "icosahedra", "--json")
    call(render.command, "render", folder, monkeypatch, *words)
    assert (folder / "lj13-icosahedra.png").stat().st_size > 0


def test_show_and_export(folder, monkeypatch):
    data = call(show.command, "show", folder, monkeypatch, "lj13.xyz", "--json")
    assert data["box"]["boundary"] == "s s s" and data["box"]["dimension"] == 3
    assert data["volume_per_atom"] is None
    for name in ("a.dump", "b.lammps", "c.xyz"):
        call(export.command, "export", folder, monkeypatch, "lj13.xyz", "-o", name, "--json")
        assert call(show.command, "show", folder, monkeypatch, name, "--json")["box"]["boundary"] == "s s s"


def test_frequencies(folder, monkeypatch, cluster_system, on_surface):
    """Against the second derivatives of the bare sum over pairs, at the minimum that ours descends to."""
    data = call(
        modes.command,
        "modes",
        folder,
        monkeypatch,
        "lj13.xyz",
        "--system",
        "cluster.toml",
        "--no-figure",
        "--json",
    )
    one = data
    with on_surface(cluster_system, icosahedron(), Box([1.0] * 3, FREE)) as surface:
        x = descend(surface, icosahedron()).positions
    energy, hessian = by_hand(x)
    assert energy == pytest.approx(LOWEST, abs=1e-6)
    squares = np.linalg.eigvalsh(hessian)
    assert np.abs(squares[:6]).max() < 1e-7 and one["zero_modes"] == 6 and one["unstable"] == 0
    assert one["frequency_min"] == pytest.approx(squares[6] ** 0.5, rel=1e-5)
    assert one["frequency_max"] == pytest.approx(squares[-1] ** 0.5, rel=1e-5)
    assert one["debye"] is None


def test_landscape(folder, monkeypatch):
    """From the icosahedron to one whose atom sits on another face: minima as published, a saddle between."""
    write_xyz(folder / "hop.xyz", icosahedron(), capped())
    words = ("hop.xyz", "--system", "cluster.toml", "--no-figure", "--json")
    call_ = in_process("landscape", landscape.command, folder, monkeypatch)
    code, out, err = call_("events", *words)
    assert code == 0, err
    first, second = json.loads(out)["energies"]
    assert first == pytest.approx(LOWEST, abs=1e-5)
    assert min(abs(second - energy) for energy in NEXT) < 1e-4
    code, out, err = call_("barriers", *words, "--jobs", "1")
    assert code == 0, err
    data = json.loads(out)
    assert (data["done"], data["failed"], data["share_converged"]) == (1, 0, 1.0)
    assert all(row["negative_eigenvalues"] == 1 for row in data["barriers"])


def test_anneal(folder, monkeypatch):
    """A cluster moves in free space: its centre stays, its energy is that of its frames, and it can be measured."""
    words = (
        "lj13.xyz",
        "--system",
        "cluster.toml",
        "--T",
        "0.2",
        "--steps",
        "2000",
        "--every",
        "1000",
    )
    call(
        anneal.command,
        "anneal",
        folder,
        monkeypatch,
        *words,
        "--inherent-every",
        "1000",
        "-o",
        "a.h5",
        "--json",
    )
    run = open_run(folder / "a.h5")
    assert "boundary s s s" in run.manifest.deck and len(run.frames) == 3
    box = run.frames[-1].box
    assert box.free and run.frames[0].box.matches(box)
    drift = run.frames[-1].unwrapped.mean(axis=0) - run.frames[0].unwrapped.mean(axis=0)
    assert np.abs(drift).max() < 1e-4
    assert 13 * run.inherent_table["inherent_energy"][-1] == pytest.approx(LOWEST, abs=2e-6)
    system = load_system(str(folder / "cluster.toml"))
    with Minimiser(system) as minimiser:
        mine = minimiser.evaluate(run.frames[-1]).energy
    assert mine == pytest.approx(run.thermo["potential_energy"][-1], abs=1e-4)
    data = call(analyze.command, "analyze", folder, monkeypatch, "a.h5", "--json")
    assert data["box"]["boundary"] == "s s s" and data["displacements"]
