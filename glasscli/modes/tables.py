"""Tables and figures of vibrations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from glasscli.configuration import Floats
from glasscli.formats.names import named
from glasscli.model.system import System
from glasscli.modes.local_moduli import LocalModuli
from glasscli.modes.localisation import hybrid
from glasscli.modes.samples import Sample, Samples
from glasscli.report import modes_figure
from glasscli.report.beside import Outputs, finite

MODES = ("file", "mode", "frequency", "N_k", "ratio", "plane_waves", "kind", "hybrid", "softening", "cubic",
         "quartic", "eta", "xi", "energy", "third_order_softness")  # fmt: skip


def unit_of(system: System) -> str:
    """Unit of frequencies, which are angular."""
    return system.unit_system.frequency_unit


def write_tables(
    outputs: Outputs, files: Sequence[Path], samples: Sequence[Sample], together: Samples, system: System,
    hbar: float | None,
) -> list[str]:  # fmt: skip
    """Write every mode, and of the first file soft spots and heat; return the names of the files.

    The samples of eta and xi are written as `glasscli theory spectrum --distribution` reads them.
    """
    rows = (row for file, sample in zip(files, samples, strict=True) for row in _modes(file, sample))
    written = [outputs.table("modes", MODES, rows, system.unit_system), _spots(outputs, samples[0], system)]
    written += _heat(outputs, samples[0], system, hbar)
    if len(together.eta):
        pairs = np.column_stack([together.eta, together.xi]).tolist()
        written.append(outputs.table("soft", ("eta", "xi"), pairs, system.unit_system))
    return written


def _modes(file: Path, sample: Sample) -> Iterator[list[str]]:
    """Every mode of a file."""
    mixed = hybrid(sample.plane_waves)
    for k, w in enumerate(sample.modes.frequencies):
        n = sample.participation[k]
        cells = [f"{x:.10g}" for x in (w, n, n / sample.modes.n_atoms, sample.plane_waves[k])]
        bent = float(sample.distortion.softening[k])
        cells += [sample.labels[k], str(int(mixed[k])), "" if np.isnan(bent) else f"{bent:.6g}"]
        followed, potential = sample.soft.get(k), sample.potentials.get(k)
        numbers: list[float | None] = [None] * 6
        if followed:
            numbers[:2] = [followed.cubic, followed.quartic]
            numbers[5] = finite(followed.third_order_softness)
        if potential:
            numbers[2:5] = [potential.eta, potential.xi, potential.energy]
        cells += ["" if x is None else f"{x:.10g}" for x in numbers]
        yield [str(file), str(k + 1), *cells]


def _spots(outputs: Outputs, sample: Sample, system: System) -> str:
    """Where a sample's lowest modes move atoms."""
    atoms = sample.settled.configuration
    rows = (
        [i, name, *(f"{value:.8g}" for value in (*x, spot))]
        for i, name, x, spot in zip(
            atoms.identifiers.tolist(),
            named(atoms.species, system.names),
            atoms.positions,
            sample.spots,
            strict=True,
        )
    )
    return outputs.table("spots", ("atom", "species", "x", "y", "z", "softness"), rows, system.unit_system)


def _heat(outputs: Outputs, sample: Sample, system: System, hbar: float | None) -> list[str]:
    """Harmonic heat capacity of a sample in k_B per atom; nothing unless all its modes are known and stable.

    Without a quantum of action the temperature is in units of ħ/k_B times the unit of frequency.
    """
    quantum = (hbar or 1.0) / system.unit_system.boltzmann
    temperatures = temperatures_of([sample], quantum)
    values = sample.heat(temperatures, quantum)
    if values is None:
        return []
    rows = ((f"{T:.8g}", f"{C:.10g}") for T, C in zip(temperatures, values, strict=True))
    columns = (temperature_column(system, hbar), "heat_capacity")
    return [outputs.table("heat", columns, rows, system.unit_system)]


def temperature_column(system: System, hbar: float | None) -> str:
    """What the temperatures of a heat capacity are called: without a quantum of action they are in one of its own."""
    return "temperature" if hbar else f"temperature (ħ/(k_B {system.unit_system.time_unit}))"


def temperatures_of(samples: Sequence[Sample], quantum: float) -> Floats:
    """[n_T] from where the highest mode of all is frozen to where it is classical; quantum: h-bar/k_B."""
    return quantum * max(float(s.modes.frequencies[-1]) for s in samples) * np.geomspace(0.01, 2, 60)


def draw(outputs: Outputs, sample: Sample, together: Samples, unit: str) -> list[str]:
    """Draw a sample and the ensemble; return the names of the files. unit: of frequencies."""
    found, seen = sample.modes, ~sample.modes.zero
    spectrum = sample.density
    written = [
        modes_figure.spectrum(
            outputs.figure("modes"), found.frequencies[seen], sample.participation[seen] / found.n_atoms,
            [label for label, there in zip(sample.labels, seen, strict=True) if there],
            spectrum.edges if spectrum else None, spectrum.value if spectrum else None,
            spectrum.over_square if spectrum else None,
            sample.debye.frequency if sample.debye else None, sample.w_c, sample.boson_peak, unit,
            dimension=found.dimension,
        )
    ]  # fmt: skip
    first = int(np.flatnonzero(seen)[0])
    title = (
        f"softest mode: ω = {found.frequencies[first]:.3g} {unit}, {sample.participation[first]:.0f} atoms"
    )
    motion = found.vectors[first] / np.sqrt(sample.masses)[:, None]
    target = outputs.figure("softest")
    modes_figure.mode_as_arrows(target, sample.settled.configuration, motion, title)
    written.append(target)
    if len(together.eta):
        written.append(modes_figure.soft_potentials(outputs.figure("soft"), together.eta, together.xi))
    return [str(path) for path in written]


def map_of(outputs: Outputs, found: LocalModuli, system: System) -> list[str]:
    """Write the moduli around each atom of the first file, and draw those of shear; return the names of the files."""
    atoms = found.configuration
    rows = (
        [i, name, *(f"{value:.8g}" for value in (*x, G, B))]
        for i, name, x, G, B in zip(
            atoms.identifiers.tolist(),
            named(atoms.species, system.names),
            atoms.positions,
            found.G,
            found.B,
            strict=True,
        )
    )
    written = [
        outputs.table("moduli", ("atom", "species", "x", "y", "z", "G", "B"), rows, system.unit_system)
    ]
    if outputs.figures:
        target, unit = outputs.figure("moduli"), f"{system.energy_unit}/{system.unit_system.volume_unit}"
        written.append(str(modes_figure.moduli(target, atoms, found.G, f"G around an atom ({unit})")))
    return written
