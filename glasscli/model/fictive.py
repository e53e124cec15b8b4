"""What a system says of its fictive temperature: windows of the fits, form of the liquid branch, spread of samples."""

from __future__ import annotations

import math
from typing import Any, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from glasscli.model.strict import Strict

LIQUID_EXPONENT = 0.6  # of the potential energy of a simple liquid (Rosenfeld & Tarazona 1998)


class SampleSpread(Strict):
    """How T_f differs from quench to quench of one system, as calibrated over many at constant volume.

    One sample's T_f scatters by s = deviation (atoms/A)^(-1/2) (rate/R)^rate_exponent, the uncertainty of the fits
    included: that of a single fit says little of how far its T_f is from others'.

    atoms          smallest and largest size that was quenched; A is the smallest
    rates          slowest and fastest cooling, temperature over time; R is the slowest
    deviation      standard deviation s of one sample of A atoms cooled at R, in temperature units
    rate_exponent  how s grows with the rate
    quenches       how many it rests on
    """

    atoms: tuple[int, int]
    rates: tuple[float, float]
    deviation: float = Field(gt=0)
    rate_exponent: float
    quenches: int = Field(gt=0)

    def error(self, atoms: int, rate: float, fit_error: float) -> float:
        """Standard deviation of the difference of two quenches made alike: √2 of what one sample scatters, or of the
        fit's own error where that is larger.

        Two such samples differ by more than twice this in about 5 % of cases.
        """
        one = self.deviation * (atoms / self.atoms[0]) ** -0.5 * (rate / self.rates[0]) ** self.rate_exponent
        return math.sqrt(2) * max(float(one), fit_error)

    def covers(self, atoms: int, rate: float) -> bool:
        """Whether quenches of this size and rate were looked at, to a tenth, and not only scaled to."""
        return all(
            0.9 * low <= value <= 1.1 * high
            for value, (low, high) in ((atoms, self.atoms), (rate, self.rates))
        )


class FictiveWindows(Strict):
    """Where the glass line and the liquid curve are fitted to find T_f.

    liquid_exponent  n of the liquid branch a + b Tⁿ: 1 for a straight line
    spread           how much T_f differs between samples; None where nobody has looked. It decides nothing of a run, so
                     it is written into none.
    """

    glass_below: float = Field(gt=0)
    liquid_above: float = Field(gt=0)
    liquid_exponent: float = Field(default=LIQUID_EXPONENT, gt=0, le=4)
    spread: SampleSpread | None = Field(default=None, exclude=True)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.glass_below >= self.liquid_above:
            raise ValueError(
                f"glass_below ({self.glass_below:g}) must lie below liquid_above ({self.liquid_above:g})"
            )
        return self

    @model_serializer(mode="wrap")
    def _plain(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without a form of the liquid that is the usual one: files look as they did before there was a choice."""
        values: dict[str, Any] = handler(self)
        if self.liquid_exponent == LIQUID_EXPONENT:
            values.pop("liquid_exponent", None)
        return values
