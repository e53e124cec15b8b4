"""Every dataset of a glasscli file in one table: an H5MD 1.1 file with one group more.

Precision: positions are float32, whose spacing (5e-7 at a box of 7) is a hundred thousandth of the thermal motion and
keeps a frame at 12 bytes an atom before compression; energies of inherent structures are stored beside them in float64
because they cannot be had back from rounded positions to the last digit. States, from which runs go on, are float64.
"""

from __future__ import annotations

from dataclasses import dataclass

FORMAT_VERSION = 1
H5MD_VERSION = (1, 1)


@dataclass(frozen=True)
class Field:
    """One dataset: path, dtype, shape, unit.

    Shapes: [F]rames, [I]nherent structures, [T]hermo rows, e[X]change rows, t[R]ades, [S]tates, [N] atoms, [s]pecies.
    """

    path: str
    dtype: str
    shape: str
    unit: str
    meaning: str


FIELDS = (
    Field("particles/all/position/value", "<f4", "F,N,3", "length", "positions wrapped into the box"),
    Field("particles/all/position/step", "<i8", "F", "MD steps", "steps of the frames"),
    Field("particles/all/position/time", "<f8", "F", "time", "step x time step"),
    Field("particles/all/image/value", "<i4", "F,N,3", "1", "periodic images: position + image x edges is continuous"),
    Field("particles/all/velocity/value", "<f4", "F,N,3", "length/time", "velocities (with --velocities)"),
    Field("particles/all/species", "<i4", "N", "1", "species, 1 ... n"),
    Field("particles/all/species/value", "<i4", "F,N", "1", "instead, where atoms change species (LAMMPS exchanges)"),
    Field("particles/all/mass", "<f8", "N", "mass", "masses, where atoms keep their species"),
    Field("particles/all/id", "<i4", "N", "1", "atom ids, ascending"),
    Field("particles/all/box/edges/value", "<f8", "F,3", "length", "box edges (MDAnalysis reads no fixed box)"),
    Field("particles/inherent/position/value", "<f4", "I,N,3", "length", "positions of the inherent structures"),
    Field("particles/inherent/position/step", "<i8", "I", "MD steps", "steps they were minimised from"),
    Field("particles/inherent/position/time", "<f8", "I", "time", "step x time step"),
    Field("particles/inherent/image/value", "<i4", "I,N,3", "1", "periodic images"),
    Field("particles/inherent/species", "<i4", "N", "1", "species"),
    Field("particles/inherent/species/value", "<i4", "I,N", "1", "instead, where atoms change species"),
    Field("particles/inherent/box/edges/value", "<f8", "I,3", "length", "box edges"),
    Field("observables/temperature/step", "<i8", "T", "MD steps", "steps of the thermodynamic series"),
    Field("observables/temperature/time", "<f8", "T", "time", "step x time step"),
    Field("observables/temperature/value", "<f8", "T", "temperature", "kinetic temperature"),
    Field("observables/potential_energy/value", "<f8", "T", "energy/atom", "potential energy per atom"),
    Field("observables/kinetic_energy/value", "<f8", "T", "energy/atom", "kinetic energy per atom"),
    Field("observables/pressure/value", "<f8", "T", "pressure", "pressure, kinetic part included"),
    Field("observables/volume/value", "<f8", "T", "volume", "volume of the box"),
    Field("observables/inherent_energy/step", "<i8", "I", "MD steps", "steps of the inherent structures"),
    Field("observables/inherent_energy/time", "<f8", "I", "time", "step x time step"),
    Field("observables/inherent_energy/value", "<f8", "I", "energy/atom", "energy of the inherent structure"),
    Field("observables/inherent_pressure/value", "<f8", "I", "pressure", "its virial pressure"),
    Field("observables/inherent_max_force/value", "<f8", "I", "force", "its largest force component"),
    Field("observables/inherent_iterations/value", "<i8", "I", "1", "conjugate-gradient steps taken"),
    Field("observables/exchange_tried/step", "<i8", "X", "MD steps", "steps up to which exchanges were counted"),
    Field("observables/exchange_tried/time", "<f8", "X", "time", "step x time step"),
    Field("observables/exchange_tried/value", "<i8", "X,s,s", "1", "attempts since the row before, by pair of species"),
    Field("observables/exchange_accepted/value", "<i8", "X,s,s", "1", "how many of them were accepted"),
    Field("observables/exchange_checked/value", "<i8", "X", "1", "energies audited against LAMMPS since then"),
    Field("observables/exchange_error/value", "<f8", "X", "1", "the worst of them, relative"),
    Field("observables/tempering_walker/step", "<i8", "R", "MD steps", "steps at which replicas could trade"),
    Field("observables/tempering_walker/time", "<f8", "R", "time", "step x time step"),
    Field("observables/tempering_walker/value", "<i8", "R", "1", "the walker at this temperature from here on"),
    Field("observables/tempering_tried/value", "<i8", "R", "1", "whether a trade with the next hotter was tried"),
    Field("observables/tempering_accepted/value", "<i8", "R", "1", "whether it was made"),
    Field("glasscli/states/step", "<i8", "S", "MD steps", "steps of the stored full states; the last ends the run"),
    Field("glasscli/states/position", "<f8", "S,N,3", "length", "positions"),
    Field("glasscli/states/velocity", "<f8", "S,N,3", "length/time", "velocities"),
    Field("glasscli/states/image", "<i4", "S,N,3", "1", "periodic images"),
    Field("glasscli/states/species", "<i4", "S,N", "1", "species, where atoms change them"),
    Field("glasscli/states/edges", "<f8", "S,3", "length", "box edges"),
    Field("glasscli/states/lammps", "<i8", "S", "1", "LAMMPS version that wrote each restart, and alone reads it"),
    Field("glasscli/states/restart", "|u1", "bytes", "1", "LAMMPS restart files, one after the other"),
    Field("glasscli/states/restart_end", "<i8", "S", "bytes", "where each restart file ends"),
    Field("glasscli/start", "|u1", "bytes", "LAMMPS file", "what the deck starts from, if not from random positions"),
    Field("glasscli/checks", "|u1", "bytes", "1", "hash of names, shapes, types and attributes of all but /analysis"),
    Field("glasscli/manifest", "|u1", "bytes", "JSON", "system, protocol, deck, parents, command, versions, history"),
)  # fmt: skip

CHECKS = "glasscli/checks"

DTYPES = {field.path: field.dtype for field in FIELDS}

THERMO = {
    "temperature": "temp",
    "potential_energy": "pe",
    "kinetic_energy": "ke",
    "pressure": "press",
    "volume": "vol",
}
INHERENT = {
    "inherent_energy": "energy",
    "inherent_pressure": "pressure",
    "inherent_max_force": "max_force",
    "inherent_iterations": "iterations",
}
EXCHANGE = {
    "exchange_tried": "tried",
    "exchange_accepted": "accepted",
    "exchange_checked": "checked",
    "exchange_error": "error",
}
TEMPERING = {
    "tempering_walker": "walker",
    "tempering_tried": "tried",
    "tempering_accepted": "accepted",
}
