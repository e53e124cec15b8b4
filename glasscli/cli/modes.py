"""`glasscli modes`: vibrations of inherent structures, and how soft they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import modes_output as output_of
from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command

if TYPE_CHECKING:
    from glasscli.model.system import System


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
    from glasscli.formats.columns import is_run
    from glasscli.model.system import load_system
    from glasscli.store.reader import open_run

    if name is None and is_run(file):
        return open_run(file).manifest.system
    return load_system(name or "wahnstrom")


def _modes(files: tuple[Path, ...], system_name: str | None, stem: Path, wishes: dict[str, Any]) -> Outcome:
    from glasscli.engine.forces import Forces
    from glasscli.errors import GlassError, InputError
    from glasscli.formats.columns import configuration
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
                        atoms, forces, curvature, wishes["count"], wishes["soft"], wishes["w_c"], wishes["memory"],
                        advance,
                    )  # fmt: skip
            except GlassError as error:
                raise type(error)(f"{file}: {error}") from error
            studies.append(study)
            rows.append(output_of.summary(file, study))
    hbar = wishes["hbar"] or (system.unit_system.hbar if system.units == "metal" else None)
    together = ensemble(studies, hbar)
    tables = [
        output_of.mode_table(stem, rows, studies),
        output_of.spot_table(stem, studies[0]),
        output_of.heat_table(stem, studies[0], system, hbar),
        output_of.soft_table(stem, together),
    ]
    written = [str(path) for path in tables if path]
    if not wishes["no_figure"]:
        written += output_of.figures(stem, studies[0], together, system, wishes["format_"])
    soft = output_of.ensemble_summary(together)
    data = rows[0] if len(rows) == 1 else {"files": rows}
    data |= {
        "system": system.name,
        "frequency_unit": output_of.unit_of(system),
        "ensemble": soft,
        "written": written,
    }
    notes = [f"{file}: {note}" for file, s in zip(files, studies, strict=True) for note in s.notes]
    return Outcome(data, output_of.text(rows, soft, system, written), notes=notes)


def _instantaneous(file: Path, system_name: str | None, stem: Path, wishes: dict[str, Any]) -> Outcome:
    import numpy as np

    from glasscli.engine.forces import Forces
    from glasscli.errors import InputError
    from glasscli.formats.columns import is_run
    from glasscli.formats.foreign import open_source
    from glasscli.modes.hessian import Curvature
    from glasscli.modes.instantaneous import instant
    from glasscli.progress import progress
    from glasscli.report import modes_figure
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
    rows = [vars(one) | {"participation": output_of.finite(one.participation)} for one in found]
    header = ["step", "temperature", "unstable", "unstable_localised", "participation"]
    lines = [",".join(header)]
    lines += [",".join("" if row[key] is None else f"{row[key]:.10g}" for key in header) for row in rows]
    written = [str(output_of.save(stem.with_name(stem.name + "-instantaneous.csv"), lines))]
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
