"""The entropy of a glass-former: what its runs at several temperatures say of S_liquid, S_vibrational and S_c.

    S_c = S_liquid - S_vibrational

S_liquid(T) comes from the ideal gas along the isochore to the hottest run, and from there by the energies of the runs.
S_vibrational is the mean over inherent structures of what each basin has (`basin`): harmonic, and what is anharmonic of
it; by springs it is (U - F_basin)/T, so that S_c = (F_basin - F_liquid)/T.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from glasscli.analysis.certificate import CERTIFIED, certificate
from glasscli.analysis.summary import course
from glasscli.configuration import Configuration
from glasscli.errors import FileError, InputError
from glasscli.free_energy.basin import COOLER, Basin
from glasscli.free_energy.crystal import Effort
from glasscli.free_energy.glass_answer import COLUMNS, Entropies, GlassAnswer
from glasscli.free_energy.glass_figure import draw
from glasscli.free_energy.kauzmann import (
    AdamGibbs,
    Kauzmann,
    LiquidEnergy,
    adam_gibbs,
    anharmonic_entropy,
    kauzmann,
    mean_of,
)
from glasscli.free_energy.liquid import ideal
from glasscli.free_energy.means import of_walk
from glasscli.free_energy.pieces import Piece, worked
from glasscli.free_energy.question import check_box
from glasscli.free_energy.tasks import GAS, LIQUID, Task, check
from glasscli.landscape.record import Flat
from glasscli.model.system import System
from glasscli.observables.equilibration import EQUILIBRATED, verdict
from glasscli.report.beside import Outputs
from glasscli.simulation.stopping import Stop
from glasscli.store.reader import is_run, open_run
from glasscli.store.run import Run

LEAST_MINIMA = 16  # of a run, below which its potential energies say whether it is in equilibrium
SAME = 1e-6  # volumes
FEWEST_BASINS = 2  # of a temperature: the error of a mean is their scatter
# Errors by which a walk of our own may differ in energy from the hottest run, and runs of one temperature in theirs.
APART, DISTINCT = 4.0, 3.0


@dataclass(frozen=True)
class Relaxation:
    """What the motion in a run says: tau_alpha and its error, None where there is none, and whether it is a liquid in
    equilibrium, and why; time: its unit."""

    tau: float | None
    error: float | None
    equilibrated: bool | None
    reason: str
    time: str


@dataclass(frozen=True)
class State:
    """One temperature: runs whose last halves count. Energies per atom, with errors."""

    T: float
    files: tuple[Path, ...]
    energy: float
    energy_error: float
    inherent: float | None
    inherent_error: float
    structures: tuple[Configuration, ...]
    equilibrated: bool
    reason: str
    tau: float | None = None
    tau_error: float | None = None


@dataclass(frozen=True)
class GlassQuestion:
    """What is asked of runs of one mixture at one volume.

    structures   inherent structures of each temperature, at most
    relaxations  {file: what its motion says}, of files that hold dynamics
    """

    files: tuple[Path, ...]
    structures: int = 8
    effort: Effort = field(default_factory=Effort)
    seed: int = 1
    relaxations: Mapping[Path, Relaxation] = field(default_factory=dict)


@dataclass(frozen=True)
class _Read:
    system: System
    counts: tuple[int, ...]
    volume: float
    states: list[State]
    liquid: Task | None

    @property
    def basins(self) -> list[tuple[State, Configuration]]:
        return [(state, one) for state in self.states for one in state.structures]


def read(q: GlassQuestion) -> _Read:
    """The runs of a question. Raises InputError for what is not of one mixture, one volume, constant temperatures."""
    if not q.files:
        raise InputError("free-energy glass needs runs at constant temperature: name some, such as anneal.h5")
    runs = {path: _run(path) for path in dict.fromkeys(q.files)}
    first_path, first = next(iter(runs.items()))
    system, counts = first.manifest.system, first.manifest.protocol.counts
    system.in_space("free-energy")
    check(system)
    volume = _volume(first)
    check_box(system, sum(counts), volume)
    for path, run in runs.items():
        if run.manifest.system.commands != system.commands or run.manifest.protocol.counts != counts:
            raise InputError(f"{path} is of other atoms than {first_path}: entropies are of one mixture")
        if abs(_volume(run) / volume - 1) > SAME:
            raise InputError(f"{path} has V/N = {_volume(run):g}, {first_path} {volume:g}: give one volume")
    by_T: dict[float, list[Path]] = {}
    for path, run in runs.items():
        T = run.manifest.protocol.constant_temperature
        assert T is not None
        by_T.setdefault(T, []).append(path)
    states = [_state(T, {p: runs[p] for p in paths}, q) for T, paths in sorted(by_T.items())]
    settled = [state for state in states if state.equilibrated]
    liquid = None
    if settled:
        shares = {s.name: n / sum(counts) for s, n in zip(system.species, counts, strict=True)}
        composition = None if system.n_species == 1 else shares
        liquid = Task(
            system, LIQUID, GAS, volume, (settled[-1].T,), sum(counts), q.effort, q.seed, composition
        )
    return _Read(system, tuple(counts), volume, states, liquid)


def pieces(q: GlassQuestion) -> list[Piece]:
    """The pieces of work of a question."""
    return _pieces(read(q), q)


def _pieces(found: _Read, q: GlassQuestion) -> list[Piece]:
    basins: list[Piece] = [_basin(found, q, state, one) for state, one in found.basins]
    return basins if found.liquid is None else [found.liquid, *basins]


def _basin(found: _Read, q: GlassQuestion, state: State, one: Configuration) -> Basin:
    return Basin(found.system, one, state.T, q.effort, q.seed)


def glass_entropy(q: GlassQuestion, outputs: Outputs, catalogue: Path, jobs: int, stop: Stop) -> GlassAnswer:
    """Do what is not done yet and answer; as `study.answer`."""
    found = read(q)
    tasks = _pieces(found, q)
    done, notes = worked(tasks, catalogue, jobs, stop)
    missing = sum(piece.key not in done for piece in tasks)
    for piece in tasks:
        if "failed" in (record := done.get(piece.key, {})):
            notes.append(f"left out: {piece.said}: {record['failed']}")
    time = next((r.time for r in q.relaxations.values()), None)
    records = {
        state.T: [
            record
            for one in state.structures
            if "failed" not in (record := done.get(_basin(found, q, state, one).key, {"failed": ""}))
        ]
        for state in found.states
    }
    liquid = None if found.liquid is None else done.get(found.liquid.key)
    rows = _rows(found, records, liquid if liquid and "failed" not in liquid else None, notes)
    notes += [
        f"T = {row.T:g} is no liquid in equilibrium, so that it has no S_c: {row.reason}"
        for row in rows
        if not row.equilibrated
    ]
    law, other, relaxing = _laws(rows, found)
    answer = GlassAnswer(
        found.system, sum(found.counts), found.volume, rows, law, other, relaxing, time, notes, missing
    )
    answer.written.append(
        outputs.table(
            "entropy", COLUMNS, [[getattr(r, c) for c in COLUMNS] for r in rows], found.system.unit_system
        )
    )
    if outputs.figures and any(r.S_configurational is not None for r in rows):
        answer.written.append(str(draw(outputs.figure("entropy"), answer)))
    return answer


def _rows(
    found: _Read, records: Mapping[float, Sequence[Flat]], liquid: Flat | None, notes: list[str]
) -> list[Entropies]:  # fmt: skip
    system, n = found.system, sum(found.counts)
    boltzmann = system.unit_system.boltzmann
    settled = [s for s in found.states if s.equilibrated]
    energies, top, common = None, 0.0, 0.0
    if liquid is not None and settled:
        kT = np.array([boltzmann * s.T for s in settled])
        energies = LiquidEnergy(
            kT, np.array([s.energy for s in settled]), np.array([s.energy_error for s in settled])
        )
        gas = ideal(system, found.counts, found.volume * n, float(kT[-1])) / n
        top, common = (liquid["0.F"] - gas) / kT[-1], liquid["0.F_error"] / kT[-1]
        apart, doubt = (
            liquid["0.U"] - settled[-1].energy,
            np.hypot(liquid["0.U_error"], settled[-1].energy_error),
        )
        if abs(apart) > APART * doubt:
            notes.append(
                f"the liquid's walk at T = {settled[-1].T:g} lies {apart:+.3g} from the run in energy, more than "
                f"{APART:g} errors: one of them is not in equilibrium; give more --rounds"
            )
    rows = []
    for state in found.states:
        kT_here = boltzmann * state.T
        basins = records[state.T]
        row = _vibrational(state, basins, kT_here, n)
        if energies is not None and state.equilibrated:
            gas = ideal(system, found.counts, found.volume * n, kT_here) / n
            (entropy, doubt), (free, free_doubt) = energies.excess(kT_here, top)
            row = row.with_liquid(
                (1.5 - gas / kT_here + entropy, doubt),
                (gas + free * kT_here, free_doubt * kT_here),
                common,
                kT_here,
            )
        rows.append(row)
    return rows


def _vibrational(state: State, basins: Sequence[Flat], kT: float, n: int) -> Entropies:
    """What is known of one temperature without the liquid."""
    row = Entropies(
        state.T, state.energy, state.energy_error, state.inherent, state.equilibrated, state.reason, len(basins),
        state.tau, state.tau_error,
    )  # fmt: skip
    if len(basins) < FEWEST_BASINS:
        return row
    harmonic = mean_of([one["harmonic"] for one in basins])
    rest = (
        mean_of([one["E_IS"] for one in basins])
        if state.inherent is None
        else (state.inherent, state.inherent_error)
    )
    soft = [
        mean_of([b[f"{k}.anharmonic"] for b in basins], [b[f"{k}.error"] for b in basins])
        for k in range(len(COOLER))
    ]
    soft.append(
        (state.energy - rest[0] - 1.5 * (n - 1) / n * kT, float(np.hypot(state.energy_error, rest[1])))
    )
    energy, error = np.array(soft).T
    anharmonic = anharmonic_entropy(kT * np.array([*COOLER, 1.0]), energy, error, kT)
    free = mean_of([one["F"] for one in basins], [one["F_error"] for one in basins])
    return row.with_basins(harmonic, anharmonic, rest[0], free)


def _laws(rows: Sequence[Entropies], found: _Read) -> tuple[Kauzmann, Kauzmann, AdamGibbs]:
    boltzmann = found.system.unit_system.boltzmann
    there = [r for r in rows if r.S_configurational is not None]

    def through(of: str, error: str) -> Kauzmann:
        return kauzmann(
            boltzmann * np.array([r.T for r in there]),
            np.array([getattr(r, of) for r in there]),
            np.array([r.own(error) for r in there]),
            max([r.common for r in there], default=0.0),
        )

    law = through("S_configurational", "S_configurational_error")
    other = through("S_configurational_by_springs", "S_configurational_by_springs_error")
    slow = [r for r in there if r.tau is not None and r.tau_error is not None]
    relaxing = adam_gibbs(
        boltzmann * np.array([r.T for r in slow]),
        np.array([r.S_configurational for r in slow], dtype=np.float64),
        np.array([r.S_configurational_error for r in slow], dtype=np.float64),
        np.array([r.tau for r in slow], dtype=np.float64),
        np.array([r.tau_error for r in slow], dtype=np.float64),
    )
    return law.over(boltzmann), other.over(boltzmann), relaxing


def _run(path: Path) -> Run:
    if not is_run(path):
        raise InputError(f"{path} is no run of glasscli: entropies need its energies and its temperature")
    run = open_run(path)
    protocol = run.manifest.protocol
    if protocol.straining is not None or protocol.constant_temperature is None:
        raise InputError(
            f"{path}: its temperature changes: hold one with `glasscli anneal` or `hybrid`, and give that"
        )
    if len(run.thermo["volume"]) < 4:
        raise FileError(f"{path} holds {len(run.thermo['volume'])} energies, too few for a mean")
    if np.ptp(run.thermo["volume"]) > SAME * run.thermo["volume"][0]:
        raise InputError(f"{path}: its volume changes: entropies are at constant volume")
    if protocol.space.tilted or not run.frames[0].box.plain:  # a flow's box leans sooner or later
        raise InputError(f"{path}: its box is tilted or free: free-energy is for rectangular, periodic boxes")
    return run


def _volume(run: Run) -> float:
    return float(run.frames[0].box.volume / sum(run.manifest.protocol.counts))


def _state(T: float, runs: Mapping[Path, Run], q: GlassQuestion) -> State:
    energies, minima, said, good, taus = [], [], [], [], []
    per_run = -(-q.structures // len(runs))
    structures: list[Configuration] = []
    for path, run in runs.items():
        thermo = run.thermo["potential_energy"]
        energies.append(of_walk(thermo[len(thermo) // 2 :]))
        table = run.inherent_table["inherent_energy"]
        if len(table) >= 4:
            minima.append(of_walk(table[len(table) // 2 :]))
        structures += _structures(run, per_run)
        well, why = _equilibrated(path, runs, q)
        good.append(well)
        said.append(why)
        motion = q.relaxations.get(path)
        if motion and motion.tau is not None and motion.error is not None:
            taus.append((motion.tau, motion.error))
    energy, error = _mean(energies)
    inherent, inherent_error = _mean(minima) if minima else (None, 0.0)
    tau, tau_error = _mean(taus) if taus else (None, None)
    return State(
        T, tuple(runs), energy, error, inherent, inherent_error, tuple(structures[: q.structures]), all(good),
        "; ".join(dict.fromkeys(said)), tau, tau_error,
    )  # fmt: skip


def _mean(values: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Of several runs: their mean, and the larger of what their own errors and their scatter say."""
    means, errors = np.array(values).T
    own = float(np.sqrt((errors**2).sum())) / len(means)
    scatter = float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else 0.0
    return float(means.mean()), max(own, scatter)


def _structures(run: Run, count: int) -> list[Configuration]:
    """So many of the last half, evenly spaced: inherent structures where there are as many, else frames."""
    source = run.inherent if len(run.inherent) // 2 >= count else run.frames
    first = len(source) // 2
    chosen = np.unique(
        np.linspace(first, len(source) - 1, min(count, len(source) - first)).round().astype(int)
    )
    return [source[int(k)] for k in chosen]


def _equilibrated(path: Path, runs: Mapping[Path, Run], q: GlassQuestion) -> tuple[bool, str]:
    """Whether a run is a liquid in equilibrium: by a run from the other side, by its motion, else by its energies."""
    run = runs[path]
    for other in runs:
        if (
            other != path
            and min(len(run.inherent_table["step"]), len(runs[other].inherent_table["step"])) > 1
        ):
            both = certificate(run, other)
            if both.verdict == CERTIFIED:
                return True, both.reason
            apart, doubt = abs(both.difference or 0.0), both.difference_error or 0.0
            if apart > DISTINCT * doubt:
                names = " and ".join(sorted(map(str, (path, other))))
                return False, f"{names} lie {apart:.4f} ± {doubt:.4f} apart in E_IS"
    motion = q.relaxations.get(path)
    if motion is not None and motion.equilibrated is not None:
        return motion.equilibrated, motion.reason
    table = run.inherent_table["inherent_energy"]
    found = (
        verdict(table, course(run)[0].get("crystalline"))
        if len(table) >= LEAST_MINIMA
        else verdict(run.thermo["potential_energy"], name="the potential energy")
    )
    return found.label == EQUILIBRATED, ": ".join(filter(None, (found.label, found.reason)))
