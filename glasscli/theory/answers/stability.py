"""Localisation of the stable soft mode of an undercooled liquid, and its curves (Buchenau, Fig. 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.theory import stability
from glasscli.theory.answers.answer import Columns, Data, Floats, lines, plain
from glasscli.theory.stability import Mode


@dataclass(frozen=True)
class Stability:
    """The stable mode at one eta, and eps_k/eps_m [n] of each eps_m/kT in `curves` at eta [n].

    limits   eta_1, eta_2, between which there is none; None below eps_m/kT = 1
    """

    limits: tuple[float, float] | None
    mode: Mode
    beta_eps0: float
    eta: Floats
    curves: dict[float, Floats]

    @property
    def data(self) -> Data:
        """The mode and the limits."""
        eta1, eta2 = self.limits or (None, None)
        return plain(
            {
                "eta1": eta1,
                "eta2": eta2,
                "eta": self.mode.eta,
                "ratio": self.mode.ratio,
                "branch": self.mode.branch,
                "beta_eps0": self.beta_eps0,
            }
        )

    @property
    def columns(self) -> Columns:
        """The curves."""
        return {"eta": self.eta} | {
            f"eps_k/eps_m at eps_m/kT = {value:g}": ratio for value, ratio in self.curves.items()
        }

    def text(self) -> str:
        """One line a number."""
        return lines(self.data)


def stable_mode(beta_eps: float, eta: float, curves: Sequence[float]) -> Stability:
    """Return the stable mode at eta for the formation energy beta_eps = eps_m/kT, and curves of that and others.

    Raises InputError where no mode is stable.
    """
    grid = np.linspace(-0.3, 1.0, 131)
    return Stability(
        stability.harmonic_limits(beta_eps),
        stability.mode(beta_eps, eta),
        stability.quartic_energy(beta_eps),
        grid,
        {value: stability.curve(value, grid) for value in dict.fromkeys([beta_eps, *curves])},
    )
