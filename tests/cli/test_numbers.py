"""Whole numbers as people write them."""

import click
import pytest

from glasscli.cli.numbers import whole


@pytest.mark.parametrize(
    ("text", "number"),
    [("1000", 1000), ("1e6", 10**6), ("2.5e3", 2500), ("5.0", 5), ("9007199254740992", 2**53)],
)
def test_a_whole_number_however_it_is_written(text, number):
    found = whole(click.IntRange(1)).convert(text, None, None)
    assert found == number and isinstance(found, int)


@pytest.mark.parametrize(
    ("text", "says"),
    [("1.5", "not a whole number, such as 1000 or 1e6"), ("1e-3", "not a whole number"), ("many", "not a whole"),
     ("nan", "not a whole"), ("1e400", "too large"), ("-1e3", "not in the range x>=1")],
)  # fmt: skip
def test_what_is_none_is_told_what_to_write(text, says):
    with pytest.raises(click.BadParameter, match=says):
        whole(click.IntRange(1)).convert(text, None, None)


def test_other_types_stay_what_they_are():
    assert whole(click.FLOAT) is click.FLOAT
