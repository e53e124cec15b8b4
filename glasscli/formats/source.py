"""What commands take from a file of any kind: which system it is of, and its configurations in that system's species.

The one place where a file of another program meets a system: everything that measures, draws or runs one opens it here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glasscli.configuration import Configuration, Floats, Trajectory
from glasscli.errors import FileError, InputError
from glasscli.formats.foreign import ForeignTrajectory, open_any
from glasscli.formats.packing import DAMAGE, unpacked
from glasscli.formats.planes import Planar, check_solid, flat_along
from glasscli.formats.snapshots import Snapshots
from glasscli.formats.species import (
    Named,
    Stated,
    Translated,
    odd_density,
    overruled,
    taken_in_order,
    translation,
)
from glasscli.model.system import SYSTEMS, System, load_system, same_model, smooth_companion
from glasscli.store.content import sha256_of_file
from glasscli.store.manifest import Parent
from glasscli.store.reader import is_run, open_run
from glasscli.store.run import Run

Source = Run | tuple[Configuration, Parent]
Found = Run | ForeignTrajectory | Snapshots


def stated(found: Found) -> Stated:
    """What a file states of its species; of a run those of its system."""
    if not isinstance(found, Run):
        return found.stated
    species = found.manifest.system.species
    return Stated(
        str(found.path),
        tuple(range(1, len(species) + 1)),
        {i: s.name for i, s in enumerate(species, start=1)},
        {i: s.mass for i, s in enumerate(species, start=1)},
    )


def frames_in(
    found: Found, system: System | None, species: Sequence[str] | None = None, *, moving: bool = False,
    runs: bool = False, noted: bool = False,
) -> Trajectory:  # fmt: skip
    """The configurations of a file in the species numbers of a system.

    system   None leaves the file's own numbers
    species  names of a foreign file's types 1, 2, ..., given by hand: of the system's, without one as they are to be
             called
    moving   of a run its frames, not its inherent structures
    runs     whether forces will move the atoms: a density that is not the system's is refused where no name tells more
    noted    whether the caller tells the notes of the file; else one whose last frame is cut off is refused

    Raises FileError for a file whose last frame is cut off, InputError for a file that cannot be of this system,
    for --species of a run, and for one layer of atoms.
    """
    frames: Trajectory
    check_by_hand(found, species)
    if isinstance(found, Run):
        frames = found.frames if moving else found.inherent_or_frames()
        if system is not None:
            system.check_space(found.manifest.system.dimension, found.path)
        if system is None or _same_species(found.manifest.system, system):
            return frames
        how = translation(stated(found), system)
        return Translated(frames, how) if how.changes else frames
    if isinstance(found, ForeignTrajectory) and not noted:
        whole(found)
    planes = system.dimension == 2 if system else layered(found)
    source: Trajectory = Planar(found, found.path) if planes else found
    check_solid(source[0], found.path)
    if system is None:
        return source if species is None else Named(source, found.stated, species)
    system.check_space(source[0].box.dimension, found.path)
    how = translation(found.stated, system, species)
    if runs and not how.by_name and (odd := odd_density(found[-1], found.stated, system, how)):
        raise InputError(odd)
    return Translated(source, how) if how.changes else source


def layered(found: Found) -> bool:
    """Whether a file of another program holds one layer of atoms, at one z: without a system they are of a plane."""
    return (
        not isinstance(found, Run) and flat_along(found[0]) == "z" and not found[0].box.vectors[2, :2].any()
    )


def check_by_hand(found: Found, species: Sequence[str] | None) -> None:
    """Raise InputError where --species is given for a run, which states its species itself."""
    if species is not None and isinstance(found, Run):
        own = ", ".join(s.name for s in found.manifest.system.species)
        raise InputError(f"{found.path} is a run and states its species itself ({own}): leave --species out")


def masses_of(frames: Trajectory, system: System | None) -> Floats | None:
    """[n_atoms] masses, of the first frame's atoms, by the system, else by the file; None where neither says all."""
    known: dict[int, float] = dict(getattr(frames, "masses", {}))
    if system is not None:
        known = {i: s.mass for i, s in enumerate(system.species, start=1)}
    if system is not None and system.sizes:
        known = dict.fromkeys(system.classes, system.species[0].mass)
    found = [known.get(int(s)) for s in frames[0].species]
    return None if None in found else np.array(found, dtype=np.float64)


def whole(found: ForeignTrajectory) -> ForeignTrajectory:
    """The file, where none of its frames is cut off; else FileError, for callers who could not tell it otherwise."""
    if found.notes:
        raise FileError(
            f"{found.notes[0]}; remove what is there of it, so that the last frame is a whole one"
        )
    return found


def density_note(found: Found, system: System | None, species: Sequence[str] | None = None) -> str | None:
    """One line where a foreign file has another density than its system; see `species.odd_density`."""
    if isinstance(found, Run) or system is None:
        return None
    return odd_density(found[-1], found.stated, system, translation(found.stated, system, species))


def remarks(found: Found, system: System | None, species: Sequence[str] | None = None) -> list[str]:
    """Lines about what is taken for granted where a file of another program is read in a system.

    That it has no box, its density, species that it does not state, those that --species names otherwise than it does.
    """
    if isinstance(found, Run):
        return []
    if system is None:
        plane = f"{found.path} holds one layer of atoms, at one z: it is taken for a plane"
        return [*found.assumed, plane] if layered(found) else found.assumed
    how, odd = translation(found.stated, system, species), density_note(found, system, species)
    ours = named_system(found.path)
    ordered = None if ours and same_model(ours, system) else taken_in_order(found.stated, system, how)
    return found.assumed + [note for note in (odd, ordered, overruled(found.stated, system, how)) if note]


def open_in(
    path: Path, system: System, species: Sequence[str] | None = None, *, runs: bool = False
) -> Trajectory:  # fmt: skip
    """Open a file and return its configurations in a system; see `frames_in`. Errors as of `open_any` too."""
    return frames_in(open_any(path), system, species, runs=runs)


def configuration_in(
    path: Path, frame: int, system: System, species: Sequence[str] | None = None, *, runs: bool = True
) -> Configuration:  # fmt: skip
    """One frame of a file in a system; see `frames_in`. Raises InputError for a frame that is not there too."""
    frames = open_in(path, system, species, runs=runs)
    if not -len(frames) <= frame < len(frames):
        raise InputError(f"{path} has {len(frames)} frames, not a frame {frame}")
    return frames[frame]


def start_of(
    found: Found, path: Path, system: System, species: Sequence[str] | None = None
) -> tuple[Configuration, Parent]:
    """The last configuration of a file to start from, in a system, and where it is from; see `frames_in`.

    Raises InputError for a density that is not the system's too, unless --species says that it is meant so.
    """
    if isinstance(found, ForeignTrajectory) and not named_system(path):
        how = translation(found.stated, system, species)
        if odd := odd_density(found[-1], found.stated, system, how):
            raise InputError(odd)
    identity = found.manifest.identity if isinstance(found, Run) else sha256_of_file(path)
    return frames_in(found, system, species, runs=True)[-1], Parent(str(found.path), identity)


def wanted_system(path: Path, name: str | None) -> System:
    """The system of this name, else the file's own: of a run, or of a data file that glasscli wrote.

    Raises InputError where nobody says which it is: no file gets a potential that it did not ask for.
    """
    if name is not None:
        return load_system(name)
    if is_run(path):
        return open_run(path).manifest.system
    if own := named_system(path):
        return own
    open_any(path)  # says itself what is wrong with a file that is not there
    raise InputError(
        f"{path} does not name its system: give --system {', '.join(SYSTEMS.names())} or FILE.toml"
    )


def named_by_all(paths: Sequence[Path]) -> System | None:
    """The system that all these files of glasscli name; None where one names none, or another."""
    found = [named_system(path) for path in paths]
    first = found[0] if found else None
    return first if first and all(s is not None and s.name == first.name for s in found) else None


def reinterpreted(paths: Sequence[Path], name: str | None, allowed: bool) -> list[str]:
    """A line for each run that is to be read in another system than its own, whose energies then count for nothing.

    Raises InputError unless that is allowed; a system's own smooth variant is the same model.
    """
    notes: list[str] = []
    system = load_system(name) if name else None
    for path in paths:
        own = open_run(path).manifest.system if system and is_run(path) else None
        if system is None or own is None or same_model(system, own):
            continue
        if not allowed and smooth_companion(own) != name:
            raise InputError(
                f"{path} was made with {own.name}, not {system.name}: leave --system out, or give --reinterpret to "
                f"evaluate its atoms as {system.name}"
            )
        notes.append(
            f"{path} was made with {own.name}: its atoms are read as {system.name}, and all energies are of that system"
        )
    return notes


def system_of(run: Run, name: str | None) -> System:
    """The system of a stored run. Raises InputError when another one is asked for."""
    if name is None:
        return run.manifest.system
    system = load_system(name)
    if system.commands != run.manifest.system.commands:
        raise InputError(
            f"{run.path} was made with {run.manifest.system.name}; --system {name} does not fit it"
        )
    return system


def _same_species(one: System, other: System) -> bool:
    return [(s.name, s.mass) for s in one.species] == [(s.name, s.mass) for s in other.species]


def named_system(path: Path) -> System | None:
    """The system that the first line of a LAMMPS data file of glasscli names, where it is still known."""
    try:
        with unpacked(path) as file:
            line = file.readline(200).decode("utf-8", "replace")
    except DAMAGE:
        return None
    match = re.match(r"# (\S+), step \d+, written by glasscli", line)
    if match is None or match[1] not in SYSTEMS.names():
        return None
    return load_system(match[1])
