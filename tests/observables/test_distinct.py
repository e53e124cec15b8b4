"""Rows, each once: the same as NumPy's own, in its order, however many columns there are."""

import numpy as np
import pytest

from glasscli.observables.distinct import distinct


@pytest.mark.parametrize(
    ("n", "columns", "top"), [(400, 5, 3), (300, 16, 14), (50, 40, 2**31 - 1), (1, 3, 9)]
)
def test_rows_are_those_of_numpy(n, columns, top):
    rng = np.random.default_rng(n)
    rows = np.repeat(rng.integers(0, top + 1, (max(1, n // 3), columns)), 3, axis=0)[
        rng.permutation(n // 3 * 3)
    ]
    rows = (rows if len(rows) else np.ones((1, columns))).astype(np.int32)
    theirs, which, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    ours = distinct(rows)
    assert ours[0].dtype == rows.dtype
    for mine, other in zip(ours, (theirs, which.ravel(), counts), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_no_rows_are_none():
    assert [len(found) for found in distinct(np.zeros((0, 4), dtype=np.int32))] == [0, 0, 0]
