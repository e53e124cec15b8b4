"""What runs look like while they go on: read from their journals, which nothing here touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from glasscli.errors import GlassError, MissingFileError, MissingPackageError
from glasscli.shown import shown
from glasscli.store.reader import open_run
from glasscli.store.recorder import partial_folder
from glasscli.store.run import Run
from glasscli.workflow.status import Row, of_file, status

BLOCKS = "▁▂▃▄▅▆▇█"
POINTS = 24  # of a sparkline: the last inherent structures
CLOSELY = 6  # runs that are looked into; of others the status alone is told
MOST_ATOMS = 20_000  # of a run whose icosahedra are counted


@dataclass(frozen=True)
class Seen:
    """A run as it is now.

    row         its state, step, rate and the seconds that are left
    temperature of the last row; energies, fractions [n] of the last inherent structures; acceptance of exchanges
    """

    row: Row
    temperature: float | None = None
    temperature_unit: str = ""
    energies: tuple[float, ...] = ()
    energy_unit: str = ""
    fractions: tuple[float, ...] = ()
    acceptance: float | None = None

    @property
    def data(self) -> dict[str, Any]:
        """Its object in --json."""
        row = self.row
        return {
            "file": row.file, "state": row.state, "step": row.step, "steps": row.steps, "steps_per_second": row.rate,
            "seconds_left": row.left, "temperature": self.temperature, "inherent_energy": list(self.energies),
            "icosahedral_fraction": list(self.fractions), "acceptance": self.acceptance, "reason": row.reason,
        }  # fmt: skip

    @property
    def cells(self) -> list[str]:
        """What stands in each column of the display."""
        row = self.row
        share = f"{100 * (row.step or 0) / row.steps:.0f} %" if row.steps else "-"
        return [
            shown(row.name), row.state, share, f"{row.rate:.0f}" if row.rate else "-",
            _clock(row.left) if row.left is not None else "-",
            "-" if self.temperature is None else f"{self.temperature:.4g}",
            f"{self.energies[-1]:.4f} {sparkline(self.energies)}" if self.energies else "-",
            f"{self.fractions[-1]:.3f} {sparkline(self.fractions)}" if self.fractions else "-",
            "-" if self.acceptance is None else f"{self.acceptance:.2%}",
        ]  # fmt: skip


HEADS = ("run", "state", "done", "steps/s", "left", "T", "E_IS", "f_ico", "accepted")


@dataclass
class Watch:
    """A file or a folder that is looked at again and again; what was counted once is not counted again."""

    path: Path
    icosahedra: bool = True
    _counted: dict[tuple[str, int], float] = field(default_factory=dict)

    def look(self) -> list[Seen]:
        """All runs as they are now, those that go on first. Raises MissingFileError where there is none."""
        found = self._rows()
        order = {"running": 0, "stopped": 1, "failed": 2}
        found.sort(key=lambda one: order.get(one[0].state, 3))
        return [self._into(row, file) if k < CLOSELY else Seen(row) for k, (row, file) in enumerate(found)]

    def _rows(self) -> list[tuple[Row, Path]]:
        path = self.path
        if path.is_dir() and not path.name.endswith(".partial"):
            rows = [row for row in status(path).rows if row.file.endswith(".h5")]
            if not rows:
                raise MissingFileError(f"{path}: no runs here")
            return [(row, path / row.file) for row in rows]
        output = path.with_name(path.name.removesuffix(".partial"))
        if not output.exists() and not partial_folder(output).exists():
            raise MissingFileError(f"{output}: no such file, and no unfinished run of that name")
        return [(of_file(output, output.name), output)]

    def _into(self, row: Row, file: Path) -> Seen:
        """What the journal says, as far as it can be read at this instant."""
        try:
            run = open_run(file)
            return self._seen(row, run)
        except (GlassError, OSError, ValueError, KeyError) as error:
            return Seen(replace(row, reason=row.reason or " ".join(str(error).split())))

    def _seen(self, row: Row, run: Run) -> Seen:
        thermo, energies = run.thermo, run.inherent_table["inherent_energy"][-POINTS:]
        tried = accepted = 0
        if run.manifest.protocol.moves is not None:
            table = run.exchange_table
            tried, accepted = (int(table[f"exchange_{what}"].sum()) for what in ("tried", "accepted"))
        system = run.manifest.system
        return Seen(
            row, float(thermo["temperature"][-1]) if len(thermo["step"]) else None, system.temperature_unit,
            tuple(map(float, energies)), system.energy_unit, tuple(self._fractions(run)),
            accepted / tried if tried else None,
        )  # fmt: skip

    def _fractions(self, run: Run) -> list[float]:
        """Icosahedral share of the last inherent structures; none in a plane, of many atoms, or where OVITO is not."""
        counts = sum(run.manifest.protocol.counts)
        if not self.icosahedra or run.manifest.system.dimension == 2 or counts > MOST_ATOMS:
            return []
        from glasscli.observables.voronoi import icosahedral_fraction, tessellate

        frames, found = run.inherent, []
        for k in range(max(0, len(frames) - POINTS), len(frames)):
            key = (str(run.path), int(frames.steps[k]))
            if key not in self._counted:
                try:
                    frame = frames[k]
                    self._counted[key] = icosahedral_fraction(tessellate(frame), frame.species).all
                except MissingPackageError:
                    self.icosahedra = False
                    return []
            found.append(self._counted[key])
        return found


def sparkline(values: Sequence[float]) -> str:
    """Numbers as blocks from low to high."""
    low, high = min(values), max(values)
    if high <= low:
        return BLOCKS[3] * len(values)
    levels = ((np.asarray(values) - low) / (high - low) * (len(BLOCKS) - 1)).round().astype(int)
    return "".join(BLOCKS[level] for level in levels)


def lines(seen: Sequence[Seen]) -> str:
    """The display as plain text."""
    table = [list(HEADS), *(one.cells for one in seen)]
    widths = [max(len(row[k]) for row in table) for k in range(len(HEADS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
