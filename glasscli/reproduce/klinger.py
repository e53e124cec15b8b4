"""M. I. Klinger, Sov. Phys. Usp. 30, 699 (1987): Figs. 1, 2, 4, 5 and 6 and Sec. 3.3, from our products."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Floats
from glasscli.report.palette import BLACK, BLUE, ORANGE, RED
from glasscli.reproduce.comparison import Comparison, Found, compare
from glasscli.reproduce.klinger_rows import FIG1, FIG2, FIG4, FIG6, TEXT
from glasscli.reproduce.products import Products
from glasscli.reproduce.sheet import sheet
from glasscli.theory.distributions import exponential, gaussian

# A dip of the lower branch that counts as a well, in eV; shallower ones come from the cusp of Q0 |x| at x = 0.
WELL = 0.01


def fig1(products: Products, path: Path) -> list[Comparison]:
    """C/T³ and the thermal conductivity against temperature, of 3.8."""
    typical, by_F0 = products.answers("gaussian"), products.answers("exponential")
    (wide,) = products.answers("wide")
    middle = typical[1]
    T, C, kappa = (np.array(middle[key], float) for key in ("T", "C_over_T3", "kappa"))
    rows = compare(
        FIG1,
        {
            "C exponent": _over(typical, lambda a: a["exponent"][0]),
            "kappa exponent": _over(typical, lambda a: a["kappa_exponent_at_T_min"]),
            "plateau": _over(typical, lambda a: a["plateau_exponent"]),
            "plateau T": _over(typical, lambda a: a["plateau_T"] / a["w_K"]),
            "hump T": _over(typical, lambda a: a["T_bump"] / a["w_K"]),
            "neutron w": (neutrons := _over(typical, lambda a: a["neutron_peak_K"] / a["w_K"])),
            "neutron 2w": neutrons,
            "C far above w": Found(
                max(wide["exponent"]), note="uniform F, η_L = 0.001; the harmonic band ends at 28 w"
            ),
            "n_0": _over(typical, lambda a: np.log10(a["n_0_per_cm3_eV"])),
            "n_0 F0": _over(by_F0, lambda a: np.log10(a["n_0_per_cm3_eV"]), "F_0 = 0.01 and 0.03"),
            "T_0*": _over(by_F0, lambda a: np.log10(a["T0_star_eV"]), "F_0 = 0.01 and 0.03"),
            "kappa 1K": _over(by_F0, lambda a: np.log10(a["kappa_1K"] / 100), "F_0 = 0.01 and 0.03"),
        },
    )

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        axes.loglog(T, C / C[-1], color=BLACK, label="1: $C/T^3$")
        axes.axhline(float((C / C[-1]).min()) / 2, color=BLUE, linestyle="--", label="3: Debye (schematic)")
        axes.set(xlabel="$T$ (K)", ylabel="$C/T^3$ (over its last value)")
        other = axes.twinx()
        other.loglog(T, kappa, color=RED)
        axes.plot([], [], color=RED, label="2: $\\kappa$")
        other.set_ylabel("$\\kappa$ (W K$^{-1}$ m$^{-1}$)")
        axes.legend(loc="upper center")
        return rows

    return sheet(path, "Klinger 1987, Fig. 1: soft potentials of 3.8, w = 70 K", draw)


def _over(answers: list[dict[str, Any]], number: Callable[[dict[str, Any]], float], what: str = "") -> Found:
    """The range of inputs that the paper leaves open."""
    return Found.of_inputs([float(number(one)) for one in answers], what or "η* = 0.1 to 0.3")


def fig2(products: Products, path: Path) -> list[Comparison]:
    """Two forms of F(η, ξ = 0)."""
    shares = {name: products.answers(name)[0]["concentrations"] for name in ("gaussian", "exponential")}
    eta = np.linspace(-0.3, 1.6, 400)
    at_zero = np.zeros_like(eta)
    bulk = gaussian(1.0, 0.316, 0.0, 0.316)(eta, at_zero)
    # (3.9) holds for soft potentials only: beyond its eta_c the hump that it belongs to is drawn falling as it rose.
    eta_c = 0.1
    hump = exponential(eta_c=eta_c)(eta_c - np.abs(eta - eta_c), at_zero)
    g = shares["gaussian"]
    ours = {
        "c_a": g["c_a"],
        "c_a F0": shares["exponential"]["c_a"],
        "c2": g["two_well_1"] + g["two_well_2"],
        "c3": g["singular"],
    }
    rows = compare(FIG2, {key: float(np.log10(value)) for key, value in ours.items()})

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        axes.plot(eta, bulk, color=BLACK, label="1': monotonic, Gaussian (3.8)")
        axes.plot(
            eta,
            bulk + hump,
            "--",
            color=RED,
            label="1'': with (3.9) below $\\eta_c$ = 0.1, mirrored above it",
        )
        axes.set(xlabel="$\\eta$", ylabel="$F(\\eta, \\xi = 0)$", yscale="log", ylim=(1e-4, 10))
        axes.legend()
        return rows

    return sheet(path, "Klinger 1987, Fig. 2", draw)


def fig4(products: Products, path: Path) -> list[Comparison]:
    """Density of states in the mobility gap of a semiconductor."""
    stages = ("semiconductor", "dielectric", "harmonic")
    answers = {stage: products.answers(stage)[0] for stage in stages}
    columns, dielectric = (products.columns(stage)[0] for stage in stages[:2])
    E, gap = columns["E_eV"], float(columns["E_eV"][-1])
    middle = len(E) // 2
    ours: dict[str, Found | float] = {
        "U": answers["semiconductor"]["deepest"]["U"],
        "singles": columns["g1"][middle] / columns["g2"][middle],
        "dielectric": float(np.log10(dielectric["g2"][middle] / columns["g2"][middle])),
        "g_2 power": _power(E / gap, columns["g2"], 0.3 / gap),
    }
    thresholds = _thresholds(answers["semiconductor"], gap)
    ours |= {key: value for key, value in thresholds.items() if key != "E_IA"}
    ours["5.16"] = max(abs(value - 1) for value in _thresholds(answers["harmonic"], 1.0).values())
    rows = compare(FIG4, ours)

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        for name, line, label in (
            ("g0", "-", "bare tails"), ("g1", ":", "one electron or hole"), ("g2", "--", "pairs $(2e)_0$, $(2h)_0$"),
        ):  # fmt: skip
            values = columns[name]
            if (values > 0).any():
                axes.semilogy(E, np.where(values > 0, values, np.nan), line, color=BLACK, label=label)
        axes.axvline(gap / 2, color=BLUE, linewidth=0.6, label="middle of the gap")
        axes.set(xlabel="$E - E_v$ (eV)", ylabel="$g(E)/g_0(E_c)$")
        axes.legend()
        return rows

    return sheet(path, "Klinger 1987, Fig. 4", draw)


def _thresholds(answer: dict[str, Any], gap: float) -> dict[str, float]:
    """What 5.16 sets equal to the gap, over the gap."""
    found = answer["relations"]
    return {"E_opt": found["E_opt"] / gap} | {key: 2 * found[key] / gap for key in ("E_PL", "E_IA", "W_a")}


def _power(E: Floats, g: Floats, U_c: float) -> Found:
    """n of g ~ |1 - E + U_c/2|^n between the middle and the band, E in gaps; the error is that of where to fit."""
    powers = []
    for low, high in ((0.55, 0.8), (0.6, 0.8), (0.55, 0.75)):
        part = (low < E) & (high > E)
        powers.append(np.polyfit(np.log(1 - E[part] + U_c / 2), np.log(g[part]), 1)[0])
    return Found(float(np.mean(powers)), float(np.std(powers, ddof=1)), "E from 0.55 to 0.8 of the gap")


def text(products: Products, path: Path) -> list[Comparison]:
    """Which share of the soft configurations couples less than |b|."""
    answers, columns = products.answers("coupling"), products.columns("coupling")[1]
    ours = {
        "b tunnelling": _over(answers, lambda a: np.log10(a["classes_eV"]["tunnelling"]["largest"])),
        "b anharmonic": _over(answers, lambda a: np.log10(a["classes_eV"]["anharmonic"]["largest"])),
    }
    rows = compare(TEXT, ours)

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        for (kind, line), (low, high) in zip(
            (("tunnelling", "-"), ("anharmonic", "--")), ((0.3, 1.0), (0.1, 0.3)), strict=True
        ):
            (curve,) = axes.semilogx(columns[f"b_{kind}"], columns["quantile"], line, label=kind)
            axes.axvspan(low, high, color=curve.get_color(), alpha=0.15)
        axes.set(xlabel="$|b|$ (eV)", ylabel="share below", xlim=(1e-4, 20))
        axes.legend()
        return rows

    return sheet(path, "Klinger 1987, 3.27-3.30: coupling to strain; shaded: the text's largest", draw)


def fig5(products: Products, path: Path) -> list[Comparison]:
    """A sketch: thresholds from the model, the law of P(T) ours."""
    (answer,) = products.answers("electrons")
    high = answer["relations"]["E_opt"]
    low, T_ann = 0.9 * high, 0.05  # eV
    T = np.linspace(1e-4, 0.08, 400)

    def probability(photon: float) -> Floats:
        """Tunnelling from E* on, thermally activated below, annealed above T_ann."""
        tunnelling = np.clip((photon - low) / (high - low), 0.0, 1.0)
        activated = np.exp(-max(high - photon, 0.0) / (4 * T))
        return np.asarray((tunnelling + (1 - tunnelling) * activated) / (1 + np.exp((T - T_ann) / 0.006)))

    def draw(figure: Any) -> list[Comparison]:
        axes = figure.subplots()
        for n, (photon, line) in enumerate(((low - 0.05, "-"), ((low + high) / 2, "--"), (high, ":")), 1):
            axes.plot(T, probability(photon), line, color=BLACK, label=f"{n}: ħω = {photon:.2f} eV")
        axes.axvline(T_ann, color=BLUE, linewidth=0.6)
        axes.annotate("$T_{ann}$", (T_ann, 0.02), fontsize=7)
        axes.set(xlabel="$k_B T$ (eV)", ylabel="$P(\\omega, T)$", ylim=(0, 1.05))
        axes.legend()
        return []

    title = "Klinger 1987, Fig. 5: a sketch; the paper gives no equation (E_opt of the deepest pair, the rest chosen)"
    return sheet(path, title, draw)


def fig6(products: Products, path: Path) -> list[Comparison]:
    """Adiabatic potentials of the ground and the excited state."""
    names = ("a", "b", "c", "d")
    curves = {name: products.columns(name)[0] for name in names}
    rows = compare(FIG6, {f"wells {name}": float(_wells(curves[name]["ground_eV"])) for name in names})

    def draw(figure: Any) -> list[Comparison]:
        for axes, name in zip(figure.subplots(1, 4, sharey=True), names, strict=True):
            c = curves[name]
            axes.plot(c["x_a0"], c["ground_eV"], color=BLACK, label="0")
            axes.plot(c["x_a0"], c["excited_eV"], color=ORANGE, label="1")
            axes.set(xlabel="$x$ ($a_0$)", ylim=(-1.7, 3), title=name)
            if name == "a":
                axes.set_ylabel("energy (eV)")
                axes.legend()
        return rows

    return sheet(path, "Klinger 1987, Fig. 6", draw, 2.6)


def _wells(values: Floats) -> int:
    """Minima that no barrier lower than WELL joins to another."""
    inside = values[1:-1]
    places = list(np.flatnonzero((inside < values[:-2]) & (inside <= values[2:])) + 1)
    k = 0
    while k < len(places) - 1:
        a, b = places[k], places[k + 1]
        if values[a:b].max() - max(values[a], values[b]) < WELL:
            places.pop(k if values[a] > values[b] else k + 1)
            k = 0
        else:
            k += 1
    return len(places)
