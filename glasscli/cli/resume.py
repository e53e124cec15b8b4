"""`glasscli resume`: go on where a run stopped, or lengthen a finished one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glasscli.cli import options as shared
from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command

if TYPE_CHECKING:
    from glasscli.engine.launch import Launch
    from glasscli.store.manifest import Manifest


@make_command(
    "resume",
    epilog="Examples:\n  glasscli resume\n  glasscli resume anneal.h5\n"
    "  glasscli resume anneal.h5 --steps 100000 more\n  glasscli resume anneal.h5 --timestep 0.001\n"
    "  glasscli resume anneal.h5 --ranks 4",
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--steps", metavar="N", help="Lengthen a finished anneal by N more steps (or a time such as 1ns)."
)
@click.option(
    "--timestep", type=click.FloatRange(min=0, min_open=True), help="A smaller one, after lost atoms."
)
@shared.launch_options
@click.option("--walltime", metavar="[D-]H:M:S", help="Stop at the last checkpoint that fits (exit code 75).")
def command(
    files: tuple[Path, ...], steps: str | None, timestep: float | None, walltime: str | None, **launched: Any
) -> Outcome:
    """Go on with unfinished runs: FILES, or all in a folder (default: this one).

    A finished run says so and is left alone, unless --steps lengthens it. Each goes on with its own --ranks, --lmp and
    --accelerator where they are not given; --lmp "" is in process again.
    """
    from glasscli.analysis.outcome import describe
    from glasscli.errors import InputError
    from glasscli.model.quantities import parse_steps
    from glasscli.simulation.resume import extend, resume, unfinished_in
    from glasscli.store.finished import FileRun
    from glasscli.store.recorder import partial_folder, read_manifest

    def launch(manifest: Manifest) -> Launch:
        return shared.launch_of(dict(launched), manifest.system, manifest.launch)

    # "--steps 100000 more" reads well; the last word is not a file.
    named = [f for f in files if str(f) != "more"] or [Path()]
    stop = shared.stop_for(walltime)
    made: list[Any] = []
    lines: list[str] = []
    for path in named:
        waiting = unfinished_in(path)
        for output in waiting:
            how = launch(read_manifest(partial_folder(output)))
            made.append(describe(resume(output, timestep=timestep, launch=how, stop=stop)))
            lines.append(f"{output}: gone on with and finished, {made[-1].run.manifest.protocol.steps} steps")
        if waiting and steps:
            raise InputError(f"{path} was unfinished and is finished now; give --steps again to lengthen it")
        if waiting or path.is_dir():
            continue
        if steps:
            manifest = FileRun(path).manifest
            length = parse_steps(steps, manifest.system, "steps")
            made.append(describe(extend(path, length, launch=launch(manifest), stop=stop)))
            lines.append(f"{path}: now {made[-1].run.manifest.protocol.steps} steps")
        else:
            made.append(describe(FileRun(path)))
            lines.append(f"{path}: finished, nothing to do (--steps N more lengthens it)")
    data = made[0].data if len(made) == 1 else {"files": [m.data for m in made]}
    return Outcome(
        data, "\n".join(lines) or "nothing unfinished here", notes=[n for m in made for n in m.notes]
    )
