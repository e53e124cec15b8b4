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
from glasscli.modes.samples import Sample, Samples, analyse
from glasscli.modes.samples import together as pooled
from glasscli.observables.samples import jackknife
from glasscli.progress import progress
from glasscli.theory.answers.answer import Columns, Data, plain
from glasscli.theory.bridge import Prediction, predict
from glasscli.theory.participation import GLASSES, participation
from glasscli.units import BOLTZMANN, PLANCK, UNIT_SYSTEMS, Scale, scale

PARTS = 10  # of the glasses, left out in turn for the errors
# What is compared with real glasses, and how it is called in the table.
COMPARED = {
    "N_s_a2_A2": "N_s a² (Å²)",
    "eps_0_eV": "ε_0 (eV)",
    "nu_c_THz": "ν_c (THz)",
    "W_K": "W (K)",
    "T_star_K": "T* (K)",
}


@dataclass(frozen=True)
class Glass:
    """Modes of a glass, [n_T] heat capacities in k_B per atom of its other modes and double wells, and how many."""

    sample: Sample
    harmonic: Floats
    tunnelling: Floats
    wells: int


@dataclass(frozen=True)
class Ensemble:
    """What glasses predict together.

    harmonic, tunnelling   [n_T] heat capacities in k_B per atom of the other modes and of the double wells
    hbar                   quantum of action in the system's units
    """

    soft: Samples
    found: Prediction
    harmonic: Floats
    tunnelling: Floats
    hbar: float

    def compared(self, unit: Scale) -> dict[str, float]:
        """The numbers that real glasses have, too; nan where one is not known."""
        soft = self.soft
        w_c, Ns_a2, W, eps_0 = (x or np.nan for x in (soft.w_c, soft.Ns_a2, soft.W, soft.energy))
        return {
            "N_s_a2_A2": Ns_a2 * unit.angstrom**2,
            "eps_0_eV": eps_0 * (unit.kelvin * UNIT_SYSTEMS["metal"].boltzmann),
            # An angular frequency of the system by its quantum in kelvin.
            "nu_c_THz": self.hbar * w_c * unit.kelvin * BOLTZMANN / PLANCK * 1e-12,
            "W_K": W * unit.kelvin,
            "T_star_K": self.found.T_star * unit.kelvin,
        }


@dataclass(frozen=True)
class Bridge:
    """An ensemble of glasses and what it predicts.

    T            [n_T] temperatures in units of energy
    together     what all glasses predict; without: the same without each of up to PARTS parts of them, which errors
                 are made of, none of a single glass
    wells        double wells in the files' catalogues
    """

    files: Sequence[Path]
    system: str
    scale: Scale
    T: Floats
    together: Ensemble
    without: Sequence[Ensemble]
    wells: int
    notes: list[str]

    @property
    def soft(self) -> Samples:
        """Soft modes of all glasses."""
        return self.together.soft

    @property
    def found(self) -> Prediction:
        """What calorimetry would see of all glasses."""
        return self.together.found

    @property
    def T_K(self) -> Floats:
        """[n_T] temperatures in K."""
        return self.T * self.scale.kelvin

    @property
    def compared(self) -> dict[str, float]:
        """The numbers that real glasses have, too; nan where one is not known."""
        return self.together.compared(self.scale)

    @property
    def errors(self) -> dict[str, float]:
        """Of these numbers: the standard error over glasses; nan of a single glass."""
        found = [one.compared(self.scale) for one in self.without]
        return {
            name: float(jackknife([one[name] for one in found])) if found else np.nan for name in COMPARED
        }

    @property
    def C_error(self) -> Floats:
        """[n_T] standard error of the heat capacity over glasses; nan of a single glass."""
        return (
            jackknife([one.found.total for one in self.without])
            if self.without
            else np.full(len(self.T), np.nan)
        )

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
                "errors": self.errors,
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
            "C_error": self.C_error,
            "C_soft": self.found.soft,
            "C_harmonic": self.together.harmonic,
            "C_wells": self.together.tunnelling,
        }

    @property
    def parts(self) -> dict[str, Floats]:
        """The heat capacity and its parts [n_T] by name."""
        return {
            "all": self.found.total,
            "soft modes": self.found.soft,
            "other modes": self.together.harmonic,
            "double wells": self.together.tunnelling,
        }

    @property
    def table(self) -> list[str]:
        """These glasses beside real ones."""
        rows = [f"{'':14}" + "".join(f"{title:>13}" for title in COMPARED.values())]
        errors = {"± over glasses": self.errors} if self.without else {}
        for who, values in {f"these ({self.scale.name})": self.compared, **errors, **measured()}.items():
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
    glasses: list[Glass] = []
    with Forces(system) as forces, progress("modes", len(files), "glasses") as advance:
        curvature = Curvature(forces)
        for done, one in enumerate(opened, start=1):
            sample = analyse(one.frame(frame), forces, curvature)
            glasses.append(
                Glass(
                    sample,
                    _harmonic(sample, T, unit.hbar),
                    *_wells(one, system_name, as_is, unit.hbar, T),
                )
            )
            advance(done)
    together = _predicted(glasses, unit.hbar, T)
    if together is None:
        raise InputError("no localised soft mode in these files: use more or smaller glasses")
    notes = [note for one in opened for note in one.remarks]
    notes += [f"{f}: {note}" for f, glass in zip(files, glasses, strict=True) for note in glass.sample.notes]
    without: list[Ensemble] = []
    parts = min(PARTS, len(glasses))
    for part in range(parts) if parts > 1 else ():
        less = _predicted([g for k, g in enumerate(glasses) if k % parts != part], unit.hbar, T)
        if less is None:
            notes.append("no errors over glasses: without some of them there is no localised soft mode")
            without.clear()
            break
        without.append(less)
    return Bridge(files, system.name, unit, T, together, without, sum(g.wells for g in glasses), notes)


def _predicted(glasses: Sequence[Glass], hbar: float, T: Floats) -> Ensemble | None:
    """What glasses predict together; None where they have no localised soft mode."""
    soft = pooled([glass.sample for glass in glasses], hbar)
    if soft.W is None or soft.energy is None:
        return None
    harmonic = np.mean([glass.harmonic for glass in glasses], axis=0)
    tunnelling = np.mean([glass.tunnelling for glass in glasses], axis=0)
    atoms = sum(glass.sample.modes.n_atoms for glass in glasses)
    # Energies and temperatures are in one unit, in which k_B is one.
    found = predict(soft.eta, soft.xi, len(soft.eta) / atoms, soft.W, soft.energy, T, harmonic + tunnelling)
    return Ensemble(soft, found, harmonic, tunnelling, hbar)


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
