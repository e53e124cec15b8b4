"""A crystal beside its melt: a published point of coexistence is bracketed; a box at constant pressure."""

from types import SimpleNamespace

import numpy as np
import pytest

from glasscli.engine.own.blend import Blend
from glasscli.engine.own.sample import Sample
from glasscli.free_energy.coexistence import CRYSTAL, LIQUID, bracketed, grown, lattice_waves, slab
from glasscli.free_energy.pressed import ALONG_Z, EVERYWHERE, Pressed
from glasscli.free_energy.walk import Walk
from glasscli.model.system import load_system
from tests.plain_system import PLAIN


@pytest.fixture
def system(tmp_path):
    """Lennard-Jones atoms, cut at 2.5 and shifted."""
    shifted = PLAIN.replace('"pair_style lj/cut 2.5"', '"pair_style lj/cut 2.5", "pair_modify shift yes"')
    (tmp_path / "mine.toml").write_text(shifted)
    return load_system(str(tmp_path / "mine.toml"))


def test_melting_is_bracketed_around_a_published_point(glasscli, system):
    """fcc and liquid coexist at T = 0.8, P = 2.185 (Pedersen, J. Chem. Phys. 139, 104102 (2013))."""
    args = [
        "free-energy",
        "coexist",
        "fcc",
        "--system",
        "mine.toml",
        "--pressure",
        "2.185",
        "--temperature",
        "0.7,0.92",
    ]
    args += ["--atoms", "360", "--rounds", "700", "--jobs", "1"]
    assert glasscli(*args, "--dry-run", "--json").data["tasks"] == 2
    found = glasscli(*args, "--json").data
    assert [one["grows"] for one in found["runs"]] == [CRYSTAL, LIQUID]
    assert (
        found["bracket"] == [0.7, 0.92]
        and found["T_m"] == pytest.approx(0.81)
        and found["error"] == pytest.approx(0.11)
    )
    cold, hot = found["runs"]
    assert cold["crystal_volume"] < 1 / 0.9731 < hot["crystal_volume"], "his crystal's density at 0.8"
    assert (
        hot["volume"] > 1.05 * hot["crystal_volume"]
        and "melts between T = 0.7 and 0.92" in glasscli(*args).out
    )


def test_a_gas_has_the_volume_of_its_pressure(system):
    """Atoms that do not see each other: p(V) as V^N exp(-PV/kT), whose mean is (N + 1) kT/P, along one axis too."""
    rng, n, kT = np.random.default_rng(1), 8, 0.7
    for axes in (EVERYWHERE, ALONG_Z):
        blend = Blend([Sample(system, np.ones(n, np.int32))], rng.random((n, 3)) * 9, np.full(3, 9.0))
        blend.weights = np.zeros(2)
        walk = Pressed(Walk(blend, kT, rng, 0.01), 0.01, axes)
        walk.settle(500)
        volumes = []
        for _ in range(4000):
            walk.go()
            volumes.append(blend.edges.prod())
        assert np.mean(volumes) == pytest.approx((n + 1) * kT / 0.01, rel=0.1)
        assert (blend.edges[:2] == 9.0).all() == (axes == ALONG_Z)


def test_a_slab_is_longer_than_wide_and_its_waves_are_seen_across(system):
    two = load_system("wahnstrom")
    for model, phase in ((system, "fcc"), (two, "c14")):
        box = slab(model, phase, 600)
        x, y, z = box.box.edges
        assert abs(box.n_atoms - 600) < 150 and 1.8 <= z / max(x, y) <= 3.5
        k = 2 * np.pi * lattice_waves(box) / box.box.edges[:2]
        assert np.abs(np.exp(1j * box.positions[:, :2] @ k.T).mean(axis=0)).min() > 0.5


def walked(*shares):
    return grown(1.0, {"shares": list(shares), "atoms": 1, "crystal_volume": 1.0, "volume": 1.0}).grows


def test_what_grew_and_what_that_brackets():
    assert walked(*np.linspace(0.5, 0.7, 40)) == CRYSTAL and walked(*np.linspace(0.5, 0.3, 40)) == LIQUID
    assert (
        walked(*np.full(40, 0.5)) is None
        and walked(*np.full(7, 0.9)) == CRYSTAL
        and walked(*np.full(7, 0.1)) == LIQUID
    )

    def at(**grows):
        return bracketed(
            [SimpleNamespace(T=float(name[1:]) / 10, grows=said) for name, said in grows.items()]
        )

    assert at(T5=CRYSTAL, T6=CRYSTAL, T7=None, T8=LIQUID) == ((0.6, 0.8), None)
    assert "give lower ones" in at(T5=LIQUID)[1] and "give higher ones" in at(T5=CRYSTAL, T6=None)[1]
    assert "give more --atoms or --rounds" in at(T5=LIQUID, T6=CRYSTAL)[1]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            "coexist fcc --temperature 0.8 --system mine.toml",
            "needs one crystal, --pressure and --temperature",
        ),
        (
            "coexist fcc --temperature 0.8 --pressure 1 --mix a,b --system mine.toml",
            "--mix is not of `coexist`",
        ),
        ("coexist c14 --temperature 0.8 --pressure 9 --atoms 200", "is narrower than two cutoffs"),
    ],
)
def test_what_cannot_be_is_one_line(glasscli, system, words, line):
    said = glasscli("free-energy", *words.split())
    assert said.code in (1, 2) and line in said.err and "Traceback" not in said.err
