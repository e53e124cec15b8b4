"""A stage of a study from plan to answer: run it (or find it done), measure it, draw it.

Which sections an answer has is said by the protocol; what each of them is, by the table at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis import mechanics
from glasscli.analysis import sections as say
from glasscli.analysis.certificate import at_last_temperature
from glasscli.analysis.rows import FLOWN, HEATED, SHEARED, TENSILE
from glasscli.analysis.sampled import sampled
from glasscli.analysis.summary import Summary, construction, course, summary
from glasscli.errors import FileError, InputError, near
from glasscli.observables.equilibration import verdict
from glasscli.simulation.acceptance import counted_by_pair
from glasscli.simulation.acceptance import notes as acceptance_notes
from glasscli.simulation.acceptance import shares as acceptance_shares
from glasscli.simulation.job import Job
from glasscli.simulation.run import run
from glasscli.simulation.stopping import Stop
from glasscli.store.convergence import convergence
from glasscli.store.finished import FileRun
from glasscli.store.kind import picture_kind
from glasscli.store.outputs import Claims
from glasscli.store.results import add_results, fictive_error


@dataclass(frozen=True)
class Made:
    """A finished run, what there is to say of it in sections, and notes for people."""

    run: FileRun
    sections: tuple[say.Section, ...]
    notes: tuple[str, ...]

    @property
    def data(self) -> dict[str, Any]:
        """The contract object."""
        return {key: value for section in self.sections for key, value in section.data.items()}

    def text(self) -> str:
        """For people, numbers with the units of its system."""
        system = self.run.manifest.system
        return "\n".join(line for section in self.sections for line in section.lines(system))


def make(job: Job, *, force: bool = False, stop: Stop | None = None) -> Made:
    """Run a job to its end and report it; a finished one is only reported."""
    found = describe(run(job, force=force, stop=stop))
    return replace(found, notes=(*job.notes, *found.notes))


def describe(run: FileRun) -> Made:
    """What there is to say of a finished run, measured now if it was not yet."""
    measured, notes = summary(run)
    launch = run.manifest.launch
    if launch.measured:
        skin = f" with skin {launch.skin:g}" if launch.skin else ""
        notes.append(f"ran with accelerator {launch.accelerator}{skin} ({launch.measured})")
    run = FileRun(run.path)
    found = tuple(_section(name)(run, measured, notes) for name in run.manifest.protocol.outcome)
    minima = convergence(run)
    notes += minima.notes if minima else []
    converged = say.Converged(minima.not_converged if minima else None)
    return Made(FileRun(run.path), (*found, converged), tuple(notes))


# What makes a section of a run and of what was measured on it; it may add notes.
Maker = Callable[[FileRun, Summary, list[str]], say.Section]


def _section(name: str) -> Maker:
    if name not in SECTIONS:
        raise InputError(f"no section {name!r} in what is said of a run{near(name, SECTIONS)}")
    return SECTIONS[name]


def _sample(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    protocol = run.manifest.protocol
    return say.Sample(
        str(run.path), run.manifest.system.name, sum(protocol.counts), protocol.seed, protocol.steps
    )


def _held(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    return say.Held(**_isotherm(run))


def _exchanging(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    return say.Exchanging(**_isotherm(run))


def _isotherm(run: FileRun) -> dict[str, Any]:
    protocol = run.manifest.protocol
    temperature, fictive = protocol.temperature_at(protocol.steps), protocol.fictive
    return {
        "file": str(run.path),
        "parent": run.manifest.parents[0].path,
        "temperature": temperature,
        "T_over_Tf": temperature / fictive if fictive else None,
    }


def _length(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    protocol = run.manifest.protocol
    return say.Length(protocol.steps, len(run.frames), protocol.timestep)


def _fictive_temperature(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    found = measured.fictive_temperature
    if found is None:
        return say.FictiveTemperature(None, None, None, measured.fictive_reason, [])
    error, note = fictive_error(run, found.error)
    notes += [note] if note else []
    try:
        drawn = [str(_draw_construction(run))]
    except FileError as reason:  # the run is whole, and its T_f known
        drawn = []
        notes.append(f"the construction of T_f was not drawn: {reason}")
    return say.FictiveTemperature(found.value, error, found.error, None, drawn)


def _calorimetry(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    from glasscli.analysis import calorimetry  # other protocols need none of it

    found, more = calorimetry.cycles(run)
    kept = {name: value for name, value in found[-1].data.items() if name.removesuffix("_error") in HEATED}
    if kept != run.result("calorimetry"):
        add_results(run, {"calorimetry": kept})
    notes += [note for note in more if note not in notes]
    try:
        drawn = [str(drawn_beside(run, "heat", lambda path: calorimetry.draw(path, run, found)))]
    except FileError as reason:  # the run is whole
        drawn = []
        notes.append(f"its heat capacity was not drawn: {reason}")
    return say.Calorimetry(run.manifest.parents[0].path, [one.data for one in found], drawn)


def _strained(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    from glasscli.analysis import strained  # other protocols need none of it

    found = strained.strained(run)
    if found.row != run.result("shear"):
        add_results(run, {"shear": found.row})
    try:
        drawn = [str(drawn_beside(run, "shear", lambda path: strained.draw(path, found)))]
    except FileError as reason:  # the run is whole
        drawn = []
        notes.append(f"its stress was not drawn: {reason}")
    if found.restless:
        notes.append(found.restless)
    if found.balance > 1e-6:
        notes.append(
            f"work and energy of a step differ by up to {found.balance:.2g} an atom: take smaller steps of strain"
        )
    return mechanics.Sheared(found.data, drawn)


def _flowing(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    from glasscli.analysis import flowing, tensile  # other protocols need none of it

    found = tensile.tensile(run) if run.manifest.protocol.lengthens else flowing.flowing(run)
    data = found.data
    row = found.row if isinstance(found, tensile.Tensile) else data
    kept = {name: row[name] for name in (*FLOWN, *SHEARED, *TENSILE) if row.get(name) is not None}
    if kept != run.result("flow"):
        add_results(run, {"flow": kept})
    try:
        drawn = [str(drawn_beside(run, "flow", found.draw))]
    except FileError as reason:  # the run is whole
        drawn = []
        notes.append(f"its stress was not drawn: {reason}")
    if isinstance(found, tensile.Tensile):
        return mechanics.Tensile(data, drawn)
    return mechanics.Flown(data, drawn)


def _inherent_energy(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    return say.InherentEnergy(_last(run, "inherent_energy"))


def _inherent_energy_and_pressure(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    return say.InherentEnergyAndPressure(_last(run, "inherent_energy"), _last(run, "inherent_pressure"))


def _icosahedra(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    return say.Icosahedra(measured.icosahedral_fraction)


def _exchanges(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    table, names = run.exchange_table, [s.name for s in run.manifest.system.species]
    protocol = run.manifest.protocol
    assert protocol.moves is not None
    tried, accepted = (table[f"exchange_{what}"].sum(axis=0) for what in ("tried", "accepted"))
    if not counted_by_pair(protocol.moves, names):
        notes.append("LAMMPS counts changes of species together: no acceptance by pair")
    attempts = int(tried.sum())
    notes += acceptance_notes(protocol.moves, names, tried, accepted)
    # fix atom/swap runs inside the MD steps: its own share is not known.
    inside = sum(i.exchange_seconds for i in run.manifest.history)
    audit = say.Audit(int(table["exchange_checked"].sum()), float(table["exchange_error"].max(initial=0.0)))
    return say.Exchanges(
        protocol.moves.kernel, protocol.steps, protocol.steps, attempts, int(accepted.sum()),
        acceptance_shares(protocol.moves, names, tried, accepted), audit,
        1e9 * inside / attempts if inside and attempts else None,
    )  # fmt: skip


def _sampled(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    return sampled(run, notes)


def _relaxation(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    shares, more = course(run)
    notes += more
    energy, held = run.inherent_table["inherent_energy"], at_last_temperature(run)
    crystalline = shares.get("crystalline")
    found = verdict(energy[held], None if crystalline is None else crystalline[held])
    return say.Relaxation(_course(energy), _course(shares.get("icosahedral_fraction", np.zeros(0))), found)


def _course(values: np.ndarray) -> say.Course:
    if not len(values):
        return say.Course(None, None, None)
    return say.Course(float(values[0]), float(values[-1]), float(values[len(values) // 2 :].mean()))


def _wall_seconds(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    launch = run.manifest.launch
    rests = run.manifest.protocol.straining is not None and run.last_box.closed
    return say.Took(round(run.manifest.wall_seconds, 3), launch.minima if rests else launch.forces)


def _steps_per_second(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    wall = run.manifest.wall_seconds
    return say.Took(
        round(wall, 3),
        run.manifest.launch.forces,
        round(run.manifest.protocol.steps / max(wall, 1e-9), 1),
        "steps",
        ".0f",
    )


def _attempts_per_second(run: FileRun, measured: Summary, notes: list[str]) -> say.Section:
    wall = run.manifest.wall_seconds
    attempts = int(run.exchange_table["exchange_tried"].sum())
    return say.Took(round(wall, 3), run.manifest.launch.forces, attempts / max(wall, 1e-9), "attempts", ".3g")


def _last(run: FileRun, name: str) -> float | None:
    table = run.inherent_table
    return float(table[name][-1]) if len(table["step"]) else None


def _draw_construction(run: FileRun) -> Path:
    """Draw the crossing branches."""
    from glasscli.report import fictive_figure

    def draw(path: Path) -> None:
        fictive_figure.fictive_temperature(path, *construction(run), run.manifest.system.unit_system)

    return drawn_beside(run, "Tf", draw)


def drawn_beside(run: FileRun, name: str, draw: Callable[[Path], object]) -> Path:
    """Draw NAME-`name`.png beside a run's file, once; again where the file is a newer one of the same name."""
    path = run.path.with_name(f"{run.path.stem}-{name}.png")
    if not path.exists() or path.stat().st_mtime_ns < run.path.stat().st_mtime_ns:
        Claims([run.path]).file(path, picture_kind(path), own=True)
        draw(path)
    return path


SECTIONS: dict[str, Maker] = {
    "sample": _sample,
    "held": _held,
    "exchanging": _exchanging,
    "sampled": _sampled,
    "length": _length,
    "fictive_temperature": _fictive_temperature,
    "calorimetry": _calorimetry,
    "strained": _strained,
    "flowing": _flowing,
    "inherent_energy": _inherent_energy,
    "inherent_energy_and_pressure": _inherent_energy_and_pressure,
    "icosahedra": _icosahedra,
    "exchanges": _exchanges,
    "relaxation": _relaxation,
    "wall_seconds": _wall_seconds,
    "steps_per_second": _steps_per_second,
    "attempts_per_second": _attempts_per_second,
}
