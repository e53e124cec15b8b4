"""How a report begins: what the sample is, in a sentence and a table."""

from __future__ import annotations

from glasscli.analysis.contract import Analysis
from glasscli.formats.description import FileDescription, RunDescription, describe, in_words
from glasscli.model.system import System
from glasscli.report.canvas import with_error
from glasscli.report.page import Section, Table

THERMOSTATS = {
    "nvt": "Nosé-Hoover chains at constant volume",
    "npt": "Nosé-Hoover chains at constant pressure",
    "langevin": "Langevin's random forces at constant volume",
}


def what_it_is(analysis: Analysis, system: System | None, box: tuple[float, ...] | None) -> Section:
    """The section that opens the part of a file."""
    found = describe(analysis.file, box)
    if isinstance(found, RunDescription):
        return _of_run(found, analysis)
    return _of_file(found, analysis, system)


def _of_run(found: RunDescription, analysis: Analysis) -> Section:
    manifest = found.manifest
    system, protocol, units = manifest.system, manifest.protocol, manifest.system.unit_system
    ensemble = protocol.ensemble
    thermostat = THERMOSTATS[ensemble.kind]
    if ensemble.pressure is not None:
        thermostat += f" P = {ensemble.pressure:g} {units.pressure_unit}"
    made = f", made of {', '.join(p.path for p in manifest.parents)}" if manifest.parents else ""
    # At rest there is neither a thermostat nor time, and nothing is drawn.
    steps = [("steps of strain", f"{found.step}")]
    if not protocol.straining:
        steps = [
            (f"steps of {protocol.timestep:g} {units.time_unit}", f"{found.step}"),
            ("thermostat", f"{thermostat}; damping over {ensemble.thermostat_steps} steps"),
            ("seed", str(protocol.seed)),
        ]
    title = protocol.title(system)
    state = "" if found.finished else f" It is unfinished: step {found.step} of {protocol.steps}."
    lead = f"{title[0].upper()}{title[1:]}{made}; {'at rest' if protocol.straining else thermostat}.{state}"
    box = found.box
    volume = None if box is None or box.free else box.volume / found.atoms
    T_f = protocol.fictive
    rows = [
        ("system", f"{system.name} ({system.description})" if system.description else system.name),
        ("atoms", f"{found.atoms}: " + ", ".join(f"{n} {name}" for name, n in found.counts.items())),
        ("composition", ", ".join(f"{name} {n / found.atoms:.4g}" for name, n in found.counts.items())),
        ("box", "-" if box is None else f"{in_words(box)} {units.length_unit}"),
        (f"volume per atom ({units.volume_unit})", "-" if volume is None else f"{volume:.6g}"),
        *((f"{name} ({units.temperature_unit})" if name == "temperature" else name, course)
          for name, course in protocol.course.items()),
        *([("T/T_f", f"{protocol.temperature_at(0) / T_f:.4g}")] if T_f else []),
    ]  # fmt: skip
    if found.T_f:
        rows.append((f"T_f ({units.temperature_unit})", with_error(found.T_f, found.T_f_error)))
    elif found.T_f_reason:
        rows.append(("T_f", f"none: {found.T_f_reason}"))
    rows += [
        *steps,
        ("stored", f"{found.frames} frames, {found.inherent_structures} inherent structures"),
        ("LAMMPS", ", ".join(map(str, sorted({i.lammps for i in manifest.history}))) or "-"),
        ("made", f"{manifest.created}, glasscli {manifest.versions.get('glasscli', '?')}"),
    ]
    return _section(analysis, lead, rows)


def _of_file(found: FileDescription, analysis: Analysis, system: System | None) -> Section:
    """Another program's file says no more than what is in it."""
    atoms, units, box = found.last.n_atoms, analysis.units, found.last.box
    counts = ", ".join(
        f"{n} of type {name}" if name.isdigit() else f"{n} {name}" for name, n in found.data["counts"].items()
    )
    frames = len(analysis.course.steps)
    lead = (
        f"{atoms} atoms in a file of another program, {frames} frame{'s' * (frames > 1)}; how they were made it does "
        "not say."
    )
    rows = [
        ("system", f"{system.name}, as asked for" if system else "none: no energies"),
        ("atoms", f"{atoms}: {counts}"),
        ("box", f"{in_words(box)} {units.length_unit}"),
        (f"volume per atom ({units.volume_unit})", "-" if box.free else f"{box.volume / atoms:.6g}"),
        ("step of the last frame", str(found.last.step)),
    ]
    return _section(analysis, lead, rows)


def _section(analysis: Analysis, lead: str, rows: list[tuple[str, str]]) -> Section:
    half = -(-len(rows) // 2)
    tables = [Table(("sample", ""), part) for part in (rows[:half], rows[half:]) if part]
    return Section(analysis.file.name, tables, lead=lead)
