"""When to sample: evenly, or log-spaced within blocks."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from glasscli.model.strict import Strict


class Schedule(Strict):
    """Steps 0, every, 2 every, ...; with `log_spaced`, also 1, 2, 4, 8, ... steps after each of these.

    A pure function of the step, so that a resumed run samples what an uninterrupted one does.
    """

    every: int = Field(gt=0)
    log_spaced: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.log_spaced and self.every < 2:
            raise ValueError("log-spaced sampling needs blocks of at least two steps")
        return self

    def includes(self, step: int) -> bool:
        """Whether `step` is sampled."""
        within = step % self.every
        return within == 0 or (self.log_spaced and within & (within - 1) == 0)

    def next_after(self, step: int) -> int:
        """The first sampled step later than `step`."""
        block, within = divmod(step, self.every)
        end_of_block = (block + 1) * self.every
        if not self.log_spaced:
            return end_of_block
        power = 1 if within == 0 else 2 ** within.bit_length()
        return min(block * self.every + power, end_of_block)

    def count(self, steps: int) -> int:
        """Number of sampled steps from 0 to `steps`, both ends included."""
        blocks, rest = divmod(steps, self.every)
        if not self.log_spaced:
            return blocks + 1
        per_block = 1 + (self.every - 1).bit_length()
        return blocks * per_block + 1 + rest.bit_length()

    @property
    def offsets(self) -> list[int]:
        """Steps after the start of a block at which to sample."""
        return [0] + ([2**k for k in range((self.every - 1).bit_length())] if self.log_spaced else [])
