"""A full disk stops a run with one line and nothing lost; with space again it goes on to the same bits."""

import os
import shutil
import subprocess

import pytest

from glasscli.store.reader import open_run
from glasscli.store.verify import check
from tests.conftest import run_glasscli
from tests.stress.same import assert_same_run

pytestmark = pytest.mark.stress

QUENCH = ["quench", "--atoms", "200", "--steps", "4000", "--equilibration", "500", "--checkpoint-every", "500",
          "--every", "100", "--inherent-every", "1000"]  # fmt: skip


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of its own, and a way to make it larger."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root")
    folder = tmp_path / "disk"
    folder.mkdir()

    def size(kilobytes: int, *more: str) -> None:
        options = ",".join([*more, f"size={kilobytes}k"])
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)

    size(4000)
    yield folder, lambda kilobytes: size(kilobytes, "remount")
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("kilobytes", [100, 300, 500, 700])
def test_a_full_disk_costs_nothing_but_time(kilobytes, small_disk, tmp_path):
    """Sizes at which the disk fills in the journal, at a checkpoint, and in the final merge."""
    folder, resize = small_disk
    whole = tmp_path / "whole"
    whole.mkdir()
    assert run_glasscli(*QUENCH, cwd=whole).code == 0
    resize(kilobytes)
    answer = run_glasscli(*QUENCH, cwd=folder)
    assert answer.code == 1 and answer.err.count("\n") == 1, answer.err
    assert "no space left" in answer.err and "run the same command again" in answer.err
    assert not (folder / "quench.h5").exists()
    if (folder / "quench.h5.partial" / "run.json").exists():
        assert check(open_run(folder / "quench.h5")) == []
    resize(20000)
    assert run_glasscli(*QUENCH, cwd=folder).code == 0
    assert_same_run(folder / "quench.h5", whole / "quench.h5")


def test_analyze_on_a_full_disk_leaves_the_file_whole(small_disk, runs):
    folder, resize = small_disk
    shutil.copy(runs / "anneal.h5", folder)
    before = (folder / "anneal.h5").read_bytes()
    resize((folder / "anneal.h5").stat().st_size // 1000 + 60)
    answer = run_glasscli("analyze", cwd=folder)
    assert answer.code == 1 and "no space left" in answer.err and answer.err.count("\n") == 1
    assert (folder / "anneal.h5").read_bytes() == before
    assert not [p.name for p in folder.iterdir() if p.name.endswith(".tmp")]


def test_a_read_only_remount_is_one_line(small_disk):
    folder, _ = small_disk
    assert run_glasscli(*QUENCH, "--walltime", "0", cwd=folder).code == 75
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    answer = run_glasscli(*QUENCH, cwd=folder)
    subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
    assert answer.code == 1 and answer.err.count("\n") == 1, answer.err
    assert "read-only" in answer.err or "cannot be written" in answer.err
    assert run_glasscli(*QUENCH, cwd=folder).code == 0
