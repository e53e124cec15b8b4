"""Sampling schedules are pure functions of the step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from glasscli.model.protocol import checkpoint_interval
from glasscli.model.schedule import Schedule


def test_log_spaced_blocks():
    schedule = Schedule(every=100, log_spaced=True)
    steps, step = [], 0
    while step < 210:
        steps.append(step)
        step = schedule.next_after(step)
    assert steps == [
        0,
        1,
        2,
        4,
        8,
        16,
        32,
        64,
        100,
        101,
        102,
        104,
        108,
        116,
        132,
        164,
        200,
        201,
        202,
        204,
        208,
    ]


@given(every=st.integers(2, 300), log_spaced=st.booleans(), last=st.integers(0, 1000))
def test_next_after_visits_exactly_what_is_included(every, log_spaced, last):
    schedule = Schedule(every=every, log_spaced=log_spaced)
    visited, step = [], 0
    while step <= last:
        visited.append(step)
        step = schedule.next_after(step)
    assert visited == [s for s in range(last + 1) if schedule.includes(s)]


def test_a_schedule_must_advance():
    with pytest.raises(ValidationError):
        Schedule(every=0)


def test_checkpoint_intervals_depend_on_nothing_but_the_size():
    assert [checkpoint_interval(n) for n in (4, 500, 1000, 32000)] == [1_000_000, 10_000, 5000, 1000]
