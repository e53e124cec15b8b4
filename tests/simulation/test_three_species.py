"""Exchanges among three species: detailed balance by exact enumeration, weights of pairs, LAMMPS's own moves."""

import itertools

import numpy as np
import pytest
from scipy import stats

from glasscli.configuration import Box, Configuration
from glasscli.engine.deck import RandomStart, evaluation_commands, swap
from glasscli.engine.forces import Forces
from glasscli.engine.library import LibraryEngine
from glasscli.engine.pair_tables import tabulate
from glasscli.model.protocol import Exchange
from glasscli.model.system import load_system
from glasscli.simulation.kernel import Sites
from tests.plain_system import PLAIN

# The ternary mixture of A. D. S. Parmar, B. Guiselin, L. Berthier, J. Chem. Phys. 153, 134505 (2020).
PAIRS = {(1, 1): (1, 1), (1, 2): (1.5, 0.8), (2, 2): (0.5, 0.88), (1, 3): (1.25, 0.9), (2, 3): (1, 0.84),
         (3, 3): (0.75, 0.94)}  # fmt: skip
BOX = Box.cube(6.0)


@pytest.fixture(scope="module")
def ternary(tmp_path_factory):
    coefficients = [f'"pair_coeff {a} {b} {e} {s} {2.5 * s:.6g}"' for (a, b), (e, s) in PAIRS.items()]
    commands = ", ".join(['"pair_style lj/cut 2.5"', '"pair_modify shift yes"', *coefficients])
    species = "".join(
        f'[[species]]\nname = "{n}"\nmass = 1.0\nfraction = {f}\n'
        for n, f in zip("ABC", (0.75, 0.2, 0.05), strict=True)
    )
    text = PLAIN.replace('"pair_style lj/cut 2.5", "pair_coeff 1 1 1.0 1.0"', commands)
    text = text.replace('[[species]]\nname = "A"\nmass = 1.0\nfraction = 1.0\n', species)
    path = tmp_path_factory.mktemp("ternary") / "ternary.toml"
    path.write_text(text)
    return load_system(str(path))


def scattered(n, edge, seed):
    """Places in a corner of the box, none closer than 0.85: all three species fit, not equally well."""
    rng, found = np.random.default_rng(seed), []
    while len(found) < n:
        place = rng.uniform(0, edge, 3)
        if all(np.linalg.norm(place - other) > 0.85 for other in found):
            found.append(place)
    return np.array(found)


WEIGHTS = {"alike": None, "by pair": (0.2, 1.0, 3.0), "two of three": (0.0, 1.0, 0.5)}


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
def test_exchanges_sample_boltzmann_exactly(ternary, weights):
    """90 assignments of two atoms each of three species: how often each is seen is exp(-beta E)."""
    table, positions, beta = tabulate(ternary), scattered(6, 1.9, 2), 0.8
    matrix = np.zeros((3, 3))
    if weights:
        matrix[[0, 0, 1], [1, 2, 2]] = weights
    states = sorted(set(itertools.permutations([0, 0, 1, 1, 2, 2])))
    energies = np.array([Sites(positions, np.array(s), BOX, table).total() for s in states])
    expected = np.exp(-beta * (energies - energies.min()))
    expected /= expected.sum()
    assert 1 / 90 < expected.max() < 0.5  # neither all alike nor one alone
    sites, rng, samples = Sites(positions, np.array(states[0]), BOX, table), np.random.default_rng(4), 8000
    seen, tried = dict.fromkeys(states, 0), np.zeros((3, 3), np.int64)
    for _ in range(samples):
        attempted, accepted, _ = sites.exchange(rng, 60, beta, matrix if weights else None)
        assert (accepted <= attempted).all()
        tried += attempted
        seen[tuple(sites.species.tolist())] += 1
    assert stats.chisquare(list(seen.values()), samples * expected).pvalue > 1e-3
    shares = np.array(weights or (1.0, 1.0, 1.0))
    counts = tried[[0, 0, 1], [1, 2, 2]]
    assert counts.sum() == tried.sum() == samples * 60
    assert counts / tried.sum() == pytest.approx(shares / shares.sum(), abs=0.005)


def test_lammps_makes_as_many_attempts_as_weights_say():
    exchange = Exchange(kernel="lammps", md_per_mc=50, attempts=10, pair_weights=((1, 2, 1.0), (2, 3, 2.0)))
    fixes = swap(exchange, (10, 10, 10), 7, 0.5, RandomStart())
    words = [fix.split() for fix in fixes]
    assert [(w[5], w[-2:]) for w in words] == [("5", ["1", "2"]), ("10", ["2", "3"])]
    assert len({w[1] for w in words}) == 2 and len({w[6] for w in words}) == 2


def test_lammps_exchanges_of_a_ternary_metal_sample_boltzmann_exactly():
    """Two atoms each of copper, silver and gold at rest on six places: all 90 assignments by their own energies."""
    system = load_system("cuagau")
    places = 8 + 2.8 * np.array(
        [(0, 0, 0), (1, 0, 0), (0.4, 1, 0), (0.5, 0.3, 1), (1.6, 0.9, 0.2), (1.3, 0.1, 1.1)]
    )
    box, temperature = Box.cube(25.0), 1500.0
    states = sorted(set(itertools.permutations([1, 1, 2, 2, 3, 3])))
    with Forces(system) as forces:
        energies = np.array(
            [6 * forces.evaluate(Configuration(places, np.array(s, np.int32), box)).energy for s in states]
        )
    expected = np.exp(-(energies - energies.min()) / (8.617343e-5 * temperature))
    expected /= expected.sum()
    assert 0.05 < expected.max() < 0.5
    exchange = Exchange(
        kernel="lammps", md_per_mc=1, attempts=2, pair_weights=((1, 2, 1.0), (1, 3, 0.5), (2, 3, 0.5))
    )
    seen, samples = dict.fromkeys(states, 0), 3000
    with LibraryEngine(system) as engine:
        engine.commands(evaluation_commands(system, box))
        engine.create(Configuration(places, np.array(states[0], np.int32), box))
        engine.commands(swap(exchange, (2, 2, 2), 11, temperature, RandomStart()))
        for sample in range(samples + 5):  # nothing moves the atoms: there is no fix that integrates
            engine.advance(8, (0, 8 * (samples + 5)), sample == 0)
            if sample >= 5:
                seen[tuple(engine.configuration().species.tolist())] += 1
    # Few of the rarest are expected: they are counted as one.
    order = np.argsort(expected)
    rare = np.cumsum(samples * expected[order]) < 10
    counts = np.array(list(seen.values()))[order]
    wanted = samples * expected[order]
    both = [np.append(x[~rare], x[rare].sum()) for x in (counts, wanted)]
    keep = both[1] > 0
    assert stats.chisquare(both[0][keep], both[1][keep]).pvalue > 1e-3


def test_a_ternary_metal_exchanges_all_pairs_and_is_audited(glasscli):
    """Foiles, Baskes and Daw's copper, silver and gold, by LAMMPS's fix atom/swap, one a pair of species."""
    quench = ["quench", "--system", "cuagau", "--atoms", "150", "--composition", "Cu=0.4,Ag=0.4,Au=0.2",
              "--steps", "100", "--equilibration", "100", "--inherent-every", "0", "--ensemble", "nvt"]  # fmt: skip
    made = glasscli(*quench)
    assert made.code == 0, made.err
    hybrid = ["hybrid", "quench.h5", "--from", "final", "--T", "2000", "--steps", "120", "--md-per-mc", "2",
              "--checkpoint-every", "60", "--inherent-every", "0", "--keep-going", "--json"]  # fmt: skip
    done = glasscli(*hybrid, "--attempts", "4", "--pair-weights", "Cu-Ag=1,Au-Cu=0.5,Ag-Au=0.5")
    assert done.code == 0, done.err
    data = done.data
    assert set(data["acceptance"]) == {"Cu-Ag", "Cu-Au", "Ag-Au"} and all(data["acceptance"].values())
    assert data["attempts"] == 60 * (4 + 2 + 2)
    assert data["audit"]["checked"] >= 2 and data["audit"]["worst_relative_error"] < 1e-8
    for wrong, said in [
        ("Cu-Ag", "such as Cu-Zr=1"), ("Cu-Cu=1", "no pair of two species"), ("Cu-Ni=1", "no pair of two species"),
        ("Cu-Ag=1,Ag-Cu=2", "twice"), ("Cu-Ag=0", "leave no pair"),
    ]:  # fmt: skip
        refused = glasscli(*hybrid[:-1], "--pair-weights", wrong, "-o", "no.h5")
        assert refused.code and said in refused.err and len(refused.err.splitlines()) == 1, refused.err
