"""Distributions of diameters: quantiles whose moments are those of the law, and what is refused."""

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.errors import InputError
from glasscli.gate import admit
from glasscli.model.sizes import Sizes, pair_length, thirds
from glasscli.model.system import load_system


def test_the_built_in_system_has_the_published_polydispersity():
    """Ninarello, Berthier and Coslovich (2017): P(s) ~ s^-3, mean 1, standard deviation 23 % of it."""
    diameters = load_system("polydisperse").sizes.of(1500)
    assert diameters.mean() == pytest.approx(1, abs=1e-14)
    assert diameters.std() == pytest.approx(0.23, abs=0.002)
    assert diameters.max() / diameters.min() == pytest.approx(1.62 / 0.73, rel=2e-3)
    # Equally many atoms between equally many steps of s^-2, which a density s^-3 makes flat.
    shares = np.diff(np.sort(diameters**-2))
    assert shares.max() / shares.min() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    "law, mean, deviation",
    [
        ({"law": "power", "exponent": 0.0, "smallest": 0.8, "largest": 1.2}, 1.0, 0.4 / 12**0.5),
        ({"law": "power", "exponent": -1.0, "smallest": 1.0, "largest": 2.0}, 1 / np.log(2), 0.2879),
        ({"law": "gaussian", "deviation": 0.1, "smallest": 0.2, "largest": 1.8}, 1.0, 0.1),
        ({"law": "list", "diameters": (1.0, 3.0, 3.0)}, 7 / 3, 8**0.5 / 3),
    ],
)
def test_other_laws_have_their_moments(law, mean, deviation):
    found = Sizes(**law).of(30_000)
    assert (np.diff(found) >= 0).all()
    assert found.mean() == pytest.approx(mean, rel=1e-4)
    assert found.std() == pytest.approx(deviation, rel=2e-3)


@pytest.mark.parametrize(
    "law, said",
    [
        ({"law": "power", "smallest": 0.8, "largest": 1.2}, "a key 'exponent'"),
        ({"law": "list", "diameters": (1.0,), "smallest": 0.5}, "no key 'smallest'"),
        ({"law": "list", "diameters": (1.0, -1.0)}, "positive"),
        ({"law": "power", "exponent": -3.0, "smallest": 1.2, "largest": 0.8}, "below largest"),
        ({"law": "list", "diameters": (1.0, 7.0), "nonadditivity": 0.2}, "negative"),
    ],
)
def test_laws_that_are_none_are_refused_in_one_line(law, said):
    with pytest.raises(ValueError, match=said):
        Sizes(**law)


def test_lengths_of_pairs_and_thirds():
    assert pair_length(np.array(1.6), np.array(0.8), 0.2) == pytest.approx(1.2 * (1 - 0.2 * 0.8))
    assert thirds(np.array([3.0, 1.0, 2.0, 2.0, 5.0, 4.0])).tolist() == [2, 1, 1, 2, 3, 3]


def test_atoms_without_diameters_and_with_broken_ones_are_refused():
    system = load_system("polydisperse")
    atoms = Configuration(np.array([[0.0, 0, 0], [1, 1, 1]]), np.ones(2, dtype=np.int32), Box.cube(5.0))
    with pytest.raises(InputError, match="a diameter of its own"):
        system.diameters_of(atoms)
    for diameters, said in (
        ([1.0], "1 diameters for 2 atoms"),
        ([1.0, np.nan], "no length"),
        ([1.0, 0.0], "no length"),
    ):
        broken = Configuration(atoms.positions, atoms.species, atoms.box, diameters=np.array(diameters))
        with pytest.raises(Exception, match=said):
            admit(broken, "file")


def test_sizes_beside_species_that_differ_are_refused(tmp_path):
    text = "\n".join(["[sizes]", 'law = "list"', "diameters = [1.0, 1.2]"])
    plain = (
        'name = "two"\nunits = "lj"\ntimestep = 0.01\ncutoff = 2.0\nskin = 0.3\ncommands = ["pair_style zero 2.0"]\n'
        "[defaults]\nvolume_per_atom = 1.0\nT_start = 1.0\nT_end = 0.1\n"
        '[[species]]\nname = "A"\nmass = 1.0\nfraction = 0.5\n[[species]]\nname = "B"\nmass = 1.0\nfraction = 0.5\n'
    )
    path = tmp_path / "two.toml"
    path.write_text(plain + text)
    with pytest.raises(InputError, match="one species"):
        load_system(str(path))
