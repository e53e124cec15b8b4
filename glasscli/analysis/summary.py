"""What a finished run says of itself: T_f, and the icosahedra of its last inherent structure.

Kept in the file under /analysis, so that a second look costs nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from glasscli.errors import GlassError, MissingPackageError
from glasscli.progress import progress
from glasscli.store.results import add_results
from glasscli.store.results import stored_fictive_temperature as stored_fictive_temperature
from glasscli.store.run import Run


@dataclass(frozen=True)
class Fictive:
    """The fictive temperature of a ramp.

    by_property           {property: [crossing, error]}
    from_inherent_energy  [T, error] at which the melt had the energy of the last minimum; None where it is not found
    windows               [glass below, liquid above] in which the branches were fitted
    """

    value: float
    error: float
    by_property: dict[str, list[float]]
    from_inherent_energy: list[float] | None
    windows: list[float]


@dataclass(frozen=True)
class Summary:
    """What cannot be had is None: no ramp or no crossing, no inherent structures, OVITO's libraries missing."""

    fictive_temperature: Fictive | None
    icosahedral_fraction: float | None

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Summary:
        """As kept in a file."""
        found = stored["fictive_temperature"]
        return cls(Fictive(**found) if found else None, stored["icosahedral_fraction"])


def summary(run: Run) -> tuple[Summary, list[str]]:
    """Return T_f (of a ramp that has one) and the icosahedral share of the last inherent structure, with notes.

    What is None has a note that says why.
    """
    kept = run.result("summary")
    found = None if kept is None else Summary.of(kept)
    notes: list[str] = []
    if found is None or (found.icosahedral_fraction is None and len(run.inherent)):
        has_one = "fictive_temperature" in run.manifest.protocol.outcome
        found = Summary(_fictive(run, notes) if has_one else None, _icosahedra(run, notes))
        if run.finished:
            add_results(run.path, {"summary": asdict(found)})
    return found, notes


def course(run: Run) -> tuple[dict[str, np.ndarray], list[str]]:
    """Icosahedral and crystalline shares of every inherent structure [I], with notes; kept in a finished file.

    Empty where OVITO does not run or there are no inherent structures.
    """
    stored, notes = run.result("course"), list[str]()
    if stored is None and len(run.inherent):
        from glasscli.observables.icosahedra import close_packed
        from glasscli.observables.laves import laves_test
        from glasscli.observables.voronoi import icosahedral_fraction, tessellate

        rows = []
        try:
            with progress("icosahedra", len(run.inherent), "structures") as advance:
                for done, frame in enumerate(run.inherent, start=1):
                    cells = tessellate(frame, bonds=True)
                    crystal = laves_test(cells, frame.species).laves | close_packed(frame)
                    rows.append((icosahedral_fraction(cells, frame.species).all, float(crystal.mean())))
                    advance(done)
        except MissingPackageError as error:
            notes.append(f"the icosahedral fraction waits for `glasscli analyze` where OVITO runs: {error}")
            return {}, notes
        stored = dict(
            zip(("icosahedral_fraction", "crystalline"), map(list, zip(*rows, strict=True)), strict=True)
        )
        if run.finished:
            add_results(run.path, {"course": stored})
    return {name: np.array(values) for name, values in (stored or {}).items()}, notes


def fictive_series(run: Run) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The temperature and the properties whose branches are to cross, in the order of trust.

    At constant volume energy and pressure; at constant pressure enthalpy and volume, per atom.
    """
    thermo, protocol = run.thermo, run.manifest.protocol
    target = _temperatures(run, thermo["step"])
    if protocol.ensemble.kind == "nvt":
        return target, {"energy": thermo["potential_energy"], "pressure": thermo["pressure"]}
    volume = thermo["volume"] / sum(protocol.counts)
    # Configurational part only: the T^(3/5) law of the liquid is one of the potential energy.
    pressure = (protocol.ensemble.pressure or 0) / run.manifest.system.unit_system.pressure_per_energy_density
    enthalpy = thermo["potential_energy"] + pressure * volume
    return target, {"enthalpy": enthalpy, "volume": volume}


def _temperatures(run: Run, steps: np.ndarray) -> np.ndarray:
    """[n] of the thermostat at these steps."""
    return np.array([run.manifest.protocol.temperature_at(int(step)) for step in steps])


def _fictive(run: Run, notes: list[str]) -> Fictive | None:
    from glasscli.observables.fictive import fictive_temperature, temperature_of_inherent_energy

    windows = run.manifest.system.fictive
    temperature, series = fictive_series(run)
    try:
        found = fictive_temperature(temperature, series, windows.glass_below, windows.liquid_above)
    except GlassError as error:
        notes.append(str(error))
        return None
    notes += found.failed.values()
    if found.error > 0.05 * found.value:
        notes.append(
            f"T_f is uncertain by {found.error / found.value:.0%}: average several quenches before relying on it"
        )
    second = None
    table = run.inherent_table
    if len(table["step"]):
        at = _temperatures(run, table["step"])
        energies = table["inherent_energy"]
        # Just above T_f the melt still follows its equilibrium line; far above it E_IS no longer changes.
        with suppress(GlassError):
            second = list(
                temperature_of_inherent_energy(
                    at, energies, float(energies[-1]), 1.1 * found.value, 2 * found.value
                )
            )
    by_property = {name: [b.crossing, b.error] for name, b in found.branches.items()}
    return Fictive(found.value, found.error, by_property, second, list(found.windows))


def _icosahedra(run: Run, notes: list[str]) -> float | None:
    if not len(run.inherent):
        notes.append("no inherent structures were asked for, so there is no icosahedral fraction")
        return None
    from glasscli.observables.voronoi import icosahedral_fraction, tessellate

    last = run.inherent[-1]
    try:
        return icosahedral_fraction(tessellate(last), last.species).all
    except MissingPackageError as error:
        notes.append(f"the icosahedral fraction waits for `glasscli analyze` where OVITO runs: {error}")
        return None
