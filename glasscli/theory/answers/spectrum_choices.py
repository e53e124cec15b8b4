"""What a spectrum is computed for: the scales, the distribution of potentials, the medium that carries phonons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.errors import InputError
from glasscli.theory import distributions, soft_potential
from glasscli.theory.answers.answer import Floats
from glasscli.theory.conductivity import Medium
from glasscli.theory.distributions import Distribution
from glasscli.theory.participation import GLASSES, W_OVER_KT_STAR
from glasscli.units import BOLTZMANN

KNOWN = ("flat", "gaussian", "exponential", "uniform")


@dataclass(frozen=True)
class Choices:
    """In SI unless said otherwise; None where nothing was chosen.

    glass, w, eps0, A            w, else 1.6 kT* of the glass, else from eps0 and A
    cutoff, amplitude            of the flat P(D1, D2)
    F0, eta_mean, eta_width, xi_width, eta_star   of F(eta, xi)
    time                         of the measurement
    T_min, T_max                 ends of the temperatures
    coupling, density, sound     of the medium; atoms: per cubic metre
    P0                           of the standard tunnelling model, per cm³ and eV
    neutron_T                    temperature of a neutron experiment
    T_g, T_g_reference, theta, beta                 scale the concentration of the glass of T_g_reference to that of T_g
    pressure, p_linear, p_quadratic                 and to that under pressure
    """

    glass: str | None
    w: float | None
    eps0: float
    A: float
    cutoff: float
    amplitude: float
    F0: float
    eta_mean: float
    eta_width: float
    xi_width: float
    eta_star: float
    time: float | None
    T_min: float | None
    T_max: float | None
    coupling: float
    density: float
    sound: float
    atoms: float
    P0: float
    neutron_T: float | None
    T_g: float | None
    T_g_reference: float | None
    theta: float
    beta: float
    pressure: float | None
    p_linear: float
    p_quadratic: float

    @property
    def eta_L(self) -> float:
        """The dimensionless scale of eta."""
        return soft_potential.scales(self.eps0, self.A).eta_L

    @property
    def w_K(self) -> float:
        """The scale of energy in kelvin."""
        if self.w:
            return self.w / BOLTZMANN
        if self.glass:
            return W_OVER_KT_STAR * GLASSES[self.glass].T_star
        return soft_potential.scales(self.eps0, self.A).w / BOLTZMANN

    @property
    def factor(self) -> float:
        """What vitrification and pressure do to the concentration. Raises InputError for T_g without its reference."""
        factor = 1.0
        if self.T_g:
            reference = self.T_g_reference or (GLASSES[self.glass].T_g if self.glass else None)
            if reference is None:
                raise InputError(
                    "--T-g scales the concentration of another glass: say of which T_g by --T-g-reference or --glass"
                )
            factor *= distributions.vitrification_factor(self.T_g, reference, self.theta, self.beta)
        if self.pressure is not None:
            factor *= distributions.pressure_factor(self.pressure, self.p_linear, self.p_quadratic)
        return factor

    @property
    def medium(self) -> Medium:
        """What carries the phonons. Raises InputError for a number of atoms that cannot be."""
        if not 0 < self.atoms < float("inf"):
            raise InputError("--atoms must be finite and greater than zero")
        return Medium(self.coupling, self.density, self.sound)

    def temperatures(self, top: float, usual: float) -> Floats:
        """Return 100 temperatures in K; levels suffice up to `top` times w, `usual` is where they end unasked."""
        w = self.w_K
        low, high = self.T_min or 0.01 * w, self.T_max or usual * w
        if not 1e-4 * w <= low < high <= 1.01 * top * w:
            raise InputError(
                f"temperatures must ascend within {1e-4 * w:.3g} ... {top * w:.3g} K, where the levels computed suffice"
            )
        return np.geomspace(low, high, 100)

    def distribution(self, name: str) -> Distribution:
        """Return F(eta, xi) by its name: gaussian, exponential or uniform."""
        if name == "gaussian":
            return distributions.gaussian(self.eta_mean, self.eta_width, 0.0, self.xi_width)
        if name == "exponential":
            return distributions.exponential(self.F0, 0.1, self.xi_width)
        return distributions.uniform(self.F0)
