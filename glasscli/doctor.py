"""Checks an installation by using it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.errors import GlassError

# What each LAMMPS package is needed for; the styles are asked for, since a build may name its packages otherwise.
LAMMPS_STYLES = {
    "MANYBODY": (("pair", "eam/fs"), "the cuzr system"),
    "KSPACE": (("kspace", "pppm"), "the silica system"),
    "LEPTON": (("pair", "lepton"), "the soft-sphere system"),
    "MC": (("fix", "atom/swap"), "exchange moves with many-body potentials"),
    "OPT": (("pair", "lj/cut/opt"), "8 % more speed"),
}
# A 100-step LJ melt at the default time step conserves its energy this well (per atom, of about 1).
MAX_DRIFT = 2e-3


@dataclass(frozen=True)
class Check:
    """One line of the report."""

    name: str
    ok: bool
    essential: bool
    message: str


@dataclass(frozen=True)
class Examination:
    """What works on this machine."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether everything works that runs need."""
        return all(check.ok for check in self.checks if check.essential)

    @property
    def data(self) -> dict[str, Any]:
        """The contract object of --json."""
        return {"ok": self.ok, "checks": [asdict(check) for check in self.checks]}

    def text(self) -> str:
        """A line a check."""
        return "\n".join(f"{_mark(check)}  {check.name:16} {check.message}" for check in self.checks)


def _mark(check: Check) -> str:
    return "ok  " if check.ok else "FAIL" if check.essential else "none"


def examine(lmp: str = "") -> Examination:
    """Run all checks; none raises. Each imports what it examines, so that none hides another's failure.

    lmp: a LAMMPS program of the user's that is looked at besides.
    """
    checks: list[tuple[str, bool, Callable[[], str]]] = [
        ("LAMMPS", True, _lammps),
        ("LAMMPS packages", False, _packages),
        ("accelerators", False, _accelerators),
        *([("LAMMPS program", True, lambda: _program(lmp))] if lmp else []),
        ("forces", False, _forces),
        ("HDF5", True, _hdf5),
        ("OVITO", False, _ovito),
        ("rendering", False, _rendering),
    ]
    report = []
    for name, essential, check in checks:
        try:
            report.append(Check(name, True, essential, check()))
        except Exception as error:
            report.append(Check(name, False, essential, " ".join(str(error).split()) or type(error).__name__))
    return Examination(tuple(report))


def _lammps() -> str:
    from glasscli.engine.library import LibraryEngine
    from glasscli.model.system import load_system

    engine = LibraryEngine(load_system("wahnstrom"))
    engine.commands(
        [
            "units lj", "atom_style atomic", "boundary p p p", "lattice fcc 0.8442", "region box block 0 4 0 4 0 4",
            "create_box 1 box", "create_atoms 1 box", "mass 1 1.0", "pair_style lj/cut 2.5", "pair_coeff 1 1 1.0 1.0",
            "pair_modify shift yes", "timestep 0.002", "velocity all create 1.44 87287", "fix nve all nve",
            "thermo_style custom step temp pe ke press vol etotal", "thermo_modify norm yes",
        ]
    )  # fmt: skip
    engine.advance(1, (0, 1), True)
    first = engine.thermo(("etotal",))["etotal"]
    engine.advance(99, (0, 100), False)
    drift = abs(engine.thermo(("etotal",))["etotal"] - first)
    engine.close()
    if not drift < MAX_DRIFT:
        raise GlassError(
            f"a melt of 256 atoms lost {drift:.2g} ε/atom in 100 steps (at most {MAX_DRIFT:g} expected)"
        )
    return f"version {engine.version}; 100 steps of a melt drift by {drift:.1e} ε/atom"


def _forces() -> str:
    from glasscli.configuration import Box, Configuration
    from glasscli.engine.forces import Forces
    from glasscli.engine.own.compiled import INSTRUCTION_SETS, instruction_set, library
    from glasscli.engine.own.sample import Sample
    from glasscli.model.system import load_system

    library()
    system, species = load_system("wahnstrom"), np.array([1, 2] * 4, dtype=np.int32)
    box = Box.cube(2.0)
    corners = 0.1 + np.stack(np.meshgrid(*[[0.0, 1.1]] * 3), axis=-1).reshape(-1, 3)
    with Forces(system) as lammps, Sample(system, species) as own:
        theirs = lammps.evaluate(Configuration(corners, species, box)).energy
        ours = own.evaluate(corners, box.edges)[0] / len(species)
    if not abs(ours - theirs) < 1e-9 * abs(theirs):
        raise GlassError(
            f"eight atoms have {ours:.12g} ε by our own forces, {theirs:.12g} by LAMMPS's: use --forces lammps"
        )
    name = INSTRUCTION_SETS[instruction_set()]
    return f"our own for pairwise potentials ({name}), as LAMMPS's to {abs(ours - theirs):.0e} ε"


def _packages() -> str:
    from glasscli.engine.installed import instance

    lmp = instance()
    missing = [
        f"{package} (for {use})"
        for package, ((kind, style), use) in LAMMPS_STYLES.items()
        if not lmp.has_style(kind, style)
    ]
    lmp.close()
    if missing:
        raise GlassError(f"this LAMMPS lacks {', '.join(missing)}: use a build that has them")
    return ", ".join(LAMMPS_STYLES) + " present"


def _accelerators() -> str:
    from glasscli.engine.launch import IN_PROCESS
    from glasscli.engine.start import available

    return _named(available(IN_PROCESS))


def _program(lmp: str) -> str:
    """Its version, ranks and accelerators; it is started."""
    from glasscli.engine.external import ExternalEngine
    from glasscli.engine.launch import Launch
    from glasscli.engine.start import available, check, help_of
    from glasscli.model.system import load_system

    launch, system = Launch(lmp=lmp), load_system("wahnstrom")
    check(system, launch)
    engine = ExternalEngine(system, launch)
    engine.close()
    interfaces = re.findall(r"^(\w+) package API: +(.+?) *$", help_of(launch), re.MULTILINE)
    said = "".join(f"; {package} by {api}" for package, api in interfaces)
    taken = f"; takes {launch.suffix}" if launch.suffix else ""
    return f"version {engine.version}, {engine.ranks} ranks; {_named(available(launch))}{said}{taken}"


def _named(accelerators: list[str]) -> str:
    """Those that a build has, and those that another would."""
    from glasscli.engine.launch import ACCELERATORS

    lacks = [name for name in ACCELERATORS if name not in accelerators]
    return f"has {', '.join(accelerators)}" + (f"; not {', '.join(lacks)}" if lacks else "")


def _hdf5() -> str:
    import h5py

    from glasscli.store.assemble import create
    from glasscli.store.target import add

    values = np.arange(1000.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "check.h5"
        with create(path) as file:
            add(file, "values", values)
        with h5py.File(path) as file:
            if not (file["values"][...] == values).all():
                raise GlassError("HDF5 reads back other numbers than were written: reinstall h5py")
    return f"h5py {h5py.__version__}, HDF5 {h5py.version.hdf5_version}: written and read back"


def _ovito() -> str:
    from glasscli.formats.ovito import require_ovito
    from glasscli.observables.voronoi import tessellate

    require_ovito()
    import ovito

    cells = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    corners = np.stack(np.meshgrid(*[np.arange(4)] * 3), axis=-1).reshape(-1, 1, 3)
    positions = (corners + cells).reshape(-1, 3)
    crystal = Configuration(positions, np.ones(len(positions), dtype=np.int32), Box.cube(4.0))
    indices = tessellate(crystal).indices[:, 2:6]
    if not (indices == (0, 12, 0, 0)).all():
        raise GlassError(f"the Voronoi cell of fcc came out as {indices[0]}, not <0,12,0,0>: reinstall ovito")
    return f"version {ovito.version_string}; Voronoi cell of fcc <0,12,0,0>"


def _rendering() -> str:
    import ctypes.util

    if ctypes.util.find_library("vulkan") is None:
        raise GlassError(
            "no Vulkan, so pictures are matplotlib projections; for OVITO's renderer install libvulkan1 and "
            "mesa-vulkan-drivers (Debian: apt-get install libvulkan1 mesa-vulkan-drivers)"
        )
    from glasscli.formats.ovito import require_ovito

    require_ovito()
    return "Vulkan present"
