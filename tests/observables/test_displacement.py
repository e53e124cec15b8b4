from dataclasses import replace

import numpy as np
import pytest

from glasscli.errors import InputError
from glasscli.observables.displacement import Followed, displacements, largest_movers, magnitudes
from tests.lattices import gas

BOX = np.array([5.0, 6.0, 7.0])


def moved(configuration, vectors, images=True):
    """The same atoms moved by `vectors`, wrapped as a simulation would write them."""
    places = configuration.positions + vectors
    inside, crossed = configuration.box.folded(places)
    start = (
        configuration.images if configuration.images is not None else np.zeros_like(configuration.positions)
    )
    return replace(
        configuration,
        positions=inside,
        images=(start + crossed).astype(np.int32) if images else None,
    )


def start(images=True):
    sample = gas([40, 40], BOX)
    return replace(sample, images=np.full((80, 3), 2, dtype=np.int32) if images else None)


def test_rigid_shift_across_the_boundary_is_exact():
    before = start()
    shift = np.array([3.75, -5.5, 6.25])  # more than half of every edge
    vectors = displacements(before, moved(before, shift))
    np.testing.assert_allclose(vectors, np.tile(shift, (80, 1)), atol=1e-14)
    assert np.abs(displacements(before, moved(before, shift), remove_drift=True)).max() < 1e-13


def test_without_images_the_shortest_copy_is_taken():
    before = start(images=False)
    shift = np.array([2.25, -2.5, 3.0])
    np.testing.assert_allclose(
        displacements(before, moved(before, shift, images=False)), np.tile(shift, (80, 1)), atol=1e-14
    )


def test_several_turns_round_the_box():
    before = start()
    shift = 3 * BOX + 0.5
    np.testing.assert_allclose(
        displacements(before, moved(before, shift)), np.tile(shift, (80, 1)), atol=1e-13
    )


def test_drift_is_that_of_the_centre_of_mass():
    before = start()
    rng = np.random.default_rng(4)
    each, masses = rng.normal(0, 0.1, (80, 3)), np.where(before.species == 1, 1.0, 0.5)
    vectors = displacements(
        before, moved(before, each + np.array([1.0, 2.0, 3.0])), remove_drift=True, masses=masses
    )
    np.testing.assert_allclose(vectors, each - np.average(each, axis=0, weights=masses), atol=1e-13)


def test_swelling_of_the_box_is_no_displacement():
    before = start()
    after = replace(before, positions=before.positions * 1.02, box=before.box.scaled(1.02))
    np.testing.assert_allclose(displacements(before, after), 0, atol=1e-13)
    far = moved(after, np.array([0.5, 0.0, 0.0]))
    np.testing.assert_allclose(displacements(before, far)[:, 0], 0.5 / 1.02 * 1.01)


def test_magnitudes_and_largest_movers():
    vectors = np.array([[0.0, 0, 1], [3, 0, 4], [0, 2, 0], [1, 0, 0]])
    np.testing.assert_array_equal(magnitudes(vectors), [1, 5, 2, 1])
    np.testing.assert_array_equal(largest_movers(vectors, 3), [1, 2, 0])
    np.testing.assert_array_equal(largest_movers(vectors, 9), [1, 2, 0, 3])
    with pytest.raises(InputError, match="at least 1"):
        largest_movers(vectors, 0)


def test_unlike_samples_are_refused():
    with pytest.raises(InputError, match="80 and 10 atoms"):
        displacements(start(), gas([10], BOX))


def test_atoms_are_followed_by_shortest_steps():
    """Three times round the box in steps of a third of an edge, read forwards, backwards and out of order."""
    before, shift = start(images=False), np.array([1.6, -2.0, 2.3])
    frames = [replace(moved(before, k * shift, images=False), step=k) for k in range(12)]
    followed = Followed(frames)
    for later, earlier in ((11, 0), (0, 11), (7, 3), (3, 7), (-1, -12)):
        vectors = displacements(followed[earlier], followed[later])
        expected = (later % 12 - earlier % 12) * shift
        np.testing.assert_allclose(vectors, np.tile(expected, (80, 1)), atol=1e-12)
    assert [frame.step for frame in Followed(frames)] == list(range(12))
    with pytest.raises(IndexError, match="there are 12 frames, not a frame 12"):
        Followed(frames)[12]


def test_atoms_of_other_ids_have_no_displacements():
    before = start()
    other = replace(before, ids=np.arange(2, 82), step=5)
    with pytest.raises(InputError, match="steps 0 and 5: ids differ"):
        displacements(before, other)
    assert len(displacements(other, other)) == 80
