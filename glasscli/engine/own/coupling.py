"""Our own forces inside LAMMPS, which goes on integrating: its `fix external` calls the compiled sums at every step."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from glasscli.engine.own.compiled import LOST, library
from glasscli.engine.own.laws import laws
from glasscli.engine.own.sample import Sample
from glasscli.errors import EngineError, LostAtomsError
from glasscli.model.system import System

# In place of a pair style. Neighbours are listed by the sums: LAMMPS itself needs to know of none, and puts atoms back
# into the box now and then.
_NO_PAIRS = ("pair_style none", "comm_modify cutoff 0.01")
_SELDOM = "neigh_modify every 1000 delay 0 check no"
# As FIX in pairs.h.
_FIX = "own"
_ATTACHED = (f"fix {_FIX} all external pf/callback 1 1", f"fix_modify {_FIX} energy yes virial yes")


class Coupling:
    """What stands between one LAMMPS instance and the sums.

    lammps: the instance. skin: of the list of neighbours, 0 the system's own. Raises InputError for a system that the
    sums cannot do, MissingPackageError where nothing was compiled.
    """

    def __init__(self, system: System, lammps: Any, skin: float) -> None:
        laws(system)
        self._system, self._lammps, self._skin = system, lammps, skin
        self._library, self._functions = library(), ctypes.CDLL(lammps.lib._name)
        self._sample: Sample | None = None
        self._pointer: int | None = None
        self._barostats: set[str] = set()
        self.every = 0  # LAMMPS notes energies at its multiples

    def close(self) -> None:
        """Give the memory back; LAMMPS must not run any more."""
        if self._pointer:
            self._library.coupling_free(self._pointer)
            self._pointer = None
        if self._sample:
            self._sample.close()
            self._sample = None

    def tuned(self, line: str) -> list[str]:
        """A line of the deck as LAMMPS gets it."""
        if line == "suffix opt":
            return ["suffix off", "atom_modify map array sort 0 0.0"]
        if line in self._system.commands:
            return list(_NO_PAIRS) if line.startswith("pair_style ") else []
        if line.startswith("neigh_modify "):
            return [_SELDOM, *_ATTACHED]
        return [line]

    def said(self, line: str) -> None:
        """To be told each line that LAMMPS has been given: once the fix is there, it learns whom to call."""
        words = line.split()
        if line == _ATTACHED[-1]:
            self._attach()
        elif words[0] == "fix" and "npt" in words:
            self._barostats.add(words[1])
        elif words[0] == "unfix":
            self._barostats.discard(words[1])
        self._check()

    def begin(self, steps: int, setup: bool) -> None:
        """Before a run of so many steps. A set-up takes the species as they are and forgets the list of neighbours, so
        that bits depend on nothing before."""
        if setup:
            self._take_species()
        first = int(self._lammps.extract_global("ntimestep"))
        every = 1 if self._barostats else self.every
        self._library.coupling_wanted(self._pointer, every, first, first + steps)

    def end(self) -> None:
        """After a run."""
        self._library.coupling_wanted(self._pointer, 0, 0, -1)
        self._check()

    def _attach(self) -> None:
        *_, periodic, _ = self._lammps.extract_box()
        if not all(periodic):
            raise EngineError(
                "our own forces are for boxes that are periodic everywhere: use --forces lammps"
            )
        n = int(self._lammps.get_natoms())
        self.close()
        self._sample = Sample(self._system, np.ones(n, dtype=np.int32), self._skin)
        handle, functions = ctypes.c_void_p(self._lammps.lmp.value), self._functions
        self._pointer = self._library.coupling_new(
            self._sample.pointer, handle, functions.lammps_fix_external_set_energy_global,
            functions.lammps_fix_external_set_virial_global, functions.lammps_extract_box,
        )  # fmt: skip
        if not self._pointer:
            raise MemoryError(f"no memory for the positions of {n} atoms")
        functions.lammps_set_fix_external_callback(
            handle, _FIX.encode(), self._library.coupling_call, ctypes.c_void_p(self._pointer)
        )
        self._take_species()

    def _take_species(self) -> None:
        assert self._sample is not None
        self._sample.species(np.array(self._lammps.gather_atoms("type", 0, 1), dtype=np.int32))
        if self._system.sizes:
            self._sample.diameters(2 * np.array(self._lammps.gather_atoms("radius", 1, 1)))

    def _check(self) -> None:
        said = int(self._library.coupling_failed(self._pointer)) if self._pointer else 1
        if said == 0:
            raise MemoryError("no memory for the list of neighbours")
        if said == -1:
            raise EngineError(
                "atoms came closer than the tables of their pair energy go: use --forces lammps"
            )
        if said in (-2, LOST):
            raise LostAtomsError("atoms were lost: use a smaller --timestep")
