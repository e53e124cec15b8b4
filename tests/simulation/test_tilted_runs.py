"""Runs in tilted boxes, in films and in cells below two cutoffs: what LAMMPS says is what a rectangular box says."""

import json
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from glasscli.box import Box
from glasscli.cli import analyze, anneal, hybrid, modes, show, verify
from glasscli.configuration import Configuration
from glasscli.engine.forces import Forces
from glasscli.engine.launch import Launch
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.start import start_engine
from glasscli.errors import StoppedEarly
from glasscli.formats.writers import lammps_data
from glasscli.model.system import load_system
from glasscli.modes.hessian import Curvature
from glasscli.modes.spectrum import modes as spectrum
from glasscli.protocols.kinds.anneal import AnnealWish
from glasscli.protocols.wish import SamplingWish
from glasscli.simulation.plan import plan
from glasscli.simulation.resume import resume
from glasscli.simulation.run import run
from glasscli.simulation.stopping import Stop
from glasscli.store.manifest import Parent
from glasscli.store.reader import open_run
from glasscli.structures.build import replicate
from glasscli.structures.phases import phase_named
from tests.conftest import in_process

SYSTEM = load_system("wahnstrom")
LMP = str(Path(sys.executable).with_name("lmp"))
TILTS = [(1, 0, 0), (0, -1, 1), (-2, 3, 2)]
SAMPLING = SamplingWish(every=20, inherent_every=40, checkpoint_every=20, thermo_every=10)


def crystal(cells=(2, 2, 2), noise=0.03):
    """C15 with noise, in a rectangular box of two cutoffs."""
    c = replicate(phase_named("c15", SYSTEM).cell(0.75), cells)
    moved = c.positions + np.random.default_rng(1).normal(0, noise, c.positions.shape)
    return Configuration(c.box.wrap(moved), c.species, c.box)


def leaning(c, ab=1, ac=0, bc=0, periodic=(True, True, True)):
    """The same copies by other vectors: b + ab a, c + ac a + bc b."""
    box = Box(np.array([[1, 0, 0], [ab, 1, 0], [ac, bc, 1]]) @ c.box.vectors, periodic)
    return Configuration(box.wrap(c.positions), c.species, box)


def by(command, name, folder, monkeypatch, *words):
    code, out, err = in_process(name, command, folder, monkeypatch)(*words)
    assert code == 0, err
    return json.loads(out)


def job(c, output, **how):
    return plan(
        SYSTEM, AnnealWish(0.4, steps=80, sampling=SAMPLING, **how), output, "", (c, Parent("c15", ""))
    )


@pytest.mark.parametrize("tilt", TILTS)
def test_energies_forces_and_minima(tilt):
    right = crystal()
    other = leaning(right, *tilt)
    with Forces(SYSTEM) as forces:
        for box in (right.box, right.box.scaled(1.02)):  # the second in the same instance
            places = (
                Configuration(b.wrap(right.positions), right.species, b)
                for b in (box, other.box.of(other.box.vectors * (box.edges / right.box.edges)))
            )
            one, two = (forces.evaluate(c) for c in places)
            assert two.energy == pytest.approx(one.energy, rel=1e-12)
            assert two.forces == pytest.approx(one.forces, abs=1e-9)
            assert two.stress == pytest.approx(one.stress, abs=1e-10)
    for whose in ("lammps", "own"):
        with Minimiser(SYSTEM, forces=whose) as minimiser:
            one, two = minimiser.minimise(right), minimiser.minimise(other)
        assert two.energy == pytest.approx(one.energy, abs=1e-9) and two.pressure == pytest.approx(
            one.pressure, abs=1e-6
        )
        between = right.box.minimum_image(one.configuration.unwrapped - two.configuration.unwrapped)
        assert np.abs(between).max() < 1e-4


def test_a_supercell_of_a_tilted_cell():
    """A cell (a, a/2 + b, c) is half of the box (a, 2 b, c) that its copies fill."""
    small = crystal((1, 1, 1))
    a, b, c = small.box.vectors
    tilted = Box(np.array([a, a / 2 + b, c]))
    cell = Configuration(tilted.wrap(small.positions), small.species, tilted)
    right = Box(np.array([1, 2, 1]) * np.diag(small.box.vectors))
    both = np.concatenate([small.positions, small.positions + a / 2 + b])
    whole = Configuration(right.wrap(both), np.tile(small.species, 2), right)
    with Forces(SYSTEM) as forces:
        one, two = forces.evaluate(cell), forces.evaluate(whole)
    assert one.energy == pytest.approx(two.energy, rel=1e-12)
    assert np.tile(one.forces, (2, 1)) == pytest.approx(two.forces, abs=1e-9)


@pytest.mark.parametrize("tilt", TILTS[1:])
def test_vibrations(tilt):
    right = crystal(noise=0.0)
    found = []
    for c in (right, leaning(right, *tilt)):
        with Forces(SYSTEM) as forces:
            curvature = Curvature(forces)
            found.append(spectrum(curvature.hessian(c).matrix, c, SYSTEM).squares)
            assert curvature.pairs is not None
    assert found[1] == pytest.approx(found[0], abs=1e-8 * found[0].max())


def test_modes_command(tmp_path, monkeypatch):
    right = crystal()
    found = []
    for name, c in (("right", right), ("tilted", leaning(right, *TILTS[2]))):
        (tmp_path / f"{name}.data").write_text(lammps_data(c, SYSTEM))
        found.append(
            by(
                modes.command,
                "modes",
                tmp_path,
                monkeypatch,
                f"{name}.data",
                "--system",
                "wahnstrom",
                "--count",
                "12",
                "--no-figure",
                "--json",
            )
        )
    one, two = found
    for key in ("frequency_min", "frequency_max", "energy"):
        assert two[key] == pytest.approx(one[key], rel=1e-5)
    assert two["participation"]["plane_waves"] == pytest.approx(one["participation"]["plane_waves"], abs=1e-3)
    for key in ("longitudinal", "transverse", "frequency"):
        assert two["debye"][key] == pytest.approx(one["debye"][key], rel=1e-5)


@pytest.mark.parametrize(
    "launch", [Launch(), Launch(lmp=LMP), Launch(accelerator="own")], ids=["process", "program", "own"]
)
def test_atoms_move_as_in_a_rectangular_box(launch, tmp_path):
    right = crystal()
    seen = []
    for c in (right, leaning(right, *TILTS[2])):
        made = job(c, Path("a.h5"))
        deck, leg = made.deck, made.deck.legs[-1]
        engine = start_engine(SYSTEM, launch, tmp_path)
        try:
            engine.provide(made.start.name, made.start.content)
            engine.commands([*deck.entered, *leg.enter, *leg.fixes])
            engine.advance(20, (0, 80), True)
            now = engine.configuration()
            assert (
                now.box.vectors == pytest.approx(c.box.vectors, abs=1e-12)
                and now.box.contains(now.positions).all()
            )
            swapped = np.arange(now.n_atoms)
            swapped[[3, 5]] = 5, 3
            engine.rearrange(swapped)
            after = engine.configuration()
            assert after.positions[[3, 5]] == pytest.approx(now.positions[[5, 3]], abs=1e-12)
            assert after.velocities == pytest.approx(now.velocities, abs=1e-15)
            engine.advance(5, (0, 80), True)
            seen.append((now, engine.thermo()))
        finally:
            engine.close()
    (one, first), (two, second) = seen
    assert right.box.minimum_image(one.unwrapped - two.unwrapped) == pytest.approx(0, abs=1e-7)
    assert two.velocities == pytest.approx(one.velocities, abs=1e-6)
    for key in ("temp", "pe", "press", "vol"):
        assert second[key] == pytest.approx(first[key], rel=1e-6)


def half_leaning(noise=0.03):
    """Cells of C15 in a box whose b leans by half of a: no other vectors make it rectangular."""
    c = crystal(noise=0.0)
    a, b, z = c.box.vectors
    box = Box(np.array([a, a / 2 + b, z]))
    moved = c.positions + np.random.default_rng(1).normal(0, noise, c.positions.shape)
    return Configuration(box.wrap(moved), c.species, box)


@pytest.mark.parametrize("ensemble", ["nvt", "npt"])
def test_a_run_is_kept_and_gone_on_with(tmp_path, ensemble):
    """Interrupted at a checkpoint, it is the same run to the last bit; all frames know their vectors."""
    c = half_leaning()
    whole = run(job(c, tmp_path / "whole.h5", ensemble=ensemble))
    with pytest.raises(StoppedEarly):
        run(job(c, tmp_path / "cut.h5", ensemble=ensemble), stop=Stop(reason="test"))
    unfinished = open_run(tmp_path / "cut.h5")
    assert unfinished.frames[-1].box.tilted and not unfinished.finished
    resume(tmp_path / "cut.h5")
    assert whole.frames.digests() == open_run(tmp_path / "cut.h5").frames.digests()
    first, last = whole.frames[0], whole.frames[-1]
    assert first.box.vectors == pytest.approx(c.box.vectors, abs=1e-12)
    shape = last.box.vectors / last.box.vectors[0, 0]
    assert shape == pytest.approx(c.box.vectors / c.box.vectors[0, 0], abs=1e-9)
    assert (last.volume != first.volume) == (ensemble == "npt")
    with h5py.File(tmp_path / "whole.h5") as file:
        assert file["particles/all/box/edges/value"].shape == (len(whole.frames), 3, 3)
        assert set(file["particles/all/box"].attrs["boundary"]) == {b"periodic"}
    again = whole.state(-1).configuration.box
    assert again.tilted and again.vectors == pytest.approx(last.box.vectors, abs=1e-12)


def test_a_barostat_takes_the_least_tilts(tmp_path):
    """LAMMPS's ends with a box that leans far: the same copies by vectors that do not, from a file and from a run."""
    c = half_leaning()
    far = Configuration(
        c.positions, c.species, Box(np.array([[1, 0, 0], [-3, 1, 0], [1, 2, 1]]) @ c.box.vectors)
    )
    from_file = run(job(far, tmp_path / "npt.h5", ensemble="npt"))
    # A lean of half an edge may be either way.
    assert np.abs(from_file.frames[0].box.vectors) == pytest.approx(c.box.vectors, abs=1e-9)
    before = run(job(far, tmp_path / "nvt.h5"))
    assert before.frames[-1].box.vectors == pytest.approx(far.box.vectors, abs=1e-9)
    after = run(
        plan(
            SYSTEM, AnnealWish(0.4, steps=80, sampling=SAMPLING, pressure=1.0), tmp_path / "on.h5", "", before
        )
    )
    assert np.abs(after.frames[0].box.vectors) == pytest.approx(c.box.vectors, abs=1e-9)
    moved = c.box.minimum_image(after.frames[0].positions - before.frames[-1].positions)
    assert np.abs(moved).max() < 1e-5


def test_commands_on_a_tilted_run(tmp_path, monkeypatch):
    c = leaning(crystal(), *TILTS[0])
    (tmp_path / "c.data").write_text(lammps_data(c, SYSTEM))
    words = (
        "c.data",
        "--T",
        "0.4",
        "--steps",
        "80",
        "--every",
        "20",
        "--inherent-every",
        "40",
        "-o",
        "a.h5",
        "--json",
    )
    by(anneal.command, "anneal", tmp_path, monkeypatch, *words)
    assert by(verify.command, "verify", tmp_path, monkeypatch, "a.h5", "--json")["ok"]
    data = by(show.command, "show", tmp_path, monkeypatch, "a.h5", "--json")
    assert data["box"]["vectors"] == pytest.approx(c.box.vectors) and data["box"]["boundary"] == "p p p"
    assert data["edges"] is None
    data = by(analyze.command, "analyze", tmp_path, monkeypatch, "a.h5", "--json")
    assert data["box"]["vectors"] == pytest.approx(c.box.vectors)
    assert data["potential_energy"]["last"] == pytest.approx(
        open_run(tmp_path / "a.h5").inherent_table["inherent_energy"][-1]
    )


@pytest.mark.parametrize("words", [("hybrid", hybrid.command), ("anneal", anneal.command)])
def test_what_our_kernels_cannot_is_one_line(tmp_path, monkeypatch, words):
    name, command = words
    film = name == "anneal"
    c = leaning(crystal(), 0, periodic=(True, True, False)) if film else leaning(crystal(), 1)
    (tmp_path / "c.data").write_text(lammps_data(c, SYSTEM))
    more = ("--forces", "own") if film else ()
    why = (
        "that are periodic everywhere, this one is free along z: leave it out, or use --forces lammps"
        if film
        else "for rectangular, periodic boxes, this one is tilted: use --engine-mc lammps"
    )
    said = ("c.data", "--T", "0.4", "--steps", "80", "-o", "a.h5", *more)
    code, _, err = in_process(name, command, tmp_path, monkeypatch)(*said)
    assert code != 0 and why in err
    assert not (tmp_path / "a.h5.partial").exists()


def test_exchanges_by_lammps_in_a_tilted_box(tmp_path, monkeypatch):
    (tmp_path / "c.data").write_text(lammps_data(leaning(crystal(), 1), SYSTEM))
    words = (
        "c.data",
        "--T",
        "0.6",
        "--steps",
        "40",
        "--engine-mc",
        "lammps",
        "--md-per-mc",
        "10",
        "--attempts",
        "50",
    )
    data = by(
        hybrid.command,
        "hybrid",
        tmp_path,
        monkeypatch,
        *words,
        "--inherent-every",
        "0",
        "-o",
        "h.h5",
        "--json",
    )
    assert open_run(tmp_path / "h.h5").exchange_table["exchange_tried"].sum() > 0 and data


def test_a_cell_below_two_cutoffs(tmp_path, monkeypatch):
    """One cell of C15: LAMMPS sees copies, and its energy an atom is that of eight such cells."""
    cell, eight = crystal((1, 1, 1), 0.0), crystal((2, 2, 2), 0.0)
    assert cell.box.width < 2 * SYSTEM.cutoff
    (tmp_path / "c.data").write_text(lammps_data(cell, SYSTEM))
    words = (
        "c.data",
        "--T",
        "0.01",
        "--steps",
        "40",
        "--thermo-every",
        "10",
        "--inherent-every",
        "40",
        "--every",
        "20",
    )
    code, _, err = in_process("anneal", anneal.command, tmp_path, monkeypatch)(*words, "-o", "a.h5")
    assert code == 0 and "less than two cutoffs (5): atoms see copies of each other and of themselves" in err
    with Minimiser(SYSTEM) as minimiser:
        whole = minimiser.evaluate(eight).energy
    assert open_run(tmp_path / "a.h5").inherent_table["inherent_energy"][-1] == pytest.approx(whole, abs=1e-9)
    code, _, err = in_process("hybrid", hybrid.command, tmp_path, monkeypatch)(
        "c.data", "--T", "0.5", "--steps", "40"
    )
    assert code != 0 and "is smaller than two cutoffs" in err


def test_a_film(tmp_path, monkeypatch):
    """Free along z: its atoms stay where they are, what needs a volume says so in a line."""
    c = crystal()
    film = Configuration(c.positions, c.species, Box(c.box.edges, (True, True, False)))
    (tmp_path / "f.data").write_text(lammps_data(film, SYSTEM))
    words = (
        "f.data",
        "--T",
        "0.2",
        "--steps",
        "80",
        "--every",
        "40",
        "--inherent-every",
        "40",
        "-o",
        "f.h5",
        "--json",
    )
    by(anneal.command, "anneal", tmp_path, monkeypatch, *words)
    kept = open_run(tmp_path / "f.h5")
    assert kept.frames[-1].box.boundary == "p p s"
    assert np.abs(kept.frames[-1].positions[:, 2].mean() - c.positions[:, 2].mean()) < 0.05
    data = by(analyze.command, "analyze", tmp_path, monkeypatch, "f.h5", "--json")
    assert data["box"]["boundary"] == "p p s" and data["icosahedra"]["percolates"][2] is None
    assert data["icosahedra"]["percolates"][0] is not None and data["pressure"] is None
    assert any(
        "no pdf: it needs a box that is periodic everywhere; this one is free along z" in n
        for n in data["notes"]
    )
    code, _, err = in_process("anneal", anneal.command, tmp_path, monkeypatch)(
        "f.data", "--T", "0.2", "--pressure", "1"
    )
    assert code != 0 and "npt needs a box that is periodic everywhere; this one is free along z" in err
