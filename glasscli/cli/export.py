"""`glasscli export`: one configuration for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command


@make_command("export", epilog="Example:\n  glasscli export anneal.h5 --frame -1 -o relaxed.lammps")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--frame", type=int, default=-1, show_default=True, help="Which one; negative from the end.")
@click.option(
    "--kind", type=click.Choice(["inherent", "frames", "states"]), default="inherent", show_default=True,
    help="Inherent structures, moving frames, or full states with velocities.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="NAME.lammps, .xyz or .dump."
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
@shared.system_option
def command(file: Path, frame: int, kind: str, output: Path, force: bool, system_name: str | None) -> Outcome:
    """Write one configuration of FILE as a LAMMPS data file, extended XYZ or LAMMPS dump."""
    from glasscli.errors import FileError, InputError
    from glasscli.formats.foreign import open_source
    from glasscli.formats.writers import writer
    from glasscli.model.system import load_system
    from glasscli.store.files import replacing
    from glasscli.store.run import Run

    write = writer(output.suffix)
    frames: Any
    source = shared.open_start(file)
    if isinstance(source, Run):
        system = shared.system_of(source, system_name)
        if kind == "states":
            frames = [source.state(i).configuration for i in range(len(source.state_steps))]
        else:
            frames = source.inherent if kind == "inherent" else source.frames
    else:
        system, frames = load_system(system_name or "wahnstrom"), open_source(file)
    if not -len(frames) <= frame < len(frames):
        raise InputError(f"{file} has {len(frames)} of these ({kind}), not a number {frame}")
    if output.exists() and not force:
        raise FileError(f"{output} exists: give --force to replace it")
    chosen = frames[frame]
    shared.writable(output)
    with replacing(output) as temporary:
        temporary.write_text(write(chosen, system))
    data = {
        "file": str(output),
        "source": str(file),
        "frame": frame % len(frames),
        "step": chosen.step,
        "atoms": chosen.n_atoms,
    }
    return Outcome(data, f"wrote {output}: {chosen.n_atoms} atoms at step {chosen.step} of {file}")
