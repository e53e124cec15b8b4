"""Shear and bulk viscosity of a run that noted its stress."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Floats
from glasscli.errors import InputError
from glasscli.model.system import System
from glasscli.observables.green_kubo import Integral, evenly_spaced, green_kubo, shear_stress
from glasscli.store.run import Run


@dataclass(frozen=True)
class Viscosities:
    """Green-Kubo integrals, None where there is nothing to integrate; why."""

    shear: Integral | None
    bulk: Integral | None
    reason: str | None
    bulk_reason: str | None


def viscosities(run: Run | None, system: System | None, T: float | None) -> Viscosities:
    """Of a run at constant volume and temperature, from its stress series.

    eta = V/kT int <P_xy P_xy> over all five independent shears. Bulk: the same of the pressure, of which the part that
    follows the energy is taken off, as the canonical ensemble asks for (Hansen & McDonald, Theory of Simple Liquids,
    Sec. 8.5); that needs energies at the same steps.
    """
    if run is None or system is None or not len(run.stress["step"]):
        reason = "no viscosity: the file holds no stress in time (--stress-every)"
        return Viscosities(None, None, reason, reason)
    protocol, stress = run.manifest.protocol, run.stress
    if protocol.ensemble.kind == "npt" or system.dimension == 2 or T is None:
        reason = "no viscosity: its formula is for constant volume, one temperature and three dimensions"
        return Viscosities(None, None, reason, reason)
    gap = evenly_spaced(stress["step"])
    if gap is None:
        reason = "no viscosity: the stress is not evenly spaced in time"
        return Viscosities(None, None, reason, reason)
    units, spacing = system.unit_system, gap * protocol.timestep
    volume = float(run.thermo["volume"][0])
    factor = volume / (units.lammps_boltzmann * T * units.pressure_per_energy_density)
    try:
        shear = green_kubo(shear_stress(stress), spacing, factor)
    except InputError as error:
        reason = f"no viscosity: {error}"
        return Viscosities(None, None, reason, reason)
    pressure = _beside_energy(run)
    if pressure is None:
        return Viscosities(
            shear,
            None,
            None,
            "no bulk viscosity: it needs energies at the steps of the stress (--thermo-every)",
        )
    return Viscosities(shear, green_kubo(pressure[:, None], spacing, factor), None, None)


def _beside_energy(run: Run) -> Floats | None:
    """[n] the pressure less what follows the total energy; None where they were not noted together."""
    stress, thermo = run.stress, run.thermo
    both, here, there = np.intersect1d(stress["step"], thermo["step"], return_indices=True)
    if len(both) != len(stress["step"]):
        return None
    pressure = (stress["pressure_xx"] + stress["pressure_yy"] + stress["pressure_zz"])[here] / 3
    energy = (thermo["potential_energy"] + thermo["kinetic_energy"])[there]
    dp, de = pressure - pressure.mean(), energy - energy.mean()
    return np.asarray(dp - de * float(dp @ de) / float(de @ de))
