"""Runs that start from structure files of other programs."""

import numpy as np
import pytest

from glasscli.configuration import Configuration
from glasscli.errors import InputError
from glasscli.simulation.plan import check_overlaps
from glasscli.store.reader import open_run


def test_a_file_with_any_ids_can_be_started_from(tmp_path, glasscli):
    """Ids from 0 and with gaps, atoms in no order: the run counts them from 1, in the order of the file's ids."""
    places = np.stack(np.meshgrid(*[np.arange(6)] * 3), axis=-1).reshape(-1, 3) + 0.25
    order = np.random.default_rng(0).permutation(216)
    for name, ids in (("gaps", 3 * np.arange(216) + 5), ("zero", np.arange(216))):
        rows = "".join(f"{ids[i]} {1 + (i % 5 == 0)} {' '.join(map(str, places[i]))}\n" for i in order)
        box = "ITEM: BOX BOUNDS pp pp pp\n" + "0 6\n" * 3
        (tmp_path / f"{name}.dump").write_text(
            f"ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n216\n{box}ITEM: ATOMS id type x y z\n{rows}"
        )
        words = ("--system", "kob-andersen", "--T", "0.5", "--steps", "10", "-o", f"{name}.h5")
        answer = glasscli("anneal", f"{name}.dump", *words)
        assert answer.code == 0, answer.err
        first = open_run(tmp_path / f"{name}.h5").frames[0]
        np.testing.assert_array_equal(first.species, 1 + (np.arange(216) % 5 == 0))
        np.testing.assert_allclose(first.positions, places, atol=1e-6)


def test_atoms_overlap_by_the_distances_of_their_system(tmp_path, wahnstrom):
    """A pair in a wide box is as close as pairs are, though far closer than its mean spacing."""

    def pair(distance):
        places = np.array([[1.0, 1, 1], [1 + distance, 1, 1]])
        return Configuration(places, np.ones(2, np.int32), np.full(3, 20.0), ids=np.array([7, 9]))

    check_overlaps(pair(1.0), wahnstrom)
    with pytest.raises(InputError, match="atoms 7 and 9 overlap"):
        check_overlaps(pair(0.25), wahnstrom)
    with pytest.raises(InputError, match="overlap"):
        check_overlaps(pair(0.1))
