"""Figures of the models. Each function draws on an empty matplotlib figure that the caller saves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from glasscli.theory.anharmonic import States
    from glasscli.theory.density_of_states import DensityOfStates
    from glasscli.theory.excitations import Excitations, ShortRangeOrder
    from glasscli.theory.quartic_levels import Saddle
    from glasscli.theory.relaxation_fit import Fit
    from glasscli.theory.self_trapping import GapStates

Floats = NDArray[np.float64]


def _panels(figure: Figure, count: int = 1) -> list[Axes]:
    """Return axes side by side, placed by hand: a layout engine would draw everything three times."""
    figure.set_layout_engine("none")
    width, height = figure.get_size_inches()
    panel = (width - 0.15) / count
    return [
        figure.add_axes(
            ((n * panel + 0.65) / width, 0.5 / height, (panel - 0.65) / width, (height - 0.62) / height)
        )
        for n in range(count)
    ]


def levels(figure: Figure, found: States, V: Floats) -> None:
    """Draw the potential V [n_points], the levels and the wave functions on them."""
    (axes,) = _panels(figure)
    axes.plot(found.x, V, color="0.3")
    low, high = float(V.min()), float(found.energies[-1])
    room = max(high - low, 1e-9)
    size = 0.35 * room / len(found.energies) / np.abs(found.psi).max()
    for n, energy in enumerate(found.energies):
        axes.plot(found.x, energy + size * found.psi[:, n], label=f"$E_{n}$ = {energy:.4f}")
    inside = np.flatnonzero(high + 0.3 * room > V)
    axes.set(
        xlim=(found.x[max(inside[0] - 1, 0)], found.x[min(inside[-1] + 1, len(V) - 1)]),
        ylim=(low - 0.08 * room, high + 0.3 * room),
        xlabel="$X = x/\\eta_L^{1/2}$ ($a_0$)",
        ylabel="energy ($w$)",
    )
    if len(found.energies) <= 8:
        axes.legend()


def gap_map(figure: Figure, K1: Floats, K2: Floats, gap: Floats, saddles: list[Saddle]) -> None:
    """Draw E1 - E0 [n_K2, n_K1] over the plane and its critical points."""
    axes = figure.add_subplot()
    lines = axes.contourf(K1, K2, gap, levels=24)
    axes.contour(K1, K2, gap, levels=sorted(s.gap for s in saddles[:1]), colors="white", linewidths=0.7)
    axes.plot([s.K1 for s in saddles], [s.K2 for s in saddles], "r+")
    figure.colorbar(lines, label="$E_1 - E_0$ ($w$)")
    axes.set(xlabel="$K_1 = \\eta/\\eta_L$", ylabel="$K_2 = \\xi/\\eta_L^{1/2}$")


def spectrum(
    figure: Figure,
    T: Floats,
    C_over_T3: Floats,
    n: DensityOfStates | None,
    w: float,
    kappa: Floats | None,
    marks: Mapping[str, float],
) -> None:
    """Draw C/T^3 (in the form of Buchenau's Figs. 1-2), n(E) by class and the conductivity; T and w in K."""
    panels = 1 + (n is not None) + (kappa is not None)
    axes = _panels(figure, panels)
    axes[0].loglog(T, C_over_T3)
    for name, at in marks.items():
        if np.isfinite(at):
            axes[0].axvline(at, linewidth=0.6, linestyle="--", color="0.5")
            axes[0].annotate(name, (at, axes[0].get_ylim()[1]), ha="left", va="top", fontsize=7)
    axes[0].set(xlabel="$T$ (K)", ylabel="$C/T^3$ ($k_B$ per atom K$^{-3}$)")
    if n is not None:
        for kind, values in n.by_class.items():
            shown = values > 0
            axes[1].loglog(n.E[shown] * w, values[shown] / w, label=kind)
        axes[1].loglog(n.E * w, n.total / w, color="0.3", linewidth=0.7)
        axes[1].set(xlabel="$E/k_B$ (K)", ylabel="$n(E)$ (per atom K)")
        axes[1].legend()
    if kappa is not None:
        axes[-1].loglog(T, kappa)
        axes[-1].set(xlabel="$T$ (K)", ylabel="$\\kappa$ (W K$^{-1}$ m$^{-1}$)")


def participation(figure: Figure, nu_c: Floats, Ns_a2: Floats, at: tuple[float, float]) -> None:
    """Draw N_s a^2 in square angstroms against nu_c in THz at the given T*, with the glass asked for."""
    (axes,) = _panels(figure)
    axes.plot(nu_c, Ns_a2)
    axes.plot(*at, "o")
    axes.set(xlabel="$\\nu_c$ (THz)", ylabel="$N_s a^2$ (Å$^2$)")


def stability(figure: Figure, curves: Mapping[str, tuple[Floats, Floats]]) -> None:
    """Draw eps_k/eps_m against eta for each temperature (Buchenau, Fig. 8)."""
    (axes,) = _panels(figure)
    for name, (eta, ratio) in curves.items():
        axes.semilogy(eta, ratio, label=name)
    axes.set(xlabel="harmonic restoring force $\\eta$", ylabel="$\\epsilon_k/\\epsilon_m$")
    axes.legend()


def electrons(
    figure: Figure,
    x: Floats,
    ground: Floats,
    excited: Floats,
    states: list[tuple[float, float]],
    g: GapStates,
) -> None:
    """Draw the adiabatic potentials (Klinger, Fig. 6), the trapped states (x_n, W_n) and g(E) in the gap."""
    left, right = _panels(figure, 2)
    left.plot(x, ground, label="ground")
    left.plot(x, excited, label="excited")
    left.plot(*np.array(states).T, "o", color="0.3", label="$W_1$, $W_2$")
    left.set(xlabel="$x$ ($a_0$)", ylabel="energy (eV)")
    left.legend()
    right.semilogy(g.E, np.where(g.tails > 0, g.tails, np.nan), label="bare tails")
    for name, values in (("one electron", g.single), ("pairs", g.pairs)):
        if (values > 0).any():
            right.semilogy(g.E, np.where(values > 0, values, np.nan), label=name)
    right.set(xlabel="$E - E_v$ (eV)", ylabel="$g(E)/g_0(E_c)$")
    right.legend()


def kinetics(figure: Figure, t: Floats, curves: Mapping[str, Floats], marks: Mapping[str, float]) -> None:
    """Draw eta(t), t in 1/g (Egorushkin & Mel'nikova, Fig. 1)."""
    (axes,) = _panels(figure)
    for name, values in curves.items():
        axes.plot(t, values, label=name)
    for name, at in marks.items():
        axes.axvline(at, linewidth=0.6, linestyle="--", color="0.5")
        axes.annotate(name, (at, 0.02), fontsize=7)
    axes.set(xlabel="$t$ ($1/\\gamma$)", ylabel="order parameter $\\eta$")
    axes.legend()


def relaxation(figure: Figure, t: Floats, y: Floats, fits: tuple[Fit, ...], names: tuple[str, str]) -> None:
    """Draw a measured relaxation and the fitted laws."""
    (axes,) = _panels(figure)
    axes.plot(t, y, ".", color="0.6", label="measured")
    for fit in fits:
        axes.plot(t, fit.curve, label=fit.law)
    if t[0] > 0 and t[-1] > 300 * t[0]:
        axes.set_xscale("log")
    axes.set(xlabel=names[0], ylabel=names[1])
    axes.legend()


def excitations(figure: Figure, order: ShortRangeOrder, found: Excitations) -> None:
    """Draw the short-range order parameters of the atoms and E(k)."""
    left, right = _panels(figure, 2)
    left.hist(order.alpha[np.isfinite(order.alpha)], bins=30)
    left.axvline(order.mean, linewidth=0.6, linestyle="--", color="0.3")
    left.set(xlabel="Warren–Cowley parameter $\\alpha_I$", ylabel="atoms")
    right.plot(found.k, found.E, label="$E(k)$")
    right.plot(found.k, found.damping, label="damping")
    right.set(xlabel="$k$ (1/length unit)", ylabel="energy per atom (energy unit)")
    right.legend()


def fragment(figure: Figure, x: Floats, exact: Floats, quartic: Floats) -> None:
    """Draw the fragment's energy and its expansion, x in a0, energies in eV."""
    (axes,) = _panels(figure)
    axes.plot(x, exact, label="fragment")
    axes.plot(x, quartic, "--", label="$A(\\eta x^2 + \\xi x^3 + x^4)$")
    axes.set(xlabel="$x$ ($a_0$)", ylabel="$V$ (eV)")
    axes.legend()
