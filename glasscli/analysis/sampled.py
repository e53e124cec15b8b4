"""Did a run sample what it says? Its configurational temperature beside that of its thermostat."""

from __future__ import annotations

import numpy as np

from glasscli.analysis.sections import Sampled, Sampler
from glasscli.engine.pairwise import no_pairs
from glasscli.observables.temperature import configurational_temperature
from glasscli.store.run import Run

# Of the temperature: what is warned about, where it is more than so many errors.
BEYOND, SIGNIFICANT = 0.01, 3.0
# Of the rows at the last temperature: what may still remember another.
FORGOTTEN = 0.2


def sampled(run: Run, notes: list[str]) -> Sampled:
    """The sampler of a run and T_conf over the time at its last temperature, with a note where it is beyond 1 %."""
    protocol, system, table = run.manifest.protocol, run.manifest.system, run.pull_table
    tried, accepted = int(table["trials_tried"].sum()), int(table["trials_accepted"].sum())
    name = protocol.sampled_by
    sampler = Sampler(name, protocol.timestep, accepted / tried if tried else None)
    temperature = protocol.temperature_at(protocol.steps)
    there = np.flatnonzero([protocol.temperature_at(int(step)) == temperature for step in table["step"]])
    kept = there[int(FORGOTTEN * len(there)) :]
    found = configurational_temperature(
        table["force_squared"][kept], table["laplacian"][kept], system.unit_system.lammps_boltzmann
    )
    if found is None:
        notes.append(f"T_conf is not known: {_why(run)}")
        return Sampled(None, None, sampler)
    off = found.value / temperature - 1
    if abs(off) > BEYOND and abs(off) * temperature > SIGNIFICANT * found.error:
        notes.append(
            f"configurations are {off:+.1%} off T (T_conf {found.value:.4g} ± {found.error:.2g}): the time step "
            f"{protocol.timestep:g} of {name} is too long, or the run is far from equilibrium; use a smaller --timestep"
        )
    return Sampled(found.value, found.error, sampler)


def _why(run: Run) -> str:
    system, rows = run.manifest.system, len(run.pull_table["step"])
    if not run.manifest.protocol.gauged:
        return "this run is of a glasscli that did not measure it"
    if why := no_pairs(system):
        return f"{system.name} {why}; forces and Laplacians are measured of pairs"
    if rows or run.manifest.protocol.steps < run.manifest.protocol.sampling.thermo_every:
        return f"only {rows} measurements at the last temperature"
    box = run.state(-1).configuration.box
    if not box.layer(1.0).plain or box.width < 2 * system.cutoff:
        return "its box is tilted, free or less than two cutoffs wide"
    return f"the energy of {system.name} jumps at its cutoff, or has parts that no table gives"
