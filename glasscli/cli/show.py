"""`glasscli show`: what is in a file, on one screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command

if TYPE_CHECKING:
    from glasscli.protocols.protocol import Protocol
    from glasscli.store.run import Run


@make_command("show", epilog="Example:\n  glasscli show anneal.h5")
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> Outcome:
    """Say what is in FILE: system, protocol, progress, frames, energies, where it came from.

    FILE may be a finished file, an unfinished run, or another program's structure file.
    """
    from glasscli.store.run import Run

    source = shared.open_start(file)
    if isinstance(source, Run):
        data = _describe(source)
        return Outcome(data, _text(data, source.manifest.protocol))
    configuration, _ = source
    data = {
        "file": str(file),
        "atoms": configuration.n_atoms,
        "counts": configuration.counts,
        "box": configuration.box.edges.tolist(),
        "volume_per_atom": configuration.volume / configuration.n_atoms,
        "step": configuration.step,
    }
    text = "\n".join(f"  {key:16}{value}" for key, value in data.items() if key != "file")
    return Outcome(data, f"{file}: a structure of another program, last frame\n{text}")


def _describe(run: Run) -> dict[str, Any]:
    manifest, thermo, table = run.manifest, run.thermo, run.inherent_table
    protocol, system = manifest.protocol, manifest.system
    summary = run.result("summary") or {}
    reached = int(max([0, *thermo["step"][-1:], *run.frames.steps[-1:], *run.state_steps[-1:]]))
    return {
        "file": str(run.path),
        "kind": protocol.kind,
        "finished": run.finished,
        "system": system.name,
        "units": system.units,
        "atoms": len(run.species),
        "counts": dict(zip([s.name for s in system.species], protocol.counts, strict=True)),
        "box": run.frames[-1].box.edges.tolist() if len(run.frames) else None,
        "protocol": protocol.model_dump(mode="json"),
        "step": reached,
        "steps": protocol.steps,
        "frames": len(run.frames),
        "inherent_structures": len(run.inherent),
        "exchange_attempts": int(run.exchange_table["exchange_tried"].sum())
        if protocol.moves is not None
        else None,
        "states": len(run.state_steps),
        "temperature": float(thermo["temperature"][-1]) if len(thermo["step"]) else None,
        "inherent_energy": [float(e) for e in table["inherent_energy"][[0, -1]]]
        if len(table["step"])
        else None,
        "T_f": (summary.get("fictive_temperature") or {}).get("value"),
        "T_f_error": (summary.get("fictive_temperature") or {}).get("error"),
        "icosahedral_fraction": summary.get("icosahedral_fraction"),
        "parents": [{"path": p.path, "identity": p.identity} for p in manifest.parents],
        "identity": manifest.identity,
        "command_line": manifest.command_line,
        "created": manifest.created,
        "versions": manifest.versions,
        "wall_seconds": manifest.wall_seconds,
        "history": [vars(i) for i in manifest.history],
    }


def _text(d: dict[str, Any], protocol: Protocol) -> str:
    counts = ", ".join(f"{n} {name}" for name, n in d["counts"].items())
    no_time = " MD steps between exchanges: not a physical time" if protocol.moves else ""
    state = "finished" if d["finished"] else f"UNFINISHED at step {d['step']}; go on with `glasscli resume`"
    rows = [
        ("kind", f"{d['kind']} ({protocol.ensemble.kind}), {state}"),
        ("system", f"{d['system']} ({d['units']} units): {d['atoms']} atoms ({counts})"),
        ("box", "-" if d["box"] is None else " x ".join(f"{edge:.5g}" for edge in d["box"])),
        *protocol.course.items(),
        (
            "steps",
            f"{d['step']} of {d['steps']}{no_time}, time step {protocol.timestep:g}, seed {protocol.seed}",
        ),
        (
            "stored",
            f"{d['frames']} frames, {d['inherent_structures']} inherent structures, {d['states']} states",
        ),
    ]
    if d["inherent_energy"]:
        rows.append(("E_IS", f"{d['inherent_energy'][0]:.4f} first, {d['inherent_energy'][1]:.4f} last"))
    if d["T_f"]:
        rows.append(("T_f", f"{d['T_f']:.4f} ± {d['T_f_error']:.4f}"))
    if d["icosahedral_fraction"] is not None:
        rows.append(("f_ico", f"{d['icosahedral_fraction']:.4f} (last)"))
    rows += [("parent", f"{q['path']} ({q['identity'][:12]})") for q in d["parents"]]
    lammps = sorted({i["lammps"] for i in d["history"]})
    rows += [
        ("identity", d["identity"][:12]),
        ("command", d["command_line"]),
        (
            "made",
            f"{d['created']} by glasscli {d['versions']['glasscli']}, LAMMPS {lammps}, {d['wall_seconds']:.0f} s",
        ),
    ]
    return "\n".join([str(d["file"]), *(f"  {name:13}{value}" for name, value in rows)])
