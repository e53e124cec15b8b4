"""A stage of a study from plan to answer: run it (or find it done), measure it, draw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glasscli.measure import fictive_series, summary
from glasscli.protocol import Anneal, Quench
from glasscli.simulate import Job, run
from glasscli.stopping import Stop
from glasscli.store.reader import FileRun


@dataclass(frozen=True)
class Made:
    """A finished run, its contract object for --json, and notes for people."""

    run: FileRun
    data: dict[str, Any]
    notes: list[str]


def make(job: Job, *, force: bool = False, stop: Stop | None = None) -> Made:
    """Run a job to its end and report it; a finished one is only reported."""
    return describe(run(job, force=force, stop=stop))


def describe(run: FileRun) -> Made:
    """The contract object of a finished run, measured now if it was not yet."""
    measured, notes = summary(run)
    run = FileRun(run.path)
    protocol, manifest = run.manifest.protocol, run.manifest
    table = run.inherent_table
    last = {name: float(table[name][-1]) if len(table["step"]) else None for name in table if name != "step"}
    common = {
        "inherent_energy": last["inherent_energy"],
        "icosahedral_fraction": measured["icosahedral_fraction"],
        "wall_seconds": round(manifest.wall_seconds, 3),
    }
    if isinstance(protocol, Quench):
        fictive = measured["fictive_temperature"]
        data: dict[str, Any] = {
            "file": str(run.path),
            "system": manifest.system.name,
            "atoms": sum(protocol.counts),
            "seed": protocol.seed,
            "steps": protocol.steps,
            "T_f": fictive["value"] if fictive else None,
            "T_f_error": fictive["error"] if fictive else None,
            **common,
            "pressure": last["inherent_pressure"],
            "figures": _draw_construction(run) if fictive else [],
        }
    else:
        assert isinstance(protocol, Anneal)
        fictive_T = protocol.fictive_temperature
        data = {
            "file": str(run.path),
            "parent": manifest.parents[0].path,
            "temperature": protocol.temperature,
            "T_over_Tf": protocol.temperature / fictive_T if fictive_T else None,
            "steps": protocol.steps,
            "frames": len(run.frames),
            **common,
            "steps_per_second": round(protocol.steps / max(manifest.wall_seconds, 1e-9), 1),
        }
    return Made(run, data, notes)


def _draw_construction(run: FileRun) -> list[str]:
    """Draw the crossing branches beside the file, once."""
    from glasscli.analysis.fictive import fictive_temperature
    from glasscli.report import figures

    path = run.path.with_name(f"{run.path.stem}-Tf.png")
    if not path.exists():
        temperature, series = fictive_series(run)
        windows = run.manifest.system.fictive
        found = fictive_temperature(temperature, series, windows.glass_below, windows.liquid_above)
        figures.fictive_temperature(path, temperature, series, found, run.manifest.system)
    return [str(path)]
