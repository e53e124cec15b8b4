"""Closes segments of a run: what lies before its last checkpoints goes from the journal into the file that grows."""

from __future__ import annotations

from pathlib import Path

from glasscli.progress import Advance, silent
from glasscli.store.assemble import HDF5_OVERHEAD, append, assemble
from glasscli.store.files import become, require_space
from glasscli.store.recorder import JOURNAL, Recorder
from glasscli.store.so_far import SHARE, SO_FAR_FILE, segment_bytes
from glasscli.store.unfinished import JournalRun


def close_due(recorder: Recorder) -> None:
    """Close a segment where one is due, which follows from lengths of the journal alone, not from kills or the clock.

    Asked at each checkpoint, and where a run goes on from one: a kill may have come in between.
    """
    begins, end = recorder.begins, recorder.settled
    if end - begins >= max(segment_bytes(), begins // SHARE):
        folder = recorder.folder
        run = JournalRun(folder, stop=end)
        require_space(folder, end - begins + HDF5_OVERHEAD)
        append(run, folder / SO_FAR_FILE, run.so_far, end)
        recorder.cut(end)


def finish(folder: Path, output: Path, advance: Advance = silent) -> None:
    """Make the finished file of what lies in a working folder.

    Raises OSError for a full disk; all is then as it was.
    """
    run = JournalRun(folder)
    if run.so_far is None:
        assemble(run, output, advance)
        return
    if not run.so_far.finished:
        require_space(folder, (folder / JOURNAL).stat().st_size + HDF5_OVERHEAD)
        append(run, folder / SO_FAR_FILE, run.so_far, None, advance)
    become(folder / SO_FAR_FILE, output)
