"""Growth of the order parameter in structural relaxation, and its fit to a measured one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from glasscli.errors import InputError
from glasscli.theory import kinetics
from glasscli.theory.answers.answer import Columns, Data, Floats, lines, plain
from glasscli.theory.condensate import Pump, induced_order, saturated_order
from glasscli.theory.relaxation_fit import Fit, fit


@dataclass(frozen=True)
class Growth:
    """eta(t), times in 1/g; notes: curves that there are not.

    eta, eta_off_resonance [n_times]   at the times asked for; the second where Omega is not 0
    t [n], curves {name: [n]}          the whole rise
    pumped                             what a maintained population does, where one is given
    """

    gain: float
    Gamma: float
    Omega: float
    t_half: float
    t_90: float
    inflections: list[float]
    regime: int
    times: Sequence[float]
    eta: Floats
    eta_off_resonance: Floats | None
    t: Floats
    curves: dict[str, Floats]
    pumped: Pumped | None
    notes: list[str] = field(default_factory=list)

    def _at(self, values: Floats) -> dict[str, float]:
        return {f"{time:g}": float(value) for time, value in zip(self.times, values, strict=True)}

    @property
    def data(self) -> Data:
        """Times, inflections, regime, and eta at the times asked for."""
        data: Data = {
            "gain": self.gain,
            "Gamma": self.Gamma,
            "t_half": self.t_half,
            "t_90": self.t_90,
            "inflections": self.inflections,
            "regime": self.regime,
            "eta_at": self._at(self.eta),
        }
        if self.eta_off_resonance is not None:
            data |= {"Omega": self.Omega, "eta_off_resonance_at": self._at(self.eta_off_resonance)}
        return plain(data | (self.pumped.data if self.pumped else {}))

    @property
    def columns(self) -> Columns:
        """The curves."""
        return {"t": self.t} | self.curves | (self.pumped.columns(self.t) if self.pumped else {})

    def text(self) -> str:
        """Times, inflections, regime, and eta at the times asked for."""
        bends = ", ".join(f"{b:.6g}" for b in self.inflections) or "none"
        rows: dict[str, object] = {"t_half": self.t_half, "t_90": self.t_90, "inflections": bends}
        rows["regime"] = f"{self.regime} (Fig. 1)"
        rows |= {f"eta({time})": value for time, value in self._at(self.eta).items()}
        return lines(rows | (self.pumped.shown if self.pumped else {}))


@dataclass(frozen=True)
class Pumped:
    """A population difference held up at s0 (Eqs. 15-17), and the order that it induces beside that of relaxation
    (Eqs. 18-19) in an alloy of concentration c, with N states in all.
    """

    pump: Pump
    s0: float
    c: float
    N: float

    @property
    def _orders(self) -> dict[str, float]:
        """{eta of relaxation: eta_q'^2}."""
        return {
            f"{eta:g}": induced_order(eta, self.c, self.s0, self.pump, self.N)
            for eta in (0, 0.25, 0.5, 0.75, 1)
        }

    @property
    def data(self) -> Data:
        """Threshold, condensate, and the induced order at some order of relaxation."""
        return {
            "threshold": self.pump.threshold,
            "condensate": self.pump.condensate(self.s0),
            "induced_order_at": self._orders,
            "saturated_order_at_1": saturated_order(1.0, self.c, self.s0, self.pump, self.N),
        }

    @property
    def shown(self) -> dict[str, object]:
        """The same as lines."""
        orders: dict[str, object] = {f"η_q'² at η = {eta}": value for eta, value in self._orders.items()}
        return {"threshold": self.pump.threshold, "condensate": self.pump.condensate(self.s0)} | orders

    def columns(self, t: Floats) -> dict[str, Floats]:
        """N(t) from a seed, by Eqs. 15 with their rates, t in their unit of time."""
        return {"N, Eqs. 15": self.pump.evolve(self.s0, t)}


def growth(
    gain: float,
    Gamma: float,
    Omega: float,
    seed: float,
    times: Sequence[float],
    pump: Sequence[float] | None,
    alloy: tuple[float, float] = (0.5, 1.0),
) -> Growth:
    """Return the growth of eta(t) (Eqs. 9-14); pump: G, kappa, D, t_s and s0 of Eqs. 15-17; alloy: c and N of 18-19."""
    if not (seed > 0 and np.isfinite(seed) and np.isfinite(Omega)):
        raise InputError("--seed must be greater than zero, and --seed and --Omega finite")
    half, most = (kinetics.time_to(level, gain, Gamma) for level in (0.5, 0.9))
    bends = kinetics.inflections(gain, Gamma)
    # Past 0.999 of the rise; Bessel functions of complex order are slow.
    t = np.linspace(0, 1.1 * kinetics.time_to(0.999, gain, Gamma), 120 if Omega else 300)
    curves, notes = {"Eq. 12": kinetics.order_parameter(t, gain, Gamma)}, []
    try:
        curves[f"Eqs. 9, seed {seed:g}"] = kinetics.integrate(t, gain, Gamma, seed, Omega).eta
    except kinetics.TooFast as error:
        notes.append(f"no curve of Eqs. 9: {error}")
    off = None
    if Omega:
        curves["Eq. 13"] = kinetics.off_resonance(t, gain, Gamma, Omega)
        curves["Eq. 14 (mended)"] = kinetics.far_off_resonance(t, Gamma, Omega)
        off = kinetics.off_resonance(times, gain, Gamma, Omega)
    return Growth(
        gain,
        Gamma,
        Omega,
        half,
        most,
        bends,
        kinetics.regime(bends, Gamma),
        times,
        kinetics.order_parameter(times, gain, Gamma),
        off,
        t,
        curves,
        Pumped(Pump(*pump[:4]), pump[4], *alloy) if pump else None,
        notes,
    )


@dataclass(frozen=True)
class Fits:
    """Laws fitted to a measured relaxation: value [n] at time [n], by the names that the file gives them."""

    source: str
    names: tuple[str, str]
    time: Floats
    value: Floats
    fits: tuple[Fit, ...]

    @property
    def better(self) -> Fit:
        """The fit of the lower criterion."""
        return min(self.fits, key=lambda found: found.aicc)

    @property
    def notes(self) -> list[str]:
        """Laws whose end lies far beyond the data, and parameters that the data do not determine."""
        span = float(self.value.max() - self.value.min())
        undetermined = [f"{found.law}: {why}" for found in self.fits for why in found.reasons.values()]
        return undetermined + [
            f"{found.law}: the relaxation is too far from its end to tell y1 and what goes with it"
            for found in self.fits
            if abs(found.parameters["y1"] - found.parameters["y0"]) > 5 * span
        ]

    @property
    def data(self) -> Data:
        """Each law's parameters, errors and criterion."""
        data: Data = {"source": self.source, "columns": list(self.names), "points": len(self.time)}
        for found in self.fits:
            one = asdict(found) | {"reasons": found.reasons}
            one.pop("curve")
            one["parameters"] |= dict.fromkeys(found.reasons)
            data[found.law.replace(" ", "_")] = one
        return plain(data | {"better": self.better.law})

    @property
    def columns(self) -> Columns:
        """The data and the fitted laws."""
        time = "time (steps)" if self.names[0] == "steps" else "time"
        return {time: self.time, "value": self.value} | {found.law: found.curve for found in self.fits}

    def text(self) -> str:
        """One line a law, and which is better."""
        rows = []
        for found in self.fits:
            parts = (
                f"no {key}" if key in found.reasons else f"{key} = {v:.5g} ± {found.errors[key]:.2g}"
                for key, v in found.parameters.items()
            )
            rows.append(
                f"{found.law}: {', '.join(parts)} (± of the fit, times in {self.names[0]}); "
                f"rms {found.rms:.3g}, AICc {found.aicc:.1f}"
            )
        difference = max(found.aicc for found in self.fits) - self.better.aicc
        return "\n".join([*rows, f"better by AICc: {self.better.law} (by {difference:.1f})"])


def fits(source: str, names: Sequence[str], columns: Sequence[Floats]) -> Fits:
    """Return the fits of eta(t) and a stretched exponential to columns of time, value and perhaps standard error."""
    return Fits(source, (names[0], names[1]), columns[0], columns[1], fit(*columns))
