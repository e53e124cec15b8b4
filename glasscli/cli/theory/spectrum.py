"""`glasscli theory spectrum`: density of states, heat capacity and conductivity of a distribution of potentials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.cli.theory.output import outputs, plain, table, write
from glasscli.errors import InputError, near
from glasscli.formats.columns import columns

if TYPE_CHECKING:
    from glasscli.theory.distributions import Distribution

KNOWN = ("flat", "gaussian", "exponential", "uniform")


@make_command(
    "spectrum",
    epilog="Examples:\n  glasscli theory spectrum --glass silica --cutoff 10\n"
    "  glasscli theory spectrum --distribution gaussian --eta-mean 0.6 --time 1ms\n"
    "  glasscli theory spectrum --distribution samples.csv\n  glasscli theory spectrum --model tunnelling",
)
@click.option(
    "--distribution",
    default="flat",
    show_default=True,
    metavar="NAME|FILE.csv",
    help="flat P(D1, D2); F(eta, xi) gaussian, exponential or uniform; or a file of eta, xi.",
)
@click.option(
    "--model", type=click.Choice(["soft", "tunnelling"]), default="soft", help="tunnelling: standard model."
)
@click.option(
    "--glass", type=click.Choice(["silica", "selenium", "boron-oxide"]), help="Take w = 1.6 kT* of it."
)
@click.option("--w", help="Anharmonic energy scale, e.g. 4K or 0.3meV.  [default: from eps0 and A]")
@click.option("--eps0", default="1K", show_default=True, help="Zero-point scale hbar^2/2Ma0^2.")
@click.option("--A", "A", default="30eV", show_default=True, help="Quartic scale.")
@click.option(
    "--cutoff", type=float, default=8.0, show_default=True, help="flat: D2 reaches down to -cutoff."
)
@click.option("--amplitude", type=float, default=1e-4, show_default=True, help="flat: P per atom.")
@click.option("--F0", "F0", type=float, default=1e-2, show_default=True, help="exponential, uniform: F0.")
@click.option("--eta-mean", type=float, default=1.0, show_default=True, help="gaussian: mean of eta.")
@click.option(
    "--eta-width", type=float, default=0.316, show_default=True, help="gaussian; exponential: eta_c is 0.1."
)
@click.option("--xi-width", type=float, default=0.316, show_default=True, help="gaussian, exponential.")
@click.option("--eta-star", type=float, default=0.2, show_default=True, help="Soft means |eta| < eta-star.")
@click.option("--time", help="Duration of the measurement: adds C(T, t).")
@click.option("--T-min", "T_min", help="Lowest temperature.  [default: 0.01 w]")
@click.option("--T-max", "T_max", help="Highest temperature.  [default: 4 w, or 2 w for F(eta, xi)]")
@click.option("--coupling", default="0.6eV", show_default=True, help="Coupling to strain, 0.3-1 eV.")
@click.option("--density", default="2.2g/cm3", show_default=True, help="Mass density.")
@click.option("--sound", default="4.1km/s", show_default=True, help="Mean speed of sound.")
@click.option("--atoms", type=float, default=1e28, show_default=True, help="Atoms per cubic metre.")
@click.option(
    "--P0", "P0", type=float, default=5e19, show_default=True, help="tunnelling: P0 per cm³ and eV."
)
@click.option("--T-g", "T_g", help="Glass transition: scales the concentration by exp(theta/T_g).")
@click.option("--theta", default="450K", show_default=True, help="theta of that law, 300-600 K.")
@click.option("--pressure", help="Pressure: scales the concentration down, e.g. 20kbar.")
@outputs("spectrum")
def command(
    distribution: str, model: str, glass: str | None, output: Path, no_figure: bool, **given: Any
) -> Outcome:
    """Density of states, heat capacity, T* and thermal conductivity of soft potentials (Klinger, Sec. 3; Buchenau).

    C is in k_B per atom, n(E) per atom and kelvin, temperatures in K.
    """
    if model == "soft" and distribution not in KNOWN and not Path(distribution).exists():
        raise InputError(
            f"--distribution: {distribution!r} is neither a file nor known{near(distribution, KNOWN)}"
        )
    w = _scale(glass, given)
    return _tunnelling(w, output, no_figure, given) if model == "tunnelling" else _soft(
        distribution, w, output, no_figure, given
    )  # fmt: skip


def _scale(glass: str | None, given: dict[str, Any]) -> dict[str, float]:
    """Return w [K], eta_L and the distribution's common factor."""
    from glasscli.theory import soft_potential
    from glasscli.theory.distributions import pressure_factor, vitrification_factor
    from glasscli.theory.participation import GLASSES, W_OVER_KT_STAR
    from glasscli.units import BOLTZMANN, quantity

    scale = soft_potential.scales(
        quantity(given["eps0"], "energy", "--eps0", thermal=True), quantity(given["A"], "energy", "--A")
    )
    w = scale.w / BOLTZMANN
    if given["w"]:
        w = quantity(given["w"], "energy", "--w", thermal=True) / BOLTZMANN
    elif glass:
        w = W_OVER_KT_STAR * GLASSES[glass].T_star
    factor = 1.0
    if given["T_g"]:
        theta = quantity(given["theta"], "temperature", "--theta")
        factor *= vitrification_factor(quantity(given["T_g"], "temperature", "--T-g"), theta)
    if given["pressure"]:
        factor *= pressure_factor(quantity(given["pressure"], "pressure", "--pressure", positive=False))
    return {"w_K": w, "eta_L": scale.eta_L, "factor": factor}


def _temperatures(given: dict[str, Any], w: float, top: float) -> Any:
    import numpy as np

    from glasscli.units import quantity

    low = quantity(given["T_min"], "temperature", "--T-min") if given["T_min"] else 0.01 * w
    high = quantity(given["T_max"], "temperature", "--T-max") if given["T_max"] else top * w
    if not 1e-4 * w <= low < high <= 1.01 * top * w:
        raise InputError(
            f"temperatures must ascend within {1e-4 * w:.3g} ... {top * w:.3g} K, where the levels computed suffice"
        )
    return np.geomspace(low, high, 100)


def _soft(
    distribution: str, scale: dict[str, float], output: Path, no_figure: bool, given: dict[str, Any]
) -> Outcome:
    import numpy as np

    from glasscli.report import theory_figure as figures
    from glasscli.theory import conductivity, distributions, ensemble, tunnelling
    from glasscli.theory.density_of_states import TUNNELLING, density_of_states
    from glasscli.theory.heat_capacity import heat_capacity, shape
    from glasscli.units import BOLTZMANN, quantity

    w, eta_L = scale["w_K"], scale["eta_L"]
    flat = distribution == "flat"
    T = _temperatures(given, w, 4.0 if flat else 2.0)
    F = _distribution(distribution, given)
    data: dict[str, Any] = {"distribution": distribution, "model": "soft", "w_K": w, "eta_L": eta_L}
    if flat:
        found, amplitude = ensemble.flat(given["cutoff"]), given["amplitude"] * scale["factor"]
        data["cutoff"] = given["cutoff"]
    elif F is not None:
        found, amplitude = ensemble.from_distribution(F, eta_L, given["eta_star"]), scale["factor"]
        shares = distributions.concentrations(F, given["eta_star"], min(3 * eta_L, 0.5 * given["eta_star"]))
        data["concentrations"] = {key: amplitude * value for key, value in vars(shares).items()}
    else:
        eta, xi = columns(Path(distribution), (2,))[1]
        found, amplitude = ensemble.from_samples(eta, xi, eta_L), scale["factor"]
    C = amplitude * heat_capacity(found, T / w)
    n = density_of_states(found, 0.01, 60.0 if flat else 10.0)
    marks = shape(T, C) if (C > 0).all() else None
    per_kelvin = amplitude / w
    data |= {
        "T": T,
        "C": C,
        "C_over_T3": C / T**3,
        "T_star": marks.T_star if marks else None,
        "T_bump": marks.T_bump if marks else None,
        "W_over_kT_star": w / marks.T_star if marks else None,
        "exponent": marks.exponent if marks else None,
        "E": n.E * w,
        "n_E": n.total * per_kelvin,
        "n_E_by_class": {kind: values * per_kelvin for kind, values in n.by_class.items()},
        "neutron_peak_K": n.peak * w,
        "cluster_estimate": dict(zip(("c_a", "c_a_two_well"), distributions.cluster_estimate(), strict=True)),
    }
    table_columns = {"T_K": T, "C_kB": C, "C_over_T3": data["C_over_T3"]}
    medium = _medium(given)
    if given["time"]:
        t = quantity(given["time"], "time", "--time")
        tau_w = float(medium.relaxation_time(BOLTZMANN * w))
        data["C_t"] = C - amplitude * tunnelling.unseen_heat_capacity(n, T / w, t, tau_w)
        data["tau_w_s"] = tau_w
        table_columns["C_t_kB"] = data["C_t"]
    kappa = None
    if found.patches and n.total.all():
        volume = given["atoms"] * amplitude / (BOLTZMANN * w)

        def density(E: Any, kind: str | None = None) -> Any:
            return volume * n.at(E / (BOLTZMANN * w), kind)

        kappa = medium.conductivity(T, density, lambda E: density(E, TUNNELLING))
        plateau_T, plateau_exponent = conductivity.plateau(T, kappa)
        data |= {"kappa": kappa, "plateau_T": plateau_T, "plateau_exponent": plateau_exponent}
        data["kappa_exponent_at_T_min"] = float(np.gradient(np.log(kappa), np.log(T))[0])
        sound = BOLTZMANN * T
        data["attenuation"] = medium.inverse_length(sound, T, density(sound), density(sound, TUNNELLING))
        table_columns |= {"kappa": kappa, "attenuation_at_kT": data["attenuation"]}
    landmarks = {"T*": marks.T_star, "bump": marks.T_bump} if marks else {}
    files = write(
        output,
        table_columns,
        None if no_figure else lambda figure: figures.spectrum(figure, T, C / T**3, n, w, kappa, landmarks),
        width=10.0 if kappa is not None else 7.0,
    )
    shown = {"w_K": w, "T_star": data["T_star"], "W_over_kT_star": data["W_over_kT_star"]}
    shown |= {"T_bump": data["T_bump"], "neutron_peak_K": data["neutron_peak_K"]}
    if marks:
        shown |= {
            "C ~ T^ (lowest T)": float(marks.exponent[0]),
            "C ~ T^ (highest T)": float(marks.exponent[-1]),
        }
    shown |= {key: data[key] for key in ("plateau_T", "plateau_exponent") if key in data}
    shown |= data.get("concentrations", {})
    notes = []
    if marks and not np.isfinite(marks.T_star):
        notes.append("C/T^3 has no minimum in this range of temperatures: T_star is null")
    return Outcome(plain(data | {"files": files}), table(plain(shown)), notes=notes)


def _distribution(name: str, given: dict[str, Any]) -> Distribution | None:
    from glasscli.theory import distributions

    if name == "gaussian":
        return distributions.gaussian(given["eta_mean"], given["eta_width"], 0.0, given["xi_width"])
    if name == "exponential":
        return distributions.exponential(given["F0"], 0.1, given["xi_width"])
    return distributions.uniform(given["F0"]) if name == "uniform" else None


def _medium(given: dict[str, Any]) -> Any:
    from glasscli.theory.conductivity import Medium
    from glasscli.units import quantity

    if not 0 < given["atoms"] < float("inf"):
        raise InputError("--atoms must be finite and greater than zero")
    return Medium(
        quantity(given["coupling"], "energy", "--coupling"),
        quantity(given["density"], "density", "--density"),
        quantity(given["sound"], "speed", "--sound"),
    )


def _tunnelling(scale: dict[str, float], output: Path, no_figure: bool, given: dict[str, Any]) -> Outcome:
    """Return the standard tunnelling model: n(E, t), C ~ T ln t, kappa ~ T^2."""
    import numpy as np

    from glasscli.report import theory_figure as figures
    from glasscli.theory import tunnelling
    from glasscli.theory.heat_capacity import shape
    from glasscli.units import BOLTZMANN, KELVIN_PER_EV, quantity

    w = scale["w_K"]
    T = _temperatures(given, w, 4.0)
    medium = _medium(given)
    t = quantity(given["time"], "time", "--time") if given["time"] else 1.0
    if not 0 < given["P0"] < float("inf"):
        raise InputError("--P0 must be finite and greater than zero")
    per_atom = scale["factor"] * given["P0"] * 1e6 / KELVIN_PER_EV / given["atoms"]  # per atom and kelvin
    # In units of w: J_min so small that only the time bounds what is seen.
    law = {"P0": per_atom * w, "J_min": 1e-30, "tau_w": float(medium.relaxation_time(BOLTZMANN * w))}
    C = tunnelling.standard_heat_capacity(T / w, t, **law)
    E = np.geomspace(T[0] / 3, 10 * T[-1], 100)
    n = tunnelling.standard_density(E / w, t, **law) / w
    volume = given["atoms"] * per_atom / BOLTZMANN
    # Phonons scatter on the fast states, of which n = P0 to a factor that varies as ln E: n = const.
    kappa = medium.conductivity(T, lambda e: np.full_like(e, volume))
    marks = shape(T, C)
    data = {
        "model": "tunnelling",
        "T": T,
        "C": C,
        "C_over_T3": C / T**3,
        "T_star": marks.T_star,
        "exponent": marks.exponent,
        "E": E,
        "n_E": n,
        "time_s": t,
        "dC_dlnt": per_atom * T * np.pi**2 / 24,
        "kappa": kappa,
        "kappa_exponent_at_T_min": float(np.gradient(np.log(kappa), np.log(T))[0]),
    }
    files = write(
        output,
        {"T_K": T, "C_kB": C, "C_over_T3": C / T**3, "kappa": kappa, "E_K": E, "n_E": n},
        None if no_figure else lambda figure: figures.spectrum(figure, T, C / T**3, None, w, kappa, {}),
        width=7.0,
    )
    shown = {"time_s": t, "C ~ T^ (lowest T)": float(marks.exponent[0])}
    shown |= {"kappa ~ T^ (lowest T)": data["kappa_exponent_at_T_min"]}
    return Outcome(plain(data | {"files": files}), table(shown))
