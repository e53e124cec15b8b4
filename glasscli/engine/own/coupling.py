"""Our own forces inside LAMMPS, which goes on integrating: its `fix external` calls the compiled sums at every step."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from glasscli.engine.own.compiled import library
from glasscli.engine.own.laws import laws
from glasscli.engine.own.sample import Sample
from glasscli.errors import EngineError
from glasscli.model.system import System

# In place of a pair style. Neighbours are listed by the sums: LAMMPS itself needs to know of none, and puts atoms back
# into the box now and then.
_NO_PAIRS = ("pair_style none", "comm_modify cutoff 0.5")
_SELDOM = "neigh_modify every 1000 delay 0 check no"
# As FIX in pairs.h.
_FIX = "own"
_ATTACHED = (f"fix {_FIX} all external pf/callback 1 1", f"fix_modify {_FIX} energy yes virial yes")


class Coupling:
    """What stands between one LAMMPS instance and the sums. Raises InputError for a system that they cannot do."""

    def __init__(self, system: System, lammps: Any, skin: float) -> None:
        laws(system)
        self._system, self._lammps, self._skin = system, lammps, skin
        self._library = library()
        self._sample: Sample | None = None
        self._pointer: int | None = None
        self._every = 0

    def tuned(self, line: str) -> list[str]:
        """A line of the deck as LAMMPS gets it."""
        if line == "suffix opt":
            return ["suffix off", "atom_modify map array sort 0 0.0"]
        if line in self._system.commands:
            return list(_NO_PAIRS) if line.startswith("pair_style") else []
        if line.startswith("neigh_modify "):
            return [_SELDOM, *_ATTACHED]
        return [line]

    def attached(self, line: str) -> None:
        """To be called after each line: once the fix is there, it is told whom to call."""
        if line == _ATTACHED[-1]:
            self._attach()

    def _attach(self) -> None:
        lammps, functions = self._lammps, self._lammps.lib
        n = int(lammps.get_natoms())
        self.close()
        self._sample = Sample(self._system, np.ones(n, dtype=np.int32), self._skin)
        address = [
            ctypes.cast(function, ctypes.c_void_p)
            for function in (
                functions.lammps_fix_external_set_energy_global, functions.lammps_fix_external_set_virial_global,
                functions.lammps_extract_box,
            )
        ]  # fmt: skip
        handle = ctypes.c_void_p(lammps.lmp.value)
        self._pointer = self._library.coupling_new(self._sample.pointer, handle, *address)
        if not self._pointer:
            raise MemoryError(f"no memory for the positions of {n} atoms")
        function = ctypes.cast(self._library.coupling_call, ctypes.c_void_p)
        functions.lammps_set_fix_external_callback.argtypes = [ctypes.c_void_p, ctypes.c_char_p, *[ctypes.c_void_p] * 2]
        functions.lammps_set_fix_external_callback(handle, _FIX.encode(), function, ctypes.c_void_p(self._pointer))
        self._told()

    def _told(self) -> None:
        """Take the species as LAMMPS has them, and forget the list: bits depend on nothing before."""
        assert self._sample is not None
        species = np.array(self._lammps.gather_atoms("type", 0, 1), dtype=np.int32)
        self._sample.species(species)

    def begin(self, line: str, setup: bool, end: int) -> None:
        """Before a run that ends at a step: energies are wanted at its end, and where LAMMPS notes them."""
        if self._sample is None:
            return
        if setup:
            self._told()
        every = 1 if any(name in self._fixes() for name in ("npt",)) else self._every
        self._library.coupling_wanted(self._pointer, every, end)
