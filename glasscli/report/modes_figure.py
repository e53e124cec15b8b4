"""Figures of vibrations: participation against frequency, densities of states, soft potentials, unstable modes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.report.canvas import DOUBLE, SINGLE, drawing, minor_ticks
from glasscli.report.palette import BLACK, BLUE, CYCLE, ORANGE, RED, colour_map
from glasscli.report.projection import framed
from glasscli.report.scene import Bar, Scene, draw

# Atoms that move less than this share of the most mobile one are left out of the picture of a mode.
SEEN = 0.15


def spectrum(
    path: str | Path,
    frequencies: Floats,
    ratio: Floats,
    labels: Sequence[str],
    edges: Floats | None,
    density: Floats | None,
    over_square: Floats | None,
    debye: float | None = None,
    w_c: float | None = None,
    peak: tuple[float, float] | None = None,
    unit: str = "1/τ",
    format: str | None = None,
    dimension: int = 3,
) -> Path:
    """Draw N_k/N of each mode against its frequency (Buchenau 1992, Fig. 6), D(w) (Fig. 5) and D(w)/w^2.

    dimension: of space; in a plane D(w)/w.

    frequencies, ratio, labels [n_modes]; edges [bins + 1], density and over_square [bins]; debye: the Debye
    frequency, whose level is drawn; w_c: the lowest maximum; peak: (frequency, height over Debye) of the boson peak.
    """
    panels = 1 if density is None else 3
    with drawing(path, format, SINGLE if panels == 1 else DOUBLE, 2.5) as (figure, target):
        axes = figure.subplots(1, panels, squeeze=False)[0]
        kinds = np.array(labels)
        looks = (("extended", BLUE, "."), ("phonon", ORANGE, "^"), ("localised", RED, "x"))
        for kind, color, mark in looks:
            mine = kinds == kind
            if mine.any():
                axes[0].plot(
                    frequencies[mine], ratio[mine], mark, color=color, markersize=3, mew=0.6, label=kind
                )
        axes[0].set_ylim(0, 0.75)
        axes[0].set_ylabel("participation ratio $N_k/N$")
        figure.legend(loc="outside upper left", ncols=3, markerscale=2, handletextpad=0.1, columnspacing=1.2)
        if density is not None and edges is not None and over_square is not None:
            middle = (edges[1:] + edges[:-1]) / 2
            axes[1].stairs(density, edges, color=BLACK)
            inverse = "/".join(reversed(unit.removeprefix("1/").split("/")))
            axes[1].set_ylabel(f"$D(\\omega)$ ({inverse})")
            if w_c is not None:
                axes[1].axvline(w_c, color=RED, linewidth=0.7, label="$\\omega_c$")
                axes[1].legend(loc="best")
            axes[2].plot(middle, over_square, "o-", color=BLACK, markersize=2.2)
            if debye is not None:
                level = dimension / debye**dimension
                axes[2].axhline(level, color=BLUE, linewidth=0.8, label="Debye")
                if peak is not None:
                    axes[2].plot(peak[0], peak[1] * level, "v", color=RED, markersize=4, label="boson peak")
                axes[2].legend(loc="best")
            over, power = ("\\omega^2", "³") if dimension == 3 else ("\\omega", "²")
            cubed = f"({inverse}){power}" if "/" in inverse else f"{inverse}{power}"
            axes[2].set_ylabel(f"$D(\\omega)/{over}$ ({cubed})")
            axes[2].set_yscale("log")
        for one in axes:
            one.set_xlabel(f"$\\omega$ ({unit})")
        minor_ticks(*axes)
    return target


def soft_potentials(path: str | Path, eta: Floats, xi: Floats, format: str | None = None) -> Path:
    """Draw the joint distribution of eta and xi [m], and the lines between one and two wells."""
    with drawing(path, format, SINGLE, 2.7) as (figure, target):
        axes = figure.subplots()
        axes.plot(eta, xi, ".", color=BLUE, markersize=5)
        reach = 1.15 * max(float(np.abs(xi).max()), 1e-6)
        line = np.linspace(-reach, reach, 201)
        axes.plot(9 * line**2 / 32, line, color=BLACK, linewidth=0.8, label="two wells to the left")
        axes.plot(line**2 / 4, line, "--", color=RED, linewidth=0.8, label="wells of equal depth")
        axes.set_xlabel("$\\eta$")
        axes.set_ylabel("$\\xi$")
        minor_ticks(axes)
        axes.legend(loc="best")
    return target


def unstable(
    path: str | Path, where: Floats, shares: Floats, localised: Floats, label: str, format: str | None = None
) -> Path:
    """Draw the share of unstable instantaneous modes, and of the localised ones, against `where` [n_frames]."""
    with drawing(path, format, SINGLE, 2.5) as (figure, target):
        axes = figure.subplots()
        axes.plot(where, shares, "o-", color=CYCLE[0], label="unstable")
        axes.plot(where, localised, "s-", color=CYCLE[1], label="of them localised")
        axes.set_xlabel(label)
        axes.set_ylabel("share of all modes")
        axes.set_ylim(bottom=0)
        minor_ticks(axes)
        axes.legend(loc="best")
    return target


def mode_as_arrows(path: Path, configuration: Configuration, motion: Floats, title: str) -> None:
    """Draw the motion [n_atoms, 3] of a mode as arrows from those that move, the longest a fifth of the box."""
    size = np.linalg.norm(motion, axis=1)
    seen = size > SEEN * size.max()
    share = size[seen] / size.max()
    colours = np.asarray(colour_map()(share)[:, :3])
    spacing = configuration.spacing
    box, _ = framed(configuration.box, configuration.positions)
    longest = min(configuration.box.width, box.length) / 5
    scene = Scene(
        configuration.box, configuration.positions[seen], colours, 0.09 * spacing * (1 + share),
        starts=configuration.positions[seen], vectors=motion[seen] / size.max() * longest,
        line_colours=colours, width=0.08 * spacing, arrows=True, title=title,
        bar=Bar(0, 1, "displacement / largest", "neither"),
    )  # fmt: skip
    draw(scene, path, renderer="matplotlib")


def moduli(path: Path, atoms: Configuration, values: Floats, label: str) -> Path:
    """Draw numbers [n] of the atoms in a slab through the middle, 2.5 spacings thick, seen along z."""
    z = atoms.positions[:, 2]
    middle = np.abs(z - (z.min() + z.max()) / 2) <= 1.25 * atoms.spacing
    with drawing(path, None, SINGLE, 2.8) as (figure, target):
        axes = figure.subplots()
        x, y = atoms.positions[middle, 0], atoms.positions[middle, 1]
        points = axes.scatter(x, y, c=values[middle], s=40, cmap=colour_map(), lw=0)
        figure.colorbar(points, ax=axes, label=label)
        axes.set_aspect("equal")
        axes.set_xlabel("x")
        axes.set_ylabel("y")
    return target
