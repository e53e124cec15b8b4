"""`glasscli verify`: is a file what it says it is?"""

from __future__ import annotations

from pathlib import Path

import click

from glasscli.cli.edge import Outcome
from glasscli.cli.edge import command as make_command
from glasscli.errors import EXIT_DONE, EXIT_FAILED


@make_command("verify", epilog="Example:\n  glasscli verify anneal.h5")
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> Outcome:
    """Check FILE: steps in order and without gaps, finite numbers, the checksum of everything stored.

    FILE may be an unfinished run. Nothing is changed; exit code 1 when something is wrong.
    """
    from glasscli.store.reader import open_run
    from glasscli.store.unfinished import JournalRun
    from glasscli.store.verify import check, torn_bytes

    run = open_run(file)
    problems = check(run)
    steps = [] if problems else [int(s) for s in run.frames.steps]
    data = {
        "file": str(file),
        "ok": not problems,
        "frames": len(steps),
        "first_step": steps[0] if steps else None,
        "last_step": steps[-1] if steps else None,
        "problems": problems,
        "finished": run.finished,
        "torn_bytes": torn_bytes(run.path) if isinstance(run, JournalRun) else 0,
        "history": [vars(i) for i in run.manifest.history],
    }
    state = "finished" if run.finished else "unfinished"
    text = f"{file}: {state}, {len(steps)} frames, " + (
        "all well" if not problems else f"{len(problems)} problems"
    )
    return Outcome(
        data, "\n".join([text, *(f"  {p}" for p in problems)]), EXIT_FAILED if problems else EXIT_DONE
    )
