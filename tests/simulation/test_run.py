"""What a run leaves in its folder and beside it."""

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from glasscli.errors import StoppedEarly
from glasscli.simulation.job import Job
from glasscli.simulation.resume import resume
from glasscli.simulation.run import go_on
from glasscli.simulation.stopping import Stop
from glasscli.store.reader import open_run
from glasscli.store.unfinished import JournalRun

UNFINISHED = Path(__file__).parents[1] / "store" / "data" / "unfinished.h5.partial"


@pytest.fixture
def folder(tmp_path):
    """A run with one of two checkpoint intervals to go."""
    return Path(shutil.copytree(UNFINISHED, tmp_path / UNFINISHED.name))


def test_nothing_is_open_in_the_folder_when_it_is_removed(folder, monkeypatch):
    """Network file systems keep the name of a removed file that is open, and the folder with it."""
    opened = []
    remove = Path.rmdir

    def watched(path):
        for link in list(Path("/proc/self/fd").iterdir()):
            with suppress(OSError):  # that of the listing itself is closed by now
                opened.append(str(link.readlink()))
        remove(path)

    monkeypatch.setattr(Path, "rmdir", watched)
    made = resume(folder.with_name("unfinished.h5"))
    assert made.finished and not folder.exists()
    assert opened and not [name for name in opened if str(folder) in name]


def test_what_a_kill_at_a_checkpoint_left_is_removed(folder):
    leftover = folder / ".checkpoint-0-000000000000300.1.tmp"
    leftover.write_bytes(b"half")
    job = Job.of(JournalRun(folder))
    longer = replace(job, protocol=job.protocol.model_copy(update={"steps": 800}))
    with pytest.raises(StoppedEarly, match="at step 400 of 800"):
        go_on(longer, Stop(reason="test"))
    assert not leftover.exists() and (folder / "checkpoint-0-000000000000400").exists()


def test_force_replaces_a_finished_run_although_another_lies_unfinished_beside_it(tmp_path, glasscli):
    words = ["quench", "--atoms", "200", "--steps", "40", "--equilibration", "0", "--inherent-every", "0"]
    words += ["--checkpoint-every", "10", "-o", "a.h5", "--force"]
    assert glasscli(*words).code == 0
    first = open_run(tmp_path / "a.h5").manifest.created
    assert glasscli(*words, "--seed", "2", "--walltime", "0").code == 75
    assert (tmp_path / "a.h5.partial").exists()
    assert glasscli(*words).code == 0
    assert open_run(tmp_path / "a.h5").manifest.created != first and not (tmp_path / "a.h5.partial").exists()
