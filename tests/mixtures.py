"""Systems and files of one to four species in any units, as small as a test needs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np

# Of each system of units: what a length, an energy and a mass of the mixture are, and a step and a pressure at ease.
SCALES = {
    "lj": (1.0, 1.0, 1.0, 0.004),
    "metal": (2.5, 0.3, 60.0, 0.002),
    "real": (2.5, 7.0, 60.0, 2.0),
    "electron": (4.7, 0.011, 60.0, 2.0),
    "si": (2.5e-10, 4.8e-20, 1e-25, 2e-15),
}
BOLTZMANN = {"lj": 1.0, "metal": 8.617e-5, "real": 1.987e-3, "electron": 3.167e-6, "si": 1.381e-23}
NAMES = {"lj": ("A", "B", "C", "D")}
ELEMENTS = ("Si", "O", "Na", "Al")


def names_of(units: str, n: int) -> tuple[str, ...]:
    """The names of n species."""
    return NAMES.get(units, ELEMENTS)[:n]


def write_system(
    path: Path, units: str, n: int, radii: Sequence[float] = (), names: Sequence[str] = ()
) -> Path:
    """A Lennard-Jones mixture of n species, smooth at its cutoff; radii: in units of the largest, of no species by
    default.
    """
    length, energy, mass, step = SCALES[units]
    kelvin = energy / BOLTZMANN[units]
    size = np.linspace(1, 0.8, 4)
    commands = [f"pair_style lj/smooth {2.0 * length!r} {2.5 * length!r}", "pair_modify shift yes"] + [
        f"pair_coeff {a + 1} {b + 1} {energy!r} {float(length * (size[a] + size[b]) / 2)!r}"
        for a, b in combinations_with_replacement(range(n), 2)
    ]
    species = "".join(
        f'[[species]]\nname = "{name}"\nmass = {mass * (k + 1)!r}\nfraction = {1 / n!r}\n'
        + (f"radius = {radii[k] * length!r}\n" if radii else "")
        for k, name in enumerate(names or names_of(units, n))
    )
    path.write_text(
        f'name = "{path.stem}"\nunits = "{units}"\ntimestep = {step!r}\n'
        f"cutoff = {2.5 * length!r}\nskin = {0.3 * length!r}\n"
        f"commands = {commands!r}\n{species}"
        f"[defaults]\natoms = 108\nvolume_per_atom = {0.8 * length**3!r}\nT_start = {2 * kelvin!r}\n"
        f"T_end = {0.01 * kelvin!r}\nequilibration_steps = 50\nquench_steps = 200\n"
        f"[fictive]\nglass_below = {0.3 * kelvin!r}\nliquid_above = {0.7 * kelvin!r}\n"
    )
    return path


def write_frames(
    path: Path, names: Sequence[str], length: float, frames: int = 4, cells: int = 3, noise: float = 0.06
) -> Path:
    """An extended XYZ of a shaken fcc crystal of 4 cells³ atoms whose species are the names in turn."""
    edge = 4 ** (1 / 3) * 0.92 * length
    basis = np.array([(0, 0, 0), (0.5, 0.5, 0), (0.5, 0, 0.5), (0, 0.5, 0.5)])
    places = (np.array(list(np.ndindex(cells, cells, cells)))[:, None] + basis).reshape(-1, 3)
    rng = np.random.default_rng(1)
    with path.open("w") as file:
        for k in range(frames):
            x = edge * (places + noise * (k + 1) / frames * rng.normal(size=places.shape))
            box = f"{cells * edge} 0 0 0 {cells * edge} 0 0 0 {cells * edge}"
            file.write(f'{len(x)}\nLattice="{box}" Properties=species:S:1:pos:R:3 Time={k * 100}\n')
            for i, (a, b, c) in enumerate(x % (cells * edge)):
                file.write(f"{names[i % len(names)]} {a:.9g} {b:.9g} {c:.9g}\n")
    return path
