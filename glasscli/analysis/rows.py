"""A finished run as one row of a table: its settings, and what was measured on it. Nothing is measured or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from glasscli.analysis.summary import Summary
from glasscli.errors import GlassError
from glasscli.model.system import System
from glasscli.observables.equilibration import verdict
from glasscli.protocols.protocol import Setting
from glasscli.store.finished import FileRun
from glasscli.store.hdf5 import DAMAGE
from glasscli.store.manifest import Manifest, Parent
from glasscli.store.reader import open_run
from glasscli.store.results import fictive_error
from glasscli.store.schema import INHERENT

Value = Setting | list[str]

# Columns that every row has, in this order; settings stand between the first and the second.
WHO = ("file", "protocol", "system", "atoms", "composition", "seed")
HEATED = (
    "T_f_area",
    "T_f_crossing",
    "enthalpy_recovered",
    "enthalpy_lost",
)  # of the last heating, of heat alone
# Of a flow alone, by what drove it.
FLOWN = (
    "stress", "stress_error", "viscosity", "storage_modulus", "storage_modulus_error", "loss_modulus",
    "loss_modulus_error", "compliance",
)  # fmt: skip
# Of tension and compression alone; its stress is what it flows at.
TENSILE = ("poisson", "modulus_error")
# Of a shear at rest, the first three of tension too; rearrangements: how many, and what each gave off in the mean.
SHEARED = ("modulus", "yield_strain", "yield_stress", "rearrangements", "stress_drop", "energy_drop")
MEASURED = (
    "T_f", "T_f_error", "T_f_fit_error", "T_f_reason", *HEATED, *FLOWN, *SHEARED, *TENSILE, "inherent_energy",
    "pressure", "icosahedral_fraction", "verdict", "volume_per_atom", "wall_seconds", "parents",
)  # fmt: skip
PARENT, DEEPEST = "parent_", 8  # before names of a parent's settings; generations that are followed
# Of those, what samples are averaged over.
AVERAGED = (
    "T_f",
    *HEATED,
    "stress",
    "viscosity",
    "storage_modulus",
    "loss_modulus",
    "compliance",
    *SHEARED,
    "poisson",
    "inherent_energy",
    "pressure",
    "icosahedral_fraction",
    "volume_per_atom",
    "wall_seconds",
)


@dataclass(frozen=True)
class Failed:
    """A file that is no row, and why in one line."""

    file: str
    reason: str


@dataclass(frozen=True)
class Row:
    """A run by the names of columns: WHO, its settings, MEASURED.

    identity  of the run: copies of one are one sample
    model     what its system is: two of one name may differ
    settings  which of the values say what was done to what: runs in which they are alike are samples of one protocol
    unseen    whether it was never measured
    """

    values: Mapping[str, Value]
    settings: tuple[str, ...]
    identity: str
    model: str
    system: System
    unseen: bool


def row_of(path: Path) -> Row | Failed:
    """The row of a file, or why it is none: not there, damaged, unfinished, no run of glasscli."""
    try:
        run = open_run(path)
        if not isinstance(run, FileRun):
            done, steps = int(run.thermo["step"].max(initial=0)), run.manifest.protocol.steps
            return Failed(str(path), f"unfinished, step {done} of {steps}: glasscli resume goes on with it")
        return _row(path, run)
    except (GlassError, *DAMAGE, AttributeError, RecursionError) as error:
        return Failed(str(path), _without(str(path), " ".join(str(error).split())))


def _row(path: Path, run: FileRun) -> Row:
    manifest = run.manifest
    system, protocol, atoms = manifest.system, manifest.protocol, sum(manifest.protocol.counts)
    kept = run.result("summary")
    found = Summary(None, None, "not measured") if kept is None else Summary.of(kept)
    has_one = "fictive_temperature" in protocol.outcome
    T_f = found.fictive_temperature if has_one else None
    box = run.last_box
    volume = None if box.free else float(f"{box.volume / atoms:.9g}")
    settings = dict(protocol.settings)
    settings |= {f"{PARENT}{name}": value for name, value in _of_parent(path, manifest.parents).items()}
    # Of npt, and of what was made of it, it is measured, else chosen.
    free = any(name.endswith("ensemble") and value == "npt" for name, value in settings.items())
    chosen = ("protocol", "system", "atoms", "composition", *settings) + ("volume_per_atom",) * (not free)
    who: dict[str, Value] = {
        "file": str(path),
        "protocol": protocol.kind,
        "system": system.name,
        "atoms": atoms,
        "composition": _composition(system, protocol.counts),
        "seed": protocol.seed if protocol.drawn else None,
    }
    measured: dict[str, Value] = {
        "T_f": T_f.value if T_f else None,
        "T_f_error": fictive_error(run, T_f.error)[0] if T_f else None,
        "T_f_fit_error": T_f.error if T_f else None,
        "T_f_reason": found.fictive_reason if has_one else None,
        "inherent_energy": run.last(INHERENT, "inherent_energy"),
        "pressure": run.last(INHERENT, "inherent_pressure") if volume else None,
        "icosahedral_fraction": found.icosahedral_fraction,
        "verdict": _verdict(run),
        "volume_per_atom": volume,
        "wall_seconds": round(manifest.wall_seconds, 3),
        "parents": [parent.path for parent in manifest.parents],
    }
    if "calorimetry" in protocol.outcome:
        heated = run.result("calorimetry") or {}
        measured |= {name: heated.get(name) for name in HEATED}
    if "flowing" in protocol.outcome:
        flown = run.result("flow") or {}
        measured |= {name: flown.get(name) for name in (*FLOWN, *SHEARED, *TENSILE) if name not in settings}
    if "strained" in protocol.outcome:
        sheared = run.result("shear") or {}
        measured |= {name: sheared.get(name) for name in (*SHEARED, "poisson")}
    return Row(
        {**who, **settings, **measured}, chosen, manifest.identity, _model(system), system, kept is None
    )


def _of_parent(path: Path, parents: Sequence[Parent], depth: int = 0) -> dict[str, Setting]:
    """The settings of the run that a run goes on from, and of that one's, where their files stand beside its own.

    What a glass was made of is part of its protocol: anneals of slow and of fast quenches are no samples of one. Of a
    structure file, of which nobody knows how it was made, it is the name (`parent_file`).
    """
    if len(parents) != 1 or depth > DEEPEST:
        return {}
    beside = path.parent / Path(parents[0].path).name
    if ".h5" not in beside.suffixes:
        return {"file": beside.name}
    try:
        manifest = _manifest(beside.resolve(), beside.stat().st_mtime_ns)
    except (GlassError, *DAMAGE):
        return {}
    if manifest.identity != parents[0].identity:
        return {}
    own = _of_parent(beside, manifest.parents, depth + 1)
    return {"protocol": manifest.protocol.kind, **manifest.protocol.settings} | {
        f"{PARENT}{name}": value for name, value in own.items()
    }


@lru_cache(maxsize=256)
def _manifest(path: Path, changed: int) -> Manifest:
    """That of a finished run; changed: when its file last was."""
    return FileRun(path).manifest


def _composition(system: System, counts: Sequence[int]) -> Value:
    """As --composition takes it: the share of the second species of two, else all by name; None of one species."""
    shares = [count / sum(counts) for count in counts]
    if system.n_species == 1:
        return None
    if system.n_species == 2:
        return shares[1]
    return ",".join(f"{s.name}={share:.6g}" for s, share in zip(system.species, shares, strict=True))


def _verdict(run: FileRun) -> str | None:
    """What its energies say of equilibrium, where somebody looked for crystals too."""
    if "relaxation" not in run.manifest.protocol.outcome:
        return None
    course = run.result("course")
    if course is None and run.manifest.system.dimension == 3:
        return None
    return verdict(run.inherent_table["inherent_energy"], (course or {}).get("crystalline")).label


def _model(system: System) -> str:
    """What decides the energies of a system, and how its T_f is found."""
    return repr((system.units, system.dimension, system.commands, system.fictive))


def _without(path: str, said: str) -> str:
    """A reason without the file's name, which stands beside it."""
    return said.removeprefix(f"{path}: ").removeprefix(f"{path} ")
