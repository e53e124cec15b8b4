"""From an ensemble of simulated glasses to W, T* and C/T^3, beside what was found for real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glasscli.configuration import Floats
from glasscli.engine.forces import Forces
from glasscli.errors import FileError, InputError
from glasscli.landscape.catalogue import catalogue_path
from glasscli.landscape.known import known
from glasscli.landscape.sample import Sample as Opened
from glasscli.landscape.sample import open_sample, smooth
from glasscli.landscape.two_level import heat, two_level
from glasscli.modes.density import heat_capacity
from glasscli.modes.hessian import Curvature
from glasscli.modes.samples import Sample, Samples, analyse, together
from glasscli.progress import progress
from glasscli.theory.answers.answer import Columns, Data, plain
from glasscli.theory.bridge import Prediction, predict
from glasscli.theory.participation import GLASSES, participation
from glasscli.units import BOLTZMANN, PLANCK, UNIT_SYSTEMS, Scale, scale

# What is compared with real glasses, and how it is called in the table.
COMPARED = {
    "N_s_a2_A2": "N_s a² (Å²)",
    "eps_0_eV": "ε_0 (eV)",
    "nu_c_THz": "ν_c (THz)",
    "W_K": "W (K)",
    "T_star_K": "T* (K)",
}


@dataclass(frozen=True)
class Bridge:
    """An ensemble of glasses and what it predicts.

    T            [n_T] temperatures in units of energy
    harmonic, tunnelling   [n_T] heat capacities in k_B per atom of the other modes and of the double wells
    wells        double wells in the files' catalogues
    """

    files: Sequence[Path]
    system: str
    scale: Scale
    soft: Samples
    W: float
    eps_0: float
    found: Prediction
    T: Floats
    harmonic: Floats
    tunnelling: Floats
    wells: int
    notes: list[str]

    @property
    def T_K(self) -> Floats:
        """[n_T] temperatures in K."""
        return self.T * self.scale.kelvin

    @property
    def compared(self) -> dict[str, float]:
        """The numbers that real glasses have, too; nan where one is not known."""
        soft, unit = self.soft, self.scale
        w_c, Ns_a2 = soft.w_c or np.nan, soft.Ns_a2 or np.nan
        return {
            "N_s_a2_A2": Ns_a2 * unit.angstrom**2,
            "eps_0_eV": self.eps_0 * (unit.kelvin * UNIT_SYSTEMS["metal"].boltzmann),
            # An angular frequency of the system by its quantum in kelvin.
            "nu_c_THz": unit.hbar * w_c * unit.kelvin * BOLTZMANN / PLANCK * 1e-12,
            "W_K": self.W * unit.kelvin,
            "T_star_K": self.found.T_star * unit.kelvin,
        }

    @property
    def data(self) -> Data:
        """Everything."""
        return plain(
            {
                "files": [str(file) for file in self.files],
                "system": self.system,
                "units": self.scale.name,
                "glasses": len(self.files),
                "soft_modes": len(self.soft.eta),
                "N_s": self.soft.participation,
                "w_c": self.soft.w_c,
                "eta_L": self.found.eta_L,
                **self.compared,
                "T_star_of_curve_K": self.found.T_star_of_curve * self.scale.kelvin,
                "double_wells": self.wells,
                "measured": measured(),
                **self.columns,
            }
        )

    @property
    def columns(self) -> Columns:
        """The heat capacity and its parts."""
        return {
            "T_K": self.T_K,
            "C": self.found.total,
            "C_soft": self.found.soft,
            "C_harmonic": self.harmonic,
            "C_wells": self.tunnelling,
        }

    @property
    def parts(self) -> dict[str, Floats]:
        """The heat capacity and its parts [n_T] by name."""
        return {
            "all": self.found.total,
            "soft modes": self.found.soft,
            "other modes": self.harmonic,
            "double wells": self.tunnelling,
        }

    @property
    def table(self) -> list[str]:
        """These glasses beside real ones."""
        rows = [f"{'':14}" + "".join(f"{title:>13}" for title in COMPARED.values())]
        for who, values in {f"these ({self.scale.name})": self.compared, **measured()}.items():
            rows.append(f"{who:14}" + "".join(f"{values[key]:>13.4g}" for key in COMPARED))
        return rows

    def text(self) -> str:
        """What was found, the table, and where C/T³ has its minimum."""
        first = (
            f"{len(self.files)} glasses as {self.scale.name}: {len(self.soft.eta)} localised soft modes, "
            f"{self.wells} double wells"
        )
        rows = [first, *self.table]
        if np.isfinite(self.found.T_star_of_curve):
            rows.append(f"C/T³ has its minimum at {self.found.T_star_of_curve * self.scale.kelvin:.3g} K")
        return "\n".join(rows)


def bridge(
    files: Sequence[Path],
    system_name: str | None,
    substance: str | None,
    frame: int,
    as_is: bool,
    species: Sequence[str] | None = None,
) -> Bridge:
    """Return what the soft modes and double wells of glasses predict.

    substance    what reduced units stand for; None: argon
    frame, as_is   of each file, and whether its system is kept as it is
    species        names of foreign files' types 1, 2, ..., by hand
    Raises InputError for files of different systems, or without a localised soft mode.
    """
    opened = [open_sample(file, system_name, species=species) for file in files]
    systems = [smooth(one.system, as_is) for one in opened]
    system = systems[0]
    if any(other.commands != system.commands for other in systems):
        raise InputError("the files were made with different systems: one ensemble has one")
    unit = scale(system.unit_system, substance, system.name)
    # The coldest at which levels suffice, the warmest where all modes are classical.
    T = np.geomspace(0.05, 30, 120) / unit.kelvin
    harmonic, tunnelling, wells = np.zeros(len(T)), np.zeros(len(T)), 0
    samples: list[Sample] = []
    with Forces(system) as forces, progress("modes", len(files), "glasses") as advance:
        curvature = Curvature(forces)
        for done, one in enumerate(opened, start=1):
            sample = analyse(one.frame(frame), forces, curvature)
            samples.append(sample)
            harmonic += _harmonic(sample, T, unit.hbar) / len(files)
            C, more = _wells(one, system_name, as_is, unit.hbar, T)
            tunnelling, wells = tunnelling + C / len(files), wells + more
            advance(done)
    soft = together(samples, unit.hbar)
    if soft.W is None or soft.energy is None:
        raise InputError("no localised soft mode in these files: use more or smaller glasses")
    atoms = sum(s.modes.n_atoms for s in samples)
    # Energies and temperatures are in one unit, in which k_B is one.
    found = predict(soft.eta, soft.xi, len(soft.eta) / atoms, soft.W, soft.energy, T, harmonic + tunnelling)
    notes = [note for one in opened for note in one.remarks]
    notes += [f"{f}: {note}" for f, s in zip(files, samples, strict=True) for note in s.notes]
    return Bridge(
        files, system.name, unit, soft, soft.W, soft.energy, found, T, harmonic, tunnelling, wells, notes
    )


def _harmonic(sample: Sample, T: Floats, hbar: float) -> Floats:
    """C [n_T] per atom of the modes that are neither shifts, unstable nor followed as soft potentials."""
    usual = ~sample.modes.zero & ~sample.modes.unstable
    usual[sample.localised] = False
    found: Floats = (
        heat_capacity(sample.modes.frequencies[usual], T, hbar) * usual.sum() / sample.modes.n_atoms
    )
    return found


def _wells(
    opened: Opened, system_name: str | None, as_is: bool, hbar: float, T: Floats
) -> tuple[Floats, int]:
    """C [n_T] per atom of the double wells in a file's catalogue, and how many; zero without a catalogue."""
    if not catalogue_path(opened.path).exists():
        return np.zeros(len(T)), 0
    place, net = known(opened.path, system_name, as_is=as_is, species=opened.species)
    if place.notes:
        raise FileError(f"{place.notes[0]}: `glasscli landscape barriers` computes it again")
    found = two_level(net, hbar)
    return heat(found, place.minima[0].n_atoms, T).wells, len(found.wells)


def measured() -> dict[str, dict[str, float]]:
    """What Buchenau (1992) found for real glasses, by name."""
    out = {}
    for name, glass in GLASSES.items():
        found = participation(glass.nu_c, glass.T_star, glass.mass)
        values = (found.Ns_a2_A2, found.eps0_eV, glass.nu_c * 1e-12, found.W_K, glass.T_star)
        out[name] = dict(zip(COMPARED, values, strict=True))
    return out
