"""What is in a file, on one screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from glasscli.configuration import Box, Configuration
from glasscli.formats.foreign import open_any
from glasscli.formats.planes import in_plane
from glasscli.formats.source import layered, remarks
from glasscli.formats.species import Stated
from glasscli.model.system import System
from glasscli.shown import shown
from glasscli.store.convergence import Convergence, convergence
from glasscli.store.manifest import Manifest
from glasscli.store.recorder import partial_folder
from glasscli.store.results import fictive_error, stored_fictive_reason, stored_fictive_temperature
from glasscli.store.run import Run


@dataclass(frozen=True)
class RunDescription:
    """A run of glasscli, finished or not; energies per atom, all in the system's units.

    box, temperature  of the last frame and the last thermodynamic row, None before the first
    step              the last that is stored
    inherent_energy   of the first and the last inherent structure
    T_f, icosahedral_fraction  as measured and kept in the file, else None
    T_f_error, T_f_fit_error   how much two samples made alike differ (None where not calibrated), the fit's own
    T_f_reason                 why a ramp has no T_f
    precision                  largest error of a coordinate of a frame, None for float32
    bytes_per_atom_frame       positions and images in the finished file
    """

    path: Path
    manifest: Manifest
    finished: bool
    atoms: int
    counts: dict[str, int]
    box: Box | None
    step: int
    frames: int
    inherent_structures: int
    exchange_attempts: int | None
    states: int
    temperature: float | None
    inherent_energy: tuple[float, float] | None
    T_f: float | None
    T_f_error: float | None
    T_f_fit_error: float | None
    T_f_reason: str | None
    icosahedral_fraction: float | None
    minima: Convergence | None = None
    precision: float | None = None
    bytes_per_atom_frame: float | None = None

    @property
    def notes(self) -> list[str]:
        """Inherent structures that are no minima; that the run is being lengthened."""
        said = list(self.minima.notes) if self.minima else []
        if self.finished and (longer := partial_folder(self.path)).is_dir():
            said.append(
                f"{longer} is a longer run of it that is not finished: `glasscli resume {self.path}` goes on"
            )
        return said

    @property
    def _state(self) -> str:
        if self.finished:
            return "finished"
        if self.path.is_file():  # what grows in a working folder, or somebody's copy of it
            return f"UNFINISHED: what there was at step {self.step}; `glasscli resume` goes on in the run's own folder"
        return f"UNFINISHED at step {self.step}; go on with `glasscli resume`"

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        manifest, protocol = self.manifest, self.manifest.protocol
        return {
            "file": str(self.path),
            "kind": protocol.kind,
            "finished": self.finished,
            "system": manifest.system.name,
            "units": manifest.system.units,
            "long_range": asdict(manifest.system.long_range) if manifest.system.long_range else None,
            "atoms": self.atoms,
            "counts": self.counts,
            "box": self.box.data if self.box else None,
            "edges": edges_of(self.box) if self.box else None,
            "protocol": protocol.model_dump(mode="json"),
            "step": self.step,
            "steps": protocol.steps,
            "frames": self.frames,
            "precision": self.precision,
            "bytes_per_atom_frame": self.bytes_per_atom_frame,
            "inherent_structures": self.inherent_structures,
            "not_converged": self.minima.not_converged if self.minima else None,
            "exchange_attempts": self.exchange_attempts,
            "states": self.states,
            "temperature": self.temperature,
            "inherent_energy": list(self.inherent_energy) if self.inherent_energy else None,
            "T_f": self.T_f,
            "T_f_error": self.T_f_error,
            "T_f_fit_error": self.T_f_fit_error,
            "T_f_reason": self.T_f_reason,
            "icosahedral_fraction": self.icosahedral_fraction,
            "parents": [{"path": p.path, "identity": p.identity} for p in manifest.parents],
            "identity": manifest.identity,
            "command_line": manifest.command_line,
            "created": manifest.created,
            "versions": manifest.versions,
            "wall_seconds": manifest.wall_seconds,
            "history": [asdict(i) for i in manifest.history],
        }

    def text(self) -> str:
        """Lines for people."""
        manifest, system = self.manifest, self.manifest.system
        protocol = manifest.protocol
        counts = ", ".join(f"{n} {name}" for name, n in self.counts.items())
        made = f"{self.step} of {protocol.steps}"
        if protocol.moves:
            made += " MD steps between exchanges: not a physical time"
        manner: str = protocol.ensemble.kind
        if protocol.straining:
            manner = f"{protocol.straining.strain.words}, at rest"
        else:
            made += f", time step {protocol.timestep:g}, seed {protocol.seed}"
        rows = [
            ("kind", f"{protocol.kind} ({manner}), {self._state}"),
            ("system", f"{system.name} ({system.units} units): {self.atoms} atoms ({counts})"),
            *_long_range(system),
            ("box", "-" if self.box is None else in_words(self.box)),
            *protocol.course.items(),
            ("steps", made),
            (
                "stored",
                f"{self.frames} frames, {self.inherent_structures} inherent structures, {self.states} states",
            ),
        ]
        if self.bytes_per_atom_frame is not None:
            kept = f"within {self.precision:g}" if self.precision else "float32"
            rows.append(("positions", f"{kept}, {self.bytes_per_atom_frame:.1f} bytes an atom and frame"))
        if self.inherent_energy:
            rows.append(("E_IS", f"{self.inherent_energy[0]:.4f} first, {self.inherent_energy[1]:.4f} last"))
        if self.T_f:
            sample = f" ± {self.T_f_error:.2g}" if self.T_f_error else ""
            known = "sample to sample" + ("" if sample else ": not calibrated")
            rows.append(("T_f", f"{self.T_f:.4f}{sample} ({known}; fit ± {self.T_f_fit_error:.4f})"))
        elif self.T_f_reason:
            rows.append(("T_f", f"none: {self.T_f_reason}"))
        if self.icosahedral_fraction is not None:
            rows.append(("f_ico", f"{self.icosahedral_fraction:.4f} (last)"))
        rows += [("parent", f"{q.path} ({q.identity[:12]})") for q in manifest.parents]
        lammps = sorted({i.lammps for i in manifest.history})
        rows += [
            ("identity", manifest.identity[:12]),
            ("command", manifest.command_line),
            (
                "made",
                f"{manifest.created} by glasscli {manifest.versions['glasscli']}"
                + (
                    f", LAMMPS {', '.join(map(str, lammps))}, {manifest.wall_seconds:.0f} s" if lammps else ""
                ),
            ),
        ]
        return "\n".join([shown(str(self.path)), *(f"  {name:13}{shown(value)}" for name, value in rows)])


def _long_range(system: System) -> list[tuple[str, str]]:
    """The line on Coulomb forces beyond the cutoff, where there are any."""
    if (found := system.long_range) is None:
        return []
    accuracy = (
        "LAMMPS's own accuracy"
        if found.accuracy is None
        else f"relative accuracy of forces {found.accuracy:g}"
    )
    return [("long range", f"{found.style}, {accuracy}")]


@dataclass(frozen=True)
class FileDescription:
    """Another program's file: its last frame.

    notes: whether there is a later one that is cut off, where the box begins
    """

    path: Path
    last: Configuration
    stated: Stated
    notes: tuple[str, ...] = ()

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json; species by the names that the file states, else by its numbers.

        species  names in the order of the file's types; masses: of those for which it states one
        """
        names = {n: self.stated.names.get(n, str(n)) for n in {*self.stated.known, *self.last.counts}}
        return {
            "file": str(self.path),
            "atoms": self.last.n_atoms,
            "species": [names[n] for n in sorted(names)],
            "masses": {names[n]: mass for n, mass in sorted(self.stated.masses.items())},
            "counts": {names[n]: count for n, count in self.last.counts.items()},
            "box": self.last.box.data,
            "edges": edges_of(self.last.box),
            "volume_per_atom": None if self.last.box.free else self.last.volume / self.last.n_atoms,
            "step": self.last.step,
            "units": self.stated.units,
        }

    def text(self) -> str:
        """Lines for people."""
        data = self.data
        said = {
            "species": ", ".join(data["species"]),
            "units": self.stated.units or "not stated",
            "box": in_words(self.last.box),
            "volume_per_atom": "-" if data["volume_per_atom"] is None else f"{data['volume_per_atom']:.6g}",
            "masses": ", ".join(f"{name} {mass:g}" for name, mass in data["masses"].items()) or "not stated",
            "counts": ", ".join(
                f"{count} of type {name}" if name.isdigit() else f"{count} {name}"
                for name, count in data["counts"].items()
            ),
        }
        rows = [
            f"  {key:16}{shown(str(said.get(key, value)))}"
            for key, value in data.items()
            if key not in ("file", "edges")
        ]
        return "\n".join([f"{shown(str(self.path))}: a structure of another program, last frame", *rows])


def edges_of(box: Box) -> list[float] | None:
    """[3] edges of a rectangular box; None of a tilted one."""
    return None if box.tilted else box.lengths.tolist()


def in_words(box: Box) -> str:
    """A box for people: edges, or vectors where it is tilted, and where it is free."""
    if not box.tilted:
        size = " x ".join(f"{edge:.5g}" for edge in box.lengths[: box.dimension])
    else:
        size = " ".join(
            "(" + ", ".join(f"{x:.5g}" for x in vector) + ")" for vector in box.vectors[: box.dimension]
        )
    odd = "" if box.plain else f", {box.words}"
    return f"{size}{odd}"


def describe(path: str | Path, box: Sequence[float] | None = None) -> RunDescription | FileDescription:
    """What is in a finished file, an unfinished run or another program's file. Errors as of `open_any`.

    box: edges of a file that has none
    """
    found = open_any(path, box)
    if isinstance(found, Run):
        return _of_run(found)
    last = in_plane(found[-1], path) if layered(found) else found[-1]
    return FileDescription(
        Path(path), last, found.stated, (*found.notes, *remarks(found, None), *found.asides)
    )


def _of_run(run: Run) -> RunDescription:
    manifest, thermo, table = run.manifest, run.thermo, run.inherent_table
    protocol = manifest.protocol
    names = [s.name for s in manifest.system.species]
    summary = run.result("summary") or {}
    T_f, fit_error = stored_fictive_temperature(run) or (None, None)
    energies = table["inherent_energy"]
    return RunDescription(
        path=run.path,
        manifest=manifest,
        finished=run.finished,
        atoms=len(run.species),
        counts=dict(zip(names, protocol.counts, strict=True)),
        box=run.frames[-1].box if len(run.frames) else None,
        step=int(max([0, *thermo["step"][-1:], *run.frames.steps[-1:], *run.state_steps[-1:]])),
        frames=len(run.frames),
        inherent_structures=len(run.inherent),
        exchange_attempts=int(run.exchange_table["exchange_tried"].sum())
        if protocol.moves is not None
        else None,
        states=len(run.state_steps),
        temperature=float(thermo["temperature"][-1]) if len(thermo["step"]) else None,
        inherent_energy=(float(energies[0]), float(energies[-1])) if len(table["step"]) else None,
        T_f=T_f,
        T_f_error=None if fit_error is None else fictive_error(run, fit_error)[0],
        T_f_fit_error=fit_error,
        T_f_reason=stored_fictive_reason(run),
        icosahedral_fraction=summary.get("icosahedral_fraction"),
        minima=convergence(run),
        precision=protocol.sampling.precision,
        bytes_per_atom_frame=None
        if run.frame_bytes is None
        else run.frame_bytes / (len(run.frames) * len(run.species)),
    )
