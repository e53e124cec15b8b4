"""Density of states, heat capacity and conductivity of a distribution of soft potentials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.errors import InputError
from glasscli.theory import conductivity, distributions, population, tunnelling
from glasscli.theory.answers.answer import Columns, Data, Floats, lines, plain
from glasscli.theory.answers.spectrum_choices import Choices
from glasscli.theory.density_of_states import TUNNELLING, DensityOfStates, density_of_states
from glasscli.theory.heat_capacity import Shape, heat_capacity, shape
from glasscli.theory.population import Population
from glasscli.units import BOLTZMANN, KELVIN_PER_EV

# Up to so many w/k_B the levels of F(eta, xi) and of a flat P(D1, D2) suffice.
TOP, TOP_FLAT = 8.0, 4.0


@dataclass(frozen=True)
class Conduction:
    """kappa [n_T] in W/(K m), where it is flattest, its exponent at the lowest T, attenuation [n_T] in 1/m at k_B T."""

    kappa: Floats
    plateau_T: float
    plateau_exponent: float
    exponent_at_T_min: float
    attenuation: Floats


@dataclass(frozen=True)
class SoftSpectrum:
    """The spectrum of soft potentials.

    w, eta_L        the scales, w in K; cutoff: of a flat distribution
    T, C [n_T]      in K, and in k_B per atom; marks: of C/T^3, where C > 0
    n               density of states in units of w and, times `amplitude`, per atom; atoms per cubic metre
    neutron_T       of a neutron experiment, in K
    C_t [n_T], tau_w   what is seen of C within the time of a measurement, and the shortest relaxation time [s] at w
    concentrations  of the classes, of F(eta, xi)
    conduction      where the density of states has no gaps
    """

    distribution: str
    w: float
    eta_L: float
    cutoff: float | None
    amplitude: float
    T: Floats
    C: Floats
    marks: Shape | None
    n: DensityOfStates
    atoms: float
    neutron_T: float | None
    C_t: Floats | None
    tau_w: float | None
    concentrations: dict[str, float] | None
    conduction: Conduction | None

    @property
    def C_over_T3(self) -> Floats:
        """[n_T] C/T^3."""
        return self.C / self.T**3

    @property
    def _printed(self) -> dict[str, float]:
        """Absolute scales that the text has numbers for: n_0 (2.4), T_0* = N_0/n_0 (3.21), kappa at 1 K (2.2)."""
        n0 = self.n.tunnelling_constant * self.amplitude / self.w * KELVIN_PER_EV  # per atom and eV
        at_1K = np.nan
        if (found := self.conduction) and self.T[0] <= 1 <= self.T[-1]:
            at_1K = float(np.exp(np.interp(0.0, np.log(self.T), np.log(found.kappa))))
        return {
            "n_0_per_cm3_eV": n0 * self.atoms * 1e-6,
            "T0_star_eV": 1 / n0 if n0 else np.nan,
            "kappa_1K": at_1K,
        }

    @property
    def data(self) -> Data:
        """Everything, per atom and kelvin."""
        w, marks, per_kelvin = self.w, self.marks, self.amplitude / self.w
        data: Data = {"distribution": self.distribution, "model": "soft", "w_K": w, "eta_L": self.eta_L}
        if self.cutoff is not None:
            data["cutoff"] = self.cutoff
        if self.concentrations is not None:
            data["concentrations"] = self.concentrations
        data |= {
            "T": self.T,
            "C": self.C,
            "C_over_T3": self.C_over_T3,
            "T_star": marks.T_star if marks else None,
            "T_bump": marks.T_bump if marks else None,
            "W_over_kT_star": w / marks.T_star if marks else None,
            "exponent": marks.exponent if marks else None,
            "E": self.n.E * w,
            "n_E": self.n.total * per_kelvin,
            "n_E_by_class": {kind: values * per_kelvin for kind, values in self.n.by_class.items()},
            "neutron_peak_K": self.n.peak() * w,
            **self._printed,
            "cluster_estimate": dict(
                zip(("c_a", "c_a_two_well"), distributions.cluster_estimate(), strict=True)
            ),
        }
        if self.neutron_T is not None:
            data |= {
                "neutron_T_K": self.neutron_T,
                "neutron_peak_at_T_K": self.n.peak(self.neutron_T / w) * w,
            }
        if self.C_t is not None:
            data |= {"C_t": self.C_t, "tau_w_s": self.tau_w}
        if found := self.conduction:
            data |= {
                "kappa": found.kappa,
                "plateau_T": found.plateau_T,
                "plateau_exponent": found.plateau_exponent,
                "kappa_exponent_at_T_min": found.exponent_at_T_min,
                "attenuation": found.attenuation,
            }
        return plain(data)

    @property
    def columns(self) -> Columns:
        """One row a temperature."""
        columns = {"T_K": self.T, "C_kB": self.C, "C_over_T3": self.C_over_T3}
        if self.C_t is not None:
            columns["C_t_kB"] = self.C_t
        if found := self.conduction:
            columns |= {"kappa": found.kappa, "attenuation_at_kT": found.attenuation}
        return columns

    @property
    def notes(self) -> list[str]:
        """What is missing."""
        if self.marks and not np.isfinite(self.marks.T_star):
            return ["C/T^3 has no minimum in this range of temperatures: T_star is null"]
        return []

    def text(self) -> str:
        """The landmarks."""
        data = self.data
        shown = {key: data[key] for key in ("w_K", "T_star", "W_over_kT_star", "T_bump", "neutron_peak_K")}
        shown |= {key: data[key] for key in ("neutron_peak_at_T_K", *self._printed) if key in data}
        if self.marks:
            for end, at in (("lowest", 0), ("highest", -1)):
                shown[f"C ~ T^ ({end} T)"] = float(self.marks.exponent[at])
        shown |= {key: data[key] for key in ("plateau_T", "plateau_exponent") if key in data}
        return lines(plain(shown | data.get("concentrations", {})))


def soft_spectrum(name: str, choices: Choices, samples: tuple[Floats, Floats] | None = None) -> SoftSpectrum:
    """Return the spectrum of a distribution by its name, or of samples of eta and xi that the name stands for.

    Raises InputError where more atoms would be soft than there are.
    """
    w, eta_L, amplitude, flat = choices.w_K, choices.eta_L, choices.factor, name == "flat"
    T = choices.temperatures(TOP_FLAT if flat else TOP, 4.0 if flat else 2.0)
    shares = None
    if samples is not None:
        found = population.from_samples(*samples, eta_L)
    elif flat:
        found, amplitude = population.flat(choices.cutoff), choices.amplitude * amplitude
    else:
        F, star = choices.distribution(name), choices.eta_star
        found = population.from_distribution(F, eta_L, star)
        each = distributions.concentrations(F, star, min(3 * eta_L, 0.5 * star))
        shares = {key: amplitude * value for key, value in vars(each).items()}
        _fewer_than_atoms(shares["c_a"], "--F0")
    if shares is None:
        # Of a flat P(D1, D2) K1 is the stiffness of the lower minimum: eta over eta_L of that well by itself.
        soft = np.abs(found.K1) < choices.eta_star / eta_L
        _fewer_than_atoms(amplitude * float(found.weight[soft].sum()), "--amplitude")
    C = amplitude * heat_capacity(found, T / w)
    n = density_of_states(found, 0.01, 60.0 if flat else 10.0)
    C_t = tau_w = None
    if choices.time:
        tau_w = float(choices.medium.relaxation_time(BOLTZMANN * w))
        C_t = C - amplitude * tunnelling.unseen_heat_capacity(n, T / w, choices.time, tau_w)
    return SoftSpectrum(
        name,
        w,
        eta_L,
        choices.cutoff if flat else None,
        amplitude,
        T,
        C,
        shape(T, C) if (C > 0).all() else None,
        n,
        choices.atoms,
        choices.neutron_T,
        C_t,
        tau_w,
        shares,
        _conduction(choices, found, n, amplitude, T),
    )


def _fewer_than_atoms(c_a: float, height: str) -> None:
    """Raise InputError where more atoms would be soft than there are; `height` is the option that says how many."""
    if c_a > 1 + 1e-9:  # samples may all be soft: their shares add up to one but for rounding
        raise InputError(
            f"c_a = {c_a:.3g}: more soft atoms than atoms; lower {height}, or mend --T-g, --theta and --beta"
        )


def _conduction(
    choices: Choices, found: Population, n: DensityOfStates, amplitude: float, T: Floats
) -> Conduction | None:
    """How phonons are scattered; None where the density of states has gaps, in which nothing scatters."""
    medium, unit = choices.medium, BOLTZMANN * choices.w_K
    if not (found.patches and n.total.all()):
        return None
    volume = choices.atoms * amplitude / unit

    def density(E: Floats, kind: str | None = None) -> Floats:
        return volume * n.at(E / unit, kind)

    kappa = medium.conductivity(T, density, lambda E: density(E, TUNNELLING))
    sound = BOLTZMANN * T
    return Conduction(
        kappa,
        *conductivity.plateau(T, kappa),
        float(np.gradient(np.log(kappa), np.log(T))[0]),
        medium.inverse_length(sound, T, density(sound), density(sound, TUNNELLING)),
    )
