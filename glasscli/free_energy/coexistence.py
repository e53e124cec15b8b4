"""Direct coexistence: a crystal beside its melt in one box, and which of the two grows at each temperature.

The crystal is brought to the temperature and pressure first, so that it is under no strain; then atoms of the middle
half of a box along z are melted while the others hold still, and all walk at that pressure along z, the other edges
staying those of the crystal. Where the crystal grows T is below T_m, where the melt does above: nothing of free
energies is used. What is crystalline is seen by the density wave of a reciprocal lattice vector k across z,

    Q = |sum_i exp(i k.r_i)| / N,

of the whole crystal Q_c, of a melt 1 / N^(1/2): Q / Q_c is the crystal's share (Pedersen, J. Chem. Phys. 139, 104102
(2013), who holds it by a spring, "interface pinning").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Box, Configuration, Floats
from glasscli.engine.own.blend import Blend
from glasscli.engine.own.sample import Sample
from glasscli.engine.pair_tables import tabulate
from glasscli.errors import EngineError, InputError
from glasscli.free_energy.crystal import Effort
from glasscli.free_energy.pieces import worked
from glasscli.free_energy.pressed import ALONG_Z, Pressed
from glasscli.free_energy.tasks import check, seconds
from glasscli.free_energy.walk import Exchanges, Walk
from glasscli.landscape.catalogue import key_of
from glasscli.landscape.record import Flat
from glasscli.limits import SAMPLE
from glasscli.model.system import System
from glasscli.report.beside import Outputs, wrote
from glasscli.simulation.stopping import Stop
from glasscli.structures.build import build_crystal
from glasscli.structures.phases import phase_named

VERSION = 1  # of what a record means
# The box is so many times as long as wide, at least and at most.
LONG = (1.8, 3.5)
# The half that melts does so at so many times the temperature; masses of those that hold still.
HOT, STILL = 6.0, 1e12
LOOSE = 0.13  # of the spacing: how far atoms are from their sites near melting
ROOM = 1.08  # of that half, for the melt
PRESSED = 1.5  # how much longer a trial takes whose volume is tried too
# Rounds between two looks, and by how much the crystal's share has to change, or where it may end.
LOOK, CHANGED, FROZEN, MELTED = 5, 0.1, 0.85, 0.15
CRYSTAL, LIQUID = "crystal", "liquid"


@dataclass(frozen=True)
class Interface:
    """A crystal and its melt at one temperature and pressure (energy per volume), as a piece of work."""

    system: System
    phase: str
    temperature: float
    pressure: float
    atoms: int
    rounds: int
    seed: int

    @property
    def key(self) -> str:
        """By which its record is known."""
        said = repr(replace(self, system=None))  # type: ignore[arg-type]
        return key_of(self.system.model_dump_json(), said, str(VERSION))

    @property
    def said(self) -> str:
        """What it is."""
        return f"{self.phase} beside its melt at T = {self.temperature:g}"

    @property
    def seconds(self) -> float:
        """Of one core, about, if the whole box neither freezes nor melts before."""
        several = len(phase_named(self.phase, self.system).species) > 1
        return seconds(round(2 * self.rounds * PRESSED), self.atoms, several)

    def do(self) -> Flat:
        """Q / Q_c along the walk, and the volumes and enthalpies per atom of the crystal and at the end."""
        system, rng = self.system, np.random.default_rng(int(self.key, 16))
        kT = system.unit_system.boltzmann * self.temperature
        atoms = slab(system, self.phase, self.atoms)
        waves = lattice_waves(atoms)
        several = len(set(atoms.species.tolist())) > 1
        blend = Blend([Sample(system, atoms.species)], atoms.positions, atoms.box.edges)
        walk = Walk(blend, kT, rng, 0.02 * atoms.spacing / math.sqrt(kT))
        alone, n = Pressed(walk, self.pressure), atoms.n_atoms
        quarter = max(self.rounds // 4, LOOK)
        alone.settle(quarter)
        edges, order = np.zeros(3), 0.0
        for _ in range(quarter):
            alone.go()
            edges += blend.edges / quarter
            order += wave(blend, waves) / quarter
        blend.positions, blend.edges = blend.positions * (edges / blend.edges), edges
        if several:  # unlike atoms of the melt exchange places
            if edges[:2].min() < 2 * system.cutoff:
                raise EngineError(
                    "under this pressure the box is narrower than two cutoffs: give more --atoms"
                )
            walk.exchanges = Exchanges(tabulate(system), Box(edges), atoms.species)
        _melt(walk, kT, quarter)
        both = Pressed(walk, self.pressure, ALONG_Z)
        shares = [wave(blend, waves) / order]
        for _ in range(self.rounds // LOOK):
            for _ in range(LOOK):
                both.go()
            shares.append(wave(blend, waves) / order)
            if len(shares) > 5 and (min(shares[-5:]) > FROZEN or max(shares[-5:]) < MELTED):
                break
        return {
            "version": VERSION, "atoms": n, "shares": shares, "crystal_volume": float(edges.prod()) / n,
            "volume": float(blend.edges.prod()) / n, "order": order,
        }  # fmt: skip


def slab(system: System, phase: str, atoms: int) -> Configuration:
    """A crystal at its least energy in a box about as wide as deep and longer along z, of about so many atoms."""
    named = phase_named(phase, system)
    cell = build_crystal(system, named, cells=(1, 1, 1)).configuration
    a, b, c = cell.box.edges
    found = []
    for i, k in product(range(1, 33), range(1, 97)):
        j = max(1, round(i * a / b))
        if LONG[0] <= k * c / max(i * a, j * b) <= LONG[1]:
            found.append((abs(cell.n_atoms * i * j * k - atoms), (i, j, k)))
    cells = min(found)[1]
    return build_crystal(system, named, cells=cells).configuration


def lattice_waves(crystal: Configuration) -> Floats:
    """[m, 2] whole numbers of waves along x and y of the reciprocal lattice vectors across z that are seen best
    near melting: strong, and not so long that motion blurs them."""
    spacing, (lx, ly, _) = crystal.spacing, crystal.box.edges
    most = int(2 * max(lx, ly) / spacing)
    found: list[tuple[float, float, int, int]] = []
    for h, k in product(range(most + 1), range(-most, most + 1)):
        if h == 0 and k <= 0:
            continue
        q = 2 * np.pi * np.array([h / lx, k / ly, 0.0])
        strength = abs(np.exp(1j * crystal.positions @ q).mean())
        found.append((strength * math.exp(-float(q @ q) * (LOOSE * spacing) ** 2 / 6), float(q @ q), h, k))
    best = max(found)
    alike = [one for one in found if abs(one[0] / best[0] - 1) < 1e-6 and abs(one[1] / best[1] - 1) < 1e-6]
    return np.array([one[2:] for one in alike], dtype=np.float64)


def wave(blend: Blend, waves: Floats) -> float:
    """Q, the mean over equivalent waves."""
    k = 2 * np.pi * waves / blend.edges[:2]
    return float(np.abs(np.exp(1j * blend.positions[:, :2] @ k.T).mean(axis=0)).mean())


def _melt(walk: Walk, kT: float, rounds: int) -> None:
    """Melt the middle half of the box along z, with room for it, the rest holding still, and cool it to kT."""
    blend = walk.blend
    z = np.mod(blend.positions[:, 2], length := float(blend.edges[2]))
    middle = np.abs(z / length - 0.5) < 0.25
    more = (ROOM - 1) * np.clip(z - length / 4, 0.0, length / 2)
    blend.positions = np.column_stack([blend.positions[:, :2], z + more])
    blend.edges = blend.edges + np.array([0.0, 0.0, (ROOM - 1) * length / 2])
    blend.masses = np.where(middle, 1.0, STILL)
    if walk.exchanges:
        walk.exchanges.box, walk.exchanges.among = Box(blend.edges), middle
    blend.look()
    for times in (HOT, 1.0):
        one = Walk(blend, times * kT, walk.rng, walk.step / math.sqrt(times), walk.exchanges)
        one.settle(rounds)
    walk.step = one.step
    blend.masses = np.ones(len(blend.positions))
    if walk.exchanges:
        walk.exchanges.among = None


@dataclass(frozen=True)
class Growth:
    """What one temperature says.

    share     of the crystal at first and at the end, each the mean over a quarter of the walk
    grows     CRYSTAL, LIQUID, or None where the share changed by less than CHANGED
    rounds    of the walk, which ends where all is frozen or molten
    volume, crystal_volume   per atom, at the end and of the crystal alone
    """

    T: float
    grows: str | None
    share: tuple[float, float]
    rounds: int
    atoms: int
    crystal_volume: float
    volume: float


@dataclass(frozen=True)
class Coexistence:
    """What `glasscli free-energy coexist` answers; pressure: energy per volume.

    bracket   the highest temperature at which the crystal grew and the lowest at which the melt did; None where one is
              missing, or they do not follow each other (reason says which)
    """

    system: System
    phase: str
    pressure: float
    runs: list[Growth]
    bracket: tuple[float, float] | None
    reason: str | None
    notes: list[str]
    missing: int = 0
    failed: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        low, high = self.bracket or (None, None)
        return {
            "system": self.system.name, "phase": self.phase,
            "pressure": self.pressure * self.system.unit_system.pressure_per_energy_density,
            "T_m": None if low is None or high is None else (low + high) / 2,
            "error": None if low is None or high is None else (high - low) / 2,
            "bracket": self.bracket, "reason": self.reason, "runs": [asdict(one) for one in self.runs],
            "missing": self.missing, "failed": self.failed, "written": self.written,
        }  # fmt: skip

    def text(self) -> str:
        """Lines for people."""
        t = self.system.unit_system.temperature_unit
        lines = [
            f"T = {one.T:g}: the crystal's share went from {one.share[0]:.2f} to {one.share[1]:.2f} in {one.rounds} "
            "rounds: " + ("neither grew" if one.grows is None else f"the {one.grows} grew")
            for one in self.runs
        ]
        if self.bracket is None:
            lines.append(f"no bracket of T_m: {self.reason}")
        else:
            low, high = self.bracket
            lines.append(f"{self.phase} melts between T = {low:g} and {high:g} {t}")
        if self.missing:
            lines.append(f"{self.missing} pieces of work are not done: the same command goes on")
        return "\n".join(lines + wrote(self.written))


def interfaces(
    system: System,
    phase: str,
    temperatures: Sequence[float],
    pressure: float,
    atoms: int,
    effort: Effort,
    seed: int,
) -> list[Interface]:
    """One piece of work for each temperature. Raises InputError for what cannot be."""
    system.in_space("free-energy")
    check(system)
    SAMPLE.check(atoms, "--atoms", InputError)
    if set("@:") & set(phase):
        raise InputError(
            f"coexist {phase}: a crystal of its own composition at --pressure: leave out @ and :"
        )
    name = phase_named(phase, system).name
    box = slab(system, name, atoms).box.edges
    if system.n_species > 1 and box.min() < 2 * system.cutoff:
        least = int(np.ceil(atoms * (2 * system.cutoff / box.min()) ** 3))
        raise InputError(f"a box of {atoms} atoms is narrower than two cutoffs: give --atoms {least} or more")
    return [
        Interface(system, name, T, pressure, atoms, effort.rounds, seed) for T in sorted(set(temperatures))
    ]


def coexistence(
    pieces: Sequence[Interface], outputs: Outputs, catalogue: Path, jobs: int, stop: Stop
) -> Coexistence:
    """Do what is not done yet and answer; as `study.answer`."""
    done, notes = worked(pieces, catalogue, jobs, stop)
    first = pieces[0]
    failed = [f"{p.said}: {done[p.key]['failed']}" for p in pieces if "failed" in done.get(p.key, {})]
    there = [(p, done[p.key]) for p in pieces if p.key in done and "failed" not in done[p.key]]
    runs = [grown(piece.temperature, record) for piece, record in there]
    bracket, reason = bracketed(runs)
    rows = [
        (piece.temperature, LOOK * k, share)
        for piece, record in there
        for k, share in enumerate(record["shares"])
    ]
    units = first.system.unit_system
    written = (
        [outputs.table("growth", ("temperature", "round", "crystal_share"), rows, units)] if rows else []
    )
    notes += [f"no run of {line}" for line in failed]
    missing = sum(p.key not in done for p in pieces)
    return Coexistence(
        first.system, first.phase, first.pressure, runs, bracket, reason, notes, missing, failed, written
    )


def grown(T: float, record: Flat) -> Growth:
    """Which side grew, from the crystal's share along a walk."""
    grows: str | None = None
    shares = np.array(record["shares"])
    quarter = max(1, len(shares) // 4)
    first, last = float(shares[:quarter].mean()), float(shares[-quarter:].mean())
    change = last - first
    if shares[-min(5, len(shares)) :].min() > FROZEN:
        grows = CRYSTAL
    elif shares[-min(5, len(shares)) :].max() < MELTED:
        grows = LIQUID
    elif abs(change) > CHANGED:
        grows = CRYSTAL if change > 0 else LIQUID
    return Growth(
        T,
        grows,
        (first, last),
        LOOK * (len(shares) - 1),
        record["atoms"],
        record["crystal_volume"],
        record["volume"],
    )


def bracketed(runs: Sequence[Growth]) -> tuple[tuple[float, float] | None, str | None]:
    """Between which temperatures T_m lies, or why that is not known."""
    froze = [one.T for one in runs if one.grows == CRYSTAL]
    melted = [one.T for one in runs if one.grows == LIQUID]
    if not froze or not melted:
        side = "the crystal" if not froze else "the liquid"
        return (
            None,
            f"{side} grew at none of these temperatures: give {'lower' if not froze else 'higher'} ones",
        )
    if max(froze) > min(melted):
        return None, (
            f"the crystal grew at {max(froze):g}, the liquid at {min(melted):g} already: give more --atoms or --rounds"
        )
    return (max(froze), min(melted)), None
