"""A stage of a study from plan to answer: run it (or find it done), measure it, draw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glasscli.analysis.summary import course, fictive_series, summary
from glasscli.model.protocol import Hybrid, Isotherm, Quench
from glasscli.observables.equilibration import verdict
from glasscli.simulation.loop import Job, run
from glasscli.simulation.stopping import Stop
from glasscli.store.finished import FileRun


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
    launch = run.manifest.launch
    if launch.measured:
        skin = f" with skin {launch.skin:g}" if launch.skin else ""
        notes.append(f"ran with accelerator {launch.accelerator}{skin} ({launch.measured})")
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
    elif isinstance(protocol, Hybrid):
        shares, more = course(run)
        run = FileRun(run.path)
        notes += more
        data = _isotherm(run, protocol) | _exchanges(run, protocol) | _relaxed(run, shares)
        data["wall_seconds"] = common["wall_seconds"]
    else:
        data = _isotherm(run, protocol) | {
            "steps": protocol.steps,
            "frames": len(run.frames),
            **common,
            "steps_per_second": round(protocol.steps / max(manifest.wall_seconds, 1e-9), 1),
        }
    return Made(run, data, notes)


def _isotherm(run: FileRun, protocol: Isotherm) -> dict[str, Any]:
    fictive = protocol.fictive_temperature
    return {
        "file": str(run.path),
        "parent": run.manifest.parents[0].path,
        "temperature": protocol.temperature,
        "T_over_Tf": protocol.temperature / fictive if fictive else None,
    }


def _exchanges(run: FileRun, protocol: Hybrid) -> dict[str, Any]:
    """What Monte Carlo did, how fast, and how well it agrees with LAMMPS."""
    table, species = run.exchange_table, run.manifest.system.species
    tried, accepted = (table[f"exchange_{what}"].sum(axis=0) for what in ("tried", "accepted"))
    names = [s.name for s in species]
    pairs = {
        f"{names[a]}-{names[b]}": float(accepted[a, b] / tried[a, b]) if tried[a, b] else None
        for a in range(len(names))
        for b in range(len(names))
        if a < b or (a != b and protocol.exchange.chemical_potentials is not None)
    }
    attempts, wall = int(tried.sum()), run.manifest.wall_seconds
    inside = sum(i.exchange_seconds for i in run.manifest.history)
    return {
        "engine_mc": protocol.exchange.kernel,
        "steps": protocol.steps,
        "md_steps": protocol.steps,
        "attempts": attempts,
        "accepted": int(accepted.sum()),
        "acceptance": pairs,
        "audit": {
            "checked": int(table["exchange_checked"].sum()),
            "worst_relative_error": float(table["exchange_error"].max(initial=0.0)),
        },
        # fix atom/swap runs inside the MD steps: its own share is not known.
        "ns_per_attempt": 1e9 * inside / attempts if inside and attempts else None,
        "attempts_per_second": attempts / max(wall, 1e-9),
    }


def _relaxed(run: FileRun, shares: dict[str, np.ndarray]) -> dict[str, Any]:
    """Courses of E_IS and f_ico, and what they say of equilibrium."""
    energy = run.inherent_table["inherent_energy"]
    found = verdict(energy, shares.get("crystalline"))
    return {
        "inherent_energy": _course(energy),
        "icosahedral_fraction": _course(shares.get("icosahedral_fraction", np.zeros(0))),
        "verdict": vars(found),
    }


def _course(values: np.ndarray) -> dict[str, float | None]:
    if not len(values):
        return dict.fromkeys(("first", "last", "mean_last_half"))
    return {
        "first": float(values[0]),
        "last": float(values[-1]),
        "mean_last_half": float(values[len(values) // 2 :].mean()),
    }


def _draw_construction(run: FileRun) -> list[str]:
    """Draw the crossing branches beside the file, once."""
    from glasscli.observables.fictive import fictive_temperature
    from glasscli.report import fictive_figure

    path = run.path.with_name(f"{run.path.stem}-Tf.png")
    if not path.exists():
        temperature, series = fictive_series(run)
        windows = run.manifest.system.fictive
        found = fictive_temperature(temperature, series, windows.glass_below, windows.liquid_above)
        fictive_figure.fictive_temperature(path, temperature, series, found, run.manifest.system.unit_system)
    return [str(path)]
