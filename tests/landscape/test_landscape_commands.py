"""`glasscli landscape` as a user types it: the contract of each command, and what it refuses."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pytest

from glasscli.cli import landscape
from glasscli.cli.edge import Cli
from glasscli.configuration import Configuration
from glasscli.engine.forces import Forces
from glasscli.engine.minimiser import Minimiser
from glasscli.formats.writers import extended_xyz, lammps_data
from glasscli.model.protocol import Minimisation
from glasscli.model.system import load_system
from glasscli.modes.hessian import Curvature
from tests.conftest import in_process
from tests.landscape.hops import trajectory


@pytest.fixture
def call(tmp_path, monkeypatch):
    return in_process("landscape", landscape.command, tmp_path, monkeypatch)


@pytest.fixture
def hop(tmp_path):
    """A vacancy that hops once, in a file of two frames at rest."""
    system = load_system("wahnstrom-smooth")
    with Minimiser(system, Minimisation(force_tolerance=1e-8)) as minimiser:
        frames = [minimiser.minimise(frame).configuration for frame in trajectory(1)[:2]]
    path = tmp_path / "hop.xyz"
    path.write_text("".join(extended_xyz(frame, system) for frame in frames))
    return path


def test_from_events_to_two_level_systems(call, hop, tmp_path):
    code, out, err = call("events", hop.name, "--system", "wahnstrom-smooth", "--json")
    assert code == 0, err
    data = json.loads(out)
    assert (data["frames"], data["minima"]) == (2, 2)
    (row,) = data["transitions"]
    assert row["transition"] == 0 and set(row) >= {"i", "j", "dE", "atoms", "distance", "kind"}
    assert abs(row["dE"]) < 1e-6 and 1 <= row["atoms"] < 3

    code, out, err = call("two-level", hop.name, "--system", "wahnstrom-smooth")
    assert code == 2 and "has no barriers yet" in err

    words = ("barriers", hop.name, "--system", "wahnstrom-smooth", "--jobs", "1", "--json")
    code, out, err = call(*words)
    assert code == 0, err
    data = json.loads(out)
    (row,) = data["barriers"]
    assert set(row) >= {"i", "j", "forward", "backward", "negative_eigenvalues", "converged"}
    assert row["converged"] and row["negative_eigenvalues"] == 1 and row["max_force"] < 1e-6
    assert row["forward"] == pytest.approx(row["backward"], abs=1e-7) and row["end_error"] < 1e-9
    assert (data["new"], data["missing"]) == (1, 0)
    again = json.loads(call(*words)[1])
    assert again["new"] == 0 and again["barriers"] == data["barriers"]

    code, out, err = call("two-level", hop.name, "--system", "wahnstrom-smooth", "--units", "argon", "--json")
    assert code == 0, err
    data = json.loads(out)
    (well,) = data["two_level"]
    assert (
        set(well) >= {"i", "j", "splitting", "asymmetry", "tunnelling", "lambda", "wkb"} and "density" in data
    )
    # Wells of equal depth: all of the splitting is tunnelling, and of an atom over a high barrier there is none.
    assert well["asymmetry"] < 1e-6 and well["lambda"] > 20
    # Transitions and passes have one number in all tables.
    for name, columns in (
        ("events", "transition"),
        ("barriers", "pass,transitions"),
        ("two-level", "pass,transitions"),
    ):
        head, first = (tmp_path / f"hop-{name}.csv").read_text().splitlines()[:2]
        assert head.startswith(columns + ",i,j") and first.startswith(
            ",".join("0" * len(columns.split(","))) + ",0,1"
        )
    assert (well["pass"], well["transitions"]) == (row["pass"], row["transitions"]) == (0, [0])
    assert data["density"]["count"] == 1 and np.isfinite(data["C"]).all()
    for path in data["written"]:
        assert (tmp_path / path).stat().st_size > 10


def test_search_from_one_minimum(call, hop):
    """Every saddle found leads out of this minimum; the second time nothing is computed."""
    words = (
        "barriers",
        hop.name,
        "--system",
        "wahnstrom-smooth",
        "--search",
        "activation-relaxation",
        "--n",
        "2",
    )
    code, out, err = call(*words, "--jobs", "1", "--no-rates", "--no-figure", "--json")
    assert code == 0, err
    data = json.loads(out)
    assert data["attempts"] == 2 and data["new"] == 2
    assert all(row["converged"] and row["i"] == 0 and row["forward"] > 0 for row in data["barriers"])
    assert json.loads(call(*words, "--jobs", "1", "--no-rates", "--no-figure", "--json")[1])["new"] == 0
    # What a search found counts like what a trajectory crossed.
    code, out, err = call("two-level", hop.name, "--system", "wahnstrom-smooth", "--no-figure", "--json")
    assert code == 0, err
    assert json.loads(out)["explored"] == len(data["barriers"]) > 0


def test_what_is_refused_is_one_line(call, hop):
    for words, said in (
        (("events", "nothing.h5"), "no such file"),
        (("two-level", hop.name, "--units", "argn"), "no barriers yet"),
        (("barriers", hop.name, "--system", "wahnstrm"), "did you mean"),
    ):
        code, _, err = call(*words)
        assert code in (1, 2) and said in err and err.count("\n") == 1


def quenched(path, atoms, seed=1):
    """An instantaneous glass in a file; its system."""
    system = load_system("wahnstrom-smooth")
    species = np.repeat(np.arange(1, 3, dtype=np.int32), system.counts(atoms))
    edge = (atoms * system.defaults.volume_per_atom) ** (1 / 3)
    start = Configuration(np.random.default_rng(seed).random((atoms, 3)) * edge, species, np.full(3, edge))
    with Minimiser(system, Minimisation(force_tolerance=1e-8)) as minimiser:
        path.write_text(lammps_data(minimiser.minimise(start).configuration, system))


def bridge(monkeypatch, *files):
    """`glasscli theory glass` of glass.lammps, or of these: exit code and object."""
    from glasscli.cli.theory import glass

    out = io.StringIO()
    words = ["glass", *(files or ["glass.lammps"]), "--system", "wahnstrom-smooth", "--no-figure", "--json",
             "-o", "of-" + "-".join(files)]  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["glasscli", *words])
    with redirect_stdout(out), redirect_stderr(io.StringIO()), pytest.raises(SystemExit) as stopped:
        Cli("glasscli", {"glass": glass.command}).main(words)
    return stopped.value.code, json.loads(out.getvalue())


def test_the_bridge_counts_the_double_wells_of_a_search(call, tmp_path, monkeypatch):
    quenched(tmp_path / "glass.lammps", 160)
    words = ("glass.lammps", "--system", "wahnstrom-smooth", "--no-figure", "--json")
    code, out, err = call("barriers", *words, "--search", "activation-relaxation", "--n", "4", "--jobs", "1")
    assert code == 0, err
    assert len(json.loads(out)["barriers"]) > 0
    code, out, err = call("two-level", *words)
    assert code == 0, err
    wells = json.loads(out)["two_level"]
    code, data = bridge(monkeypatch)
    assert code == 0 and data["double_wells"] == len(wells)
    assert data["soft_modes"] >= 1 and data["W_K"] == pytest.approx(1.6 * data["T_star_K"])
    assert set(data["measured"]) == {"silica", "selenium", "boron-oxide"}
    assert np.isfinite(data["C"]).all() and (np.array(data["C_wells"]) > 0).any() == bool(wells)


def test_errors_of_the_bridge_are_those_over_glasses(tmp_path, monkeypatch):
    """Of two glasses the jackknife is half the difference of what each says alone, by Student's t of one."""
    monkeypatch.chdir(tmp_path)
    names = ["one.lammps", "two.lammps"]
    for seed, name in enumerate(names, start=1):
        quenched(tmp_path / name, 160, seed)
    alone = [bridge(monkeypatch, name)[1] for name in names]
    assert alone[0]["errors"]["W_K"] is None
    code, both = bridge(monkeypatch, *names)
    assert code == 0 and both["glasses"] == 2
    for key in ("W_K", "nu_c_THz"):
        half = abs(alone[0][key] - alone[1][key]) / 2
        assert both["errors"][key] == pytest.approx(1.8367 * half, rel=1e-3)
    C = np.array([one["C"] for one in alone])
    assert both["C_error"] == pytest.approx(1.8367 * np.abs(C[0] - C[1]) / 2, rel=1e-3)


def test_a_glass_without_soft_modes_has_no_bridge(tmp_path, monkeypatch):
    """In forty atoms every mode is extended (N_k > N/4): there is no scale, and that is said in one line."""
    monkeypatch.chdir(tmp_path)
    quenched(tmp_path / "glass.lammps", 40)
    code, data = bridge(monkeypatch)
    assert code == 2 and data["error"].startswith("no localised soft mode")


def test_embedded_atoms_take_forces_of_lammps():
    """Their energy is no sum over pairs: nothing asks LAMMPS for a pair's, which would end the process."""
    with Forces(load_system("cuzr")) as forces:
        assert Curvature(forces).pairs is None


def test_movers_are_the_files_own_atoms(call, tmp_path):
    """Ids with gaps, in no order of the file; the farthest of the movers by a difference of the two frames."""
    system = load_system("wahnstrom-smooth")
    with Minimiser(system, Minimisation(force_tolerance=1e-8)) as minimiser:
        frames = [minimiser.minimise(frame).configuration for frame in trajectory(1)[:2]]
    n = frames[0].n_atoms
    ids = 7 * np.random.default_rng(3).permutation(n) + 5
    with (tmp_path / "hop.dump").open("w") as file:
        for step, frame in enumerate(frames):
            file.write(f"ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{n}\nITEM: BOX BOUNDS pp pp pp\n")
            file.writelines(f"0 {edge:.17g}\n" for edge in frame.box.edges)
            file.write("ITEM: ATOMS id type x y z\n")
            for i, kind, (x, y, z) in zip(ids, frame.species, frame.positions, strict=True):
                file.write(f"{i} {kind} {x:.17g} {y:.17g} {z:.17g}\n")
    code, out, err = call("events", "hop.dump", "--system", "wahnstrom-smooth", "--json")
    assert code == 0, err
    data = json.loads(out)
    (row,) = data["transitions"]
    moved = np.linalg.norm(frames[0].box.minimum_image(frames[1].positions - frames[0].positions), axis=1)
    assert row["movers"][0] == ids[moved.argmax()] and set(row["movers"]) <= set(ids.tolist())
    assert data["not_converged"] == 0


def test_minima_that_were_not_reached_are_said(call, hop, monkeypatch):
    """A minimiser that may take two steps only leaves forces above the tolerance."""
    monkeypatch.setattr("glasscli.landscape.sample.Minimisation", lambda: Minimisation(max_iterations=2))
    monkeypatch.setattr(
        "glasscli.landscape.sample.Minimiser",
        lambda system, forces: Minimiser(system, Minimisation(max_iterations=2), forces),
    )
    text = hop.read_text().splitlines()
    rough = [" ".join(f"{float(w):.2f}" if "." in w else w for w in line.split()) if k % (len(text) // 2) > 1 else line
             for k, line in enumerate(text)]  # fmt: skip
    hop.write_text("\n".join(rough) + "\n")
    code, out, err = call("events", hop.name, "--system", "wahnstrom-smooth", "--json")
    assert code == 0, err
    assert json.loads(out)["not_converged"] == 2
    assert "2 of 2 inherent structures have not converged" in err and "limit of iterations" in err
