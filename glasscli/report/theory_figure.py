"""Figures of the models' answers. Each function draws on an empty matplotlib figure that the caller saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from glasscli.report.canvas import bins
from glasscli.report.palette import BLACK, CYCLE, LOOKS, colour_map

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from glasscli.theory.answers.coupling import Strained
    from glasscli.theory.answers.electrons import Electrons
    from glasscli.theory.answers.excitations import AlloyExcitations
    from glasscli.theory.answers.fragment import ThreeAtoms
    from glasscli.theory.answers.kinetics import Fits, Growth
    from glasscli.theory.answers.levels import GapMap, Levels
    from glasscli.theory.answers.participation import SoftModes
    from glasscli.theory.answers.spectrum import SoftSpectrum
    from glasscli.theory.answers.stability import Stability
    from glasscli.theory.answers.tunnelling import TunnellingSpectrum

Floats = NDArray[np.float64]

MOST = 10  # levels that a legend names


def _panels(figure: Figure, count: int = 1, above: float = 0.0, beside: float = 0.0) -> list[Axes]:
    """Return axes side by side, placed by hand: a layout engine would draw everything three times.

    above, beside: inches that legends take there, see `_legend`
    """
    figure.set_layout_engine("none")
    width, height = figure.get_size_inches()
    panel = (width - 0.15 - beside) / count
    low, high = 0.5 / height, (height - 0.62 - above) / height
    found = [
        figure.add_axes(((n * panel + 0.65) / width, low, (panel - 0.65) / width, high)) for n in range(count)
    ]
    colors, strokes = zip(*LOOKS, strict=True)
    for axes in found:
        axes.set_prop_cycle(color=colors, linestyle=strokes)
    return found


def _legend(axes: Axes, columns: int = 3) -> None:
    """Name the curves above their panel, off the data."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=columns, borderaxespad=0.2, columnspacing=1.2,
        handlelength=1.8,
    )  # fmt: skip


def _mark(axes: Axes, at: float, name: str) -> None:
    """Name a place along x by a thin line."""
    axes.axvline(at, linewidth=0.6, linestyle="--", color="0.5", zorder=0)
    axes.annotate(
        f" {name}", (at, 0.98), xycoords=axes.get_xaxis_transform(), ha="left", va="top", fontsize=7.5
    )


def levels(figure: Figure, found: Levels) -> None:
    """Draw the potential, the levels and the wave functions on them."""
    (axes,) = _panels(figure, beside=0.95)
    states, V = found.states, found.V
    axes.set_prop_cycle(color=CYCLE)
    axes.plot(states.x, V, "-", color="0.3")
    low, high = float(V.min()), float(states.energies[-1])
    room = max(high - low, 1e-9)
    size = 0.35 * room / len(states.energies) / np.abs(states.psi).max()
    for n, energy in enumerate(states.energies):
        axes.plot(
            states.x, energy + size * states.psi[:, n], label=f"$E_{{{n}}}$ = {energy:.4f}".replace("-", "−")
        )
    inside = np.flatnonzero(high + 0.3 * room > V)
    axes.set(
        xlim=(states.x[max(inside[0] - 1, 0)], states.x[min(inside[-1] + 1, len(V) - 1)]),
        ylim=(low - 0.08 * room, high + 0.3 * room),
        xlabel="$X = x/\\eta_L^{1/2}$ ($a_0$)",
        ylabel="energy ($w$)",
    )
    if len(states.energies) <= MOST:
        axes.legend(
            loc="upper left", bbox_to_anchor=(1.0, 1.0), reverse=True, borderaxespad=0.3, handlelength=1.4
        )


def gap_map(figure: Figure, found: GapMap) -> None:
    """Draw E1 - E0 over the plane and its critical points."""
    from matplotlib.ticker import MaxNLocator
    from scipy.interpolate import RectBivariateSpline

    axes = figure.add_subplot()
    # Drawn between the points too: the valleys are narrower than the points are apart.
    K1, K2 = (np.linspace(k[0], k[-1], 6 * len(k)) for k in (found.K1, found.K2))
    plane = K1, K2, RectBivariateSpline(found.K2, found.K1, found.gap)(K2, K1)
    areas = axes.contourf(*plane, levels=24, cmap=colour_map())
    axes.contour(*plane, levels=sorted(s.gap for s in found.saddles[:1]), colors=BLACK, linewidths=0.7)
    axes.plot([s.K1 for s in found.saddles], [s.K2 for s in found.saddles], "+", color=BLACK, markersize=6)
    figure.colorbar(areas, label="$E_1 - E_0$ ($w$)", ticks=MaxNLocator(6))
    axes.set(xlabel="$K_1 = \\eta/\\eta_L$", ylabel="$K_2 = \\xi/\\eta_L^{1/2}$")


def soft_spectrum(figure: Figure, found: SoftSpectrum) -> None:
    """Draw C/T^3 (in the form of Buchenau's Figs. 1-2), n(E) by class and, where it is known, the conductivity."""
    axes = _panels(figure, 3 if found.conduction else 2, above=0.34)
    _over_cube(axes[0], found.T, found.C_over_T3)
    for name, at in (("T*", found.marks.T_star), ("bump", found.marks.T_bump)) if found.marks else ():
        if np.isfinite(at):
            _mark(axes[0], at, name)
    n, w = found.n, found.w
    axes[1].loglog(n.E * w, n.total / w, "-", color="0.75", linewidth=3, label="all")
    for kind, values in n.by_class.items():
        shown = values > 0
        axes[1].loglog(n.E[shown] * w, values[shown] / w, label=kind)
    axes[1].set(xlabel="$E/k_B$ (K)", ylabel="$n(E)$ (per atom K)")
    _legend(axes[1], 2)
    if found.conduction:
        _conductivity(axes[2], found.T, found.conduction.kappa)


def tunnelling_spectrum(figure: Figure, found: TunnellingSpectrum) -> None:
    """Draw C/T^3 and the conductivity of the standard tunnelling model."""
    left, right = _panels(figure, 2)
    _over_cube(left, found.T, found.C_over_T3)
    _conductivity(right, found.T, found.kappa)


def _over_cube(axes: Axes, T: Floats, C_over_T3: Floats) -> None:
    axes.loglog(T, C_over_T3)
    axes.set(xlabel="$T$ (K)", ylabel="$C/T^3$ ($k_B$ per atom K$^{-3}$)")


def _conductivity(axes: Axes, T: Floats, kappa: Floats) -> None:
    axes.loglog(T, kappa)
    axes.set(xlabel="$T$ (K)", ylabel="$\\kappa$ (W K$^{-1}$ m$^{-1}$)")


def coupling(figure: Figure, found: Strained) -> None:
    """Draw which share of each class couples less than |b|."""
    (axes,) = _panels(figure)
    for kind, b in found.spread.items():
        if len(b):
            axes.semilogx(np.sort(b), (np.arange(len(b)) + 0.5) / len(b), label=kind)
    axes.set(xlabel="$|b|$ (eV)", ylabel="share below")
    axes.legend()


def participation(figure: Figure, found: SoftModes) -> None:
    """Draw N_s a^2 against nu_c at the given T*, with the glass asked for."""
    (axes,) = _panels(figure)
    axes.plot(found.columns["nu_c_THz"], found.columns["Ns_a2_A2"], label=f"T* = {found.T_star:.4g} K")
    axes.plot(
        found.nu_c / 1e12, found.found.Ns_a2_A2, "o", color=BLACK, markersize=4, label="the glass asked for"
    )
    axes.legend(loc="upper left")
    axes.set(xlabel="$\\nu_c$ (THz)", ylabel="$N_s a^2$ (Å$^2$)")


def stability(figure: Figure, found: Stability) -> None:
    """Draw eps_k/eps_m against eta for each temperature (Buchenau, Fig. 8)."""
    (axes,) = _panels(figure, above=0.18)
    for value, ratio in sorted(found.curves.items()):
        axes.semilogy(found.eta, ratio, label=f"$\\epsilon_m/k_BT$ = {value:g}")
    axes.set(xlabel="harmonic restoring force $\\eta$", ylabel="$\\epsilon_k/\\epsilon_m$")
    _legend(axes)


def electrons(figure: Figure, found: Electrons) -> None:
    """Draw the adiabatic potentials (Klinger, Fig. 6), the trapped states (x_n, W_n) and g(E) in the gap."""
    left, right = _panels(figure, 2, above=0.18)
    state, g = found.state, found.gap
    left.plot(found.x, found.ground, label="ground")
    left.plot(found.x, found.excited, label="excited")
    left.plot([state.x1, state.x2], [state.W1, state.W2], "o", color="0.3", label="trapped")
    for name, x, W in (("$W_1$ ", state.x1, state.W1), ("$W_2$ ", state.x2, state.W2)):
        left.annotate(name, (x, W), ha="right", va="center", fontsize=7.5)
    left.set(xlabel="$x$ ($a_0$)", ylabel="energy (eV)")
    _legend(left)
    right.semilogy(g.E, np.where(g.tails > 0, g.tails, np.nan), label="bare tails")
    for name, values in (("one electron", g.single), ("pairs", g.pairs)):
        if (values > 0).any():
            right.semilogy(g.E, np.where(values > 0, values, np.nan), label=name)
    right.set(xlabel="$E - E_v$ (eV)", ylabel="$g(E)/g_0(E_c)$")
    _legend(right)


def kinetics(figure: Figure, found: Growth) -> None:
    """Draw eta(t), t in 1/g (Egorushkin & Mel'nikova, Fig. 1)."""
    (axes,) = _panels(figure, above=0.18)
    for name, values in found.curves.items():
        axes.plot(found.t, values, label=name)
    for name, at in (("$t_{1/2}$", found.t_half), ("$t_{90}$", found.t_90)):
        _mark(axes, at, name)
    axes.set(xlabel="$t$ ($1/\\gamma$)", ylabel="order parameter $\\eta$")
    axes.set_ylim(top=1.15 * axes.get_ylim()[1])
    _legend(axes)


def relaxation(figure: Figure, found: Fits) -> None:
    """Draw a measured relaxation and the fitted laws."""
    (axes,) = _panels(figure, above=0.18)
    t = found.time
    axes.plot(t, found.value, ".", color="0.6", label="measured")
    for fit in found.fits:
        axes.plot(t, fit.curve, label=fit.law)
    if t[0] > 0 and t[-1] > 300 * t[0]:
        axes.set_xscale("log")
    axes.set(xlabel=found.names[0], ylabel=found.names[1])
    _legend(axes)


def excitations(figure: Figure, found: AlloyExcitations) -> None:
    """Draw the short-range order parameters of the atoms and E(k)."""
    left, right = _panels(figure, 2, above=0.18)
    order, waves = found.order, found.found
    alpha = order.alpha[np.isfinite(order.alpha)]
    left.hist(alpha, bins=bins(alpha, 30))
    left.axvline(order.mean, linewidth=0.6, linestyle="--", color="0.3")
    left.set(xlabel="Warren–Cowley parameter $\\alpha_I$", ylabel="atoms")
    right.plot(waves.k, waves.E, label="$E(k)$")
    right.plot(waves.k, waves.damping, label="damping")
    right.set(
        xlabel=f"$k$ ({found.units.length_unit}⁻¹)", ylabel=f"energy per atom ({found.units.energy_unit})"
    )
    _legend(right)


def fragment(figure: Figure, found: ThreeAtoms) -> None:
    """Draw the fragment's energy and its expansion."""
    (axes,) = _panels(figure, above=0.18)
    axes.plot(found.x, found.exact, label="fragment")
    axes.plot(found.x, found.quartic, "--", label="$A(\\eta x^2 + \\xi x^3 + x^4)$")
    axes.set(xlabel="$x$ ($a_0$)", ylabel="$V$ (eV)")
    _legend(axes)


def bridge(
    figure: Figure, eta: Floats, xi: Floats, T: Floats, parts: Mapping[str, Floats], error: Floats,
    table: Sequence[str],
) -> None:  # fmt: skip
    """Draw F(eta, xi) of measured soft modes, C/T^3 and a table on one page.

    eta, xi [n_modes]; T [n_T] in K; parts {name: C [n_T]}, the first their sum, whose error [n_T] is a band (NaN: none)
    """
    figure.set_size_inches(7.0, 3.9)
    halves: Any = figure.subfigures(2, 1, height_ratios=[4, 1])
    top, below = halves
    left, right = top.subplots(1, 2)
    left.plot(eta, xi, ".", markersize=3)
    left.set_xlabel("$\\eta$")
    left.set_ylabel("$\\xi$")
    left.set_title("soft modes, $F(\\eta, \\xi)$")
    left.locator_params(nbins=5)
    for n, ((name, C), (color, stroke)) in enumerate(zip(parts.items(), LOOKS, strict=False)):
        if (C > 0).any():
            right.plot(T, C / T**3, stroke, color=color, label=name, linewidth=0.9 if n else 1.6)
    whole = next(iter(parts.values())) / T**3
    if np.isfinite(error).any():
        low = np.maximum(whole - error / T**3, whole * 1e-6)
        right.fill_between(T, low, whole + error / T**3, alpha=0.25, linewidth=0)
    right.set(xscale="log", yscale="log", xlabel="T (K)", ylabel="$C/T^3$ ($k_B$ per atom, K$^{-3}$)")
    right.set_ylim(max(whole.min() / 30, 1e-12), whole.max() * 3)
    right.legend()
    axes = below.subplots()
    axes.axis("off")
    axes.text(0, 1, "\n".join(table), family="monospace", fontsize=6.5, va="top")
