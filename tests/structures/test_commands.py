"""`glasscli build` and `glasscli eos` as a user types them."""

import csv
import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from glasscli.cli import build, eos
from glasscli.cli.edge import Cli
from glasscli.configuration import Box
from glasscli.engine.deck import evaluation_commands
from glasscli.engine.library import LibraryEngine
from glasscli.engine.minimiser import Minimiser
from glasscli.formats.foreign import open_source
from glasscli.model.system import load_system
from glasscli.observables.voronoi import icosahedral_fraction, tessellate


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def data(self):
        return json.loads(self.out)


@pytest.fixture
def call(tmp_path, monkeypatch):
    """The two commands through the real edge, in an empty folder; in this process, because LAMMPS starts slowly."""
    monkeypatch.chdir(tmp_path)
    group = Cli("glasscli", {"build": build.command, "eos": eos.command})

    def run(*words):
        out, err = io.StringIO(), io.StringIO()
        words = [str(w) for w in words]
        monkeypatch.setattr(sys, "argv", ["glasscli", *words])
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as stopped:
            group.main(words)
        return Said(stopped.value.code, out.getvalue(), err.getvalue())

    return run


def test_build_says_what_it_wrote_and_others_can_open_it(call, tmp_path, wahnstrom):
    """A 50:50 C15 opens in OVITO and in LAMMPS with the energy that the crystal has."""
    said = call("build", "c15", "--atoms", 192, "--volume-per-atom", 0.767, "--composition", 0.5, "--json")
    data = said.data
    assert said.code == 0
    assert data["file"] == "c15.lammps" and data["phase"] == "c15" and data["atoms"] == 192
    assert data["composition"] == 0.5 and data["species_counts"] == {"L": 96, "S": 96}
    assert data["volume_per_atom"] == pytest.approx(0.767)
    seen = open_source(tmp_path / "c15.lammps")[0]
    assert seen.counts == {1: 96, 2: 96}
    engine = LibraryEngine(wahnstrom)
    content = (tmp_path / "c15.lammps").read_bytes()
    path = tmp_path / "read.lammps"
    path.write_bytes(content)
    commands = evaluation_commands(wahnstrom, Box.cube(1.0))
    # The same instance, its box and atoms read from the file instead of created.
    engine.commands([c for c in commands if not c.startswith(("region", "create_box", "mass"))][:5])
    engine.commands(
        [
            f"read_data {path}",
            *wahnstrom.commands,
            "thermo_style custom step pe",
            "thermo_modify norm yes",
            "run 0",
        ]
    )
    read = engine.thermo(("pe",))["pe"]
    engine.close()
    with Minimiser(wahnstrom) as minimiser:
        assert read == pytest.approx(minimiser.evaluate(seen).energy, abs=1e-9)


@pytest.mark.parametrize("ending", ["xyz", "dump", "lammps"])
def test_grains_are_kept_with_the_atoms(ending, call, tmp_path):
    words = [
        "build",
        "nanocomposite",
        "--grain-radius",
        2.5,
        "--grains",
        2,
        "--unrelaxed",
        "--json",
        "-o",
        f"nc.{ending}",
    ]
    said = call(*words)
    assert said.code == 0, said.err
    data = said.data
    assert "the thickness" in said.err and "follows from the C15 volume" in said.err
    assert {
        "file",
        "phase",
        "atoms",
        "composition",
        "volume_per_atom",
        "species_counts",
        "grains",
        "boundary_atoms",
        "minimum_distance",
    } <= set(data)
    assert sum(g["atoms"] for g in data["grains"]) + data["boundary_atoms"] == data["atoms"]
    assert data["volume_per_atom"] == pytest.approx(0.767, abs=1e-6)
    assert open_source(tmp_path / f"nc.{ending}")[0].n_atoms == data["atoms"]
    if ending == "lammps":
        rows = list(csv.DictReader((tmp_path / "nc.grains.csv").read_text().splitlines()))
        grain = [int(r["grain"]) for r in rows]
    else:
        lines = (tmp_path / f"nc.{ending}").read_text().splitlines()
        grain = [int(line.split()[-1]) for line in lines[-data["atoms"] :]]
    assert np.bincount(grain).tolist() == [data["boundary_atoms"], *(g["atoms"] for g in data["grains"])]


def test_a_random_liquid_is_relaxed_and_disordered(call, tmp_path):
    data = call("build", "random", "--atoms", 200, "--seed", 4, "--json").data
    assert data["species_counts"] == {"L": 100, "S": 100} and data["max_force"] < 1e-4
    assert -7.2 < data["energy"] < -6.7
    seen = open_source(tmp_path / "random.lammps")[0]
    assert icosahedral_fraction(tessellate(seen), seen.species).all < 0.3


BAD = [
    (["build", "c15", "--atoms", "10"], "c15 of 10 atoms cannot be: the cell of c15 has 24 atoms; ask for 24 or more"),
    (["build", "c15", "--composition", "1.5"], "composition 1.5 is not between 0 and 1"),
    (["build", "nanocomposite", "--grain-radius", "4", "--composition", "0.9"], "composition 0.9 cannot be"),
    (["build", "nanocomposite", "--grain-radius", "20", "--atoms", "500"], "do not fit into the box of 500 atoms"),
    (["build", "nanocomposite"], "needs --grain-radius"),
    (["build", "c15", "--grain-radius", "4"], "belongs to `build nanocomposite`"),
    (["build", "nanocomposit"], "did you mean 'nanocomposite'?"),
    (["build", "c51"], "did you mean 'c15'?"),
    (["build", "c15", "--system", "soft-sphere"], "needs a large and a small species; soft-sphere has one"),
    (["build", "fcc", "--system", "soft-sphere", "--composition", "0.5"], "is one number, for a system of two"),
    (["build", "fcc", "--volume-per-atom", "-1"], "not positive"),
    (["build", "fcc", "--lattice", "x"], "is not A or A,C"),
    (["build", "fcc", "--cells", "2,2"], "cells 2,2 are not three numbers"),
    (["build", "fcc", "--cells", "2,x,2"], "is not NX,NY,NZ"),
    (["build", "fcc", "--box", "5,5"], "box 5,5 is not three positive lengths"),
    (["build", "fcc", "--box", "5,5,5"], "give --cells too"),
    (["build", "fcc", "--box", "5,5,5", "--lattice", "1.5"], "give one of --lattice, --box"),
    (["build", "fcc", "--cells", "2,2,2", "--atoms", "32"], "give --atoms or --cells"),
    (["build", "random", "--cells", "2,2,2"], "belong to crystals"),
    (["build", "fcc", "-o", "fcc.pdb"], "cannot write '.pdb'"),
    (["build", "fcc", "-o", "nowhere/fcc.xyz"], "does not exist"),
    (["eos", "c99"], "unknown phase 'c99'"),
    (["eos", "--mix", "c15"], "is not two phases"),
    (["eos", "--mix", "c15,c15"], "two different phases"),
    (["eos", "--mix", "c15,hcp-large"], "needs --composition between 0 and 0.6667"),
    (["eos", "--mix", "c15,hcp-large", "--composition", "0.9", "--volume", "0.767"], "ask between 0 and 0.6667"),
    (["eos", "c15", "--composition", "0.5"], "--composition belongs to --mix"),
    (["eos", "c15", "--at", "-1"], "not positive"),
    (["eos", "c15", "--temperature", "300K"], "has no kelvin"),
    (["eos", "--with", "nothing.h5"], "no such file"),
    (["eos", "c15", "--system", "soft-sphere"], "needs a large and a small species"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"), BAD, ids=lambda v: "-".join(v)[:50] if isinstance(v, list) else ""
)
def test_bad_input_is_one_line_and_code_two(words, message, call, tmp_path):
    said = call(*words)
    assert said.err.count("\n") == 1 and message in said.err
    assert said.code == 2 or "does not exist" in message
    assert not said.out and not list(tmp_path.iterdir())


def test_nothing_is_overwritten_unasked(call):
    assert call("build", "fcc", "--atoms", 32).code == 0
    again = call("build", "fcc", "--atoms", 32)
    assert again.code == 1 and "fcc.lammps exists: give --force" in again.err
    assert call("build", "fcc", "--atoms", 32, "--force").code == 0


def test_eos_answers_the_contract_and_draws(call, tmp_path, third_party_glass):
    """The paper's mixture from the command line; curves, table and a figure with a glass's atoms."""
    said = call(
        "eos", "c15", "hcp-large", "--mix", "c15,hcp-large", "--composition", 0.5, "--volume", 0.767, "--at", 0.767,
        "--with", small_piece(third_party_glass, tmp_path), "--table", "eos.csv", "--json",
    )  # fmt: skip
    assert said.code == 0, said.err
    data = said.data
    assert data["mix"]["phases"] == ["c15", "hcp-large"]
    assert data["mix"]["energy"] == pytest.approx(-7.699, abs=1e-3)
    assert data["mix"]["volumes"] == pytest.approx({"c15": 0.687, "hcp-large": 1.006}, abs=1e-3)
    assert data["mix"]["fractions"] == pytest.approx({"c15": 0.75, "hcp-large": 0.25})
    c15 = data["phases"]["c15"]
    assert (c15["volume"], c15["energy"]) == pytest.approx((0.658, -7.885), abs=1e-3)
    assert c15["at"] == pytest.approx({"0.767": -7.3134}, abs=1e-4)
    assert len(c15["curve"]) >= 41 and c15["bulk_modulus"] > 0
    local = c15["local"]
    assert (local["L"]["energy"] + 2 * local["S"]["energy"]) / 3 == pytest.approx(c15["energy"], abs=1e-6)
    assert (local["L"]["volume"] + 2 * local["S"]["volume"]) / 3 == pytest.approx(c15["volume"], abs=1e-6)
    assert data["tangent"]["pressure"] == pytest.approx(-3.70, abs=0.01)
    assert data["with"]["local"]["L"]["volume"] > data["with"]["local"]["S"]["volume"]
    rows = list(csv.DictReader((tmp_path / "eos.csv").read_text().splitlines()))
    assert {r["phase"] for r in rows} == {"c15", "hcp-large"}
    assert (tmp_path / "eos.png").read_bytes().startswith(b"\x89PNG")


def small_piece(path, folder):
    """A glass of a few hundred atoms is enough for the figure: a cube cut from the third-party one."""
    from dataclasses import replace

    from glasscli.formats.writers import lammps_data
    from glasscli.model.system import load_system

    whole = open_source(path)[0]
    edge = 7.3
    inside = (whole.positions < edge).all(axis=1)
    piece = replace(
        whole, positions=whole.positions[inside], species=whole.species[inside], box=np.full(3, edge), images=None,
        velocities=None,
    )  # fmt: skip
    target = folder / "piece.lammps"
    target.write_text(lammps_data(piece, load_system("wahnstrom")))
    return target


def test_eos_at_a_temperature_reports_free_energies_and_instability(call):
    data = call("eos", "hcp-large", "bcc-large", "--temperature", 0.3, "--json").data
    free = data["phases"]["hcp-large"]["free_energy"]
    assert free["volume"] > data["phases"]["hcp-large"]["volume"]
    assert free["temperature"] == 0.3 and free["method"].startswith("quasi-harmonic")
    assert data["phases"]["bcc-large"]["free_energy"]["free_energy"] is None
    assert "bcc-large is mechanically unstable" in call("eos", "bcc-large", "--temperature", 0.3).err


def test_a_system_of_one_repelling_species_has_curves_without_minima(call):
    said = call("eos", "--system", "soft-sphere", "--points", 11, "--at", 1.0, "--json")
    assert said.code == 0
    assert list(said.data["phases"]) == ["fcc-A", "bcc-A", "hcp-A"]
    assert all(p["volume"] is None and p["energy"] is None for p in said.data["phases"].values())
    assert said.err.count("only repel") == 3


@pytest.mark.slow
def test_all_phases_of_the_default_system(call):
    """Every name of the contract, Laves lowest at 0.658, and the crossing of B2, C11b and C15 at 0.767."""
    data = call("eos", "--at", 0.767, "--json").data
    assert set(data["phases"]) == {
        "c15", "c14", "c36", "b2", "c11b", "a15", "fcc-large", "fcc-small", "hcp-large", "hcp-small",
        "bcc-large", "bcc-small",
    }  # fmt: skip
    at = {name: phase["at"]["0.767"] for name, phase in data["phases"].items()}
    # The paper: the Laves, B2 and C11b phases have comparable energies at the glass's volume.
    assert np.ptp([at[n] for n in ("c15", "b2", "c11b")]) < 0.05
    assert all(at[n] > -6.0 for n in at if n.endswith(("-large", "-small")))


def test_a_nanocomposite_does_not_depend_on_the_kernels_of_blas(glasscli, tmp_path):
    """NumPy's BLAS, which rounds by processor, is told to take this one for an old one."""
    words = ["build", "nanocomposite", "--grain-radius", 4, "--grains", 2, "--thickness", 1.2]
    assert glasscli(*words, "-o", "here.lammps", cwd=tmp_path).code == 0
    assert glasscli(*words, "-o", "there.lammps", cwd=tmp_path, OPENBLAS_CORETYPE="Prescott").code == 0
    here, there = ((tmp_path / f"{name}.lammps").read_text().split("Atoms")[1] for name in ("here", "there"))
    assert here == there


def test_a_crystal_without_a_volume_is_built_where_its_relaxed_energy_is_lowest(call):
    """LAMMPS finds no pressure in it. Ideal quartz has its lowest energy at a smaller volume."""
    said = call("build", "quartz", "--system", "silica", "--atoms", 72, "-o", "quartz.data", "--json")
    assert said.code == 0, said.err
    silica = load_system("silica")
    with Minimiser(silica) as minimiser:
        pressure = minimiser.evaluate(open_source(Path("quartz.data"))[0]).pressure
    assert abs(pressure) < 50  # bar: 5e-5 of the bulk modulus
