"""What `glasscli modes` writes: the contract for --json, tables, figures, and lines for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from glasscli.cli import options as shared

if TYPE_CHECKING:
    from glasscli.model.system import System
    from glasscli.modes.study import Ensemble, Study

LOWEST = 10


def unit_of(system: System) -> str:
    """Unit of frequencies, which are angular."""
    return system.unit_system.frequency_unit


def summary(file: Path, study: Study) -> dict[str, Any]:
    """The contract of one file."""
    import numpy as np

    found = study.modes
    moving = np.flatnonzero(~found.zero)
    first = int(moving[0])
    frequencies = found.frequencies
    softest = None
    if anharmonic := study.soft.get(first):
        potential = study.potentials.get(first)
        softest = {
            "eta": potential.eta if potential else None,
            "xi": potential.xi if potential else None,
            "quartic": anharmonic.quartic,
            "cubic": anharmonic.cubic,
            "third_order_softness": finite(anharmonic.third_order_softness),
            "N": float(study.participation[first]),
            "energy": potential.energy if potential else None,
            "length": potential.length if potential else None,
        }
    return {
        "file": str(file),
        "atoms": found.n_atoms,
        "modes": len(frequencies),
        "zero_modes": int(found.zero.sum()),
        "unstable": int(found.unstable.sum()),
        "frequency_min": float(frequencies[first]),
        "frequency_max": float(frequencies[-1]),
        "participation": {
            "N": study.participation[moving[:LOWEST]].tolist(),
            "median": float(np.median(study.participation[moving[:LOWEST]])),
            "plane_waves": study.plane_waves[moving[:LOWEST]].tolist(),
            "kind": [study.labels[k] for k in moving[:LOWEST]],
        },
        "debye": vars(study.debye) if study.debye else None,
        "boson_peak": dict(zip(("frequency", "over_debye"), study.boson_peak, strict=True))
        if study.boson_peak
        else None,
        "w_c": study.w_c,
        "method": {"hessian": study.settled.hessian.method, "modes": found.method},
        "minimised": study.settled.minimised,
        "energy": study.settled.energy,
        "max_force": study.settled.max_force,
        "hessian_seconds": study.settled.hessian.seconds,
        "solve_seconds": found.seconds,
        "force_evaluations": study.force_evaluations,
        "largest_asymmetry": study.settled.hessian.largest_asymmetry,
        "softest": softest,
    }


def finite(value: float) -> float | None:
    """The number, or None where it is none."""
    import math

    return value if math.isfinite(value) else None


def ensemble_summary(found: Ensemble) -> dict[str, Any]:
    """What the samples share."""
    return {
        "soft_modes": len(found.eta),
        "eta": found.eta.tolist(),
        "xi": found.xi.tolist(),
        "w_c": found.w_c,
        "N_s": found.participation,
        "eps_0": found.energy,
        "Ns_a2": found.Ns_a2,
        "W": found.W,
        "tail": vars(found.tail) if found.tail else None,
    }


def save(path: Path, lines: list[str]) -> Path:
    """Write a table whole or not at all."""
    from glasscli.store.files import replacing

    with replacing(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def mode_table(stem: Path, rows: list[dict[str, Any]], studies: list[Study]) -> Path:
    """Every mode of every file."""
    from glasscli.modes.localisation import hybrid

    lines = [
        "file,mode,frequency,N_k,ratio,plane_waves,kind,hybrid,cubic,quartic,eta,xi,energy,third_order_softness"
    ]
    for row, study in zip(rows, studies, strict=True):
        mixed = hybrid(study.plane_waves)
        for k, w in enumerate(study.modes.frequencies):
            n = study.participation[k]
            cells = [f"{x:.10g}" for x in (w, n, n / row["atoms"], study.plane_waves[k])]
            cells += [study.labels[k], str(int(mixed[k]))]
            followed, potential = study.soft.get(k), study.potentials.get(k)
            numbers: list[float | None] = [None] * 6
            if followed:
                numbers[:2] = [followed.cubic, followed.quartic]
                numbers[5] = finite(followed.third_order_softness)
            if potential:
                numbers[2:5] = [potential.eta, potential.xi, potential.energy]
            cells += ["" if x is None else f"{x:.10g}" for x in numbers]
            lines.append(f"{row['file']},{k + 1}," + ",".join(cells))
    return save(stem.with_name(stem.name + "-modes.csv"), lines)


def soft_table(stem: Path, found: Ensemble) -> Path | None:
    """Samples of eta, xi as `glasscli theory spectrum --distribution` reads them."""
    if not len(found.eta):
        return None
    lines = ["eta,xi", *(f"{eta:.12g},{xi:.12g}" for eta, xi in zip(found.eta, found.xi, strict=True))]
    return save(stem.with_name(stem.name + "-soft.csv"), lines)


def spot_table(stem: Path, study: Study) -> Path:
    """Soft spots of the first file: where its lowest modes move atoms."""
    atoms = study.settled.configuration
    lines = ["atom,species,x,y,z,softness"]
    for i, (species, x, spot) in enumerate(
        zip(atoms.species, atoms.positions, study.spots, strict=True), start=1
    ):
        lines.append(f"{i},{species},{x[0]:.8g},{x[1]:.8g},{x[2]:.8g},{spot:.8g}")
    return save(stem.with_name(stem.name + "-spots.csv"), lines)


def heat_table(stem: Path, study: Study, system: System, hbar: float | None) -> Path | None:
    """Harmonic heat capacity of the first file in k_B per atom; None unless all its modes are known and stable.

    Without a quantum of action the temperature is in units of ħ/k_B times the unit of frequency.
    """
    import numpy as np

    from glasscli.modes.density import heat_capacity

    found = study.modes
    if not found.complete or found.unstable.any():
        return None
    quantum = (hbar or 1.0) / system.unit_system.boltzmann
    stable = found.frequencies[~found.zero]
    temperatures = quantum * float(stable[-1]) * np.geomspace(0.01, 2, 60)
    values = 3 * heat_capacity(stable, temperatures, quantum) * len(stable) / len(found.frequencies)
    lines = [f"{T:.8g},{C:.10g}" for T, C in zip(temperatures, values, strict=True)]
    return save(stem.with_name(stem.name + "-heat.csv"), ["temperature,heat_capacity", *lines])


def figures(stem: Path, study: Study, together: Ensemble, system: System, format_: str) -> list[str]:
    """Draw the first sample and the ensemble; return the names of the files."""
    import numpy as np

    from glasscli.report import modes_figure

    def name(what: str) -> Path:
        return stem.with_name(f"{stem.name}-{what}.{format_}")

    found, seen = study.modes, ~study.modes.zero
    spectrum = study.density
    written = [
        modes_figure.spectrum(
            name("modes"), found.frequencies[seen], study.participation[seen] / found.n_atoms,
            [label for label, there in zip(study.labels, seen, strict=True) if there],
            spectrum.edges if spectrum else None, spectrum.value if spectrum else None,
            spectrum.over_square if spectrum else None,
            study.debye.frequency if study.debye else None, study.w_c, study.boson_peak, unit_of(system),
        )
    ]  # fmt: skip
    first = int(np.flatnonzero(seen)[0])
    title = f"softest mode: ω {found.frequencies[first]:.3g} {unit_of(system)}, {study.participation[first]:.0f} atoms"
    motion = found.vectors[first] / np.sqrt(study.masses)[:, None]
    modes_figure.mode_as_arrows(name("softest"), study.settled.configuration, motion, title)
    written.append(name("softest"))
    if len(together.eta):
        written.append(modes_figure.soft_potentials(name("soft"), together.eta, together.xi))
    return [str(path) for path in written]


def text(rows: list[dict[str, Any]], soft: dict[str, Any], system: System, written: list[str]) -> str:
    """What a terminal gets."""
    number, unit = shared.number, unit_of(system)
    lines = []
    for row in rows:
        lines.append(
            f"{row['file']}: {row['modes']} modes of {row['atoms']} atoms, ω {row['frequency_min']:.4g} to "
            f"{row['frequency_max']:.4g} {unit}, {row['unstable']} unstable, {row['zero_modes']} zero"
        )
        first = row["participation"]["N"][0]
        lines.append(
            f"  softest mode on {first:.0f} atoms, median of the ten lowest {row['participation']['median']:.0f}"
        )
        if row["debye"]:
            d = row["debye"]
            lines.append(
                f"  Debye ω {d['frequency']:.4g}, c_L {d['longitudinal']:.4g}, c_T {d['transverse']:.4g}"
            )
        if row["boson_peak"]:
            lines.append(
                f"  boson peak at {row['boson_peak']['frequency']:.4g}, {row['boson_peak']['over_debye']:.3g} × Debye"
            )
        if row["softest"] and row["softest"]["eta"] is not None:
            s = row["softest"]
            lines.append(
                f"  softest: η {s['eta']:.4g}, ξ {s['xi']:.4g}, ε {s['energy']:.4g} {system.energy_unit}, "
                f"a {s['length']:.3g} {system.length_unit}"
            )
    if soft["soft_modes"]:
        lines.append(
            f"{soft['soft_modes']} localised soft modes: N_s {soft['N_s']:.0f}, ω_c {soft['w_c']:.4g}, "
            f"ε_0 {soft['eps_0']:.4g} {system.energy_unit}, W {number(soft['W'], '.3g')}"
        )
    if soft["tail"]:
        t = soft["tail"]
        lines.append(
            f"D(ω) ~ ω^({t['exponent']:.2f} ± {t['error']:.2f}) below the first phonon: {t['modes']} modes"
        )
    lines += [f"  wrote {path}" for path in written]
    return "\n".join(lines)
