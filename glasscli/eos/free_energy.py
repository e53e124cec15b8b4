"""F(V, T) of crystals: where a free energy comes from is a function of (crystal, T), so that other methods fit in.

Quasi-harmonic here: F = E(V) + F_vib(V, T) with the harmonic vibrations of the crystal relaxed at V. Thermodynamic
integration would be another function with the signature of `quasi_harmonic`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glasscli.engine.forces import Forces
from glasscli.eos.curves import EnergyCurve, PhaseCurve, find_minimum
from glasscli.eos.vibrations import Spectrum, force_constants, spectrum
from glasscli.model.system import System

# Volumes at which vibrations are computed, in the crystal's own volume; and how many are needed for a parabola in ln V.
LOW, HIGH, POINTS, ENOUGH = 0.94, 1.18, 7, 4
# A volume whose free energy lies further than this from the parabola, in kT, is left out: there a shell of neighbours
# sits on the cutoff, and a finite difference sees the force's jump as a spring.
OUTLIER = 0.05


@dataclass(frozen=True)
class Vibrations:
    """Spectra of a crystal at several volumes; unstable ones are listed apart."""

    volumes: list[float]
    spectra: list[Spectrum]
    unstable: list[float]


def vibrations(
    phase: PhaseCurve, forces: Forces, volume: float, note: Callable[[], None] = lambda: None
) -> Vibrations:
    """Return the harmonic spectra of a phase around its minimum (around `volume` where it has none)."""
    centre = phase.curve.minimum[0] if phase.curve.minimum else volume
    stable: list[float] = []
    spectra: list[Spectrum] = []
    unstable: list[float] = []
    for v in (np.geomspace(LOW, HIGH, POINTS) * centre).tolist():
        found = spectrum(force_constants(phase.crystal.relaxed(v).configuration, forces))
        if found is None:
            unstable.append(v)
        else:
            stable.append(v)
            spectra.append(found)
        note()
    return Vibrations(stable, spectra, unstable)


def quasi_harmonic(
    phase: PhaseCurve, found: Vibrations, system: System, temperature: float
) -> EnergyCurve | None:
    """Return F(V) at a temperature, None when the crystal is unstable at most volumes.

    E(V) stays LAMMPS's own; F_vib, smooth in V, is a parabola in ln V through the stable volumes, and the curve ends
    where they end. Lennard-Jones atoms are classical, with h-bar = 1: an offset of 3 kT ln(h-bar) an atom, which
    cancels between phases. Metals are quantum oscillators.
    """
    quantum = system.units != "lj"
    boltzmann, hbar = system.unit_system.boltzmann, system.unit_system.hbar
    values = np.array([s.free_energy(temperature, boltzmann, hbar, quantum) for s in found.spectra])
    volumes = np.array(found.volumes)
    while len(volumes) >= ENOUGH:
        fit = np.polyfit(np.log(volumes), values, 2)
        off = np.abs(values - np.polyval(fit, np.log(volumes)))
        if off.max() < OUTLIER * boltzmann * temperature:
            break
        kept = np.arange(len(volumes)) != off.argmax()
        volumes, values = volumes[kept], values[kept]
    else:
        return None
    curve, slope = phase.curve, np.polyder(fit)

    def free(v: float) -> float:
        return curve.energy(v) + float(np.polyval(fit, np.log(v)))

    inside = (curve.volumes >= volumes[0]) & (curve.volumes <= volumes[-1])
    table = curve.volumes[inside]
    energies = curve.energies[inside] + np.polyval(fit, np.log(table))
    pressures = curve.pressures[inside] - np.polyval(slope, np.log(table)) / table
    minimum = find_minimum(table, energies, free)
    bulk = None
    if minimum:
        v, h = minimum[0], 3e-3 * minimum[0]
        bulk = v * (free(v + h) - 2 * minimum[1] + free(v - h)) / h**2
    return EnergyCurve(curve.name, curve.small_fraction, table, energies, pressures, free, minimum, bulk)
