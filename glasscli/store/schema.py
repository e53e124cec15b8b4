"""Every dataset of a glasscli file in one table: an H5MD 1.1 file with one group more.

Precision: positions are float32, whose spacing (5e-7 at a box of 7) is a hundred thousandth of the thermal motion and
keeps a frame at 12 bytes an atom before compression, or whole numbers of a coarser grid where asked for; energies
of inherent structures are stored beside them in float64 because they cannot be had back from rounded positions to the
last digit. States, from which runs go on, are float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from glasscli.protocols.protocol import Protocol

FORMAT_VERSION = 1
H5MD_VERSION = (1, 1)
CHECKS, SUMS = "glasscli/checks", "glasscli/sums"
GRID = "particles/all/grid/value"
# An attribute of /glasscli while the run goes on: how many bytes of its journal are in the file.
SO_FAR = "so_far"

# One row of a series as it is recorded: by the keys of its columns.
Row = Mapping[str, float | np.ndarray]


@dataclass(frozen=True)
class Field:
    """One dataset: path, dtype, shape, unit.

    Shapes: [F]rames, [I]nherent structures, [T]hermo rows, stress [V], ti[L]ts, [E]dges, e[X]change rows, [P]ulls,
    t[R]ades, [S]tates, steps of strain [G], those of si[D]es, minima around rearrangements [Q], [N] atoms, [s]pecies;
    [,3]: or with one axis more.
    """

    path: str
    dtype: str
    shape: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Column:
    """One number a row, or one array of `shape`.

    key   what it is called where it is made and in the journal
    name  what it is called in the file (observables/NAME) and in a run's tables
    """

    key: str
    name: str
    dtype: str
    unit: str
    meaning: str
    shape: str = ""


@dataclass(frozen=True)
class Series:
    """Rows of numbers along a run: columns of observables that share their steps; the first owns them in the file.

    kind      of its records in the journal, and its name in Python: `run.table(kind)`
    title     what a problem with it is called
    rows      the letter of its rows in the schema
    steps     what its steps are
    expected  whether a run of a protocol must have it; without rows it is left out of the file
    gathered  many rows to a record, written before what comes next; else a record a row
    several   whether a step may have several rows
    structure whether each row comes with a configuration, which the file keeps under particles/KIND
    """

    kind: str
    title: str
    rows: str
    steps: str
    columns: tuple[Column, ...]
    expected: Callable[[Protocol], bool]
    gathered: bool = False
    structure: bool = False
    several: bool = False

    @property
    def owner(self) -> str:
        """The group whose steps and times all its columns share."""
        return f"observables/{self.columns[0].name}"

    @property
    def fields(self) -> tuple[Field, ...]:
        """Its datasets, those that are the same under another name left out."""
        shared = (
            Field(f"{self.owner}/step", "<i8", self.rows, "MD steps", self.steps),
            Field(f"{self.owner}/time", "<f8", self.rows, "time", "step x time step"),
        )
        values = (
            Field(
                f"observables/{c.name}/value", c.dtype, ",".join(filter(None, (self.rows, c.shape))), c.unit, c.meaning
            )
            for c in self.columns
        )  # fmt: skip
        return (*shared, *values)

    def table(self, steps: object, columns: Mapping[str, object]) -> dict[str, np.ndarray]:
        """Its table, from steps and from columns by key."""
        return {"step": np.asarray(steps, dtype="<i8")} | {
            c.name: np.asarray(columns[c.key], dtype=c.dtype) for c in self.columns
        }

    def empty(self, n_species: int) -> dict[str, np.ndarray]:
        """Its table without rows."""
        shapes = {"": (0,), "s,s": (0, n_species, n_species)}
        return self.table(np.zeros(0), {c.key: np.zeros(shapes[c.shape]) for c in self.columns})


THERMO = Series(
    "thermo", "thermodynamics", "T", "steps of the thermodynamic series",
    (
        Column("temp", "temperature", "<f8", "temperature", "kinetic temperature"),
        Column("pe", "potential_energy", "<f8", "energy/atom", "potential energy per atom"),
        Column("ke", "kinetic_energy", "<f8", "energy/atom", "kinetic energy per atom"),
        Column("press", "pressure", "<f8", "pressure", "pressure, kinetic part included"),
        Column("vol", "volume", "<f8", "volume", "volume of the box"),
    ),
    expected=lambda protocol: True, gathered=True,
)  # fmt: skip
STRESS = Series(
    "stress", "stress", "V", "steps at which the stress was noted",
    tuple(
        Column(f"p{ab}", f"pressure_{ab}", "<f8", "pressure", f"{ab} of the pressure tensor, kinetic part included")
        for ab in ("xx", "yy", "zz", "xy", "xz", "yz")
    ),
    expected=lambda protocol: protocol.sampling.stress_every is not None, gathered=True,
)  # fmt: skip
TILT = Series(
    "tilt", "tilts", "L", "steps at which the tilts of the box were noted",
    tuple(Column(ab, f"tilt_{ab}", "<f8", "length", f"{ab} of the box: how far it leans") for ab in ("xy", "xz", "yz")),
    expected=lambda protocol: protocol.leans, gathered=True,
)  # fmt: skip
EDGES = Series(
    "edges", "edges", "E", "steps at which the edges of the box were noted",
    tuple(Column(f"l{a}", f"edge_{a}", "<f8", "length", f"length of the box along {a}") for a in "xyz"),
    expected=lambda protocol: protocol.lengthens, gathered=True,
)  # fmt: skip
INHERENT = Series(
    "inherent", "inherent structures", "I", "steps of the inherent structures",
    (
        Column("energy", "inherent_energy", "<f8", "energy/atom", "energy of the inherent structure"),
        Column("pressure", "inherent_pressure", "<f8", "pressure", "its virial pressure"),
        Column("max_force", "inherent_max_force", "<f8", "force", "its largest force component"),
        Column("iterations", "inherent_iterations", "<i8", "1", "conjugate-gradient steps taken"),
    ),
    expected=lambda protocol: protocol.sampling.inherent is not None, structure=True,
)  # fmt: skip
EXCHANGE = Series(
    "exchange", "exchanges", "X", "steps up to which exchanges were counted",
    (
        Column("tried", "exchange_tried", "<i8", "1", "attempts since the row before, by pair of species", "s,s"),
        Column("accepted", "exchange_accepted", "<i8", "1", "how many of them were accepted", "s,s"),
        Column("checked", "exchange_checked", "<i8", "1", "energies audited against LAMMPS since then"),
        Column("error", "exchange_error", "<f8", "1", "the worst of them, relative"),
    ),
    expected=lambda protocol: protocol.moves is not None,
)  # fmt: skip
PULL = Series(
    "pull", "forces and Laplacians", "P", "steps at which forces and Laplacian were measured",
    (
        Column("force_squared", "force_squared", "<f8", "force^2/atom", "sum of all squared forces, per atom"),
        Column("laplacian", "laplacian", "<f8", "force/length/atom", "Laplacian of the potential energy, per atom"),
        Column("trials", "trials_tried", "<i8", "1", "stretches of dynamics tried since the row before (hmc)"),
        Column("accepted", "trials_accepted", "<i8", "1", "how many of them were accepted"),
    ),
    expected=lambda protocol: False, gathered=True,
)  # fmt: skip
TEMPERING = Series(
    "tempering", "trades between temperatures", "R", "steps at which replicas could trade",
    (
        Column("walker", "tempering_walker", "<i8", "1", "the walker at this temperature from here on"),
        Column("tried", "tempering_tried", "<i8", "1", "whether a trade with the next hotter was tried"),
        Column("accepted", "tempering_accepted", "<i8", "1", "whether it was made"),
    ),
    expected=lambda protocol: False,
)  # fmt: skip
_SIX = ("xx", "yy", "zz", "xy", "xz", "yz")
STRAIN = Series(
    "strain", "strains", "G", "steps of strain",
    (
        Column("strain", "strain", "<f8", "1", "strain, as the protocol counts it"),
        Column("stress", "strain_stress", "<f8", "pressure", "the stress that belongs to it"),
        *(Column(f"s{ab}", f"stress_{ab}", "<f8", "pressure", f"{ab} of it, minus the pressure") for ab in _SIX),
        Column("energy", "strain_energy", "<f8", "energy/atom", "potential energy per atom of the minimum"),
        Column("work", "strain_work", "<f8", "energy/atom", "work done on the sample in this step, per atom"),
        Column("released", "strain_released", "<f8", "energy/atom", "what its rearrangements gave off, per atom"),
        Column("events", "strain_events", "<i8", "1", "how many there were"),
        Column("max_force", "strain_max_force", "<f8", "force", "largest force component of the minimum"),
        Column("evaluations", "strain_evaluations", "<i8", "1", "evaluations of the forces for the last minimum"),
    ),
    expected=lambda protocol: protocol.straining is not None, gathered=True,
)  # fmt: skip
SIDES = Series(
    "sides", "sides", "D", "steps of strain",
    (
        Column("held", "side_pressure", "<f8", "pressure", "the pressure that the sides are kept at"),
        *(Column(f"l{a}", f"side_{a}", "<f8", "length", f"length of the box along {a}") for a in "xyz"),
    ),
    expected=lambda protocol: protocol.straining is not None and bool(protocol.straining.strain.giving), gathered=True,
)  # fmt: skip
EVENT = Series(
    "event", "minima around rearrangements", "Q", "steps of strain in which they happened",
    (
        Column("number", "event_number", "<i8", "1", "which rearrangement of its step, from 0"),
        Column("after", "event_after", "<i8", "1", "0 for a minimum before it, 1 for the one after"),
        Column("strain", "event_strain", "<f8", "1", "strain of the minimum"),
        Column("stress", "event_stress", "<f8", "pressure", "stress there"),
        Column("energy", "event_energy", "<f8", "energy/atom", "potential energy per atom"),
        Column("released", "event_released", "<f8", "energy/atom", "given off by the rearrangement, per atom"),
    ),
    expected=lambda protocol: False, structure=True, several=True,
)  # fmt: skip
# All there are, in the order in which they are recorded at one step. A new one is one entry here, and whatever
# records it: recorder, both readers, the writer of the file, extending and verifying go through this table.
SERIES = {
    series.kind: series
    for series in (THERMO, STRESS, TILT, EDGES, INHERENT, EXCHANGE, PULL, TEMPERING, STRAIN, SIDES, EVENT)
}

FIELDS = (
    Field("particles/all/position/value", "<f4", "F,N,3", "length", "positions wrapped into the box"),
    Field("particles/all/position/step", "<i8", "F", "MD steps", "steps of the frames"),
    Field("particles/all/position/time", "<f8", "F", "time", "step x time step"),
    Field("particles/all/image/value", "<i4", "F,N,3", "1", "periodic images: position + image x edges is continuous"),
    Field(GRID, "<u8", "F,N,3", "1", "instead of both, with --precision: see Compact frames"),
    Field("particles/all/grid/group", "<i8", "rows", "1", "frames to a group of these, one number"),
    Field("particles/all/grid/precision", "<f8", "rows", "length", "largest error of a coordinate, one number"),
    Field("particles/all/velocity/value", "<f4", "F,N,3", "length/time", "velocities (with --velocities)"),
    Field("particles/all/species", "<i4", "N", "1", "species, 1 ... n"),
    Field("particles/all/species/value", "<i4", "F,N", "1", "instead, where atoms change species (LAMMPS exchanges)"),
    Field("particles/all/mass", "<f8", "N", "mass", "masses, where atoms keep their species"),
    Field("particles/all/charge", "<f8", "N", "charge", "charges, where there are any and atoms keep their species"),
    Field("particles/all/diameter", "<f8", "N", "length", "diameters, where each atom has its own"),
    Field("particles/all/id", "<i4", "N", "1", "atom ids, ascending"),
    Field("particles/all/box/edges/value", "<f8", "F,3[,3]", "length", "box edges, or vectors where it is tilted"),
    Field("particles/inherent/position/value", "<f4", "I,N,3", "length", "positions of the inherent structures"),
    Field("particles/inherent/position/step", "<i8", "I", "MD steps", "steps they were minimised from"),
    Field("particles/inherent/position/time", "<f8", "I", "time", "step x time step"),
    Field("particles/inherent/image/value", "<i4", "I,N,3", "1", "periodic images"),
    Field("particles/inherent/species", "<i4", "N", "1", "species"),
    Field("particles/inherent/species/value", "<i4", "I,N", "1", "instead, where atoms change species"),
    Field("particles/inherent/box/edges/value", "<f8", "I,3[,3]", "length", "box edges or vectors"),
    Field("particles/event/position/value", "<f4", "Q,N,3", "length", "positions of the minima around rearrangements"),
    Field("particles/event/position/step", "<i8", "Q", "MD steps", "steps in which they happened"),
    Field("particles/event/position/time", "<f8", "Q", "time", "step x time step"),
    Field("particles/event/image/value", "<i4", "Q,N,3", "1", "periodic images"),
    Field("particles/event/species", "<i4", "N", "1", "species"),
    Field("particles/event/box/edges/value", "<f8", "Q,3[,3]", "length", "box edges or vectors"),
    *(field for series in SERIES.values() for field in series.fields),
    Field("glasscli/states/step", "<i8", "S", "MD steps", "steps of the stored full states; the last ends the run"),
    Field("glasscli/states/position", "<f8", "S,N,3", "length", "positions"),
    Field("glasscli/states/velocity", "<f8", "S,N,3", "length/time", "velocities"),
    Field("glasscli/states/image", "<i4", "S,N,3", "1", "periodic images"),
    Field("glasscli/states/species", "<i4", "S,N", "1", "species, where atoms change them"),
    Field("glasscli/states/edges", "<f8", "S,3[,3]", "length", "box edges or vectors"),
    Field("glasscli/states/lammps", "<i8", "S", "1", "LAMMPS version that wrote each restart, and alone reads it"),
    Field("glasscli/states/restart", "|u1", "bytes", "1", "LAMMPS restart files, one after the other"),
    Field("glasscli/states/restart_end", "<i8", "S", "bytes", "where each restart file ends"),
    Field("glasscli/start", "|u1", "bytes", "LAMMPS file", "what the deck starts from, if not from random positions"),
    Field("glasscli/checks", "|u1", "bytes", "1", "JSON: hashes of the structure and of sums, CRC-32 of results"),
    Field("glasscli/sums", "<u4", "rows", "1", "CRC-32 of each row of each dataset"),
    Field("glasscli/manifest", "|u1", "bytes", "JSON", "system, protocol, deck, parents, command, versions, history"),
)  # fmt: skip

FIELD = {field.path: field for field in FIELDS}
DTYPES = {field.path: field.dtype for field in FIELDS}
