"""What can be measured of any opened file from Python, without writing anything: g(r), S(q), the motion of atoms."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis.choices import bin_width
from glasscli.analysis.clock import clock_of
from glasscli.analysis.measures.displacements import OVERLAP
from glasscli.analysis.through import through
from glasscli.api.curves import Curves
from glasscli.api.tables import dataset
from glasscli.configuration import Configuration, Floats, Trajectory
from glasscli.errors import InputError
from glasscli.formats.names import by_pair, labels
from glasscli.formats.source import masses_of
from glasscli.model.system import System
from glasscli.observables import pair_distribution as pairs
from glasscli.observables import structure_factor as waves
from glasscli.observables.dynamics import ALL, motions
from glasscli.store.run import Frames, Run
from glasscli.units import UnitNames, names_of


class Sample(ABC):
    """What an opened run and an opened file of another program have in common."""

    @property
    @abstractmethod
    def path(self) -> Path:
        """The file."""

    @property
    @abstractmethod
    def frames(self) -> Trajectory | Frames:
        """Configurations as they moved."""

    _run: Run | None = None
    _system: System | None = None

    @property
    def _structures(self) -> Trajectory | Frames:
        """What g(r) and S(q) are of."""
        return self.frames

    @property
    def _held(self) -> bool:
        """Whether all frames are of one temperature, as far as anybody knows."""
        return self._run is None or self._run.manifest.protocol.constant_temperature is not None

    @property
    def _units(self) -> UnitNames:
        return self._system.unit_system if self._system else names_of(getattr(self.frames, "units", None))

    @cached_property
    def _names(self) -> dict[int, str]:
        stated = self._system.names if self._system else {}
        return labels(sorted(self.frames[-1].counts), stated, getattr(self.frames, "species_names", {}))

    def _last(self, frames: int) -> list[Configuration]:
        found = self._structures
        if frames < 1:
            raise InputError(f"{frames} frames are none to average")
        frames = frames if self._held else 1  # a ramp's others are of other temperatures
        return [found[k] for k in range(max(0, len(found) - frames), len(found))]

    def to_xarray(self, inherent: bool = False) -> Any:
        """Positions (frame, atom, xyz), boxes (frame, vector, xyz), steps and species as an xarray Dataset.

        inherent: of the inherent structures of a run instead of the frames as they moved. All frames are read into
        memory. Raises InputError where the number of atoms changes, MissingPackageError without xarray.
        """
        if inherent and (self._run is None or not len(self._run.inherent)):
            raise InputError(f"{self.path} has no inherent structures")
        source = self._run.inherent if inherent and self._run else self.frames
        found = [source[k] for k in range(len(source))]
        if len({one.n_atoms for one in found}) != 1:
            raise InputError(f"{self.path}: the number of atoms changes from frame to frame")
        last, length = found[-1], {"units": self._units.length_unit}
        variables: dict[str, tuple[tuple[str, ...], Any, dict[str, str]]] = {
            "positions": (("frame", "atom", "xyz"), np.stack([c.positions for c in found]), length),
            "box": (("frame", "vector", "xyz"), np.stack([c.box.vectors for c in found]), length),
            "species": (("frame", "atom"), np.stack([c.species for c in found]), {}),
        }
        if inherent and self._run:
            energy = self._run.inherent_table["inherent_energy"]
            variables["inherent_energy"] = (("frame",), energy, {"units": self._units.energy_unit})
        names = ", ".join(f"{number} {name}" for number, name in self._names.items())
        coordinates: dict[str, tuple[tuple[str, ...], Any, dict[str, str]]] = {
            "step": (("frame",), np.array([c.step for c in found]), {}),
            "atom": (("atom",), last.identifiers, {}),
            "xyz": (("xyz",), np.array(["x", "y", "z"]), {}),
        }
        return dataset(variables, coordinates, {"title": self.path.name, "species": names})

    def g_of_r(self, frames: int = 10, width: float | None = None, cutoff: float | None = None) -> Curves:
        """g(r) of the last frames (inherent structures, where there are any): total, and partials by species.

        cutoff: by default half the box, at most ten spacings. Raises InputError for widths that cannot be.
        """
        chosen = self._last(frames)
        units = self._system.units if self._system else getattr(self.frames, "units", None)
        bins = width or bin_width(units, chosen[-1].spacing)
        reach = cutoff or min(min(0.5 * c.box.width for c in chosen), 10 * chosen[-1].spacing)
        found = pairs.average([pairs.pair_distribution(c, bins, reach) for c in chosen])
        functions = {"g_total": found.total}
        functions |= {f"g_{pair}": g for pair, g in by_pair(found.partials, self._names).items()}
        errors = {} if found.total_error is None else {"g_total": found.total_error}
        errors |= {f"g_{pair}": e for pair, e in by_pair(found.partial_errors, self._names).items()}
        return Curves(f"g(r) of {self.path.name}", "r", found.r, functions, errors, self._units)

    def s_of_q(self, frames: int = 10, q_max: float | None = None, width: float = 0.1) -> Curves:
        """S(q) of the last frames and its Faber-Ziman partials by species."""
        chosen = self._last(frames)
        largest = q_max or waves.REACH / chosen[-1].spacing
        found = waves.average([waves.structure_factor(c, largest, width) for c in chosen])
        functions = {"S_total": found.total}
        functions |= {f"S_{pair}": s for pair, s in by_pair(found.partials, self._names).items()}
        errors = {} if found.total_error is None else {"S_total": found.total_error}
        return Curves(f"S(q) of {self.path.name}", "q", found.q, functions, errors, self._units)

    def msd(self, q: float | None = None, origins: int = 20) -> Curves:
        """Motion over lags: msd, F_s at q, alpha2, overlap, chi4; of all atoms, and of each species as NAME_SPECIES.

        q: of F_s, by default at the first peak of S(q). Raises InputError for fewer than two frames, and for a ramp.
        """
        if not self._held:
            raise InputError(
                f"{self.path}: the temperature changes, and averages over a ramp are those of no temperature"
            )
        frames, last = self.frames, self._structures[-1]
        frames = through(frames, self._run)
        steps = [frames[k].step for k in range(len(frames))]
        wave = q or waves.first_peak(last)
        names = self._names if len(self._names) > 1 else {}
        masses: Floats | None = masses_of(self.frames, self._system)
        found = motions(frames, steps, wave, OVERLAP * last.spacing, masses, origins, tuple(names))
        if not found:
            raise InputError(f"{self.path}: motion needs two frames at different steps")
        functions: dict[str, Floats] = {}
        for species, one in found.items():
            tail = "" if species == ALL else f"_{names[species]}"
            functions |= {f"msd{tail}": one.msd, f"F_s{tail}": one.scattering, f"alpha2{tail}": one.alpha2,
                          f"overlap{tail}": one.overlap, f"chi4{tail}": one.chi4}  # fmt: skip
        clock = clock_of(self._run, self.frames, self._system)
        lag = found[ALL].lag
        along, x = (f"time ({clock.unit})", clock(lag)) if clock else ("lag", lag.astype(np.float64))
        of = f"motion in {self.path.name}, F_s at q = {wave:.4g}"
        return Curves(of, along, x, functions, {}, self._units, log=True)
