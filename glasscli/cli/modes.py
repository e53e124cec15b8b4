"""`glasscli modes`: vibrations of inherent structures, and how soft they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command

if TYPE_CHECKING:
    from glasscli.modes.study import Ensemble, Study
    from glasscli.system import System

LOWEST = 10


@make_command(
    "modes",
    epilog="Examples:\n  glasscli modes quench.h5\n"
    "  glasscli modes glass.lammps.gz --system wahnstrom-smooth --count 50\n"
    "  glasscli modes glass-*.h5 --count 60 -o ensemble\n  glasscli modes quench.h5 --instantaneous --frames 20",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@shared.system_option
@click.option("--frame", type=int, default=-1, show_default=True, help="Frame; negative from the end.")
@click.option(
    "--count", type=click.IntRange(4), help="Only the lowest.  [default: all; 100 of more than 1500 atoms]"
)
@click.option(
    "--soft",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Lowest modes followed beyond the harmonic.",
)
@click.option(
    "--w-c", "w_c", type=click.FloatRange(0, min_open=True), help="Frequency of an unsoftened mode."
)
@click.option(
    "--hbar", type=click.FloatRange(0, min_open=True), help="Quantum of action, in Lennard-Jones units."
)
@click.option(
    "--memory", type=click.FloatRange(0, min_open=True), help="GiB to use at most.  [default: what is free]"
)
@click.option("--instantaneous", is_flag=True, help="Unstable modes of the moving atoms, frame by frame.")
@click.option("--frames", type=click.IntRange(1), default=20, show_default=True, help="Of --instantaneous.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="STEM", help="Write STEM-*.  [default: FILE-*]"
)
@click.option("--no-figure", is_flag=True, help="Write tables only.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["png", "pdf", "svg"]),
    default="png",
    show_default=True,
    help="Of figures.",
)
def command(
    files: tuple[Path, ...], system_name: str | None, instantaneous: bool, output: Path | None, **wishes: Any
) -> Outcome:
    """Frequencies, localisation and soft potentials of the inherent structures in FILES.

    A configuration that is not at rest is minimised first. Frequencies are angular, per time unit of the system
    (rad/ps in metal units); unstable ones are negative. Several files make one ensemble.
    """
    from glasscli.errors import InputError

    stem = output or _stem(files[0])
    shared.writable(stem)
    if wishes["memory"]:
        wishes["memory"] *= 2**30
    if instantaneous:
        if len(files) > 1:
            raise InputError("--instantaneous takes one file: its frames are followed")
        return _instantaneous(files[0], system_name, stem, wishes)
    return _modes(files, system_name, stem, wishes)


def _stem(file: Path) -> Path:
    """NAME of NAME.h5, NAME.h5.partial, NAME.lammps.gz, in the present folder."""
    name = file.name.removesuffix(".partial").removesuffix(".gz")
    return Path(name.rsplit(".", 1)[0] or name)


def _system(file: Path, name: str | None) -> System:
    """The system asked for, else the file's own. Another one of the same species is welcome: a smoothed variant."""
    from glasscli.cli.theory.files import is_run
    from glasscli.store.reader import open_run
    from glasscli.system import load_system

    if name is None and is_run(file):
        return open_run(file).manifest.system
    return load_system(name or "wahnstrom")


def _modes(files: tuple[Path, ...], system_name: str | None, stem: Path, wishes: dict[str, Any]) -> Outcome:
    from glasscli.cli.theory.files import configuration
    from glasscli.engine.forces import Forces
    from glasscli.eos.free_energy import HBAR
    from glasscli.errors import GlassError, InputError
    from glasscli.modes.hessian import Curvature
    from glasscli.modes.study import analyse, ensemble
    from glasscli.progress import progress

    system = _system(files[0], system_name)
    studies, rows = [], []
    with Forces(system) as forces:
        curvature = Curvature(forces)
        for file in files:
            if _system(file, system_name).commands != system.commands:
                raise InputError(f"{file} was made with another system than {files[0]}: one ensemble has one")
            atoms = configuration(file, wishes["frame"])
            try:
                with progress(f"modes of {file.name}", wishes["count"] or 3 * atoms.n_atoms) as advance:
                    study = analyse(
                        atoms,
                        forces,
                        curvature,
                        wishes["count"],
                        wishes["soft"],
                        wishes["w_c"],
                        wishes["memory"],
                        advance,
                    )
            except GlassError as error:
                raise type(error)(f"{file}: {error}") from error
            studies.append(study)
            rows.append(_data(file, study))
    hbar = wishes["hbar"] or (HBAR["metal"] if system.units == "metal" else None)
    together = ensemble(studies, hbar)
    tables = [_table(stem, rows, studies), _soft_table(stem, together), _spots(stem, studies[0])]
    written = [str(path) for path in tables if path]
    if not wishes["no_figure"]:
        written += _figures(stem, studies[0], together, system, wishes["format_"])
    soft = _ensemble_data(together)
    data = rows[0] if len(rows) == 1 else {"files": rows}
    data |= {"system": system.name, "frequency_unit": _unit(system), "ensemble": soft, "written": written}
    notes = [f"{file}: {note}" for file, s in zip(files, studies, strict=True) for note in s.notes]
    return Outcome(data, _text(rows, soft, system, written), notes=notes)


def _unit(system: System) -> str:
    return "1/τ" if system.units == "lj" else "rad/ps"


def _data(file: Path, study: Study) -> dict[str, Any]:
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
            "third_order_softness": _finite(anharmonic.third_order_softness),
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


def _finite(value: float) -> float | None:
    import math

    return value if math.isfinite(value) else None


def _ensemble_data(found: Ensemble) -> dict[str, Any]:
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


def _save(path: Path, lines: list[str]) -> Path:
    from glasscli.store.files import replacing

    with replacing(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _table(stem: Path, rows: list[dict[str, Any]], studies: list[Study]) -> Path:
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
                numbers[5] = _finite(followed.third_order_softness)
            if potential:
                numbers[2:5] = [potential.eta, potential.xi, potential.energy]
            cells += ["" if x is None else f"{x:.10g}" for x in numbers]
            lines.append(f"{row['file']},{k + 1}," + ",".join(cells))
    return _save(stem.with_name(stem.name + "-modes.csv"), lines)


def _soft_table(stem: Path, found: Ensemble) -> Path | None:
    """Samples of eta, xi as `glasscli theory spectrum --distribution` reads them."""
    if not len(found.eta):
        return None
    lines = ["eta,xi", *(f"{eta:.12g},{xi:.12g}" for eta, xi in zip(found.eta, found.xi, strict=True))]
    return _save(stem.with_name(stem.name + "-soft.csv"), lines)


def _spots(stem: Path, study: Study) -> Path:
    """Soft spots of the first file: where its lowest modes move atoms."""
    atoms = study.settled.configuration
    lines = ["atom,species,x,y,z,softness"]
    for i, (species, x, spot) in enumerate(
        zip(atoms.species, atoms.positions, study.spots, strict=True), start=1
    ):
        lines.append(f"{i},{species},{x[0]:.8g},{x[1]:.8g},{x[2]:.8g},{spot:.8g}")
    return _save(stem.with_name(stem.name + "-spots.csv"), lines)


def _figures(stem: Path, study: Study, together: Ensemble, system: System, format_: str) -> list[str]:
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
            study.debye.frequency if study.debye else None, study.w_c, study.boson_peak, _unit(system),
        )
    ]  # fmt: skip
    first = int(np.flatnonzero(seen)[0])
    title = f"softest mode: ω = {found.frequencies[first]:.3g} {_unit(system)}, {study.participation[first]:.0f} atoms"
    motion = found.vectors[first] / np.sqrt(study.masses)[:, None]
    modes_figure.mode_as_arrows(name("softest"), study.settled.configuration, motion, title)
    written.append(name("softest"))
    if len(together.eta):
        written.append(modes_figure.soft_potentials(name("soft"), together.eta, together.xi))
    return [str(path) for path in written]


def _text(rows: list[dict[str, Any]], soft: dict[str, Any], system: System, written: list[str]) -> str:
    number, unit = shared.number, _unit(system)
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


def _instantaneous(file: Path, system_name: str | None, stem: Path, wishes: dict[str, Any]) -> Outcome:
    import numpy as np

    from glasscli.cli.theory.files import is_run
    from glasscli.engine.forces import Forces
    from glasscli.errors import InputError
    from glasscli.modes.hessian import Curvature
    from glasscli.modes.instantaneous import instant
    from glasscli.progress import progress
    from glasscli.report import modes_figure
    from glasscli.sources import open_source
    from glasscli.store.reader import open_run

    system = _system(file, system_name)
    thermo = None
    frames: Any
    if is_run(file):
        run = open_run(file)
        frames, thermo = run.frames, run.thermo
    else:
        frames = open_source(file)
    if not len(frames):
        raise InputError(f"{file} holds no frames of moving atoms; run with --every")
    chosen = np.unique(
        np.linspace(0, len(frames) - 1, min(wishes["frames"], len(frames))).round().astype(int)
    )
    found = []
    with Forces(system) as forces, progress("instantaneous modes", len(chosen), "frames") as advance:
        curvature = Curvature(forces)
        for k, index in enumerate(chosen):
            atoms = frames[int(index)]
            if atoms.n_atoms < 2:
                raise InputError(f"{file}: one atom has no vibrations")
            # The mean of the series around the frame: one instant's kinetic energy fluctuates.
            T = _temperature(thermo, atoms.step) if thermo is not None else None
            found.append(instant(atoms, T, curvature, wishes["memory"]))
            advance(k + 1)
    rows = [vars(one) | {"participation": _finite(one.participation)} for one in found]
    header = ["step", "temperature", "unstable", "unstable_localised", "participation"]
    lines = [",".join(header)]
    lines += [",".join("" if row[key] is None else f"{row[key]:.10g}" for key in header) for row in rows]
    written = [str(_save(stem.with_name(stem.name + "-instantaneous.csv"), lines))]
    if not wishes["no_figure"]:
        known = thermo is not None
        where = np.array([row["temperature"] if known else row["step"] for row in rows], dtype=np.float64)
        label = f"temperature ({system.temperature_unit})" if known else "step"
        target = stem.with_name(f"{stem.name}-instantaneous.{wishes['format_']}")
        shares = np.array([[row["unstable"], row["unstable_localised"]] for row in rows])
        order = np.argsort(where)
        written.append(
            str(modes_figure.unstable(target, where[order], shares[order, 0], shares[order, 1], label))
        )
    data = {
        "file": str(file),
        "atoms": frames[0].n_atoms,
        "system": system.name,
        "frames": rows,
        "written": written,
    }
    text = [f"{'T':>8} {'unstable':>9} {'localised':>9}"]
    text += [
        f"{shared.number(r['temperature'], '.4f'):>8} {r['unstable']:>9.4f} {r['unstable_localised']:>9.4f}"
        for r in rows
    ]
    return Outcome(data, "\n".join(text + [f"  wrote {path}" for path in written]))


def _temperature(thermo: dict[str, Any], step: int) -> float | None:
    """Mean temperature of the eleven rows around a step."""
    import numpy as np

    steps = np.asarray(thermo["step"])
    if not len(steps):
        return None
    near = int(np.argmin(np.abs(steps - step)))
    reach = min(5, near, len(steps) - 1 - near)
    return float(np.mean(thermo["temperature"][near - reach : near + reach + 1]))
