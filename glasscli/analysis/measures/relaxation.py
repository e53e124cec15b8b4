"""The measures `relaxation` and `ttt`: how energy falls and icosahedra grow, and when, against temperature."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from glasscli.analysis.subject import Study
from glasscli.observables import isotherm
from glasscli.observables.equilibration import verdict
from glasscli.observables.isotherm import Passage
from glasscli.observables.relaxation import energy_against_icosahedra
from glasscli.report import figures, spectra, tables
from glasscli.store.reader import is_run, open_run

WINDOW = 5  # frames averaged before a first passage is looked for


def series(study: Study) -> dict[str, np.ndarray]:
    """[F] what relaxation is made of."""
    rows = [(r["fraction"], _none(r["small"]), _none(r["large"]), r["crystalline"]) for r in study.shares]
    columns = np.array(rows, dtype=np.float64).T
    return study.energies | dict(zip(("fraction", "small", "large", "crystalline"), columns, strict=True))


def finish(study: Study) -> dict[str, Any]:
    """The line of E_IS against f_ico, fits of E_IS(t), first times; times in steps from the first frame."""
    s, steps, choices = series(study), study.steps, study.choices
    tables.write_frames(
        study.table("frames"), steps,
        {"inherent_energy": s["energy"], "pressure": s["pressure"], "max_force": s["max_force"],
         "icosahedral_fraction": s["fraction"], "icosahedral_fraction_small": s["small"],
         "icosahedral_fraction_large": s["large"], "crystalline": s["crystalline"]},
    )  # fmt: skip
    study.keep |= {
        "frames/step": steps,
        "frames/icosahedral_fraction": s["fraction"],
        "frames/inherent_energy": s["energy"],
    }
    line = energy_against_icosahedra(s["fraction"], s["energy"])
    time = (steps - steps[0]).astype(np.float64)
    stretched, log = isotherm.stretched_fit(time, s["energy"]), isotherm.log_fit(time, s["energy"])
    if len(steps) > 1 and np.isfinite(s["energy"]).any():
        small = s["small"] if np.isfinite(s["small"]).any() else None
        figures.energy_and_icosahedra(
            study.figure("relaxation"), steps, s["energy"], s["fraction"], small, units=study.units
        )
        figures.energy_against_icosahedra(
            study.figure("line"), s["fraction"], s["energy"], line, steps, units=study.units
        )
    passages = times(study)
    found = verdict(s["energy"], s["crystalline"], _other(study))
    return {
        "slope": line.slope,
        "slope_error": line.slope_error,
        "intercept": line.intercept,
        "intercept_error": line.intercept_error,
        "points": line.n_points,
        "stretched_exponential": vars(stretched) if stretched else None,
        "logarithm": vars(log) if log else None,
        "energy_drop": {"of": choices.drop, **_said(passages["drop"])},
        "icosahedral_rise": {"of": choices.rise, **_said(passages["rise"])},
        "crystallisation": {"share": choices.crystal, **_said(passages["crystal"])},
        "equilibrium": vars(found),
    }


def _other(study: Study) -> np.ndarray | None:
    """E_IS of the run that --reference names, if it is one of glasscli's and has any."""
    if study.choices.reference is None:
        return None
    name, _, frame = study.choices.reference.rpartition(":")
    path = Path(name if name and frame.lstrip("-").isdigit() else study.choices.reference)
    if not path.exists() or not is_run(path):
        return None
    return open_run(path).inherent_table["inherent_energy"]


def times(study: Study) -> dict[str, Passage]:
    """First times of the energy drop, the icosahedral rise and crystallisation, in steps from the first frame."""
    s, time = series(study), (study.steps - study.steps[0]).astype(np.float64)
    c = study.choices
    return {
        "drop": isotherm.first_passage(time, s["energy"], -c.drop, WINDOW),
        "rise": isotherm.first_passage(time, s["fraction"], c.rise, WINDOW),
        "crystal": isotherm.crystallisation(time, s["crystalline"], c.crystal),
    }


def one(study: Study) -> dict[str, Any]:
    """This file's point of the diagram; `diagram` joins those of several files."""
    protocol = study.run.manifest.protocol if study.run is not None else None
    temperature = protocol.constant_temperature if protocol else None
    if protocol is None or temperature is None:
        study.notes.append(f"{study.path} is no isotherm: it has no place in a time-temperature diagram")
        return {}
    tau = {name: {"time": p.time, "after": p.after} for name, p in times(study).items()}
    return {"temperature": float(temperature), "timestep": float(protocol.timestep), "times": tau}


def diagram(studies: list[Study], points: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The time-temperature-transformation diagram of isotherm files, times averaged over samples on a log scale."""
    used = [p for p in points if p]
    if not used:
        return None
    events: dict[str, list[isotherm.Isotherm]] = {}
    for name in ("drop", "rise", "crystal"):
        events[name] = [
            isotherm.isotherm(
                t,
                [
                    Passage(p["times"][name]["time"], p["times"][name]["after"])
                    for p in used
                    if p["temperature"] == t
                ],
            )
            for t in sorted({p["temperature"] for p in used})
        ]
    first = studies[0]
    rows = [(name, i) for name, found in events.items() for i in found]
    tables.write_table(
        first.table("ttt"),
        {"event": [name for name, _ in rows], **{key: [getattr(i, key) for _, i in rows] for key in (
            "temperature", "mean", "error", "reached", "censored", "least")}},
        ["mean: geometric, in steps; error: factor; least: longest time without the event"],
    )  # fmt: skip
    spectra.ttt(first.figure("ttt"), events, first.choices.drop, first.choices.rise, first.units)
    return {name: [vars(i) for i in found] for name, found in events.items()}


def _said(passage: Passage) -> dict[str, Any]:
    return {"time": passage.time, "censored": passage.censored, "text": str(passage)}


def _none(value: float | None) -> float:
    return np.nan if value is None else value
