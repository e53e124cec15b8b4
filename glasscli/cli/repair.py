"""`glasscli repair`: mend what a crash of the machine left."""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command


@make_command("repair", epilog="Example:\n  glasscli repair anneal.h5")
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> Outcome:
    """Mend FILE: unclean HDF5 flags, torn records, damaged checkpoints, damaged results under /analysis.

    A good file is not touched. Data are never invented: what only a new run can mend is said, with exit code 1.
    """
    from glasscli.errors import FileError, MissingFileError
    from glasscli.store.lock import locked
    from glasscli.store.reader import open_run
    from glasscli.store.recorder import MANIFEST, partial_folder
    from glasscli.store.repair import repair_file, repair_folder
    from glasscli.store.verify import check

    folder = file if file.is_dir() else partial_folder(file)
    if file.is_file():
        done = repair_file(file)
    elif (folder / MANIFEST).is_file():
        with locked(folder):
            done = repair_folder(folder)
    else:
        raise MissingFileError(f"{file}: no such file, and no unfinished run of that name")
    problems = check(open_run(file))
    if problems:
        said = f" (mended: {'; '.join(done)})" if done else ""
        raise FileError(f"{file}: {problems[0]}; only running it again mends this{said}")
    data = {"file": str(file), "changed": bool(done), "done": done}
    return Outcome(
        data, "\n".join([f"{file}: {'mended' if done else 'good, not touched'}", *(f"  {d}" for d in done)])
    )
