"""The standard tunnelling model: n(E, t), C ~ T ln t, kappa ~ T^2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.errors import InputError
from glasscli.theory import tunnelling
from glasscli.theory.answers.answer import Columns, Data, Floats, lines, plain
from glasscli.theory.answers.spectrum_choices import Choices
from glasscli.theory.heat_capacity import Shape, shape
from glasscli.units import BOLTZMANN, KELVIN_PER_EV


@dataclass(frozen=True)
class TunnellingSpectrum:
    """T, C, kappa [n_T] in K, k_B per atom, W/(K m); E, n [n_E] in K and per atom and K; density: P0 so, too."""

    T: Floats
    C: Floats
    marks: Shape
    E: Floats
    n: Floats
    time: float
    density: float
    kappa: Floats

    @property
    def C_over_T3(self) -> Floats:
        """[n_T] C/T^3."""
        return self.C / self.T**3

    @property
    def kappa_exponent(self) -> float:
        """Exponent of kappa at the lowest temperature."""
        return float(np.gradient(np.log(self.kappa), np.log(self.T))[0])

    @property
    def data(self) -> Data:
        """Everything, per atom and kelvin."""
        return plain(
            {
                "model": "tunnelling",
                "T": self.T,
                "C": self.C,
                "C_over_T3": self.C_over_T3,
                "T_star": self.marks.T_star,
                "exponent": self.marks.exponent,
                "E": self.E,
                "n_E": self.n,
                "time_s": self.time,
                "dC_dlnt": self.density * self.T * np.pi**2 / 24,
                "kappa": self.kappa,
                "kappa_exponent_at_T_min": self.kappa_exponent,
            }
        )

    @property
    def columns(self) -> Columns:
        """One row a temperature, and beside it one an energy."""
        return {
            "T_K": self.T,
            "C_kB": self.C,
            "C_over_T3": self.C_over_T3,
            "kappa": self.kappa,
            "E_K": self.E,
            "n_E": self.n,
        }

    def text(self) -> str:
        """The time and the exponents."""
        return lines(
            {
                "time_s": self.time,
                "C ~ T^ (lowest T)": float(self.marks.exponent[0]),
                "kappa ~ T^ (lowest T)": self.kappa_exponent,
            }
        )


def tunnelling_spectrum(choices: Choices) -> TunnellingSpectrum:
    """Return the standard tunnelling model after the time of the measurement, one second where none is given.

    Raises InputError where there would be more states than atoms.
    """
    w, time = choices.w_K, choices.time or 1.0
    T, medium = choices.temperatures(4.0, 4.0), choices.medium
    if not 0 < choices.P0 < float("inf"):
        raise InputError("--P0 must be finite and greater than zero")
    per_atom = choices.factor * choices.P0 * 1e6 / KELVIN_PER_EV / choices.atoms  # per atom and kelvin
    if per_atom * w > 1:
        raise InputError(
            f"P0 w = {per_atom * w:.3g}: more tunnelling states than atoms; lower --P0, or mend --T-g, --theta and "
            "--beta"
        )
    # In units of w: J_min so small that only the time bounds what is seen.
    law = {"P0": per_atom * w, "J_min": 1e-30, "tau_w": float(medium.relaxation_time(BOLTZMANN * w))}
    C = tunnelling.standard_heat_capacity(T / w, time, **law)
    E = np.geomspace(T[0] / 3, 10 * T[-1], 100)
    n = tunnelling.standard_density(E / w, time, **law) / w
    volume = choices.atoms * per_atom / BOLTZMANN
    # Phonons scatter on the fast states, of which n = P0 to a factor that varies as ln E: n = const.
    kappa = medium.conductivity(T, lambda e: np.full_like(e, volume))
    return TunnellingSpectrum(T, C, shape(T, C), E, n, time, per_atom, kappa)
