"""A file that is measured: its frames, energies and kept rows, and where tables and figures go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glasscli.analysis.chemistry import bonding_of, elements_of
from glasscli.analysis.choices import Choices, bin_width, system_radii, topology_radii
from glasscli.analysis.clock import Clock, clock_of
from glasscli.analysis.course import Course
from glasscli.analysis.drawn import Drawn, Picture, draw
from glasscli.analysis.files import keys_of, open_frames, open_snapshots, stems_of
from glasscli.analysis.frame import BY_RADII
from glasscli.analysis.kept import Kept, key
from glasscli.analysis.minima import AS_WRITTEN, MINIMISATION, TOLERANCE, Minima, minimised, wanted
from glasscli.analysis.parts import Part, kept_parts
from glasscli.configuration import Floats, Trajectory
from glasscli.errors import GlassError, InputError
from glasscli.formats.foreign import ForeignTrajectory, open_any
from glasscli.formats.names import by_name, labels
from glasscli.formats.snapshots import Snapshots
from glasscli.formats.source import density_note, frames_in, masses_of, named_by_all, remarks
from glasscli.formats.species import BySize, Translated, by_size
from glasscli.model.system import System, same_model, two_sizes
from glasscli.observables.network import Bonding
from glasscli.progress import progress
from glasscli.store.convergence import Convergence, convergence, judged
from glasscli.store.kind import TABLE, picture_kind
from glasscli.store.outputs import Claims
from glasscli.store.run import Run
from glasscli.units import UnitNames, names_of


@dataclass
class Subject:
    """What the measures see of a file.

    stem        how the names of tables and figures begin
    run         the glasscli run, None for a foreign file
    trajectory  inherent structures, else frames
    opener      what opens the same in a worker
    joined      whether it is several files as one trajectory
    minima      the trajectory, where its inherent structures were made here (unmade: are to be); moved: then the frames
    notes       lines for people; odd: one about a density that is not the system's; tables, figures: files written
    source      [F] what kept results of each frame belong to
    claims      what may be written; beside: whether the stem is the name of a file beside it
    keep        {path under /analysis: array} for the file itself
    by_name     whether the measures were asked for by name: else what cannot apply is left out in silence
    course      of all frames; there when `finish` is called. rows: read already, as far as they are few
    """

    path: Path
    stem: Path
    system: System | None
    choices: Choices
    run: Run | None
    trajectory: Trajectory
    opener: Callable[[Path], Trajectory]
    kept: Kept
    source: Sequence[str]
    minima: Minima | None = None
    moved: Trajectory | None = None
    joined: bool = False
    claims: Claims = field(default_factory=Claims)
    beside: bool = False
    notes: list[str] = field(default_factory=list)
    odd: str | None = None
    tables: list[str] = field(default_factory=list)
    figures: list[Drawn] = field(default_factory=list)
    unmade: Sequence[int] = ()
    keep: dict[str, np.ndarray] = field(default_factory=dict)
    by_name: bool = True
    rows: dict[tuple[Any, ...], list[Any]] = field(default_factory=dict, init=False)
    course: Course = field(init=False)
    _drawing: list[Picture] = field(default_factory=list, init=False)

    @cached_property
    def species(self) -> list[int]:
        """Species that occur."""
        return sorted(self.trajectory[-1].counts)

    @cached_property
    def radii(self) -> dict[int, float]:
        """Radii of the bond network."""
        return topology_radii(self.choices, self.system, self.species)

    @cached_property
    def radii_if_any(self) -> dict[int, float] | None:
        """The same, or None where nobody gave any."""
        try:
            return self.radii
        except GlassError:
            return None

    @cached_property
    def stated_radii(self) -> dict[str, float]:
        """{species by name: radius} where --radii or the system states them: one species needs none."""
        stated = self.choices.radii or system_radii(self.system)
        return by_name({s: stated[s] for s in self.species if s in stated}, self.labels)

    def require(self, need: str) -> None:
        """Raise InputError where a shared thing (see `Measure.needs`) cannot be had of this file.

        It is a NotApplicableError where nothing that a user could give would help.
        """
        if need in BY_RADII:
            _ = self.radii  # says itself what is missing
        elif need == "energies" and self.system is None:
            raise InputError("energies need the potential: give --system NAME")
        elif need == "elements":
            _ = self.elements
        elif need == "bonding":
            if self.trajectory[-1].box.free and not self.bonding.cutoffs:
                raise InputError(
                    "bonds end at the first minimum of g(r), and a box that is free has none: "
                    "give --bond-cutoffs A-B=LENGTH"
                )
        elif need == "volume":
            self.trajectory[-1].box.periodic_for("it", planes=True)

    @property
    def steps(self) -> NDArray[np.int64]:
        """[F] step of each frame."""
        return self.course.steps

    @property
    def ramp(self) -> Floats | None:
        """[F] the thermostat's temperature at each frame of a run that changes it; None of an isotherm, or unknown."""
        return self._ramp_at(self.steps)

    def _ramp_at(self, steps: Iterable[int]) -> Floats | None:
        protocol = None if self.run is None else self.run.manifest.protocol
        if protocol is None or protocol.constant_temperature is not None:
            return None
        return np.array([protocol.temperature_at(int(step)) for step in steps])

    @property
    def units(self) -> UnitNames:
        """What axes and tables call the units."""
        return self.system.unit_system if self.system else names_of(getattr(self.trajectory, "units", None))

    @cached_property
    def clock(self) -> Clock | None:
        """What a step is in time; None where there is none, or nobody says."""
        return clock_of(self.run, self.moved or self.trajectory, self.system)

    @cached_property
    def masses(self) -> Floats | None:
        """[n_atoms] masses, by the system, else by the file; None where neither says them all."""
        return masses_of(self.moved or self.trajectory, self.system)

    def along(self) -> tuple[Floats, str]:
        """[F] what frames are drawn against, and its name: a ramp's temperature, the time, else the step."""
        if self.ramp is not None:
            return self.ramp, f"temperature ({self.units.temperature_unit})"
        if self.clock is None:
            return self.steps.astype(np.float64), "MD steps"
        return self.clock(self.steps), self.clock.label

    @property
    def times(self) -> dict[str, Floats]:
        """Columns that stand beside the step of each frame: time, where it is known."""
        return {} if self.clock is None else self.clock.columns(self.steps)

    @property
    def names(self) -> dict[int, str]:
        """{species: name}: the system's, else those that the file states."""
        return self.system.classes if self.system else dict(getattr(self.trajectory, "species_names", {}))

    @cached_property
    def labels(self) -> dict[int, str]:
        """{species: what it is called} of the species that occur: by the system, else by the file, else its number."""
        return labels(self.species, self.names, getattr(self.moved or self.trajectory, "species_names", {}))

    @cached_property
    def elements(self) -> dict[int, str]:
        """{species: chemical symbol} of the species that occur. Raises InputError where one is no element."""
        return elements_of(self.labels, self.units)

    @cached_property
    def bonding(self) -> Bonding:
        """Which species are bonded to which, as their elements and the choices say."""
        return bonding_of(self.labels, self.units, self.choices)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """{"small": species, "large": species} of a mixture of two sizes by the system, or by --radii; else {}."""
        found = self.system.two_sizes if self.system else two_sizes(self.choices.radii or {})
        return dict(zip(("large", "small"), found, strict=True)) if found else {}

    @cached_property
    def own(self) -> Run | None:
        """The run, where what it says of energies is of the system that is asked for."""
        run = self.run
        return run if run and self.system and same_model(run.manifest.system, self.system) else None

    @cached_property
    def energies(self) -> dict[str, np.ndarray]:
        """[F] energy (per atom), pressure, max_force of each frame; NaN where they cannot be had.

        A sample that is free somewhere fills no volume: its pressure is none.
        """
        found = self._energies
        free = {"pressure": np.full(len(found["pressure"]), np.nan)} if self.trajectory[-1].box.free else {}
        return found | free

    @property
    def lacks_energies(self) -> bool:
        """Whether no file brings the energies of the frames: its system has to, if it has one."""
        if self.minima is not None:
            return False
        return self.own is None or not len(self.own.inherent) or self.choices.moving

    @property
    def _energies(self) -> dict[str, np.ndarray]:
        if self.minima is not None:
            return self.minima.table
        if self.own is not None and not self.lacks_energies:
            table = self.own.inherent_table
            return {name: table[f"inherent_{name}"] for name in ("energy", "pressure", "max_force")}
        rows = np.full((len(self.trajectory), 3), np.nan)
        if self.system is None:
            self.notes.append("no energies: give --system NAME to compute them with its potential")
        else:
            frames = range(len(rows))
            settings = self.evaluate(self.system, frames)
            kept = self.kept.get(self.source, "energy", settings, frames)
            rows = np.array([[row["energy"], row["pressure"], row["max_force"]] for row in kept])
        return dict(zip(("energy", "pressure", "max_force"), rows.T, strict=True))

    @cached_property
    def inherent(self) -> bool:
        """Whether the frames are inherent structures: made so, or with no force beyond what rounding of a file leaves.

        Says what is in doubt: minima that were not reached, frames that are nearly minima.
        """
        forces = self.energies["max_force"]
        if self.convergence is not None:
            self.notes += self.convergence.notes
            return True
        if not np.isfinite(forces).all():
            return False
        free = bool((forces < AS_WRITTEN).all())
        if free and forces.max() >= TOLERANCE:
            self.notes.append(
                f"{self.path}: the largest force is {forces.max():.3g}, not below {TOLERANCE:g} but below "
                f"{AS_WRITTEN:g}: taken for inherent structures with rounded positions (--minimise makes them exact)"
            )
        elif not free and self.own is None:
            self.notes.append(
                f"{self.path} holds no inherent structures: the largest force is {forces.max():.3g}, not below "
                f"{AS_WRITTEN:g}; energies are potential energies (--minimise makes inherent structures)"
            )
        return free

    @cached_property
    def convergence(self) -> Convergence | None:
        """How near the frames came to where no force is, where they are what a minimiser left; else None."""
        if self.minima is not None:
            forces = self.minima.table["max_force"]
            return judged(forces, np.zeros(len(forces)), MINIMISATION)
        if self.own is None or self.choices.moving:
            return None
        return convergence(self.own)

    def evaluate(self, system: System, frames: Sequence[int]) -> str:
        """Keep the energies of frames, which no file brings, like any measure; return their settings."""
        from glasscli.engine.minimiser import Minimiser  # LAMMPS: only where energies are wanted

        settings = key({"system": system.model_dump(mode="json")})
        have = self.kept.frames(self.source, "energy", settings)
        missing = [k for k in frames if k not in have]
        if missing:
            with Minimiser(system) as minimiser, progress("energies", len(missing), "frames") as advance:
                for done, k in enumerate(missing, start=1):
                    found = minimiser.evaluate(self.trajectory[k])
                    row = {"energy": found.energy, "pressure": found.pressure, "max_force": found.max_force}
                    self.kept.add(self.source, "energy", settings, k, row)
                    advance(done)
            self.kept.commit()
        return settings

    def window(self) -> range:
        """The last frames, which are averaged; of a ramp those alone that are at the temperature of the last one."""
        n = len(self.trajectory)
        frames = range(n - min(self.choices.pdf_frames, n), n)
        ramp = self._ramp_at(self.trajectory[k].step for k in frames)
        if ramp is None or (ramp == ramp[-1]).all():
            return frames
        alike = len(ramp) - 1 - int(np.flatnonzero(ramp != ramp[-1])[-1])
        self.notes.append(
            f"{self.path}: the temperature changes: g(r) and S(q) are of the last "
            f"{'frame' if alike == 1 else f'{alike} frames'}, at T = {ramp[-1]:.4g} {self.units.temperature_unit}"
        )
        return frames[-alike:]

    def table(self, name: str) -> Path:
        """Where a table goes; it is listed from now on."""
        path = self.claims.file(self._beside(f"{name}.csv"), TABLE, self.beside)
        self.tables.append(str(path))
        return path

    def figure(self, name: str) -> Path:
        """Where a figure goes; it is listed from now on."""
        path = self._beside(f"{name}.{self.choices.format}")
        self.claims.file(path, picture_kind(path), self.beside)
        self.figures.append(Drawn(name, path))
        return path

    def draw(self, function: Callable[..., object], name: str, *values: Any, **more: Any) -> None:
        """Draw `function(path, *values, **more)` as a figure of the file, unless its picture shows that already; it is
        there when `finish_drawing` has returned.
        """
        if (picture := draw(self.kept, self.figure(name), function, values, more)) is not None:
            self._drawing.append(picture)

    def finish_drawing(self) -> None:
        """Wait for the figures that are drawn. Raises what went wrong with one."""
        while self._drawing:
            self._drawing.pop(0).finish(self.kept)

    def _beside(self, ending: str) -> Path:
        return self.stem.with_name(f"{self.stem.name}-{ending}")


def open_subject(
    path: Path, system: System | None, choices: Choices, stem: Path | None = None,
    snapshots: Snapshots | None = None, claims: Claims | None = None, beside: bool = False, part: Part | None = None,
    dry: bool = False,
) -> Subject:  # fmt: skip
    """Open a file for measuring; InputError when it holds no frames, or species that are not the system's.

    stem: how the names of what is written begin; None for that of the file, beside it. snapshots: several files as one
    trajectory, which `path` then only names. claims, beside: see `Subject`. part: rows are kept as those of a part
    of the frames; else those of all parts are taken in. dry: no inherent structures are made, frames stand for them.
    """
    if choices.moving and choices.minimise:
        raise InputError("--moving measures frames as they are, --minimise makes others of them: choose one")
    if choices.forces and not choices.minimise:
        raise InputError("--forces says whose forces make inherent structures: give --minimise too")
    found = snapshots or open_any(path, choices.box)
    run = found if isinstance(found, Run) else None
    if system is None:
        system = run.manifest.system if run else named_by_all(snapshots.files if snapshots else [path])
    if system and system.sizes and choices.radii not in (None, system_radii(system)):
        raise InputError(
            f"atoms of {system.name} have radii of their own, half their diameters: leave --radii out"
        )
    moving = choices.moving or (choices.minimise and run is not None and len(run.frames) > 0)
    opener: Callable[[Path], Trajectory] = (
        partial(open_frames, moving=moving, system=system, species=choices.species, box=choices.box)
        if snapshots is None
        else partial(open_snapshots, snapshots=snapshots, system=system, species=choices.species)
    )
    trajectory = frames_in(found, system, choices.species, moving=moving, noted=True)
    if not len(trajectory):
        raise InputError(f"{path}: no frames to analyze yet")
    if choices.bin_width is None:
        stated = system.units if system else getattr(trajectory, "units", None)
        choices = replace(choices, bin_width=bin_width(stated, trajectory[-1].spacing))
    if stem is None:
        stem, beside = stems_of([path])[path], True
    claims = claims or Claims([path])
    kept = Kept(part.rows(stem) if part else stem.with_name(f"{stem.name}-analysis.db"))
    if not part:
        kept.take_in(kept_parts(stem))
    source = keys_of(found, moving)
    if isinstance(trajectory, Translated):
        also = f" species {sorted(trajectory.translation.table.items())}"
        source = [key + also for key in source]
    trajectory = by_size(trajectory, system)
    if choices.box is not None:
        source = [f"{key} in {choices.box}" for key in source]
    odd = density_note(found, system, choices.species)
    notes = remarks(found, system, choices.species)
    if isinstance(trajectory, BySize) and trajectory.said:
        notes.append(f"{path}: {trajectory.said}")
    if isinstance(found, ForeignTrajectory):
        notes += found.notes + found.asides
    minima: Minima | None = None
    moved: Trajectory | None = None
    unmade: Sequence[int] = ()
    if choices.minimise and dry:
        unmade = wanted(stem, source, system, trajectory, choices.forces).missing
    if choices.minimise and not unmade:
        minima = minimised(path, stem, source, system, trajectory, opener, choices.jobs, choices.forces)
        source = [f"{key} minimised {minima.settings}" for key in source]
        trajectory, moved, opener = minima, trajectory, minima
    return Subject(
        path, stem, system, choices, run, trajectory, opener, kept, source,
        minima, moved, snapshots is not None, claims, beside, notes, odd, unmade=unmade,
    )  # fmt: skip
