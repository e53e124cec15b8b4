"""What `glasscli modes` answers: the vibrations of inherent structures, file by file and together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.engine.forces import Forces
from glasscli.engine.own import choice
from glasscli.errors import GlassError, InputError
from glasscli.formats.foreign import open_any
from glasscli.formats.source import configuration_in, remarks, wanted_system
from glasscli.model.system import System
from glasscli.modes.elastic_tensor import Elastic, check, from_hessian
from glasscli.modes.hessian import Curvature
from glasscli.modes.local_moduli import LocalModuli, local_moduli
from glasscli.modes.samples import SOFT, Sample, Samples, analyse, together
from glasscli.modes.tables import draw, map_of, unit_of, write_tables
from glasscli.progress import progress
from glasscli.report.beside import Outputs, finite, number, wrote

# Modes whose participation is told.
LOWEST = 10


@dataclass(frozen=True)
class FileModes:
    """The modes of one file."""

    file: Path
    sample: Sample
    elastic: Elastic | None = None
    local: LocalModuli | None = None

    @property
    def moving(self) -> np.ndarray:
        """Numbers of the modes that are no rigid shift."""
        return np.flatnonzero(~self.sample.modes.zero)

    @property
    def participation(self) -> np.ndarray:
        """[LOWEST] N_k of the lowest of them."""
        return np.asarray(self.sample.participation[self.moving[:LOWEST]])

    def softening(self, numbers: np.ndarray) -> float | None:
        """Mean distortion of the bonds about the central atoms of these modes, see `spots`."""
        slopes = self.sample.distortion.softening[numbers]
        return finite(float(np.nanmean(slopes))) if np.isfinite(slopes).any() else None

    @property
    def softest(self) -> dict[str, float | None] | None:
        """What is known of the softest mode beyond the harmonic; None when it was not followed."""
        sample, first = self.sample, int(self.moving[0])
        anharmonic, potential = sample.soft.get(first), sample.potentials.get(first)
        if not anharmonic:
            return None
        return {
            "eta": potential.eta if potential else None,
            "xi": potential.xi if potential else None,
            "quartic": anharmonic.quartic,
            "cubic": anharmonic.cubic,
            "third_order_softness": finite(anharmonic.third_order_softness),
            "N": float(sample.participation[first]),
            "energy": potential.energy if potential else None,
            "length": potential.length if potential else None,
        }

    @property
    def data(self) -> dict[str, Any]:
        """The contract of one file."""
        sample, lowest = self.sample, self.moving[:LOWEST]
        found, settled = sample.modes, sample.settled
        return {
            "file": str(self.file),
            "atoms": found.n_atoms,
            "modes": len(found.frequencies),
            "zero_modes": int(found.zero.sum()),
            "unstable": int(found.unstable.sum()),
            "frequency_min": float(found.frequencies[self.moving[0]]),
            "frequency_max": float(found.frequencies[-1]),
            "participation": {
                "N": self.participation.tolist(),
                "median": float(np.median(self.participation)),
                "plane_waves": sample.plane_waves[lowest].tolist(),
                "kind": [sample.labels[k] for k in lowest],
            },
            "debye": vars(sample.debye) if sample.debye else None,
            "boson_peak": dict(zip(("frequency", "over_debye"), sample.boson_peak, strict=True))
            if sample.boson_peak
            else None,
            "w_c": sample.w_c,
            "method": {"hessian": settled.hessian.method, "modes": found.method},
            "minimised": settled.minimised,
            "energy": settled.energy,
            "max_force": settled.max_force,
            "hessian_seconds": settled.hessian.seconds,
            "solve_seconds": found.seconds,
            "force_evaluations": sample.force_evaluations,
            "largest_asymmetry": settled.hessian.largest_asymmetry,
            "softest": self.softest,
            "softening": {
                "lowest": self.softening(self.moving[:LOWEST]),
                "all": self.softening(self.moving),
            },
            "local_mode": vars(sample.local) if sample.local else None,
            "elastic": self.elastic.data() | {"local": self.local.data() if self.local else None}
            if self.elastic
            else None,
        }

    def lines(self, system: System) -> list[str]:
        """For people, in the system's units."""
        found, sample = self.sample.modes, self.sample
        lines = [
            f"{self.file}: {len(found.frequencies)} modes of {found.n_atoms} atoms, "
            f"ω {found.frequencies[self.moving[0]]:.4g} to {found.frequencies[-1]:.4g} {unit_of(system)}, "
            f"{found.unstable.sum()} unstable, {found.zero.sum()} zero",
            f"  softest mode on {self.participation[0]:.0f} atoms, median of the ten lowest "
            f"{np.median(self.participation):.0f}",
        ]
        if d := sample.debye:
            lines.append(f"  Debye ω {d.frequency:.4g}, c_L {d.longitudinal:.4g}, c_T {d.transverse:.4g}")
        if self.elastic and not self.elastic.stable:
            lines.append("  elastic: C is not positive, some strain lowers the energy: there are no moduli")
        elif self.elastic:
            (bulk, shear), e = self.elastic.moduli, self.elastic
            lines.append(
                f"  elastic: B {bulk:.5g}, G {shear:.5g} {system.energy_unit}/{system.unit_system.volume_unit}, "
                f"Poisson's ratio {e.poisson:.3f}, anisotropy {e.anisotropy:.3g}"
            )
        if self.local:
            told = self.local.data()
            lines.append(
                f"  in spheres of radius {self.local.reach:.3g}: G ± {told['G']['deviation']:.3g}, B ± "
                f"{told['B']['deviation']:.3g}, {told['share_below_0']:.1%} with G below 0"
            )
        if sample.boson_peak:
            at, height = sample.boson_peak
            lines.append(f"  boson peak at {at:.4g}, {height:.3g} × Debye")
        if s := sample.potentials.get(int(self.moving[0])):
            lines.append(
                f"  softest: η {s.eta:.4g}, ξ {s.xi:.4g}, ε {s.energy:.4g} {system.energy_unit}, "
                f"a {s.length:.3g} {system.length_unit}"
            )
        return lines


@dataclass(frozen=True)
class Vibrations:
    """Modes of files, and what their localised soft modes share.

    forces: whose took the files to their minima, "own" or "lammps"; hbar: quantum of action, None where nobody said;
    written: names of tables and figures.
    """

    system: System
    files: list[FileModes]
    together: Samples
    forces: str
    hbar: float | None
    notes: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        """The contract object: of a single file its own, else one a file under "files"."""
        rows = [one.data for one in self.files]
        return (rows[0] if len(rows) == 1 else {"files": rows}) | {
            "system": self.system.name,
            "forces": self.forces,
            "frequency_unit": unit_of(self.system),
            "ensemble": self.together.data,
            "written": self.written,
        }

    def text(self) -> str:
        """Lines for people, in the system's units."""
        lines = [line for one in self.files for line in one.lines(self.system)]
        soft = self.together
        if len(soft.eta):
            lines.append(
                f"{len(soft.eta)} localised soft modes: N_s {soft.participation:.0f}, ω_c {soft.w_c:.4g}, "
                f"ε_0 {soft.energy:.4g} {self.system.energy_unit}, W {number(soft.W, '.3g')}"
            )
        if t := soft.tail:
            lines.append(
                f"D(ω) ~ ω^({t.exponent:.2f} ± {t.error:.2f}) below the first phonon "
                f"(± of the fit over {t.modes} modes)"
            )
        return "\n".join(lines + wrote(self.written))


def vibrations(
    files: Sequence[Path], outputs: Outputs, system_name: str | None = None, *, frame: int = -1,
    count: int | None = None, soft: int = SOFT, w_c: float | None = None, hbar: float | None = None,
    memory: float | None = None, species: Sequence[str] | None = None, whose: str | None = None,
    elastic: bool = False,
) -> Vibrations:  # fmt: skip
    """Find the modes of one frame of each file, at rest; write the tables and figures.

    hbar  quantum of action in Lennard-Jones units, for energies of soft modes and temperatures
    elastic whether elastic constants are found too
    count, soft, w_c, memory (bytes), whose: see `sample.analyse`; species: of the files' types, see `formats.species`

    Raises InputError for files of different systems, and what `analyse` raises, with the file's name before it.
    """
    system = wanted_system(files[0], system_name)
    said = choice.whose(system, whose)
    found, notes = [], []
    with Forces(system) as forces:
        curvature = Curvature(forces)
        for file in files:
            if wanted_system(file, system_name).commands != system.commands:
                raise InputError(f"{file} was made with another system than {files[0]}: one ensemble has one")
            atoms = configuration_in(file, frame, system, species)
            if elastic:
                check(atoms)
            notes += remarks(open_any(file), system, species)
            said = choice.whose(system, whose, atoms.box)
            try:
                with progress(
                    f"modes of {file.name}", count or atoms.box.dimension * atoms.n_atoms
                ) as advance:
                    sample = analyse(atoms, forces, curvature, count, soft, w_c, memory, advance, whose)
            except GlassError as error:
                raise type(error)(f"{file}: {error}") from error
            constants = local = None
            if elastic:
                at_rest = sample.settled
                constants = from_hessian(at_rest.configuration, at_rest.hessian, curvature, forces)
                if curvature.derivatives:
                    local = local_moduli(at_rest.configuration, at_rest.hessian, curvature.derivatives)
            found.append(FileModes(file, sample, constants, local))
    samples = [one.sample for one in found]
    quantum = hbar or (system.unit_system.hbar if system.units != "lj" else None)
    pooled = together(samples, quantum)
    written = write_tables(outputs, files, samples, pooled, system, quantum)
    if found[0].local:
        written += map_of(outputs, found[0].local, system)
    if outputs.figures:
        written += draw(outputs, samples[0], pooled, unit_of(system))
    notes += [f"{one.file}: {note}" for one in found for note in one.sample.notes]
    return Vibrations(system, found, pooled, said, quantum, notes, written)
