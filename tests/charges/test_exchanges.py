"""Exchanges of charged atoms: tables where charges end at the cutoff, LAMMPS's own moves where they do not."""

from dataclasses import replace

import numpy as np
import pytest

from glasscli.engine.minimiser import Minimiser
from glasscli.engine.pair_tables import tabulate
from glasscli.errors import InputError
from glasscli.simulation.kernel import Sites
from tests.charges import salts


@pytest.mark.parametrize("commands", [salts.DSF, salts.CUT], ids=["dsf", "cut"])
def test_cut_off_charges_go_by_tables(tmp_path, commands):
    """Totals, with what screening gives each atom for its own, and single changes, against LAMMPS."""
    system = salts.loaded(tmp_path, salts.salt(commands))
    table = tabulate(system)
    c = salts.scattered(100, 5, 5.2)
    sites = Sites(c.positions, c.species - 1, c.box, table)
    with Minimiser(system) as lammps:

        def total(species):
            return lammps.evaluate(replace(c, species=species.astype(np.int32))).energy * c.n_atoms

        start = total(c.species)
        assert sites.total() == pytest.approx(start, rel=1e-10)
        for i, j in [(0, 1), (10, 51), (40, 3)]:
            swapped = c.species.copy()
            swapped[[i, j]] = swapped[[j, i]]
            assert sites.change(i, j) == pytest.approx(total(swapped) - start, rel=1e-8, abs=1e-9)
        _, accepted, energy = sites.exchange(np.random.default_rng(1), 2000, 0.05)
        assert accepted.sum() > 20
        assert energy == pytest.approx(total(sites.species + 1) - start, rel=1e-8)
        assert sites.total() == pytest.approx(start + energy, rel=1e-10)


def test_what_has_no_table_is_refused_in_one_line(tmp_path):
    for commands, words in [
        (salts.EWALD, r"sums charges over all periodic images \(kspace_style ewald\).*--engine-mc lammps"),
        # Two reaches: where the shorter one ends, its force jumps.
        ([line.replace("coul/dsf 0.5 2.5", "coul/dsf 0.5 2.2").replace("lj/smooth/linear 2.5", "lj/cut 1.8")
          .replace("lj/smooth/linear", "lj/cut") for line in salts.DSF], "not smooth at .*--engine-mc lammps"),
        (salts.WOLF, "does not support pair_write.*--engine-mc lammps"),
    ]:  # fmt: skip
        with pytest.raises(InputError, match=words) as refused:
            tabulate(salts.loaded(tmp_path, salts.salt(commands)))
        assert "\n" not in str(refused.value)
    with pytest.raises(InputError, match="diameters"):
        tabulate(salts.loaded(tmp_path, salts.salt(salts.DSF, diameter=1.0)))


HYBRID = ["hybrid", "quench.h5", "--T", "0.6", "--steps", "100", "--checkpoint-every", "50", "--every", "50",
          "--inherent-every", "100", "--keep-going", "--json"]  # fmt: skip


@pytest.mark.parametrize(
    ("commands", "engine"), [(salts.DSF, "local"), (salts.EWALD, "lammps")], ids=["dsf", "ewald"]
)
def test_hybrid_of_charges_is_audited(glasscli, tmp_path, commands, engine):
    (tmp_path / "salt.toml").write_text(salts.salt(commands))
    made = glasscli(
        "quench", "--system", "salt.toml", "--steps", "400", "--checkpoint-every", "200", "--json"
    )
    assert made.code == 0, made.err
    assert made.data["T_f"] is None and "states no windows" in made.data["T_f_reason"]
    done = glasscli(*HYBRID, *(["--md-per-mc", "10"] if engine == "lammps" else []))
    assert done.code == 0, done.err
    assert done.data["audit"]["checked"] > 1 and done.data["audit"]["worst_relative_error"] < 1e-8
    assert done.data["attempts"] > 0
    if engine == "lammps":
        refused = glasscli(*HYBRID[:-1], "--engine-mc", "local", "-o", "other.h5")
        assert refused.code and "sums charges" in refused.err and len(refused.err.splitlines()) == 1
        mu = glasscli(*HYBRID[:-1], "--mu", "0,1", "-o", "other.h5")
        assert mu.code and "the charge of salt" in mu.err and len(mu.err.splitlines()) == 1
        shown = glasscli("show", "hybrid.h5")
        assert "ewald, relative accuracy of forces 1e-05" in shown.out
